"""The relief of an ear: what a person gets for one that hair hid.

A small generator draws a smooth pink oval. As of teeth, what ears have in common is known, so new
ones are built: a rim that is rolled in, a ridge within it, the hollow before the passage, a lobe,
in the colour of the skin beside them and turned to the light that the face is seen in. Lengths are
in heights of an ear, and lines of it points (across, down) of its box from 0 to 1, across outwards.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.editing import regions
from maskgan.editing.ears import SIDES
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.editing.worn import light_on
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

ASPECT = 0.55
"""Width of an ear that is seen from the side. One that turns away gets narrower, and all in it."""
HELIX = (
    *((0.16, 0.46), (0.13, 0.33), (0.22, 0.20), (0.40, 0.09), (0.62, 0.035), (0.82, 0.05)),
    *((0.915, 0.13), (0.93, 0.25), (0.90, 0.37), (0.82, 0.50), (0.74, 0.63), (0.64, 0.74)),
)
"""The rim, from above the passage around to the lobe."""
ANTIHELIX = ((0.66, 0.22), (0.70, 0.33), (0.67, 0.46), (0.57, 0.58), (0.44, 0.66), (0.33, 0.68))
CRUS = ((0.42, 0.24), (0.56, 0.29), (0.68, 0.36))
"""The ridge within it, and its upper branch."""
SCAPHA = ((0.56, 0.13), (0.74, 0.13), (0.81, 0.23), (0.80, 0.36), (0.72, 0.49), (0.63, 0.61))
"""The groove between rim and ridge."""
RIDGES = ((HELIX, 1.0, 0.045), (ANTIHELIX, 0.75, 0.05), (CRUS, 0.35, 0.04))
"""Lines, how high what runs along them is, and how far to its sides."""
MOUNDS = (
    ((0.13, 0.555), 0.6, (0.06, 0.06)),
    ((0.38, 0.70), 0.4, (0.06, 0.04)),
    ((0.26, 0.86), 0.5, (0.16, 0.11)),
)
"""Tragus, antitragus and lobe: where, how high, and how wide and tall."""
HOLLOWS = (
    ((0.40, 0.53), 0.9, (0.10, 0.10)),
    ((0.38, 0.40), 0.5, (0.10, 0.06)),
    ((0.30, 0.62), 0.35, (0.04, 0.05)),
)
"""The concha's two parts and the notch below them: where, how deep, and how wide and tall."""
GROOVE = 0.45, 0.04
"""How deep the scapha is, and how far to its sides."""
LEVEL, LIFTED, SUNKEN, SLANTED = 0.45, 0.10, 0.42, 0.05
"""Height that is as bright as skin; how much brighter what is high is, how much darker what is
deep, and how much the light counts that falls on slopes."""
REDDER = np.array([0.8, 1.15, 1.25], np.float32)
"""Exponents by which shade is deeper in red, green and blue: blood shines through."""
DARKEST, BRIGHTEST = 0.25, 1.3

NEW = 0.6
"""Share of an ear that has to be new: of one that is seen, the photo knows the rest."""
LEAST, TALL = 200, 16
"""Pixels of an ear, of a crop of `FRAME`, that it is worth doing for, and rows of one in which its
relief is seen."""
BESIDE = 30.0
"""How far from it the skin is whose colour it has, in pixels of a crop of `FRAME`, as below."""
MERGE = 0.3
"""Share of its width over which it begins beside the cheek."""
EDGE = 0.9
"""Standard deviation of its edge: labels have steps."""

Floats = NDArray[np.floating[Any]]


def formed(drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region) -> Pixels:
    """The drawn crop uint8 (S, S, 3) in which new ears are built.

    photo: the crop uint8 (S, S, 3) with labels uint8 (S, S). wanted: the labels of the drawing;
    where: bool (S, S), what of it was drawn. Without a new ear the drawing is returned as it is.
    """
    for index, side in SIDES.items():
        ear = wanted == index
        new = ear & where & (labels != index)
        least = max(NEW * np.count_nonzero(ear), LEAST * (photo.shape[0] / FRAME) ** 2)
        if np.count_nonzero(new) >= least and np.count_nonzero(ear.any(axis=1)) >= TALL:
            drawn = _formed(drawn, wanted, ear, new, side, light_on(photo, labels))
    return drawn


def _formed(
    drawn: Pixels, wanted: Labels, ear: Region, new: Region, side: int, lit: Floats
) -> Pixels:
    """The same for one ear."""
    pixel = drawn.shape[0] / FRAME
    box = regions.bounding_box(ear, round(BESIDE * pixel))
    assert box is not None, "there is an ear"
    inside, skin = ear[box], (wanted == IDS["skin"])[box]
    beside = skin & regions.dilate(inside, BESIDE * pixel)
    picture = drawn[box].astype(np.float32)
    colour = np.median(picture[beside if beside.any() else inside], axis=0)
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    across = (np.arange(inside.shape[1]) - columns[0] + 0.5) / (np.ptp(columns) + 1)
    down = (np.arange(inside.shape[0]) - rows[0] + 0.5) / (np.ptp(rows) + 1)
    across = across if side > 0 else 1 - across
    shade = shaded(across, down, float(np.ptp(rows) + 1), lit * (side, 1))
    built = colour * np.power(shade[:, :, None], REDDER)
    cover = np.clip(gaussian(inside.astype(np.float32), EDGE * pixel), 0, 1)
    cover *= gaussian(regions.dilate(new[box], pixel).astype(np.float32), pixel)
    # It goes over into the cheek, and ends at what is behind it.
    cover *= smoothstep(across / MERGE)
    mixed = picture + cover[:, :, None] * (built - picture)
    result = drawn.copy()
    np.copyto(
        result[box],
        np.clip(np.rint(mixed), 0, 255).astype(np.uint8),
        where=(cover > 0)[:, :, None],
    )
    return result


def shaded(across: Floats, down: Floats, tall: float, lit: Floats) -> Floats:
    """How bright an ear is, over skin, float32 (h, w), in columns (w,) and rows (h,) of its box.

    tall: how many pixels high it is. lit: from where the light comes (2,), its x as across.
    """
    place = np.dstack(np.meshgrid(across * ASPECT, down))
    high, deep = np.zeros(place.shape[:2]), np.zeros(place.shape[:2])
    for line, height, width in RIDGES:
        high += height * _near(_distance(place, line), width)
    for center, height, size in MOUNDS:
        high += height * _mound(place, center, size)
    deep += GROOVE[0] * _near(_distance(place, SCAPHA), GROOVE[1])
    for center, depth, size in HOLLOWS:
        deep += depth * _mound(place, center, size)
    falls_down, falls_across = (-slope * tall for slope in np.gradient(high))
    slanted = SLANTED * (falls_across * lit[0] + falls_down * lit[1])
    bright = 1 + LIFTED * (high - LEVEL) - SUNKEN * deep + slanted
    result: Floats = np.clip(bright, DARKEST, BRIGHTEST).astype(np.float32)
    return result


def _near(distance: Floats, width: float) -> Floats:
    near: Floats = np.exp(-np.square(distance / width))
    return near


def _mound(place: Floats, center: tuple[float, float], size: tuple[float, float]) -> Floats:
    """A mound at a place, 0..1 at places (h, w, 2)."""
    away = (place - np.multiply(center, (ASPECT, 1))) / size
    mound: Floats = np.exp(-np.square(away).sum(axis=2))
    return mound


def _distance(place: Floats, line: tuple[tuple[float, float], ...]) -> Floats:
    """How far places (h, w, 2) are from a line through points of an ear's box."""
    points = np.multiply(line, (ASPECT, 1))
    distance = np.full(place.shape[:2], np.inf)
    for start, end in itertools.pairwise(points):
        way = end - start
        along = np.clip((place - start) @ way / (way @ way), 0, 1)[:, :, None]
        distance = np.minimum(distance, np.hypot(*np.moveaxis(place - start - along * way, 2, 0)))
    return distance
