"""Hair that a generator draws gets the strands of the person's own hair.

A small generator knows how bright new hair is and where it shines, but weaves a carpet of it. So of
what it drew only the slow part is kept, and the fast part comes from the photo's hair: patches of
it, turned to where strands run and laid over each other so that their contrast stays. Strands run
as they do in the hair beside, and along the outline towards what is behind the head; in between
their direction changes as smoothly as can be. Hair that only gets another look keeps its strands
where they are.

Strands are a factor on brightness, so that they are as strong in dark hair as in fair one. Angles
are doubled, because a strand has no beginning: (cos 2a, sin 2a).
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
from maskgan.editing.grid import Grid, box_sums, harmonic
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

FRAME = 512
"""Side of the crop in whose pixels lengths are given here."""
SLOW = 10.0
"""Standard deviation of the filter that parts the slow from the fast; the carpet is finer."""
PATCH = 72
"""Side of a patch."""
CORE = 10.0
"""Distance from its rim from which hair is taken."""
LEAST = 900
"""Pixels of hair to take from below which there is nothing to choose from."""
FADE = 6.0
"""Width over which strands set in at the rim of the new hair."""
CHOICES = 32
"""Places among which that for a patch is chosen."""
TURNING = 1.0
"""What a turn by a right angle costs, in sides of the crop from where a patch is taken."""
DARK = 12.0
"""Grey levels that are added to brightness, lest noise in black hair become strands in fair one."""
OWN_COLOUR = 0.6
"""How far the mean colour of new hair goes to that of the person's own: 0 = as drawn, 1 = whole."""
STRONGEST = 2.0
"""Most that a strand is brighter or darker than what is around it, in standard deviations."""

HAIR = IDS["hair"]
BEHIND = (IDS["background"], IDS["cloth"])
"""What an outline of hair is seen against along which strands run."""

AFFINE: Final = Image.Transform.AFFINE

Floats = NDArray[np.floating[Any]]


def comb(
    drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region, dyed: bool
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) with strands in its hair.

    photo: the crop uint8 (S, S, 3) that has the person's hair, and its labels uint8 (S, S).
    wanted: the labels of the drawing; where: bool (S, S), what of it was drawn. dyed: the hair
    shall have another colour. Where the photo has too little hair the drawing is returned as it is.
    """
    pixel = photo.shape[0] / FRAME
    hair, new = labels == HAIR, (wanted == HAIR) & where
    core = regions.erode(hair, CORE * pixel)
    box = regions.bounding_box(new)
    if core.sum() < LEAST * pixel**2 or box is None:
        return drawn
    own = regions.erode(hair, 2 * pixel)
    strands = _strands(photo, own, SLOW * pixel)
    laid = _laid(strands, own, core, new, _directions(photo, core, wanted), pixel)[box]
    # What is hair in both pictures keeps its strands in their place.
    still = regions.feather(own, 3 * pixel)[box]
    laid = still * strands[box] + (1 - still) * laid
    weight = (new * regions.feather(wanted == HAIR, FADE * pixel))[box]
    slow = _slow(drawn[box].astype(np.float32), new[box], SLOW * pixel)
    mine, its = ((each.mean(axis=0) + DARK)[None] for each in (photo[core], drawn[new]))
    if dyed:
        # Fair hair shines less, in proportion, than the dark hair it was.
        laid *= min(float((luma(mine) / luma(its))[0]) ** 0.5, 1)
    else:
        slow *= (mine / its) ** OWN_COLOUR
    combed = drawn[box] + weight[:, :, None] * (slow * (1 + laid[:, :, None]) - drawn[box])
    result = drawn.copy()
    result[box] = np.clip(np.rint(combed), 0, 255).astype(np.uint8)
    return result


def _strands(photo: Pixels, own: Region, sigma: float) -> Floats:
    """By which share each pixel of the hair is brighter than what is around it, float32 (S, S); 0
    elsewhere."""
    bright = luma(photo) + DARK
    around = _slow(bright[:, :, None], own, sigma)[:, :, 0]
    share = np.where(own, bright / np.maximum(around, DARK) - 1, 0)
    # A parting or a slide among the hair would be seen again and again.
    limit = STRONGEST * float(share[own].std())
    return np.clip(share, -limit, limit).astype(np.float32)


def _slow(planes: Floats, region: Region, sigma: float) -> Floats:
    """Planes (S, S, C) blurred within a region."""
    mask = region[:, :, None].astype(np.float32)
    blurred: Floats = gaussian(planes * mask, sigma) / np.maximum(gaussian(mask, sigma), 1e-3)
    return blurred


@dataclass(frozen=True, eq=False)
class _Directions:
    """Angles of strands per cell of a grid, (n, n) in radians from the row's direction."""

    seen: Floats
    """In the photo, where it has hair."""
    asked: Floats
    """In the wanted hair."""


def _directions(photo: Pixels, core: Region, wanted: Labels) -> _Directions:
    grid = Grid(photo.shape[0])
    down, across = (core * each for each in np.gradient(luma(photo)))
    # Across the strands brightness changes most.
    even = box_sums(grid.sums(down * down) - grid.sums(across * across))
    odd = -2 * box_sums(grid.sums(down * across))
    power = box_sums(grid.sums(down * down + across * across))
    seen = np.stack([even, odd], axis=2) / np.maximum(power, 1e-3)[:, :, None]
    inside = grid.sums(core) > grid.cell**2 / 2
    share = box_sums(grid.sums(wanted == HAIR))
    rise = np.gradient(box_sums(share))
    even, odd = rise[0] ** 2 - rise[1] ** 2, -2 * rise[0] * rise[1]
    along = np.stack([even, odd], axis=2) / np.maximum(np.hypot(even, odd), 1e-3)[:, :, None]
    rim = (share > 0) & (box_sums(grid.sums(member(wanted, BEHIND))) > 0) & ~inside
    values = np.where(rim[:, :, None], along, seen).astype(np.float32)
    known = inside | rim
    field = harmonic(np.where(known[:, :, None], values, 0), known)
    return _Directions(_angle(seen), _angle(field))


def _angle(doubled: Floats) -> Floats:
    """(n, n, 2) -> angles (n, n), -pi/2 to pi/2."""
    return np.asarray(np.arctan2(doubled[:, :, 1], doubled[:, :, 0]) / 2)


def _laid(
    strands: Floats, own: Region, core: Region, new: Region, directions: _Directions, pixel: float
) -> Floats:
    """Patches of strands laid over new hair, float32 (S, S): a mean that keeps their contrast."""
    half = max(round(PATCH * pixel / 2), 2)
    side, grid = 2 * half, Grid(new.shape[0])
    centers = _centers(new, half)
    sources = np.argwhere(core)
    seen = directions.seen.ravel()[grid.place(sources[:, ::-1])]
    asked = directions.asked.ravel()[grid.place(centers[:, ::-1])]
    window = np.hanning(side + 2)[1:-1].astype(np.float32)
    window = np.outer(window, window)
    planes = [Image.fromarray(each.astype(np.float32)) for each in (strands, own)]
    total, squares = np.zeros((2, new.shape[0] + 2 * side, new.shape[1] + 2 * side), np.float32)
    for center, angle in zip(centers, asked.tolist(), strict=True):
        # The same choice for the same patch, whatever else is new: films would flicker.
        rng = np.random.default_rng(center // half + 1)
        chosen = (rng.random(CHOICES) * len(sources)).astype(np.intp)
        turns = seen[chosen] - angle
        away = np.hypot(*(sources[chosen] - center).T) / new.shape[0]
        best = int(np.argmin(away + TURNING * np.abs(np.sin(turns))))
        turn, (row, column) = float(turns[best]), sources[chosen[best]].tolist()
        cos, sin = math.cos(turn), math.sin(turn)
        # Pillow asks where a pixel's corner comes from.
        x, y = column - half * (cos - sin) + 0.5, row - half * (sin + cos) + 0.5
        found = [
            np.asarray(each.transform((side, side), AFFINE, (cos, -sin, x, sin, cos, y), LINEAR))
            for each in planes
        ]
        weight = window * found[1]
        top, left = (center + side - half).tolist()
        part = (slice(top, top + side), slice(left, left + side))
        total[part] += weight * found[0]
        squares[part] += weight * weight
    laid: Floats = total / np.sqrt(np.maximum(squares, 1e-3))
    return laid[side:-side, side:-side]


def _centers(new: Region, half: int) -> NDArray[np.intp]:
    """Rows and columns (N, 2) of the patches that touch new hair."""
    box = regions.bounding_box(new)
    assert box is not None, "there is no new hair"
    lines = [np.arange(each.start // half, -(-each.stop // half) + 1) * half for each in box]
    near = np.pad(new, half)
    found = [
        (row, column)
        for row in lines[0].tolist()
        for column in lines[1].tolist()
        if near[row : row + 2 * half, column : column + 2 * half].any()
    ]
    return np.asarray(found, np.intp)
