"""The head below hair and hats: its outline, neck and shoulders, and how another's is laid on it.

Labels show a face up to its hair. Where the head ends follows from the face's proportions: the
crown is about as far above the eyes as the chin is below them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from maskgan.editing import affine, regions
from maskgan.editing.affine import Matrix
from maskgan.editing.layers import FEATURES, member
from maskgan.editing.regions import Region
from maskgan.labels import IDS, Labels

SKIN, HAIR, HAT, NECK = 1, 13, 14, 17
FACE, GLASSES = (SKIN, *FEATURES), IDS["eye_g"]
"""Skin and what lies on it, and what may part eyes from it."""
WIDTH_TO_HEIGHT = 0.7
"""Least half width of a head over its half height."""
CROWN = 0.93
"""Height of the head above the eyes over that below them, as of twelve bald people of
CelebAMask-HQ."""
LOWEST, THIN, MIDDLE = 0.6, 0.04, 0.6
"""Least height of the crown above the eyes, in half heights of the head; by how many it is below
the top of hair at least; and half widths beside the middle within which that is looked for."""
EARS = 0.45
"""Half heights from the eyes down to the lower end of the ears."""
NECK_WIDTH, NECK_SLOPE = 0.65, 0.6
"""Half width of a neck at the chin and behind the jaw in half widths of the head, and by how many
it gets wider per half height of the head further down."""
SHOULDER_SLOPE, SHOULDER = 0.23, 0.05
"""How many half heights of the head shoulders fall from the neck per half width of the head, and
how far above and below that they may be; as wide as in the median of 279 people of CelebAMask-HQ
with short hair."""
FITTING = 0.6, 1.7
"""Least and largest scale at which what another head wears is laid on the own one."""
DOME = 0.45
"""Height over half width of the dome that closes hair which its picture cut off above."""


@dataclass(frozen=True)
class Head:
    """The head of a label map, as an upright ellipse, in pixels."""

    region: Region
    """Bool (H, W): where the head is, hair taken away."""
    middle: float
    """Column halfway between the sides of the face."""
    level: float
    """Row of the eyes."""
    half_width: float
    half_height: float

    @property
    def chin(self) -> int:
        """Row of the chin."""
        return round(self.level + self.half_height)

    @property
    def ears(self) -> int:
        """Row of the ears' lower end, below which nothing grows but a beard."""
        return round(self.level + EARS * self.half_height)

    def nape(self, shape: tuple[int, ...]) -> Region:
        """Where the neck is seen beside the jaw, bool (H, W)."""
        row, column = np.ogrid[: shape[0], : shape[1]]
        behind = np.abs(column - self.middle) <= NECK_WIDTH * self.half_width
        nape: Region = behind & (row > self.ears) & (row < self.chin) & ~self.region
        return nape

    def below(self, shape: tuple[int, ...], body: int) -> list[tuple[Region, tuple[int, ...]]]:
        """What is below the chin of somebody who looks at us, in a map (H, W): regions, bool (H,
        W), and the classes that are there. `body` is what shoulders are, clothes or skin."""
        row, column = np.ogrid[: shape[0], : shape[1]]
        beside = np.abs(column - self.middle) / self.half_width - NECK_WIDTH
        deep = (row - self.level) / self.half_height - 1
        neck = beside <= NECK_SLOPE * np.maximum(deep, 0)
        shoulder = deep - SHOULDER_SLOPE * beside
        ground, within = shoulder < -SHOULDER, shoulder > SHOULDER
        return [
            (neck, (NECK, body)),
            (~neck & ground, (0,)),
            (~neck & within, (body,)),
            (~neck & ~ground & ~within, (0, body)),
        ]


def find(labels: Labels) -> Head | None:
    """The head of a face; None where it has no eyes, or no skin below them."""
    face = member(labels, FACE)
    eyes = np.nonzero(member(labels, (4, 5)))
    if not eyes[0].size or not face.any():
        return None
    # What else looks like skin, a hand or a wall, is no part of it: the piece with eyes is.
    pieces = regions.components(member(labels, (*FACE, GLASSES)))
    sizes = np.bincount(pieces[face])
    face = face & (pieces == max(np.unique(pieces[eyes]), key=lambda piece: int(sizes[piece])))
    rows, columns = np.nonzero(face)
    level, chin = float(eyes[0].mean()), int(np.percentile(rows, 99.5))
    half_height = chin - level
    if half_height < 4:
        return None
    beside = columns[np.abs(rows - level) <= half_height / 2]
    if not beside.size:
        return None
    left, right = np.percentile(beside, (0.5, 99.5))
    half_width = max((right - left) / 2, WIDTH_TO_HEIGHT * half_height)
    middle = (left + right) / 2
    y = (np.arange(labels.shape[0])[:, None] - level) / half_height
    x = (np.arange(labels.shape[1])[None] - middle) / half_width
    # What is seen of a head, and hair on it, does not end below its crown.
    seen = member(labels, (*FACE, GLASSES, HAIR, HAT)) & (np.abs(x) <= MIDDLE)
    top = int(np.flatnonzero(seen.any(axis=1))[0])
    crown = CROWN if top == 0 else min(CROWN, max((level - top) / half_height - THIN, LOWEST))
    y = np.where(y < 0, y / crown, y)
    # Strands that hang before the face lie between face pixels of their row.
    between = np.maximum.accumulate(face, axis=1)
    between &= np.maximum.accumulate(face[:, ::-1], axis=1)[:, ::-1]
    region = (x * x + y * y <= 1) | (between & (np.abs(x) <= 1.1))
    return Head(region, middle, level, half_width, half_height)


def laid_on(other: Head, own: Head) -> Matrix:
    """The map that lays another head on the own one, with what it wears: of its width and height,
    each within `FITTING` of the other's."""
    low, high = FITTING
    scale = [
        min(max(own.half_width / other.half_width, low), high),
        min(max(own.half_height / other.half_height, low), high),
    ]
    origin, target = (np.array([each.middle, each.level]) for each in (other, own))
    linear = np.diag(scale)
    offset = target - linear @ origin
    # Whole pixels where nothing is scaled: the shape is copied as it is.
    return affine.matrix(linear, shift=tuple(np.rint(offset) if scale == [1, 1] else offset))


def rounded(hair: Region, top: float) -> Region:
    """Hair bool (H, W) that its picture cut off at row `top`, closed by a dome above it."""
    row = math.ceil(top)
    if row <= 0 or row >= hair.shape[0] or not hair[row].any():
        return hair
    columns = np.flatnonzero(hair[row])
    half = (columns[-1] - columns[0]) / 2 + 0.5
    x = (np.arange(hair.shape[1])[None] - (columns[0] + columns[-1]) / 2) / half
    y = (row - np.arange(row)[:, None]) / (DOME * half)
    result = hair.copy()
    result[:row] &= x * x + y * y <= 1
    return result
