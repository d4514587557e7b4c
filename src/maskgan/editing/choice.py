"""Which of the faces of a photo is meant: by number, by a point on it, or the largest.

Numbers start at 1 and follow the reading order in which the faces are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from maskgan.alignment.finder import FoundFace
from maskgan.errors import PhotoError

Spot: TypeAlias = tuple[float, float]
"""(x, y) in pixels of the photo."""


def choose(
    faces: Sequence[FoundFace], name: str, number: int | None = None, point: Spot | None = None
) -> int:
    """Index of the face with a number, else of the one whose box holds `point` (the nearest of
    several), else of the largest. `name` is the photo's, for sentences. Raises `PhotoError` when
    it is not there."""
    if not faces:
        raise PhotoError(
            f"No face was found in {name}. Say where it is: the person's right eye, left eye and "
            "mouth in pixels, --points x,y,x,y,x,y (points=...). A face needs some 24 pixels "
            "between the eyes."
        )
    if number is not None:
        if not 1 <= number <= len(faces):
            raise PhotoError(f"There is no face {number} in {name}. {describe(faces)}")
        return number - 1
    if point is not None:
        holding = [index for index, face in enumerate(faces) if _holds(face, point)]
        if not holding:
            raise PhotoError(
                f"No face was found at ({point[0]:g}, {point[1]:g}) in {name}. {describe(faces)}"
            )
        return min(holding, key=lambda index: _distance(faces[index], point))
    return max(range(len(faces)), key=lambda index: _area(faces[index]))


def describe(faces: Sequence[FoundFace]) -> str:
    """The faces with their numbers and boxes, as a sentence."""
    boxes = [
        "{}: {:.0f},{:.0f} to {:.0f},{:.0f}".format(number, *face.box)
        for number, face in enumerate(faces, 1)
    ]
    count = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
    return f"Found {count} (number: box in pixels): {'; '.join(boxes)}."


def _area(face: FoundFace) -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)


def _holds(face: FoundFace, point: Spot) -> bool:
    left, top, right, bottom = face.box
    return left <= point[0] <= right and top <= point[1] <= bottom


def _distance(face: FoundFace, point: Spot) -> float:
    left, top, right, bottom = face.box
    return (point[0] - (left + right) / 2) ** 2 + (point[1] - (top + bottom) / 2) ** 2
