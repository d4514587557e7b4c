"""The border of a crop in its photo: an edit that reaches it fades, where the photo goes on.

Where the photo ends at the crop's border, or before, nothing is seen and nothing fades. Knows no
edits.
"""

from __future__ import annotations

import numpy as np

from maskgan.alignment.filters import Planes, Region, gaussian, smoothstep
from maskgan.alignment.similarity import Points, Similarity

FRAME = 1 / 12
"""Width of the fade as a share of the crop's side."""


def continued(changed: Region, similarity: Similarity, size: tuple[int, int]) -> Region:
    """The region with one more pixel on each side: as at the crop's border beyond the photo, where
    nothing is seen, and False in the photo, where the crop's border would be."""
    padded = np.pad(changed, 1, mode="edge")
    side = similarity.side
    grid = np.arange(-1, side + 1)
    for line, x, y in (
        (padded[0], grid, np.full_like(grid, -1)),
        (padded[-1], grid, np.full_like(grid, side)),
        (padded[:, 0], np.full_like(grid, -1), grid),
        (padded[:, -1], np.full_like(grid, side), grid),
    ):
        line[_in_photo(similarity.backward(np.stack([x, y], axis=1)), size)] = False
    return padded


def weight(
    similarity: Similarity,
    size: tuple[int, int],
    reach: float | None = None,
    changed: Region | None = None,
) -> Planes:
    """Weight float32 (S, S) that falls to 0 at those sides of the crop that lie in the photo, over
    `reach` pixels of the crop; None = `FRAME`. changed: bool (S, S), where it reaches these sides;
    None = everywhere."""
    side = similarity.side
    everything = np.ones((side, side), np.bool_)
    step = max(side // 64, 1)
    reach = FRAME * side if reach is None else reach
    grid = np.arange(side, dtype=np.float32)
    weights = np.ones((side, side), np.float32)
    sides = ~continued(everything, similarity, size)
    if changed is not None:
        sides &= np.pad(changed, 1, mode="edge")
    for line, distance, axis in (
        (sides[0, 1:-1], grid, 0),
        (sides[-1, 1:-1], side - 1 - grid, 0),
        (sides[1:-1, 0], grid, 1),
        (sides[1:-1, -1], side - 1 - grid, 1),
    ):
        if not line.any():
            continue
        fade = smoothstep(distance / reach)
        # Where only part of a side lies in the photo the fade comes in slowly along it.
        share = gaussian(line.astype(np.float32)[:, None], 4 * step)[:, 0]
        share = np.minimum(2 * share, 1)
        along = 1 - np.outer(1 - fade, share) if axis == 0 else 1 - np.outer(share, 1 - fade)
        weights *= along
    return weights


def _in_photo(points: Points, size: tuple[int, int]) -> Region:
    """bool (N,): which points (N, 2) lie in a photo of (height, width)."""
    beyond = np.maximum(-0.5 - points, points - (np.array(size[::-1]) - 0.5)).max(axis=1)
    inside: Region = np.less(beyond, 0)
    return inside
