"""What a generator draws of lips, in the colour of the person's own.

Lips that change their shape are carried, and only their rims are drawn. A small generator that saw
few dark lips makes these rims pink, however dark the lips beside them are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import luma, smoothstep
from maskgan.editing import regions
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.teeth import EDGE, LIGHT, LIPS, MOUTH, WORTH, spread
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import Labels

COLOURED = 0.9
"""How far drawn rims of lips that are pinker go towards the colour of the person's own."""
PINKER = 0.2
"""How much pinker they are then, red less green over brightness."""

Floats = NDArray[np.floating[Any]]


def coloured(drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region) -> Pixels:
    """The drawn crop uint8 (S, S, 3) whose drawn rims of lips have the colour of the person's own,
    as bright as they were drawn: a generator that saw few dark lips makes them pink. Arguments as
    for `between_lips`; without lips in the photo the drawing is returned as it is."""
    pixel = photo.shape[0] / FRAME
    lips = member(wanted, LIPS)
    mouth = (wanted == MOUTH) & ~regions.erode(wanted == MOUTH, EDGE * pixel)
    box = regions.bounding_box((lips | mouth) & where, math.ceil(2 * LIGHT * pixel))
    own = photo[member(labels, LIPS)]
    if box is None or len(own) < WORTH * pixel**2:
        return drawn
    picture, rim = drawn[box].astype(np.float32), ((lips | mouth) & where)[box]
    carried = (lips & ~where)[box]
    near: Floats = np.full((1, 1, 3), own.mean(axis=0), np.float32)
    if carried.any():
        near = spread(picture, carried, LIGHT * pixel)
    own_colour, bright = near / np.maximum(luma(near), 1)[..., None], luma(picture)[:, :, None]
    # Nothing else, teeth least of all, is pinker than lips.
    pinker = _pinkness(picture / np.maximum(bright, 1)) - _pinkness(own_colour)
    share = COLOURED * smoothstep(pinker / PINKER) * rim
    tinted = bright * own_colour
    result = drawn.copy()
    mixed = picture + share[:, :, None] * (tinted - picture)
    result[box] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result


def _pinkness(colour: Floats) -> Floats:
    pinkness: Floats = colour[..., 0] - colour[..., 1]
    return pinkness
