"""Finds the faces of a photo: coarse guesses from outside, made exact by the face parser.

A guess gives two eyes and a mouth. The crop it asks for is parsed, eyes and mouth are taken from
the labels, and the next crop is laid by them until it stays where it is. A guess whose crop does
not parse as a face is dropped. Knows neither where guesses come from nor what the parser is: both
are callables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from maskgan.alignment.landmarks import face_spots, locate
from maskgan.alignment.similarity import Points, Similarity
from maskgan.errors import PhotoError
from maskgan.images import Pixels
from maskgan.labels import Labels, mirror
from maskgan.manifest import Frame

Spot: TypeAlias = tuple[float, float]
Parse: TypeAlias = Callable[[Pixels], Labels]

WORKING_SIDE = 256
"""Side of the crops that are parsed on the way; the default parser sees no more than this."""
ROUNDS = 4
"""Crops that are laid at most before the face counts as found where it is."""
STILL = 0.01
"""Movement in eye distances below which the crop stays where it is."""
RESTLESS = 0.1
"""Movement in the last round above which the parser does not know what it sees."""
TWO_MINDS = 0.25
"""Distance in eye distances between a point in a crop and in its mirror image above which the
parser does not know what it sees."""
LEAST_EYES = 10.0
"""Faces whose eyes are nearer to one another, in pixels, hold nothing to edit."""
LEAST_PROMISE = 1e-5
"""Score in any round below which a guess is given up."""
LEAST_SCORE = 0.35
"""Score below which what was found is no face; one real face in a hundred scores less than 0.5."""
LEAST_UNGUESSED = 0.6
"""The same where nothing but the parser speaks for a face."""
CLOSE_UPS = ((1.0, 0.0), (1.7, 0.0), (0.6, 0.0), (0.6, -0.2))
"""Crops tried on a photo without guesses: the side in short sides of the photo and how far the
middle lies below the photo's."""
MOST_GUESSES = 32
"""Guesses that are looked at, the likeliest first: a bound on the time one photo takes."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A coarse guess of a face: points (x, y) in the photo, good to half the distance of the
    eyes, 30 degrees, and a factor of 1.6 in size."""

    right_eye: Spot
    """The person's own right eye; in an upright photo the one with the smaller x."""
    left_eye: Spot
    """The person's own left eye."""
    mouth: Spot
    """Centre of the mouth."""
    score: float
    """The larger, the likelier; compared only with guesses of the same source."""


@dataclass(frozen=True, eq=False)
class FoundFace:
    """A face and where it lies in the photo; whole numbers are pixel centres."""

    similarity: Similarity
    """From the photo to the aligned crop."""
    right_eye: Spot
    """Centre of the person's own right eye (x, y); where it is hidden, where it would be."""
    left_eye: Spot
    """Centre of the person's own left eye."""
    mouth: Spot
    """Centre of the mouth."""
    box: tuple[float, float, float, float]
    """(left, top, right, bottom) around the face without hair, inside the photo."""
    score: float
    """How much it looks like a face to the parser, 0..1."""


def find_faces(
    pixels: Pixels,
    parse: Parse,
    candidates: Callable[[Pixels], Sequence[Candidate]],
    side: int = 512,
) -> list[FoundFace]:
    """The faces of a photo in reading order: rows from top to bottom, each from left to right.

    pixels: uint8 (H, W, 3), upright.
    parse: labels uint8 (S, S) of an aligned crop uint8 (S, S, 3) of any side.
    candidates: coarse guesses; one face may have several, and guesses may be wrong.
    side: side of the aligned crops.
    Empty when there is none. Where no guess holds, the photo itself is tried as a close-up.
    """
    found: list[FoundFace] = []
    guesses = sorted(candidates(pixels), key=lambda guess: -guess.score)
    for guess in guesses[:MOST_GUESSES]:
        if not any(_within(face, guess) for face in found):
            _keep(found, refine(pixels, parse, guess, side))
    for guess in close_ups(*pixels.shape[:2]):
        if found:
            break
        face = refine(pixels, parse, guess, side)
        if face is not None and face.score >= LEAST_UNGUESSED:
            found.append(face)
    return reading_order(found)


def refine(pixels: Pixels, parse: Parse, guess: Candidate, side: int = 512) -> FoundFace | None:
    """The face at a guess, or None when there is none to the parser's eye. Arguments as in
    `find_faces`."""
    points = np.array([guess.right_eye, guess.left_eye, guess.mouth], np.float64)
    for _ in range(ROUNDS):
        similarity = _laid_by(points, WORKING_SIDE)
        if similarity is None:
            return None
        seen = locate(parse(similarity.crop(pixels)))
        if seen is None or seen.score < LEAST_PROMISE:
            return None
        former, points = points, similarity.backward(seen.points)
        if _movement(former, points) < STILL:
            break
    else:
        if _movement(former, points) > RESTLESS:
            return None
    return _confirmed(pixels, parse, points, side)


def _confirmed(pixels: Pixels, parse: Parse, points: Points, side: int) -> FoundFace | None:
    """The face at exact points when its mirror image looks the same to the parser. Patterns that
    happen to parse as a face do not; for a face the mean of both views is the truer one."""
    similarity = _laid_by(points, WORKING_SIDE)
    if similarity is None:
        return None
    crop = similarity.crop(pixels)
    labels = parse(crop)
    mirrored = mirror(parse(np.ascontiguousarray(crop[:, ::-1])))
    views = [locate(labels), locate(mirrored)]
    seen = [view for view in views if view is not None]
    if len(seen) < 2 or min(view.score for view in seen) < LEAST_SCORE:
        return None
    there, back = (similarity.backward(view.points) for view in seen)
    if _movement(there, back) > TWO_MINDS or _size_of(there) < LEAST_EYES:
        return None
    points = (there + back) / 2
    aligned = _laid_by(points, side)
    if aligned is None:
        return None
    right_eye, left_eye, mouth = ((float(x), float(y)) for x, y in points)
    box = _box(similarity.backward(face_spots(labels)), *pixels.shape[:2])
    score = min(view.score for view in seen)
    return FoundFace(aligned, right_eye, left_eye, mouth, box, score)


def close_ups(height: int, width: int) -> list[Candidate]:
    """Guesses for a photo that is little more than a face, an aligned crop among them."""
    frame = Frame()
    eyes_and_mouth = np.array([frame.right_eye, frame.left_eye, frame.mouth]) / frame.size - 0.5
    short = min(height, width)
    guesses = []
    for share, down in CLOSE_UPS:
        middle = np.array([width / 2, height / 2 + down * short]) - 0.5
        right_eye, left_eye, mouth = (
            (float(x), float(y)) for x, y in eyes_and_mouth * short * share + middle
        )
        guesses.append(Candidate(right_eye, left_eye, mouth, 0.0))
    return guesses


def reading_order(faces: Sequence[FoundFace]) -> list[FoundFace]:
    """Rows from top to bottom, each from left to right. A face is in the row of the highest one
    left when its middle lies above the lower end of that one."""
    rest = sorted(faces, key=lambda face: _middle(face)[1])
    ordered: list[FoundFace] = []
    while rest:
        row = [face for face in rest if face is rest[0] or _middle(face)[1] < rest[0].box[3]]
        rest = [face for face in rest if face not in row]
        ordered += sorted(row, key=lambda face: _middle(face)[0])
    return ordered


def _keep(found: list[FoundFace], face: FoundFace | None) -> None:
    """Adds a face unless it is there already; of finds that share most of their boxes the one with
    the best score stays."""
    if face is None:
        return
    twins = [other for other in found if _within(other, face) or _shared(other, face) > 0.5]
    if all(face.score > other.score for other in twins):
        found[:] = [other for other in found if other not in twins] + [face]


def _within(face: FoundFace, other: FoundFace | Candidate) -> bool:
    """Whether another find or guess has its middle in a face's middle."""
    points = np.array([face.right_eye, face.left_eye, face.mouth])
    return math.dist(_middle(face), _middle(other)) < 0.6 * _size_of(points)


def _shared(face: FoundFace, other: FoundFace) -> float:
    """Area that two boxes share, in areas of the smaller one."""
    low = np.maximum(face.box[:2], other.box[:2])
    high = np.minimum(face.box[2:], other.box[2:])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (face.box, other.box)]
    return float(np.maximum(high - low, 0).prod() / max(min(areas), 1))


def _middle(face: FoundFace | Candidate) -> Spot:
    """Between the eyes and the mouth."""
    eyes = [(face.right_eye[k] + face.left_eye[k]) / 2 for k in range(2)]
    return (eyes[0] + face.mouth[0]) / 2, (eyes[1] + face.mouth[1]) / 2


def _size_of(points: Points) -> float:
    """Distance of the eyes of points (3, 2), or where it is larger that from them to the mouth,
    which stays in profile; the two are about the same from the front."""
    return max(math.dist(points[0], points[1]), math.dist(points[:2].mean(axis=0), points[2]))


def _movement(former: Points, points: Points) -> float:
    """The largest distance between two points, by `_size_of`."""
    return float(np.linalg.norm(points - former, axis=1).max() / max(_size_of(points), 1e-6))


def _laid_by(points: Points, side: int) -> Similarity | None:
    """None where the points have fallen together: nothing there has the build of a face."""
    try:
        return Similarity.from_points(points[0], points[1], points[2], side)
    except PhotoError:
        return None


def _box(spots: Points, height: int, width: int) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) around points (N, 2), inside the photo."""
    limit = (width - 1, height - 1)
    left, top = np.clip(spots.min(axis=0), 0, limit).tolist()
    right, bottom = np.clip(spots.max(axis=0), 0, limit).tolist()
    return left, top, right, bottom
