"""The texture of what a photo shows, taken from one place and laid in another.

Texture is the share by which a pixel is brighter than what is around it, so that it is as strong in
the dark as in the light. Patches of it are turned as they are asked to and laid over each other so
that their contrast stays: their sum is divided by the root of the sum of their squared weights
(Heitz and Neyret, "High-Performance By-Example Noise", 2018). Knows no labels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from maskgan.alignment.filters import gaussian, luma
from maskgan.alignment.resampling import LINEAR
from maskgan.editing import regions
from maskgan.editing.regions import Region
from maskgan.images import Pixels

FRAME = 512
"""Side of the crop in whose pixels lengths are given here."""
SLOW = 10.0
"""Standard deviation of the filter that parts colour and light from texture."""
PATCH = 72
"""Side of a patch."""
CHOICES = 32
"""Places among which that for a patch is chosen."""
NEAR = 0.3
"""What it costs to take a patch from a side of the crop away, in turns by a right angle."""
UNUSUAL = 0.5
"""What it costs that a patch is e times as strong or as weak as usual, likewise: what is seen
twice, as a parting or a letter, is no texture."""
DARK = 12.0
"""Grey levels that are added to brightness, lest noise in black become texture in white."""
STRONGEST = 3.0
"""Most that a pixel is brighter or darker than what is around it, over what half of them are."""

AFFINE: Final = Image.Transform.AFFINE

Floats = NDArray[np.floating[Any]]


def slow(planes: Floats, region: Region, side: int) -> Floats:
    """Planes (h, w, C) of a crop of `side` pixels without their texture: blurred within a region,
    bool (h, w)."""
    sigma = SLOW * side / FRAME
    mask = region[:, :, None].astype(np.float32)
    blurred: Floats = gaussian(planes * mask, sigma) / np.maximum(gaussian(mask, sigma), 1e-3)
    return blurred


def texture(photo: Pixels, region: Region) -> Floats:
    """The texture of a region of a photo uint8 (S, S, 3), float32 (S, S); 0 elsewhere."""
    bright = luma(photo) + np.float32(DARK)
    around = slow(bright[:, :, None], region, photo.shape[0])[:, :, 0]
    share = np.where(region, bright / np.maximum(around, DARK) - 1, 0)
    # A parting in the hair, an edge on a wall would be seen again and again.
    limit = STRONGEST * float(np.median(np.abs(share[region]))) if region.any() else 0
    return (limit * np.tanh(share / max(limit, 1e-6))).astype(np.float32)


def textured(planes: Floats, texture: Floats) -> Floats:
    """Planes (h, w, C) from 0 to 255 with a texture (h, w)."""
    result: Floats = (planes + np.float32(DARK)) * (1 + texture[:, :, None]) - np.float32(DARK)
    return result


@dataclass(frozen=True, eq=False)
class Patches:
    """What patches can be taken from, in a crop of S pixels a side."""

    planes: tuple[Image.Image, Image.Image]
    """The texture, and 1 where it is one."""
    places: NDArray[np.intp]
    """Rows and columns (N, 2) of the centres that patches may have, at least one."""
    strange: Floats
    """How unusual it is around a place, (S, S)."""

    @classmethod
    def of(cls, texture: Floats, own: Region, core: Region) -> Patches:
        """Patches of a texture float32 (S, S). own: bool (S, S), where it is one; core: bool
        (S, S), where their centres may be."""
        drawn, whole = (Image.fromarray(each.astype(np.float32)) for each in (texture, own))
        strange = _strangeness(texture, own, core, _half(texture.shape[0]) / 2)
        return cls((drawn, whole), np.argwhere(core), strange)


def laid(
    patches: Patches, new: Region, seen: Floats | None = None, asked: Floats | None = None
) -> Floats:
    """Patches of a texture laid over a region `new`, bool (S, S): float32 (S, S).

    seen, asked: angles (S, S) in radians of the texture where it is and where it is wanted; None =
    nothing is turned. Of a few places, always the same for the same patch, the one is taken that
    has to be turned least, looks most as others do, and is near.
    """
    half = _half(new.shape[0])
    side = 2 * half
    window = np.hanning(side + 2)[1:-1].astype(np.float32)
    window = np.outer(window, window)
    places, strange = patches.places, patches.strange
    total, squares = np.zeros((2, new.shape[0] + 2 * side, new.shape[1] + 2 * side), np.float32)
    for center in _centers(new, half):
        # By the patch alone, whatever else is new: films would flicker.
        rng = np.random.default_rng(center // half + 1)
        chosen = places[(rng.random(CHOICES) * len(places)).astype(np.intp)]
        cost = NEAR * np.hypot(*(chosen - center).T) / new.shape[0]
        cost += UNUSUAL * strange[chosen[:, 0], chosen[:, 1]]
        turns = np.zeros(CHOICES)
        if seen is not None and asked is not None:
            row, column = np.minimum(center, np.array(new.shape) - 1)
            turns = seen[chosen[:, 0], chosen[:, 1]] - asked[row, column]
        best = int(np.argmin(cost + np.abs(np.sin(turns))))
        turn, (row, column) = float(turns[best]), chosen[best].tolist()
        cos, sin = math.cos(turn), math.sin(turn)
        # Pillow asks where a pixel's corner comes from.
        x = column + 0.5 - (half + 0.5) * (cos - sin)
        y = row + 0.5 - (half + 0.5) * (sin + cos)
        found = [
            np.asarray(each.transform((side, side), AFFINE, (cos, -sin, x, sin, cos, y), LINEAR))
            for each in patches.planes
        ]
        weight = window * found[1]
        top, left = (center + side - half).tolist()
        part = (slice(top, top + side), slice(left, left + side))
        total[part] += weight * found[0]
        squares[part] += weight * weight
    mean: Floats = total / np.sqrt(np.maximum(squares, 1e-3))
    return mean[side:-side, side:-side]


def _half(side: int) -> int:
    """Half of the side of a patch, in pixels of a crop of `side`."""
    return max(round(PATCH * side / FRAME / 2), 2)


def _strangeness(texture: Floats, own: Region, core: Region, sigma: float) -> Floats:
    """How much stronger or weaker than usual a texture is around each place, (S, S): the logarithm
    of its power over the usual one, without its sign."""
    planes = np.stack([texture * texture, own], axis=2).astype(np.float32)
    power, share = np.moveaxis(gaussian(planes, sigma), 2, 0)
    power = power / np.maximum(share, 1e-3) + np.float32(1e-6)
    strange: Floats = np.abs(np.log(power / np.median(power[core])))
    return strange


def _centers(new: Region, half: int) -> NDArray[np.intp]:
    """Rows and columns (N, 2) of the patches that touch a region."""
    box = regions.bounding_box(new)
    assert box is not None, "there is nothing to lay it over"
    lines = [np.arange(each.start // half, -(-each.stop // half) + 1) * half for each in box]
    near = np.pad(new, half)
    found = [
        (row, column)
        for row in lines[0].tolist()
        for column in lines[1].tolist()
        if near[row : row + 2 * half, column : column + 2 * half].any()
    ]
    return np.asarray(found, np.intp)
