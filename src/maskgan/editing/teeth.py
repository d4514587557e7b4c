"""What is between lips that part: teeth, the tongue, and the dark around them.

A small generator knows that teeth are bright and have lines between them, and draws a grid. Where
the person's own teeth were carried into a mouth that opens further, there are no more teeth below
them, but the dark of the mouth; where there are none to carry, a row is built (`dentition`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.editing import regions
from maskgan.editing.blob import averaged
from maskgan.editing.dentition import LENGTH, MM, row
from maskgan.editing.enamel import colour
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

MOUTH, NOSE, LIPS = IDS["mouth"], IDS["nose"], (IDS["u_lip"], IDS["l_lip"])
DIMMED = np.array([0.74, 1.12, 1.22])
"""How much faster than their brightness red, green and blue of teeth fall where they get darker: at
the lines between teeth in 216 mouths of CelebAMask-HQ."""
EDGE = 1.0
"""Standard deviation of the edge of the lips, whose labels have steps, beside what is filled in; in
pixels of a crop of `FRAME`, as all below."""
BESIDE = 2.0
"""Standard deviation of the filter that continues carried teeth."""
WORTH = 60
"""Pixels of mouth that it is worth doing for."""
ENOUGH = 0.42
"""Share of the place for teeth that shows the photo's from which the rest is made of them; with
less, a tooth or two would stand in the dark."""
LONGER = 1.5
"""Times as long as they are seen to be that own teeth may have to be; where less of them is seen,
they would become plates."""
HIGH = 0.9
"""Quantile of its columns' heights that is a region's height."""
FADE = 5.0
"""Width over which it gets dark beside carried teeth."""
ROOM = 3.0, 6.0
"""Room below carried teeth in which there is no dark, and in which there is all of it."""
SMOOTH = 9
"""Pixels over which the lower edge of carried teeth is averaged."""
FAINT = 1e-3
"""Share of known pixels around one below which nothing is known of it."""
SHADE, TONGUE_SHADE = 0.25, 0.6
"""Brightness of the dark, and of the tongue in it, over that of the lips."""
TONGUE = 0.0, 7.0, 22.0
"""Where the tongue begins above the lower lip, where most and where nothing is seen of it."""

Floats = NDArray[np.floating[Any]]


def between_lips(
    drawn: Pixels,
    photo: Pixels,
    labels: Labels,
    wanted: Labels,
    where: Region,
    before: Labels | None = None,
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) with teeth between lips, and dark below them.

    photo: the crop uint8 (S, S, 3) with labels uint8 (S, S). wanted: the labels of the drawing;
    where: bool (S, S), what of it was drawn; the rest of the mouth was carried. before: the labels
    of the photo where they differ, because it was bent. Where little is new the drawing is returned
    as it is.
    """
    pixel, mouth = photo.shape[0] / FRAME, wanted == MOUTH
    new = mouth & where
    box = regions.bounding_box(new, math.ceil(2 * EDGE * pixel))
    # A mouth that stays as it is has only its rim drawn again.
    if box is None or np.count_nonzero(new & (labels != MOUTH)) < WORTH * pixel**2:
        return drawn
    picture, region = drawn[box].astype(np.float32), new[box]
    carried = mouth[box] & ~region
    seen = (labels if before is None else before) == MOUTH
    own = carried.any() and _suffice(carried, mouth[box], _height(seen), pixel)
    dark = _inside(mouth[box], photo[member(labels, LIPS)], pixel)
    if own:
        filled = _beside(picture, carried, region, dark, pixel)
    else:
        middle = _middle(wanted, mouth) - box[1].start
        filled = _built(mouth[box], middle, colour(photo, labels, WORTH * pixel**2), dark, pixel)
    # Over the edge of the lips, which were drawn beside bright teeth.
    weight = gaussian(mouth[box].astype(np.float32), EDGE * pixel)
    if own:
        # And of what was carried: its end is a line that nobody has in the mouth.
        weight = np.where(carried, gaussian(region.astype(np.float32), EDGE * pixel), weight)
    mixed = picture + weight[:, :, None] * (filled - picture)
    result = drawn.copy()
    values = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    np.copyto(result[box], values, where=(where[box] | carried)[:, :, None])
    return result


def _suffice(carried: Region, mouth: Region, seen: float, pixel: float) -> bool:
    """Whether own teeth, of which `seen` pixels are seen from top to bottom, do for a mouth bool
    (h, w) into which they were carried, bool (h, w)."""
    above = mouth[: int(np.flatnonzero(carried.any(axis=1))[-1]) + 1]
    enough = carried.sum() > ENOUGH * above.sum()
    return bool(enough) and min(_height(mouth), LENGTH * MM * pixel) <= LONGER * seen


def _height(region: Region) -> float:
    """Pixels from top to bottom of a region where it is high, 0 without one."""
    heights = region.sum(axis=0)
    return float(np.quantile(heights[heights > 0], HIGH)) if region.any() else 0.0


def _middle(labels: Labels, mouth: Region) -> float:
    """Column of the lower end of the nose; without one, of the middle of a mouth."""
    rows, columns = np.nonzero(labels == NOSE)
    if not rows.size:
        rows, columns = np.nonzero(mouth)
        return float(columns.mean())
    return float(columns[rows >= np.quantile(rows, 0.8)].mean())


def _built(mouth: Region, middle: float, bright: Floats, dark: Floats, pixel: float) -> Floats:
    """Pixels (h, w, 3) with a row of teeth in a mouth, the bright ones of a colour (3,), and the
    dark (h, w, 3) below it."""
    teeth = row(mouth, middle, pixel)
    seen = teeth.shade[mouth & (teeth.cover > 0.5)]
    usual = float(np.quantile(seen, 0.8)) if seen.size else 1.0
    light = (np.maximum(teeth.shade, 0)[:, :, None] / usual) ** DIMMED * bright
    built: Floats = dark + teeth.cover[:, :, None] * (light - dark)
    return built


def _beside(picture: Floats, carried: Region, region: Region, dark: Floats, pixel: float) -> Floats:
    """Pixels (h, w, 3) of a region beside carried teeth: the teeth's colours, and the dark
    (h, w, 3) below them, where there is room, and in the corners."""
    height, width = carried.shape
    every, columns = np.arange(width), np.flatnonzero(carried.any(axis=0))
    ends = []
    for part in (carried, carried | region):
        lowest = height - 1 - np.argmax(part[::-1, columns], axis=0)
        ends.append(averaged(np.interp(every, columns, lowest), round(SMOOTH * pixel)))
    least, most = ROOM
    open_wide = smoothstep(((ends[1] - ends[0]) / pixel - least) / (most - least))
    below = open_wide * smoothstep((np.arange(height)[:, None] - ends[0]) / (FADE * pixel))
    aside = smoothstep(np.maximum(columns[0] - every, every - columns[-1]) / (FADE * pixel))
    share = np.maximum(below, aside).astype(np.float32)[:, :, None]
    teeth = spread(picture, carried, BESIDE * pixel)
    beside: Floats = teeth + share * (np.minimum(dark, teeth) - teeth)
    return beside


def spread(picture: Floats, region: Region, width: float) -> Floats:
    """Pixels (h, w, 3) blurred within a region, and going on beyond it."""
    weight = region[:, :, None].astype(np.float32)
    total: Floats = np.zeros_like(picture)
    known: Floats = np.zeros_like(weight)
    # What is too far away for the narrow blur takes what a wider one finds.
    for sigma in (max(width, 1), 4 * max(width, 1)):
        blurred, share = gaussian(weight * picture, sigma), gaussian(weight, sigma)
        total, known = total + (1 - known) * blurred, known + (1 - known) * share
    # Beyond both it is as everywhere.
    mean = (weight * picture).sum(axis=(0, 1)) / max(float(weight.sum()), 1)
    spread: Floats = np.where(known > FAINT, total / np.maximum(known, FAINT), mean)
    return spread


def _inside(mouth: Region, lips: Pixels, pixel: float) -> Floats:
    """What is seen of the inside of a mouth bool (h, w) behind the teeth, float32 (h, w, 3): the
    dark, and the tongue above the lower lip. lips: uint8 (N, 3), the person's."""
    colour = lips.mean(axis=0) if lips.size else np.zeros(3)
    columns = np.flatnonzero(mouth.any(axis=0))
    every, rows = np.arange(mouth.shape[1]), np.arange(mouth.shape[0])[:, None]
    bottoms = mouth.shape[0] - 1 - np.argmax(mouth[::-1, columns], axis=0)
    above = (averaged(np.interp(every, columns, bottoms), round(SMOOTH * pixel)) - rows) / pixel
    begin, most, end = TONGUE
    tongue = smoothstep((above - begin) / (most - begin)) * smoothstep((end - above) / (end - most))
    half = max((columns[-1] - columns[0]) / 2, 1)
    tongue = tongue * np.clip(1 - ((every - columns[0] - half) / half) ** 2, 0, 1)
    shade = SHADE + (TONGUE_SHADE - SHADE) * tongue[:, :, None]
    inside: Floats = (shade * colour).astype(np.float32)
    return inside
