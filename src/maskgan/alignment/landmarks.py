"""Eyes and mouth from the labels of a crop, and how much those labels look like a face.

Positions are (x, y) with whole numbers at pixel centres; measures are taken in the CelebA-HQ frame
at 512, whatever the crop's side. Knows how faces are built as label maps show them; knows no photos
and no networks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.similarity import Points
from maskgan.labels import IDS, Labels

Region = NDArray[np.bool_]

FRAME_SIDE = 512
"""Side of the frame that all lengths and areas below refer to."""
PARTS: tuple[tuple[str, ...], ...] = (
    ("r_eye",),
    ("l_eye",),
    ("u_lip", "l_lip", "mouth"),
    ("nose",),
    ("r_brow",),
    ("l_brow",),
)
"""The parts that are located, each the classes it is made of. The first three are what is asked
for; the others tell where one of those must be when it is hidden."""
RIGHT_EYE, LEFT_EYE, MOUTH, NOSE, RIGHT_BROW, LEFT_BROW = range(6)
TYPICAL: Points = np.array(
    [
        (193.2, 244.5),
        (318.4, 244.6),
        (255.5, 384.5),
        (255.5, 295.5),
        (189.1, 212.8),
        (321.5, 212.6),
    ]
)
"""Where the parts' centroids lie: medians over the label maps of CelebAMask-HQ."""
EYE_DISTANCE = 125.2
"""Distance of the typical eyes."""
REACH = 110.0
"""Pixels further from a part's typical place belong to somebody else."""
SPREAD = (45.0, 45.0, 90.0, 90.0, 60.0, 60.0)
"""Pixels further from the part's own middle than this are stray, by part."""
FEWEST = 24.0
"""A part of a smaller area is not seen."""
LENS = 500.0
"""Glasses of a smaller area in front of one eye do not hide it."""
LENS_OFF = (0.09, 0.09)
"""How far outwards of its eye (the frame's arms belong to the glasses) and below it the middle of a
lens is, in eye distances: medians over faces with glasses in CelebAMask-HQ, without test faces."""
FACE_CLASSES: tuple[str, ...] = ("skin", "eye_g", *(name for part in PARTS for name in part))
"""What a face is made of, without ears and hair."""
OVAL = ((255.0, 300.0), (110.0, 130.0))
"""Centre and half axes of an ellipse well inside the face."""
AREAS = (6000.0, 3500.0)
"""Typical areas of nose and mouth."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What the labels of a crop show of a face."""

    points: Points
    """float64 (3, 2): right eye, left eye and mouth in pixels of the crop; a hidden eye is where it
    would be."""
    hidden: int
    """How many of the eyes were not seen themselves."""
    score: float
    """How much the labels look like a face, 0..1, wherever in the crop it lies."""


def locate(labels: Labels) -> Landmarks | None:
    """Eyes and mouth in the labels uint8 (S, S) of a crop that shows a face roughly in the frame.

    An eye that is hidden is where the other parts say it would be, and dark glasses help to tell.
    None when nose or mouth are not to be seen, or neither eyes nor glasses nor both brows.
    """
    scale = FRAME_SIDE / labels.shape[0]
    places = np.full((len(PARTS), 2), np.nan)
    areas = np.zeros(len(PARTS))
    for index, names in enumerate(PARTS):
        spots = _spots(np.isin(labels, [IDS[name] for name in names]), scale)
        spots = spots[_distance(spots, TYPICAL[index]) < REACH]
        if len(spots):
            spots = spots[_distance(spots, np.median(spots, axis=0)) < SPREAD[index]]
        areas[index] = len(spots) * scale**2
        if areas[index] >= FEWEST:
            places[index] = spots.mean(axis=0)
    if np.isnan(places[[MOUTH, NOSE]]).any():
        return None
    hidden = int(np.isnan(places[[RIGHT_EYE, LEFT_EYE], 0]).sum())
    if hidden:
        _look_through_glasses(places, _spots(labels == IDS["eye_g"], scale), scale)
    seen = ~np.isnan(places[:, 0])
    if not seen[[RIGHT_EYE, LEFT_EYE]].any() and not seen[[RIGHT_BROW, LEFT_BROW]].all():
        return None
    points = np.where(seen[:, None], places, _laid(TYPICAL[seen], places[seen], TYPICAL))[:3]
    score = _score(labels, points, places, areas, hidden)
    return Landmarks((points + 0.5) / scale - 0.5, hidden, score)


def face_spots(labels: Labels) -> Points:
    """Pixels (N, 2) of a crop that belong to the face in its middle, without ears and hair."""
    scale = FRAME_SIDE / labels.shape[0]
    spots = _spots(np.isin(labels, [IDS[name] for name in FACE_CLASSES]), scale)
    near = spots[_distance(spots, np.array(OVAL[0])) < 2 * EYE_DISTANCE]
    in_crop: Points = (near + 0.5) / scale - 0.5
    return in_crop


def _look_through_glasses(places: Points, spots: Points, scale: float) -> None:
    """Puts hidden eyes behind the glasses' half on their side of the nose, as the other eye lies
    behind its own half if it is seen, else as eyes do; half way to where the parts around say."""
    known = ~np.isnan(places[:, 0])
    by_parts = _laid(TYPICAL[known], places[known], TYPICAL) if known.sum() > 2 else None
    sides, lenses = (-1, 1), np.full((2, 2), np.nan)
    for eye, side in enumerate(sides):
        half = spots[(spots[:, 0] - places[NOSE, 0]) * side > 0]
        half = half[_distance(half, TYPICAL[eye]) < REACH]
        if len(half) * scale**2 >= LENS:
            lenses[eye] = (half.min(axis=0) + half.max(axis=0)) / 2
    plane = np.array([1, 1j])
    right, left = (TYPICAL if by_parts is None else by_parts)[:2] @ plane
    across = left - right
    off = (lenses - places[:2]) @ plane / across  # of a lens from its eye, in eye distances
    for eye, side in enumerate(sides):
        if known[eye] or np.isnan(lenses[eye, 0]):
            continue
        other = off[1 - eye]
        way = complex(side * LENS_OFF[0], LENS_OFF[1]) if np.isnan(other) else -other.conjugate()
        spot = lenses[eye] @ plane - way * across
        behind = np.array([spot.real, spot.imag])
        places[eye] = behind if by_parts is None else (behind + by_parts[eye]) / 2


def _score(
    labels: Labels, points: Points, places: Points, areas: NDArray[np.float64], hidden: int
) -> float:
    """1 for the build of a typical face, towards 0 the stranger it is.

    Every term is a deviation in units of what real faces just reach; the brows wander most and skin
    is hidden by hair and hands.
    """
    # Judged in the frame laid by the points, so a crop that is still off scores as its face will.
    laid = _laid(points, TYPICAL[:3], places)
    off = np.linalg.norm(laid - TYPICAL, axis=1) / EYE_DISTANCE
    corner = _laid(TYPICAL[:3], points, np.array([OVAL[0]]))[0]
    size = np.linalg.norm(points[1] - points[0]) + np.linalg.norm(points[2] - points[:2].mean(0))
    ratio = size / (EYE_DISTANCE + 140)
    coordinate = (np.arange(labels.shape[0]) + 0.5) * FRAME_SIDE / labels.shape[0] - 0.5
    across, along = ((coordinate - corner[k]) / (OVAL[1][k] * ratio) for k in range(2))
    oval = across[None] ** 2 + along[:, None] ** 2 < 1
    face = np.isin(labels[oval], [IDS[name] for name in FACE_CLASSES])
    filled = face.mean() if face.size else 0.0
    brows = off[[RIGHT_BROW, LEFT_BROW]]
    nose, mouth = (
        math.log(areas[part] / ratio**2 / typical)
        for part, typical in zip((NOSE, MOUTH), AREAS, strict=True)
    )
    strange = (
        float(np.nanmax(off[:3])) / 0.25,
        float(off[NOSE]) / 0.4,
        1.0 if np.isnan(brows).all() else float(np.nanmax(brows)) / 0.6,
        (1 - float(filled)) / 0.4,
        nose / math.log(3),
        mouth / math.log(5),
        hidden * 0.5,
    )
    return math.exp(-sum(term**2 for term in strange) / 2)


def _spots(region: Region, scale: float) -> Points:
    """Pixels (N, 2) of a region bool (S, S), as positions in the frame."""
    rows, columns = np.nonzero(region)
    pixels = np.stack([columns, rows], axis=1).astype(np.float64)
    return (pixels + 0.5) * scale - 0.5


def _distance(spots: Points, place: Points) -> NDArray[np.float64]:
    return np.asarray(np.hypot(spots[:, 0] - place[0], spots[:, 1] - place[1]), np.float64)


def _laid(source: Points, target: Points, points: Points) -> Points:
    """Points (N, 2) under the similarity that lays `source` on `target` with the least squared
    error; three points at least."""
    plane = np.array([1, 1j])
    spread, wanted = source @ plane, target @ plane
    middle = spread.mean()
    spread = spread - middle
    factor = np.vdot(spread, wanted - wanted.mean()) / np.vdot(spread, spread).real
    moved = factor * (points @ plane - middle) + wanted.mean()
    return np.stack([moved.real, moved.imag], axis=-1)
