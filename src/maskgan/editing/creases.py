"""Creases of skin: what is darker than the skin on both sides of it, and narrow.

Found by a closing of the brightness: the highest level near by, and the lowest of those. Edges of
shadows and beards are wider than any crease and stay.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing.regions import Region

SLOPES = (-1.0, -0.6, -0.3, 0.0, 0.3, 0.6, 1.0)
"""Slopes at which a line may run along the rows, in rows per column."""

Floats = NDArray[np.floating[Any]]


def creases(bright: Floats, skin: Region, width: float, blur: float, length: float = 0.0) -> Floats:
    """How much darker than the skin beside them creases at most `width` pixels wide are, in the
    unit of the brightness (h, w); 0 where there is no skin. What is finer than `blur` pixels, pores
    and stubble, is none, unless it goes on along the rows, more or less, for `length` pixels."""
    weight = skin.astype(np.float32)[:, :, None]
    level = gaussian(weight * bright[:, :, None], blur)[:, :, 0]
    level = level / np.maximum(gaussian(weight, blur)[:, :, 0], 1e-3)
    reach = max(round(width / 2), 1)
    closed = _highest(np.where(skin, level, -np.inf), reach)
    closed = -_highest(np.where(skin, -closed, -np.inf), reach)
    if length:
        level = np.minimum(level, _along(np.where(skin, bright, closed), round(length / 2)))
    # Skin beside a crease, into which it was blurred, is as bright as it shall be.
    depth: Floats = np.where(skin, np.clip(closed - bright, 0, closed - level), 0)
    return depth


def _along(values: Floats, reach: int) -> Floats:
    """The lowest mean (h, w) along lines of `reach` pixels to both sides, each at another slope."""
    lowest = np.full(values.shape, np.inf)
    padded = np.pad(values, reach, mode="edge")
    height, width = values.shape
    for slope in SLOPES:
        total = np.zeros(values.shape)
        for step in range(-reach, reach + 1):
            row, column = reach + round(slope * step), reach + step
            total += padded[row : row + height, column : column + width]
        lowest = np.minimum(lowest, total / (2 * reach + 1))
    return lowest


def _highest(values: Floats, reach: int) -> Floats:
    """The highest value (h, w) at most `reach` pixels away along both axes."""
    for axis in (0, 1):
        width = [(0, 0), (0, 0)]
        width[axis] = (reach, reach)
        padded = np.pad(values, width, constant_values=-np.inf)
        values = sliding_window_view(padded, 2 * reach + 1, axis).max(axis=-1)
    return values
