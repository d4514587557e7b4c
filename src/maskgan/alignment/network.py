"""Coarse guesses of where faces are, from the bundle's own face detector.

The graph sees faces of one range of sizes and any turn up to 90 degrees, so it is shown the photo
at several sizes; what it says of one face at two sizes or in two places becomes one guess. What it
returns are guesses: `maskgan.alignment.finder` looks at each with the parser. Runs any callable
that answers as the graph `detector` of `maskgan.bundle` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from maskgan import images
from maskgan.alignment.finder import Candidate, Spot
from maskgan.images import Floats, Pixels

Run: TypeAlias = Callable[..., dict[str, NDArray[Any]]]

CELL = 8
"""Side in pixels of the square that one of the graph's answers stands for."""
STRIDE = 32
"""Height and width of what the graph is shown are multiples of this."""
LARGEST, SMALLEST = 1280, 160
"""Largest long side at which a photo is looked at, and the limit of the halves of it that follow:
eyes 8 to 88 pixels apart are seen at one of them. A photo of 4000 pixels is thus searched for eyes
30 pixels apart and more."""
LEAST_SCORE = 0.3
"""Score from which an answer is a guess."""
LEAST_EYES = 16.0
"""Eye distance in pixels of the photo below which a face is too small to be edited, and so is not
guessed at: most false answers are that small."""
SAME = 0.6
"""Guesses whose middles are nearer than this, in eye distances of the larger, are one face."""


def candidates(pixels: Pixels, run: Run) -> list[Candidate]:
    """Candidates in a photo uint8 (H, W, 3), the likeliest first; scores are 0..1.

    run: the graph: image float32 (1, 3, H, W) in [-1, 1] -> scores float32 (1, H/8, W/8) and
    points float32 (1, 3, 2, H/8, W/8), as in `functools.partial(bundle.run, "detector")`.
    """
    sides = [min(max(pixels.shape[:2]), LARGEST)]
    while sides[-1] >= 2 * SMALLEST:
        sides.append(sides[-1] // 2)
    found: list[Candidate] = []
    for side in sides:
        small, scale = _reduced(pixels, side)
        found += [_enlarged(candidate, scale) for candidate in _look(small, run)]
    return distinct([candidate for candidate in found if _size(candidate) >= LEAST_EYES])


def distinct(found: list[Candidate]) -> list[Candidate]:
    """The likeliest candidate of each face, the likeliest face first."""
    kept: list[Candidate] = []
    for candidate in sorted(found, key=lambda each: -each.score):
        size = _size(candidate)
        if all(
            math.dist(_middle(candidate), _middle(other)) > SAME * max(size, _size(other))
            for other in kept
        ):
            kept.append(candidate)
    return kept


def _look(pixels: Pixels, run: Run) -> list[Candidate]:
    """Candidates at one size: the cells that score higher than their neighbours."""
    answer = run(image=images.to_float(_padded(pixels)))
    scores, points = answer["scores"][0], answer["points"][0]
    rows, columns = np.nonzero((scores >= LEAST_SCORE) & (scores >= _highest_near(scores)))
    found = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        centre = np.array([column, row]) * CELL + (CELL - 1) / 2
        spots = points[:, :, row, column].astype(np.float64) + centre
        right_eye, left_eye, mouth = ((float(x), float(y)) for x, y in spots)
        found.append(Candidate(right_eye, left_eye, mouth, float(scores[row, column])))
    return found


def _highest_near(scores: Floats) -> Floats:
    """The highest score of each cell's 3x3 neighbourhood."""
    padded = np.pad(scores, 1, constant_values=-1)
    highest: Floats = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).max(axis=(2, 3))
    return highest


def _reduced(pixels: Pixels, side: int) -> tuple[Pixels, float]:
    """The photo with `side` pixels along its long side, and photo pixels per pixel of it."""
    height, width = pixels.shape[:2]
    scale = max(height, width) / side
    if scale == 1:
        return pixels, 1.0
    size = (max(round(width / scale), 1), max(round(height / scale), 1))
    # Pillow reduces by whole steps first, which makes a large photo as cheap as a small one.
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small), scale


def _padded(pixels: Pixels) -> Pixels:
    """The photo with its border repeated at the right and below, up to the graph's stride."""
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0)), mode="edge")


def _enlarged(candidate: Candidate, scale: float) -> Candidate:
    """A candidate of the reduced photo in the photo itself."""
    right_eye, left_eye, mouth = (
        ((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5)
        for x, y in (candidate.right_eye, candidate.left_eye, candidate.mouth)
    )
    return Candidate(right_eye, left_eye, mouth, candidate.score)


def _middle(candidate: Candidate) -> Spot:
    """The mean of the three points."""
    spots = (candidate.right_eye, candidate.left_eye, candidate.mouth)
    return sum(x for x, _ in spots) / 3, sum(y for _, y in spots) / 3


def _size(candidate: Candidate) -> float:
    """Eye distance as it would be seen from the front."""
    (right_x, right_y), (left_x, left_y) = candidate.right_eye, candidate.left_eye
    between = ((right_x + left_x) / 2, (right_y + left_y) / 2)
    return max(
        math.dist(candidate.right_eye, candidate.left_eye),
        0.9 * math.dist(between, candidate.mouth),
    )
