"""Grey hair beside the face that a parser takes for skin.

A parser that has seen few grey heads ends their hair where it gets light, and hair that is dyed
keeps white patches at the forehead. Grey hair has less colour than skin; so has the shine of a
forehead, but hair is rougher. Lengths are in pixels of a crop of `FRAME`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, luma
from maskgan.editing import regions
from maskgan.editing.deformation import EYE_DISTANCE
from maskgan.editing.layers import PARTS, member
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SKIN, HAIR = IDS["skin"], IDS["hair"]
LEAST = 1500.0
"""Area of hair and of skin by which they are known."""
PALER, SHARE = 0.2, 0.5
"""How much less colour grey hair has than skin, red less blue over brightness, and how little of
it."""
BRIGHT = 0.6
"""Least brightness of grey hair over that of skin: black hair has no colour either."""
ROUGH, ROUGHER = 0.02, 1.4
"""How rough it is at least, and how many times as rough as the forehead; else shine and hair cannot
be told apart."""
FAR = 44.0
"""Greatest distance from hair that the parser sees."""
BELOW = 0.35
"""How far below the eyes it is looked for, in distances between them: further down are beards,
which are skin."""
PATCH = 400.0
"""Area of the smallest patch."""
BLUR, NARROW = 1.5, 1.5
"""Standard deviation of the filter that colours are seen through, and half the width of what is
too narrow."""
STRAND, WIDE = 2.5, 4.0
"""Standard deviations of the filters that take strands out, and over which they are counted."""
DARK = 24.0
"""Brightness, in grey levels, below which colours and roughness say little."""

Floats = NDArray[np.floating[Any]]


def unseen(labels: Labels, crop: Pixels) -> Region | None:
    """The skin of labels uint8 (S, S) that is grey hair in the crop uint8 (S, S, 3), bool (S, S);
    None where hair is not grey, or all of it is seen."""
    pixel = labels.shape[0] / FRAME
    # Most hair is not grey, which few pixels tell.
    few = np.s_[:: max(round(4 * pixel), 1), :: max(round(4 * pixel), 1)]
    if not _is_grey(labels[few], crop[few]):
        return None
    eyes, brows = (
        np.flatnonzero(member(labels, PARTS[name]).any(axis=1)) for name in ("eyes", "brows")
    )
    if not eyes.size or not brows.size:
        return None
    skin, hair = labels == SKIN, labels == HAIR
    seen = gaussian(crop.astype(np.float32), BLUR * pixel)
    colour, bright = _colour(seen), luma(seen)
    between = (np.median(colour[hair]) + np.median(colour[skin])) / 2
    pale = skin & (colour < between) & (bright > np.median(bright[hair]) / 2)
    pale[round(eyes.mean() + BELOW * EYE_DISTANCE * labels.shape[0]) :] = False
    pale = skin & regions.dilate(regions.erode(pale, NARROW * pixel), NARROW * pixel + 0.5)
    pale &= regions.dilate(hair, FAR * pixel)
    rough = _roughness(crop, pixel)
    forehead = skin & ~regions.dilate(pale, WIDE * pixel)
    forehead[round(brows.mean()) :] = False
    inner = regions.erode(hair, STRAND * pixel)
    if not forehead.any() or not inner.any():
        return None
    smooth, strands = (float(np.median(rough[each])) for each in (forehead, inner))
    if strands < max(ROUGHER * smooth, ROUGH):
        return None
    attached = pale & regions.touching(pale | hair, hair)
    numbers, found = regions.components(attached), np.zeros_like(skin)
    sizes = np.bincount(numbers[attached], minlength=1)
    for number in np.flatnonzero(sizes >= PATCH * pixel**2).tolist():
        patch = attached & (numbers == number)
        # On the way from skin to hair, in logarithms, it must be nearer to hair.
        found |= patch & (np.median(rough[patch]) >= np.sqrt(smooth * strands))
    return found if found.any() else None


def _is_grey(labels: Labels, crop: Pixels) -> bool:
    """Whether the hair of a crop that was thinned out is grey."""
    parts = [crop[labels == index].astype(np.float32) for index in (HAIR, SKIN)]
    if min(len(part) for part in parts) < max(LEAST / FRAME**2 * labels.size, 1):
        return False
    (own, light), (face, lit) = (
        (np.median(_colour(part)), np.median(luma(part))) for part in parts
    )
    return bool(own <= min(face - PALER, SHARE * face) and light >= BRIGHT * lit)


def _colour(pixels: Floats) -> Floats:
    """How much redder than blue pixels (..., 3) are, over their brightness."""
    colour: Floats = (pixels[..., 0] - pixels[..., 2]) / np.maximum(luma(pixels), DARK)
    return colour


def _roughness(crop: Pixels, pixel: float) -> Floats:
    """The deviation of brightness among strands, over the brightness, (S, S)."""
    bright = luma(crop.astype(np.float32))[:, :, None]
    strands = bright - gaussian(bright, STRAND * pixel)
    planes = np.concatenate([strands**2, bright], axis=2)
    variance, mean = np.moveaxis(gaussian(planes, WIDE * pixel), 2, 0)
    rough: Floats = np.sqrt(np.maximum(variance, 0)) / np.maximum(mean, DARK)
    return rough
