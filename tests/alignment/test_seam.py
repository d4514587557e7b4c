"""The seam metric sees a border where there is one, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from photos import texture

from maskgan.alignment import seam


def test_a_step_is_measured_in_grey_levels() -> None:
    photo = np.full((20, 30, 3), 100, np.uint8)
    changed = np.zeros((20, 30), np.bool_)
    changed[5:15, 10:20] = True
    edited = photo.copy()
    edited[changed] += 7
    found = seam.measure(photo, edited, changed)
    assert (found.before, found.after, found.jump) == pytest.approx((0, 7, 7))


def test_what_was_there_before_counts_as_before() -> None:
    photo = texture((64, 64), spread=20)
    changed = np.zeros((64, 64), np.bool_)
    changed[20:40, 20:40] = True
    found = seam.measure(photo, photo, changed)
    assert found.before == found.after > 5


@pytest.mark.parametrize("everything", [False, True])
def test_without_a_border_there_is_no_seam(everything: bool) -> None:
    photo = texture((32, 32))
    found = seam.measure(photo, 255 - photo, np.full((32, 32), everything))
    assert (found.before, found.after) == (0, 0)


def test_differences_inside_the_region_are_no_seam() -> None:
    photo = np.full((32, 32, 3), 90, np.uint8)
    changed = np.zeros((32, 32), np.bool_)
    changed[8:24, 8:24] = True
    edited = photo.copy()
    edited[12:20, 12:20] = 200
    assert seam.measure(photo, edited, changed).jump == 0
