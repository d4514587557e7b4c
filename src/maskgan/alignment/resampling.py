"""Values of pictures between their pixels: at given points, or on the grid of another picture.

Pixel centres are at whole numbers, as in `similarity`; beyond the border the border's values
repeat. Knows no faces.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from maskgan.alignment.filters import Planes, Region
from maskgan.images import Pixels

CUBIC = Image.Resampling.BICUBIC
LINEAR = Image.Resampling.BILINEAR


def gather(picture: Planes | Pixels, x: Planes, y: Planes, cubic: bool = False) -> Planes:
    """Values float32 (N,) or (N, C) of a picture (H, W) or (H, W, C) at points x, y (N,): bilinear,
    or by Catmull-Rom's cubic."""
    height, width = picture.shape[:2]
    flat = picture.reshape(height * width, *picture.shape[2:])
    column, row = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    weights = _cubic_weights if cubic else _linear_weights
    across, along = weights((x - column).astype(np.float32)), weights((y - row).astype(np.float32))
    first = -1 if cubic else 0
    columns = [np.clip(column + first + i, 0, width - 1) for i in range(len(across))]
    total = np.zeros((x.size, *picture.shape[2:]), np.float32)
    for j, vertical in enumerate(along):
        start = np.clip(row + first + j, 0, height - 1) * width
        for i, horizontal in enumerate(across):
            weight = vertical * horizontal
            total += flat[start + columns[i]] * (weight if total.ndim == 1 else weight[:, None])
    return total


def gather_dense(picture: Pixels, x: Planes, y: Planes, times: int = 2) -> Planes:
    """Values float32 (N, 3) of a picture uint8 (H, W, 3) at points x, y (N,) within it, bilinear in
    the picture enlarged so many times: with twice nearly as good as `gather`'s cubic, and much
    faster where points are about as many as pixels."""
    if not x.size:
        return np.zeros((0, 3), np.float32)
    # Only the part that is asked for, with as much around it as the filter reaches.
    left, top = (max(int(place.min()) - 4, 0) for place in (x, y))
    picture = picture[top : int(y.max()) + 6, left : int(x.max()) + 6]
    x, y = x - np.float32(left), y - np.float32(top)
    height, width = times * picture.shape[0], times * picture.shape[1]
    large = Image.fromarray(picture).resize((width, height), CUBIC)
    # Four bytes a pixel are fetched as one number.
    packed = np.asarray(large.convert("RGBX")).view(np.uint32).ravel()
    middle = np.float32((times - 1) / 2)
    across, along = (
        np.clip(times * place + middle, 0, size - 1.001).astype(np.float32)
        for place, size in ((x, width), (y, height))
    )
    column, row = across.astype(np.int32), along.astype(np.int32)
    across, along = across - column, along - row
    place = row * width + column
    total = np.zeros((x.size, 4), np.float32)
    for step, weight in (
        (0, (1 - along) * (1 - across)),
        (1, (1 - along) * across),
        (width, along * (1 - across)),
        (width + 1, along * across),
    ):
        values = packed[place + step].view(np.uint8).reshape(-1, 4)
        total += values * weight.astype(np.float32)[:, None]
    return total[:, :3]


def gather_cells(
    picture: Pixels, tile: tuple[slice, slice], offset: Planes, where: Region, cell: int
) -> Planes:
    """A rectangle of a picture uint8 (H, W, 3) as seen `offset` (h, w, 2) pixels (x, y) away,
    cubic, float32 (h, w, 3); much faster than `gather` where offsets change slowly.

    tile: rows and columns. Inside cells of `cell` pixels the offset is bilinear between corners.
    where: bool (h, w); cells without a True pixel are left black.
    """
    height, width = offset.shape[:2]
    rows = np.minimum(np.arange(0, height + cell, cell), height)
    columns = np.minimum(np.arange(0, width + cell, cell), width)
    nodes = offset[np.minimum(rows, height - 1)[:, None], np.minimum(columns, width - 1)]
    reach = int(np.abs(nodes).max()) + 4
    around = [
        np.clip(np.arange(part.start - reach, part.stop + reach), 0, size - 1)
        for part, size in zip(tile, picture.shape, strict=False)
    ]
    source = Image.fromarray(picture[around[0][:, None], around[1]])
    corners = nodes + reach
    corners[:, :, 0] += columns
    corners[:, :, 1] += rows[:, None]
    mesh = []
    for i, (top, bottom) in enumerate(itertools.pairwise(rows.tolist())):
        for j, (left, right) in enumerate(itertools.pairwise(columns.tolist())):
            if where[top:bottom, left:right].any():
                quad = corners[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]]
                mesh.append(((left, top, right, bottom), tuple(quad.ravel().tolist())))
    moved = source.transform((width, height), Image.Transform.MESH, mesh, CUBIC)
    # Of whole numbers Pillow's transform cuts off the fractions: half a level on average.
    return np.asarray(moved, np.float32) + np.float32(0.5)


def warp(
    planes: Planes | Pixels,
    matrix: NDArray[np.float64],
    shape: tuple[int, int],
    filter: Image.Resampling = CUBIC,
) -> Planes:
    """The picture on another grid, float32 (height, width) or (height, width, C) for `shape`:
    pixel p of the result has the value at `matrix` (3, 3) times p. Not antialiased."""
    stack = planes[:, :, None] if planes.ndim == 2 else planes
    height, width = shape
    margin = 3
    # Pillow leaves black what is outside the picture, so the part that is needed gets a margin.
    corners = np.array([(x, y, 1) for x in (-1, width) for y in (-1, height)], np.float64)
    reached = corners @ matrix[:2].T
    low = np.floor(reached.min(axis=0)).astype(int) - margin
    high = np.ceil(reached.max(axis=0)).astype(int) + margin + 1
    rows = np.clip(np.arange(low[1], high[1]), 0, stack.shape[0] - 1)
    columns = np.clip(np.arange(low[0], high[0]), 0, stack.shape[1] - 1)
    part = stack[rows[:, None], columns[None]]
    # Pillow counts from pixel corners.
    shift = matrix[:2] @ np.array([-0.5, -0.5, 1]) + 0.5 - low
    data = (*matrix[0, :2], shift[0], *matrix[1, :2], shift[1])
    warped = np.empty((height, width, stack.shape[2]), np.float32)
    for channel in range(stack.shape[2]):
        plane = Image.fromarray(np.ascontiguousarray(part[:, :, channel], np.float32))
        moved = plane.transform((width, height), Image.Transform.AFFINE, data, filter)
        warped[:, :, channel] = np.asarray(moved)
    return warped[:, :, 0] if planes.ndim == 2 else warped


def shift(x: float, y: float) -> NDArray[np.float64]:
    """The map (3, 3) of points that adds (x, y)."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def resize(
    planes: Planes,
    size: tuple[int, int],
    filter: Image.Resampling = Image.Resampling.LANCZOS,
    part: tuple[float, float, float, float] | None = None,
) -> Planes:
    """float32 (H, W) or (H, W, C) -> (height, width) or (height, width, C), antialiased. `part` is
    the rectangle that is wanted: left, top, right and bottom in pixels from the upper left corner;
    None = all."""
    if part is None and planes.shape[:2] == size:
        return planes
    stack = planes[:, :, None] if planes.ndim == 2 else planes
    resized = np.empty((*size, stack.shape[2]), np.float32)
    for channel in range(stack.shape[2]):
        plane = Image.fromarray(np.ascontiguousarray(stack[:, :, channel], np.float32))
        resized[:, :, channel] = np.asarray(plane.resize(size[::-1], filter, part))
    return resized[:, :, 0] if planes.ndim == 2 else resized


def _linear_weights(t: Planes) -> tuple[Planes, ...]:
    return 1 - t, t


def _cubic_weights(t: Planes) -> tuple[Planes, ...]:
    squared = t * t
    cubed = squared * t
    return (
        (-cubed + 2 * squared - t) / 2,
        (3 * cubed - 5 * squared + 2) / 2,
        (-3 * cubed + 4 * squared + t) / 2,
        (cubed - squared) / 2,
    )
