"""Looks of regions: colours against scikit-image, distances by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.color import rgb2lab

from maskgan.evaluation import colors


def test_colours_are_scikit_image_s() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    picture[0] = 0, 1, 2
    assert np.abs(colors.lab(picture) - rgb2lab(picture)).max() < 0.02


def test_each_region_has_its_own_look() -> None:
    labels = np.zeros((64, 64), np.uint8)
    labels[:, 32:] = 13
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :32] = 200, 30, 30
    picture[:, 32:] = np.where(np.indices((64, 32)).sum(0) % 2, 90, 50)[..., None]
    first = colors.looks(picture, labels)
    other = picture.copy()
    other[:, :32] = 30, 30, 200
    second = colors.looks(other, labels)
    red, blue = (
        rgb2lab(np.asarray([[color]], np.uint8)) for color in ((200, 30, 30), (30, 30, 200))
    )
    gap = np.linalg.norm(red - blue)
    assert colors.color_distance(first, second, [0]) == pytest.approx(gap, abs=0.05)
    assert colors.color_distance(first, second, [13]) == 0
    assert colors.color_distance(first, second, [0, 13]) == pytest.approx(gap / 2, abs=0.05)
    assert math.isnan(colors.color_distance(first, second, [5]))
    assert first.texture[13] > first.texture[0]


def test_texture_is_measured_in_doublings() -> None:
    labels = np.zeros((64, 64), np.uint8)
    pattern = np.where(np.indices((64, 64)).sum(0) % 2, 1, -1)[..., None]
    faint, strong = (
        colors.looks((120 + pattern * size * np.ones(3)).astype(np.uint8), labels)
        for size in (10, 40)
    )
    assert colors.texture_distance(faint, strong, [0]) == pytest.approx(2, abs=1e-6)
    flat = colors.looks(np.full((64, 64, 3), 120, np.uint8), labels)
    assert math.isnan(colors.texture_distance(flat, strong, [0]))
