"""Spectacles that are put on: a frame of horn, and lenses through which one sees the face.

Spectacles are one class with what is behind them, so a generator that paints them paints eyes that
are not the person's, behind a lens of some colour, in a frame of blots. Of what it drew only the
colour of the frame is kept, and a tinge of the rest.
"""

from __future__ import annotations

import math

import numpy as np

from maskgan.alignment.filters import smoothstep
from maskgan.editing import regions
from maskgan.editing.eyewear import BEHIND, BROW, SPECTACLES, worn
from maskgan.editing.layers import PARTS, member
from maskgan.editing.polished import horn
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.editing.worn import light_on, shown_around
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

BACKGROUND = IDS["background"]
FRAME_WIDTH = 5.0
"""Width of the frame, in pixels of a crop of `FRAME`, as below."""
FADE = 3.0
"""Width over which the lens begins."""
TINGE = 0.12
"""Share of what was drawn that a lens has."""


def looked_through(
    drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) in which one looks through new spectacles.

    photo: the crop uint8 (S, S, 3) with labels uint8 (S, S). wanted: the labels of the drawing;
    where: bool (S, S), what of it was drawn. Spectacles that the photo shows stay as they were
    drawn; around new ones the photo stays.
    """
    pixel = photo.shape[0] / FRAME
    old, new = labels == SPECTACLES, (wanted == SPECTACLES) & where & (labels != SPECTACLES)
    # Where a brow or a lid was, behind spectacles that are worn, nothing is put on.
    new &= ~(member(labels, BEHIND) & regions.dilate(old, BROW * pixel))
    if not new.any():
        return drawn
    behind = shown_around(new, labels, wanted, where)
    box = regions.bounding_box(where, math.ceil(BROW * pixel))
    assert box is not None, "spectacles are new"
    brows = member(wanted[box], PARTS["brows"])
    rim = FRAME_WIDTH * pixel
    depths = regions.depth(worn(wanted[box], pixel), int(rim + FADE * pixel) + 2)
    frame = np.zeros_like(new)
    frame[box] = where[box] & (depths > 0) & (depths <= rim) & (new[box] | brows)
    seen = np.where(behind[:, :, None], photo, drawn).astype(np.float32)
    tinge = TINGE * smoothstep((depths - rim) / max(FADE * pixel, 1)) * new[box]
    seen[box] += tinge[:, :, None] * (drawn[box] - seen[box])
    # What is added within spectacles that the photo shows is all lens.
    if frame.any():
        colour = np.median(drawn[frame], axis=0)
        horn(seen, frame, labels != BACKGROUND, light_on(photo, labels), colour)
    result = drawn.copy()
    values = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    np.copyto(result, values, where=where[:, :, None])
    return result
