"""How near the look of a region is to that of a reference: colour and texture, region by region.

Colour is the mean in CIELAB (D65), so that a distance of 2 is just visible. Texture is how much
detail there is: the root mean square of the brightness around its own blur, 0 to 255.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from maskgan.evaluation.pixels import LUMA
from maskgan.images import Pixels
from maskgan.labels import NUM_CLASSES, Labels

Floats = NDArray[np.float64]

BLUR = 3 / 256
"""Deviation of the blur that texture is measured around, as a share of the side."""
TO_XYZ = np.asarray(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = np.asarray((0.95047, 1.0, 1.08883))


@dataclass(frozen=True)
class RegionLooks:
    """Of every class; NaN where it does not occur."""

    color: Floats
    """(K, 3) in CIELAB."""
    texture: Floats
    """(K,)"""


def looks(picture: Pixels, labels: Labels) -> RegionLooks:
    """The looks of the regions of a picture uint8 (S, S, 3) with labels uint8 (S, S)."""
    flat = labels.ravel()
    counts = np.bincount(flat, minlength=NUM_CLASSES).astype(np.float64)
    counts[counts == 0] = np.nan
    values = lab(picture).reshape(-1, 3)
    color = np.stack([np.bincount(flat, each, NUM_CLASSES) for each in values.T], 1)
    luma = picture.astype(np.float64) @ LUMA
    detail = (luma - gaussian_filter(luma, BLUR * luma.shape[0])) ** 2
    texture = np.sqrt(np.bincount(flat, detail.ravel(), NUM_CLASSES) / counts)
    return RegionLooks(color / counts[:, None], texture)


def color_distance(first: RegionLooks, second: RegionLooks, classes: list[int]) -> float:
    """Mean distance of the colours of some classes, of those that both have; NaN without any."""
    gaps = np.linalg.norm(first.color - second.color, axis=1)[classes]
    known = gaps[~np.isnan(gaps)]
    return float(known.mean()) if known.size else float("nan")


def texture_distance(first: RegionLooks, second: RegionLooks, classes: list[int]) -> float:
    """Mean |log2| of the ratios of textures, likewise: 1 is twice or half as much detail."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.abs(np.log2(first.texture / second.texture))[classes]
    known = gaps[np.isfinite(gaps)]
    return float(known.mean()) if known.size else float("nan")


def lab(picture: Pixels) -> Floats:
    """sRGB uint8 (..., 3) -> CIELAB float64 (..., 3)."""
    share = np.arange(256) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = linear[picture] @ (TO_XYZ.T / WHITE)
    root = np.cbrt(xyz)
    dark = xyz <= (6 / 29) ** 3
    root[dark] = xyz[dark] / (3 * (6 / 29) ** 2) + 4 / 29
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)
