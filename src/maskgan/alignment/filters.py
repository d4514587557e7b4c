"""Filters of float planes: Gaussian blur, block means, depth inside a region.

A plane is float32 (H, W), or (H, W, C) with channels filtered alike. Beyond the border the border's
values repeat. Knows no faces and no photos.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.images import Pixels

Planes = NDArray[np.floating[Any]]
Region = NDArray[np.bool_]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of R, G, B in the brightness."""


def luma(planes: Planes | Pixels) -> Planes:
    """Brightness float32 (H, W) of RGB (H, W, 3)."""
    brightness: Planes = planes.astype(np.float32, copy=False) @ LUMA
    return brightness


def gaussian(planes: Planes, sigma: float) -> Planes:
    """Gaussian blur with standard deviation `sigma` in pixels, 0 = none."""
    if sigma <= 0:
        return planes
    # Wide blurs work on block means: nothing finer is left in the result.
    step = int(sigma / 4)
    if step > 1:
        height, width = planes.shape[:2]
        small = gaussian(block_means(planes, step), sigma / step)
        return enlarge(small, step, (slice(0, height), slice(0, width)))
    reach = max(math.ceil(2.6 * sigma), 1)
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    weighted = np.empty(planes.shape, np.float32)
    for axis in (0, 1):
        padded, size = edged(planes, reach, axis), planes.shape[axis]
        total = np.zeros(planes.shape, np.float32)
        for start, weight in enumerate(kernel):
            part = padded[start : start + size] if axis == 0 else padded[:, start : start + size]
            total += np.multiply(part, weight, out=weighted)
        planes = total
    return planes


def edged(planes: Planes, reach: int, axis: int) -> Planes:
    """Planes with `reach` more values before and after those of an axis, which repeat its ends.
    `np.pad` takes three to five times as long, as long as the filter of a small plane."""
    ends = [planes.take([at], axis).repeat(reach, axis) for at in (0, -1)]
    return np.concatenate([ends[0], planes, ends[1]], axis)


def block_means(planes: Planes, step: int) -> Planes:
    """Means of step x step pixels, float32 (ceil(H / step), ceil(W / step), ...)."""
    if step == 1:
        return planes
    height, width = planes.shape[:2]
    rows, columns = -(-height // step), -(-width // step)
    margin = [(0, rows * step - height), (0, columns * step - width), (0, 0)][: planes.ndim]
    padded = np.pad(planes, margin, mode="edge")
    means: Planes = block_sums(padded.astype(np.float32, copy=False), step)
    means *= np.float32(1 / step**2)
    return means


def block_sums(planes: NDArray[Any], step: int) -> NDArray[Any]:
    """Sums over step x step pixels (ceil(H / step), ceil(W / step), ...) of planes (H, W, ...), in
    their dtype; beyond the border there is nothing."""
    missing = [(0, -size % step) for size in planes.shape[:2]]
    if any(more for _, more in missing):
        planes = np.pad(planes, [*missing, *[(0, 0)] * (planes.ndim - 2)])
    rows = planes[::step].copy()
    for start in range(1, step):
        rows += planes[start::step]
    sums = rows[:, ::step].copy()
    for start in range(1, step):
        sums += rows[:, start::step]
    return sums


def depth(region: Region, reach: int) -> Planes:
    """Distance float32 (H, W) of each pixel of a region bool (H, W) to the nearest pixel outside,
    in octagonal steps: 0 outside, 1 at the border, at most `reach` + 1."""
    depths = region.astype(np.float32)
    inner = region
    for step in range(reach):
        padded = np.pad(inner, 1, mode="edge")
        cross = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
        if step % 5 in (1, 3):
            # Two of five steps also go diagonally: within 8 % of the Euclidean distance.
            cross &= padded[:-2, :-2] & padded[:-2, 2:] & padded[2:, :-2] & padded[2:, 2:]
        inner = inner & cross
        if not inner.any():
            break
        depths += inner
    return depths


def smoothstep(values: Planes) -> Planes:
    """0 below 0, 1 above 1, and a smooth rise between."""
    t = np.clip(values, 0, 1)
    return t * t * (3 - 2 * t)


def enlarge(planes: Planes, step: float, box: tuple[slice, slice]) -> Planes:
    """The pixels of a box (rows, columns) of what has these planes (h, w, ...) as its means over
    step x step pixels each: linear between the blocks' centres, float32 (H, W, ...)."""
    for axis, part in enumerate(box):
        position = (np.arange(part.start, part.stop) + 0.5) / step - 0.5
        position = np.clip(position, 0, planes.shape[axis] - 1)
        low = np.minimum(position.astype(np.intp), max(planes.shape[axis] - 2, 0))
        high = np.minimum(low + 1, planes.shape[axis] - 1)
        shape = [-1 if side == axis else 1 for side in range(planes.ndim)]
        weight = (position - low).astype(np.float32).reshape(shape)
        planes = planes.take(low, axis) * (1 - weight) + planes.take(high, axis) * weight
    return planes
