"""A coarse grid over a crop: counts of pixels, and fields that are smooth between known values.

A field gives each cell values; pixels between the cells' centres have values between. n is the
number of cells along a side. Knows no labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.resampling import LINEAR, gather, resize
from maskgan.editing import regions
from maskgan.editing.regions import Box, Region

CELLS = 128
"""Most cells along a side."""
NARROWEST = 4
"""Least side of a cell in pixels: what is known along an outline is known to about a pixel."""
STEPS = 12
"""Means of neighbours taken at the finest resolution; twice as many at each coarser one."""
COARSEST = 4
"""Side of the coarsest resolution, in cells."""

Floats = NDArray[np.floating[Any]]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Grid:
    """Cells over a crop of `side` pixels a side."""

    side: int

    @property
    def size(self) -> int:
        """Cells along a side, n."""
        return min(CELLS, max(self.side // NARROWEST, COARSEST))

    @property
    def cell(self) -> float:
        """Side of a cell in pixels."""
        return self.side / self.size

    def place(self, points: NDArray[Any]) -> NDArray[np.intp]:
        """The cells (N,) of points (N, 2), counted in reading order."""
        column, row = np.clip(points // self.cell, 0, self.size - 1).astype(np.intp).T
        place: NDArray[np.intp] = row * self.size + column
        return place

    def sums(self, plane: Floats | Region) -> Floats:
        """The sum of a plane (S, S) over each cell, (n, n); of a region how many pixels it has."""
        starts = np.ceil(np.arange(self.size) * self.cell).astype(np.intp)
        kind = np.int32 if plane.dtype == np.bool_ else np.float32
        rows = np.add.reduceat(plane, starts, axis=0, dtype=kind)
        sums: Floats = np.add.reduceat(rows, starts, axis=1).astype(np.float32)
        return sums

    def spread(self, cells: NDArray[T]) -> NDArray[T]:
        """Values per cell (n, n) -> per pixel (S, S)."""
        index = (np.arange(self.side) // self.cell).astype(np.intp)
        return cells[index[:, None], index]

    def read(self, field: Floats, points: Floats) -> Floats:
        """The values (N, C) of a field (n, n, C) at points (N, 2), bilinear between cells."""
        x, y = ((points + 0.5) / self.cell - 0.5).astype(np.float32).T
        return gather(field, x, y)

    def steepness(self, field: Floats) -> Floats:
        """The greatest change (n, n) of a field (n, n, 2) towards a neighbour, per pixel."""
        steepest = np.zeros(field.shape[:2], np.float32)
        for axis in (0, 1):
            change = np.abs(np.diff(field, axis=axis)).max(axis=2) / self.cell
            for start in (0, 1):
                part = [slice(None)] * 2
                part[axis] = slice(start, start + change.shape[axis])
                np.maximum(steepest[tuple(part)], change, out=steepest[tuple(part)])
        return steepest

    def enlarged(self, field: Floats) -> tuple[Box, Floats]:
        """A field (n, n, 2) -> a box and the displacement of its pixels, float32 (h, w, 2); it is
        0 outside."""
        moved = self.spread(np.abs(field).max(axis=2) > 0)
        box = regions.bounding_box(moved, round(self.cell))
        if box is None:
            box = slice(0, 1), slice(0, 1)
        rows, columns = box
        edges = (columns.start, rows.start, columns.stop, rows.stop)
        part = tuple(edge / self.cell for edge in edges)
        extent = (rows.stop - rows.start, columns.stop - columns.start)
        return box, resize(field, extent, LINEAR, part)


def harmonic(values: Floats, known: Region) -> Floats:
    """Values float32 (h, w, C) that are `known`, bool (h, w), and between them the mean of the four
    neighbours each, to a good approximation."""
    height, width, channels = values.shape
    if min(height, width) <= COARSEST:
        weight = known[:, :, None].astype(np.float32)
        start = (weight * values).sum(axis=(0, 1)) / max(weight.sum(), 1)
    else:
        lines = np.arange(0, height, 2), np.arange(0, width, 2)
        weight, total = known[:, :, None].astype(np.float32), known[:, :, None] * values
        for axis in (0, 1):
            weight, total = (np.add.reduceat(each, lines[axis], axis) for each in (weight, total))
        coarse = harmonic(total / np.maximum(weight, 1), weight[:, :, 0] > 0)
        start = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    # With a line more on each side, which repeats the last one.
    bordered = np.empty((height + 2, width + 2, channels), np.float32)
    inner = bordered[1:-1, 1:-1]
    inner[:] = np.where(known[:, :, None], values, start)
    free, mean = ~known[:, :, None], np.empty_like(inner)
    for _ in range(STEPS if max(height, width) > CELLS // 2 else 2 * STEPS):
        bordered[[0, -1]], bordered[:, [0, -1]] = bordered[[1, -2]], bordered[:, [1, -2]]
        np.add(bordered[:-2, 1:-1], bordered[2:, 1:-1], out=mean)
        mean += bordered[1:-1, :-2]
        mean += bordered[1:-1, 2:]
        mean *= 0.25
        np.copyto(inner, mean, where=free)
    return inner.copy()


def box_sums(plane: Floats) -> Floats:
    """Sums over each cell (n, n) and its eight neighbours."""
    padded = np.pad(plane, 1)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    sums: Floats = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return sums
