"""Where an edit fades towards the sides of its crop."""

from __future__ import annotations

import numpy as np

from maskgan.alignment.border import FRAME, weight
from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity

SIDE, SIZE = 120, (150, 160)
CROP = Similarity(shift(-20, 0), SIDE)
"""A crop whose photo goes on below and to both sides."""


def test_it_fades_at_the_sides_that_lie_in_the_photo() -> None:
    weights = weight(CROP, SIZE)
    middle = SIDE // 2
    assert weights[0, middle] == weights[middle, middle] == 1
    for side in (weights[-1, middle], weights[middle, 0], weights[middle, -1]):
        assert side < 0.01
    assert 0.2 < weights[middle, round(FRAME * SIDE / 2)] < 0.8


def test_it_fades_only_where_something_reaches_them() -> None:
    changed = np.zeros((SIDE, SIDE), np.bool_)
    changed[20:-3, 20:-20] = True
    np.testing.assert_array_equal(weight(CROP, SIZE, changed=changed), 1)
    changed[50:70, :20] = True
    weights = weight(CROP, SIZE, changed=changed)
    assert weights[60, 0] < 0.1
    assert weights[-1, 60] == weights[60, -1] == weights[5, 0] == 1
