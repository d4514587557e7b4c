"""Outlines that an edit moves bend the photo: hair with more volume is the person's own hair.

Where the outline of hair, face, lids, brows, nose, lips, ears, neck or clothes lies somewhere else
after an edit, and not far from where it was, the photo is bent so that the old outline comes to lie
on the new one. What is on either side goes along, less and less: hair is drawn out or pressed
together, the background closes up behind it, single hairs stay single hairs, and the skin of a lid
is drawn up with the brow. Lids open and close over eyes that stay, and teeth hang on the upper lip.
Outlines that stay hold the photo where it is. What bending cannot explain is left to the generator.

Each point of the new outline finds the nearest one of the old outline between the same two kinds of
things, looking the same way (`contours`); places that cannot reach each other are bent one by one
(`stretch`).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.displacement import STILL, Displacement
from maskgan.alignment.resampling import gather_dense
from maskgan.editing import regions
from maskgan.editing.contours import BESIDE, FRAME, Ways, kinds, ways
from maskgan.editing.grid import Grid, longest
from maskgan.editing.recent import Recent, digest
from maskgan.editing.regions import Box, Region
from maskgan.editing.stretch import (
    EXPLAINED,
    Piece,
    Place,
    Stretched,
    sources,
    stretched,
    union,
)
from maskgan.images import Pixels
from maskgan.labels import Labels

SHORTEST = 0.5
"""Way of an outline that is not worth bending for, in pixels of a crop of `FRAME`."""
REACH = 2.5
"""Times its way that an outline takes what is beside it along."""
AROUND = 3
"""Cells around what is bent that are looked at with it."""

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
    covered: Region
    """bool (S, S), where it shows what a frame of spectacles covered in the photo: it is not
    known."""

    def carried(self, region: Region) -> Region:
        """A region of the photo's crop, bool (S, S), where the bent one has it."""
        box, result = self.displacement.box, region.copy()
        x, y = sources(box, self.displacement.ways, region.shape[0])
        result[box] = region[np.rint(y).astype(np.intp), np.rint(x).astype(np.intp)]
        return result & ~self.covered


@dataclass(frozen=True, eq=False)
class Patch:
    """A place of a crop that was bent, uint8 (S, S, 3)."""

    crop: Pixels
    place: Stretched

    @cached_property
    def moved(self) -> Region:
        """bool (h, w), where its pixels differ from the photo."""
        return longest(self.place.ways) > STILL

    @cached_property
    def soft(self) -> Pixels:
        """uint8 (N, 3), these."""
        return self._pixels(1)

    @cached_property
    def fine(self) -> Pixels:
        """The same with the photo's sharpness; takes longer."""
        return self._pixels(2)

    def _pixels(self, times: int) -> Pixels:
        found = sources(self.place.box, self.place.ways, self.crop.shape[0])
        x, y = (plane[self.moved] for plane in found)
        return np.rint(gather_dense(self.crop, x, y, times)).astype(np.uint8)


def bend(
    crop: Pixels,
    labels: Labels,
    wanted: Labels,
    fine: bool = True,
    recent: Recent[Patch | None] | None = None,
    frame: Region | None = None,
) -> Bent | None:
    """Bends a crop uint8 (S, S, 3) with labels uint8 (S, S) towards the wanted labels; None where
    no outline moves, or none that can be followed. A little softer without `fine`, and faster.
    `recent` remembers places that were bent before. `frame`: bool (S, S), that of spectacles, which
    stays when features behind it move, and goes along with the head."""
    side = labels.shape[0]
    kind, pixel = kinds(side), side / FRAME
    changed = regions.bounding_box(labels != wanted)
    if changed is None:
        return None
    edit = np.zeros(labels.shape, np.bool_)
    edit[changed] = kind[labels[changed]] != kind[wanted[changed]]
    grid = Grid.over(labels)
    near = grid.around(edit, BESIDE * pixel + 2)
    if near is None:
        return None
    found = ways(kind[labels[near]], kind[wanted[near]], edit[near], pixel)
    found = found.shifted(near[1].start, near[0].start)
    recent = recent or Recent(0)
    photo, patches = digest(crop, labels), []
    for group in _groups(_pieces(grid, edit, found, SHORTEST * pixel)):
        place, known = _place(grid, labels, wanted, found, group, frame)
        name = photo, *(each.start for each in place.box)
        make = partial(_patch, crop, place)
        patch = recent.get(name, (place.wanted, *known), make)
        if patch is not None:
            patches.append(patch)
    return _joined(crop, labels, patches, fine) if patches else None


def _pieces(grid: Grid, edit: Region, found: Ways, shortest: float) -> list[Piece]:
    """The pieces of an edit bool (S, S) that may be explained by ways of outlines longer than
    `shortest`."""
    touched = grid.sums(edit) > 0
    near = regions.dilate(touched, 1)
    numbers = regions.components(near)
    number_of = numbers.ravel()[grid.place(found.points)]
    pieces = []
    for number in np.unique(numbers[near]):
        points = number_of == number
        known = points & found.known
        if known.sum() < max(EXPLAINED * points.sum(), 1):
            continue
        farthest = float(np.percentile(found.lengths[known], 95))
        if farthest < shortest:
            continue
        cells = touched & (numbers == number)
        pieces.append(Piece(cells, regions.dilate(cells, REACH * farthest / grid.cell), known))
    return pieces


def _groups(pieces: list[Piece]) -> list[list[Piece]]:
    """Those that reach the same cells together."""
    if not pieces:
        return []
    reached = regions.dilate(union(each.bent for each in pieces), 1)
    numbers = regions.components(reached)
    groups: dict[int, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(int(numbers[piece.cells][0]), []).append(piece)
    return list(groups.values())


def _place(
    grid: Grid,
    labels: Labels,
    wanted: Labels,
    found: Ways,
    group: list[Piece],
    frame: Region | None,
) -> tuple[Place, list[NDArray[Any]]]:
    """The place that a group of pieces bends, and what else than its labels it depends on."""
    bent = union(each.bent for each in group)
    cells = regions.bounding_box(bent, AROUND)
    assert cells is not None, "a group has pieces"
    rows, columns = box = grid.pixels(cells)
    known = union(each.points for each in group)
    inner = Ways(found.points[known], found.origins[known]).shifted(-columns.start, -rows.start)
    pieces = [Piece(each.cells[cells], each.bent[cells], each.points[known]) for each in group]
    # What is not reached is none of its business.
    reached = grid.spread(bent)[box]
    asked = np.where(reached, wanted[box], labels[box])
    worn = [] if frame is None else [frame[box]]
    place = Place(box, labels, asked, pieces, inner, *worn)
    parts = [(each.cells, each.bent, each.points) for each in pieces]
    return place, [inner.points, inner.origins, *worn, *itertools.chain(*parts)]


def _patch(crop: Pixels, place: Place) -> Patch | None:
    found = stretched(place)
    return None if found is None else Patch(crop, found)


def _joined(crop: Pixels, labels: Labels, patches: list[Patch], fine: bool) -> Bent:
    """The crop with all its patches."""
    picture, shown = crop.copy(), labels.copy()
    region, covered = np.zeros(labels.shape, np.bool_), np.zeros(labels.shape, np.bool_)
    for patch in patches:
        box, found = patch.place.box, patch.place
        picture[box][patch.moved] = patch.fine if fine else patch.soft
        np.copyto(shown[box], found.labels, where=found.reached)
        region[box] |= patch.moved
        covered[box] |= found.covered
    return Bent(picture, shown, _displacement(patches), region, covered)


def _displacement(patches: list[Patch]) -> Displacement:
    rows, columns = box = regions.enclosing([patch.place.box for patch in patches])
    ways = np.zeros((*regions.extent(box), 2), np.float32)
    for patch in patches:
        across, along = patch.place.box
        part: Box = (
            slice(across.start - rows.start, across.stop - rows.start),
            slice(along.start - columns.start, along.stop - columns.start),
        )
        ways[part] += patch.place.ways
    return Displacement(box, ways)
