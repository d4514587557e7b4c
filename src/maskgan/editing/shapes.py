"""Discs, strokes and polygons as binary regions, rasterised exactly.

A point is (x, y) in pixels; pixel (row r, column c) has its centre at (c, r), so whole numbers are
pixel centres. A pixel belongs to a shape when its centre does. Coordinates and radii are rounded to
1/256 px; everything after that is integer arithmetic, so the same stroke gives the same pixels on
every machine. Knows no classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maskgan.errors import LabelsError

Region = NDArray[np.bool_]
Point = tuple[float, float]

SUBPIXELS = 256
"""Parts a pixel is divided into; coordinates are whole numbers of them."""
MAX_COORDINATE = 1_000_000
"""Largest coordinate or radius in pixels; keeps products of two inside 64 bits."""
MIN_RADIUS = 0.71
"""Radius in pixels of the thinnest brush: half a pixel's diagonal, so that no click paints nothing.
At a pixel centre it still covers one pixel only."""


def disc(shape: tuple[int, int], center: Point, radius: float) -> Region:
    """Bool (H, W): pixel centres at most `radius` from `center`; never empty when `center` is in
    the picture."""
    return stroke(shape, [center], radius)


def stroke(shape: tuple[int, int], points: Sequence[Point], radius: float) -> Region:
    """Bool (H, W): pixel centres at most `radius` from the line through `points`, round caps and
    joints. One point is a disc. Raises `LabelsError` without points or for bad numbers."""
    corners = _subpixels(points)
    if not len(corners):
        raise LabelsError("The stroke has no points; give at least one (x, y).")
    reach = _radius(radius)
    region = np.zeros(shape, np.bool_)
    starts = corners[:-1] if len(corners) > 1 else corners
    for start, end in zip(starts, corners[-len(starts) :], strict=True):
        _add_capsule(region, start, end, reach)
    return region


def polygon(shape: tuple[int, int], points: Sequence[Point]) -> Region:
    """Bool (H, W): pixel centres inside the closed polygon, by the nonzero rule (a lasso that
    crosses its own line has no holes).

    Centres exactly on an edge belong to the polygon on the right of or below the edge, so polygons
    that share an edge neither overlap nor leave a gap. Raises `LabelsError` for fewer than 3
    points.
    """
    corners = _subpixels(points)
    if len(corners) < 3:
        raise LabelsError(f"The polygon has {len(corners)} points; expected at least 3.")
    height, width = shape
    # Each edge adds its direction to every pixel on its right; the sum is the winding number.
    turns = np.zeros((height, width + 1), np.int32)
    for (x0, y0), (x1, y1) in zip(
        corners.tolist(), np.roll(corners, -1, axis=0).tolist(), strict=True
    ):
        if y0 == y1:
            continue
        direction = 1 if y1 > y0 else -1
        if direction < 0:
            x0, y0, x1, y1 = x1, y1, x0, y0
        rows = np.arange(max(_ceil(y0), 0), min(_ceil(y1), height), dtype=np.int64)
        across = x0 * (y1 - y0) + (rows * SUBPIXELS - y0) * (x1 - x0)
        columns = -(-across // ((y1 - y0) * SUBPIXELS))
        turns[rows, np.clip(columns, 0, width)] += direction
    inside: Region = np.cumsum(turns[:, :width], axis=1) != 0
    return inside


def _add_capsule(region: Region, start: NDArray[np.int64], end: NDArray[np.int64], r: int) -> None:
    """Sets the pixels whose centres are at most `r` from the segment; all in subpixels."""
    height, width = region.shape
    low, high = np.minimum(start, end) - r, np.maximum(start, end) + r
    left, right = max(_ceil(low[0]), 0), min(int(high[0]) // SUBPIXELS + 1, width)
    top, bottom = max(_ceil(low[1]), 0), min(int(high[1]) // SUBPIXELS + 1, height)
    if left >= right or top >= bottom:
        return
    x = np.arange(left, right, dtype=np.int64)[None] * SUBPIXELS - start[0]
    y = np.arange(top, bottom, dtype=np.int64)[:, None] * SUBPIXELS - start[1]
    dx, dy = (int(step) for step in end - start)
    length = dx * dx + dy * dy
    covered = (x * x + y * y <= r * r) | ((x - dx) ** 2 + (y - dy) ** 2 <= r * r)
    if length:
        along = x * dx + y * dy
        # |cross| <= r * sqrt(length), squared away in Python's big integers.
        beside = np.abs(x * dy - y * dx) <= math.isqrt(r * r * length)
        covered |= beside & (along >= 0) & (along <= length)
    region[top:bottom, left:right] |= covered


def _ceil(subpixels: int) -> int:
    """The first pixel at or after a coordinate."""
    return -(-int(subpixels) // SUBPIXELS)


def _radius(radius: float) -> int:
    if not 0 <= radius <= MAX_COORDINATE:
        raise LabelsError(
            f"The radius is {radius}; expected a number of pixels from 0 to {MAX_COORDINATE}."
        )
    return round(max(radius, MIN_RADIUS) * SUBPIXELS)


def _subpixels(points: ArrayLike) -> NDArray[np.int64]:
    """Points -> int64 (N, 2) in subpixels."""
    try:
        values = np.asarray(points, np.float64)
    except (TypeError, ValueError) as error:
        raise LabelsError("The points are not numbers; expected a list of (x, y).") from error
    if values.size == 0:
        return np.zeros((0, 2), np.int64)
    if values.ndim != 2 or values.shape[1] != 2:
        raise LabelsError(f"The points have shape {values.shape}; expected a list of (x, y).")
    if not np.all(np.abs(values) <= MAX_COORDINATE):
        raise LabelsError(
            f"A point lies further than {MAX_COORDINATE} px away or is not a number; expected "
            "pixel coordinates of the label map."
        )
    return np.rint(values * SUBPIXELS).astype(np.int64)
