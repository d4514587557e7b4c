"""Affine maps of points and of a part alone.

A part alone is uint8 (H, W): its classes where it is, `ABSENT` elsewhere. A point is (x, y) with
whole numbers at pixel centres. Knows no classes by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.shapes import Point
from maskgan.errors import LabelsError
from maskgan.labels import Labels

Matrix = NDArray[np.float64]
"""Affine map (2, 3) of points: new = matrix[:, :2] @ old + matrix[:, 2]."""

ABSENT = 255
"""In a map of one part alone: a pixel outside the part."""
TIE = 1e-6
"""Pixels by which sampling is offset, so that a shift by half a pixel keeps a part's width."""


def matrix(
    linear: Matrix | None = None,
    about: Point = (0.0, 0.0),
    shift: Sequence[float] = (0.0, 0.0),
) -> Matrix:
    """The map (2, 3) that applies `linear` (2, 2) about a point, then shifts."""
    linear = np.eye(2) if linear is None else linear
    offset = np.asarray(about) - linear @ np.asarray(about) + np.asarray(shift)
    return np.concatenate([linear, offset[:, None]], axis=1)


def check(matrix: Matrix) -> Matrix:
    """The same map as float64; raises `LabelsError` when it is not finite or cannot be undone."""
    values = np.asarray(matrix, np.float64)
    if values.shape != (2, 3) or not (np.abs(values) <= 1e6).all():
        raise LabelsError(f"The affine map is {matrix}; expected a finite matrix of shape (2, 3).")
    if abs(np.linalg.det(values[:, :2])) < 1e-6:
        raise LabelsError(
            "The affine map flattens the part to nothing; expected one that can be undone."
        )
    return values


def warp(alone: Labels, matrix: Matrix) -> Labels:
    """A part alone, moved by an affine map of points. Each class is sampled bilinearly; a pixel
    belongs to the part when at least half of it does, and to its heaviest class. A part that the
    picture's border cuts goes on beyond it as it is at the border."""
    moved = np.full_like(alone, ABSENT)
    box = regions.bounding_box(alone != ABSENT)
    if box is None:
        return moved
    height, width = alone.shape
    rows, columns = box
    cut = (rows.start == 0, rows.stop == height, columns.start == 0, columns.stop == width)
    up, down, left, right = (4 * max(height, width) if side else 1 for side in cut)
    corners = np.array(
        [
            (x, y, 1)
            for x in (columns.start - left, columns.stop - 1 + right)
            for y in (rows.start - up, rows.stop - 1 + down)
        ]
    )
    reached = matrix @ corners.T
    low = np.clip(np.floor(reached.min(axis=1)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(reached.max(axis=1)) + 1, 0, (width, height)).astype(int)
    inverse = np.linalg.inv(matrix[:, :2])
    x = np.arange(low[0], high[0])[None] - matrix[0, 2]
    y = np.arange(low[1], high[1])[:, None] - matrix[1, 2]
    # Position in the cropped part, which has a border of one pixel, empty where nothing is cut.
    from_x = inverse[0, 0] * x + inverse[0, 1] * y - columns.start + 1 + TIE
    from_y = inverse[1, 0] * x + inverse[1, 1] * y - rows.start + 1 + TIE
    crop = np.pad(alone[box], 1, mode="edge")
    for edge, kept in zip((crop[0], crop[-1], crop[:, 0], crop[:, -1]), cut, strict=True):
        if not kept:
            edge[...] = ABSENT
    column = np.clip(np.floor(from_x).astype(int), 0, crop.shape[1] - 2)
    row = np.clip(np.floor(from_y).astype(int), 0, crop.shape[0] - 2)
    across = np.clip(from_x - column, 0, 1)
    along = np.clip(from_y - row, 0, 1)
    shares = (
        (crop[row, column], (1 - along) * (1 - across)),
        (crop[row, column + 1], (1 - along) * across),
        (crop[row + 1, column], along * (1 - across)),
        (crop[row + 1, column + 1], along * across),
    )
    ids = [index for index in np.unique(crop).tolist() if index != ABSENT]
    weights = np.stack([sum(share * (corner == i) for corner, share in shares) for i in ids])
    heaviest = np.asarray(ids, np.uint8)[np.argmax(weights, axis=0)]
    inside = weights.sum(axis=0) >= 0.5
    moved[low[1] : high[1], low[0] : high[0]] = np.where(inside, heaviest, ABSENT)
    return moved
