"""Outlines of a label map, and how far an edit moves them.

An outline runs between two kinds of things: hair and background, brow and face, eye and lid. Lips
are one kind with what is between them.
Points are (x, y) midway between two pixels, whose centres are at whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.layers import FEATURES
from maskgan.editing.regions import Region
from maskgan.labels import IDS, NUM_CLASSES

FRAME = 512
"""Side of the label map in whose pixels lengths are given here."""
FARTHEST = 48.0
"""Way between two points beyond which they belong to different outlines."""
ALIKE = 0.3
"""Least cosine between the directions in which two points of one outline look."""
BESIDE = 2
"""Pixels from an edit within which an outline belongs to it."""
SQUARE = 4
"""Side of the squares over which, and whose neighbours, directions are averaged."""

KINDS: tuple[tuple[str, ...], ...] = (
    ("background",),
    ("skin", "eye_g"),
    ("l_eye",),
    ("r_eye",),
    ("l_brow",),
    ("r_brow",),
    ("nose",),
    ("mouth", "u_lip", "l_lip"),
    ("l_ear", "r_ear", "ear_r"),
    ("hair",),
    ("hat",),
    ("neck", "neck_l"),
    ("cloth",),
)
"""Classes between which there is no outline."""
FACE = 1
"""The face's place among them."""
SMALLEST, SMALLEST_NOSE = 384, 192
"""Sides of a crop below which eyes, brows and lips have no outlines, and the nose has none: they
are too few pixels to be followed."""


WHOLE = frozenset(
    FACE * len(KINDS) + number for number, names in enumerate(KINDS) if IDS[names[0]] in FEATURES
)
"""Outlines, by their pairs of kinds, of what may move as a whole: eyes, brows, nose and mouth."""
SETTLED = 0.5
"""Share of the ways that may be left when it has moved so, or it has not."""

Floats = NDArray[np.floating[Any]]
Kinds = NDArray[np.uint8]
"""Numbers of kinds, uint8 (H, W)."""


def kinds(side: int) -> NDArray[np.uint8]:
    """id -> its kind, uint8 (NUM_CLASSES,), in a crop of `side` pixels a side."""
    found = np.zeros(NUM_CLASSES, np.uint8)
    for number, names in enumerate(KINDS):
        found[[IDS[name] for name in names]] = number
    if side < SMALLEST:
        nose = found[IDS["nose"]]
        found[list(FEATURES)] = FACE
        if side >= SMALLEST_NOSE:
            found[IDS["nose"]] = nose
    return found


@dataclass(frozen=True, eq=False)
class Ways:
    """Points of the new outline beside an edit."""

    points: Floats
    """(N, 2)"""
    origins: Floats
    """(N, 2): the points of the old outline that they were, NaN where there is none."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool (N,): which were somewhere before."""
        return np.isfinite(self.origins[:, 0])

    @property
    def lengths(self) -> Floats:
        """(N,), in pixels."""
        lengths: Floats = np.linalg.norm(self.points - self.origins, axis=1)
        return lengths

    def shifted(self, x: float, y: float) -> Ways:
        """The same in a picture whose corner lies elsewhere."""
        return Ways(self.points + (x, y), self.origins + (x, y))


def ways(old: Kinds, new: Kinds, edit: Region, pixel: float) -> Ways:
    """Where the outlines of new kinds uint8 (H, W) were among the old ones, as far as they are
    beside an edit, bool (H, W): each point was the nearest one of the old outline between
    the same two kinds that looks the same way, in a feature that has moved as a whole the one at
    its place there. An outline that leaves the picture lies on its border then. `pixel` is how many
    pixels are one of `FRAME`."""
    near = regions.dilate(np.pad(edit, 1), max(BESIDE * pixel, 1))
    # Beyond the border it goes on as it was.
    before = np.pad(old, 1, mode="edge")
    after = before.copy()
    after[1:-1, 1:-1] = new
    here, there = (_Outline.of(each, near, pixel) for each in (after, before))
    origins = np.full(here.points.shape, np.nan)
    for pair in np.unique(here.pairs):
        mine, its = (np.flatnonzero(each.pairs == pair) for each in (here, there))
        if not its.size:
            continue
        points, others = here.points[mine], there.points[its]
        alike = here.looks[mine] @ there.looks[its].T >= ALIKE
        nearest, apart = _nearest(points, others, alike)
        if pair in WHOLE:
            shift = points.mean(axis=0) - others.mean(axis=0)
            moved, left = _nearest(points - shift, others, alike)
            known = np.isfinite(apart)
            if left[known].sum() < SETTLED * apart[known].sum():
                nearest, way = moved, np.linalg.norm(points - others[moved], axis=1)
                apart = np.where(known, way, np.inf)
        found = apart <= FARTHEST * pixel
        origins[mine[found]] = others[nearest[found]]
    return Ways(here.points - 1, origins - 1)


def beside(kinds: Kinds) -> Region:
    """Pixels (H, W) to the left of an outline between kinds or above it, bool (H, W)."""
    found = np.zeros(kinds.shape, np.bool_)
    found[:-1] = kinds[:-1] != kinds[1:]
    found[:, :-1] |= kinds[:, :-1] != kinds[:, 1:]
    return found


@dataclass(frozen=True, eq=False)
class _Outline:
    """Points of all outlines of a map within a region, every second one left out."""

    points: Floats
    """(N, 2)"""
    looks: Floats
    """(N, 2), of length 1: from the kind of lower number to the other."""
    pairs: NDArray[np.intp]
    """(N,): number of the two kinds."""

    @classmethod
    def of(cls, kinds: NDArray[np.uint8], where: Region, pixel: float) -> _Outline:
        points, looks, pairs = [], [], []
        for axis in (0, 1):
            last = kinds.shape[axis] - 1
            first, second = (
                kinds.take(range(start, last + start), axis).astype(np.intp) for start in (0, 1)
            )
            found = (first != second) & where.take(range(last), axis)
            # Every second line across the outline: of points in reading order every second one
            # could be all of its left side.
            skipped = [slice(None)] * 2
            skipped[1 - axis] = slice(1, None, 2)
            found[tuple(skipped)] = False
            rows, columns = np.nonzero(found)
            low, high = first[rows, columns], second[rows, columns]
            point = np.stack([columns, rows], axis=1).astype(np.float32)
            point[:, 1 - axis] += 0.5
            look = np.zeros_like(point)
            look[:, 1 - axis] = np.sign(high - low)
            points.append(point)
            looks.append(look)
            pairs.append(np.minimum(low, high) * len(KINDS) + np.maximum(low, high))
        whole = cls(*(np.concatenate(each) for each in (points, looks, pairs)))
        return replace(whole, looks=whole._averaged(max(SQUARE * pixel, 2)))

    def _averaged(self, square: float) -> Floats:
        """The directions averaged along each outline: by themselves they are those of pixels'
        sides."""
        _, pair = np.unique(self.pairs, return_inverse=True)
        column, row = (self.points / square).astype(np.intp).T + 1
        shape = (pair.max(initial=0) + 1, row.max(initial=0) + 2, column.max(initial=0) + 2)
        place = np.ravel_multi_index((pair, row, column), shape)
        sums = np.zeros_like(self.looks)
        for axis in (0, 1):
            plane = np.bincount(place, self.looks[:, axis], np.prod(shape)).reshape(shape)
            for i in (-1, 0, 1):
                for j in (-1, 0, 1):
                    sums[:, axis] += plane[pair, row + i, column + j]
        length = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        averaged: Floats = sums / length
        return averaged


def _nearest(
    points: Floats, others: Floats, alike: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], Floats]:
    """Of each of the points (N, 2) the nearest of the others (M, 2) that is alike, bool (N, M), and
    how far it is."""
    apart = np.where(alike, _squares(points, others), np.inf)
    nearest = np.argmin(apart, axis=1)
    return nearest, np.sqrt(apart[np.arange(len(points)), nearest])


def _squares(points: Floats, others: Floats) -> Floats:
    """Squared distances (N, M) of points (N, 2) and (M, 2)."""
    x, y = (points[:, None, axis] - others[None, :, axis] for axis in (0, 1))
    squared: Floats = x * x + y * y
    return squared
