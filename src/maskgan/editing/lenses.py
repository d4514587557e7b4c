"""Spectacles that are put on: the frame is drawn, and through the lenses one sees the face.

Spectacles are one class with what is behind them, so a generator that paints them paints eyes that
are not the person's, behind a lens of some colour. Of what it drew only the rim is kept, and a
tinge of the rest.
"""

from __future__ import annotations

import numpy as np

from maskgan.alignment.filters import smoothstep
from maskgan.editing import regions
from maskgan.editing.layers import PARTS
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SPECTACLES = IDS["eye_g"]
BEHIND = (*PARTS["eyes"], *PARTS["brows"])
FRAME_WIDTH = 5.0
"""Width of the frame that is drawn, in pixels of a crop of `FRAME`, as below."""
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
    drawn.
    """
    pixel = photo.shape[0] / FRAME
    new = (wanted == SPECTACLES) & where & (labels != SPECTACLES)
    if not new.any():
        return drawn
    # Eyes and brows behind clear glasses have their own labels, and no frame around them.
    worn, still = wanted == SPECTACLES, np.zeros_like(new)
    for index in BEHIND:
        after = wanted == index
        worn |= after
        if np.array_equal(after, labels == index):
            # Only its rim was drawn again, for the frame beside it.
            still |= after & where
    box = regions.bounding_box(new | still, 1)
    assert box is not None, "spectacles are new"
    rim = FRAME_WIDTH * pixel
    depths = regions.depth(worn[box], int(rim + FADE * pixel) + 2)
    lens = (1 - TINGE) * smoothstep((depths - rim) / max(FADE * pixel, 1))
    lens, new = np.where(still[box], 1, lens), new | still
    seen = drawn[box] + lens[:, :, None] * (photo[box].astype(np.float32) - drawn[box])
    result = drawn.copy()
    values = np.rint(seen).astype(np.uint8)
    np.copyto(result[box], values, where=new[box][:, :, None])
    return result
