"""Background, clothes and hats that come to light or grow, made of what the photo shows of them.

A small generator guesses a smooth patch of some colour. What is seen of the same class around it
tells more: its colours, continued as smoothly as can be, and its texture, in patches from near by.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from maskgan.alignment.resampling import LINEAR, resize
from maskgan.editing import regions
from maskgan.editing.grid import Grid
from maskgan.editing.layers import member
from maskgan.editing.membrane import Membrane
from maskgan.editing.reflection import reflected
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME, Patches, laid, texture, textured
from maskgan.images import Pixels
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
FADE = 6.0
"""Width over which it sets in at the rim of what is new."""


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
    # What was drawn where ground meets something else stays.
    weight = (new * regions.feather(shown | edged, FADE * pixel))[box]
    filled = textured(light, STRENGTH * patches)
    if goes_on:
        beside, trust = (each[box] for each in reflected(photo, core, new))
        filled = filled + trust[:, :, None] * (beside - filled)
    mixed = drawn[box] + weight[:, :, None] * (filled - drawn[box])
    result = drawn.copy()
    result[box] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result
