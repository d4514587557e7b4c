"""The colour of teeth: seen, or expected from eyes and skin."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.filters import LUMA
from maskgan.editing.enamel import BRIGHT, REDDEST, USUAL, colour
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE, ENOUGH = 64, 60
GREY = (150, 150, 150)
Colour = tuple[int, int, int]


def face(skin: Colour = GREY, eyes: Colour | None = None) -> tuple[Pixels, Labels]:
    labels = np.full((SIDE, SIDE), IDS["skin"], np.uint8)
    picture = np.full((SIDE, SIDE, 3), skin, np.uint8)
    if eyes is not None:
        labels[10:20, 10:20] = IDS["l_eye"]
        picture[labels == IDS["l_eye"]] = eyes
    return picture, labels


@pytest.mark.parametrize("white", [90, 190])
def test_teeth_are_as_bright_as_eyes_and_skin_let_expect(white: int) -> None:
    teeth = colour(*face(eyes=(white, white, white)), ENOUGH)
    assert teeth @ LUMA == pytest.approx(np.array([white, 150, 1]) @ BRIGHT)
    assert 1 < teeth[0] / teeth[1] < 1.1, "ivory"
    assert teeth[2] < teeth[1]


def test_warm_light_is_on_teeth_as_well() -> None:
    neutral = colour(*face(eyes=(180, 180, 180)), ENOUGH)
    lit = colour(*face(eyes=(220, 175, 120)), ENOUGH)
    by_skin = colour(*face(skin=(200, 140, 90)), ENOUGH)
    for warm in (lit, by_skin):
        assert warm[0] / warm[1] > neutral[0] / neutral[1] + 0.05
        assert warm[2] / warm[1] < neutral[2] / neutral[1] - 0.05


def test_without_eyes_and_skin_they_are_ivory() -> None:
    labels = np.full((SIDE, SIDE), IDS["hair"], np.uint8)
    teeth = colour(np.zeros((SIDE, SIDE, 3), np.uint8), labels, ENOUGH)
    assert teeth @ LUMA == pytest.approx(USUAL)
    assert (np.diff(teeth) < 0).all()


def test_black_faces_have_finite_teeth() -> None:
    assert np.isfinite(colour(*face((0, 0, 0), (0, 0, 0)), ENOUGH)).all()


@pytest.mark.parametrize(
    ("seen", "red"),
    [((190, 170, 110), 190 / 170), ((170, 120, 110), REDDEST), ((60, 50, 40), None)],
)
def test_teeth_that_are_seen_say_it_themselves(seen: Colour, red: float | None) -> None:
    """Yellow ones are yellow; reddish ones have something of lips, dark ones are none."""
    picture, labels = face()
    expected = colour(picture, labels, ENOUGH)
    labels[40:44, 10:30] = IDS["mouth"]
    picture[labels == IDS["mouth"]] = seen
    teeth = colour(picture, labels, ENOUGH)
    if red is None:
        np.testing.assert_allclose(teeth, expected)
    else:
        assert teeth @ LUMA == pytest.approx(np.array(seen) @ LUMA)
        assert teeth[0] / teeth[1] == pytest.approx(red, abs=1e-3)
    # A few pixels may be anything.
    np.testing.assert_allclose(colour(picture, labels, 81), expected)
