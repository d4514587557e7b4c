"""What colours tell: whether a pixel looks like one part of a picture or like another.

Two histograms of brightness and tint, smoothed; no labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing.regions import Region
from maskgan.images import Pixels

BRIGHT, TINT = 12, 8
"""Grey levels of brightness, and of red and blue over green, in one bin."""
BINS = 22, 16, 16
"""Bins of brightness and of both tints."""
RARE = 2e-5
"""Share of a part's pixels in a bin that chance may bring there."""
MOST = 4.0
"""Most that one pixel tells."""
TOLD = 6.0
"""Standard deviation in pixels of the filter over what pixels tell."""

Floats = NDArray[np.floating[Any]]


def evidence(pixels: Pixels, own: Region, other: Region, blur: float = TOLD) -> Floats:
    """How much more likely a pixel's colour, and those beside it, are in one part of a picture than
    in another: the logarithm of the ratio, float32 (H, W), -`MOST`..`MOST`; 0 where one of them is
    empty. pixels: uint8 (H, W, 3); own, other: bool (H, W); blur: standard deviation of the filter
    over what pixels tell, in pixels."""
    if not (own.any() and other.any()):
        return np.zeros(own.shape, np.float32)
    bins = _bins(pixels)
    mine, theirs = (_frequencies(bins[part]) + RARE for part in (own, other))
    told = np.clip(np.log(mine / theirs), -MOST, MOST).astype(np.float32)
    return gaussian(told[bins], blur)


def _bins(pixels: Pixels) -> NDArray[np.int32]:
    """The bin of each pixel, int32 (H, W)."""
    red, green, blue = np.moveaxis(pixels.astype(np.int32), 2, 0)
    bright = (299 * red + 587 * green + 114 * blue) // (1000 * BRIGHT)
    warm, cold = (
        np.clip((each - green) // TINT + count // 2, 0, count - 1)
        for each, count in zip((red, blue), BINS[1:], strict=True)
    )
    bins: NDArray[np.int32] = (bright * BINS[1] + warm) * BINS[2] + cold
    return bins


def _frequencies(bins: NDArray[np.int32]) -> Floats:
    """Share of each bin among these (N,), smoothed over its neighbours: float64 (bins,)."""
    counts = np.bincount(bins, minlength=int(np.prod(BINS))).reshape(BINS).astype(np.float64)
    for axis in range(counts.ndim):
        last = counts.shape[axis] - 1
        before, after = (
            counts.take(np.clip(np.arange(last + 1) + step, 0, last), axis) for step in (-1, 1)
        )
        counts = (before + 2 * counts + after) / 4
    shares: Floats = counts.ravel() / max(counts.sum(), 1)
    return shares
