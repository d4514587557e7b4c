"""One place of a photo that is bent so that its outlines come to lie where they are wanted.

Along the outlines it is known how far the photo moves; where outlines stay it does not, nor where
nothing reaches. In between, the displacement is the smoothest there is: harmonic, each value the
mean of its neighbours, found on a coarse grid.

Points are (x, y), pixel centres at whole numbers; a displacement says where a pixel comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import smoothstep
from maskgan.editing import regions
from maskgan.editing.blob import averaged
from maskgan.editing.contours import FACE, FRAME, Kinds, Ways, beside, kinds
from maskgan.editing.grid import Grid, box_sums, longest
from maskgan.editing.layers import FEATURES, PARTS, member
from maskgan.editing.membrane import Membrane
from maskgan.editing.regions import Box, Region
from maskgan.labels import IDS, Labels

SPECK, FINE_SPECK, FINEST_SPECK = 4.0, 2.0, 1.0
"""Half the width of a difference between bent and wanted labels that nobody sees, in pixels of a
crop of `FRAME`; the second one where eyes are, the third where the other features are."""
TORN = 3.3
"""How many times as long as before things may become; beyond, the photo tears."""
TEAR = 2.0
"""Half the width in cells of a tear that nobody sees: what the generator would draw there is seen
more."""
EXPLAINED = 0.5
"""Share of an edit that bending must explain, or all of it is left to the generator."""

PASSES = 3
"""Times that the displacement is found, each for what the one before lacks along outlines."""

EYES, BEHIND = PARTS["eyes"], (*PARTS["brows"], IDS["nose"])
FINEST = tuple(index for index in FEATURES if index not in EYES)
LID = 5.0
"""How far into an eye its lids take it along, less and less, in pixels of a crop of `FRAME`."""
OPENED = 2.5
"""The same of an eye that opens, in pixels that it gets higher: what comes to light is drawn out of
what is there."""

HUNG = 7.0
"""Pixels over which the way of the upper lip is averaged for what hangs on it."""
INNER = 2.0
"""How far into a mouth its lips take it along."""
MOUTH = IDS["mouth"]

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Piece:
    """One connected piece of what changes its kind, whose ways are known."""

    cells: Region
    """bool (m, n), the cells it touches."""
    bent: Region
    """bool (m, n): those that are bent for it."""
    points: NDArray[np.bool_]
    """bool (N,): the points of the new outline beside it whose way is known."""

    def explained(self, edit: Floats, rest: Floats) -> float:
        """Share of it that is not in the rest, of pixels (m, n) counted per cell."""
        return 1 - float(rest[self.cells].sum() / edit[self.cells].sum())


@dataclass(frozen=True, eq=False)
class Place:
    """What is asked for in a box of a crop, in whole cells of its grid."""

    box: Box
    """Rows and columns of the crop."""
    whole: Labels
    """uint8 (S, S), the labels of the whole crop."""
    wanted: Labels
    """uint8 (h, w)."""
    pieces: list[Piece]
    found: Ways
    """Points in pixels of the box."""
    frame: Region | None = None
    """bool (h, w), a frame of spectacles that is worn before what is bent."""

    @property
    def labels(self) -> Labels:
        """uint8 (h, w)."""
        return self.whole[self.box]


@dataclass(frozen=True, eq=False)
class Stretched:
    """A place when it has been bent."""

    box: Box
    """Rows and columns of the crop."""
    ways: Floats
    """float32 (h, w, 2): how many pixels to the right and down a pixel's source lies."""
    labels: Labels
    """uint8 (h, w), what it shows."""
    reached: Region
    """bool (h, w), where it was bent."""
    covered: Region
    """bool (h, w), where it shows what a frame of spectacles covered."""


def stretched(place: Place) -> Stretched | None:
    """The place bent towards what is wanted; None where that explains none of its pieces."""
    labels, wanted, side = place.labels, place.wanted, place.whole.shape[0]
    kind, pixel = kinds(side), side / FRAME
    old, new, held = kind[labels], kind[wanted], _held(place)
    edit, grid, pieces = (old != new) & ~held, Grid.over(labels, side), place.pieces
    # Features without outlines, and eyes that stay, are as still as skin.
    within = [
        index
        for index in FEATURES
        if kind[index] == FACE or (index in EYES and not _changed(labels, wanted, index))
    ]
    inner = member(labels, within), member(wanted, within)
    still = _still(grid, new, inner[0] | inner[1], edit) | (grid.sums(held) > 0)
    flat = np.where(inner[1], IDS["skin"], wanted)
    moving = [index for index in EYES if index not in within]
    lids = member(labels, moving) | member(wanted, moving)
    featured = member(labels, FEATURES) | member(wanted, FEATURES)
    eyes = [_eye(place, index, pixel) for index in moving]
    opens = MOUTH not in within and _changed(labels, wanted, MOUTH) and (wanted == MOUTH).any()
    while pieces:
        field = _field(grid, place.found, pieces, still)
        ways = grid.enlarged(field)
        asked = grid.spread(union(each.cells for each in pieces))
        for way, share in eyes:
            # Where its lids are left to the generator, an eye is as well.
            if (asked & (share > 0)).any():
                ways += share[:, :, None] * (way - ways)
        if opens:
            _hang(ways, wanted == MOUTH, pixel)
        ways[held] = 0
        x, y = sources(place.box, ways, side)
        seen, covered = _read(place.whole, x, y), _covered(place, held, ways, x, y)
        seen = np.where(held, wanted, seen)
        reached = grid.spread(union(each.bent for each in pieces))
        # What else is painted counts however narrow it is, but for the other lid of an eye.
        others = edit & ~asked | ~reached
        plain = np.where(member(seen, within), IDS["skin"], seen)
        rest = _unlike(plain, flat, others & ~lids, pixel) | covered
        # Lids may be drawn out as far as they like: what they cover has ways of its own.
        torn = grid.drawn_out(field) > TORN
        wide = regions.dilate(regions.erode(torn, TEAR), TEAR)
        tears = edit & ~lids & np.where(featured, grid.spread(torn), grid.spread(wide))
        counts = grid.sums(edit), grid.sums((rest | tears) & edit)
        left = [each for each in pieces if each.explained(*counts) >= EXPLAINED]
        if len(left) == len(pieces):
            unlike = tears & (plain != flat)
            rest |= regions.touching(unlike, regions.erode(unlike, max(FINEST_SPECK * pixel, 1)))
            # What becomes of features without outlines is for others to see.
            shown = np.where((old == FACE) & (new == FACE) & ~rest, labels, wanted)
            shown = np.where(rest | (inner[1] & edit & (old != FACE)), seen, shown)
            return Stretched(place.box, ways, shown, reached, covered)
        # Where most of a piece stays unexplained, what is explained does not fit it either.
        pieces = left
    return None


def _held(place: Place) -> Region:
    """What of a frame of spectacles stays, bool (h, w): all where brows or the nose move behind it.
    With the head it goes along, and eyes are too far within it to move it."""
    moves = any(_changed(place.labels, place.wanted, index) for index in BEHIND)
    none = np.zeros(place.wanted.shape, np.bool_)
    return place.frame if place.frame is not None and moves else none


def _covered(place: Place, held: Region, ways: Floats, x: Floats, y: Floats) -> Region:
    """Where pixels (h, w) come from under a frame that stays, bool (h, w)."""
    if not held.any():
        return held
    rows, columns = place.box
    frame = regions.dilate(held, 1)
    row, column = (
        np.clip(np.rint(plane).astype(np.int32) - axis.start, 0, axis.stop - axis.start - 1)
        for plane, axis in ((y, rows), (x, columns))
    )
    covered: Region = frame[row, column] & ~held & (longest(ways) > 1)
    return covered


def _changed(labels: Labels, wanted: Labels, index: int) -> bool:
    return not np.array_equal(labels == index, wanted == index)


def _eye(place: Place, index: int, pixel: float) -> tuple[Floats, Floats]:
    """The way (2,) of what is between the lids of an eye, and how far it goes it and not theirs,
    0..1 (h, w): lids open and close over an eye that stays, and it goes where their corners go."""
    old, new = place.whole == index, place.whole == index
    new[place.box] = place.wanted == index
    if not old.any() or not new.any():
        return np.zeros(2, np.float32), np.zeros(place.wanted.shape, np.float32)
    (before, height), (after, higher) = _corners(old), _corners(new)
    lid = max(LID * pixel, OPENED * (higher - height), 1)
    deep = regions.depth(new[place.box], math.ceil(lid))
    return before - after, smoothstep(deep / lid)


def _hang(ways: Floats, mouth: Region, pixel: float) -> None:
    """Has what is in a mouth, bool (h, w), go where the upper lip goes: teeth get no longer when it
    opens, and a lower lip that rises covers them. Changes `ways` in place."""
    columns = np.flatnonzero(mouth.any(axis=0))
    tops = np.argmax(mouth[:, columns], axis=0)
    lips = np.zeros((ways.shape[1], 2), np.float32)
    width = round(HUNG * pixel)
    lips[columns] = np.stack([averaged(axis, width) for axis in ways[tops, columns].T], axis=1)
    share = smoothstep(regions.depth(mouth, math.ceil(INNER * pixel)) / (INNER * pixel))
    ways += share[:, :, None] * (lips[None] - ways)


def _corners(eye: Region) -> tuple[Floats, float]:
    """(x, y) midway between the corners of an eye, bool (S, S), and its mean height."""
    columns = np.flatnonzero(eye.any(axis=0))
    rows = [np.flatnonzero(eye[:, column]).mean() for column in columns[[0, -1]]]
    between = np.array([columns[[0, -1]].mean(), np.mean(rows)], np.float32)
    return between, float(np.count_nonzero(eye)) / columns.size


def sources(box: Box, ways: Floats, side: int) -> tuple[Floats, Floats]:
    """x and y float32 (h, w) where the pixels of a box come from; beyond its border a crop is
    mirrored."""
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[box])
    planes = (columns + ways[:, :, 0], rows + ways[:, :, 1])
    x, y = (side - 1 - np.abs(side - 1 - np.abs(plane)) for plane in planes)
    return x, y


def union(parts: Iterable[Region]) -> Region:
    """What is in any of them, of one shape and at least one."""
    union: Region = np.logical_or.reduce(list(parts))
    return union


def _still(grid: Grid, kinds: Kinds, inner: Region, edit: Region) -> Region:
    """The cells bool (m, n) that hold the photo where it is: outlines that the edit leaves alone,
    and features without outlines, bool (h, w)."""
    still = (grid.sums(beside(kinds)) > 0) & ~regions.dilate(grid.sums(edit) > 0, 1)
    # The grid is read between cells, so those around features are still as well.
    return still | regions.dilate(grid.sums(inner) > 0, 1)


def _field(grid: Grid, found: Ways, pieces: list[Piece], still: Region) -> Floats:
    """The displacement of each cell in pixels, float32 (m, n, 2)."""
    known, bent = union(each.points for each in pieces), union(each.bent for each in pieces)
    points, ways = found.points[known], found.origins[known] - found.points[known]
    place = grid.place(points)
    count = np.zeros(still.shape, np.float32)
    np.add.at(count.ravel(), place, 1)
    outline, near = (count > 0) & bent, box_sums(count)
    field = np.zeros((*still.shape, 2), np.float32)
    membrane = Membrane(outline | still | ~bent)
    for _ in range(PASSES):
        # Between cells the field is lower than at its ridge, on which outlines are.
        missing = ways - grid.read(field, points)
        sums = np.zeros((2, *still.shape), np.float32)
        for plane, values in zip(sums, missing.T, strict=True):
            np.add.at(plane.ravel(), place, values)
        means = np.stack([box_sums(each) / np.maximum(near, 1) for each in sums], axis=2)
        values = np.where(outline[:, :, None], field + means, 0).astype(np.float32)
        field = membrane.between(values)
    return field


def _read(labels: Labels, x: Floats, y: Floats) -> Labels:
    """The labels uint8 (S, S) at x and y (h, w)."""
    place = np.rint(y).astype(np.int32) * np.int32(labels.shape[1]) + np.rint(x).astype(np.int32)
    return labels.ravel().take(place)


def _unlike(seen: Labels, wanted: Labels, others: Region, pixel: float) -> Region:
    """Where two maps show other things, but for what is too narrow to be seen and not among the
    `others`, bool (h, w)."""
    unlike = seen != wanted
    found: Region = unlike & others
    reaches = [max(width * pixel, 1) for width in (SPECK, FINE_SPECK, FINEST_SPECK)]
    box = regions.bounding_box(unlike, math.ceil(2 * reaches[0]) + 1)
    if box is None:
        return found
    unlike = unlike[box]
    fine, finest = (
        member(seen[box], classes) | member(wanted[box], classes) for classes in (EYES, FINEST)
    )
    for reach, there in zip(reaches, (~fine & ~finest, fine & ~finest, finest), strict=True):
        core = regions.erode(unlike, reach)
        # Crumbs beside it are not seen either.
        found[box] |= there & regions.touching(unlike & regions.dilate(core, 2 * reach + 1), core)
    return found
