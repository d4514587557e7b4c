"""A coarse grid over a crop: counts of pixels, and fields of which cells know the values.

A field gives each cell values; pixels between the cells' centres have values between. Planes of
pixels are (H, W), those of cells (h, w). Knows no labels.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import block_sums
from maskgan.alignment.resampling import LINEAR, gather, resize
from maskgan.editing import regions
from maskgan.editing.regions import Box, Region

CELLS = 128
"""Most cells along a side."""
NARROWEST = 4
"""Least side of a cell in pixels: what is known along an outline is known to about a pixel."""

Floats = NDArray[np.floating[Any]]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Grid:
    """Cells over a part of (height, width) pixels of a crop."""

    shape: tuple[int, int]
    """Pixels of the part, (H, W)."""
    cell: int
    """Side of a cell in pixels; the last ones of a row or column may lack some."""

    @classmethod
    def over(cls, planes: NDArray[Any], side: int | None = None) -> Grid:
        """The grid over planes (H, W, ...) of a crop, or of a part of one of `side` pixels."""
        cell = max(NARROWEST, -(-(side or planes.shape[0]) // CELLS))
        return cls((planes.shape[0], planes.shape[1]), cell)

    def around(self, region: Region, margin: float) -> Box | None:
        """The smallest box of whole cells that has a region, bool (H, W), and `margin` pixels on
        each side of it as far as there are; None for an empty region. Cells of a part that begins
        there are the crop's own, so what is found does not tremble while an edit grows."""
        box = regions.bounding_box(region, math.ceil(margin))
        if box is None:
            return None
        rows, columns = (slice(each.start // self.cell * self.cell, each.stop) for each in box)
        return rows, columns

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of cells, (h, w)."""
        height, width = (-(-length // self.cell) for length in self.shape)
        return height, width

    def place(self, points: NDArray[Any]) -> NDArray[np.intp]:
        """The cells (N,) of points (N, 2), counted in reading order."""
        height, width = self.size
        column, row = (points // self.cell).astype(np.intp).T
        place: NDArray[np.intp] = row.clip(0, height - 1) * width + column.clip(0, width - 1)
        return place

    def sums(self, plane: Floats | Region) -> Floats:
        """The sum of a plane (H, W) over each cell, (h, w); of a region how many pixels it has."""
        kind = np.uint16 if plane.dtype == np.bool_ else np.float32
        sums: Floats = block_sums(plane.astype(kind), self.cell)
        return sums.astype(np.float32)

    def means(self, pixels: NDArray[Any], region: Region) -> tuple[Floats, Region]:
        """The mean colours (h, w, 3) of a region, bool (H, W), in the cells over pixels (H, W, 3),
        and the cells that it fills by more than half, bool (h, w)."""
        count = self.sums(region)
        sums = [self.sums(np.where(region, pixels[:, :, channel], 0)) for channel in range(3)]
        means: Floats = np.stack(sums, axis=2) / np.maximum(count, 1)[:, :, None]
        return means, count > self.cell**2 / 2

    def spread(self, cells: NDArray[T]) -> NDArray[T]:
        """Values per cell (h, w) -> per pixel (H, W)."""
        height, width = self.shape
        return cells.repeat(self.cell, axis=0).repeat(self.cell, axis=1)[:height, :width]

    def read(self, field: Floats, points: Floats) -> Floats:
        """The values (N, C) of a field (h, w, C) at points (N, 2), bilinear between cells."""
        x, y = ((points + 0.5) / self.cell - 0.5).astype(np.float32).T
        return gather(field, x, y)

    def drawn_out(self, ways: Floats) -> Floats:
        """How many times as long as before things have become in each cell (h, w), along the
        direction in which they are longest, when each pixel comes from where its way says, of a
        field (h, w, 2) of ways (x, y) to sources in pixels; infinite where they are turned over.
        What is known between cells counts for all of them."""
        right, down = (np.diff(ways, axis=axis) / self.cell for axis in (1, 0))
        right, down = (right[:-1] + right[1:]) / 2, (down[:, :-1] + down[:, 1:]) / 2
        right[:, :, 0] += 1
        down[:, :, 1] += 1
        area = right[:, :, 0] * down[:, :, 1] - right[:, :, 1] * down[:, :, 0]
        # Of the two singular values the sum of squares and the product are known.
        squares = (right**2 + down**2).sum(axis=2)
        apart = np.sqrt(np.maximum(squares**2 - 4 * area**2, 0))
        shortest = np.sqrt(np.maximum(squares - apart, 0) / 2)
        between = np.where(area > 0, 1 / np.maximum(shortest, 1e-6), np.inf)
        longest = np.ones(ways.shape[:2], np.float32)
        for corner in itertools.product((0, 1), repeat=2):
            part = tuple(
                slice(start, start + length)
                for start, length in zip(corner, between.shape, strict=True)
            )
            np.maximum(longest[part], between, out=longest[part])
        return longest

    def enlarged(self, field: Floats) -> Floats:
        """A field (h, w, C) -> its values at all pixels, float32 (H, W, C)."""
        height, width = self.shape
        return resize(field, self.shape, LINEAR, (0, 0, width / self.cell, height / self.cell))

    def pixels(self, cells: Box) -> Box:
        """Rows and columns of cells -> those of their pixels."""
        rows, columns = (
            slice(each.start * self.cell, min(each.stop * self.cell, length))
            for each, length in zip(cells, self.shape, strict=True)
        )
        return rows, columns


def longest(field: Floats) -> Floats:
    """The larger one of |x| and |y| (h, w) of a field (h, w, 2)."""
    longest: Floats = np.maximum(np.abs(field[:, :, 0]), np.abs(field[:, :, 1]))
    return longest


def box_sums(plane: Floats) -> Floats:
    """Sums over each cell (h, w) and its eight neighbours."""
    padded = np.pad(plane, 1)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    sums: Floats = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return sums
