"""Leaves behind a head that a parser takes for hair.

Dark leaves are as rough as curls, and a parser that has seen few heads before hedges lets hair go
on into them: hair with more volume drags them along, and they are dyed with it. But hair is never
greener than it is red and blue. Lengths are in pixels of a crop of `FRAME`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing import regions
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

BACKGROUND, HAIR = IDS["background"], IDS["hair"]
HEAD = tuple(IDS[name] for name in ("skin", "l_ear", "r_ear", "neck"))
"""What hair grows on or lies on."""
GREEN, GREENEST = 6.0, 16.0
"""Grey levels by which leaves are greener than red and blue, and the greenest of a patch are: grey
hair between walls or below lamps has a tint that is less."""
NATURAL = 4.0
"""How green hair beside the face is at most, or it is dyed."""
ROOTS = 20.0
"""How far from the face that is."""
PATCH = 120.0
"""Area of the smallest patch."""
BEHIND = 0.1
"""Least share of its rim that is background."""
BLUR, NARROW = 2.0, 1.5
"""Standard deviation of the filter that colours are seen through, and half the width of what is
too narrow."""

Floats = NDArray[np.floating[Any]]


def seen_as_hair(labels: Labels, crop: Pixels) -> Region | None:
    """The hair of labels uint8 (S, S) that is leaves in the crop uint8 (S, S, 3), bool (S, S); None
    where there is none."""
    pixel = labels.shape[0] / FRAME
    # Most hair has no leaves, which few pixels tell.
    few = np.s_[:: max(round(4 * pixel), 1), :: max(round(4 * pixel), 1)]
    own = labels[few] == HAIR
    if not (_greenness(crop[few].astype(np.float32))[own] > GREENEST).any():
        return None
    box = regions.bounding_box(labels == HAIR, round(ROOTS * pixel) + 1)
    assert box is not None, "some of it is green"
    found = np.zeros(labels.shape, np.bool_)
    found[box] = _leaves(labels[box], crop[box], pixel)
    return found if found.any() else None


def _leaves(labels: Labels, crop: Pixels, pixel: float) -> Region:
    """The same in a box, bool (h, w). `pixel` is how many pixels are one of `FRAME`."""
    hair = labels == HAIR
    green = _greenness(gaussian(crop.astype(np.float32), BLUR * pixel))
    found: Region = np.zeros_like(hair)
    roots = hair & regions.dilate(member(labels, HEAD), ROOTS * pixel)
    if not roots.any() or np.median(green[roots]) > NATURAL:
        return found
    leaves = hair & (green > GREEN)
    leaves = hair & regions.dilate(regions.erode(leaves, NARROW * pixel), NARROW * pixel + 0.5)
    numbers = regions.components(leaves)
    sizes = np.bincount(numbers[leaves], minlength=1)
    for number in np.flatnonzero(sizes >= PATCH * pixel**2).tolist():
        patch = leaves & (numbers == number)
        rim = regions.dilate(patch, 2) & ~patch
        behind = (labels[rim] == BACKGROUND).mean()
        if behind >= BEHIND and green[patch].max() >= GREENEST:
            found |= patch
    if found.any():
        others = ~hair & (labels != BACKGROUND)
        found |= _cut_off(hair & ~found, found, others)
    return found


def _cut_off(hair: Region, leaves: Region, others: Region) -> Region:
    """The pieces of hair that touch leaves and nothing else that somebody has, bool (h, w) each."""
    beside, on = (regions.touching(hair, regions.dilate(each, 2)) for each in (leaves, others))
    return beside & ~on


def _greenness(pixels: Floats) -> Floats:
    """How much greener pixels (..., 3) are than they are red or blue, in grey levels."""
    greenness: Floats = pixels[..., 1] - np.maximum(pixels[..., 0], pixels[..., 2])
    return greenness
