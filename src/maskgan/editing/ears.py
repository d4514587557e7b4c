"""Where the ears of a head are that hair hides.

Measured on 260 ears of CelebAMask-HQ (train split) that no hair covers: they begin a little above
the eyes, end at the tip of the nose, and are seen wider the more the face turns away from them.
How far a face turns shows in its nose, which is beside the middle of the eyes then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maskgan.editing import head, shapes
from maskgan.editing.head import Head
from maskgan.editing.layers import FEATURES, member
from maskgan.editing.regions import Region
from maskgan.labels import IDS, Labels

INNER = 0.85
"""Where an ear begins beside the middle of the face, in half widths of the head; further outside
where the face is seen that far."""
TOP, BOTTOM = -0.07, 0.40
"""Where it begins and ends below the eyes, in half heights of the head."""
WIDE, TURNED = 0.225, 1.8
"""How wide it is seen from the front, in half widths of the head, and how much less per distance
between the eyes by which the nose is on its side of their middle."""
NARROWEST, WIDEST = 0.10, 0.36
"""Widths below which it is hidden by the cheek, and that of an ear seen from the side."""
OUTLINE = (
    *((0.55, 0.0), (0.9, 0.0), (0.97, 0.06), (1.0, 0.19), (0.97, 0.34), (0.9, 0.47), (0.8, 0.63)),
    *((0.7, 0.77), (0.6, 0.88), (0.45, 0.97), (0.25, 1.0), (0.05, 0.97), (0.0, 0.88), (0.03, 0.7)),
    *((0.07, 0.5), (0.12, 0.34), (0.2, 0.2), (0.35, 0.08)),
)
"""The outline of an ear: from where it begins outwards, and down, 0..1. Where it is ear in half of
108 pictures."""
STRAY = 0.2
"""Share of an ear that is seen outside this place from which it is known better where it is."""
LARGER = 0.5
"""Share of an ear that shows where hair ends before it."""
SEEN = 0.9
"""Quantile of how far outside the face is seen in rows of the ear."""
SIDES = {IDS["l_ear"]: 1, IDS["r_ear"]: -1}
"""Ids of the ears -> on which side of the face they are; the person's left is on the right."""


@dataclass(frozen=True)
class Ear:
    """The place of an ear, in pixels."""

    index: int
    """The class: id of the left or the right ear."""
    inner: float
    """Column at which it begins; its outer one may be to the left of that."""
    outer: float
    top: float
    bottom: float

    def region(self, shape: tuple[int, int]) -> Region:
        """Bool (H, W): where it is."""
        across, down = self.outer - self.inner, self.bottom - self.top
        region = np.zeros(shape, np.bool_)
        # Every stroke of an eraser over hair asks: only its rows are looked at.
        first, last = (min(max(int(row), 0), shape[0]) for row in (self.top, self.bottom + 2))
        points = [(self.inner + across * u, self.top + down * v - first) for u, v in OUTLINE]
        region[first:last] = shapes.polygon((last - first, shape[1]), points)
        return region


def shown(labels: Labels) -> list[int]:
    """The classes of the ears of which labels uint8 (H, W) show the larger part."""
    found = head.find(labels)
    least = dict.fromkeys(SIDES, 0.0)
    for ear in [] if found is None else _places(labels, found):
        least[ear.index] = LARGER * np.count_nonzero(ear.region(labels.shape))
    return [index for index in SIDES if np.count_nonzero(labels == index) > least[index]]


def hidden(labels: Labels, found: Head) -> list[Ear]:
    """The ears of a head that its labels uint8 (H, W) do not show, or in part; one that the face
    hides, or whose place cannot be told without eyes and a nose, is none of them."""
    return [
        ear
        for ear in _places(labels, found)
        if np.count_nonzero((own := labels == ear.index) & ~ear.region(labels.shape))
        <= STRAY * np.count_nonzero(own)
    ]


def _places(labels: Labels, found: Head) -> list[Ear]:
    """Where the ears of a head are, but for one that its face hides."""
    columns = np.arange(labels.shape[1])
    counts = [(labels == IDS[name]).sum(axis=0) for name in ("l_eye", "r_eye", "nose")]
    if not all(count.any() for count in counts):
        return []
    left, right, nose = (float(count @ columns / count.sum()) for count in counts)
    apart = left - right
    if apart <= 0:
        return []
    top, bottom = (found.level + share * found.half_height for share in (TOP, BOTTOM))
    rows = slice(max(round(top), 0), max(round(bottom), 0) + 1)
    face = member(labels[rows], (IDS["skin"], *FEATURES))
    places = []
    for index, side in SIDES.items():
        turned = side * (nose - (left + right) / 2) / apart
        width = min(WIDE - TURNED * turned, WIDEST)
        if width >= NARROWEST:
            seen = min(_seen(face, found.middle, side), found.half_width)
            inner = found.middle + side * max(INNER * found.half_width, seen)
            places.append(Ear(index, inner, inner + side * width * found.half_width, top, bottom))
    return places


def _seen(face: Region, middle: float, side: int) -> float:
    """How far beside a column a face is seen in most rows of it, bool (h, W), on one side."""
    columns = np.arange(face.shape[1])
    reach = np.where(face, side * (columns - middle), 0).max(axis=1, initial=0)
    return float(np.quantile(reach, SEEN)) if reach.size else 0.0
