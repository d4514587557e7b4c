"""Losses on pixels against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from maskgan.losses import pixels

RNG = np.random.default_rng(0)
PICTURE = RNG.uniform(-1, 1, (2, 3, 8, 9)).astype(np.float32)
TRUTH = RNG.uniform(-1, 1, (2, 3, 8, 9)).astype(np.float32)
REGION = (RNG.random((2, 1, 8, 9)) < 0.4).astype(np.float32)
INSIDE = np.broadcast_to(REGION > 0, PICTURE.shape)
TENSORS = tuple(torch.from_numpy(values) for values in (PICTURE, TRUTH, REGION))


def test_l1_is_the_mean_over_the_region() -> None:
    expected = np.abs(PICTURE - TRUTH)[INSIDE].mean()
    assert float(pixels.l1(*TENSORS)) == pytest.approx(expected, rel=1e-5)


def test_psnr_is_the_textbook_s() -> None:
    mse = ((PICTURE - TRUTH)[INSIDE].astype(np.float64) ** 2).mean()
    expected = 10 * np.log10(2.0**2 / mse)  # the range [-1, 1] has a peak of 2
    assert float(pixels.psnr(*TENSORS)) == pytest.approx(expected, rel=1e-5)


def test_psnr_of_values_beyond_the_range_is_that_of_the_picture_shown() -> None:
    truth, region = torch.ones(1, 3, 4, 4), torch.ones(1, 1, 4, 4)
    assert pixels.psnr(truth + 5, truth, region) == pixels.psnr(truth, truth, region)


def test_outside_the_region_nothing_counts() -> None:
    picture, truth, region = TENSORS
    other = torch.where(region > 0, picture, picture + 3)
    for loss in (pixels.l1, pixels.psnr):
        assert torch.equal(loss(other, truth, region), loss(picture, truth, region))


def test_an_empty_region_is_no_division_by_zero() -> None:
    picture, truth, region = TENSORS
    assert pixels.l1(picture, truth, torch.zeros_like(region)) == 0
    assert pixels.psnr(picture, truth, torch.zeros_like(region)).isfinite()
