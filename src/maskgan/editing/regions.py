"""Binary regions: dilation, erosion, feathering, what changed, connected pieces, nearest class.

A region is bool (H, W), True = in it. Distances are Euclidean between pixel centres, in pixels.
Beyond the picture's border there is nothing: a border neither grows nor erodes a region. numpy
only, and fast enough to run on every stroke. Knows no classes by name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.errors import LabelsError
from maskgan.labels import Labels

Region = NDArray[np.bool_]
Box = tuple[slice, slice]

FAR = 1 << 30
RANK_BITS = 5
"""In `nearest` a key holds the squared distance above this many bits of class rank."""
FIRST_MARGIN = 12
"""Pixels around a region that `nearest` looks at first."""


def dilate(region: Region, radius: float) -> Region:
    """All pixels at most `radius` from a pixel of the region, bool (H, W)."""
    reach = _whole(radius)
    box = bounding_box(region, reach)
    grown = np.zeros_like(region)
    if box is None:
        return grown
    part, result = region[box], grown[box]
    tall, height = part.copy(), 0
    for step in range(reach, -1, -1):
        # A pixel is reached when, `step` columns aside, the region is near enough vertically.
        near = math.isqrt(math.floor(radius * radius - step * step + 1e-9))
        for gap in range(height + 1, near + 1):
            tall[gap:] |= part[:-gap]
            tall[:-gap] |= part[gap:]
        height = near
        for offset in {step, -step}:
            here, there = _shifted(part.shape[1], offset)
            result[:, here] |= tall[:, there]
    return grown


def erode(region: Region, radius: float) -> Region:
    """All pixels further than `radius` from every pixel outside the region, bool (H, W)."""
    kept = np.zeros_like(region)
    box = bounding_box(region, 1)
    if box is not None:
        kept[box] = ~dilate(~region[box], radius)
    return kept


def closed(region: Region, radius: float) -> Region:
    """The region with gaps that a disc of the radius does not fit into, bool (H, W)."""
    return erode(dilate(region, radius), radius)


def changed_region(old: Labels, new: Labels, radius: float) -> Region:
    """The pixels at most `radius` from one where two label maps (H, W) differ, bool (H, W). Raises
    `LabelsError` when their sizes differ."""
    if old.shape != new.shape:
        raise LabelsError(
            f"The new labels have shape {new.shape}, the old ones {old.shape}; expected the same."
        )
    return dilate(old != new, radius)


def feather(region: Region, radius: float) -> NDArray[np.float32]:
    """Blending weight float32 (H, W): exactly 0 outside the region, rising smoothly to exactly 1
    further than `radius` pixels inside its border. The picture's border is not a border."""
    alpha = region.astype(np.float32)
    reach = _whole(radius) + (radius > int(radius))
    box = bounding_box(region, 1)
    if reach < 1 or box is None:
        return alpha
    squared = _inner_squares(region[box], reach)
    t = np.minimum(np.sqrt(squared, dtype=np.float32) / np.float32(radius + 1), np.float32(1))
    alpha[box] = t * t * (3 - 2 * t)
    return alpha


def depth(region: Region, limit: int) -> NDArray[np.float32]:
    """Distance of each pixel of the region to the nearest one outside it, float32 (H, W): 0
    outside, exact up to `limit`, which it does not exceed. The picture's border is not an edge."""
    deep = np.zeros(region.shape, np.float32)
    box = bounding_box(region, 1)
    if box is not None:
        squared = _inner_squares(region[box], limit)
        deep[box] = np.minimum(np.sqrt(squared, dtype=np.float32), np.float32(limit))
    return deep


def disc_counts(region: Region, radius: float) -> NDArray[np.int32]:
    """For each pixel the number of pixels of the region at most `radius` away, int32 (H, W);
    beyond the border the border's pixels repeat."""
    reach = _whole(radius)
    height, width = region.shape
    sums = np.zeros((height + 2 * reach, width + 2 * reach + 1), np.int32)
    np.cumsum(np.pad(region, reach, mode="edge"), axis=1, out=sums[:, 1:])
    counts = np.zeros((height, width), np.int32)
    for step in range(-reach, reach + 1):
        half = math.isqrt(math.floor(radius * radius - step * step + 1e-9))
        rows = sums[reach + step : reach + step + height]
        counts += rows[:, reach + half + 1 : reach + half + 1 + width]
        counts -= rows[:, reach - half : reach - half + width]
    return counts


def components(values: NDArray[np.uint8] | Region) -> NDArray[np.int32]:
    """4-connected pieces of equal value -> int32 (H, W), numbered from 0 in reading order."""
    height, width = values.shape
    starts = np.ones((height, width), np.bool_)
    starts[:, 1:] = values[:, 1:] != values[:, :-1]
    # Pixels of a row with equal value are one run; runs that touch vertically are joined.
    runs = (np.cumsum(starts.ravel(), dtype=np.int32) - 1).reshape(height, width)
    joined = (values[1:] == values[:-1]) & (starts[1:] | starts[:-1])
    upper, lower = runs[:-1][joined], runs[1:][joined]
    parent = np.arange(int(runs[-1, -1]) + 1, dtype=np.int32)
    while True:
        first, second = parent[upper], parent[lower]
        open_edges = first != second
        if not open_edges.any():
            break
        first, second = first[open_edges], second[open_edges]
        upper, lower = upper[open_edges], lower[open_edges]
        np.minimum.at(parent, np.maximum(first, second), np.minimum(first, second))
        while not np.array_equal(parent, shorter := parent[parent]):
            parent = shorter
    numbers = np.cumsum(parent == np.arange(parent.size), dtype=np.int32) - 1
    pieces: NDArray[np.int32] = numbers[parent][runs]
    return pieces


def touching(region: Region, seeds: Region) -> Region:
    """The 4-connected pieces of a region that hold a pixel of another one, bool (H, W)."""
    found = np.zeros_like(region)
    box = bounding_box(region, 1)
    if box is not None:
        inside = region[box]
        numbers = components(inside)
        held = np.zeros(int(numbers.max()) + 1, np.bool_)
        held[numbers[inside & seeds[box]]] = True
        found[box] = held[numbers]
    return found


def nearest(
    values: Labels, where: Region, sources: Region, order: Sequence[int]
) -> NDArray[np.uint8] | None:
    """For each pixel of `where`, in reading order, the value of the nearest pixel of `sources`;
    None when there is no source.

    `order` lists every value the sources hold; among equally near ones the earlier wins, whatever
    the direction, so a mirrored map gives the mirrored answer.
    """
    if not sources.any():
        return None
    rank = np.zeros(256, np.int32)
    rank[list(order)] = np.arange(len(order))
    margin = FIRST_MARGIN
    while True:
        box = bounding_box(where, margin)
        if box is None:
            return np.zeros(0, np.uint8)
        keys = _nearest_keys(rank[values[box]], where[box], sources[box])
        worst = int(keys.max())
        if worst >> RANK_BITS <= margin * margin or where[box].shape == where.shape:
            values_in_order: Labels = np.asarray(order, np.uint8)[keys & ((1 << RANK_BITS) - 1)]
            return values_in_order
        # What was found bounds the distance, so one look this much wider is exact.
        found = math.isqrt(worst >> RANK_BITS) + 1
        margin = found if worst < FAR else max(where.shape)


def bounding_box(region: Region, margin: int = 0) -> Box | None:
    """Slices (rows, columns) of the smallest box around the region, `margin` wider on each side and
    cut at the picture; None for an empty region."""
    rows = np.flatnonzero(region.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(region[rows[0] : rows[-1] + 1].any(axis=0))
    (top, bottom), (left, right) = rows[[0, -1]].tolist(), columns[[0, -1]].tolist()
    height, width = region.shape
    return (
        slice(max(top - margin, 0), min(bottom + 1 + margin, height)),
        slice(max(left - margin, 0), min(right + 1 + margin, width)),
    )


def enclosing(boxes: Sequence[Box]) -> Box:
    """The smallest box around boxes, at least one."""
    rows, columns = (
        slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes))
        for axis in (0, 1)
    )
    return rows, columns


def within(box: Box, outer: Box) -> Box:
    """A box of a picture as one of an outer box that holds it."""
    rows, columns = (
        slice(each.start - around.start, each.stop - around.start)
        for each, around in zip(box, outer, strict=True)
    )
    return rows, columns


def extent(box: Box) -> tuple[int, int]:
    """Height and width of a box."""
    rows, columns = box
    return int(rows.stop - rows.start), int(columns.stop - columns.start)


def _nearest_keys(rank: NDArray[np.int32], where: Region, sources: Region) -> NDArray[np.int32]:
    """Squared distance << RANK_BITS | rank of the nearest source, at the pixels of `where`."""
    width = where.shape[1]
    column = np.minimum(_keys_above(rank, sources), _keys_above(rank[::-1], sources[::-1])[::-1])
    best, buffer, live = column.copy(), np.empty_like(column), where
    views = best, column, buffer
    for step in range(1, width):
        cost = step * step << RANK_BITS
        if step % 8 == 1:
            # Only rows where something nearer may still be found go on.
            rows = np.flatnonzero((live & (views[0] > cost)).any(axis=1))
            if not rows.size:
                break
            kept = slice(rows[0], rows[-1] + 1)
            live, views = live[kept], (views[0][kept], views[1][kept], views[2][kept])
        nearer, source, moved = views
        for offset in (step, -step):
            here, there = _shifted(width, offset)
            np.add(source[:, there], cost, out=moved[:, here])
            np.minimum(nearer[:, here], moved[:, here], out=nearer[:, here])
    keys: NDArray[np.int32] = np.minimum(best[where], FAR)
    return keys


def _keys_above(rank: NDArray[np.int32], sources: Region) -> NDArray[np.int32]:
    """Squared distance << RANK_BITS | rank of the nearest source in the column at or above."""
    row = np.arange(1, sources.shape[0] + 1, dtype=np.int32)[:, None]
    last = np.maximum.accumulate((row << RANK_BITS | rank) * sources, axis=0)
    keys: NDArray[np.int32] = (row - (last >> RANK_BITS)) ** 2 << RANK_BITS
    keys |= last & ((1 << RANK_BITS) - 1)
    keys[last == 0] = FAR
    return keys


def _inner_squares(region: Region, reach: int) -> NDArray[np.integer[Any]]:
    """Squared distance of each pixel to the nearest one outside the region, exact up to `reach` and
    larger than its square beyond."""
    # Sums stay below 2 * (reach + 1) ** 2; the narrow type is much faster.
    kind = np.uint16 if reach < 180 else np.int32
    gaps: NDArray[np.integer[Any]] = np.square(_column_gaps(~region, reach + 1).astype(kind))
    squares, buffer = gaps.copy(), np.empty_like(gaps)
    for step in range(1, reach + 1):
        for offset in (step, -step):
            here, there = _shifted(region.shape[1], offset)
            np.add(gaps[:, there], step * step, out=buffer[:, here])
            np.minimum(squares[:, here], buffer[:, here], out=squares[:, here])
    return squares


def _column_gaps(region: Region, limit: int) -> NDArray[np.int16]:
    """Distance of each pixel to the region within its column, at most `limit`."""
    above, below = _gaps_above(region, limit), _gaps_above(region[::-1], limit)[::-1]
    return np.minimum(np.minimum(above, below), np.int16(limit))


def _gaps_above(region: Region, limit: int) -> NDArray[np.int16]:
    """Distance of each pixel to the region in its column at or above; at least `limit` where there
    is none."""
    row = np.arange(limit, limit + region.shape[0], dtype=np.int16)[:, None]
    return row - np.maximum.accumulate(row * region, axis=0)


def _shifted(width: int, step: int) -> tuple[slice, slice]:
    """Columns c that have a column c + step, and those columns c + step."""
    step = max(-width, min(step, width))
    return slice(max(0, -step), width - max(0, step)), slice(max(0, step), width - max(0, -step))


def _whole(radius: float) -> int:
    """The whole pixels within a radius."""
    if not 0 <= radius < 1 << 12:
        raise LabelsError(f"The radius is {radius}; expected a number of pixels from 0 to 4095.")
    return int(radius)
