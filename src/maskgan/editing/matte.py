"""Where hair ends: strands reach over its outline, and it thins out.

A label map knows hair or no hair; a photo of hair has no such line. Where an edit makes an outline
of hair anew, the line is moved by the hair's own texture, strand by strand, and hair fades over it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.editing import regions
from maskgan.editing.hair import BEHIND, FACE, HAIR, RIM
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME, texture
from maskgan.images import Pixels
from maskgan.labels import Labels

OVER = 8.0
"""How far strands may leave an outline, in pixels of a crop of `FRAME`."""
WISPS, CUT = 1.6, 3.0
"""How far they usually do, where hair grew and where it was cut."""
SOFT, SOFTER = 4.0, 5.0
"""Width over which hair thins out, and how much more of it there is against a face."""
NEAR = 6.0
"""Standard deviation of the filter that says how near a face is."""

Floats = NDArray[np.floating[Any]]


def matte(
    wanted: Labels, strands: Floats, near: Region, wisps: float | Floats, pixel: float
) -> Floats:
    """How much of a pixel is hair, float32 (h, w) from 0 to 1, exact within `OVER` of an outline.

    wanted: labels uint8 (h, w) of a part of a crop; strands: the hair's texture (h, w); near: bool
    (h, w), the rim whose texture is typical; wisps: how far a typical strand leaves the outline;
    pixel: a pixel of `FRAME` in pixels of the crop.
    """
    hair, reach = wanted == HAIR, round(2 * OVER * pixel)
    inside, outside = regions.depth(hair, reach), regions.depth(~hair, reach)
    depth = np.where(hair, inside - 0.5, 0.5 - outside) / np.float32(pixel)
    typical = max(float(strands[near].std()), 1e-3) if near.any() else 1.0
    width = SOFT + SOFTER * face_beside(wanted, pixel)
    return smoothstep(0.5 + (depth + wisps * strands / typical) / width)


def face_beside(wanted: Labels, pixel: float) -> Floats:
    """How near the face is, float32 (h, w): 1 at its rim, 0 some pixels away."""
    face = member(wanted, FACE).astype(np.float32)
    return np.minimum(2 * gaussian(face, NEAR * pixel), 1)


def trim(drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region) -> Pixels:
    """The drawn crop uint8 (S, S, 3) in which hair that was cut has ends: those of the photo's
    strands. Arguments as for `comb`; where nothing was cut, the drawing is returned as it is."""
    pixel = photo.shape[0] / FRAME
    left, hair = wanted == HAIR, labels == HAIR
    # A hat that is put on cuts nothing: it lies on top.
    bare = member(wanted, (*BEHIND, *FACE)) & where
    cut = hair & bare & regions.dilate(left & hair, 2 * OVER * pixel)
    box = regions.bounding_box(cut, math.ceil(2 * OVER * pixel))
    if box is None:
        return drawn
    rim = (cut | (left & hair & where))[box]
    strands = texture(photo, regions.erode(hair, RIM * pixel))[box]
    # A fringe is cut along the forehead, not into it.
    wisps = CUT - (CUT - WISPS) * face_beside(wanted[box], pixel)
    weight = matte(wanted[box], strands, cut[box], wisps, pixel) * rim
    result = drawn.copy()
    mixed = drawn[box] + weight[:, :, None] * (photo[box].astype(np.float32) - drawn[box])
    result[box] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result
