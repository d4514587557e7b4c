"""Work on a part of a photo in squares, several at a time: memory follows the square.

numpy and Pillow leave the interpreter free in what takes time, so threads are enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from maskgan.alignment.filters import Region
from maskgan.alignment.similarity import Similarity, outer_box

Tile = tuple[slice, slice]
"""Rows and columns of a photo."""

SIDE = 384
"""Side of a tile in pixels."""
MAX_THREADS = 4


def on_tiles(
    work: Callable[[Tile], object], similarity: Similarity, region: Region, size: tuple[int, int]
) -> None:
    """Calls `work` for tiles of a photo of (height, width) that together cover a region of the
    crop, bool (S, S). Tiles do not overlap."""
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MAX_THREADS)) as pool:
        list(pool.map(work, _tiles(similarity, region, size)))


def _tiles(similarity: Similarity, region: Region, size: tuple[int, int]) -> Iterator[Tile]:
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return
    # One pixel more on each side, from corner to corner.
    left, right = columns[0] - 1.5, columns[-1] + 1.5
    top, bottom = rows[0] - 1.5, rows[-1] + 1.5
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    first_x, first_y, last_x, last_y = outer_box(similarity.backward(corners))
    last_x, last_y = min(last_x, size[1]), min(last_y, size[0])
    for y in range(max(first_y, 0), last_y, SIDE):
        for x in range(max(first_x, 0), last_x, SIDE):
            yield slice(y, min(y + SIDE, last_y)), slice(x, min(x + SIDE, last_x))
