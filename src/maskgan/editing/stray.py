"""Single strands before the background, which go with the hair that they come from.

Labels know nothing of them, and where hair goes they would be left hanging in the air as scratches.
They are thin, of the colour of the hair beside them, and lie near it; a background that is full of
such things, of leaves or of wires, has them elsewhere too. Lengths are in pixels of a crop of
`FRAME`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing import regions
from maskgan.editing.dye import Dyed
from maskgan.editing.membrane import Membrane
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.editing.wisps import AROUND, CORE, EDGE, LOCAL, coarse_depth
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

BACKGROUND, HAIR = IDS["background"], IDS["hair"]
STRAY, THICK = 64.0, 2.5
"""How far from hair single strands lie over the background, and half the width of what is none."""
ROUND, LONG = 6.0, 9.0
"""Radius around a pixel of a strand, and least length of what lies within: specks are none."""
FINE, SEEN, ASIDE = 0.05, 6.0, 0.5
"""Share of hair in a pixel from which it belongs to a strand; grey levels by which it differs from
what is around it, more than noise; and how far, of these, its colour may be from those between."""
USUAL = 0.35
"""How full of such things the background is further out, over how full it is near hair, from which
they are leaves or wires."""

Floats = NDArray[np.floating[Any]]


def combed(crop: Pixels, labels: Labels, wanted: Labels) -> Dyed | None:
    """A crop uint8 (S, S, 3) with labels uint8 (S, S) without the single strands that lie over the
    background nearer to hair that the wanted ones, uint8 (S, S), take away from before it than to
    what stays; None without any."""
    pixel, hair = crop.shape[0] / FRAME, labels == HAIR
    reach = math.ceil(STRAY * pixel)
    box = regions.bounding_box(hair & (wanted == BACKGROUND), 2 * reach)
    if box is None:
        return None
    part, behind = hair[box], (labels == BACKGROUND)[box]
    stays, bare = part & (wanted == HAIR)[box], behind & (wanted == BACKGROUND)[box]
    loose = _thin(crop[box], part, behind, pixel)
    away, kept = (coarse_depth(~each, reach, pixel) for each in (part & ~stays, stays))
    near = behind & (away < reach)
    full, usual = (_share(loose, each, reach) for each in (near, behind & ~near))
    loose &= near & (usual < USUAL * full) & (away < kept)
    if not (loose & bare).any():
        return None
    region, result = np.zeros(labels.shape, np.bool_), crop.copy()
    region[box] = regions.dilate(loose, EDGE * pixel) & near & bare
    taken = region[box]
    filled = Membrane(behind & ~taken).between(crop[box].astype(np.float32))
    result[box][taken] = np.rint(filled[taken])
    return Dyed(result, region)


def _thin(crop: Pixels, hair: Region, behind: Region, pixel: float) -> Region:
    """What is thin in the background of a crop uint8 (h, w, 3), and of the colour of hair over what
    is around it, bool (h, w)."""
    photo = crop.astype(np.float32)
    own = _mean(photo, regions.erode(hair, CORE * pixel), STRAY * pixel)
    other = _mean(photo, behind & ~regions.dilate(hair, AROUND * pixel), LOCAL * pixel)
    apart, differs = own - other, photo - other
    distance = np.sqrt((apart**2).sum(axis=2)) + 1e-3
    along = (differs * apart).sum(axis=2) / distance
    aside = np.sqrt(np.maximum((differs**2).sum(axis=2) - along**2, 0))
    loose = behind & (along > np.maximum(SEEN, FINE * distance)) & (aside < ASIDE * along)
    loose &= ~regions.dilate(regions.erode(loose, THICK * pixel), 2 * THICK * pixel)
    found: Region = loose & (regions.disc_counts(loose, ROUND * pixel) >= LONG * pixel)
    return found


def _mean(photo: Floats, where: Region, sigma: float) -> Floats:
    """The colour (h, w, 3) that a photo (h, w, 3) has near by in a region, bool (h, w)."""
    planes = np.dstack([photo, np.ones(where.shape, np.float32)]) * where[:, :, None]
    sums = gaussian(planes, sigma)
    mean: Floats = sums[:, :, :3] / np.maximum(sums[:, :, 3:], 1e-3)
    return mean


def _share(inner: Region, region: Region, sigma: float) -> Floats:
    """How much of a region near by is within the inner one, (h, w) from 0 to 1; bool (h, w)."""
    planes = np.dstack([inner & region, region]).astype(np.float32)
    part, whole = np.moveaxis(gaussian(planes, sigma), 2, 0)
    share: Floats = part / np.maximum(whole, 1e-3)
    return share
