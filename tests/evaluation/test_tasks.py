"""What is asked for: the right requests, the same ones every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from painted_faces import SIDE, painted_faces

from maskgan.editing.layers import PARTS
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.pairing import distance, nearest, shape_of
from maskgan.evaluation.requests import EVERYTHING, Request, clean_labels
from maskgan.evaluation.tasks import (
    EDITED,
    LEAST_DONORS,
    LOOKS,
    Plan,
    Tasks,
    drawn_requests,
    with_parts,
)
from maskgan.labels import IDS

PLAN = Plan(robustness_faces=1, diversity_faces=2, drawn=3)


@pytest.fixture(scope="module")
def faces() -> list[HeldOutFace]:
    """Twelve, every second one of which smiles, says the dataset."""
    return [
        replace(face, attributes={"Smiling": number % 2})
        for number, face in enumerate(painted_faces(12))
    ]


@pytest.fixture(scope="module")
def requests(faces: list[HeldOutFace]) -> list[Request]:
    tasks = Tasks(faces, PLAN)
    return [request for index in range(len(faces)) for request in tasks.of(index)]


def of(requests: list[Request], prefix: str) -> list[Request]:
    found = [request for request in requests if request.task.startswith(prefix)]
    assert found, prefix
    return found


def test_every_picture_has_a_place_of_its_own(requests: list[Request]) -> None:
    keys = [request.key for request in requests]
    assert len(set(keys)) == len(keys)
    assert all(" " not in key for key in keys)


def test_the_same_seed_asks_for_the_same(faces: list[HeldOutFace], requests: list[Request]) -> None:
    again = Tasks(faces, PLAN).of(3)
    first = [request for request in requests if request.face is faces[3]]
    assert [each.key for each in again] == [each.key for each in first]
    for one, other in zip(again, first, strict=True):
        assert np.array_equal(one.wanted, other.wanted)
        assert one.donor is other.donor
    other_seed = Tasks(faces, replace(PLAN, seed=1)).of(3)
    donors = [each.donor.name for each in other_seed if each.donor and each.task == "style"]
    assert donors != [each.donor.name for each in again if each.donor and each.task == "style"]


def test_every_face_is_left_as_it_is_and_drawn_anew(
    faces: list[HeldOutFace], requests: list[Request]
) -> None:
    for face, unedited, anew in zip(
        faces, of(requests, "unedited"), of(requests, "reconstruction"), strict=True
    ):
        assert np.array_equal(unedited.wanted, clean_labels(face))
        assert not unedited.look
        assert anew.whole
        assert (anew.donor, anew.look, anew.truth) == (face, (EVERYTHING,), face.photo)


@pytest.mark.parametrize("part", EDITED)
def test_an_edit_brings_a_part_of_another_person(requests: list[Request], part: str) -> None:
    for request in of(requests, f"edit/{part}"):
        assert request.donor is not request.face
        changed = request.wanted != request.labels
        assert changed.any()
        # What comes or goes is the part, and what lies beneath or behind it.
        touched = np.isin(request.labels, PARTS[part]) | np.isin(request.wanted, PARTS[part])
        if part != "hair":
            assert touched[changed].all()
        assert not request.look


def test_an_attribute_comes_from_the_nearest_face_that_has_it(
    faces: list[HeldOutFace], requests: list[Request]
) -> None:
    for request in of(requests, "transfer/"):
        assert request.donor is not None
        has = request.face.attributes["Smiling"]
        assert request.task == ("transfer/not-Smiling" if has else "transfer/Smiling")
        assert request.donor.attributes["Smiling"] == 1 - has
        assert request.attributes == {"Smiling": 1 - has}
        own = shape_of(request.face.labels)
        others = [face for face in faces if face.attributes["Smiling"] == 1 - has]
        gaps = [distance(own, shape_of(face.labels)) for face in others]
        assert others[int(np.argmin(gaps))] is request.donor
    assert len(of(requests, "transfer/")) == len(faces)


def test_an_attribute_of_too_few_faces_is_not_transferred(faces: list[HeldOutFace]) -> None:
    few = faces[: 2 * (LEAST_DONORS - 1)]
    assert Tasks(few, PLAN).attributes == {}
    assert list(Tasks(faces, PLAN).attributes) == ["Smiling"]


def test_looks_come_from_faces_that_show_the_region(requests: list[Request]) -> None:
    for name, regions in LOOKS.items():
        for request in of(requests, f"style/{name}"):
            assert request.look == regions
            assert request.donor is not None
            assert request.donor is not request.face
            for region in regions:
                assert (request.labels == IDS[region]).any()
                assert (clean_labels(request.donor) == IDS[region]).any()
            assert np.array_equal(request.wanted, request.labels)
    drawn = of(requests, "diversity")
    assert len(drawn) == PLAN.diversity_faces * PLAN.looks
    assert len({(each.face.name, each.donor.name) for each in drawn if each.donor}) == len(drawn)


def test_labels_are_perturbed_for_as_many_faces_as_planned(
    faces: list[HeldOutFace], requests: list[Request]
) -> None:
    found = of(requests, "robustness/")
    assert {request.face.name for request in found} == {faces[0].name}
    noise = of(requests, "robustness/polygons")
    assert all(np.array_equal(each.shown, clean_labels(faces[0])) for each in noise)
    assert all(np.array_equal(each.shown, each.wanted) for each in of(requests, "robustness/taken"))


def test_a_direction_moves_faces_that_lack_the_attribute(faces: list[HeldOutFace]) -> None:
    plan = replace(PLAN, directions={"Smiling": lambda labels: np.roll(labels, 3, 0)})
    tasks = Tasks(faces, plan)
    for index, face in enumerate(faces):
        found = [each for each in tasks.of(index) if each.task == "direction/Smiling"]
        assert len(found) == 1 - face.attributes["Smiling"]
        for request in found:
            assert np.array_equal(request.wanted, np.roll(clean_labels(face), 3, 0))
            assert request.attributes == {"Smiling": 1}


def test_the_truth_of_drawn_people_is_drawn() -> None:
    people = drawn_requests(PLAN, SIDE)
    assert len(people) == PLAN.drawn
    assert {request.task for found in people for request in found} == {
        "truth/expression",
        "truth/hair",
    }
    for found in people:
        for request in found:
            assert request.truth is not None
            changed = (request.wanted != request.labels).any()
            assert changed
            differs = (request.truth != request.photo).any(2)
            # The person is the same one: most of the picture stays to the bit.
            assert 0 < differs.mean() < 0.7


def test_parts_the_other_lacks_are_erased(faces: list[HeldOutFace]) -> None:
    own = clean_labels(faces[0]).copy()
    own[28:32, 14:50] = IDS["eye_g"]
    bare = np.where(own == IDS["eye_g"], IDS["skin"], own).astype(np.uint8)
    assert not (with_parts(own, bare, ("glasses",)) == IDS["eye_g"]).any()
    assert np.array_equal(with_parts(bare, bare, ("glasses",)), bare)


def test_the_nearest_face_is_never_the_own_one(faces: list[HeldOutFace]) -> None:
    assert nearest(faces[2], faces, {}) != 2
    assert distance(shape_of(faces[2].labels), shape_of(faces[2].labels)) == 0
    missing = np.zeros((SIDE, SIDE), np.uint8)
    assert distance(shape_of(missing), shape_of(missing)) == 1
