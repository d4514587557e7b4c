"""Outlines of label maps drawn anew with few corners, as with a polygon tool.

An outline runs along the edges of pixels, so corners are at half-way coordinates and a polygon
through all of them covers exactly the pixels it was traced around.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions, shapes
from maskgan.editing.regions import Region
from maskgan.labels import NUM_CLASSES, Labels

Points = NDArray[np.float64]
"""(N, 2), (x, y) with whole numbers at pixel centres."""

RIGHT, DOWN, LEFT, UP = range(4)
STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""(x, y) of a step in each of the four directions."""


def simplified(labels: Labels, tolerance: float) -> Labels:
    """Labels (H, W) with every piece's outline replaced by a polygon that stays within `tolerance`
    pixels of it; 0 gives the same map.

    A piece is 4-connected. Larger ones are drawn first, so that what lies in another piece lies on
    top of it. Pixels between polygons take the nearest class; pieces that collapse vanish.
    """
    pieces = regions.components(labels)
    outlines = []
    first = np.unique(pieces, return_index=True)[1]
    for number, start in enumerate(first.tolist()):
        outline = trace(pieces == number, start)
        corners = _polygon(outline, tolerance)
        outlines.append((_area(outline), int(labels.flat[start]), corners))
    result = np.zeros_like(labels)
    drawn = np.zeros(labels.shape, np.bool_)
    for _, cls, corners in sorted(outlines, key=lambda entry: -entry[0]):
        if len(corners) >= 3:
            inside = shapes.polygon(labels.shape, [(x, y) for x, y in corners.tolist()])
            result[inside], drawn[inside] = cls, True
    found = regions.nearest(result, ~drawn, drawn, range(NUM_CLASSES))
    if found is None:  # every piece collapsed
        return labels.copy()
    result[~drawn] = found
    return result


def trace(piece: Region, start: int) -> Points:
    """The outer outline (N, 2) of a 4-connected region, clockwise on the screen, corners only.
    `start` is the flat index of its first pixel in reading order. Holes are not traced."""
    inside, width = np.pad(piece, 1).tobytes(), piece.shape[1] + 2
    row, column = divmod(start, piece.shape[1])
    x, y, direction = column, row, RIGHT
    corners = []
    while True:
        dx, dy = STEPS[direction]
        x, y = x + dx, y + dy
        # The pixels beyond the corner between pixels (x, y), left and right of the way.
        below_right = (y + 1) * width + x + 1
        left, right = (inside[below_right + offset] for offset in _ahead(direction, width))
        # Regions that touch at a corner only are not connected: keep to the right there.
        turn = 1 if not right else -1 if left else 0
        if turn:
            corners.append((x, y))
            direction = (direction + turn) % 4
        if (x, y) == (column, row):
            return np.asarray(corners, np.float64) - 0.5


def _ahead(direction: int, width: int) -> tuple[int, int]:
    """From the pixel below and right of a corner to the two pixels beyond it, left and right."""
    return ((-width, 0), (0, -1), (-1, -width - 1), (-width - 1, -width))[direction]


def _area(outline: Points) -> float:
    """Pixels that an outline encloses, holes and all."""
    x, y = outline.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def _polygon(outline: Points, tolerance: float) -> Points:
    """A closed outline with those of its corners only that it needs to stay within `tolerance`:
    Ramer (1972), Douglas and Peucker (1973), from the two corners farthest apart."""
    first = int(np.argmax(((outline - outline.mean(0)) ** 2).sum(1)))
    closed = np.concatenate([np.roll(outline, -first, axis=0), outline[first : first + 1]])
    second = int(np.argmax(((closed - closed[0]) ** 2).sum(1)))
    kept = {0, second}
    spans = [(0, second), (second, len(closed) - 1)]
    while spans:
        begin, end = spans.pop()
        if end - begin < 2:
            continue
        gaps = _distances(closed[begin + 1 : end], closed[begin], closed[end])
        worst = int(np.argmax(gaps))
        if gaps[worst] > tolerance:
            middle = begin + 1 + worst
            kept.add(middle)
            spans += [(begin, middle), (middle, end)]
    return closed[sorted(kept)]


def _distances(points: Points, start: Points, end: Points) -> NDArray[np.float64]:
    """Distances (N,) of points to the line from `start` to `end`, which does not go on."""
    along = end - start
    length = float(along @ along)
    place = np.clip((points - start) @ along / length, 0, 1) if length else np.zeros(len(points))
    gaps: NDArray[np.float64] = np.hypot(*(points - start - place[:, None] * along).T)
    return gaps
