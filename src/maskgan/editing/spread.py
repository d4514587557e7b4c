"""A look that goes on beyond the crop of a face, where its hair, neck or clothes do.

Nobody has drawn what lies there. What the look has made of the crop tells: a part beyond it gets
the same colour by the same rules, which are measured in the crop alone, and what both differ by
along the crop's border is taken along over some distance.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.editing import regions
from maskgan.editing.beyond import Surrounded
from maskgan.editing.dye import MATERIALS, Floats, shares, sure, tinted
from maskgan.editing.layers import member
from maskgan.editing.recolouring import Change, Material, factor_for
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

RING, CARRIED = 16.0, 32.0
"""Width along the border of the crop of what both have dyed, and the distance over which what they
differ by is taken along; in pixels of a crop of `FRAME`."""
FEW = 0.05
"""Share of the ring below which it tells little."""
LEAST = 0.01
"""Share of the crop below which a part tells too little of what goes on beyond it."""
MARGIN = 20.0
"""Pixels of a crop of `FRAME` around a part that are looked at."""
SKIN = (IDS["skin"], IDS["neck"])
ENDS = 0.25
"""Sides of the crop over which another skin fades out beyond it: nobody knows how much of a body a
photo shows."""


def spread(
    shown: Surrounded, crop: Pixels, looks: Collection[int], chosen: Collection[int]
) -> tuple[Pixels, Region]:
    """The surroundings (T, T, 3) of a crop, in which classes `looks` have the look beyond it that
    they have in it: `crop` uint8 (S, S, 3) is dyed. chosen: those of them that have but another
    colour. Inside the crop they are as they were. Second, what may differ, bool (T, T)."""
    inside, pixel = shown.inside, crop.shape[0] / FRAME
    after = shown.pixels.copy()
    after[shown.window] = crop
    result, near = shown.pixels.copy(), np.zeros_like(inside)
    fade = smoothstep(1 - _away(shown) / ENDS)
    for material in MATERIALS:
        classes = set(material.classes) & set(looks)
        if not classes:
            continue
        part = member(shown.labels, classes)
        part = regions.touching(part, part & inside)
        if (part & inside).sum() < LEAST * crop.shape[0] ** 2:
            continue
        box = regions.bounding_box(part, math.ceil(MARGIN * pixel))
        assert box is not None, "the part is seen in the crop"
        photo, dyed = (each[box].astype(np.float32) for each in (shown.pixels, after))
        of = part[box], inside[box], material, bool(classes & set(chosen)), pixel
        added, weight = _dyed(photo, dyed, shown.labels[box], *of)
        if classes & set(SKIN):
            added, weight = fade[box] * added, fade[box] * weight
        where = (weight[:, :, 0] > 0) & ~inside[box]
        values = np.clip(np.rint(result[box] + added), 0, 255).astype(np.uint8)
        np.copyto(result[box], values, where=where[:, :, None])
        near[box] |= where
    return result, near


def _dyed(
    photo: Floats,
    after: Floats,
    labels: Labels,
    part: Region,
    inside: Region,
    material: Material,
    chosen: bool,
    pixel: float,
) -> tuple[Floats, Floats]:
    """What is added (h, w, 3) to a photo whose part, bool (h, w), has another look in the crop, and
    how much of each pixel is of the part (h, w, 1)."""
    measured = part & inside
    soft, weight = shares(photo, labels, part, material, pixel)
    if chosen and material.ragged:
        weight = sure(weight, labels)
    mean, asked = (each[measured].mean(axis=0) for each in (photo, after))
    drawn = tinted(photo, mean, asked, 1 / material.gain)
    change = Change.of(photo, photo, drawn, part, soft, material, pixel, measured)
    change = replace(change, chosen=chosen)
    added = weight * change.at(factor_for(change, weight, asked))
    ring = (inside & ~regions.erode(inside, RING * pixel))[:, :, None] * weight
    known = gaussian(ring, CARRIED * pixel) + FEW
    lacks = gaussian(ring * (after - photo - added), CARRIED * pixel) / known
    return added + weight * lacks, weight


def _away(shown: Surrounded) -> Floats:
    """Distance from the crop in its sides, (T, T, 1)."""
    grid = np.arange(len(shown.labels), dtype=np.float32)
    down, across = (
        np.maximum(np.maximum(part.start - grid, grid - (part.stop - 1)), 0)
        for part in shown.window
    )
    away: Floats = np.hypot(across[None, :], down[:, None])[:, :, None] / shown.side
    return away
