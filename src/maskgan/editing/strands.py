"""Hair that a generator draws gets the strands of the person's own hair.

A small generator knows how bright new hair is and where it shines, but weaves a carpet of it. So of
what it drew only the slow part is kept, and the fast part comes from the photo's hair: patches of
it, turned to where strands run and laid over each other so that their contrast stays. Strands run
as they do in the hair beside, and along the outline towards what is behind the head; in between
their direction changes as smoothly as can be. Hair that only gets another look keeps its strands
where they are.

Strands are a factor on brightness, so that they are as strong in dark hair as in fair one. Angles
are doubled, because a strand has no beginning: (cos 2a, sin 2a).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import luma
from maskgan.editing import regions
from maskgan.editing.grid import Grid, box_sums, harmonic
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.texture import DARK, FRAME, laid, slow, texture
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

CORE = 10.0
"""Distance from its rim from which hair is taken, in pixels of a crop of `FRAME`."""
LEAST = 900
"""Pixels of hair to take from below which there is nothing to choose from."""
WORTH = 100
"""Pixels of new hair that it is worth doing for."""
FADE = 6.0
"""Width over which strands set in at the rim of the new hair."""
OWN_COLOUR = 0.8
"""How far the mean colour of new hair goes to that of the person's own: 0 = as drawn, 1 = whole."""

HAIR = IDS["hair"]
BEHIND = (IDS["background"], IDS["cloth"])
"""What an outline of hair is seen against along which strands run."""

Floats = NDArray[np.floating[Any]]


def comb(
    drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region, dyed: bool
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) with strands in its hair.

    photo: the crop uint8 (S, S, 3) that has the person's hair, and its labels uint8 (S, S).
    wanted: the labels of the drawing; where: bool (S, S), what of it was drawn. dyed: the hair
    shall have another colour. Where little is new, or the photo has too little hair, the drawing is
    returned as it is.
    """
    pixel = photo.shape[0] / FRAME
    hair, new = labels == HAIR, (wanted == HAIR) & where
    box = regions.bounding_box(new)
    if box is None or np.count_nonzero(new if dyed else new & ~hair) < WORTH * pixel**2:
        return drawn
    core = regions.erode(hair, CORE * pixel)
    if core.sum() < LEAST * pixel**2:
        return drawn
    own = regions.erode(hair, 2 * pixel)
    strands = texture(photo, own)
    patches = laid(strands, own, core, new, *_directions(photo, core, wanted))[box]
    # What is hair in both pictures keeps its strands in their place.
    still = regions.feather(own, 3 * pixel)[box]
    patches = still * strands[box] + (1 - still) * patches
    weight = (new * regions.feather(wanted == HAIR, FADE * pixel))[box]
    light = slow(drawn[box].astype(np.float32), new[box], photo.shape[0])
    mine, its = ((each.mean(axis=0) + DARK)[None] for each in (photo[core], drawn[new]))
    if dyed:
        # Fair hair shines less, in proportion, than the dark hair it was.
        patches *= min(float((luma(mine) / luma(its))[0]) ** 0.5, 1)
    else:
        light *= (mine / its) ** OWN_COLOUR
    combed = drawn[box] + weight[:, :, None] * (light * (1 + patches[:, :, None]) - drawn[box])
    result = drawn.copy()
    result[box] = np.clip(np.rint(combed), 0, 255).astype(np.uint8)
    return result


def _directions(photo: Pixels, core: Region, wanted: Labels) -> tuple[Floats, Floats]:
    """Angles of strands in the photo's hair and in the wanted one, (S, S) in radians."""
    grid = Grid.over(photo)
    down, across = (core * each for each in np.gradient(luma(photo)))
    # Across the strands brightness changes most.
    even = box_sums(grid.sums(down * down) - grid.sums(across * across))
    odd = -2 * box_sums(grid.sums(down * across))
    power = box_sums(grid.sums(down * down + across * across))
    seen = np.stack([even, odd], axis=2) / np.maximum(power, 1e-3)[:, :, None]
    inside = grid.sums(core) > grid.cell**2 / 2
    share = box_sums(grid.sums(wanted == HAIR))
    rise = np.gradient(box_sums(share))
    even, odd = rise[0] ** 2 - rise[1] ** 2, -2 * rise[0] * rise[1]
    along = np.stack([even, odd], axis=2) / np.maximum(np.hypot(even, odd), 1e-3)[:, :, None]
    rim = (share > 0) & (box_sums(grid.sums(member(wanted, BEHIND))) > 0) & ~inside
    values = np.where(rim[:, :, None], along, seen).astype(np.float32)
    known = inside | rim
    field = harmonic(np.where(known[:, :, None], values, 0), known)
    angles = [np.arctan2(each[:, :, 1], each[:, :, 0]) / 2 for each in (seen, field)]
    return grid.spread(angles[0]), grid.spread(angles[1])
