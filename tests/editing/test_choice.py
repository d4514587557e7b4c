"""Which face is meant, on faces that are nothing but boxes."""

from __future__ import annotations

import pytest

from maskgan.alignment.finder import FoundFace
from maskgan.alignment.similarity import Similarity
from maskgan.editing.choice import Spot, choose, describe
from maskgan.errors import PhotoError

Box = tuple[float, float, float, float]

SMALL, LARGE, WIDE = (10, 20, 40, 60), (100, 20, 160, 90), (140, 40, 180, 80)


def found(*boxes: Box) -> list[FoundFace]:
    place, nowhere = Similarity.identity(512), (0.0, 0.0)
    return [FoundFace(place, nowhere, nowhere, nowhere, box, 1.0) for box in boxes]


def test_the_largest_unless_said_otherwise() -> None:
    assert choose(found(SMALL, LARGE, WIDE), "a.jpg") == 1
    assert choose(found(LARGE, SMALL), "a.jpg") == 0


@pytest.mark.parametrize("number", [1, 2, 3])
def test_numbers_start_at_one(number: int) -> None:
    assert choose(found(SMALL, LARGE, WIDE), "a.jpg", number) == number - 1


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_number_that_is_not_there_tells_the_boxes(number: int) -> None:
    with pytest.raises(PhotoError) as raised:
        choose(found(SMALL, LARGE), "a.jpg", number)
    assert str(raised.value) == (
        f"There is no face {number} in a.jpg. Found 2 faces (number: box in pixels): "
        "1: 10,20 to 40,60; 2: 100,20 to 160,90."
    )


@pytest.mark.parametrize(
    ("point", "index"),
    [
        ((10, 20), 0),
        ((40, 60), 0),
        ((120, 50), 1),
        ((150, 60), 2),  # in both boxes, nearer to the middle of the third
        ((141, 50), 1),  # in both boxes, nearer to the middle of the second
    ],
)
def test_the_face_at_a_point(point: Spot, index: int) -> None:
    assert choose(found(SMALL, LARGE, WIDE), "a.jpg", point=point) == index


@pytest.mark.parametrize("point", [(9.5, 30), (70, 50), (float("nan"), 30)])
def test_a_point_on_no_face_tells_the_boxes(point: Spot) -> None:
    with pytest.raises(PhotoError) as raised:
        choose(found(SMALL), "a.jpg", point=point)
    assert str(raised.value) == (
        f"No face was found at ({point[0]:g}, {point[1]:g}) in a.jpg. Found 1 face (number: box in "
        "pixels): 1: 10,20 to 40,60."
    )


def test_without_faces_the_sentence_says_how_to_go_on() -> None:
    for number, point in ((None, None), (1, None), (None, (3.0, 4.0))):
        with pytest.raises(PhotoError, match=r"No face was found in a\.jpg\. .* --points x,y"):
            choose([], "a.jpg", number, point)


def test_boxes_are_told_in_whole_pixels() -> None:
    assert describe(found((0.4, 1.6, 20.4, 30.5))).endswith("1: 0,2 to 20,30.")
