"""Where the generator works on a crop: at which scale, and on which parts.

A small edit is rendered on the crop at the generator's detail size, and only the pixels around it;
an edit too large for that at a lower scale, down to the whole face at the generator's own size.
Pieces of an edit that lie apart get windows of their own, so that new lips are as fine as ever
when the hair is new as well, and cost nothing when only the hair goes on changing. The network is
local, so what lies beyond the margin hardly matters; windows start and end on its grid, so that an
edit that grows under the brush keeps the picture it had.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from maskgan.alignment.filters import block_sums
from maskgan.editing import regions
from maskgan.editing.regions import Box, Region
from maskgan.manifest import STRIDE

APART = 8
"""Pixels between pieces that are not taken together, and more where there are very many."""
MANY = 12
"""Most pieces that are thought about: what is strewn over a face is no set of edits."""
MOST = 3.0
"""Pixels that the windows of one edit have together, over those of a face of the generator's
size."""


@dataclass(frozen=True)
class Care:
    """How much of the crop a window may have; sides are shares of the generator's size."""

    margin: float
    """What the generator sees on each side of the region."""
    least: float
    """The smallest side."""
    most: float
    """Pixels of the largest one that is not the whole face's, over those of a face of the
    generator's size."""
    sketched: bool = False
    """Whether pixels far from what has changed since the last picture stay as they were drawn."""


FULL = Care(margin=48 / 256, least=0.5, most=1)
"""As large as training crops: more of the crop would change one pixel in a hundred by a grey level
and more."""
QUICK = Care(margin=24 / 256, least=0.25, most=0.5)
"""A quarter of a grey level away on average, as docs/experiments.md says."""

PREVIEW = replace(QUICK, sketched=True)
"""For pictures that are seen while a stroke goes on."""


@dataclass(frozen=True)
class Window:
    """A part of a crop that was scaled to `side` x `side` pixels."""

    side: int
    """Side of the whole scaled crop in pixels."""
    box: Box
    """Rows and columns of the window in it; multiples of the graphs' stride."""
    piece: Box
    """Rows and columns of the crop that it is for."""

    @property
    def area(self) -> int:
        """Its pixels."""
        height, width = regions.extent(self.box)
        return height * width


def plan(
    region: Region, generator_size: int, detail_size: int, care: Care = FULL
) -> list[tuple[Window, Region]]:
    """The windows to render a region, bool (S, S), in, and the part of it that each one is for;
    together these are the region. Pieces share a window where that is cheaper and as fine, and
    where there are too many of them."""
    size = region.shape[0]

    def view(box: Box) -> Window:
        return around(box, size, generator_size, detail_size, care)

    pieces = [(view(box), part) for box, part in _pieces(region)]
    most = MOST * generator_size**2
    while len(pieces) > 1:
        joints = []
        for (one, first), (two, second) in itertools.combinations(pieces, 2):
            joint = view(regions.enclosing([one.piece, two.piece]))
            saved = one.area + two.area - joint.area
            as_fine = joint.side >= max(one.side, two.side)
            joints.append((as_fine and saved >= 0, saved, joint, one, two, first | second))
        better, _, joint, one, two, part = max(joints, key=lambda each: each[:2])
        if not better and sum(each.area for each, _ in pieces) <= most:
            break
        pieces = [each for each in pieces if each[0] not in (one, two)]
        pieces.append((joint, part))
    return [(each, region & _enlarged(part, size)) for each, part in pieces]


def around(
    piece: Box, size: int, generator_size: int, detail_size: int, care: Care = FULL
) -> Window:
    """The window to render a box of a crop of `size` pixels a side in: at the largest of the sides
    `detail_size`, three quarters of it and so on at which it has no more pixels than `care`
    allows, never at more than `size` where that is larger than `generator_size`."""
    side = max(generator_size, min(detail_size, size // STRIDE * STRIDE))
    while True:
        margin, least = care.margin * generator_size, care.least * generator_size
        rows, columns = (_span(axis, side / size, margin, least, side) for axis in piece)
        view = Window(side, (rows, columns), piece)
        if side <= generator_size or view.area <= care.most * generator_size**2:
            return view
        side = max(generator_size, side * 3 // 4 // STRIDE * STRIDE)


def within(view: Window, piece: Box, generator_size: int) -> Window:
    """The part of a window in which to render a box of its own rows and columns again."""
    margin, least = QUICK.margin * generator_size, QUICK.least * generator_size
    rows, columns = (
        slice(max(span.start, each.start), min(span.stop, each.stop))
        for each, axis in zip(view.box, piece, strict=True)
        for span in [_span(_moved(axis, each.start), 1, margin, least, view.side)]
    )
    return replace(view, box=(rows, columns))


def _pieces(region: Region) -> list[tuple[Box, Region]]:
    """The pieces of a region, at most `MANY`: box and blocks of `APART` pixels, bool, of each."""
    blocks = block_sums(region, APART)
    numbers, reach = regions.components(blocks), 1
    while (found := np.unique(numbers[blocks])).size > MANY:
        numbers = regions.components(regions.dilate(blocks, reach))
        reach *= 2
    pieces = []
    for number in found:
        part = blocks & (numbers == number)
        rows, columns = (slice(APART * each.start, APART * each.stop) for each in _box(part))
        own = region[rows, columns] & _enlarged(part, region.shape[0])[rows, columns]
        inner = _box(own)
        box = tuple(
            slice(outer.start + each.start, outer.start + each.stop)
            for outer, each in zip((rows, columns), inner, strict=True)
        )
        pieces.append(((box[0], box[1]), part))
    return pieces


def _box(region: Region) -> Box:
    box = regions.bounding_box(region)
    assert box is not None, "an empty region has no window"
    return box


def _enlarged(blocks: Region, size: int) -> Region:
    """Blocks -> pixels bool (size, size)."""
    return blocks.repeat(APART, axis=0).repeat(APART, axis=1)[:size, :size]


def _moved(axis: slice, by: int) -> slice:
    return slice(axis.start + by, axis.stop + by)


def _span(axis: slice, scale: float, margin: float, least: float, side: int) -> slice:
    """Pixels of one axis -> those of the window on the scaled crop, on the grid."""
    start, stop = axis.start * scale - margin, axis.stop * scale + margin
    missing = max(0.0, least - (stop - start)) / 2
    first = max(0, int((start - missing) // STRIDE) * STRIDE)
    last = min(side, -int(-(stop + missing) // STRIDE) * STRIDE)
    return slice(first, last)
