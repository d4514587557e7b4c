"""Where beads lie that are strung along a painted stroke.

A stroke is a region that is longer than it is wide. Its length is walked from one end to the
other, within it, and cut into pieces as long as it is wide, each of which holds one bead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.regions import Region

TYPICAL = 0.97
"""Share of a stroke's pixels that are no further from its rim than half its width: its middle line
is thin, and its ends are round."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Beads:
    """Beads of one string."""

    centres: Floats
    """float (N, 2), rows and columns."""
    radius: float
    """In pixels."""


def strung(stroke: Region, widest: float) -> Beads | None:
    """The beads along one connected stroke, bool (h, w) with a True pixel; None where it is wider
    than `widest` pixels, which is no string."""
    rim = regions.depth(stroke, int(widest) + 1)[stroke]
    wide = 2 * float(np.quantile(rim, TYPICAL)) - 1
    if wide > widest:
        return None
    # What is furthest from anywhere is an end.
    walk = walked(stroke, np.argwhere(stroke)[0])
    steps = walked(stroke, np.argwhere(walk == walk.max())[0])
    length = int(steps.max()) + 1
    count = max(round(length / max(wide, 1)), 1)
    number = np.minimum(steps * count // length, count - 1)
    # A closed string is walked both ways at once, so a number can be that of two beads.
    pieces = regions.components(np.where(stroke, number % 255 + 1, 0).astype(np.uint8))
    at = np.argwhere(stroke)
    of = pieces[stroke]
    sizes = np.bincount(of)
    whole = np.flatnonzero(sizes >= 0.4 * np.median(sizes[sizes > 0]))
    sums = [np.bincount(of, at[:, axis])[whole] for axis in (0, 1)]
    return Beads(np.stack(sums, axis=1) / sizes[whole][:, None], min(wide, length / count) / 2)


def walked(region: Region, start: NDArray[np.intp]) -> NDArray[np.int32]:
    """How many steps within a region, bool (h, w), each of its pixels is from that in row and
    column `start` (2,), int32 (h, w); 0 for what cannot be reached. Two of five steps may be
    diagonal: within 8 % of the shortest way."""
    steps = np.zeros(region.shape, np.int32)
    reached = np.zeros(np.add(region.shape, 2), np.bool_)
    inner = reached[1:-1, 1:-1]
    inner[tuple(start)] = True
    for step in range(1, region.size):
        grown = reached[:-2, 1:-1] | reached[2:, 1:-1]
        grown |= reached[1:-1, :-2] | reached[1:-1, 2:]
        if step % 5 in (1, 3):
            grown |= reached[:-2, :-2] | reached[:-2, 2:]
            grown |= reached[2:, :-2] | reached[2:, 2:]
        grown &= region & ~inner
        if not grown.any():
            break
        steps[grown] = step
        inner |= grown
    return steps
