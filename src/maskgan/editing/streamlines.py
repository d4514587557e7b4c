"""Strands of nobody's hair: noise that is smeared along a field of directions.

White noise is averaged along the field's lines (line integral convolution: Cabral and Leedom,
"Imaging Vector Fields Using Line Integral Convolution", SIGGRAPH 1993), which leaves streaks that
run as the field does. Noise of three widths together looks like hair: single strands, locks, and
the shades of a head. Knows no labels and no photo.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import block_means, gaussian
from maskgan.editing import regions
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME

WIDTHS = (0.0, 1.2, 4.0)
"""Standard deviations of the filters that make the noise coarse, in pixels of a crop of `FRAME`."""
SHARES = (0.52, 0.57, 0.63)
"""Standard deviations of the three in a texture of 1."""
LENGTH = 64
"""Of a streak, in pixels of a crop of `FRAME`; a power of two in those of any crop."""
PARTING = 0.4
"""Cosine of the angle to the way from the source up to where lines to both sides mix."""

Floats = NDArray[np.floating[Any]]


def streaks(field: Floats, region: Region, source: tuple[float, float]) -> Floats:
    """A texture of standard deviation about 1 along a field, float32 (S, S), 0 outside a region.

    field: (S, S, 2), doubled angles (cos 2a, sin 2a), because a line has no beginning; region: bool
    (S, S); source: row and column that all lines lead away from, as hair from a crown.
    """
    size = region.shape[0]
    texture = np.zeros(region.shape, np.float32)
    box = regions.bounding_box(region)
    if box is None:
        return texture
    length = _length(size)
    # Lines go on beyond the picture, as its border does.
    rows, columns = (np.arange(each.start - length, each.stop + length) for each in box)
    ids = rows.clip(0, size - 1)[:, None], columns.clip(0, size - 1)
    angle = np.arctan2(field[..., 1][ids], field[..., 0][ids]) / 2
    down, right = rows[:, None] - source[0], columns - source[1]
    far = np.maximum(np.hypot(down, right), 1)
    down, right = down / far, right / far
    lines = np.dstack([np.sin(angle), np.cos(angle)]).astype(np.float32)
    away = lines[..., 0] * down + lines[..., 1] * right
    around = lines[..., 1] * down - lines[..., 0] * right
    wide = tuple(slice(each.start, each.stop + 2 * length) for each in box)
    noise = _noise(size)[wide]
    inner = (slice(length, -length),) * 2
    drawn = _smeared(_turned(lines, away), noise, size)[inner]
    # Where lines part, they go over into those that lead to the other side.
    parting = np.clip(1 - np.abs(away[inner]) / PARTING, 0, 1) * region[box]
    part = regions.bounding_box(parting > 0)
    if part is not None:
        beyond = tuple(slice(each.start, each.stop + 2 * length) for each in part)
        ways = _turned(lines[beyond], around[beyond])
        sides = [_smeared(each, noise[beyond], size)[inner] for each in (ways, -ways)]
        same = (away * around)[inner][part] > 0
        share = parting[part].astype(np.float32)
        other = np.where(same, sides[1], sides[0])
        drawn[part] = (drawn[part] + share * other) / np.sqrt(1 + share**2)
    texture[box] = drawn
    return texture * region


def _turned(lines: Floats, along: Floats) -> Floats:
    """Lines (h, w, 2) pointing where `along` (h, w), their part in some direction, is positive."""
    turned: Floats = lines * np.where(along < 0, np.float32(-1), np.float32(1))[:, :, None]
    return turned


def _length(size: int) -> int:
    """Of a streak in pixels of a crop of `size`."""
    return 1 << max(round(math.log2(LENGTH * size / FRAME)), 1)


def _smeared(lines: Floats, noise: Floats, size: int) -> Floats:
    """Noise (h, w, 3) of a crop of `size` averaged along oriented lines (h, w, 2), rows before
    columns, its widths added up: (h, w)."""
    height, width = lines.shape[:2]
    # Of every pixel how far its streak goes, and what noise there is on the way.
    ways = np.dstack([lines, noise]).reshape(height * width, -1)
    row, column = (each.ravel().astype(np.float32) for each in np.indices((height, width)))
    for _ in range(_length(size).bit_length() - 1):
        # The second half of a streak is the first half of the one that begins where that ends.
        ends = np.rint(row + ways[:, 0]).clip(0, height - 1).astype(np.int32)
        ends *= width
        ends += np.rint(column + ways[:, 1]).clip(0, width - 1).astype(np.int32)
        ways += ways.take(ends, axis=0)
    weights = np.asarray(SHARES, np.float32) / _strength(size)
    smeared: Floats = (ways[:, 2:] @ weights).reshape(height, width)
    return smeared


@lru_cache(maxsize=2)
def _noise(size: int) -> Floats:
    """Noise of the three widths, the same for every edit, with the length of a streak around a
    crop: float32 (size + 2 length, size + 2 length, 3)."""
    if size < FRAME and FRAME % size == 0:
        # A preview shows the strands that the picture will have.
        means = block_means(_noise(FRAME), FRAME // size)
        means.flags.writeable = False
        return means
    side = size + 2 * _length(size)
    noise = np.random.default_rng(0).standard_normal((side, side, len(WIDTHS)), np.float32)
    for index, width in enumerate(WIDTHS):
        noise[:, :, index] = gaussian(noise[:, :, index], width * size / FRAME)
    noise.flags.writeable = False
    return noise


@lru_cache(maxsize=2)
def _strength(size: int) -> Floats:
    """The standard deviations (3,) of sums along a straight streak."""
    length = _length(size)
    sums = _noise(size).cumsum(axis=0)
    strength: Floats = (sums[length:] - sums[:-length]).std(axis=(0, 1))
    return strength
