"""The outlines of hair and face, made larger or smaller.

Labels uint8 (H, W) in, a new map out. What hair leaves free shows what lies underneath
(`maskgan.editing.head`); hair never comes to lie on the face. Lengths are in eye distances, so that
the picture's size does not matter. Knows label maps only.
"""

from __future__ import annotations

import math

import numpy as np

from maskgan.editing import deformation, growth, head, regions, underneath
from maskgan.editing.deformation import Floats, Frame
from maskgan.editing.grid import Grid
from maskgan.editing.layers import FEATURES, member, uncover
from maskgan.editing.regions import Box, Region
from maskgan.labels import Labels

BACKGROUND, SKIN, GLASSES, HAIR, NECK, CLOTH = 0, 1, 3, 13, 17, 18
EARS = (8, 9)
CHIN = 1.65
"""Distance of the chin below the eyes, in eye distances."""
TAPER = 0.8
"""Eye distances above its lower end from which hair gets less of another volume."""
THICKER, THINNER = 1.7, 0.5
"""Times the thickness of hair that its outline may move to: what is seen of it is drawn out or
pressed together by as much."""
CUT, CUT_THINNER = 0.65, 1.1
"""How far from where the picture cuts it off hair moves less, in eye distances; hair that gets
thinner more gently, or it would stand up in a point above the head."""
SPECK = 0.03
"""Half the width of holes in the hair that are not its outline, in eye distances."""
SHORTEST = 0.8
"""How far below the eyes hair reaches that cannot be made shorter, in eye distances: as far as the
ears, which nobody has seen."""
ABOVE = 0.12
"""How far above the lower border of a picture that goes on below hair ends, in eye distances."""
CORNER = 0.16
"""Radius of the corners of hair that is cut, in eye distances."""
STUBBLE = 0.07
"""Half the thickness of hair that is too thin to grow, in eye distances: on a bald head the parser
sees some along the skull."""
SHORT, STRAY = 0.6, 0.02
"""Level below the eyes above which short hair ends, in eye distances, and the share of it that may
be below, which is what a parser sees somewhere else."""
LONGEST = 0.9
"""By how many eye distances hair gets longer at most."""
ROUNDING = 0.06
"""How far to both sides the ends of moved hair are averaged, in eye distances."""


def thicken_hair(labels: Labels, amount: float) -> Labels:
    """Moves the outline of the hair outwards over background and clothes by `amount` eye
    distances, or, when it is negative, inwards, but not into the head. Thin hair moves less: it
    gets at most `THICKER` times as thick, or `THINNER` times. Towards its lower ends, so that short
    hair does not grow beards, and towards where the picture cuts it off, it moves less as well."""
    hair = labels == HAIR
    if amount == 0 or not hair.any():
        return labels.copy()
    frame = deformation.find(labels)
    unit = np.float32(frame.unit)
    across, down = frame.grid(_everywhere(labels))
    side = across > 0
    ends = [down[hair & half].max(initial=-unit) for half in (~side, side)]
    weight = np.clip((np.where(side, ends[1], ends[0]) - down) / (TAPER * unit), 0.2, 1)
    cut = CUT if amount > 0 else CUT_THINNER
    weight *= _step(_about(_cut(hair), cut * frame.unit) / unit, 0, cut)
    outer = member(labels, (BACKGROUND, CLOTH))
    reach = abs(amount) * frame.unit
    result = labels.copy()
    if amount > 0:
        thin = STUBBLE * frame.unit
        full = regions.dilate(regions.erode(hair, thin), 2 * thin) & hair
        if full.any():
            way, most = _apart(full, reach + 1), THICKER - 1
            # From the face it is as far as it is from the hair, and as that is thick.
            behind = _about(~hair & ~outer, (1 + 1 / most) * reach)
            grown = (way <= weight * reach) & (way <= most * (behind - way))
            result[outer & grown] = HAIR
        return result
    # Specks of background among the hair are no outline.
    width = SPECK * frame.unit
    outline = outer & regions.dilate(regions.erode(outer, width), width)
    way, most = _apart(outline, reach + 1), 1 - THINNER
    behind = _about(~hair & ~outer, (1 / most - 1) * reach)
    lost = hair & (way <= weight * reach) & (way <= most * (behind + way))
    skull = head.find(labels)
    if skull is not None:
        lost &= ~skull.region
    found = regions.nearest(labels, lost, outline, (BACKGROUND, CLOTH))
    if found is not None:
        result[lost] = found
    return result


def lengthen_hair(labels: Labels, amount: float, goes_on: bool = False) -> Labels:
    """Moves the lower ends of the hair down by `amount` eye distances, over background, clothes,
    neck and ears, or up when it is negative, but not above the lobes of the ears. Short hair, which
    ends above the cheeks, grows into long hair instead, all of it at `LONGEST`
    (`maskgan.editing.growth`), and cannot be made shorter; hair that the picture's border cuts ends
    at the border. What is cut has round corners.

    `goes_on` says that the picture is part of a larger one that goes on below: then hair that grows
    ends above its border.
    """
    hair = labels == HAIR
    if amount == 0 or not hair.any() or not (labels == SKIN).any():
        return labels.copy()
    frame = deformation.find(labels)
    unit = np.float32(frame.unit)
    across, down = frame.grid(_everywhere(labels))
    free = member(labels, (BACKGROUND, NECK, CLOTH, *EARS))
    if goes_on:
        free[-max(round(ABOVE * frame.unit), 1) :] = False
    extent = _extent(labels, frame)
    if amount > 0 and extent and np.mean(down[hair] > SHORT * unit) < STRAY:
        return growth.grown(labels, frame, extent, amount / LONGEST, free)
    # The end of the hair in each column of the face's frame.
    low, high = math.floor(across.min()), math.ceil(across.max())
    _, found = deformation.edges(across[hair], down[hair], low, high)
    ends: Floats = np.nan_to_num(found, nan=-frame.unit).astype(np.float32)
    reach = max(int(ROUNDING * frame.unit), 1)
    smoothed: Floats = np.maximum(deformation.filled(np.maximum(ends, 0), reach), 0)
    way = np.float32(amount) * unit * _step(smoothed / unit, 0.1, 0.6)
    place = deformation.places(across, low, high)
    # A short way keeps the ends ragged, a long one rounds them.
    new_ends = ends + min(abs(amount) / 0.5, 1) * (smoothed - ends) + way
    if amount < 0:
        shortest = np.minimum(smoothed, np.float32(SHORTEST) * unit)
        cut = np.where(way < 0, np.maximum(new_ends, shortest), np.inf).astype(np.float32)
        kept = hair & (down <= cut[place])
        result = underneath.reveal(labels, hair & ~_rounded(kept, hair, CORNER * frame.unit))
        return underneath.reveal(result, underneath.fallen(result, labels))
    below = down > np.where(ends > 0, ends, np.inf).astype(np.float32)[place]
    # Hair falls until something is in the way: what ends on the cheek does not go on at the neck.
    falling = ~np.logical_or.accumulate(below & ~free & ~hair, axis=0)
    result = labels.copy()
    result[below & falling & free & (down <= np.where(way > 0, new_ends, 0)[place])] = HAIR
    return result


def end_within(labels: Labels, before: Labels) -> Labels:
    """Labels uint8 (H, W) whose hair, where `before` had none, ends above the lower border of the
    picture and beside its sides: for a picture that is part of a larger one, where such hair would
    end in a blur. The corners that this cuts are round."""
    frame = deformation.find(labels)
    margin = max(round(ABOVE * frame.unit), 1)
    free = np.zeros(labels.shape, np.bool_)
    free[:-margin, margin:-margin] = True
    hair, new = labels == HAIR, before != HAIR
    kept = _rounded(hair & (free | ~new), hair, CORNER * frame.unit)
    return np.where(hair & new & ~kept, before, labels)


def widen_face(labels: Labels, amount: float) -> Labels:
    """Moves cheeks and jaw outwards by the share `amount` of the face's width, or inwards when it
    is negative; ears, hair and what else is beside the face go along, less and less. Eyes, brows,
    nose, mouth and spectacles stay."""
    frame = deformation.find(labels)
    extent = _extent(labels, frame)
    if amount == 0 or extent is None:
        return labels.copy()
    height, width = labels.shape
    across, down = frame.grid(_everywhere(labels))
    left, right = extent
    middle, half = np.float32((left + right) / 2), np.float32((right - left) / 2)
    level = down / np.float32(frame.unit)
    window = _step(level, -0.35, 0.5) * (1 - _step(level, CHIN - 0.1, CHIN + 0.5))
    place = (across - middle) / half
    # The outline moves by the whole amount; outside, the movement ends at twice its distance.
    beyond = np.maximum(np.abs(place) - 1, 0)
    fading = np.maximum(1 - beyond / 2, 0) ** 2
    shift = np.float32(amount) * half * np.clip(place, -1, 1) * fading * window
    x, y = frame.outside(across - shift, down)
    column = np.clip(np.rint(x).astype(np.int64), 0, width - 1)
    row = np.clip(np.rint(y).astype(np.int64), 0, height - 1)
    features = member(labels, (*FEATURES, GLASSES))
    bare = uncover(labels, features)
    result = bare[row, column]
    result[features] = labels[features]
    return result


def _extent(labels: Labels, frame: Frame) -> tuple[float, float] | None:
    """Where the face ends on both sides at the height of the cheeks, in pixels across."""
    region = member(labels, (SKIN, *FEATURES))
    rows, columns = np.nonzero(region)
    across, down = frame.inside(columns.astype(np.float32), rows.astype(np.float32))
    cheeks = across[(down > 0.1 * frame.unit) & (down < 1.0 * frame.unit)]
    if not cheeks.size:
        return None
    left, right = np.percentile(cheeks, (1, 99)).tolist()
    return (left, right) if right - left > 4 else None


def _everywhere(labels: Labels) -> Box:
    return slice(0, labels.shape[0]), slice(0, labels.shape[1])


def _apart(region: Region, farthest: float) -> Floats:
    """How far each pixel is from a region, in pixels, float32 (H, W); at most `farthest`, rounded
    up, however far it is."""
    return regions.depth(~region, math.ceil(farthest))


def _about(region: Region, farthest: float) -> Floats:
    """The same to about a pixel, and faster."""
    grid = Grid(region.shape, 2)
    cells = grid.cell * _apart(grid.sums(region) > 0, farthest / grid.cell)
    return grid.enlarged(cells[:, :, None])[:, :, 0]


def _cut(region: Region) -> Region:
    """The pixels bool (H, W) of a region at the picture's border."""
    inner = np.zeros_like(region)
    inner[1:-1, 1:-1] = True
    return region & ~inner


def _rounded(kept: Region, hair: Region, radius: float) -> Region:
    """What is kept of the hair, bool (H, W), without the corners that a cut has made, where discs
    of a radius do not fit; strands that were as narrow before stay."""
    fits = regions.dilate(regions.erode(kept, radius), radius)
    narrow = hair & ~regions.dilate(regions.erode(hair, radius), radius)
    near = regions.dilate(hair & ~kept, 2 * radius)
    return kept & (fits | narrow | ~near)


def _step(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    smooth: Floats = t * t * (3 - 2 * t)
    return smooth
