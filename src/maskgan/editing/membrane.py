"""Fields that are as smooth as can be between values that are known: harmonic, each other value the
mean of its four neighbours.

Found from coarse to fine: what is known, averaged over two by two cells, gives a coarser field to
begin with, and at each resolution means of neighbours are taken, with Chebyshev's steps, of which
few do what takes many plain ones (Golub and Varga, 1961). Planes are (h, w). Knows no labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing.regions import Region

STEPS = 8
"""Means of neighbours taken at each resolution."""
RADIUS = 0.95
"""The spectral radius that the steps are made for: of errors that shrink more slowly the coarser
resolutions leave little."""
COARSEST = 4
"""Side of the coarsest resolution, in cells."""

Floats = NDArray[np.floating[Any]]


class Membrane:
    """What lies between values where `known`, bool (h, w), is True."""

    def __init__(self, known: Region) -> None:
        height, width = known.shape
        self._known = known[:, :, None]
        self._even = height + height % 2, width + width % 2
        self._coarser: Membrane | None = None
        if min(height, width) > COARSEST:
            count = _pair_sums(self._padded(self._known.astype(np.float32)))
            self._coarser = Membrane(count[:, :, 0] > 0)
            self._share = 1 / np.maximum(count, 1)

    def between(self, values: Floats) -> Floats:
        """Values float32 (h, w, C), those that are known and between them harmonic ones, to a good
        approximation; others that are given do not matter."""
        height, width, channels = values.shape
        fixed = np.where(self._known, values, np.float32(0))
        # With a line more on each side, which repeats the last one.
        bordered = np.empty((height + 2, width + 2, channels), np.float32)
        field = bordered[1:-1, 1:-1]
        field[:] = self._coarse(fixed)
        np.copyto(field, fixed, where=self._known)
        quarter = np.where(self._known, np.float32(0), np.float32(0.25)).repeat(channels, axis=2)
        mean, before = np.empty_like(fixed), np.empty_like(fixed)
        weight = 1.0
        for step in range(STEPS):
            bordered[0], bordered[-1] = bordered[1], bordered[-2]
            bordered[:, 0], bordered[:, -1] = bordered[:, 1], bordered[:, -2]
            np.add(bordered[:-2, 1:-1], bordered[2:, 1:-1], out=mean)
            mean += bordered[1:-1, :-2]
            mean += bordered[1:-1, 2:]
            mean *= quarter
            mean += fixed
            if step:
                weight = 1 / (1 - RADIUS**2 * weight / (2 if step == 1 else 4))
                mean -= before
                mean *= np.float32(weight)
                mean += before
            before[:] = field
            field[:] = mean
        return mean

    def _coarse(self, fixed: Floats) -> Floats:
        """What to begin with, float32 (h, w, C) or (C,), where what is known is `fixed`."""
        if self._coarser is None:
            start: Floats = fixed.sum(axis=(0, 1)) / max(np.count_nonzero(self._known), 1)
            return start
        coarse = self._coarser.between(_pair_sums(self._padded(fixed)) * self._share)
        height, width, _ = fixed.shape
        return coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]

    def _padded(self, values: Floats) -> Floats:
        """Values (h, w, C) with zeros up to even sides."""
        height, width, channels = values.shape
        if (height, width) == self._even:
            return values
        padded = np.zeros((*self._even, channels), np.float32)
        padded[:height, :width] = values
        return padded


def _pair_sums(values: Floats) -> Floats:
    """Sums over two by two cells of values (h, w, C)."""
    rows = values[::2] + values[1::2]
    sums: Floats = rows[:, ::2] + rows[:, 1::2]
    return sums
