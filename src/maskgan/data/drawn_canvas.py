"""The surface that drawn faces are painted on: shapes to pixels, colours and labels together.

Coordinates are those of the CelebA-HQ frame at 512 px, x to the right and y down, whatever size the
picture has. The canvas is twice as wide as the picture; `finish` brings it down, the colours by
averaging (antialiased), the labels by majority (never a value that was not painted). Knows nothing
about faces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFilter

from maskgan import labels

Floats = NDArray[np.float32]
Points = NDArray[np.float64]
Color = tuple[float, float, float]

FRAME = 512
"""Side of the frame that coordinates refer to."""
SUPERSAMPLING = 2
_ANGLES = np.linspace(0, 2 * np.pi, 40, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)


@dataclass(frozen=True)
class Patch:
    """A shape on the canvas: how much of each pixel it covers, within a box."""

    top: int
    left: int
    cover: Floats
    """(h, w), 0..1; shapes made by `polygon` hold 0 and 1 only."""

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of the canvas that `cover` lies on."""
        height, width = self.cover.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


EMPTY = Patch(0, 0, np.zeros((0, 0), np.float32))


class Canvas:
    """Colors float32 (3, 2 size, 2 size) in 0..255 and labels uint8 (2 size, 2 size)."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.side = size * SUPERSAMPLING
        self.unit = self.side / FRAME
        self.colors: Floats = np.zeros((3, self.side, self.side), np.float32)
        self.labels: labels.Labels = np.zeros((self.side, self.side), np.uint8)
        centers = ((np.arange(self.side) + 0.5) / self.unit - 0.5).astype(np.float32)
        self.x, self.y = centers[None, :], centers[:, None]

    def polygon(self, *outlines: Points) -> Patch:
        """The inside of one or more closed outlines (N, 2), cut at the canvas."""
        pixels = [(points + 0.5) * self.unit - 0.5 for points in outlines]
        every = pixels[0] if len(pixels) == 1 else np.concatenate(pixels)
        left, top = (max(math.floor(edge), 0) for edge in every.min(axis=0).tolist())
        right, bottom = (min(math.ceil(edge) + 1, self.side) for edge in every.max(axis=0).tolist())
        if left >= right or top >= bottom:
            return EMPTY
        picture = Image.new("L", (right - left, bottom - top))
        pen = ImageDraw.Draw(picture)
        for points in pixels:
            pen.polygon((points - (left, top)).ravel().tolist(), fill=1)
        cover = np.frombuffer(picture.tobytes(), np.uint8).reshape(bottom - top, right - left)
        return Patch(top, left, cover.astype(np.float32))

    def ellipse(self, center: ArrayLike, radius_x: float, radius_y: float) -> Patch:
        """An upright ellipse."""
        return self.polygon(ellipse(center, radius_x, radius_y))

    def stroke(self, points: Points, width: float | NDArray[np.float64]) -> Patch:
        """A line along `points` (N, 2); `width` in frame pixels, one number or one per point. Never
        thinner than a pixel of the canvas, except where it tapers to nothing."""
        return self.polygon(self.stroke_outline(points, width))

    def stroke_outline(self, points: Points, width: float | NDArray[np.float64]) -> Points:
        """The closed outline (2 N, 2) of a stroke."""
        steps = np.empty_like(points)
        steps[1:-1] = points[2:] - points[:-2]
        steps[0], steps[-1] = points[1] - points[0], points[-1] - points[-2]
        length = np.maximum(np.sqrt((steps**2).sum(axis=1, keepdims=True)), 1e-6)
        normals = steps[:, ::-1] * (-1, 1) / length
        thinnest = 0.8 / self.unit
        if isinstance(width, np.ndarray):
            sides = normals * (np.where(width > 0, np.maximum(width, thinnest), 0)[:, None] / 2)
        else:
            sides = normals * (max(width, thinnest) / 2)
        return np.concatenate([points + sides, (points - sides)[::-1]])

    def both(self, first: Patch, second: Patch) -> Patch:
        """The part of `first` that lies in `second`."""
        cover = np.zeros_like(first.cover)
        top = max(first.top, second.top)
        left = max(first.left, second.left)
        bottom = min(first.box[0].stop, second.box[0].stop)
        right = min(first.box[1].stop, second.box[1].stop)
        if top < bottom and left < right:
            inner = np.s_[
                top - first.top : bottom - first.top, left - first.left : right - first.left
            ]
            other = np.s_[
                top - second.top : bottom - second.top, left - second.left : right - second.left
            ]
            cover[inner] = first.cover[inner] * second.cover[other]
        return Patch(first.top, first.left, cover)

    def soft(self, patch: Patch, blur: float, shift: tuple[float, float] = (0, 0)) -> Patch:
        """`patch` with edges blurred over `blur` frame pixels and moved by `shift` (dx, dy)."""
        if patch.cover.size == 0:
            return patch
        margin = int(np.ceil(blur * self.unit * 2))
        height, width = patch.cover.shape
        padded = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
        padded[margin : margin + height, margin : margin + width] = patch.cover * 255
        picture = Image.frombuffer("L", padded.shape[::-1], padded, "raw", "L", 0, 1)
        blurred = picture.filter(ImageFilter.GaussianBlur(blur * self.unit)).tobytes()
        top = patch.top - margin + round(shift[1] * self.unit)
        left = patch.left - margin + round(shift[0] * self.unit)
        cover = np.frombuffer(blurred, np.uint8).reshape(padded.shape)
        cover = cover[max(-top, 0) : self.side - top, max(-left, 0) : self.side - left]
        return Patch(max(top, 0), max(left, 0), cover.astype(np.float32) / np.float32(255))

    def glow(self, center: ArrayLike, radius_x: float, radius_y: float) -> Patch:
        """A round spot that fades like a Gaussian: 1 in the centre, 0.37 at the radius."""
        x, y = (float(value) for value in np.asarray(center))
        left, right, top, bottom = (
            min(max(int(edge * self.unit), 0), self.side)
            for edge in (
                x - 2.2 * radius_x,
                x + 2.2 * radius_x,
                y - 2.2 * radius_y,
                y + 2.2 * radius_y,
            )
        )
        across = np.exp(-(((self.x[:, left:right] - x) / radius_x) ** 2))
        down = np.exp(-(((self.y[top:bottom] - y) / radius_y) ** 2))
        return Patch(top, left, across * down)

    def where(self, name: str) -> Patch:
        """Everything labelled `name` so far."""
        found = self.labels == labels.IDS[name]
        rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
        if rows.size == 0:
            return EMPTY
        inside = found[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return Patch(int(rows[0]), int(columns[0]), inside.astype(np.float32))

    def noise(self, rng: np.random.Generator, cells: int, patch: Patch) -> Floats:
        """Smooth noise (h, w) of about unit variance on `patch`, with `cells` bumps a side of the
        whole canvas; the same pattern at every size."""
        rows, columns = patch.box
        shape = patch.cover.shape
        if patch.cover.size == 0:
            return np.zeros(shape, np.float32)
        # Uniform, scaled to unit variance: four times as fast as normal numbers.
        draws = (rng.random((cells, cells), np.float32) - np.float32(0.5)) * np.float32(3.46)
        values = Image.fromarray(draws)
        scale = cells / self.side
        box = (columns.start * scale, rows.start * scale, columns.stop * scale, rows.stop * scale)
        drawn = values.resize(shape[::-1], Image.Resampling.BICUBIC, box)
        return np.frombuffer(drawn.tobytes(), np.float32).reshape(shape)

    def grid(self, patch: Patch) -> tuple[Floats, Floats]:
        """Frame coordinates x (1, w) and y (h, 1) of the pixels of `patch`."""
        rows, columns = patch.box
        return self.x[:, columns], self.y[rows]

    def paint(
        self, patch: Patch, color: Color | Floats, name: str | None = None, opacity: float = 1
    ) -> None:
        """Covers `patch` with one color or with colors (3, h, w), and labels its inside `name`."""
        target = self.colors[:, *patch.box]
        cover = patch.cover if opacity == 1 else patch.cover * np.float32(opacity)
        target += cover * (channels(color) - target)
        if name is not None:
            self.mark(patch, name)

    def mark(self, patch: Patch, name: str) -> None:
        """Labels the inside of `patch` and leaves the colors."""
        self.labels[patch.box][patch.cover > 0.5] = labels.IDS[name]

    def tint(self, patch: Patch, factors: Color | Floats, strength: float = 1) -> None:
        """Multiplies the colors in `patch` by `factors`: one per channel, or one per pixel (h, w).
        Below 1 is a shadow."""
        gain = (channels(factors) - 1) * np.float32(strength)
        self.colors[:, *patch.box] *= 1 + patch.cover * gain

    def finish(self, grain: Floats) -> tuple[NDArray[np.uint8], labels.Labels]:
        """Photo uint8 (size, size, 3) with `grain` (size, size) added, labels (size, size)."""
        quarters = [np.s_[..., row::2, column::2] for row in (0, 1) for column in (0, 1)]
        first, second, third, fourth = (self.colors[quarter] for quarter in quarters)
        colors = (first + second + third + fourth) * np.float32(0.25) + (grain + np.float32(0.5))
        photo = np.clip(colors, 0, 255).astype(np.uint8)
        a, b, c, d = (self.labels[quarter] for quarter in quarters)
        majority = np.where((b == c) | (b == d), b, np.where(c == d, c, a))
        shown = np.where((a == b) | (a == c) | (a == d), a, majority)
        return np.ascontiguousarray(photo.transpose(1, 2, 0)), shown


def channels(color: ArrayLike) -> Floats:
    """One color (3,) -> (3, 1, 1), ready to be multiplied by a field (h, w); fields pass."""
    values = np.asarray(color, np.float32)
    return values[:, None, None] if values.ndim == 1 else values


def curve(points: ArrayLike, closed: bool = False, steps: int = 6) -> Points:
    """A smooth line (Catmull-Rom) through `points` (N, K): `steps` points per piece."""
    knots = np.asarray(points, np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    p0, p1, p2, p3 = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = (np.arange(steps) / steps)[None, :, None]
    line = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    flat = line.reshape(-1, knots.shape[1])
    return flat if closed else np.concatenate([flat, knots[-1:]])


def ellipse(center: ArrayLike, radius_x: float, radius_y: float) -> Points:
    """Outline (40, 2) of an upright ellipse, from its right end clockwise."""
    return np.asarray(center, np.float64) + _CIRCLE * (radius_x, radius_y)


def mirrored(half: ArrayLike) -> Points:
    """A closed outline from its right half (N, K), first and last point on the midline: the left
    half is added with the sign of the first column exchanged."""
    right = np.asarray(half, np.float64)
    left = right[-2:0:-1] * np.array([-1.0] + [1.0] * (right.shape[1] - 1))
    return np.concatenate([right, left])
