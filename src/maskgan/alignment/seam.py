"""The seam metric: does an edit's border show in the photo?

Compares how steeply brightness and colour change across the border of the changed region, after the
edit and before. Knows nothing of how the edit was made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import Region
from maskgan.images import Pixels


@dataclass(frozen=True)
class Seam:
    """Mean step across the border of an edit in grey levels per pixel."""

    before: float
    """In the photo as it was."""
    after: float
    """In the edited photo."""

    @property
    def jump(self) -> float:
        """How much steeper the border became; near 0, or below, where no seam shows."""
        return self.after - self.before


def measure(before: Pixels, after: Pixels, changed: Region) -> Seam:
    """The seam between the changed pixels of a photo and the rest.

    before, after: uint8 (H, W, 3). changed: bool (H, W), of the photo's size. A region without a
    border, or an empty one, has steps of 0.
    """
    steps = np.zeros(2)
    count = 0
    for axis in (0, 1):
        low, high = _neighbours(axis)
        across = changed[low] != changed[high]
        count += int(across.sum())
        for index, photo in enumerate((before, after)):
            first, second = photo[low][across], photo[high][across]
            # The colours of a pixel differ together: their mean step is the grey level's.
            steps[index] += np.abs(first.astype(np.int16) - second).mean(axis=1).sum()
    if count:
        steps /= count
    return Seam(float(steps[0]), float(steps[1]))


def border(changed: Region) -> NDArray[np.bool_]:
    """bool (H, W): the pixels on either side of the region's border."""
    sides = np.zeros_like(changed)
    for axis in (0, 1):
        low, high = _neighbours(axis)
        across = changed[low] != changed[high]
        sides[low] |= across
        sides[high] |= across
    return sides


def _neighbours(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Slices of all pixels that have a next one along an axis, and of those next ones."""
    along: list[slice] = [slice(None), slice(None)]
    low, high = along.copy(), along.copy()
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    return tuple(low), tuple(high)
