"""Eyes and brows that change: lids move over an eye that stays, brows go as a whole."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import attributes
from maskgan.editing.bending import Bent, bend
from maskgan.editing.layers import member
from maskgan.editing.parts import move_part
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
EYES = (IDS["l_eye"], IDS["r_eye"])


def ramp() -> Pixels:
    """A picture whose red says the column and whose green says the row."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    return np.stack([column / 2, row / 2, np.full_like(row, 90)], axis=2).astype(np.uint8)


def bent(labels: Labels, wanted: Labels) -> Bent:
    found = bend(ramp(), labels, wanted)
    assert found is not None
    # A pixel or two, far from all others that change, may be left.
    assert np.count_nonzero(found.labels != wanted) <= 2
    return found


def middle(labels: Labels, index: int) -> tuple[int, int, int]:
    """Column of the middle of a part, and its first and last row there."""
    columns = np.flatnonzero((labels == index).any(axis=0))
    column = round(float(columns[[0, -1]].mean()))
    rows = np.flatnonzero(labels[:, column] == index)
    return column, int(rows[0]), int(rows[-1])


@pytest.mark.parametrize("strength", [-1.0, -0.5, -0.2, 0.2, 0.5, 1.0])
def test_lids_move_over_an_eye_that_stays(strength: float) -> None:
    labels = face(size=SIDE)
    wanted = attributes.apply(labels, "eye_opening", strength)
    found = bent(labels, wanted)
    for index in EYES:
        column, lid, lower = middle(labels, index)
        _, moved, end = middle(wanted, index)
        assert (moved - lid) * strength < 0
        centre = (max(moved, lid) + min(lower, end)) // 2
        assert 2.0 * found.crop[centre, column, 1] == pytest.approx(centre, abs=3)
        # What lay just above the lid lies just above it.
        assert 2.0 * found.crop[moved - 2, column, 1] == pytest.approx(lid - 2, abs=4)
        ways = 2.0 * found.crop[moved - 2 : end + 3, column, 1]
        assert (np.diff(ways) >= 0).all(), "nothing is seen twice"


@pytest.mark.parametrize("part", ["l_brow", "r_eye"])
def test_a_part_that_is_moved_goes_whole(part: str) -> None:
    labels = face(size=SIDE)
    wanted = move_part(labels, [part], 3, -9)
    found = bent(labels, wanted)
    rows, columns = np.nonzero(wanted == IDS[part])
    for axis, at, way in ((0, columns, -3), (1, rows, 9)):
        source = 2.0 * found.crop[rows, columns, axis]
        np.testing.assert_allclose(source - at, way, atol=3)


def test_eyes_that_are_not_asked_for_stay() -> None:
    labels = face(size=SIDE)
    found = bent(labels, attributes.apply(labels, "brow_height", 1.0))
    assert not (found.region & member(labels, EYES)).any()


def test_small_crops_leave_eyes_to_the_generator() -> None:
    labels = face(size=256)
    wanted = attributes.apply(labels, "eye_opening", -1.0)
    photo = np.zeros((256, 256, 3), np.uint8)
    assert bend(photo, labels, wanted) is None
