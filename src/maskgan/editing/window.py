"""Where the generator works on a crop: at which scale, and on which part.

A small edit is rendered on the crop at the generator's detail size, and only the pixels around it;
an edit too large for that at a lower scale, down to the whole face at the generator's own size. The
network is local, so what lies beyond the margin hardly matters; windows start and end on its grid,
so that an edit that grows under the brush keeps the picture it had.
"""

from __future__ import annotations

from dataclasses import dataclass

from maskgan.bundle import STRIDE
from maskgan.editing import regions
from maskgan.editing.regions import Box, Region

MARGIN = 0.1875
"""Pixels around the region that the generator sees, as a share of its size (48 of 256)."""
LEAST = 0.5
"""Smallest side of a window, as a share of the generator's size: that of training crops."""


@dataclass(frozen=True)
class Window:
    """A part of a crop that was scaled to `side` x `side` pixels."""

    side: int
    """Side of the whole scaled crop in pixels."""
    box: Box
    """Rows and columns of the window in it; multiples of the graphs' stride."""


def around(region: Region, generator_size: int, detail_size: int) -> Window:
    """The window to render a region, bool (S, S) with a True pixel, in: at the largest of the sides
    `detail_size`, three quarters of it and so on at which it has no more pixels than a whole face
    of `generator_size`, never at more than S where that is larger than `generator_size`."""
    side = max(generator_size, min(detail_size, region.shape[0] // STRIDE * STRIDE))
    while side > generator_size:
        box = _box(region, side, generator_size)
        if _area(box) <= generator_size**2:
            return Window(side, box)
        side = max(generator_size, side * 3 // 4 // STRIDE * STRIDE)
    return Window(side, _box(region, side, generator_size))


def _area(box: Box) -> int:
    rows, columns = box
    return int((rows.stop - rows.start) * (columns.stop - columns.start))


def _box(region: Region, side: int, generator_size: int) -> Box:
    found = regions.bounding_box(region)
    assert found is not None, "an empty region has no window"
    margin, least = MARGIN * generator_size, LEAST * generator_size
    scale = side / region.shape[0]
    rows, columns = (_span(axis, scale, margin, least, side) for axis in found)
    return rows, columns


def _span(axis: slice, scale: float, margin: float, least: float, side: int) -> slice:
    """Pixels of one axis -> those of the window on the scaled crop, on the grid."""
    start, stop = axis.start * scale - margin, axis.stop * scale + margin
    missing = max(0.0, least - (stop - start)) / 2
    first = max(0, int((start - missing) // STRIDE) * STRIDE)
    last = min(side, -int(-(stop + missing) // STRIDE) * STRIDE)
    return slice(first, last)
