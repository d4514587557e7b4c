"""Similarity of pictures, against scikit-image and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from maskgan.evaluation import pixels
from maskgan.images import Pixels


def pair(side: int, seed: int = 0) -> tuple[Pixels, Pixels]:
    """Two pictures that are alike: smooth with noise, one darker."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side]
    smooth = 128 + 80 * np.sin(rows / 9)[..., None] * np.cos(columns / 7)[..., None] * [1, 0.8, 0.5]
    noise = rng.normal(0, 12, (2, side, side, 3))
    first, second = (np.clip(smooth * share + each, 0, 255) for share, each in
                     zip((1, 0.9), noise, strict=True))  # fmt: skip
    return first.astype(np.uint8), second.astype(np.uint8)


@pytest.mark.parametrize("side", [64, 177])
def test_similarity_is_that_of_scikit_image(side: int) -> None:
    first, second = pair(side)
    expected = structural_similarity(
        first,
        second,
        channel_axis=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
    )
    assert pixels.ssim(first, second) == pytest.approx(expected, abs=1e-5)
    assert pixels.psnr(first, second) == pytest.approx(
        peak_signal_noise_ratio(first, second, data_range=255), abs=1e-5
    )


def test_five_scales_are_those_of_scikit_image() -> None:
    """The product of the contrasts of four scales and the similarity of the fifth; what is not in
    scikit-image, the contrast alone, comes from its similarity of pictures without a difference in
    brightness."""
    first, _ = pair(256)
    assert pixels.ms_ssim(first, first.copy()) == pytest.approx(1, abs=1e-12)
    grey = np.full((256, 256, 3), 100, np.uint8)
    lighter = grey + 50
    # Without any structure the contrast is 1, and only the brightness of the last scale counts.
    brightness = (2 * 100 * 150 + pixels.C1) / (100**2 + 150**2 + pixels.C1)
    assert pixels.ms_ssim(grey, lighter) == pytest.approx(brightness ** pixels.SCALES[-1])
    noisy = np.clip(first + np.random.default_rng(1).normal(0, 25, first.shape), 0, 255)
    blurred = first // 2 + np.roll(first, 1, 0) // 2
    assert pixels.ms_ssim(first, noisy.astype(np.uint8)) < pixels.ms_ssim(first, blurred) < 1


def test_small_pictures_have_no_five_scales() -> None:
    assert math.isnan(pixels.ms_ssim(*pair(pixels.MS_SSIM_SIDE - 1)))
    assert pixels.ms_ssim(*pair(pixels.MS_SSIM_SIDE)) > 0


def test_equal_pictures() -> None:
    first, _ = pair(64)
    for second in (first, first.copy()):
        assert pixels.psnr(first, second) == pixels.PSNR_OF_EQUAL
        assert pixels.ssim(first, second) == pytest.approx(1, abs=1e-12)


def test_of_some_pixels_alone() -> None:
    first, second = pair(64)
    mixed = first.copy()
    mixed[:20] = second[:20]
    where = np.zeros((64, 64), np.bool_)
    where[20:] = True
    assert pixels.psnr(first, mixed, where) == pixels.PSNR_OF_EQUAL
    assert pixels.difference(first, mixed, where) == 0
    assert pixels.psnr(first, mixed, ~where) == pytest.approx(pixels.psnr(first[:20], mixed[:20]))
    gaps = np.abs(first[:20].astype(int) - mixed[:20])
    assert pixels.difference(first, mixed, ~where) == pytest.approx(gaps.mean())
    nowhere = np.zeros_like(where)
    assert math.isnan(pixels.psnr(first, mixed, nowhere))
    assert pixels.difference(first, mixed, nowhere) == 0


def test_a_blurred_picture_has_less_gradient_energy() -> None:
    first, _ = pair(64)
    everywhere = np.ones((64, 64), np.bool_)
    soft = ((first.astype(int) + np.roll(first, 1, 1)) // 2).astype(np.uint8)
    assert pixels.gradient_energy(soft, everywhere) < pixels.gradient_energy(first, everywhere)
    ramp = np.repeat(np.arange(64, dtype=np.uint8)[None, :, None] * 2, 3, 2).repeat(64, 0)
    assert pixels.gradient_energy(ramp, everywhere) == pytest.approx(4)
    assert math.isnan(pixels.gradient_energy(ramp, ~everywhere))
