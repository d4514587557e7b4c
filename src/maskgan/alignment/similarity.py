"""The similarity between a photo and the aligned crop of one face, in both directions.

Points are (x, y) in pixels with whole numbers at pixel centres, in the photo as in the crop, so a
picture of width W reaches from -0.5 to W - 0.5. Knows where eyes and mouth lie in the frame, but
not how they are found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from maskgan.alignment.resampling import shift, warp
from maskgan.errors import PhotoError
from maskgan.images import Pixels, resize
from maskgan.manifest import Frame

Point = Sequence[float]
Points = NDArray[np.float64]

BAND = 1 << 22
"""Pixels that are reduced at a time, which bounds the memory of a huge face."""
MARGIN = 3
"""Pixels around what is sampled that the cubic filter reaches."""
SOFTENING = 0.08
"""What lies this share of the crop's side outside the photo is fully blurred."""

BELOW = 0.05
"""Share of the crop's side that a photo must show below it to go on there."""


@dataclass(frozen=True, eq=False)
class Similarity:
    """Scale, rotation and shift from a photo to the square crop of a face."""

    matrix: NDArray[np.float64]
    """float64 (3, 3): photo pixel (x, y, 1) -> crop pixel (x, y, 1)."""
    side: int
    """Side of the crop in pixels."""

    @classmethod
    def from_points(
        cls,
        right_eye: Point,
        left_eye: Point,
        mouth: Point,
        side: int = 512,
        frame: Frame | None = None,
    ) -> Similarity:
        """The similarity that lays three points of a photo on the frame with the least squared
        error.

        right_eye, left_eye: centres (x, y) of the person's own right and left eye; in an upright
        photo the right eye has the smaller x. mouth: its centre. frame: None = the CelebA-HQ frame.
        Raises `PhotoError` when the points are not numbers, coincide, or have the eyes exchanged.
        """
        frame = frame or Frame()
        points = _check_points(right_eye, left_eye, mouth)
        target = np.array([frame.right_eye, frame.left_eye, frame.mouth], np.float64)
        target = (target + 0.5) * (side / frame.size) - 0.5
        # In complex numbers a similarity without reflection is z -> a z + b, and the least squares
        # solution a quotient: Umeyama's method in the plane.
        source = points @ np.array([1, 1j])
        wanted = target @ np.array([1, 1j])
        spread = source - source.mean()
        factor = np.vdot(spread, wanted - wanted.mean()) / np.vdot(spread, spread).real
        offset = wanted.mean() - factor * source.mean()
        matrix = np.array(
            [
                [factor.real, -factor.imag, offset.real],
                [factor.imag, factor.real, offset.imag],
                [0, 0, 1],
            ]
        )
        return cls(matrix, side)

    @classmethod
    def identity(cls, side: int) -> Similarity:
        """For a photo that is itself the aligned crop."""
        return cls(np.eye(3), side)

    @property
    def inverse(self) -> NDArray[np.float64]:
        """float64 (3, 3): crop pixel (x, y, 1) -> photo pixel (x, y, 1)."""
        # From the similarity's own numbers: exact for quarter turns, where a solver rounds.
        (a, b, x), (c, d, y) = self.matrix[0], self.matrix[1]
        determinant = a * d - b * c
        inverse = np.array([[d, -b, b * y - d * x], [-c, a, c * x - a * y], [0, 0, determinant]])
        inverse /= determinant
        return inverse

    @property
    def scale(self) -> float:
        """Crop pixels per photo pixel: below 1 the crop is a reduction."""
        return math.hypot(self.matrix[0, 0], self.matrix[1, 0])

    @property
    def angle(self) -> float:
        """Degrees by which the face is turned in the photo, clockwise as one sees it, -180..180."""
        return math.degrees(math.atan2(-self.matrix[1, 0], self.matrix[0, 0]))

    def forward(self, points: ArrayLike) -> Points:
        """Points (..., 2) of the photo -> float64 (..., 2) of the crop."""
        return _apply(self.matrix, points)

    def backward(self, points: ArrayLike) -> Points:
        """Points (..., 2) of the crop -> float64 (..., 2) of the photo."""
        return _apply(self.inverse, points)

    @property
    def corners(self) -> Points:
        """float64 (4, 2): the crop's outer corners in the photo, clockwise from its top left."""
        low, high = -0.5, self.side - 0.5
        return self.backward([(low, low), (high, low), (high, high), (low, high)])

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) around the crop in the photo, whole pixels, right and bottom
        excluded; it may reach beyond the photo."""
        return outer_box(self.corners)

    def goes_on(self, height: int, width: int) -> bool:
        """Whether a photo (height, width) goes on below the crop, by more than `BELOW`."""
        x, y = self.backward((self.side / 2, (1 + BELOW) * self.side))
        return bool(0 <= x < width and 0 <= y < height)

    def crop(self, pixels: Pixels) -> Pixels:
        """The aligned crop uint8 (side, side, 3) of a photo uint8 (H, W, 3).

        Antialiased where it shrinks. Beyond the photo its border pixels are repeated and fade into
        a blur, so that nothing there looks like part of a face. Memory follows the crop, not the
        photo.
        """
        height, width = pixels.shape[:2]
        step = max(int(1 / self.scale / 2), 1)
        left, top, right, bottom = self.box
        rows, columns = _within(top, bottom, step, height), _within(left, right, step, width)
        small = _reduce(pixels[rows, columns], step)
        # Then to the crop's own resolution with a filter as wide as the rest of the way asks for.
        scale = min(self.scale * step, 1)
        size = [max(round(length * scale), 1) for length in small.shape[:2]]
        factors = [step * of / to for of, to in zip(small.shape[:2], size, strict=True)]
        small = resize(small, (size[0], size[1]))
        # From pixel corners, which all sizes of a picture have in common.
        to_small = np.diag([1 / factors[1], 1 / factors[0], 1])
        to_small = shift(-0.5, -0.5) @ to_small @ shift(0.5 - columns.start, 0.5 - rows.start)
        planes = warp(small, to_small @ self.inverse, (self.side, self.side))
        crop = np.clip(np.rint(planes), 0, 255).astype(np.uint8)
        return self._soften(crop, height, width)

    def outside(self, height: int, width: int) -> NDArray[np.float32]:
        """Distance float32 (side, side) in crop pixels from each pixel of the crop to a photo of
        this size; 0 inside the photo."""
        grid = np.arange(self.side, dtype=np.float32)
        inverse = self.inverse.astype(np.float32)
        squared = np.zeros((self.side, self.side), np.float32)
        for (across, along, offset), size in zip(inverse[:2], (width, height), strict=True):
            position = across * grid[None] + along * grid[:, None] + offset
            beyond = np.maximum(np.maximum(-0.5 - position, position - (size - 0.5)), 0)
            squared += beyond * beyond
        return np.sqrt(squared) * np.float32(self.scale)

    def _soften(self, crop: Pixels, height: int, width: int) -> Pixels:
        """Blurs what lies outside the photo, more the further outside."""
        corners = self.corners
        if (corners >= -0.5 - 1e-6).all() and (
            corners <= (width - 0.5 + 1e-6, height - 0.5 + 1e-6)
        ).all():
            return crop
        t = np.minimum(self.outside(height, width) / np.float32(SOFTENING * self.side), 1)
        alpha = (t * t * (3 - 2 * t))[:, :, None]
        blur = Image.fromarray(crop).filter(ImageFilter.GaussianBlur(SOFTENING * self.side / 2))
        mixed = crop + alpha * (np.asarray(blur, np.float32) - crop)
        softened: Pixels = np.rint(mixed).astype(np.uint8)
        return softened


def outer_box(points: Points) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the pixels that touch the box around points (N, 2); right and
    bottom excluded."""
    # Rounding errors of a whole coordinate must not add a row.
    low = np.floor(points.min(axis=0) + 0.5 + 1e-6)
    high = np.ceil(points.max(axis=0) + 0.5 - 1e-6)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _apply(matrix: NDArray[np.float64], points: ArrayLike) -> Points:
    values = np.asarray(points, np.float64)
    moved: Points = values @ matrix[:2, :2].T + matrix[:2, 2]
    return moved


def _within(low: int, high: int, step: int, size: int) -> slice:
    """The part of low..high inside 0..size, a margin wider; never empty."""
    margin = MARGIN * step
    start = min(max(low - margin, 0), size - 1)
    return slice(start, max(min(high + margin, size), start + 1))


def _reduce(pixels: Pixels, step: int) -> Pixels:
    """Means of step x step pixels; blocks cut at the far borders are means of what there is."""
    if step == 1:
        return pixels
    height, width = pixels.shape[:2]
    rows = max(BAND // max(width, 1) // step, 1) * step
    bands = [
        np.asarray(Image.fromarray(np.ascontiguousarray(pixels[top : top + rows])).reduce(step))
        for top in range(0, height, rows)
    ]
    return np.concatenate(bands)


def _check_points(right_eye: Point, left_eye: Point, mouth: Point) -> Points:
    """float64 (3, 2) of points a face can have; raises `PhotoError` otherwise."""
    given = f"right eye {right_eye}, left eye {left_eye}, mouth {mouth}"
    try:
        points = np.array([right_eye, left_eye, mouth], np.float64)
    except (TypeError, ValueError) as error:
        raise PhotoError(f"The points are {given}; expected three points (x, y).") from error
    if points.shape != (3, 2) or not (np.abs(points) < 1e6).all():
        raise PhotoError(f"The points are {given}; expected three points (x, y) of the photo.")
    eyes, down = points[1] - points[0], points[2] - (points[0] + points[1]) / 2
    between, below = math.hypot(*eyes), math.hypot(*down)
    if max(between, below) < 1:
        raise PhotoError(f"The points coincide ({given}); expected two eyes and the mouth.")
    # In profile the eyes nearly coincide and noise may exchange them; that is no mistake.
    across = eyes[0] * down[1] - eyes[1] * down[0]
    if between > 0.3 * below and across < -0.3 * between * below:
        raise PhotoError(
            f"The eyes are exchanged ({given}); the right eye is the person's own, to the left of "
            "the other in an upright photo."
        )
    return points
