"""What hair hides: the head's outline, and how a face looks when its hair is gone.

Nearest-class filling alone would stretch the forehead up to the picture's border. An outline from
the face's proportions (eyes halfway between the crown and the chin) says where skin ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from maskgan.editing import affine, regions
from maskgan.editing.affine import Matrix
from maskgan.editing.layers import FEATURES, member, spread, uncover
from maskgan.editing.regions import Region
from maskgan.labels import IDS, Labels

SKIN, HAIR, HAT, NECK, CLOTH = 1, 13, 14, 17, 18
FACE, GLASSES = (SKIN, *FEATURES), IDS["eye_g"]
"""Skin and what lies on it, and what may part eyes from it."""
WIDTH_TO_HEIGHT = 0.7
"""Least half width of a head over its half height."""
EARS = 0.45
"""Half heights from the eyes down to the lower end of the ears."""
NECK_WIDTH, NECK_SLOPE = 0.65, 0.6
"""Half width of a neck at the chin in half widths of the head, and by how many it gets wider per
half height of the head further down."""
SHOULDER_SLOPE, SHOULDER = 0.23, 0.05
"""How many half heights of the head shoulders fall from the neck per half width of the head, and
how far above and below that they may be; as wide as in the median of 279 people of CelebAMask-HQ
with short hair."""
FITTING = 0.6, 1.7
"""Least and largest scale at which what another head wears is laid on the own one."""
DOME = 0.45
"""Height over half width of the dome that closes hair which its picture cut off above."""
GAPS = 24
"""The picture's longer side over half the widest gap that new hair closes."""


@dataclass(frozen=True)
class Head:
    """The head of a label map, as an upright ellipse, in pixels."""

    region: Region
    """Bool (H, W): where the head is, hair taken away."""
    middle: float
    """Column halfway between the sides of the face."""
    level: float
    """Row of the eyes, which are halfway between crown and chin."""
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


def still_covered(labels: Labels, before: Labels, bare: Region, locked: Region) -> Labels:
    """Gives back to the hair the skin of a head that hair covered `before` and where the one who
    now lends it has no face: the back of a head that is turned. New uint8 (H, W).

    `bare` is where the other's face is, bool (H, W); pixels of `locked` stay.
    """
    own = find(before)
    if own is None:
        return labels
    covered = (before == HAIR) & (labels == SKIN) & ~bare & ~locked
    covered[own.ears :] = False
    return np.where(covered, HAIR, labels).astype(np.uint8)


def reveal(labels: Labels, region: Region, hidden: Region | None = None) -> Labels:
    """`layers.uncover`, but hair gives way to skin within the head's outline, to background beside
    and above it, and to neck, shoulders or background below the chin; a hat likewise, and to hair.
    New uint8 (H, W).
    """
    covers = [index for index in (HAIR, HAT) if (region & (labels == index)).any()]
    head = find(labels) if covers else None
    if head is None:
        return uncover(labels, region, hidden=hidden)
    gone = region if hidden is None else region | hidden
    cover = region & member(labels, covers)
    result = uncover(labels, region & ~cover, hidden=gone)
    high = np.zeros_like(region)
    high[: head.chin] = True
    for index in covers:
        own = cover & (labels == index)
        hair = (HAIR,) if index == HAT else ()
        above, below = own & high & ~head.region, own & ~high & ~head.region
        spread(result, own & head.region, (1, *hair), gone)
        spread(result, above, (0, *hair), gone)
        # What was just filled above counts: the background beside the shoulders.
        body = CLOTH if (member(labels, (CLOTH,)) & ~gone).any() else NECK
        for part, order in head.below(labels.shape, body):
            spread(result, below & part, (*order, *hair), gone & ~above)
    # A hat on hair that is gone sits on the head.
    hat = result == HAT
    if hat.any():
        result[_sits_on(hat, member(result, FACE), cover & (result == 0))] = HAT
    return result


def close_gaps(labels: Labels, before: Labels, inner: Region, locked: Region) -> Labels:
    """Gives to the hair the background between a face and hair that was made for a larger face.
    New uint8 (H, W).

    `inner` is where the other person was but for the hair. Gaps lie within it, near the hair, and
    vanish when hair and face together are closed by a disc; so do holes that were not there
    `before`. Wider gaps come from heads that are turned otherwise and stay, and so do pixels of
    `locked`.
    """
    radius = max(labels.shape) / GAPS
    gap = inner & ~locked & (labels == 0)
    result = labels.copy()
    box = regions.bounding_box(gap, 3 * int(radius) + 2)
    if box is not None:
        crop = labels[box]
        hair, beside = crop == HAIR, member(crop, (*FACE, 8, 9, 17))
        closed = regions.closed(hair | beside, radius)
        view, within = result[box], gap[box]
        view[within & closed & regions.dilate(hair, 2 * radius)] = HAIR
        pieces = regions.components(view == 0)
        earlier = regions.components(before[box] == 0)
        area = np.bincount(pieces.ravel())
        new = (before[box] != 0) | (np.bincount(earlier.ravel())[earlier] != area[pieces])
        holes = np.bincount(pieces[within & new], minlength=area.size) >= 0.9 * area
        touching = np.zeros_like(holes)
        touching[pieces[regions.dilate(view == HAIR, 1)]] = True
        view[(holes & touching)[pieces] & within] = HAIR
    return result


def _sits_on(hat: Region, face: Region, gap: Region) -> Region:
    """The pixels of `gap` with the hat above and the face below their run in the column."""
    kind = np.where(hat, 1, np.where(face, 2, 0))
    kind[gap] = -1
    rows, last = np.arange(gap.shape[0])[:, None], gap.shape[0] - 1
    above = np.maximum.accumulate(np.where(gap, 0, rows), axis=0)
    below = np.minimum.accumulate(np.where(gap, last, rows)[::-1], axis=0)[::-1]
    top, bottom = np.take_along_axis(kind, above, 0), np.take_along_axis(kind, below, 0)
    seated: Region = gap & np.equal(top, 1) & np.equal(bottom, 2)
    return seated
