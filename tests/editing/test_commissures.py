"""Beyond corners of the mouth that move in, the line between the lips is closed."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face as face_labels

from maskgan.editing import attributes
from maskgan.editing.commissures import closed
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
LIPS = (IDS["mouth"], IDS["u_lip"], IDS["l_lip"])
SKIN = np.array([205, 160, 135], np.uint8)
LINE = np.array([70, 35, 30], np.uint8)


@pytest.fixture(scope="module")
def wide() -> Labels:
    return face_labels(size=SIDE)


@pytest.fixture(scope="module")
def narrow(wide: Labels) -> Labels:
    return attributes.apply(wide, "smile", -1.0)


def corners(labels: Labels) -> tuple[int, int, int]:
    """First and last column of the mouth, and the row of its middle."""
    rows, columns = np.nonzero(np.isin(labels, LIPS))
    return int(columns.min()), int(columns.max()), int(np.median(rows))


def marked(labels: Labels, beyond: int = 18) -> tuple[Pixels, np.ndarray]:
    """Skin with a line that goes on beyond the lips, and where it does, bool."""
    left, right, row = corners(labels)
    crop = np.broadcast_to(SKIN, (SIDE, SIDE, 3)).copy()
    line = np.zeros((SIDE, SIDE), np.bool_)
    line[row - 1 : row + 2, left - beyond : left] = True
    line[row - 1 : row + 2, right + 1 : right + 1 + beyond] = True
    crop[line] = LINE
    return crop, line


def test_the_line_beyond_a_corner_goes_with_the_corner(wide: Labels, narrow: Labels) -> None:
    crop, line = marked(wide)
    found = closed(crop, wide, narrow)
    assert found is not None
    after = found.apply(crop)
    darker = [np.abs(each[line].astype(int) - SKIN).mean() for each in (crop, after)]
    assert darker[1] < 0.3 * darker[0]
    # Nothing gets brighter than the skin is, and only near the line does anything change.
    assert (after.astype(int) - np.maximum(SKIN, crop)).max() <= 2
    changed = np.nonzero((after != crop).any(axis=2))
    assert np.abs(changed[0] - corners(wide)[2]).max() <= 8
    np.testing.assert_array_equal(after[~found.region], crop[~found.region])


def test_a_line_that_was_bent_along_is_closed_where_it_is_now(wide: Labels) -> None:
    left, right, _ = corners(wide)
    columns = np.arange(SIDE)
    ends = np.isin(wide, LIPS) & ((columns < left + 8) | (columns > right - 8))
    moved = np.where(ends, IDS["skin"], wide).astype(np.uint8)
    crop, line = marked(moved, beyond=8)
    darker = []
    for shown in (None, moved):
        found = closed(crop, wide, moved, shown)
        after = crop if found is None else found.apply(crop)
        darker.append(np.abs(after[line].astype(int) - SKIN).mean())
    assert darker[1] < 0.5 * darker[0]


def test_black_lines_get_the_colour_of_skin(wide: Labels, narrow: Labels) -> None:
    """Not its red alone, as what is a few times nothing would be."""
    crop, line = marked(wide)
    crop[line] = (40, 4, 2)
    found = closed(crop, wide, narrow)
    assert found is not None
    colour = found.apply(crop)[line].mean(axis=0)
    np.testing.assert_allclose(colour / colour[0], SKIN / SKIN[0], atol=0.1)


def test_a_corner_that_stays_or_moves_out_keeps_its_line(wide: Labels, narrow: Labels) -> None:
    crop, _ = marked(wide)
    assert closed(crop, wide, wide) is None
    assert closed(crop, narrow, wide) is None
    assert closed(crop, wide, attributes.apply(wide, "smile", 1.0)) is None
    lipless = np.where(np.isin(wide, LIPS), IDS["skin"], wide).astype(np.uint8)
    assert closed(crop, wide, lipless) is None
    assert closed(crop, lipless, wide) is None


def test_only_the_side_that_moves_in_is_closed(wide: Labels) -> None:
    left, right, _ = corners(wide)
    shorter = wide.copy()
    gone = np.isin(wide, LIPS) & (np.arange(SIDE) > right - 14)
    shorter[gone] = IDS["skin"]
    crop, line = marked(wide)
    found = closed(crop, wide, shorter)
    assert found is not None
    after = found.apply(crop)
    on_the_left = line & (np.arange(SIDE) < left)
    np.testing.assert_array_equal(after[on_the_left], crop[on_the_left])
    assert after[line & ~on_the_left].mean() > 1.5 * crop[line & ~on_the_left].mean()
