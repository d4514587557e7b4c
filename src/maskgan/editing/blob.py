"""The largest piece of a feature, and where its columns begin and end: what is carried into another
shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.regions import Region
from maskgan.labels import Labels

LIKE = 0.75
"""Intersection over union of two blobs from which one has changed but a part."""
SMOOTH = 7
"""Pixels over which outlines are averaged, of a crop of 512 px: parsed ones have steps of a few
pixels."""

Floats = NDArray[np.floating[Any]]
Whole = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Blob:
    """The largest piece of a region."""

    mask: Region
    first: Region
    """What of it belongs to the first of its parts, which lies above the second."""
    area: int
    pixel: float
    """Pixels of this picture in one of a crop of 512 px."""

    @classmethod
    def of(cls, parts: Labels, pixel: float) -> Blob:
        """That of what is not 0 in a map uint8 (h, w) of parts, of which there is something."""
        region = parts > 0
        pieces = regions.components(region)
        sizes = np.bincount(pieces[region], minlength=1)
        mask = region & (pieces == np.argmax(sizes))
        return cls(mask, mask & (parts == 1), int(sizes.max()), pixel)

    @cached_property
    def box(self) -> tuple[float, float, int, int]:
        """x and y of the centre, width and height."""
        rows, columns = (np.flatnonzero(self.mask.any(axis=axis)) for axis in (1, 0))
        x, y = (float(each[0] + each[-1]) / 2 for each in (columns, rows))
        return x, y, int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1

    @cached_property
    def columns(self) -> tuple[Whole, Floats, Floats]:
        """Every column from the first to the last one, and its first and last row."""
        found = np.flatnonzero(self.mask.any(axis=0))
        part = self.mask[:, found]
        top = np.argmax(part, axis=0)
        bottom = self.mask.shape[0] - 1 - np.argmax(part[::-1], axis=0)
        every = np.arange(found[0], found[-1] + 1)
        width = round(SMOOTH * self.pixel)
        lines = [averaged(np.interp(every, found, line), width) for line in (top, bottom)]
        return every, lines[0], lines[1]

    def span(self, x: Floats | Whole) -> tuple[Floats, Floats]:
        """First and last row at x (N,)."""
        every, top, bottom = self.columns
        first = np.interp(x, every, top)
        return first, np.maximum(np.interp(x, every, bottom), first)

    def parting(self, x: Floats | Whole) -> Floats:
        """Last row at x (N,) of the first part; where there is none of it, the first row."""
        found = np.flatnonzero(self.first.any(axis=0))
        every, top, bottom = self.columns
        if not found.size:
            return np.asarray(np.interp(x, every, top))
        lowest = self.first.shape[0] - 1 - np.argmax(self.first[::-1, found], axis=0)
        line = averaged(np.interp(every, found, lowest), round(SMOOTH * self.pixel))
        return np.asarray(np.interp(x, every, np.clip(line, top, bottom)))

    def across(self, x: Floats | Whole, other: Blob) -> Floats:
        """The x (N,) in `other` at the same share of the way from corner to corner."""
        own, its = self.columns[0], other.columns[0]
        share = (x - own[0]) / max(int(own[-1] - own[0]), 1)
        return np.asarray(its[0] + share * (its[-1] - its[0]))

    def reaches(self, x: Floats, y: Floats) -> Region:
        """Whether it has the points, bool (N,)."""
        height, width = self.mask.shape
        row, column = np.rint(y).astype(np.intp), np.rint(x).astype(np.intp)
        inside = (np.minimum(row, column) >= 0) & (row < height) & (column < width)
        found: Region = self.mask[row.clip(0, height - 1), column.clip(0, width - 1)] & inside
        return found

    def unlike(self, other: Blob) -> float:
        """0 for the same shape, 1 for one that is much different."""
        union = int((self.mask | other.mask).sum())
        overlap = int((self.mask & other.mask).sum()) / union
        return min((1 - overlap) / (1 - LIKE), 1.0)


def averaged(line: Floats, width: int) -> Floats:
    """A line (N,) averaged over about `width` places, its ends repeated."""
    half = width // 2
    weights = np.full(2 * half + 1, 1 / (2 * half + 1))
    return np.convolve(np.pad(line, half, mode="edge"), weights, "valid")
