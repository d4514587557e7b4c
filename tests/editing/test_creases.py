"""Creases are what is darker than the skin on both sides, and narrow."""

from __future__ import annotations

import numpy as np

from maskgan.editing.creases import creases


def test_creases_are_narrow_and_dark() -> None:
    bright = np.full((60, 60), 5.0)
    bright[:, 40:] = 4.0  # the edge of a shadow
    bright[10:13] -= 0.5  # a crease
    bright[30, 20] -= 2.0  # a pore
    skin = np.ones((60, 60), np.bool_)
    skin[50:] = False
    bright[50:] = 0.0  # hair
    depth = creases(bright, skin, width=8, blur=1.0)
    assert depth[11, 5:35].min() > 0.3
    assert depth[20:28].max() < 0.05
    assert depth[49].max() < 0.05
    assert depth[30, 20] < 0.5
    assert depth[50:].max() == 0


def test_a_line_finer_than_the_blur_is_a_crease_if_it_goes_on() -> None:
    bright = np.full((60, 60), 5.0)
    for column in range(10, 50):  # a hair's breadth, downhill
        bright[20 + round(0.3 * (column - 10)), column] = 3.0
    bright[45:55:3, 12:48:3] = 3.0  # stubble
    skin = np.ones((60, 60), np.bool_)
    line = (bright < 4) & (np.arange(60)[:, None] < 40)
    plain, along = (creases(bright, skin, 8, 1.5, length) for length in (0, 8))
    assert np.median(plain[line]) < 1.0
    assert np.median(along[line]) > 1.5
    stubble = (bright < 4) & (np.arange(60)[:, None] > 40)
    assert along[stubble].mean() < 1.0
    assert along[bright == 5].max() == 0
