"""What hair hides: the head's outline, and how a face looks when its hair is gone.

Nearest-class filling alone would stretch the forehead up to the picture's border. An outline from
the face's proportions (eyes halfway between the crown and the chin) says where skin ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.layers import FEATURES, member, spread, uncover
from maskgan.editing.regions import Region
from maskgan.labels import Labels

HAIR, HAT = 13, 14
FACE = (1, *FEATURES)
"""Skin and what lies on it."""
WIDTH_TO_HEIGHT = 0.7
"""Least half width of a head over its half height."""


@dataclass(frozen=True)
class Head:
    """The head of a label map."""

    region: Region
    """Bool (H, W): where the head is, hair taken away."""
    chin: int
    """Row of the chin, in pixels."""


def find(labels: Labels) -> Head | None:
    """The head of a face; None where it has no eyes, or no skin below them."""
    face = member(labels, FACE)
    eyes = np.nonzero(member(labels, (4, 5)))
    rows, columns = np.nonzero(face)
    if not eyes[0].size:
        return None
    level, chin = float(eyes[0].mean()), int(np.percentile(rows, 99.5))
    half_height = chin - level
    if half_height < 4:
        return None
    beside = columns[np.abs(rows - level) <= half_height / 2]
    left, right = np.percentile(beside, (0.5, 99.5))
    half_width = max((right - left) / 2, WIDTH_TO_HEIGHT * half_height)
    middle = (left + right) / 2
    y = (np.arange(labels.shape[0])[:, None] - level) / half_height
    x = (np.arange(labels.shape[1])[None] - middle) / half_width
    # Strands that hang before the face lie between face pixels of their row.
    between = np.maximum.accumulate(face, axis=1)
    between &= np.maximum.accumulate(face[:, ::-1], axis=1)[:, ::-1]
    return Head(region=(x * x + y * y <= 1) | (between & (np.abs(x) <= 1.1)), chin=chin)


def reveal(labels: Labels, region: Region, hidden: Region | None = None) -> Labels:
    """`layers.uncover`, but hair gives way to skin within the head's outline, to background beside
    and above it, and to neck, clothes or background below the chin; a hat likewise, and to hair.
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
        # What was just filled above counts, so that shoulders slope down from the chin.
        spread(result, below, (0, 17, 18, *hair), gone & ~above)
    # A hat on hair that is gone sits on the head.
    stacked = np.where(result == HAT, 1, np.where(member(result, FACE), 2, 0))
    stacked[cover & (result == 0)] = -1
    result[_between(stacked.T).T] = HAT
    return result


def close_gaps(labels: Labels, inner: Region, writable: Region) -> Labels:
    """Gives to the hair the background between a face and hair that was made for a larger face.
    New uint8 (H, W).

    `inner` is where the face was that the hair belongs to. A gap lies within it, and along its row
    or column has the hair on one side and the face on the other.
    """
    gap = inner & writable & (labels == 0)
    result = labels.copy()
    box = regions.bounding_box(gap, 1)
    if box is not None:
        crop = labels[box]
        kind = np.where(crop == HAIR, 1, np.where(member(crop, (*FACE, 8, 9, 17)), 2, 0))
        kind[gap[box]] = -1
        result[box][_between(kind) | _between(kind.T).T] = HAIR
    return result


def _between(kind: NDArray[np.int64]) -> Region:
    """Of each row's pixels of kind -1, those with kinds 1 and 2 at the two ends of their run."""
    columns = np.arange(kind.shape[1])
    before = np.maximum.accumulate(np.where(kind < 0, 0, columns), axis=1)
    after = np.minimum.accumulate(np.where(kind < 0, kind.shape[1] - 1, columns)[:, ::-1], axis=1)[
        :, ::-1
    ]
    ends = np.take_along_axis(kind, before, 1) * np.take_along_axis(kind, after, 1)
    between: Region = np.logical_and(kind < 0, ends == 2)
    return between
