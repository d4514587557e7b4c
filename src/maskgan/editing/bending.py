"""Outlines that an edit moves bend the photo: hair with more volume is the person's own hair.

Where the outline of hair, face, brows, nose, lips, ears, neck or clothes lies somewhere else after
an edit, and not far from where it was, the photo is bent so that the old outline comes to lie on
the new one. What is on either side goes along, less and less: hair is drawn out or pressed
together, the background closes up behind it, single hairs stay single hairs, and the skin of a lid
is drawn up with the brow. Outlines that stay, and the eyes, hold the photo where it is. What
bending cannot explain is left to the generator.

Each point of the new outline finds the nearest one of the old outline between the same two kinds of
things, looking the same way. In between, the displacement is the smoothest there is: harmonic, each
value the mean of its neighbours, found on a coarse grid.

Points are (x, y), pixel centres at whole numbers; a displacement says where a pixel comes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.displacement import STILL, Displacement
from maskgan.alignment.resampling import gather_dense
from maskgan.editing import regions
from maskgan.editing.contours import BESIDE, FACE, FRAME, Kinds, Ways, beside, kinds, ways
from maskgan.editing.grid import Grid, box_sums, harmonic, longest
from maskgan.editing.layers import FEATURES, PARTS, member
from maskgan.editing.regions import Box, Region
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SHORTEST = 1.5
"""Way of an outline that is not worth bending for, in pixels of a crop of `FRAME`, as below."""
REACH = 2.5
"""Times its way that an outline takes what is beside it along."""
SPECK, FINE_SPECK = 4.0, 1.0
"""Half the width of a difference between bent and wanted labels that nobody sees; the second one
where brows, nose, lips or teeth are."""
STEEPEST = 0.7
"""Change of the displacement from one pixel to the next beyond which the photo would tear."""
EXPLAINED = 0.5
"""Share of an edit that bending must explain, or all of it is left to the generator."""

PASSES = 3
"""Times that the displacement is found, each for what the one before lacks along outlines."""

OUTLINED = tuple(index for index in FEATURES if index not in PARTS["eyes"])
"""Features that have outlines where the crop is fine enough."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Bent:
    """A crop in which outlines have moved."""

    crop: Pixels
    """uint8 (S, S, 3)."""
    labels: Labels
    """uint8 (S, S), what it shows: the wanted labels but for what bending does not explain."""
    displacement: Displacement
    """Where its pixels come from."""
    region: Region
    """bool (S, S), True where the crop may differ from the photo."""


def bend(crop: Pixels, labels: Labels, wanted: Labels, fine: bool = True) -> Bent | None:
    """Bends a crop uint8 (S, S, 3) with labels uint8 (S, S) towards the wanted labels; None where
    no outline moves, or none that can be followed. A little softer without `fine`, and faster."""
    side = labels.shape[0]
    kind, pixel = kinds(side), side / FRAME
    edited = kind[labels] != kind[wanted]
    whole = Grid.over(labels)
    near = whole.around(edited, BESIDE * pixel + 2)
    if near is None:
        return None
    found = ways(kind[labels[near]], kind[wanted[near]], edited[near], pixel)
    # All that follows happens where the farthest way can reach.
    farthest = float(found.lengths.max(initial=0, where=found.known))
    part = whole.around(edited, REACH * farthest + 3 * whole.cell)
    assert part is not None, "something is edited"
    found = found.shifted(near[1].start - part[1].start, near[0].start - part[0].start)
    shown, asked, edit = labels[part], wanted[part], edited[part]
    old, new = kind[shown], kind[asked]
    grid = Grid.over(edit, side)
    edits = _edits(grid, edit, found, SHORTEST * pixel)
    # Features without outlines are as still as skin.
    within = [index for index in FEATURES if kind[index] == FACE]
    inner = member(shown, within), member(asked, within)
    still = _still(grid, new, inner[0] | inner[1], edit)
    flat = np.where(inner[1], IDS["skin"], asked)
    while edits:
        field = _field(grid, found, edits, still)
        displacement = _displacement(grid, field, part)
        sources = _sources(displacement, side)
        seen = _seen(labels, displacement.box, *sources)[part]
        # What else is painted counts however narrow it is.
        others = edit & ~grid.spread(_union(each.cells for each in edits))
        others |= ~grid.spread(_union(each.bent for each in edits))
        rest = _unlike(np.where(member(seen, within), IDS["skin"], seen), flat, others, pixel)
        rest |= edit & grid.spread(grid.steepness(field) > STEEPEST)
        counts = grid.sums(edit), grid.sums(rest & edit)
        left = [each for each in edits if each.explained(*counts) >= EXPLAINED]
        if len(left) == len(edits):
            # What becomes of features without outlines is for others to see.
            shown = np.where((old == FACE) & (new == FACE) & ~rest, shown, asked)
            bent = labels.copy()
            bent[part] = np.where(rest | (inner[1] & (old != FACE)), seen, shown)
            picture, region = _bent(crop, displacement, *sources, 2 if fine else 1)
            return Bent(picture, bent, displacement, region)
        # Where most of an edit stays unexplained, what is explained does not fit it either.
        edits = left
    return None


@dataclass(frozen=True, eq=False)
class _Edit:
    """One connected piece of what changes its kind, whose ways are known."""

    cells: Region
    """bool (h, w)"""
    bent: Region
    """bool (h, w): the cells that are bent for it."""
    points: NDArray[np.bool_]
    """bool (N,): the points of the new outline beside it whose way is known."""

    def explained(self, edit: Floats, rest: Floats) -> float:
        """Share of it that is not in the rest, of pixels (h, w) counted per cell."""
        return 1 - float(rest[self.cells].sum() / edit[self.cells].sum())


def _edits(grid: Grid, edit: Region, found: Ways, shortest: float) -> list[_Edit]:
    """The pieces of an edit that may be explained by ways of outlines longer than `shortest`."""
    touched = grid.sums(edit) > 0
    near = regions.dilate(touched, 1)
    pieces = regions.components(near)
    piece_of = pieces.ravel()[grid.place(found.points)]
    edits = []
    for piece in np.unique(pieces[near]):
        points = piece_of == piece
        known = points & found.known
        if known.sum() < max(EXPLAINED * points.sum(), 1):
            continue
        farthest = float(np.percentile(found.lengths[known], 95))
        if farthest < shortest:
            continue
        cells = touched & (pieces == piece)
        edits.append(_Edit(cells, regions.dilate(cells, REACH * farthest / grid.cell), known))
    return edits


def _still(grid: Grid, kinds: Kinds, inner: Region, edit: Region) -> Region:
    """The cells bool (h, w) that hold the photo where it is: outlines that the edit leaves alone,
    and features without outlines, bool (H, W)."""
    still = (grid.sums(beside(kinds)) > 0) & ~regions.dilate(grid.sums(edit) > 0, 1)
    # The grid is read between cells, so those around features are still as well.
    return still | regions.dilate(grid.sums(inner) > 0, 1)


def _field(grid: Grid, found: Ways, edits: list[_Edit], still: Region) -> Floats:
    """The displacement of each cell in pixels, float32 (h, w, 2)."""
    known = np.logical_or.reduce([each.points for each in edits])
    bent = _union(each.bent for each in edits)
    points, ways = found.points[known], found.origins[known] - found.points[known]
    place = grid.place(points)
    count = np.zeros(still.shape, np.float32)
    np.add.at(count.ravel(), place, 1)
    outline, near = (count > 0) & bent, box_sums(count)
    field = np.zeros((*still.shape, 2), np.float32)
    part = regions.bounding_box(bent, 1)
    assert part is not None, "nothing is bent"
    for _ in range(PASSES):
        # Between cells the field is lower than at its ridge, on which outlines are.
        missing = ways - grid.read(field, points)
        sums = np.zeros((2, *still.shape), np.float32)
        for plane, values in zip(sums, missing.T, strict=True):
            np.add.at(plane.ravel(), place, values)
        means = np.stack([box_sums(each) / np.maximum(near, 1) for each in sums], axis=2)
        values = np.where(outline[:, :, None], field + means, 0).astype(np.float32)
        field[part] = harmonic(values[part], (outline | still | ~bent)[part])
    return field


def _union(parts: Iterable[Region]) -> Region:
    """What is in any of them, of one shape and at least one."""
    union: Region = np.logical_or.reduce(list(parts))
    return union


def _displacement(grid: Grid, field: Floats, part: Box) -> Displacement:
    """What a field (h, w, 2) of a part of the crop does to its pixels."""
    box, ways = grid.enlarged(field)
    rows, columns = (
        slice(inner.start + outer.start, inner.stop + outer.start)
        for inner, outer in zip(box, part, strict=True)
    )
    return Displacement((rows, columns), ways)


def _sources(displacement: Displacement, side: int) -> tuple[Floats, Floats]:
    """x and y float32 (h, w) where the pixels of its box come from; beyond its border a crop is
    mirrored."""
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[displacement.box])
    planes = (columns + displacement.ways[:, :, 0], rows + displacement.ways[:, :, 1])
    x, y = (side - 1 - np.abs(side - 1 - np.abs(plane)) for plane in planes)
    return x, y


def _seen(labels: Labels, box: Box, x: Floats, y: Floats) -> Labels:
    """Labels uint8 (S, S) when those of a box come from x and y (h, w)."""
    seen = labels.copy()
    place = np.rint(y).astype(np.int32) * np.int32(labels.shape[1]) + np.rint(x).astype(np.int32)
    seen[box] = labels.ravel().take(place)
    return seen


def _unlike(seen: Labels, wanted: Labels, others: Region, pixel: float) -> Region:
    """Where two maps show other things, but for what is too narrow to be seen and not among the
    `others`, bool (H, W)."""
    unlike = seen != wanted
    fine = member(seen, OUTLINED) | member(wanted, OUTLINED)
    found: Region = unlike & others
    for width, there in ((SPECK, ~fine), (FINE_SPECK, fine)):
        reach = max(width * pixel, 1)
        core = regions.erode(unlike, reach)
        found |= unlike & there & regions.dilate(core, 2 * reach + 1)
    return found


def _bent(
    crop: Pixels, displacement: Displacement, x: Floats, y: Floats, times: int
) -> tuple[Pixels, Region]:
    """A crop uint8 (S, S, 3) bent where its pixels move, and where that is, bool (S, S)."""
    box, bent = displacement.box, crop.copy()
    region = np.zeros(crop.shape[:2], np.bool_)
    region[box] = moved = longest(displacement.ways) > STILL
    values = gather_dense(crop, x[moved], y[moved], times)
    bent[box][moved] = np.rint(values).astype(np.uint8)
    return bent, region
