"""Hair that a generator draws gets strands.

A small generator knows how bright new hair is and where it shines, but weaves a carpet of it, and
smears what is around it. So of what it drew only the slow part is kept; the fast part is made like
the photo's hair (`hair`), and where hair is new it ends strand by strand (`matte`) over the photo's
own pixels. Hair that gets another look was dyed before (`dye`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, luma
from maskgan.editing import regions
from maskgan.editing.hair import FACE, HAIR, Hair
from maskgan.editing.layers import member
from maskgan.editing.matte import NEAR, OVER, WISPS, face_beside, matte
from maskgan.editing.recent import Recent
from maskgan.editing.regions import Region
from maskgan.editing.texture import DARK, FRAME, slow, textured
from maskgan.images import Pixels
from maskgan.labels import Labels

WORTH = 100
"""Pixels of new hair that it is worth doing for, in a crop of `FRAME`."""
STILL = 3.0
"""Width over which own strands that stay in their place become new ones."""
OWN_COLOUR = 0.8
"""How far the mean colour of new hair goes to that of the person's own: 0 = as drawn, 1 = whole."""
FURTHEST = 0.15
"""How far from it the logarithms of that colour stay at most."""
FAIR = 40.0
"""Brightness of hair nobody had from which its strands are weaker in proportion."""
SHADE, SHADOW = 0.5, 0.35
"""Light that the face takes from hair which nobody had, and that new hair takes from the face."""

Floats = NDArray[np.floating[Any]]


def comb(
    drawn: Pixels,
    photo: Pixels,
    labels: Labels,
    wanted: Labels,
    where: Region,
    recent: Recent[Hair] | None = None,
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) with strands in its hair.

    photo: the crop uint8 (S, S, 3) that has the person's hair, and its labels uint8 (S, S).
    wanted: the labels of the drawing; where: bool (S, S), what of it was drawn. recent: remembers
    what was found out about hair. Where little is new the drawing is returned as it is.
    """
    pixel = photo.shape[0] / FRAME
    new = (wanted == HAIR) & where
    grown = new & (labels != HAIR)
    if np.count_nonzero(grown) < WORTH * pixel**2:
        return drawn
    own = (recent or Recent(0)).get("hair", (photo, labels), lambda: Hair.of(photo, labels))
    over = regions.dilate(grown, OVER * pixel) & where
    box = regions.bounding_box(new | over, math.ceil(2 * OVER * pixel))
    assert box is not None, "something is new"
    strands = own.like_it(wanted, new | over)[box]
    # What is hair in both pictures keeps its strands in their place.
    still = regions.feather(own.whole, STILL * pixel)[box]
    strands = still * own.texture[box] + (1 - still) * strands
    light = slow(drawn[box].astype(np.float32), new[box], photo.shape[0])
    light = (light + np.float32(DARK)) * _tint(own.colour_near(grown), drawn[new]) - DARK
    if own.bare:
        light *= 1 - SHADE * face_beside(wanted[box], pixel)[:, :, None]
        strands *= min(FAIR / max(float(luma(light[new[box]]).mean()), 1), 1) ** 0.5
    kept = _kept(labels, wanted, grown, where)[box]
    under = np.where(kept[:, :, None], photo[box], drawn[box]).astype(np.float32)
    over, wanted = over[box], wanted[box]
    # Between the ends of strands a face is in their shade as well as below them.
    face = member(wanted, FACE) | (grown[box] & member(labels[box], FACE))
    weight = np.where(over, matte(wanted, strands, over, WISPS, pixel), new[box])
    shadow = SHADOW * gaussian(weight.astype(np.float32), NEAR * pixel)
    under *= 1 - (shadow * (over & face))[:, :, None]
    combed = under + weight[:, :, None] * (textured(light, strands) - under)
    result = drawn.copy()
    result[box] = np.clip(np.rint(combed), 0, 255).astype(np.uint8)
    return result


def _kept(labels: Labels, wanted: Labels, grown: Region, where: Region) -> Region:
    """Where hair grew over pixels of the photo that nothing else changes, and beside them: they are
    what is seen between strands, not what was drawn there."""
    reach = 2 * OVER * labels.shape[0] / FRAME
    changed = (labels != wanted) & ~grown
    other = regions.dilate(changed & where, reach)
    # Beside a face it would be what was behind the head that shines through.
    beyond = member(labels, FACE) | (face_beside(wanted, labels.shape[0] / FRAME) < 0.2)
    still = (wanted != HAIR) | (grown & beyond)
    kept: Region = regions.dilate(grown, reach) & where & still & ~changed & ~other
    return kept


def _tint(own: Floats | None, drawn: Pixels) -> Floats:
    """Factors (3,) that bring the colour of drawn hair uint8 (N, 3) towards the person's own."""
    if own is None:
        return np.ones(3, np.float32)
    apart = np.log((own + DARK) / (drawn.mean(axis=0) + DARK))
    # Hair that was dyed in a colour nobody has was drawn as it was.
    apart -= np.clip((1 - OWN_COLOUR) * apart, -FURTHEST, FURTHEST)
    tint: Floats = np.exp(apart).astype(np.float32)
    return tint
