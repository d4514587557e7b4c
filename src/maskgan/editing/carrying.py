"""What an edit moves is moved, not drawn: lips that smile are the person's own.

Where a feature has a shape before and after an edit, the photo inside the old shape is carried into
the new one, and the generator draws what is left: rims, and what comes to light. Lips and brows are
bent, each column of the new shape taking that of the old one at the same share of the way from
corner to corner. Eyes are moved and scaled as a whole, so that irises stay round and look where
they looked; teeth hang on the upper jaw and come along with its lip; a nose is scaled both ways.
Lips that stay closed are one, so that the line between them is the person's own.
What would have to be stretched too far is left to the generator, and so is what gets another look.

Pixel centres are at whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

import numpy as np

from maskgan.alignment.filters import gaussian
from maskgan.alignment.resampling import gather
from maskgan.editing import regions
from maskgan.editing.blob import Blob, Floats, Whole
from maskgan.editing.layers import member
from maskgan.editing.recent import Recent
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

LEAST = 120
"""Pixels of a shape below which it is left to the generator; in a crop of `FRAME`, as all areas."""
SEALED = 60
"""Pixels of mouth below which lips are closed."""
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
STRETCH = 2.5
"""Times that a shape may be stretched or pressed; beyond it, texture gets lost."""
LEAST_TEETH = 0.3
"""Share of the place for teeth below which own ones are not carried: one tooth in the dark is worse
than teeth that are drawn."""
LONGER = 1.5
"""Times that teeth may get longer than wider when the mouth opens further."""
SEEN = 0.5
"""Least share of a feature that no spectacles cover, or all of it is drawn."""

MOUTH, LIPS = IDS["mouth"], (IDS["u_lip"], IDS["l_lip"])

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
    hidden: Region | None = None,
) -> Carried:
    """Moves the features of a crop uint8 (S, S, 3) with labels uint8 (S, S) to where the wanted
    ones have them, inside `where`, bool (S, S). `side` is that of the whole crop in pixels of the
    render that follows; `drawn` are ids of classes that shall be drawn; `recent` remembers features
    that were moved before; `hidden`: bool (S, S), where spectacles are seen in place of it."""
    moved, region = crop.copy(), np.zeros(labels.shape, np.bool_)
    pixel, drawn_pixel = labels.shape[0] / FRAME, labels.shape[0] / side
    near = regions.bounding_box(where)
    if near is None:
        return Carried(moved, region)
    recent = recent or Recent(0)
    covered = np.zeros(labels.shape, np.bool_) if hidden is None else regions.dilate(hidden, 1)
    for ids in _features(labels, wanted, pixel):
        if not set(ids).isdisjoint(drawn) or not (member(wanted[near], ids) & where[near]).any():
            continue
        rim = (TEETH_RIM if MOUTH in ids else RIM) * drawn_pixel
        old, new = (_parts(each, ids) for each in (labels, wanted))
        box = regions.bounding_box((old > 0) | (new > 0), int(rim) + 2)
        assert box is not None, "something of it is asked for"
        known = crop[box], old[box], new[box], where[box], covered[box]
        make = partial(_feature, ids, *known, pixel, rim)
        found, values = recent.get((ids, pixel, rim), known, make)
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


def _features(labels: Labels, wanted: Labels, pixel: float) -> list[tuple[int, ...]]:
    """The ids of each feature: both lips are one where they are closed and stay so."""
    maps = labels, wanted
    closed = all(np.count_nonzero(each == MOUTH) < SEALED * pixel**2 for each in maps)
    if closed and all((each == lip).any() for each in maps for lip in LIPS):
        return [LIPS, *((index,) for index in WAYS if index not in LIPS)]
    return [(index,) for index in WAYS]


def _parts(labels: Labels, ids: tuple[int, ...]) -> Labels:
    """Where a feature's parts are, uint8 (S, S): 1 for the first of its ids, 2 for the second."""
    parts = np.zeros(labels.shape, np.uint8)
    for number, index in enumerate(ids, 1):
        parts[labels == index] = number
    return parts


def _feature(
    ids: tuple[int, ...],
    photo: Pixels,
    old: Labels,
    new: Labels,
    asked: Region,
    covered: Region,
    pixel: float,
    rim: float,
) -> Feature:
    """One feature, whose parts were and shall be where uint8 (h, w) say, moved in uint8 (h, w, 3)
    pixels, of which those that are covered, bool (h, w), are not its own."""
    found = np.zeros(new.shape, np.bool_)
    if not old.any():
        return found, photo[found]
    before, after = Blob.of(old, pixel), Blob.of(new, pixel)
    if min(before.area, after.area) < LEAST * pixel**2:
        return found, photo[found]
    rows, columns = np.nonzero(after.mask)
    way = _closed if ids == LIPS else WAYS[ids[0]]
    x, y, good = way(before, after, columns, rows)
    column, row = (
        np.clip(np.rint(at), 0, size - 1).astype(np.intp)
        for at, size in ((x, new.shape[1]), (y, new.shape[0]))
    )
    seen = ~covered[row, column]
    if seen.mean() < SEEN:
        return found, photo[found]
    good = good & seen
    found[rows[good], columns[good]] = True
    found = regions.erode(found, rim) & asked
    if MOUTH in ids:
        # As far down as teeth were seen: a jaw that opens leaves dark below them.
        near = asked[rows, columns] & (rows - after.span(columns)[0] < before.box[3])
        if found.sum() < LEAST_TEETH * near.sum():
            return np.zeros_like(found), photo[:0, 0]
    chosen = found[rows, columns]
    at_x, at_y = (each[chosen].astype(np.float32) for each in (x, y))
    values = np.clip(np.rint(gather(photo, at_x, at_y, cubic=True)), 0, 255)
    return found, values.astype(np.uint8)


Way = Callable[[Blob, Blob, Whole, Whole], tuple[Floats, Floats, Region]]
"""Old shape, new shape, columns and rows (N,) of the new one -> x and y in the old one, and whether
what is there can be carried."""


def _bent(old: Blob, new: Blob, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    x = new.across(columns, old)
    (top, bottom), (above, below) = old.span(x), new.span(columns)
    inset = INSET * old.unlike(new) * (bottom - top)
    share = np.clip((rows - above) / np.maximum(below - above, 1), 0, 1)
    y = top + inset + share * (bottom - top - 2 * inset)
    return x, y, _bearable((below - above + 1) / (bottom - top + 1))


def _closed(old: Blob, new: Blob, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    x = new.across(columns, old)
    (top, bottom), (above, below) = old.span(x), new.span(columns)
    seam, line = old.parting(x), new.parting(columns)
    inset = INSET * old.unlike(new)
    first, upper, height = rows <= line, line - above, seam - top
    lower, depth = below - line, bottom - seam
    # Nothing is left out beside the line, from where it is carried.
    down = inset + (1 - inset) * np.clip((rows - above) / np.maximum(upper, 1), 0, 1)
    on = (1 - inset) * np.clip((rows - line) / np.maximum(lower, 1), 0, 1)
    y = np.where(first, top + down * height, seam + on * depth)
    scale = np.where(first, (upper + 1) / (height + 1), (lower + 1) / (depth + 1))
    return x, y, _bearable(scale)


def _hung(old: Blob, new: Blob, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    x = new.across(columns, old)
    wide, high = (old.box[i] / new.box[i] for i in (2, 3))
    scale = min(wide, max(high, wide / LONGER))
    y = old.span(x)[0] + scale * (rows - new.span(columns)[0])
    return x, y, old.reaches(x, y) & _bearable(np.asarray([wide, scale])).all()


def _moved(old: Blob, new: Blob, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    scale = old.box[2] / new.box[2]
    x, y = (old.box[i] + scale * (place - new.box[i]) for i, place in ((0, columns), (1, rows)))
    return x, y, old.reaches(x, y) & _bearable(np.asarray(scale))


def _scaled(old: Blob, new: Blob, columns: Whole, rows: Whole) -> tuple[Floats, Floats, Region]:
    across, along = old.box[2] / new.box[2], old.box[3] / new.box[3]
    x = old.box[0] + across * (columns - new.box[0])
    y = old.box[1] + along * (rows - new.box[1])
    return x, y, old.reaches(x, y) & _bearable(np.asarray([across, along])).all()


def _bearable(scale: Floats) -> Region:
    found: Region = (scale < STRETCH) & (scale > 1 / STRETCH)
    return found


WAYS: dict[int, Way] = {
    MOUTH: _hung,
    LIPS[0]: _bent,
    LIPS[1]: _bent,
    IDS["l_brow"]: _bent,
    IDS["r_brow"]: _bent,
    IDS["l_eye"]: _moved,
    IDS["r_eye"]: _moved,
    IDS["nose"]: _scaled,
}
"""id -> how its class is carried."""
