"""Dense flow between a crop before and after an edit, and where it can be trusted.

Pyramidal Lucas-Kanade: `after` at a pixel looks like `before` at that pixel plus the flow. What an
edit merely moved or kept is found again; what is new is not, and `agreement` says so. Crops are
float32 RGB (H, W, 3) with values 0..255. Knows no photos.
"""

from __future__ import annotations

import numpy as np

from maskgan.alignment.filters import Planes, block_means, gaussian, luma, smoothstep
from maskgan.alignment.resampling import LINEAR, gather, resize

WINDOW = 2.5
"""Standard deviation in pixels of the window whose pixels move together."""
NOISE = 3.0
"""Gradients below this, in grey levels per pixel, say little about where things moved."""
MAX_STEP = 1.0
"""Pixels by which one iteration may change the flow."""
ITERATIONS = 4
FAINT = 3.0
"""Patterns of less contrast, in grey levels, may come and go in a render."""
CRUMPLED = 0.3
"""Pixels by which the flow of neighbours may differ; at twice that nothing is carried."""
MIN_SIDE = 12
"""The pyramid ends before a side is smaller."""
STILL = 0.25
"""Shorter flow is taken for noise: what stays where it is keeps its pixels."""


def estimate(before: Planes, after: Planes) -> Planes:
    """Flow float32 (H, W, 2) as (x, y) in pixels: after(p) resembles before(p + flow(p))."""
    first, second = (_flattened(luma(crop)) for crop in (before, after))
    pyramid = [(first, second)]
    while min(pyramid[-1][0].shape) >= 2 * MIN_SIDE and len(pyramid) < 5:
        first, second = (block_means(gaussian(plane, 0.7), 2) for plane in pyramid[-1])
        pyramid.append((first, second))
    flow = np.zeros((*pyramid[-1][0].shape, 2), np.float32)
    for first, second in reversed(pyramid):
        if flow.shape[:2] != first.shape:
            grown = flow.repeat(2, axis=0).repeat(2, axis=1)[: first.shape[0], : first.shape[1]]
            flow = 2 * gaussian(grown, 1)
        flow = _refine(first, second, flow)
    length = np.sqrt(np.square(flow).sum(axis=2, keepdims=True))
    return flow * smoothstep(length / STILL - 1)


def moved(planes: Planes, flow: Planes) -> Planes:
    """`before` where the flow points: float32 of the shape of `planes` (H, W) or (H, W, C)."""
    height, width = planes.shape[:2]
    x = np.arange(width, dtype=np.float32)[None] + flow[:, :, 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[:, :, 1]
    return gather(planes, x.ravel(), y.ravel(), cubic=True).reshape(planes.shape)


def agreement(before: Planes, after: Planes, flow: Planes) -> Planes:
    """How surely a crop shows what `moved` brought there by the flow, float32 (H, W), 0 to 1.

    It does where colours differ little, or where a clear pattern is the same in another colour; not
    where a pattern vanished or its edges do not meet, since its details would be seen as a ghost,
    nor where the flow crumples the picture.
    """
    difference = gaussian(after - before, 1)
    edges = np.abs(difference - gaussian(difference, 5)).max(axis=2)
    first, second = luma(before), luma(after)
    first, second = first - gaussian(first, 5), second - gaussian(second, 5)
    power_before, power_after, common = (
        gaussian(product, 2.5) for product in (first * first, second * second, first * second)
    )
    contrast = np.sqrt(power_before)
    aligned = 1 - smoothstep(gaussian(edges, 1) / (4 + 0.4 * contrast) - 0.7)
    share = (common + FAINT**2) / (power_before + FAINT**2)
    present = smoothstep((share - 0.2) / 0.3)
    same_colour = 1 - smoothstep(np.abs(difference).max(axis=2) / 24 - 0.6)
    likeness = common / np.sqrt(power_before * power_after + 4)
    same_pattern = smoothstep((likeness - 0.6) / 0.2) * smoothstep(contrast / 3 - 1)
    sure = aligned * present * np.maximum(same_colour, same_pattern) * _steadiness(flow)
    # Fades on the safe side: low wherever a near neighbour is low, and nothing for a faint hope.
    return np.maximum(np.minimum(sure, gaussian(sure, 1.5)) - 0.1, 0) / 0.9


def _steadiness(flow: Planes) -> Planes:
    """1 where the flow moves neighbours alike, 0 where it stretches or folds the picture."""
    slopes: list[Planes] = [np.gradient(flow[:, :, i], axis=j) for i in (0, 1) for j in (0, 1)]
    crumpling = np.sqrt(sum(slope * slope for slope in slopes))
    return 1 - smoothstep((crumpling - CRUMPLED) / CRUMPLED)


def enlarge(planes: Planes, size: tuple[int, int]) -> Planes:
    """Planes of a reduced crop at another size, linear between the pixels."""
    return resize(planes, size, LINEAR)


def _flattened(plane: Planes) -> Planes:
    """Without slow changes of brightness, which an edit may make and which are no motion."""
    return plane - 0.8 * gaussian(plane, 12)


def _refine(before: Planes, after: Planes, flow: Planes) -> Planes:
    """Lucas-Kanade's iterations at one level of the pyramid."""
    along: Planes = np.gradient(after, axis=0)
    across: Planes = np.gradient(after, axis=1)
    xx = gaussian(across * across, WINDOW) + NOISE * NOISE
    yy = gaussian(along * along, WINDOW) + NOISE * NOISE
    xy = gaussian(across * along, WINDOW)
    determinant = xx * yy - xy * xy
    for _ in range(ITERATIONS):
        # A difference too large for a motion is something new; it must not pull.
        error = np.clip(moved(before, flow) - after, -40, 40)
        x, y = gaussian(across * error, WINDOW), gaussian(along * error, WINDOW)
        step = np.stack([yy * x - xy * y, xx * y - xy * x], axis=2) / determinant[:, :, None]
        flow = gaussian(flow - np.clip(step, -MAX_STEP, MAX_STEP), 1)
    return flow
