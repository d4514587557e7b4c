"""A photo bent as its crop was: every pixel comes from somewhere else, in the photo's resolution.

Nothing is rendered or resampled twice, so single hairs stay as fine as they were. Knows no labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment import border
from maskgan.alignment.filters import Planes, Region
from maskgan.alignment.resampling import LINEAR, gather_cells, shift, warp
from maskgan.alignment.similarity import Similarity
from maskgan.alignment.tiles import Tile, on_tiles
from maskgan.images import Pixels

CELL = 6.0
"""Side in crop pixels of the squares in which the displacement is linear."""
LEAST, MOST = 2, 32
"""Smallest and largest side of the squares in pixels of the photo."""
FADE = 2.5
"""Times the longest way over which ways fade towards the sides of a crop: more steeply the photo
would fold."""
STILL = 0.1
"""Crop pixels by which moving a pixel is not worth it."""


@dataclass(frozen=True, eq=False)
class Displacement:
    """Where the pixels of a crop come from."""

    box: Tile
    """Rows and columns of the crop; outside every pixel is where it was."""
    ways: Planes
    """float32 (h, w, 2): how many crop pixels to the right and down a pixel's source lies."""


def bend(photo: Pixels, similarity: Similarity, displacement: Displacement) -> Pixels:
    """A copy of a photo uint8 (H, W, 3) bent as its crop was; less and less towards those sides of
    the crop that lie in the photo."""
    result = photo.copy()
    rows, columns = displacement.box
    ways = faded(similarity, displacement, photo.shape[:2])
    region = np.zeros((similarity.side, similarity.side), np.bool_)
    region[rows, columns] = np.abs(ways).max(axis=2) > STILL
    to_photo = similarity.inverse[:2, :2].T.astype(np.float32)
    to_box = shift(-columns.start, -rows.start) @ similarity.matrix
    cell = int(np.clip(round(CELL / similarity.scale), LEAST, MOST))
    work = partial(_bend_tile, result, photo, ways @ to_photo, region[rows, columns], to_box, cell)
    on_tiles(work, similarity, region, photo.shape[:2])
    return result


def reach(displacement: Displacement, side: int) -> float:
    """Pixels from the sides of a crop of `side` pixels over which ways fade there."""
    return max(border.FRAME * side, FADE * float(np.abs(displacement.ways).max()))


def faded(similarity: Similarity, displacement: Displacement, size: tuple[int, int]) -> Planes:
    """The ways float32 (h, w, 2) that pixels of a displacement's box go in a photo (height, width):
    shorter towards those sides of the crop that lie in it."""
    rows, columns = displacement.box
    weight = border.weight(similarity, size, reach(displacement, similarity.side))
    ways: Planes = displacement.ways * weight[rows, columns, None]
    return ways


def _bend_tile(
    result: Pixels,
    photo: Pixels,
    ways: Planes,
    region: Region,
    to_box: NDArray[np.float64],
    cell: int,
    tile: Tile,
) -> None:
    """Bends one rectangle of the photo; `ways` are in its pixels, `to_box` leads to theirs."""
    height, width = (part.stop - part.start for part in tile)
    matrix = to_box @ shift(tile[1].start, tile[0].start)
    where = warp(region.astype(np.float32), matrix, (height, width), LINEAR) > 0
    where &= _within(matrix, (height, width), region.shape)
    if not where.any():
        return
    offset = warp(ways, matrix, (height, width), LINEAR)
    moved = np.clip(gather_cells(photo, tile, offset, where, cell), 0, 255).astype(np.uint8)
    np.copyto(result[tile], moved, where=where[:, :, None])


def _within(matrix: NDArray[np.float64], shape: tuple[int, int], size: tuple[int, int]) -> Region:
    """Which pixels of a rectangle lie in a box of (height, width), bool of `shape`."""
    x, y = np.arange(shape[1])[None], np.arange(shape[0])[:, None]
    across, along = (a * x + b * y + c for a, b, c in matrix[:2])
    inside: Region = (np.minimum(across, along) > -0.5) & (
        (across < size[1] - 0.5) & (along < size[0] - 0.5)
    )
    return inside
