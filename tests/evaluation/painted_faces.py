"""Faces painted in the colours of their labels, and the judge that reads them back exactly."""

from __future__ import annotations

import numpy as np

from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.requests import Request
from maskgan.images import Pixels, resize_labels
from maskgan.labels import PALETTE_A, Labels, colorize

SIDE, FILE_SIDE = 64, 256


def painted_faces(count: int) -> list[HeldOutFace]:
    """`count` faces of 64 px whose label files have 256 px."""
    faces = []
    for seed in range(count):
        rng = np.random.default_rng([33, seed])
        labels = draw_face(random_identity(rng), random_expression(rng), FILE_SIDE)[1]
        photo = colorize(resize_labels(labels, (SIDE, SIDE)))
        faces.append(HeldOutFace(f"painted-{seed}", photo, labels))
    return faces


def read_colors(picture: Pixels) -> Labels:
    """The judge: the class whose colour is nearest to each pixel's."""
    gaps = picture[:, :, None].astype(np.int64) - np.asarray(PALETTE_A)
    found: Labels = (gaps**2).sum(-1).argmin(-1).astype(np.uint8)
    return found


def follow(request: Request) -> Pixels:
    """The system that draws just what it is asked for."""
    return colorize(request.wanted)


def ignore(request: Request) -> Pixels:
    """The system that draws the face as it was, whatever is wanted."""
    return colorize(request.labels)
