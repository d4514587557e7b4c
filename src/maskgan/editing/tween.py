"""Label maps between two label maps: shapes that move instead of pixels that switch.

Of every region there is a signed distance to its outline, positive inside; between two maps the
distances are mixed, and a pixel takes the class of the largest one. Two layers: the ground (skin
with all that lies on it, hair, clothes, background, ...) and, on top of it, the parts of the face.
A part is compared in coordinates of its own, its width and, per column, its middle and height, so
that a brow which moves by more than its thickness moves instead of fading, and a mouth opens
between the lips. Its classes move together. Labels uint8 (H, W) in and out; no photo, no network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.editing import layers, regions
from maskgan.editing.layers import FEATURES, member
from maskgan.editing.regions import Box, Region
from maskgan.errors import LabelsError
from maskgan.labels import Labels

Floats = NDArray[np.float32]

SIDE = 512
"""Larger maps are compared at this size; only the maps between are coarser for it."""
NEAR, COARSE = 32, 4
"""Distances up to `NEAR` pixels are exact; farther ones are measured at 1/`COARSE` of the size."""
KNOTS = 65
"""Places along a part at which its middle and height are known."""
MARGIN = 8
"""Pixels around a part within which it is compared."""
PARTS: tuple[tuple[int, ...], ...] = ((2,), (10, 11, 12), (4,), (5,), (6,), (7,))
"""Ids of classes that move together, from back to front: nose, mouth, eyes, brows."""
SKIN = 1


class Tween:
    """The way from one label map to another of the same size."""

    def __init__(self, first: Labels, last: Labels) -> None:
        """Raises `LabelsError` for maps that are none or differ in size."""
        if layers.check(first).shape != layers.check(last).shape:
            raise LabelsError(
                f"The new labels have shape {last.shape}, the old ones {first.shape}; expected the "
                "same."
            )
        self.first, self.last = first, last
        height, width = first.shape
        scale = min(1.0, SIDE / max(height, width))
        size = max(round(height * scale), 1), max(round(width * scale), 1)
        self._ends = images.resize_labels(first, size), images.resize_labels(last, size)
        box = regions.bounding_box(self._ends[0] != self._ends[1], 2 * MARGIN)
        self._box = box
        if box is not None:
            old, new = (end[box] for end in self._ends)
            self._ground = _ground(old, new)
            self._parts = [part for ids in PARTS if (part := _Part.of(old, new, ids)) is not None]

    def at(self, share: float) -> Labels:
        """The map at a share 0..1 of the way; 0 and 1 give the two maps to the bit."""
        if share <= 0 or self._box is None:
            return (self.first if share < 1 else self.last).copy()
        if share >= 1:
            return self.last.copy()
        t = np.float32(share)
        ids, old, new = self._ground
        between = ids[np.argmax(old + t * (new - old), axis=0)]
        for part in self._parts:
            part.draw(between, t)
        whole = self._ends[0].copy()
        whole[self._box] = between
        return images.resize_labels(whole, (self.first.shape[0], self.first.shape[1]))


def _ground(old: Labels, new: Labels) -> tuple[NDArray[np.uint8], Floats, Floats]:
    """Ids (K,) of the classes below the parts of the face, and their distances (K, H, W) in both
    maps."""
    found = np.union1d(np.unique(old), np.unique(new))
    ids = [index for index in found.tolist() if index not in FEATURES]
    if SKIN not in ids and len(ids) < len(found):
        ids.append(SKIN)
    pairs = []
    for index in ids:
        covers = (index, *FEATURES) if index == SKIN else (index,)
        pairs.append(_pair(member(old, covers), member(new, covers)))
    first, last = (np.stack([pair[side] for pair in pairs]) for side in (0, 1))
    return np.asarray(ids, np.uint8), first, last


def _pair(old: Region, new: Region) -> tuple[Floats, Floats]:
    """Signed distances to the outline of a region in both maps. Where one has none, the region
    grows from its innermost pixels."""
    if not old.any():
        far = signed(new)
        return far - far.max(), far
    if not new.any():
        far = signed(old)
        return far, far - far.max()
    return signed(old), signed(new)


def signed(region: Region) -> Floats:
    """Distance of each pixel to the region's outline in pixels, positive inside, float32 (H, W)."""
    return _depth(region) - _depth(~region)


def _depth(region: Region) -> Floats:
    near = regions.depth(region, NEAR)
    if not (near >= NEAR).any():
        return near
    height, width = region.shape
    rows, columns = -(-height // COARSE), -(-width // COARSE)
    grown = ((0, rows * COARSE - height), (0, columns * COARSE - width))
    cells = np.pad(region, grown, mode="edge").reshape(rows, COARSE, columns, COARSE)
    inner: Region = np.all(cells, axis=(1, 3))
    far = COARSE * regions.depth(inner, max(rows, columns))
    y, x = (
        (_places(count) + np.float32(0.5)) / np.float32(COARSE) - np.float32(0.5)
        for count in (height, width)
    )
    far = sample(far, y[:, None], x[None])
    return np.where(near < NEAR, near, np.maximum(far, np.float32(NEAR)))


def sample(values: Floats, y: Floats, x: Floats) -> Floats:
    """Values (H, W) at places between pixel centres, bilinear; beyond the border its values."""
    height, width = values.shape
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    top, left = np.floor(y).astype(np.intp), np.floor(x).astype(np.intp)
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, across = (y - top).astype(np.float32), (x - left).astype(np.float32)
    upper = values[top, left] * (1 - across) + values[top, right] * across
    lower = values[below, left] * (1 - across) + values[below, right] * across
    mixed: Floats = upper * (1 - down) + lower * down
    return mixed


@dataclass(frozen=True, eq=False)
class _Shape:
    """Where a part lies: its ends across and, from one to the other, its middle and half height."""

    left: float
    right: float
    middle: Floats  # (KNOTS,)
    half: Floats  # (KNOTS,)

    @classmethod
    def of(cls, region: Region) -> _Shape:
        columns = np.flatnonzero(region.any(axis=0))
        top = region.argmax(axis=0)[columns]
        bottom = region.shape[0] - 1 - region[::-1].argmax(axis=0)[columns]
        left, right = float(columns[0]) - 0.5, float(columns[-1]) + 0.5
        places = np.linspace(left, right, KNOTS)
        middle = np.interp(places, columns, (top + bottom) / 2).astype(np.float32)
        half = np.interp(places, columns, (bottom - top + 1) / 2).astype(np.float32)
        return cls(left, right, middle, half)

    def flat(self) -> _Shape:
        """The same without height: what a part is before it appears."""
        return _Shape(self.left, self.right, self.middle, np.zeros_like(self.half))

    def towards(self, other: _Shape, t: np.float32) -> _Shape:
        return _Shape(
            float(self.left + t * (other.left - self.left)),
            float(self.right + t * (other.right - self.right)),
            self.middle + t * (other.middle - self.middle),
            self.half + t * (other.half - self.half),
        )


@dataclass(frozen=True, eq=False)
class _Side:
    """A part in one of the two maps."""

    shape: _Shape
    whole: Floats
    """Signed distance (H, W) to the outline of the part."""
    classes: Floats
    """Those of its classes (K, H, W)."""


@dataclass(frozen=True, eq=False)
class _Part:
    """A part on its way; coordinates are those of its box."""

    box: Box
    ids: NDArray[np.uint8]
    sides: tuple[_Side | None, _Side | None]
    """In the first map and in the last; None where it is not there."""
    shapes: tuple[_Shape, _Shape]

    @classmethod
    def of(cls, old: Labels, new: Labels, ids: tuple[int, ...]) -> _Part | None:
        """None where neither map has the part."""
        box = regions.bounding_box(member(old, ids) | member(new, ids), MARGIN)
        if box is None:
            return None
        crops = old[box], new[box]
        present = [i for i in ids if any((crop == i).any() for crop in crops)]
        old_side, new_side = (_side(crop, present) for crop in crops)
        known = old_side or new_side
        if known is None:
            return None
        # What is not there is flat, where the other one is.
        first, last = (side.shape if side else known.shape.flat() for side in (old_side, new_side))
        ids_present = np.asarray(present, np.uint8)
        return cls(box, ids_present, (old_side, new_side), (first, last))

    def draw(self, labels: Labels, t: np.float32) -> None:
        """Puts the part on top of a map."""
        old, new = self.sides
        shape = self.shapes[0].towards(self.shapes[1], t)
        target = labels[self.box]
        y, x = _places(target.shape[0]), _places(target.shape[1])
        along: Floats = (x - np.float32(shape.left)) / np.float32(shape.right - shape.left)
        knots = np.clip(along, 0, 1) * (KNOTS - 1)
        # 1 at the lower and -1 at the upper edge of the part.
        half = np.maximum(_along(shape.half, knots), np.float32(1e-3))
        level = ((y[:, None] - _along(shape.middle, knots)) / half).astype(np.float32)
        whole = np.zeros(target.shape, np.float32)
        classes = np.zeros((len(self.ids), *target.shape), np.float32)
        for side, weight in ((old, np.float32(1) - t), (new, t)):
            if side is not None:
                its = side.shape
                x = np.float32(its.left) + along * np.float32(its.right - its.left)
                from_x: Floats = x[None]
                from_y: Floats = _along(its.middle, knots) + level * _along(its.half, knots)
                whole += weight * sample(side.whole, from_y, from_x)
                classes += weight * np.stack([sample(c, from_y, from_x) for c in side.classes])
        inside = whole > 0
        target[inside] = self.ids[np.argmax(classes, axis=0)][inside]


def _places(count: int) -> Floats:
    return np.arange(count, dtype=np.float32)


def _along(values: Floats, knots: Floats) -> Floats:
    return np.interp(knots, np.arange(KNOTS), values).astype(np.float32)


def _side(crop: Labels, ids: list[int]) -> _Side | None:
    region = member(crop, ids)
    if not region.any():
        return None
    known = {index: signed(crop == index) for index in ids if (crop == index).any()}
    missing = _missing(list(known.values()))
    classes = np.stack([known.get(index, missing) for index in ids])
    return _Side(_Shape.of(region), signed(region), classes)


def _missing(known: list[Floats]) -> Floats:
    """The distance of a class that a part does not show: it appears at the seam between two others,
    as the inside of the mouth does between the lips."""
    if len(known) == 1:
        return np.minimum(known[0], 0) - 1
    seam: Floats = np.sort(np.stack(known), axis=0)[-2]
    return np.minimum(seam, 0)
