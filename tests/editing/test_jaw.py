"""Mouths that open: teeth hang on the upper lip and get no longer."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import attributes
from maskgan.editing.bending import bend
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
MOUTH, LIP = IDS["mouth"], IDS["l_lip"]


def ramp() -> Pixels:
    """A picture whose red says the column and whose green says the row."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    return np.stack([column / 2, row / 2, np.full_like(row, 90)], axis=2).astype(np.uint8)


def inside(labels: Labels) -> tuple[int, int, int]:
    """Column of the middle of a mouth, and its first and last row there."""
    columns = np.flatnonzero((labels == MOUTH).any(axis=0))
    column = round(float(columns[[0, -1]].mean()))
    rows = np.flatnonzero(labels[:, column] == MOUTH)
    return column, int(rows[0]), int(rows[-1])


@pytest.fixture(scope="module")
def talking() -> Labels:
    return attributes.apply(face(size=SIDE), "mouth_open", 0.3)


def test_teeth_hang_on_the_upper_lip(talking: Labels) -> None:
    wanted = attributes.apply(talking, "mouth_open", 0.5)
    found = bend(ramp(), talking, wanted)
    assert found is not None
    column, top, bottom = inside(talking)
    _, moved, end = inside(wanted)
    assert end - moved > bottom - top + 5
    # From the lip to where teeth ended all is as far from the lip as it was.
    rows = np.arange(moved + 3, moved + bottom - top - 1)
    source = 2.0 * found.crop[rows, column, 1]
    np.testing.assert_allclose(source - rows, top - moved, atol=2)
    # What comes to light below them is nobody's to bend.
    assert found.labels[moved + 4, column] == MOUTH
    assert found.labels[end - 3, column] == LIP


def test_a_lower_lip_that_rises_covers_them() -> None:
    laughing = attributes.apply(face(size=SIDE), "mouth_open", 0.9)
    wanted = attributes.apply(laughing, "mouth_open", -0.4)
    found = bend(ramp(), laughing, wanted)
    assert found is not None
    (_, top, bottom), (column, moved, end) = inside(laughing), inside(wanted)
    assert end - moved < bottom - top - 10
    rows = np.arange(moved, end)
    assert np.ptp(2.0 * found.crop[rows, column, 1] - rows) <= 2, "they are not pressed together"
