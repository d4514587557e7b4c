"""Photos without colours: black and white, or toned, where a brightness has one colour.

Whatever draws or builds knows colours only. What of an edit is none of the photo's own pixels gets
the colour that its brightness has in the photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import block_means, luma
from maskgan.images import Pixels

SIDE = 128
"""Means of the photo that are looked at, along a side: a JPEG's colours are coarse."""
LEVELS = 16
"""Ranges of brightness that get a colour of their own; between them it changes evenly."""
MOST, EXTREME = (0.95, 6.0), (0.995, 11.0)
"""Shares of the means, and by how many grey levels they may leave the colour of their brightness.
Toned photos, saved as JPEG, have up to 3.7 and 6.4; of 157 portraits in colours the least are 15
and 24."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Tone:
    """The colours of a photo that has one for each brightness."""

    bright: Floats
    """Brightness (N,), 0..255, ascending."""
    off: Floats
    """How much red, green and blue (N, 3) are above it there."""

    @classmethod
    def of(cls, photo: Pixels) -> Tone | None:
        """That of a photo uint8 (H, W, 3); None where it has colours."""
        means = block_means(photo.astype(np.float32), max(photo.shape[0] // SIDE, 1))
        pixels = means.reshape(-1, 3)
        bright = luma(pixels)
        off = pixels - bright[:, None]
        place = np.minimum(bright * LEVELS / 256, LEVELS - 1).astype(np.intp)
        found = [place == level for level in np.unique(place)]
        tone = cls(
            np.array([bright[each].mean() for each in found]),
            np.array([np.median(off[each], axis=0) for each in found]),
        )
        apart = np.abs(off - tone._at(bright)).max(axis=1)
        plain = all(np.quantile(apart, share) <= limit for share, limit in (MOST, EXTREME))
        return tone if plain else None

    def toned(self, pixels: Pixels) -> Pixels:
        """Pixels uint8 (N, 3) in the colours that their brightness has."""
        bright = luma(pixels)
        toned: Pixels = np.clip(np.rint(bright[:, None] + self._at(bright)), 0, 255).astype(
            np.uint8
        )
        return toned

    def _at(self, bright: Floats) -> Floats:
        return np.column_stack([np.interp(bright, self.bright, each) for each in self.off.T])
