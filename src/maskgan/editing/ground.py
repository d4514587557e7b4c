"""Background, clothes and hats that come to light or grow, made of what the photo shows of them.

A small generator guesses a smooth patch of some colour. What is seen of the same class around it
tells more: its colours, continued as smoothly as can be, and its texture, in patches from near by.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.alignment.resampling import LINEAR, resize
from maskgan.editing import regions
from maskgan.editing.grid import Grid
from maskgan.editing.layers import member
from maskgan.editing.membrane import Membrane
from maskgan.editing.reflection import reflected
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME, Patches, laid, texture, textured
from maskgan.images import Floats, Pixels
from maskgan.labels import IDS, Labels

EDGED = (IDS["skin"], IDS["neck"], IDS["hat"])
"""What gets an edge of its own against ground where it is new (`skin`, `worn`)."""
GROUND = (IDS["background"], IDS["cloth"], IDS["hat"])
"""Classes that are continued."""
SHAPED = (IDS["hat"],)
"""Those that end where they end: what is seen beside is no further part of them."""
RIM = 8.0
"""Distance from its rim from which ground is taken, in pixels of a crop of `FRAME`: single hairs
lie on it."""
LEAST = 900
"""Pixels of ground below which it tells too little."""
WORTH = 100
"""Pixels of new ground that it is worth doing for."""
STRENGTH = 0.7
"""Share of its texture that new ground has: repeated, what is no grain but a letter or a leaf is
seen the less."""
FADE, SHORT = 6.0, 1.5
"""Width over which it sets in where it meets something else, and where a rim of what was drawn
would be seen."""
ALIKE, UNLIKE = 10.0, 40.0
"""Grey levels between what was drawn and what it becomes, up to which a rim is not seen, and from
which it is."""
NEAR = 8.0
"""Standard deviation of the filter that says how unlike they are there."""


def continued(
    drawn: Pixels,
    photo: Pixels,
    labels: Labels,
    wanted: Labels,
    where: Region,
    grounds: Collection[int] = GROUND,
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) whose new ground continues the photo's.

    photo: the crop uint8 (S, S, 3) with labels uint8 (S, S). wanted: the labels of the drawing;
    where: bool (S, S), what of it was drawn. grounds: ids of `GROUND`. A class of which
    little is new, or too little in the photo, stays as it was drawn.
    """
    edged = member(wanted, EDGED) & (labels != wanted) & where
    for index in grounds:
        old, shown = labels == index, wanted == index
        drawn = _continued(drawn, photo, old, shown, where, edged, index not in SHAPED)
    return drawn


def _continued(
    drawn: Pixels,
    photo: Pixels,
    old: Region,
    shown: Region,
    where: Region,
    edged: Region,
    goes_on: bool,
) -> Pixels:
    """One class: `old`, where the photo shows it, and `shown`, where the drawing does, bool. edged:
    what is new and has an edge; goes_on: whether what is seen beside does."""
    grid, pixel = Grid.over(photo), photo.shape[0] / FRAME
    new = shown & where
    box = regions.bounding_box(new)
    if box is None or np.count_nonzero(new & ~old) < WORTH * pixel**2:
        return drawn
    core = regions.erode(old, RIM * pixel) & ~where
    if core.sum() < LEAST * pixel**2:
        return drawn
    means, known = grid.means(photo, core)
    colours = Membrane(known).between(means.astype(np.float32))
    rows, columns = box
    part = tuple(edge / grid.cell for edge in (columns.start, rows.start, columns.stop, rows.stop))
    extent = regions.extent(box)
    light = resize(colours, extent, LINEAR, part)
    patches = laid(Patches.of(texture(photo, core), core, core), new)[box]
    weight = _weight(drawn[box], light, new[box], (shown | edged)[box], pixel)
    filled = textured(light, STRENGTH * patches)
    if goes_on:
        beside, trust = (each[box] for each in reflected(photo, core, new))
        filled = filled + trust[:, :, None] * (beside - filled)
    mixed = drawn[box] + weight[:, :, None] * (filled - drawn[box])
    result = drawn.copy()
    result[box] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result


def _weight(drawn: Pixels, light: Floats, new: Region, goes_on: Region, pixel: float) -> Floats:
    """How much new ground replaces what was drawn, float32 (h, w) from 0 to 1: what was drawn where
    it meets something else stays, unless it would be a bright or dark rim. drawn: uint8 (h, w, 3);
    light: the colours that it gets, (h, w, 3); new: bool (h, w); goes_on: the same with what has an
    edge of its own."""
    wide, narrow = (regions.feather(goes_on, width * pixel) for width in (FADE, SHORT))
    inner = (new & (wide >= 1)).astype(np.float32)
    apart = np.abs(drawn - light).mean(axis=2) * inner
    sums, shares = (gaussian(each, NEAR * pixel) for each in (apart, inner))
    unlike = smoothstep((sums / np.maximum(shares, 1e-3) - ALIKE) / (UNLIKE - ALIKE))
    weight: Floats = new * (wide + unlike * (narrow - wide))
    return weight
