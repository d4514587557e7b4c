"""Coarse guesses of where faces are, from the frontal cascade that comes inside OpenCV 4.

The cascade sees upright faces only, so the photo is turned beneath it; it is reduced first, since
its cost goes with the pixels. What it returns are guesses, false ones among them:
`maskgan.alignment.finder` looks at each with the parser.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from maskgan.alignment.finder import Candidate
from maskgan.errors import MissingExtraError
from maskgan.images import Pixels

if TYPE_CHECKING:
    import cv2

Grey = NDArray[np.uint8]

LONG_SIDE = 1280
"""The photo is reduced to this long side; eyes that are then 12 pixels apart are still found."""
QUICK_SIDE = 640
"""Long side at which a photo without a certain upright face is turned first."""
TURNS: tuple[int, ...] = (-30, 30, -60, 60, -90, 90)
"""Degrees by which faces are looked for, clockwise as one sees them; the cascade itself bears some
15 degrees."""
STEP = 1.12
"""Ratio of one size the cascade looks for to the next."""
SMALLEST = 22
"""Smallest box in pixels of the reduced photo; the cascade was trained on 20."""
CERTAIN = 8
"""Boxes that agree on a face for it to count as certain; of 157 portraits' false boxes, none had
more than 6."""
EYES_AND_MOUTH = ((0.308, 0.394), (0.69, 0.394), (0.5, 0.8))
"""Right eye, left eye and mouth in the cascade's box, in shares of its side: medians over
portraits."""


class Cascade:
    """Finds candidates in a photo; one object may be used by one thread at a time.

    Raises `MissingExtraError` where OpenCV is absent or a version without cascades.
    """

    def __init__(self) -> None:
        self._classifier = _open_classifier()

    def __call__(self, pixels: Pixels) -> list[Candidate]:
        """Candidates in a photo uint8 (H, W, 3), the likeliest first.

        Faces up to 90 degrees from upright are looked for; turned ones only where no upright face
        is certain, and at full detail only where less did not do.
        """
        found = self._look(pixels, LONG_SIDE, (0,))
        if not _certain(found):
            found += self._look(pixels, QUICK_SIDE, TURNS)
        if not _certain(found) and max(pixels.shape[:2]) > QUICK_SIDE:
            found += self._look(pixels, LONG_SIDE, TURNS)
        return sorted(found, key=lambda candidate: -candidate.score)

    def _look(self, pixels: Pixels, side: int, turns: tuple[int, ...]) -> list[Candidate]:
        """Candidates of the given turns in the photo reduced to a long side."""
        grey, scale = _reduced(pixels, side)
        return [candidate for turn in turns for candidate in self._upright(grey, scale, turn)]

    def _upright(self, grey: Grey, scale: float, turn: int) -> list[Candidate]:
        """Candidates that stand upright once the photo is turned back by `turn` degrees. `scale` is
        photo pixels per pixel of `grey`."""
        turned, back = _turned(grey, turn)
        boxes, agreeing = self._classifier.detectMultiScale2(
            turned, scaleFactor=STEP, minNeighbors=1, minSize=(SMALLEST, SMALLEST)
        )
        candidates = []
        for (left, top, width, height), count in zip(boxes, agreeing, strict=True):
            points = np.array(EYES_AND_MOUTH) * (width, height) + (left - 0.5, top - 0.5)
            points = points @ back[:, :2].T + back[:, 2]
            points = (points + 0.5) * scale - 0.5
            right_eye, left_eye, mouth = ((float(x), float(y)) for x, y in points)
            candidates.append(Candidate(right_eye, left_eye, mouth, float(count)))
        return candidates


def _certain(candidates: list[Candidate]) -> bool:
    return any(candidate.score >= CERTAIN for candidate in candidates)


def _reduced(pixels: Pixels, side: int) -> tuple[Grey, float]:
    """The photo in grey with at most `side` pixels along its long side, and by how much it was
    reduced."""
    height, width = pixels.shape[:2]
    scale = max(height, width) / side
    picture = Image.fromarray(pixels)
    if scale <= 1:
        return np.asarray(picture.convert("L")), 1.0
    # Pillow reduces by whole steps first, which makes a large photo as cheap as a small one.
    size = (max(round(width / scale), 1), max(round(height / scale), 1))
    small = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small.convert("L")), scale


def _turned(grey: Grey, turn: int) -> tuple[Grey, NDArray[np.float64]]:
    """The picture turned back by `turn` degrees, whole, and the map (2, 3) from its pixels to those
    of `grey`."""
    if turn == 0:
        return grey, np.eye(2, 3)
    import cv2

    height, width = grey.shape
    angle = math.radians(turn)
    linear = np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )  # of the turned picture -> of the photo; y points down, so this turns clockwise
    reach = np.abs(linear).T @ (width, height)
    size = (math.ceil(reach[0] - 1e-6), math.ceil(reach[1] - 1e-6))
    middle = (np.array(size) - 1) / 2
    shift = np.array([width - 1, height - 1]) / 2 - linear @ middle
    back = np.concatenate([linear, shift[:, None]], axis=1)
    # A border of the photo's own pixels: a black one would make edges that look like features.
    turned = cv2.warpAffine(
        grey,
        back,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(turned, np.uint8), back


def _open_classifier() -> cv2.CascadeClassifier:
    remedy = 'Install it with `pip install "opencv-python-headless<5"`, or give the eyes and mouth.'
    try:
        import cv2
    except ImportError as error:
        raise MissingExtraError(f"Finding faces needs OpenCV. {remedy}") from error
    if not hasattr(cv2, "CascadeClassifier"):
        raise MissingExtraError(
            f"OpenCV {cv2.__version__} is installed; finding faces needs OpenCV 4, since later "
            f"versions carry no face cascades. {remedy}"
        )
    path = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml"
    classifier = cv2.CascadeClassifier(str(path))
    if classifier.empty():
        raise MissingExtraError(f"OpenCV's face cascade is not at {path}. {remedy}")
    return classifier
