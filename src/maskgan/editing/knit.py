"""Knitted wool, seen from its right side: columns of stitches, each the shape of a V.

Wool is the one cloth that fits whatever outline somebody paints: it is worn as cap, hood, scarf and
collar, and clings to what is in it. Columns run up around what the wool is wrapped around, close
together where it turns away; a cap narrows towards its top, and above its hem it is turned up.
What is made here is a factor on brightness. Lengths are in pixels of a crop of `FRAME`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import block_means, gaussian, smoothstep
from maskgan.editing.blob import averaged
from maskgan.editing.regions import Box, Region
from maskgan.editing.texture import FRAME

COARSE, FINE = (9.0, 7.0), (5.0, 4.5)
"""How wide and how high a stitch is, of a cap and of other clothes."""
SLANT = 1.1
"""How much higher the arms of a stitch are outside than in its middle, in heights of a stitch over
its width."""
ARM, GAP, MIDDLE = 0.22, 0.30, 0.12
"""How much darker it is between stitches above each other, between columns, and between the arms
of a stitch."""
FLAT = 0.5
"""How deep fine stitches are, over coarse ones."""
UNEVEN = 0.05
"""Standard deviation of how bright stitches are."""
FUZZ = 0.03
"""Standard deviation of the hairs that stand off."""
CUFF, TALL = 48.0, 1.8
"""How high the turned-up hem of a cap is, and how many times as high a cap is that has one."""
FOLD, SHADE = (0.45, 7.0), (0.10, 25.0)
"""How much darker it is right above the cuff, and within which distance; twice."""
BULGE, EDGE = (0.06, 10.0), (0.25, 2.0)
"""How much brighter the cuff's upper edge is, and how much darker its outermost line, likewise."""
HEM, UNDER = 6.0, 0.6
"""How far from the hem the wool turns under, and what is left of its brightness there."""
SAG = 14.0
"""How much lower wool around a neck hangs in its middle."""
SMOOTH = 12.0
"""Rows or columns over which outlines are averaged, to each side."""
SINGLE = 61
"""Stitches after which what is uneven repeats."""
SOFT = 0.6
"""Standard deviation of the blur of a photo's own pixels."""

Floats = NDArray[np.floating[Any]]


def cap(worn: Region, head: Region, box: Box) -> Floats:
    """The shade float32 (h, w) of a cap bool (S, S) in a box that has all of it; about 1. head:
    bool (S, S), what the cap is turned up above; a hood that falls over shoulders is not."""
    pixel, worn, head = worn.shape[0] / FRAME, worn[box], head[box]
    around, wide = _wrapped(worn, pixel)
    columns = np.flatnonzero(worn.any(axis=0))
    upper = np.argmax(worn, axis=0)
    lower = worn.shape[0] - 1 - np.argmax(worn[::-1], axis=0)
    hem = _even(columns, lower[columns], worn.shape[1], pixel)
    up = (hem - np.arange(worn.shape[0])[:, None]) / pixel
    shade = _stitched(around, up, wide / pixel, COARSE, 1.0)
    below = head[np.minimum(lower + 1, worn.shape[0] - 1), np.arange(worn.shape[1])]
    turned_up = _even(columns, below[columns].astype(np.intp), worn.shape[1], pixel)
    if np.quantile((lower - upper)[columns], 0.8) > TALL * CUFF * pixel:
        above = up - CUFF
        fold = 1 - sum(deep * np.exp(-above.clip(0) / far) for deep, far in (FOLD, SHADE))
        bulge = 1 + BULGE[0] * np.exp(above.clip(None, 0) / BULGE[1])
        bulge -= EDGE[0] * np.exp(-np.square(above / EDGE[1]))
        shade *= 1 + turned_up * (np.where(above > 0, fold, bulge) - 1)
    shade *= UNDER + (1 - UNDER) * smoothstep(up / HEM)
    return _photographed(shade, box, pixel)


def collar(worn: Region, box: Box) -> Floats:
    """The same of wool around a neck, or anything else."""
    pixel, worn = worn.shape[0] / FRAME, worn[box]
    around, wide = _wrapped(worn, pixel)
    rows = np.arange(box[0].start, box[0].stop)[:, None] / pixel
    up = SAG * np.cos(around) - rows
    return _photographed(_stitched(around, up, wide / pixel, FINE, FLAT), box, pixel)


def _wrapped(worn: Region, pixel: float) -> tuple[Floats, float]:
    """Where around what is in it each pixel lies, angles (h, w) from -pi/2 to pi/2 as of a
    cylinder seen from the front, and half the width of its widest rows."""
    rows = np.flatnonzero(worn.any(axis=1))
    first = np.argmax(worn, axis=1)[rows]
    last = worn.shape[1] - 1 - np.argmax(worn[:, ::-1], axis=1)[rows]
    left, right = (_even(rows, each, worn.shape[0], pixel) for each in (first, last))
    middle, half = ((right + left) / 2)[:, None], np.maximum((right - left) / 2 + 1, 1)[:, None]
    place = (np.arange(worn.shape[1]) - middle) / half
    angles: Floats = np.arcsin(np.clip(place, -1, 1))
    return angles, float(np.quantile((last - first) / 2 + 1, 0.8))


def _even(at: NDArray[np.intp], values: NDArray[np.intp], count: int, pixel: float) -> Floats:
    """Values known at some of `count` places, for all of them and without their steps."""
    known = np.interp(np.arange(count), at, values)
    return averaged(known, 2 * round(SMOOTH * pixel) + 1)


def _stitched(
    around: Floats, up: Floats, wide: float, stitch: tuple[float, float], deep: float
) -> Floats:
    """The shade (h, w) of stitches. around: as `_wrapped` has it; up: how far up (h, w); wide: half
    the width of the widest rows; deep: how much of their depth stitches have."""
    count = max(round(math.pi * wide / stitch[0]), 1)
    column = around / math.pi * count
    across = column - np.floor(column)
    along = up / stitch[1] + SLANT * np.abs(across - 0.5)
    arm = np.square(0.5 + 0.5 * np.cos(2 * math.pi * along))
    gap = np.exp(-np.square(np.minimum(across, 1 - across) / 0.12))
    middle = np.exp(-np.square((across - 0.5) / 0.07))
    place = np.floor(along).astype(np.intp), np.floor(2 * column).astype(np.intp)
    single = _singles()[place[0] % SINGLE, place[1] % SINGLE]
    shade = UNEVEN * single - ARM * arm - GAP * gap - MIDDLE * middle
    # What turns away shows no single stitches.
    shade *= deep * np.clip(1.6 * np.cos(around), 0, 1)
    stitched: Floats = 1 + shade
    return stitched


def _photographed(shade: Floats, box: Box, pixel: float) -> Floats:
    fuzzy = shade.astype(np.float32) + _fuzz(round(FRAME * pixel))[box]
    return gaussian(fuzzy, SOFT * pixel)


@lru_cache(maxsize=1)
def _singles() -> Floats:
    singles = np.random.default_rng(0).standard_normal((SINGLE, SINGLE), np.float32)
    singles.flags.writeable = False
    return singles


@lru_cache(maxsize=2)
def _fuzz(size: int) -> Floats:
    """Noise float32 (size, size), the same for every edit; that of a preview is the picture's."""
    if size < FRAME and FRAME % size == 0:
        fuzz = block_means(_fuzz(FRAME), FRAME // size)
    else:
        noise = np.random.default_rng(1).standard_normal((size, size), np.float32)
        fuzz = gaussian(noise, 0.8 * size / FRAME)
        fuzz *= np.float32(FUZZ / fuzz.std())
    fuzz.flags.writeable = False
    return fuzz
