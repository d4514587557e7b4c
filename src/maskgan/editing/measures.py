"""What can be measured of a label map: how far a mouth is open, how high the brows are.

Each measure takes labels uint8 (S, S) in the CelebA-HQ frame, any S, and returns a number in the
distance between the eyes of a face seen from the front, so that faces of all sizes compare; NaN
where the map does not have the part. `MEASURES` holds them by the name of the slider that moves
them. Knows no photo and no network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from maskgan.editing import deformation, mouth
from maskgan.editing.layers import FEATURES, member
from maskgan.editing.regions import Region
from maskgan.labels import IDS, Labels

SKIN, HAIR, HAT = IDS["skin"], IDS["hair"], IDS["hat"]
SIDES = ((4, 6), (5, 7))
"""Eye and brow of each side."""
FACE = (SKIN, *FEATURES)
CHEEKS = (0.3, 1.3)
"""Where the width of a face is measured, below the eyes."""
LEAST = 8
"""Fewer pixels of a part say nothing, at any size."""


def smile(labels: Labels) -> float:
    """How much higher the corners of the mouth are than the middle of its seam."""
    found = mouth.find(labels)
    if found is None:
        return math.nan
    frame = deformation.find(labels)
    rows, columns = np.nonzero(member(labels, mouth.MOUTH))
    across, down = frame.inside(columns.astype(np.float32), rows.astype(np.float32))
    width = float(across.max() - across.min())
    middle = float(across.max() + across.min()) / 2
    outer = np.abs(across - middle) > 0.42 * width
    inner = np.abs(across - middle) < 0.1 * width
    if not outer.any() or not inner.any():
        return math.nan
    lift = float(down[inner].mean()) - float(down[outer].mean())
    return lift / frame.unit


def mouth_open(labels: Labels) -> float:
    """Height of what shows between the lips, on average over the width of the mouth."""
    inside, whole = labels == mouth.INSIDE, member(labels, mouth.MOUTH)
    if whole.sum() < LEAST:
        return math.nan
    frame = deformation.find(labels)
    columns = np.nonzero(whole.any(axis=0))[0]
    width = int(columns[-1] - columns[0]) + 1
    return float(inside.sum()) / width / frame.unit


def eye_opening(labels: Labels) -> float:
    """Height of an eye over its width, on average over both."""
    return _mean(_openness(labels == eye) for eye, _ in SIDES)


def brow_height(labels: Labels) -> float:
    """From the centre of an eye up to that of its brow, on average over both."""
    frame = deformation.find(labels)
    return _mean((_level(labels, eye) - _level(labels, brow)) / frame.unit for eye, brow in SIDES)


def face_width(labels: Labels) -> float:
    """Width of skin and features at the height of the cheeks."""
    frame = deformation.find(labels)
    rows, columns = np.nonzero(member(labels, FACE))
    _, down = frame.inside(columns.astype(np.float32), rows.astype(np.float32))
    low, high = (share * frame.unit for share in CHEEKS)
    level = (down > low) & (down < high)
    if level.sum() < LEAST:
        return math.nan
    return float(level.sum()) / (high - low) / frame.unit


def hair_length(labels: Labels) -> float:
    """How far below the eyes hair goes: where all but a twentieth of it is higher. NaN for bald
    heads and under hats, whose hair does not show whole."""
    if (labels == HAIR).sum() < max(LEAST, 0.005 * labels.size) or (labels == HAT).any():
        return math.nan
    frame = deformation.find(labels)
    rows, columns = np.nonzero(labels == HAIR)
    _, down = frame.inside(columns.astype(np.float32), rows.astype(np.float32))
    return float(np.quantile(down, 0.95)) / frame.unit


MEASURES: Mapping[str, Callable[[Labels], float]] = MappingProxyType(
    {
        "smile": smile,
        "mouth_open": mouth_open,
        "eye_opening": eye_opening,
        "brow_height": brow_height,
        "face_width": face_width,
        "hair_length": hair_length,
    }
)
"""Slider of `maskgan.editing.attributes` -> what it makes larger."""


def _openness(eye: Region) -> float:
    if eye.sum() < LEAST:
        return math.nan
    width = int(eye.any(axis=0).sum())
    return float(eye.sum()) / width**2


def _level(labels: Labels, index: int) -> float:
    rows = np.nonzero(labels == index)[0]
    return float(rows.mean()) if rows.size >= LEAST else math.nan


def _mean(values: Iterable[float]) -> float:
    """Mean of the numbers that are known; NaN without any."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
