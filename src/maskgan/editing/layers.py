"""How the 19 classes lie on one another: parts, what is underneath, what stays in front.

Also the checks that every label tool makes at its door, and `uncover`, which takes pixels away and
shows what lies underneath. Knows label maps only: no photo, no network.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.editing.affine import ABSENT
from maskgan.editing.regions import Region
from maskgan.errors import LabelsError
from maskgan.labels import IDS, LABELS, NUM_CLASSES, SWAP_PAIRS, Labels

ClassName = int | str
"""One class, as id or name."""
Classes = ClassName | Iterable[ClassName]
"""One class or several."""

PARTS: dict[str, tuple[int, ...]] = {
    "skin": (1,),
    "nose": (2,),
    "glasses": (3,),
    "eyes": (4, 5),
    "brows": (6, 7),
    "ears": (8, 9),
    "mouth": (10, 11, 12),
    "lips": (11, 12),
    "hair": (13,),
    "hat": (14,),
    "earrings": (15,),
    "necklace": (16,),
    "neck": (17,),
    "clothes": (18,),
    "features": (2, 4, 5, 6, 7, 10, 11, 12),
}
"""Part -> ids of its classes. As a part, "mouth" is the lips with what is between them; the class
of that name alone has the id 10."""

FEATURES = PARTS["features"]
"""What lies within the face: nose, eyes, brows, mouth, lips."""

GROUND = (0, 1, 17, 18)
"""Background, skin, neck, clothes: what an eraser leaves alone unless it is told otherwise."""

UNDERNEATH: dict[int, tuple[int, ...]] = {
    0: (),
    1: (13, 0, 17, 18, 8, 9, 14),
    2: (1,),
    3: (1, 13, 8, 9, 0),
    4: (1, 3),
    5: (1, 3),
    6: (1, 3),
    7: (1, 3),
    8: (13, 0, 1, 17, 14),
    9: (13, 0, 1, 17, 14),
    10: (11, 12, 1),
    11: (1,),
    12: (1,),
    13: (1, 0, 17, 18, 8, 9, 14),
    14: (13, 0, 1, 18),
    15: (8, 9, 1, 17, 13, 18, 0),
    16: (17, 18, 1, 13),
    17: (18, 0, 1, 13),
    18: (0, 17, 13),
}
"""id -> ids that can come to light where the class is taken away; the nearest of them does. Of
equally near ones the earlier wins, and the first is taken when the map has none of them."""

IN_FRONT: dict[int, tuple[int, ...]] = {
    **dict.fromkeys(FEATURES, (13, 14)),
    2: (3, 13, 14),
    1: (*FEATURES, 3, 13, 14, 15),
    3: (4, 5, 6, 7, 13, 14),
    8: (*FEATURES, 3, 13, 14, 15),
    9: (*FEATURES, 3, 13, 14, 15),
    13: (*FEATURES, 3, 14, 15),
    14: (*FEATURES, 3, 15),
    15: (),
    16: (13, 14),
    17: (1, *FEATURES, 3, 8, 9, 13, 14, 15, 16),
    18: (1, *FEATURES, 3, 8, 9, 13, 14, 15, 16),
}
"""id -> ids that stay in front when a part is moved or taken from another face."""

WORN: dict[int, tuple[int, ...]] = {1: (*FEATURES, 3), 8: (15,), 9: (15,), 17: (16,), 18: (16,)}
"""id -> ids that lie on the class, whose shape continues beneath them."""

ENCLOSES: dict[int, tuple[int, ...]] = {3: (4, 5, 6, 7), 13: (15,)}
"""id -> ids whose holes in the class are closed when it is taken alone."""

SKIN, NOSE, GLASSES = 1, 2, 3
BROW = 10 / 512
"""Half the width of a brow before which spectacles go on, over the picture's longer side."""

PAIRED = tuple(side for pair in SWAP_PAIRS for side in pair)
"""Ids of parts that come in a left and a right one."""

SLITS = 256
"""The picture's longer side over half the width of what counts as a slit."""
MAX_SIDE = 4096
"""Longest side of a label map that can be edited."""


def class_id(value: ClassName) -> int:
    """A class given as id or name -> its id 0..18. Raises `LabelsError`."""
    if isinstance(value, str):
        if value in IDS:
            return IDS[value]
        raise LabelsError(f"There is no class {value!r}; the classes are {', '.join(LABELS)}.")
    try:
        number = operator.index(value)
    except TypeError as error:
        raise LabelsError(f"{value!r} is not a class; give a name or an id 0..18.") from error
    if isinstance(value, (bool, np.bool_)) or not 0 <= number < NUM_CLASSES:
        raise LabelsError(f"There is no class {value!r}; ids go from 0 to {NUM_CLASSES - 1}.")
    return number


def class_ids(values: Classes) -> tuple[int, ...]:
    """One class or several -> their ids, each once, ascending. Raises `LabelsError`."""
    if isinstance(values, Iterable) and not isinstance(values, str):
        return tuple(sorted({class_id(value) for value in values}))
    return (class_id(values),)


def part_ids(part: Classes) -> tuple[int, ...]:
    """A part's name, a class or several classes -> ids. A name is looked up among `PARTS` first.
    Raises `LabelsError`, also for the background, which is no part."""
    if isinstance(part, str) and part in PARTS:
        return PARTS[part]
    if isinstance(part, str) and part not in IDS:
        raise LabelsError(
            f"There is no part {part!r}; the parts are {', '.join(PARTS)}, and every class is one."
        )
    ids = class_ids(part)
    if 0 in ids or not ids:
        raise LabelsError("The background is not a part; name a part such as hair or mouth.")
    return ids


def title(part: Classes) -> str:
    """A part in words, for messages."""
    return part if isinstance(part, str) else " and ".join(LABELS[i] for i in class_ids(part))


def check(labels: NDArray[Any], name: str = "The label map") -> Labels:
    """The same array when it is uint8 (H, W) with values 0..18; else raises `LabelsError`."""
    if not isinstance(labels, np.ndarray) or labels.dtype != np.uint8 or labels.ndim != 2:
        found = (
            f"an array of {labels.dtype} with shape {labels.shape}"
            if isinstance(labels, np.ndarray)
            else f"a {type(labels).__name__}"
        )
        raise LabelsError(f"{name} is {found}; expected an array of uint8 (height, width).")
    if not 1 <= min(labels.shape) <= max(labels.shape) <= MAX_SIDE:
        raise LabelsError(
            f"{name} has {labels.shape[1]}x{labels.shape[0]} pixels; expected 1 to {MAX_SIDE} on "
            "each side."
        )
    if labels.max() >= NUM_CLASSES:
        raise LabelsError(
            f"{name} holds the value {int(labels.max())}; expected 0..{NUM_CLASSES - 1}."
        )
    return labels


def check_region(region: NDArray[Any], labels: Labels) -> Region:
    """The same array when it is bool of the labels' size; else raises `LabelsError`."""
    if region.dtype != np.bool_ or region.shape != labels.shape:
        raise LabelsError(
            f"The region is an array of {region.dtype} with shape {region.shape}; expected bool "
            f"with shape {labels.shape}, the size of the labels."
        )
    return region


def member(labels: Labels, ids: Iterable[int]) -> Region:
    """Bool (H, W): the pixels whose class is one of `ids`."""
    found = np.zeros(labels.shape, np.bool_)
    for index in ids:
        found |= labels == index
    return found


def open_to(labels: Labels, only: Classes | None, locked: Classes) -> Region:
    """Bool (H, W): the pixels a tool may overwrite: those of the classes `only` (None: all) without
    those of `locked`."""
    if only is None:
        return ~member(labels, class_ids(locked))
    return member(labels, set(class_ids(only)) - set(class_ids(locked)))


def uncover(
    labels: Labels, region: Region, beside: Iterable[int] = (), hidden: Region | None = None
) -> Labels:
    """Takes the pixels of `region` away: each becomes the class of the nearest pixel outside the
    region among those `UNDERNEATH` its own class or listed in `beside`. New uint8 (H, W).

    Pixels of `hidden` do not count as neighbours either. The background stays: nothing is under it.
    """
    result = labels.copy()
    box = regions.bounding_box(region)
    if box is None:
        return result
    present = np.flatnonzero(np.bincount(labels[box][region[box]], minlength=NUM_CLASSES))
    by_order: dict[tuple[int, ...], list[int]] = {}
    for index in present.tolist():
        candidates = (*UNDERNEATH[index], *(other for other in beside if other != index))
        by_order.setdefault(tuple(dict.fromkeys(candidates)), []).append(index)
    gone = region if hidden is None else region | hidden
    for order, ids in by_order.items():
        if order:
            spread(result, member(labels, ids) & region, order, gone)
    if not {GLASSES, *PARTS["brows"]}.isdisjoint(present.tolist()):
        _beneath_glasses(result, labels, region, gone)
    return result


def _beneath_glasses(uncovered: Labels, labels: Labels, region: Region, hidden: Region) -> None:
    """Puts right, in place, what a region of labels uint8 (H, W) was uncovered to where spectacles
    were, and where brows were beside them."""
    glasses = labels == GLASSES
    # The face goes on between forehead and cheek, however near hair is, and so does the nose.
    for index, ids in ((SKIN, (SKIN, *FEATURES)), (NOSE, (NOSE,))):
        shown = member(labels, ids) & ~hidden
        above, below = (np.logical_or.accumulate(each) for each in (shown, shown[::-1]))
        uncovered[region & glasses & above & below[::-1]] = index
    # Spectacles below a brow end at it; those around it are before it.
    brows = member(labels, PARTS["brows"]) & (uncovered == GLASSES)
    if brows.any():
        closed = regions.closed(glasses & ~hidden, max(labels.shape) * BROW)
        uncovered[brows & ~closed] = SKIN


def spread(labels: Labels, where: Region, order: Sequence[int], hidden: Region) -> None:
    """Gives the pixels of `where` the class of the nearest pixel of the classes `order` that is not
    `hidden`, in place; the first of them when there is none.

    Slits of background a few pixels wide, which annotators leave between parts, do not count.
    """
    if not where.any():
        return
    candidates = member(labels, order) & ~hidden
    if len(order) == 1:
        labels[where] = order[0]
        return
    if 0 in order:
        background = labels == 0
        width = max(labels.shape) / SLITS
        wide = regions.dilate(regions.erode(background, width), width)
        if (candidates & wide).any():
            candidates &= wide | ~background
    found = regions.nearest(labels, where, candidates, order)
    labels[where] = order[0] if found is None else found


def alone(labels: Labels, ids: Sequence[int]) -> Labels:
    """A part alone: its own classes, and `ABSENT` elsewhere. Skin and neck go on beneath what is
    worn on them, glasses around the eyes and hair around the earrings that they enclose."""
    part = np.full_like(labels, ABSENT)
    for index in ids:
        if index in (1, 17):
            part[member(labels, WORN[index])] = index
        if index in ENCLOSES:
            part[_enclosed(labels, index, ENCLOSES[index])] = index
    own = member(labels, ids)
    part[own] = labels[own]
    return part


def _enclosed(labels: Labels, index: int, within: Sequence[int]) -> Region:
    """Pixels of holes in a class that hold nothing but the classes `within`."""
    box = regions.bounding_box(labels == index, 1)
    enclosed = np.zeros(labels.shape, np.bool_)
    if box is None:
        return enclosed
    crop = labels[box]
    pieces = regions.components(crop == index)
    whole = np.ones(int(pieces.max()) + 1, np.bool_)
    whole[pieces[~member(crop, within)]] = False
    enclosed[box] = whole[pieces]
    return enclosed
