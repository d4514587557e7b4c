"""Who gives what: donors of labels and of looks, chosen by rules and not by eye.

A donor of labels is the face nearest in pose and shape among those that may give: the paper takes
labels "with similar pose" and does not say how. The distance here is read off the label maps alone:
1 - IoU of the two heads (everything that is not background, clothes or hair), plus the difference
of the places of eyes, nose and mouth within the frame, as a multiple of the eye distance. Ties go
to the earlier face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.editing.layers import PARTS
from maskgan.evaluation.faces import HeldOutFace
from maskgan.labels import Labels

SIDE = 64
"""Pixels at which heads are compared."""
EYE_DISTANCE = 125.5 / 512
"""Of the CelebA-HQ frame, as a share of its side."""
NOT_HEAD = (0, 13, 14, 16, 17, 18)
"""Background, hair, hat, necklace, neck, clothes."""
PLACES = ("eyes", "nose", "mouth")
"""Parts whose places tell the pose."""


@dataclass(frozen=True)
class Shape:
    """What of a face is compared."""

    head: NDArray[np.bool_]
    """(SIDE, SIDE)."""
    places: NDArray[np.float64]
    """(3, 2): centres of `PLACES` as shares of the side; NaN for a part that is not there."""


def shape_of(labels: Labels) -> Shape:
    """The shape of an aligned face's labels uint8 (H, H)."""
    small = images.resize_labels(labels, (SIDE, SIDE))
    places = []
    for part in PLACES:
        rows, columns = np.nonzero(np.isin(small, PARTS[part]))
        found = rows.size > 0
        places.append((columns.mean(), rows.mean()) if found else (np.nan, np.nan))
    return Shape(~np.isin(small, NOT_HEAD), np.asarray(places) / SIDE)


def distance(first: Shape, second: Shape) -> float:
    """How far apart two shapes are; 0 for equal ones. Places that one of them lacks do not
    count."""
    union = int((first.head | second.head).sum())
    shared = int((first.head & second.head).sum())
    overlap = shared / union if union else 0.0
    gaps = np.hypot(*(first.places - second.places).T) / EYE_DISTANCE
    known = gaps[~np.isnan(gaps)]
    return 1 - overlap + (float(known.mean()) if known.size else 0.0)


def nearest(face: HeldOutFace, donors: Sequence[HeldOutFace], shapes: dict[str, Shape]) -> int:
    """Index of the donor nearest in pose and shape. `shapes` keeps what was computed, by name; the
    face itself is no donor unless it is the only one."""
    own = _shape(face, shapes)
    gaps = [
        np.inf if donor.name == face.name else distance(own, _shape(donor, shapes))
        for donor in donors
    ]
    return int(np.argmin(gaps))


def _shape(face: HeldOutFace, shapes: dict[str, Shape]) -> Shape:
    if face.name not in shapes:
        shapes[face.name] = shape_of(face.labels)
    return shapes[face.name]
