"""Short hair that grows: a dome over the head, and down both sides of the face to the shoulders.

Hair that falls already is made longer at its ends (`silhouette`); short hair has none. Lengths are
in eye distances, levels below the eyes. Knows label maps only.
"""

from __future__ import annotations

import numpy as np

from maskgan.editing import regions
from maskgan.editing.deformation import Floats, Frame
from maskgan.editing.layers import FEATURES, PARTS, member
from maskgan.editing.regions import Region
from maskgan.labels import IDS, Labels

SKIN, HAIR = IDS["skin"], IDS["hair"]
ENDS = -0.4, 2.1
"""The level at which hair ends that has not grown, above the ears, and of all of it: the
shoulders."""
SIDE, CROWN = 0.42, 0.16
"""How far it stands out beside the face and above the head when all of it has grown."""
WIDEST, FLARE = 0.3, 0.12
"""The level at which the dome is as wide as the hair, and how much wider it gets for each further
eye distance."""
ROUND = 2.2
"""Exponent of the dome's outline: 2 is an ellipse."""
CORNER = 0.5
"""Height of the round corners of its ends."""
JAW = 0.9
"""The level below which the jaw leaves the neck free."""
FOREHEAD, LEAST = 0.4, 0.05
"""How far beside the middle hair is looked for, and what area of it a head has that is not bald."""
THROAT = 0.62
"""Share of the face's width that hair leaves free in front of the neck."""


def grown(
    labels: Labels, frame: Frame, extent: tuple[float, float], amount: float, free: Region
) -> Labels:
    """Labels uint8 (H, W) whose short hair has grown by `amount`, 0..1, over pixels that are
    `free`, bool (H, W). extent: where the face ends on both sides, in pixels across. Bald heads
    stay as they are."""
    rows, columns = (slice(0, side) for side in labels.shape)
    across, down = (axis / np.float32(frame.unit) for axis in frame.grid((rows, columns)))
    face, hair = member(labels, (SKIN, *FEATURES)), labels == HAIR
    above = hair & (np.abs(across) < FOREHEAD) & (down < 0)
    if amount <= 0 or above.sum() < LEAST * frame.unit**2:
        return labels.copy()
    left, right = (side / frame.unit for side in extent)
    place, half = np.abs(across - (left + right) / 2), (right - left) / 2
    top = float(down[face | hair | member(labels, PARTS["ears"])].min()) - CROWN * amount
    ears, shoulders = ENDS
    end = ears + (shoulders - ears) * amount
    # Where the picture lets it grow no further, it ends as hair does.
    end = min(end, float(down[free].max(initial=ears)))
    inside = (place < _outline(down, top, end, half, amount)) & (down < end)
    inside &= (down < JAW) | (place > THROAT * half)
    # Hair falls from where hair is.
    hung = regions.touching(inside & free | hair, hair)
    return np.where(inside & free & hung, np.uint8(HAIR), labels)


def _outline(level: Floats, top: float, end: float, half: float, amount: float) -> Floats:
    """How far from the middle hair reaches at a level (H, W), from its top to its end, for a face
    of half a width."""
    wide = half + SIDE * amount**0.5
    height = np.clip((WIDEST - level) / max(WIDEST - top, 0.1), 0, 1)
    dome = wide * (1 - height**ROUND) ** 0.5
    falling = dome + FLARE * np.maximum(level - WIDEST, 0)
    corner = np.clip((level - end) / CORNER + 1, 0, 1)
    outline: Floats = falling - (falling - 0.9 * half) * (1 - (1 - corner**2) ** 0.5)
    return outline
