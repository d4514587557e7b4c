"""Bending a part of a label map: where the face lies, where a part is, how it is put back.

A frame gives every pixel two coordinates in pixels along the face's own axes, so that a slider
works on a tilted face as on an upright one. A deformation says for each pixel of the new map where
it came from (inverse mapping, in floating point); `coverage` samples there. Knows classes only as
ids it is given, and the eyes and the mouth, which define the frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.affine import ABSENT
from maskgan.editing.layers import member, uncover
from maskgan.editing.regions import Box, Region
from maskgan.labels import Labels

Floats = NDArray[np.float32]

EYES = (0.4956, 0.4748)
"""(x, y) of the point midway between the eyes over the side, in the CelebA-HQ frame."""
EYE_DISTANCE = 0.2452
"""Distance between the eyes' centres over the side, in the CelebA-HQ frame."""
EYES_TO_MOUTH = 1.104
"""Distance from between the eyes to the mouth over the distance between the eyes."""
TURNED = 0.5
"""Share of a face's usual eye distance below which it is turned too far to tell its tilt."""


@dataclass(frozen=True)
class Frame:
    """Axes of a face or of one part: an origin, a direction across, and a length to measure by."""

    x: float
    y: float
    """Origin in pixels of the label map."""
    cos: float
    sin: float
    """Direction across, towards larger x: (cos, sin). Down is (-sin, cos)."""
    unit: float
    """A length in pixels: of a face, the distance between its eyes as seen from the front."""

    def inside(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Pixels of the label map -> pixels across and down from the origin."""
        dx, dy = x - np.float32(self.x), y - np.float32(self.y)
        cos, sin = np.float32(self.cos), np.float32(self.sin)
        return cos * dx + sin * dy, cos * dy - sin * dx

    def outside(self, across: Floats, down: Floats) -> tuple[Floats, Floats]:
        """The inverse of `inside`."""
        cos, sin = np.float32(self.cos), np.float32(self.sin)
        x = cos * across - sin * down + np.float32(self.x)
        y = sin * across + cos * down + np.float32(self.y)
        return x, y

    def grid(self, box: Box) -> tuple[Floats, Floats]:
        """Coordinates across and down of the pixels of a box, float32 (h, w) each."""
        rows, columns = box
        x = np.arange(columns.start, columns.stop, dtype=np.float32)[None]
        y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
        return self.inside(x, y)

    def moved(self, x: float, y: float, unit: float) -> Frame:
        """The same axes about another point (x, y) of the label map."""
        return Frame(x, y, self.cos, self.sin, unit)


def find(labels: Labels) -> Frame:
    """The frame of a face: its eyes give origin and tilt, eyes and mouth its size. What they do not
    tell is taken from the CelebA-HQ frame, so that there always is one."""
    height, width = labels.shape
    usual = EYE_DISTANCE * (height + width) / 2
    left, right, mouth = (_center(labels, ids) for ids in ((4,), (5,), (10, 11, 12)))
    if left is None or right is None:
        x, y = left or right or (EYES[0] * width, EYES[1] * height)
        return Frame(EYES[0] * width, y, 1.0, 0.0, usual)
    if left[0] < right[0]:  # annotated the other way round
        left, right = right, left
    x, y = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    apart = math.dist(left, right)
    # The eyes of a turned face are close together; its length stays.
    unit = apart if mouth is None else max(apart, math.dist((x, y), mouth) / EYES_TO_MOUTH)
    if apart < TURNED * unit:
        return Frame(x, y, 1.0, 0.0, unit)
    return Frame(x, y, (left[0] - right[0]) / apart, (left[1] - right[1]) / apart, unit)


def around(region: Region, margin: float) -> Box | None:
    """The box of a region and `margin` pixels about it; None when the region is empty."""
    return regions.bounding_box(region, math.ceil(margin) + 2)


def coverage(region: Region, x: Floats, y: Floats) -> Floats:
    """How much of a region (h, w) lies at the points (x, y), 0..1, between four pixels each; beyond
    its border the border's pixels repeat. float32 of the points' shape."""
    height, width = region.shape
    x = np.clip(x, 0, width - 1)
    y = np.clip(y, 0, height - 1)
    # int32 flat indices; the last row and column have no neighbour and weigh it with 0.
    column, row = x.astype(np.int32), y.astype(np.int32)
    across, along = x - column, y - row
    values = region.ravel().astype(np.float32)
    start = row * np.int32(width) + column
    right = np.minimum(column + 1, width - 1) - column
    below = (np.minimum(row + 1, height - 1) - row) * np.int32(width)
    upper = values[start] * (1 - across) + values[start + right] * across
    lower = values[start + below] * (1 - across) + values[start + below + right] * across
    covered: Floats = upper * (1 - along) + lower * along
    return covered


def places(across: Floats, low: int, high: int) -> NDArray[np.int32]:
    """Index of the nearest whole pixel across among `low`..`high`. Halves go up: rounded to even
    they would leave every other place of a map of odd size empty."""
    index = np.floor(across + np.float32(0.5)).astype(np.int32) - low
    inside: NDArray[np.int32] = np.clip(index, 0, high - low)
    return inside


def edges(across: Floats, down: Floats, low: int, high: int) -> tuple[Floats, Floats]:
    """Upper and lower edge of a set of pixels by their coordinates: for each whole pixel across
    from `low` to `high` the least and the greatest `down`, half a pixel further out. float32
    (high - low + 1,), NaN where there is nothing."""
    top = np.full(high - low + 1, np.inf, np.float32)
    bottom = np.full(high - low + 1, -np.inf, np.float32)
    column = places(across, low, high)
    np.minimum.at(top, column, down - np.float32(0.5))
    np.maximum.at(bottom, column, down + np.float32(0.5))
    empty = np.isinf(top)
    top[empty] = bottom[empty] = np.nan
    return top, bottom


def filled(values: Floats, reach: int = 0) -> Floats:
    """A curve with its gaps (NaN) bridged by straight lines and its ends drawn out, then averaged
    over `reach` neighbours on each side. All NaN: zeros."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros_like(values)
    index = np.arange(values.size)
    whole = np.interp(index, index[known], values[known])
    if reach:
        sums = np.cumsum(np.pad(whole, (reach + 1, reach), mode="edge"))
        whole = (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)
    return whole.astype(np.float32)


def put(labels: Labels, box: Box, moved: Labels, ids: Sequence[int], over: Sequence[int]) -> Labels:
    """Puts a part back that was bent within a box. New uint8 (H, W).

    `moved` uint8 (h, w) holds the part's classes `ids` where it is now and `ABSENT` elsewhere. It
    covers its old place and the classes `over`, nothing else; where it has gone, what lies
    underneath comes to light. Without any of `over` in the box the map stays as it is: there is no
    telling what is underneath.
    """
    result = labels.copy()
    crop = labels[box]
    free = member(crop, over)
    if not free.any():
        return result
    own = member(crop, ids)
    covered = (moved != ABSENT) & (own | free)
    view = uncover(crop, own & ~covered, hidden=own)
    view[covered] = moved[covered]
    result[box] = view
    return result


def _center(labels: Labels, ids: Sequence[int]) -> tuple[float, float] | None:
    """Mean (x, y) of the pixels of some classes."""
    region = member(labels, ids)
    box = regions.bounding_box(region)
    if box is None:
        return None
    part = region[box]
    rows, columns = part.sum(axis=1), part.sum(axis=0)
    x = columns @ np.arange(columns.size) / columns.sum()
    y = rows @ np.arange(rows.size) / rows.sum()
    return float(x + box[1].start), float(y + box[0].start)
