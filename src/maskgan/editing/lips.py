"""What a generator draws of lips, in the colour of the person's own.

Lips that change their shape are carried, and only their rims are drawn. A small generator that saw
few dark lips makes these rims pink, however dark the lips beside them are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, luma, smoothstep
from maskgan.editing import regions
from maskgan.editing.layers import member
from maskgan.editing.recent import Recent
from maskgan.editing.regions import Region
from maskgan.editing.teeth import EDGE, LIPS, MOUTH, WORTH, spread
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SKIN = IDS["skin"]
LIGHT = 5.0
"""Standard deviation of the filter that continues what is near, in pixels of a crop of `FRAME`."""
COLOURED = 0.9
"""How far drawn rims of lips that are pinker go towards the colour of the person's own."""
PINKER = 0.2
"""How much pinker they are then, red and blue less twice green, over brightness."""
DARKEST = 0.55
"""Least brightness of drawn rims over what is near: corners and the fold below lips are dark."""
LINE = 2.5
"""How far from where they meet lips may be darker: the line between them is."""
EVEN = 1.0
"""Standard deviation of the edge between them and the dark of the mouth: labels have steps."""

Floats = NDArray[np.floating[Any]]


def coloured(
    drawn: Pixels,
    photo: Pixels,
    labels: Labels,
    wanted: Labels,
    where: Region,
    recent: Recent[Pixels] | None = None,
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) whose drawn rims of lips have the colour of the person's own,
    and drawn skin beside them that of skin: a generator that saw few dark faces makes them pink, or
    black. `recent` remembers lips that were coloured before; the other arguments as for
    `between_lips`. Without lips in the photo the drawing is returned as it is."""
    pixel = photo.shape[0] / FRAME
    lips, mouth = member(wanted, LIPS), wanted == MOUTH
    box = regions.bounding_box((lips | mouth) & where, math.ceil(2 * LIGHT * pixel))
    own = photo[member(labels, LIPS)]
    if box is None or len(own) < WORTH * pixel**2:
        return drawn
    upper, lower = (regions.dilate(wanted[box] == lip, LINE * pixel) for lip in LIPS)
    dark = mouth[box] | (upper & lower)
    parts = drawn[box], lips[box], mouth[box], dark, (wanted == SKIN)[box], where[box]
    recent = recent or Recent(0)
    result = drawn.copy()
    result[box] = recent.get(pixel, (own, *parts), lambda: _coloured(*parts, own, pixel))
    return result


def _coloured(
    drawn: Pixels,
    lips: Region,
    mouth: Region,
    dark: Region,
    skin: Region,
    asked: Region,
    own: Pixels,
    pixel: float,
) -> Pixels:
    """The same of a box uint8 (h, w, 3) around the mouth; dark: what of it may be black; own: uint8
    (N, 3), the person's lips."""
    picture = drawn.astype(np.float32)
    lit = 1 - gaussian(dark.astype(np.float32), EVEN * pixel)
    edge = mouth & ~regions.erode(mouth, EDGE * pixel)
    for whole, source in ((lips | edge, lips), (skin, skin)):
        rim, left = whole & asked, source & ~asked
        if left.any():
            near = spread(picture, left, LIGHT * pixel)
        elif whole is skin:
            continue
        else:
            near = np.full((1, 1, 3), own.mean(axis=0), np.float32)
        picture = _like(picture, near, rim, lit)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _like(picture: Floats, near: Floats, rim: Region, lit: Floats) -> Floats:
    """Pixels (h, w, 3) that in a rim are no pinker than what is near them, and as far as it is lit,
    (h, w) 0..1, not much darker."""
    usual, bright = luma(near)[..., None], luma(picture)[:, :, None]
    colour = near / np.maximum(usual, 1)
    # Nothing else, teeth least of all, is pinker than lips.
    pinker = _pinkness(picture / np.maximum(bright, 1)) - _pinkness(colour)
    share = (COLOURED * smoothstep(pinker / PINKER) * rim)[:, :, None]
    tinted = picture + share * (bright * colour - picture)
    lifted = np.maximum(DARKEST * usual / np.maximum(bright, 1), 1)
    result: Floats = tinted * np.where(rim, 1 + lit * (lifted[:, :, 0] - 1), 1)[:, :, None]
    return result


def _pinkness(colour: Floats) -> Floats:
    pinkness: Floats = colour[..., 0] + colour[..., 2] - 2 * colour[..., 1]
    return pinkness
