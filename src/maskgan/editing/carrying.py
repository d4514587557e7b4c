"""What an edit moves is moved, not drawn: lips that smile are the person's own.

Where a feature has a shape before and after an edit, the photo inside the old shape is carried into
the new one, and the generator draws what is left: rims, and what comes to light. Lips and brows are
bent, each column of the new shape taking that of the old one at the same share of the way from
corner to corner. Eyes are moved and scaled as a whole, so that irises stay round and look where
they looked; teeth hang on the upper jaw and come along with its lip; a nose is scaled both ways.
What would have to be stretched too far is left to the generator, and so is what gets another look.

Pixel centres are at whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.alignment.resampling import gather
from maskgan.editing import regions
from maskgan.editing.recent import Recent
from maskgan.editing.regions import Region
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

FRAME = 512
"""Side of the crop in whose pixels lengths are given here."""
LEAST = 120
"""Pixels of a shape below which it is left to the generator."""
RIM = 4.0
"""Width of a shape's rim, which is drawn, in pixels of the render: narrower ones the generator
cannot fill with an outline."""
TEETH_RIM = 1.0
"""The same of teeth: drawn ones around a row of own ones look like braces, and what lacks between
them and the lips is filled in (`teeth`)."""
INSET = 0.15
"""Share of a column at either end that is not carried from a shape that changes much: what borders
on it would come along, as the dark line between closed lips."""
SEAM = 0.7
"""Standard deviation over which the border of what was carried is blurred, in pixels of a crop of
`FRAME`."""
LIKE = 0.75
"""Intersection over union of two shapes below which the inset is whole."""
SMOOTH = 7
"""Pixels over which outlines are averaged: parsed ones have steps of a few pixels."""
STRETCH = 2.5
"""Times that a shape may be stretched or pressed; beyond it, texture gets lost."""
LEAST_TEETH = 0.3
"""Share of the place for teeth below which own ones are not carried: one tooth in the dark is worse
than teeth that are drawn."""
LONGER = 1.5
"""Times that teeth may get longer than wider when the mouth opens further."""

MOUTH = IDS["mouth"]

Floats = NDArray[np.floating[Any]]
Whole = NDArray[np.intp]


Feature = tuple[Region, Pixels]
"""Where a feature was carried to in a box, bool (h, w), and its pixels there, uint8 (N, 3)."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A crop in which features have moved."""

    crop: Pixels
    """uint8 (S, S, 3), the photo outside `region`."""
    region: Region
    """bool (S, S), True where it shows what it shall."""


def carry(
    crop: Pixels,
    labels: Labels,
    wanted: Labels,
    where: Region,
    side: int,
    drawn: Collection[int] = (),
    recent: Recent[Feature] | None = None,
) -> Carried:
    """Moves the features of a crop uint8 (S, S, 3) with labels uint8 (S, S) to where the wanted
    ones have them, inside `where`, bool (S, S). `side` is that of the whole crop in pixels of the
    render that follows; `drawn` are ids of classes that shall be drawn; `recent` remembers features
    that were moved before."""
    moved, region = crop.copy(), np.zeros(labels.shape, np.bool_)
    pixel, drawn_pixel = labels.shape[0] / FRAME, labels.shape[0] / side
    near = regions.bounding_box(where)
    if near is None:
        return Carried(moved, region)
    recent = recent or Recent(0)
    for index in WAYS:
        if index in drawn or not ((wanted[near] == index) & where[near]).any():
            continue
        rim = (TEETH_RIM if index == MOUTH else RIM) * drawn_pixel
        old, new = labels == index, wanted == index
        box = regions.bounding_box(old | new, int(rim) + 2)
        assert box is not None, "something of it is asked for"
        known = crop[box], old[box], new[box], where[box]
        make = partial(_feature, index, *known, pixel, rim)
        found, values = recent.get((index, pixel, rim), known, make)
        moved[box][found] = values
        region[box] |= found
    return Carried(moved, region)


def seamless(picture: Pixels, carried: Region, drawn: Region) -> Pixels:
    """A crop uint8 (S, S, 3) whose border between what was carried and what was drawn beside it,
    each bool (S, S), is no sharper than a photo: it has the steps of a region."""
    box = regions.bounding_box(carried, math.ceil(3 * SEAM))
    if box is None:
        return picture
    sigma = SEAM * picture.shape[0] / FRAME
    near = picture[box].astype(np.float32)
    share = gaussian(carried[box].astype(np.float32), sigma)
    beside = gaussian(drawn[box].astype(np.float32), sigma)
    # Half and half at the border; where something else begins, it is left alone.
    weight = np.where(carried[box] | drawn[box], 4 * share * beside, 0)[:, :, None]
    result = picture.copy()
    result[box] = np.rint(near + weight * (gaussian(near, sigma) - near)).astype(np.uint8)
    return result


def _feature(
    index: int,
    photo: Pixels,
    old: Region,
    new: Region,
    asked: Region,
    pixel: float,
    rim: float,
) -> Feature:
    """One feature, whose old and new regions are bool (h, w), moved in uint8 (h, w, 3) pixels."""
    found = np.zeros(new.shape, np.bool_)
    if not old.any():
        return found, photo[found]
    before, after = _Shape.of(old, pixel), _Shape.of(new, pixel)
    if min(before.area, after.area) < LEAST * pixel**2:
        return found, photo[found]
    rows, columns = np.nonzero(after.mask)
    x, y, good = WAYS[index](before, after, columns, rows)
    found[rows[good], columns[good]] = True
    found = regions.erode(found, rim) & asked
    if index == MOUTH:
        # As far down as teeth were seen: a jaw that opens leaves dark below them.
        near = asked[rows, columns] & (rows - after.span(columns)[0] < before.box[3])
        if found.sum() < LEAST_TEETH * near.sum():
            return np.zeros_like(found), photo[:0, 0]
    chosen = found[rows, columns]
    at_x, at_y = (each[chosen].astype(np.float32) for each in (x, y))
    values = np.clip(np.rint(gather(photo, at_x, at_y, cubic=True)), 0, 255)
    return found, values.astype(np.uint8)


@dataclass(frozen=True, eq=False)
class _Shape:
    """The largest piece of a class."""

    mask: Region
    area: int
    pixel: float
    """Pixels of this picture in one of `FRAME`."""

    @classmethod
    def of(cls, mask: Region, pixel: float) -> _Shape:
        pieces = regions.components(mask)
        sizes = np.bincount(pieces[mask], minlength=1)
        return cls(mask & (pieces == np.argmax(sizes)), int(sizes.max()), pixel)

    @cached_property
    def box(self) -> tuple[float, float, int, int]:
        """x and y of the centre, width and height."""
        rows, columns = (np.flatnonzero(self.mask.any(axis=axis)) for axis in (1, 0))
        x, y = (float(each[0] + each[-1]) / 2 for each in (columns, rows))
        return x, y, int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1

    @cached_property
    def columns(self) -> tuple[Whole, Floats, Floats]:
        """Every column from the first to the last one, and its first and last row."""
        found = np.flatnonzero(self.mask.any(axis=0))
        part = self.mask[:, found]
        top = np.argmax(part, axis=0)
        bottom = self.mask.shape[0] - 1 - np.argmax(part[::-1], axis=0)
        every = np.arange(found[0], found[-1] + 1)
        width = round(SMOOTH * self.pixel)
        lines = [averaged(np.interp(every, found, line), width) for line in (top, bottom)]
        return every, lines[0], lines[1]

    def span(self, x: Floats | Whole) -> tuple[Floats, Floats]:
        """First and last row at x (N,)."""
        every, top, bottom = self.columns
        first = np.interp(x, every, top)
        return first, np.maximum(np.interp(x, every, bottom), first)

    def across(self, x: Floats | Whole, other: _Shape) -> Floats:
        """The x (N,) in `other` at the same share of the way from corner to corner."""
        own, its = self.columns[0], other.columns[0]
        share = (x - own[0]) / max(int(own[-1] - own[0]), 1)
        return np.asarray(its[0] + share * (its[-1] - its[0]))

    def reaches(self, x: Floats, y: Floats) -> Region:
        """Whether it has the points, bool (N,)."""
        height, width = self.mask.shape
        row, column = np.rint(y).astype(np.intp), np.rint(x).astype(np.intp)
        inside = (np.minimum(row, column) >= 0) & (row < height) & (column < width)
        found: Region = self.mask[row.clip(0, height - 1), column.clip(0, width - 1)] & inside
        return found

    def unlike(self, other: _Shape) -> float:
        """0 for the same shape, 1 for one that is much different."""
        union = int((self.mask | other.mask).sum())
        overlap = int((self.mask & other.mask).sum()) / union
        return min((1 - overlap) / (1 - LIKE), 1.0)


Way = Callable[[_Shape, _Shape, Whole, Whole], tuple[Floats, Floats, Region]]
"""Old shape, new shape, columns and rows (N,) of the new one -> x and y in the old one, and whether
what is there can be carried."""


def _bent(old: _Shape, new: _Shape, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    x = new.across(columns, old)
    (top, bottom), (above, below) = old.span(x), new.span(columns)
    inset = INSET * old.unlike(new) * (bottom - top)
    share = np.clip((rows - above) / np.maximum(below - above, 1), 0, 1)
    y = top + inset + share * (bottom - top - 2 * inset)
    return x, y, _bearable((below - above + 1) / (bottom - top + 1))


def _hung(old: _Shape, new: _Shape, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    x = new.across(columns, old)
    wide, high = (old.box[i] / new.box[i] for i in (2, 3))
    scale = min(wide, max(high, wide / LONGER))
    y = old.span(x)[0] + scale * (rows - new.span(columns)[0])
    return x, y, old.reaches(x, y) & _bearable(np.asarray([wide, scale])).all()


def _moved(old: _Shape, new: _Shape, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    scale = old.box[2] / new.box[2]
    x, y = (old.box[i] + scale * (place - new.box[i]) for i, place in ((0, columns), (1, rows)))
    return x, y, old.reaches(x, y) & _bearable(np.asarray(scale))


def _scaled(old: _Shape, new: _Shape, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    across, along = old.box[2] / new.box[2], old.box[3] / new.box[3]
    x = old.box[0] + across * (columns - new.box[0])
    y = old.box[1] + along * (rows - new.box[1])
    return x, y, old.reaches(x, y) & _bearable(np.asarray([across, along])).all()


def _bearable(scale: Floats) -> Region:
    found: Region = (scale < STRETCH) & (scale > 1 / STRETCH)
    return found


WAYS: dict[int, Way] = {
    MOUTH: _hung,
    IDS["u_lip"]: _bent,
    IDS["l_lip"]: _bent,
    IDS["l_brow"]: _bent,
    IDS["r_brow"]: _bent,
    IDS["l_eye"]: _moved,
    IDS["r_eye"]: _moved,
    IDS["nose"]: _scaled,
}
"""id -> how its class is carried."""


def averaged(line: Floats, width: int) -> Floats:
    """A line (N,) averaged over about `width` places, its ends repeated."""
    half = width // 2
    weights = np.full(2 * half + 1, 1 / (2 * half + 1))
    return np.convolve(np.pad(line, half, mode="edge"), weights, "valid")
