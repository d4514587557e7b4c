"""Tools that paint labels and reshape classes: labels in, new labels out.

Every function takes labels uint8 (H, W) with values 0..18 and returns a new map; its input is never
changed, and what is painted later lies on top. Points are (x, y) with whole numbers at pixel
centres (`maskgan.editing.shapes`). A class is an id or a name of `maskgan.labels.LABELS`. `only`
names the classes that may be overwritten (None: any), `locked` those that never are. Wrong input
raises `LabelsError`. Tools that move whole parts are in `maskgan.editing.parts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions, shapes, underneath
from maskgan.editing.layers import (
    FEATURES,
    GROUND,
    PARTS,
    WORN,
    Classes,
    ClassName,
    check,
    check_region,
    class_id,
    class_ids,
    member,
    open_to,
    part_ids,
    uncover,
)
from maskgan.editing.regions import Region
from maskgan.editing.shapes import Point
from maskgan.errors import LabelsError
from maskgan.labels import LABELS, NUM_CLASSES, Labels


def paint_disc(
    labels: Labels,
    center: Point,
    radius: float,
    cls: ClassName,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Paints the pixels whose centres are at most `radius` from `center`; a brush thinner than a
    pixel still paints one."""
    return paint(labels, shapes.disc(check(labels).shape, center, radius), cls, only, locked)


def paint_stroke(
    labels: Labels,
    points: Sequence[Point],
    radius: float,
    cls: ClassName,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Paints a round brush drawn along `points`; one point (a click) paints a disc."""
    return paint(labels, shapes.stroke(check(labels).shape, points, radius), cls, only, locked)


def paint_polygon(
    labels: Labels,
    points: Sequence[Point],
    cls: ClassName,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Paints the pixels whose centres are inside the closed polygon, by the nonzero rule."""
    return paint(labels, shapes.polygon(check(labels).shape, points), cls, only, locked)


def paint(
    labels: Labels,
    region: Region,
    cls: ClassName,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Gives the pixels of a bool region (H, W) the class `cls`."""
    check_region(region, check(labels))
    result = labels.copy()
    result[region & open_to(labels, only, locked)] = class_id(cls)
    return result


def fill(labels: Labels, point: Point, cls: ClassName, *, locked: Classes = ()) -> Labels:
    """Paints the 4-connected piece of one class under `point`."""
    return paint(labels, piece_at(labels, point), cls, locked=locked)


def piece_at(labels: Labels, point: Point) -> Region:
    """Bool (H, W): the 4-connected piece of one class under `point`. Raises `LabelsError` for a
    point outside the picture."""
    height, width = check(labels).shape
    x, y = point
    if not (-0.5 <= x < width - 0.5 and -0.5 <= y < height - 0.5):
        raise LabelsError(
            f"The point ({x}, {y}) is outside the label map, which has {width}x{height} pixels."
        )
    row, column = int(np.floor(y + 0.5)), int(np.floor(x + 0.5))
    pieces = regions.components(labels == labels[row, column])
    piece: Region = pieces == pieces[row, column]
    return piece


def erase(
    labels: Labels,
    what: NDArray[np.bool_] | Classes,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Erases to what lies underneath: lips and eyes give way to skin, hair to skin, ears,
    background, neck and clothes within the head's outline and without, with the earrings that
    hung in it, and so on (`layers.UNDERNEATH`, `underneath.reveal`).

    `what` is a bool region (H, W), such as a stroke of the eraser, or a part ("mouth" with its
    lips, "hair", a class) to erase whole. In a region the ground (background, skin, neck, clothes)
    stays as it is unless `only` names it: an eraser that takes lips away must not cut the cheek.
    """
    check(labels)
    if isinstance(what, np.ndarray):
        region = check_region(what, labels)
        if only is None:
            region = region & ~member(labels, GROUND)
    else:
        region = member(labels, part_ids(what))
    writable = open_to(labels, only, locked)
    result = underneath.reveal(labels, region & writable)
    return underneath.reveal(result, underneath.fallen(result, labels) & writable)


def grow(
    labels: Labels,
    cls: Classes,
    radius: float,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Widens a class, or several together, by `radius` pixels. Each new pixel takes the nearest of
    the classes. What lies on the class, and the face's features where the class is none of them,
    is not overwritten unless `only` names it."""
    ids = _present(labels, cls)
    region = member(labels, ids)
    gained = regions.dilate(region, radius) & ~region & _writable(labels, ids, only, locked)
    return _take_nearest(labels, gained, region, ids)


def shrink(labels: Labels, cls: Classes, radius: float, *, locked: Classes = ()) -> Labels:
    """Narrows a class, or several together, by `radius` pixels; what lies underneath comes to
    light, or the rest of the same part (a narrower mouth is closed by the lips). The picture's
    border does not count as an edge."""
    ids = _present(labels, cls)
    kept = regions.erode(member(labels, (*ids, *_worn(ids))), radius)
    lost = member(labels, ids) & ~kept & open_to(labels, None, locked)
    return uncover(labels, lost, _beside(ids))


def smooth(
    labels: Labels,
    cls: Classes,
    radius: float,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Smooths the outline of a class, or several together: details smaller than `radius` go, the
    area stays about the same, so that thin parts do not vanish."""
    ids = _present(labels, cls)
    own, whole = member(labels, ids), member(labels, (*ids, *_worn(ids)))
    box = regions.bounding_box(whole, int(radius) + 1) or (slice(None), slice(None))
    counts = regions.disc_counts(whole[box], radius)
    smoothed: Region = np.zeros(labels.shape, np.bool_)
    smoothed[box] = counts >= _level(counts, int(whole.sum()))
    gained = smoothed & ~whole & _writable(labels, ids, only, locked)
    lost = own & ~smoothed & open_to(labels, None, locked)
    result = uncover(labels, lost, _beside(ids))
    return np.where(gained, _take_nearest(labels, gained, own, ids), result)


def clean_islands(
    labels: Labels, cls: Classes | None = None, min_pixels: int = 64, *, locked: Classes = ()
) -> Labels:
    """Removes 4-connected pieces of fewer than `min_pixels` pixels (of `cls`; None: of any class).
    A piece takes the class that surrounds it along most of its outline; among equals the lower
    id."""
    result = check(labels).copy()
    removable = open_to(labels, cls, locked)
    while True:
        pieces = regions.components(result)
        area = np.bincount(pieces.ravel())
        small: Region = np.less(area, min_pixels)
        small[pieces[~removable]] = False
        # Pairs of neighbours across each small piece's outline: its number, the other's class.
        inside, outside = _neighbours(pieces)
        settled = small[pieces.ravel()[inside]] & ~small[pieces.ravel()[outside]]
        inside, outside = inside[settled], outside[settled]
        if not inside.size:
            return result
        votes = np.bincount(
            pieces.ravel()[inside].astype(np.int64) * NUM_CLASSES + result.ravel()[outside],
            minlength=area.size * NUM_CLASSES,
        ).reshape(area.size, NUM_CLASSES)
        chosen: Region = np.any(votes, axis=1)
        winner = np.argmax(votes, axis=1).astype(np.uint8)
        result = np.where(chosen[pieces], winner[pieces], result)


def _neighbours(pieces: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Flat indices of all pairs of 4-neighbours in different pieces, both ways round."""
    index = np.arange(pieces.size).reshape(pieces.shape)
    across, down = pieces[:, 1:] != pieces[:, :-1], pieces[1:] != pieces[:-1]
    first = np.concatenate([index[:, :-1][across], index[:-1][down]])
    second = np.concatenate([index[:, 1:][across], index[1:][down]])
    return np.concatenate([first, second]), np.concatenate([second, first])


def _present(labels: Labels, cls: Classes) -> tuple[int, ...]:
    """The ids of classes of which at least one must be in the map."""
    ids = class_ids(cls)
    if not member(check(labels), ids).any():
        names = " or ".join(LABELS[index] for index in ids) or "(nothing)"
        raise LabelsError(f"The label map has no {names}; paint some first.")
    return ids


def _writable(labels: Labels, ids: Sequence[int], only: Classes | None, locked: Classes) -> Region:
    """Where classes may spread to; see `grow`."""
    if only is not None:
        return open_to(labels, only, locked)
    kept = set(_worn(ids))
    if not set(ids) & set(FEATURES):
        kept |= set(FEATURES)
    return open_to(labels, None, (*kept, *class_ids(locked)))


def _worn(ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(worn for index in ids for worn in WORN.get(index, ()))


def _beside(ids: Sequence[int]) -> tuple[int, ...]:
    """The other classes of the mouth when some of it shrinks: its classes adjoin each other."""
    mouth = PARTS["mouth"]
    return tuple(i for i in mouth if i not in ids) if set(ids) & set(mouth) else ()


def _take_nearest(labels: Labels, where: Region, sources: Region, ids: Sequence[int]) -> Labels:
    result = labels.copy()
    found = regions.nearest(labels, where, sources, ids)
    if found is not None:
        result[where] = found
    return result


def _level(counts: NDArray[np.int32], area: int) -> int:
    """The count at which the region {counts >= level} is nearest to `area` pixels."""
    histogram = np.bincount(counts.ravel())
    at_least = np.cumsum(histogram[::-1])[::-1]
    return max(int(np.argmin(np.abs(at_least - area))), 1)
