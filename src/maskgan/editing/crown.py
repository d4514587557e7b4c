"""Above a crop: the crown of a head or a hat, where the crop cuts it off.

The crop ends at the top of many heads. Hair that a hat covers, or that goes, and a hat that is
taken off would stay above it: they go there too, and what takes their place ends as round as it
began, as hair does that grows over the border. Labels are uint8 (H, W).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.beyond import EDGE
from maskgan.editing.head import DOME
from maskgan.editing.layers import member
from maskgan.editing.texture import FRAME
from maskgan.labels import IDS, Labels

BACKGROUND, HAIR = IDS["background"], IDS["hair"]
COVERS = (HAIR, IDS["hat"])
"""What the border cuts off."""
ROUND = (HAIR, IDS["skin"], IDS["hat"])
"""What may be new on top of a head."""
LOOSE = 8.0
"""How far single hairs stand off, in pixels of a crop of `FRAME`."""
AROUND = 20.0
"""How near the border a new hat or a bald head is drawn up to it, likewise; hair that grows is bent
there."""
LEAST = 0.02
"""Share of the crop's side from which on hair that goes at its border is worth it."""
GROWN = 0.1
"""The same for hair that grows beside hair which is there."""
FITTED = 0.25
"""Share of the side over which the outline is looked at."""
FLAT, HIGH = 0.15, 0.8
"""Least and most height of what the crop cuts off, over half its width there."""

Floats = NDArray[np.floating[Any]]


def cut(labels: Labels, wanted: Labels) -> NDArray[np.bool_]:
    """Where the upper border of a crop cuts off hair or a hat that goes, or an edit that draws
    something new there, bool (S, S); nowhere if it is too little."""
    region = np.zeros(labels.shape, np.bool_)
    near, around = (slice(rows_of(labels, length)) for length in (EDGE, AROUND))
    new = labels != wanted
    goes = member(labels[near], COVERS) & new[near]
    built = member(wanted[around], ROUND[1:]) & new[around]
    grows = (wanted[0] == HAIR) & new[0]
    if (labels[0] == HAIR).any() and grows.sum() < GROWN * labels.shape[1]:
        # A few pixels more of what reaches the border already: twigs that pass for hair.
        grows[:] = False
    region[0] = goes.any(axis=0) | built.any(axis=0) | grows
    if region.sum() < LEAST * labels.shape[1]:
        region[0] = False
    return region


def crowned(labels: Labels, wanted: Labels, above: int) -> tuple[Labels, Labels]:
    """Labels (S, S) of a picture that begins `above` rows higher than a crop: as it is, with hair
    above the crop that includes what stands off, and as it is wanted in the crop, and above as it
    must be then. labels: (S, S) of that picture as it was seen; wanted: (S, S) of the crop."""
    labels, loose, rows = labels.copy(), LOOSE * labels.shape[0] / FRAME, rows_of(labels, EDGE)
    result = labels.copy()
    result[above:] = wanted[: labels.shape[0] - above]
    own, columns = labels[above : above + rows], np.arange(labels.shape[1])
    cut_off = member(own, COVERS)
    covered, first = np.flatnonzero(cut_off.any(axis=0)), cut_off.argmax(axis=0)
    stays = own[first, columns] == wanted[first, columns]
    # What is above goes with what is below it, whatever it is taken for, and what is further out
    # with the outermost.
    if covered.size:
        under = covered[np.abs(covered[None, :] - columns[:, None]).argmin(axis=1)]
        near = slice(0, above + rows)
        wide = regions.dilate(member(labels, COVERS), loose)[near] & (labels[near] == BACKGROUND)
        labels[near][wide & ~stays[under]] = HAIR
        goes = (labels[:above] != BACKGROUND) & ~stays[under]
        result[:above][goes] = BACKGROUND
    for index in ROUND:
        if ((wanted[0] == index) & (labels[above] != index)).any():
            result[:above][_dome(wanted == index, above)] = index
    return labels, result


def rows_of(labels: Labels, length: float) -> int:
    """A length in pixels of a crop of `FRAME`, in whole rows of labels (S, S), at least one."""
    return max(int(length * labels.shape[0] / FRAME), 1)


def _dome(region: NDArray[np.bool_], above: int) -> NDArray[np.bool_]:
    """What of a region bool (S, S) lies above its picture, bool (above, S)."""
    rows = np.arange(round(FITTED * region.shape[0]))
    rows = rows[region[: len(rows)].any(axis=1)]
    first = np.argmax(region[rows], axis=1)
    last = region.shape[1] - 1 - np.argmax(region[rows, ::-1], axis=1)
    half = (last - first + 1) / 2
    # The square of an ellipse's width is a parabola.
    bend, slope, wide = np.polyfit(rows, half**2, 2) if len(rows) > 2 else (0.0, 0.0, half[0] ** 2)
    up = np.arange(above, 0, -1)[:, None]
    height = _height(float(bend), float(slope), float(wide))
    height = np.clip(height or DOME * half[0], FLAT * half[0], min(HIGH * half[0], above))
    # As the outline goes on, and closed at its height.
    square = np.minimum(bend * up**2 - slope * up + wide, half[0] ** 2 * (1 - (up / height) ** 2))
    across = np.arange(region.shape[1]) - (first[0] + last[0]) / 2
    inside: NDArray[np.bool_] = across**2 < square
    return inside


def _height(bend: float, slope: float, wide: float) -> float | None:
    """How far above its first row a parabola of squared widths ends; None where it does not."""
    roots = np.roots([bend, -slope, wide])
    above = [root.real for root in roots if abs(root.imag) < 1e-6 and root.real > 0]
    return min(above) if above else None
