"""Single strands that leave the outline of hair, which labels do not know.

Near an outline a pixel is told by its colour, between those of hair and of what is beside it near
by: so a look goes to strands and not to what is seen between them, and where hair in front of a
face goes, what hangs from it over the face goes too. Where hair is loose, the outline lies further
out than hair does, and what looks like the background within it is none.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.editing import regions
from maskgan.editing.histogram import evidence
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

REACH, HANGING = 10.0, 32.0
"""How far from an outline strands are looked for, and how far over a face from hair that goes; in
pixels of a crop of `FRAME`, as all below."""
CORE, AROUND = 4.0, 8.0
"""How far inside the outline it is nothing else, and how far outside there is none of it."""
LOCAL = 8.0
"""Standard deviation of the filter that says how it and what is beside it look near by."""
ALIKE, UNLIKE = 25.0, 60.0
"""Distances in grey levels of two colours that cannot be told apart in one pixel, and that can."""
HAIR, FACE = IDS["hair"], (IDS["skin"], IDS["nose"])
LOOSE = 0.12
"""Share of hair in a pixel from which it belongs to a strand, or to its shadow."""
EDGE = 1.5
"""What is left of a strand beside that."""
SHADOW = 18.0
"""How far the shadow of hair falls on a face."""
GAPS, BEHIND = 40.0, 64.0
"""How deep within the outline of hair something else is seen between strands, and how far outside
what that may be is looked for; in pixels of a crop of `FRAME`."""
COARSE = 4.0
"""Side of the squares in which such distances are known."""
DEEP = 0.5
"""Share of how deep hair is anywhere from which it is nothing else."""
BETWEEN = 1.5
"""Standard deviation of the filter over what colours tell of that, likewise."""
STRANGE = -1.0
"""What they tell where it is something else."""

Floats = NDArray[np.floating[Any]]


def share(
    photo: Floats, part: Region, beside: Region, soft: Floats, reach: float, pixel: float
) -> Floats:
    """How much of each pixel of a photo (h, w, 3) is of a part, bool (h, w), that single hairs
    leave over what is beside it, bool (h, w): (h, w, 1), 0..1. It is `soft` (h, w, 1) where nobody
    looks closely, further than `reach` from its outline. pixel: a pixel of `FRAME` in pixels of
    the photo."""
    colours, seen = [], np.ones((*part.shape, 1), np.float32)
    away = beside & ~regions.dilate(part, AROUND * pixel)
    for pure in (regions.erode(part, CORE * pixel), away):
        mask = pure[:, :, None].astype(np.float32)
        near = gaussian(mask, LOCAL * pixel)
        colours.append(gaussian(photo * mask, LOCAL * pixel) / np.maximum(near, 1e-3))
        seen = seen * smoothstep(near / 0.02)
    own, other = colours
    apart = own - other
    squares = (apart**2).sum(axis=2, keepdims=True)
    found = np.clip(((photo - other) * apart).sum(axis=2, keepdims=True) / (squares + 1), 0, 1)
    told = smoothstep((np.sqrt(squares) - ALIKE) / (UNLIKE - ALIKE)) * seen
    inside, outside = (regions.depth(each, math.ceil(reach)) for each in (part, ~part))
    far = np.maximum(inside, outside)[:, :, None]
    told = told * smoothstep(2 - 2 * far / reach)
    result: Floats = soft + told * (found - soft)
    return result


def without_gaps(photo: Floats, part: Region, behind: Region, pixel: float) -> Region:
    """A part, bool (h, w), without what within its loose outline looks like what is behind it in a
    photo (h, w, 3), bool (h, w), and not like the part: between strands one sees the sky."""
    step = max(round(COARSE * pixel), 1)
    few, box = part[::step, ::step], (slice(part.shape[0]), slice(part.shape[1]))
    near = regions.dilate(few, BEHIND * pixel / step).repeat(step, 0).repeat(step, 1)[box]
    depth = coarse_depth(part, 2 * GAPS * pixel, pixel)
    beside = near & behind & ~regions.dilate(part, AROUND * pixel)
    own = depth > min(GAPS * pixel, DEEP * float(depth.max()))
    if not (own.any() and beside.any()):
        return part
    colours = evidence(photo.astype(np.uint8), own, beside, BETWEEN * pixel)
    loose = smoothstep(2 - depth / (GAPS * pixel))
    return part & (loose * colours > STRANGE)


def coarse_depth(region: Region, limit: float, pixel: float) -> Floats:
    """`regions.depth` of a region, bool (h, w), in squares of `COARSE` pixels of a crop of `FRAME`:
    far distances need not be known to the pixel."""
    step = max(round(COARSE * pixel), 1)
    few = np.float32(step) * regions.depth(region[::step, ::step], math.ceil(limit / step))
    height, width = region.shape
    depth: Floats = few.repeat(step, 0).repeat(step, 1)[:height, :width]
    return depth


def hanging(crop: Pixels, labels: Labels, wanted: Labels) -> Region:
    """Where strands lie over the face in a crop uint8 (S, S, 3) with labels uint8 (S, S), of hair
    that the wanted ones, uint8 (S, S), take away from before it: bool (S, S)."""
    pixel = crop.shape[0] / FRAME
    found, hair = np.zeros(labels.shape, np.bool_), labels == HAIR
    gone = hair & member(wanted, FACE)
    box = regions.bounding_box(gone, math.ceil((HANGING + 3 * LOCAL) * pixel))
    if box is None:
        return found
    stays = (member(labels, FACE) & (labels == wanted))[box]
    near = regions.dilate(gone[box], HANGING * pixel) & stays
    part = hair[box]
    known, none = crop[box].astype(np.float32), np.zeros((*part.shape, 1), np.float32)
    # Eyes and brows are as dark, and do not hang there.
    skin = member(labels[box], FACE)
    loose = share(known, part, skin, none, 2 * HANGING * pixel, pixel)[:, :, 0] > LOOSE
    shadow = regions.dilate(gone[box], SHADOW * pixel)
    found[box] = (regions.dilate(loose & near, EDGE * pixel) | shadow) & stays
    return found
