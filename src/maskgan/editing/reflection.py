"""What lies beside something, reflected into the place where it was.

What is behind a head is mostly what is beside it: a wall, a horizon, a hedge. Reflected along the
rows of the picture these go on without a seam and with all their detail, where anything made up
would be seen to be. Knows no labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.editing import regions
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels

LEAST, ENOUGH = 10.0, 36.0
"""Width of what is seen beside below which nothing is reflected, and from which it is trusted, in
pixels of a crop of `FRAME`, as below."""
EVEN = 10.0
"""Standard deviation over rows of the line of reflection: outlines of hair are ragged."""
REPEATED = 5.0, 10.0
"""Times its own width that what is seen beside is trusted to go on, and beyond which it is not: a
hedge that is seen four times still looks more like one than anything made up, a letter does not."""
SHARP = 6.0
"""Power of the distances that two sides are weighed by where they meet."""
FAINT = 0.01
"""Share of a side that nobody sees."""

Floats = NDArray[np.floating[Any]]


def reflected(photo: Pixels, seen: Region, new: Region) -> tuple[Floats, Floats]:
    """A photo uint8 (S, S, 3) reflected into a region, bool (S, S), from what is seen at the left
    and at the right of it: float32 (S, S, 3), and how far to trust it, float32 (S, S) in 0..1, 0
    outside the region."""
    pixel = photo.shape[0] / FRAME
    picture = np.zeros(photo.shape, np.float32)
    trust = np.zeros(new.shape, np.float32)
    box = regions.bounding_box(new)
    if box is None:
        return picture, trust
    rows = box[0]
    asked = new[rows]
    left = _side(seen[rows], asked, pixel)
    x, away, trusted = (each[:, ::-1] for each in _side(seen[rows, ::-1], asked[:, ::-1], pixel))
    sides = left, (photo.shape[1] - 1 - x, away, trusted)
    weights = [side[2] * (FRAME * pixel / np.maximum(side[1], 1)) ** SHARP for side in sides]
    total = np.maximum(weights[0] + weights[1], 1e-6)
    for (place, _, _), weight in zip(sides, weights, strict=True):
        share = np.where(asked, weight / total, 0)
        share[share > 1 - FAINT] = 1
        row, column = np.nonzero(share > FAINT)
        values = photo[rows][row, place[row, column]]
        picture[rows][row, column] += share[row, column, None] * values
    trust[rows] = np.where(asked, np.maximum(sides[0][2], sides[1][2]), 0)
    return picture, trust


def _side(seen: Region, new: Region, pixel: float) -> tuple[NDArray[np.intp], Floats, Floats]:
    """From the left: the column that is shown, how far away what is seen ends and how far to trust
    it, each (h, w)."""
    columns = np.arange(seen.shape[1], dtype=np.float32)[None]
    # The last column that is seen, and where its run begins.
    last = np.maximum.accumulate(np.where(seen, columns, np.float32(-1)), axis=1)
    begins = seen & ~np.pad(seen, [(0, 0), (1, 0)])[:, :-1]
    first = np.maximum.accumulate(np.where(begins, columns, np.float32(-1)), axis=1)
    run = np.where(last >= 0, last - first + 1, np.float32(0))
    weight = smoothstep((run / pixel - LEAST) / (ENOUGH - LEAST)) * new
    # Along a ragged outline rows agree on where to reflect and whom to trust: where the innermost
    # of them is.
    inmost = _least_over_rows(np.where(weight > 0, last, np.inf), round(EVEN * pixel))
    inmost = np.where(weight > 0, inmost, 0)
    planes = np.stack([weight * inmost, weight * run, weight, new], axis=2)
    lines, runs, weights, inside = np.moveaxis(_over_rows(planes, EVEN * pixel), 2, 0)
    share = np.maximum(weights, 1e-4)
    line = np.minimum(lines / share, np.maximum(last, 0))
    width = np.maximum(np.rint(np.minimum(runs / share, run)), 1)
    # Whole pixels are copied as they are.
    line = np.rint(2 * line) / 2
    away = np.maximum(columns - line, 0)
    # There and back again within what is seen.
    there = np.abs((away + width) % (2 * width) - width)
    once, often = REPEATED
    trust = weights / np.maximum(inside, 1e-4)
    trust = trust * (1 - smoothstep((away / width - once) / (often - once)))
    trust = np.where(new & (run > 0), trust, 0)
    place = np.rint(line - there).clip(0, seen.shape[1] - 1).astype(np.intp)
    return place, away, trust


def _least_over_rows(plane: Floats, reach: int) -> Floats:
    """The least of a plane (h, w) up to so many rows above and below."""
    least: Floats = np.pad(plane, [(reach, reach), (0, 0)], constant_values=np.inf)
    rows, span = 2 * reach + 1, 1
    # Twice as many rows at a time, as far as they fit.
    while 2 * span <= rows:
        least, span = np.minimum(least[:-span], least[span:]), 2 * span
    rest = rows - span
    return np.minimum(least[: least.shape[0] - rest], least[rest:])


def _over_rows(planes: Floats, sigma: float) -> Floats:
    """Planes (h, w, C) blurred up and down only."""
    height, width, count = planes.shape
    tall = planes.reshape(height, 1, width * count)
    blurred: Floats = gaussian(tall.astype(np.float32), sigma).reshape(planes.shape)
    return blurred
