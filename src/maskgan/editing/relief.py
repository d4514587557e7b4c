"""Which way a body turns that is known by its outline alone, and from where the light comes.

Near its outline a round body turns away from who looks at it, the more the nearer. Of a face that
is enough to tell on which side it is lit, and of what is put on it to light it from there. Normals
are (x, y) of vectors of length 1: (0, 0) faces the camera, (0, -1) the sky. Knows no labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import block_means, enlarge, gaussian, luma
from maskgan.editing import regions
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels

ROUND = (8.0, 24.0, 60.0)
"""How far inwards a head turns away, as standard deviations in pixels of a crop of `FRAME`, as
below: steep at the rim, flat in the middle."""
COARSE, FINE = 4.0, 0.8
"""What normals are made from: means of so many pixels a side, of no more than so many of the least
of these deviations."""
RIM = 4.0
"""Distance from its rim from which skin is skin for sure."""
LEAST = 2000
"""Pixels of skin below which it tells nothing of the light."""
EVEN = 0.02
"""How much the light is held to come from the camera: spots and beards are no shadows."""
HARDEST = 0.6
"""The most by which it comes from a side."""
FROM_ABOVE = (0.0, -0.25)
"""Where it comes from where nothing tells."""

Floats = NDArray[np.floating[Any]]


def normals(body: Region, widths: Sequence[float] = ROUND) -> Floats:
    """Normals float32 (S, S, 2) of a body bool (S, S), which goes on beyond the crop's border.

    widths: standard deviations in pixels of a crop of `FRAME`, the distances from its outline
    within which it turns away, each for an equal part.
    """
    pixel = body.shape[0] / FRAME
    step = max(int(min(COARSE, FINE * min(widths)) * pixel), 1)
    small = block_means(body.astype(np.float32), step)
    field = np.zeros((*small.shape, 2), np.float32)
    for width in widths:
        sigma = width * pixel / step
        down, right = np.gradient(gaussian(small, sigma))
        # At a straight outline the gradient of the blurred body is 1 over this.
        share = np.float32(sigma * math.sqrt(2 * math.pi) / len(widths))
        field -= share * np.stack([right, down], axis=2)
    field /= np.maximum(np.hypot(field[:, :, 0], field[:, :, 1]), 1)[:, :, None]
    height, width = body.shape
    return enlarge(field, step, (slice(0, height), slice(0, width)))


def light(photo: Pixels, skin: Region, turned: Floats) -> Floats:
    """From where the light comes that skin, bool (S, S), is seen in: float (2,), the x and y of
    what is added to a brightness of 1 where a surface is turned there. `turned`: its normals."""
    skin = regions.erode(skin, RIM * photo.shape[0] / FRAME)
    if np.count_nonzero(skin) < LEAST * (photo.shape[0] / FRAME) ** 2:
        return np.array(FROM_ABOVE)
    bright = luma(photo)[skin].astype(np.float64)
    bright /= max(float(np.median(bright)), 1)
    known = np.column_stack([np.ones_like(bright), turned[skin]])
    squares = known.T @ known + np.diag([0.0, EVEN, EVEN]) * len(bright)
    level, right, down = np.linalg.solve(squares, known.T @ bright)
    found: Floats = np.clip(np.array([right, down]) / max(level, 0.1), -HARDEST, HARDEST)
    return found


def facing(turned: Floats) -> Floats:
    """How much a surface with normals (..., 2) faces the camera: z, 0..1."""
    ahead: Floats = np.sqrt(np.maximum(1 - (turned * turned).sum(axis=-1), 0))
    return ahead
