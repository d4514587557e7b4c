"""The largest piece of a feature: its columns, and the line between its parts."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.blob import Blob, averaged
from maskgan.labels import Labels


def two_parts(dip: int = 0) -> Labels:
    """A bar of 60 x 20 whose upper part ends at row 12, in the middle `dip` rows further down, and
    a speck beside it."""
    parts = np.zeros((40, 100), np.uint8)
    parts[5:25, 20:80] = 2
    parts[5:13, 20:80] = 1
    parts[13 : 13 + dip, 35:65] = 1
    parts[30:32, 90:92] = 1
    return parts


def test_a_blob_is_the_largest_piece() -> None:
    blob = Blob.of(two_parts(), 1.0)
    assert blob.area == 60 * 20 == np.count_nonzero(blob.mask)
    assert blob.box == (49.5, 14.5, 60, 20)
    np.testing.assert_allclose(blob.span(np.array([30, 60])), [[5, 5], [24, 24]])


def test_its_parts_meet_at_a_line() -> None:
    blob = Blob.of(two_parts(dip=4), 1.0)
    np.testing.assert_allclose(blob.parting(np.array([25, 50, 75])), [12, 16, 12])
    # Steps of parsed labels are averaged.
    assert 12 < blob.parting(np.array([35.0]))[0] < 16
    whole = Blob.of(np.where(two_parts() > 0, 2, 0).astype(np.uint8), 1.0)
    np.testing.assert_allclose(whole.parting(np.array([50])), 5)


def test_places_are_shares_of_the_way_from_corner_to_corner() -> None:
    blob = Blob.of(two_parts(), 1.0)
    narrow = np.zeros((40, 100), np.uint8)
    narrow[5:25, 30:60] = 1
    at = blob.across(np.array([20, 49.5, 79]), Blob.of(narrow, 1.0))
    np.testing.assert_allclose(at, [30, 44.5, 59])


@pytest.mark.parametrize("width", [1, 2, 7])
def test_averages_keep_straight_lines(width: int) -> None:
    line = np.arange(30.0)
    inner = slice(width, 30 - width)
    np.testing.assert_allclose(averaged(line, width)[inner], line[inner])
