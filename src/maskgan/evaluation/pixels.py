"""How near one picture is to another, pixel by pixel.

Pictures are uint8 (H, W, 3); figures float. Structural similarity follows Wang et al. (2004):
Gaussian windows of 11 pixels with a deviation of 1.5, constants of K1 = 0.01 and K2 = 0.03, per
channel, then the mean; MS-SSIM follows Wang et al. (2003).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

from maskgan.images import Pixels

Floats = NDArray[np.float64]

WINDOW = 11
DEVIATION = 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the five scales of MS-SSIM, full size first."""
MS_SSIM_SIDE = WINDOW << (len(SCALES) - 1)
"""Smallest side that has five scales, 176 pixels."""
LUMA = np.asarray((0.299, 0.587, 0.114))
PSNR_OF_EQUAL = 100.0
"""In dB; what is written for equal pictures, whose PSNR is infinite."""


def psnr(first: Pixels, second: Pixels, where: NDArray[np.bool_] | None = None) -> float:
    """Peak signal to noise ratio in dB, at most `PSNR_OF_EQUAL`; of the pixels `where` (H, W) is
    True alone, NaN when there are none."""
    if first is second:
        return PSNR_OF_EQUAL
    gaps = first.astype(np.float64) - second
    chosen = gaps if where is None else gaps[where]
    if not chosen.size:
        return math.nan
    error = float((chosen**2).mean())
    return PSNR_OF_EQUAL if error == 0 else min(PSNR_OF_EQUAL, 10 * math.log10(255**2 / error))


def ssim(first: Pixels, second: Pixels) -> float:
    """Structural similarity, 1 for equal pictures."""
    if first is second:
        return 1.0
    similarity, _ = _structure(first.astype(np.float64), second.astype(np.float64))
    return similarity


def ms_ssim(first: Pixels, second: Pixels) -> float:
    """Structural similarity over five scales; NaN for pictures too small to have them. Scales in
    which the pictures contradict each other count as 0."""
    if min(first.shape[:2]) < MS_SSIM_SIDE:
        return math.nan
    if first is second:
        return 1.0
    a, b = first.astype(np.float64), second.astype(np.float64)
    product = 1.0
    for scale, weight in enumerate(SCALES):
        similarity, contrast = _structure(a, b)
        last = scale == len(SCALES) - 1
        product *= max(0.0, similarity if last else contrast) ** weight
        if not last:
            a, b = _halved(a), _halved(b)
    return product


def difference(first: Pixels, second: Pixels, where: NDArray[np.bool_]) -> float:
    """Mean absolute difference, 0 to 255, over the pixels of `where` (H, W); 0 without any."""
    count = int(where.sum()) * first.shape[2]
    if not count or first is second:
        return 0.0
    gaps = np.maximum(first, second) - np.minimum(first, second)  # no overflow, no larger type
    return float((gaps.sum(2, dtype=np.int64) * where).sum() / count)


def gradient_energy(picture: Pixels, where: NDArray[np.bool_]) -> float:
    """Mean squared gradient of the brightness (0..255) over the pixels of `where` (H, W): how
    sharp it is there. NaN when there are none."""
    if not where.any():
        return math.nan
    down, across = np.gradient(picture.astype(np.float64) @ LUMA)
    return float((down**2 + across**2)[where].mean())


def _structure(a: Floats, b: Floats) -> tuple[float, float]:
    """Means over pixels and channels of structural similarity and of its contrast-structure
    part, where the window lies within the picture."""
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a = _blurred(a * a) - mean_a**2
    variance_b = _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    contrast = (2 * covariance + C2) / (variance_a + variance_b + C2)
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return float((luminance * contrast).mean()), float(contrast.mean())


def _blurred(values: Floats) -> Floats:
    """Gaussian means (H - 10, W - 10, C)."""
    reach = WINDOW // 2
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-(offsets**2) / (2 * DEVIATION**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        values = convolve1d(values, kernel, axis=axis)
    return values[reach:-reach, reach:-reach]


def _halved(values: Floats) -> Floats:
    """Means of 2 x 2 pixels; an odd last row or column is left out."""
    height, width = (side // 2 * 2 for side in values.shape[:2])
    even = values[:height, :width]
    halved: Floats = even.reshape(height // 2, 2, width // 2, 2, -1).mean((1, 3))
    return halved
