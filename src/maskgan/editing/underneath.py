"""What hair and hats hide: how a face looks when they are gone, or others are put in their place.

Nearest-class filling alone would stretch the forehead up to the picture's border, and leave a head
without ears. The head's outline (`head`) says where skin ends, and what is known of ears (`ears`)
where they are.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from maskgan.editing import ears, head, regions
from maskgan.editing.head import FACE, HAIR, HAT, SKIN
from maskgan.editing.layers import member, spread, uncover
from maskgan.editing.regions import Region
from maskgan.labels import IDS, Labels

NECK, CLOTH = IDS["neck"], IDS["cloth"]
EARS = tuple(ears.SIDES)
GAPS = 24
"""The picture's longer side over half the widest gap that new hair closes."""
EARRING, HANGING = IDS["ear_r"], 96
"""Earrings, and the picture's longer side over how far they are from what they hang from."""
CRUMB = 0.015
"""Share of all hair that a piece of it has at least."""


def still_covered(labels: Labels, before: Labels, bare: Region, locked: Region) -> Labels:
    """Gives back to the hair the skin of a head that hair covered `before` and where the one who
    now lends it has no face: the back of a head that is turned. New uint8 (H, W).

    `bare` is where the other's face is, bool (H, W); pixels of `locked` stay.
    """
    own = head.find(before)
    if own is None:
        return labels
    covered = (before == HAIR) & (labels == SKIN) & ~bare & ~locked
    covered[own.ears :] = False
    return np.where(covered, HAIR, labels).astype(np.uint8)


def reveal(
    labels: Labels,
    region: Region,
    hidden: Region | None = None,
    shown: Collection[int] = EARS,
) -> Labels:
    """`layers.uncover`, but hair gives way to skin within the head's outline, to ears and
    background beside and above it, and to neck, shoulders or background below the chin; a hat
    likewise, and to hair. New uint8 (H, W).

    shown: the ears that come to light; others are covered by what takes the place of the hair.
    """
    covers = [index for index in (HAIR, HAT) if (region & (labels == index)).any()]
    found = head.find(labels) if covers else None
    if found is None:
        return uncover(labels, region, hidden=hidden)
    gone = region if hidden is None else region | hidden
    cover = region & member(labels, covers)
    result = uncover(labels, region & ~cover, hidden=gone)
    high = np.zeros_like(region)
    high[: found.chin] = True
    for index in covers:
        own = cover & (labels == index)
        hair = (HAIR,) if index == HAT else ()
        above, below = own & high & ~found.region, own & ~high & ~found.region
        spread(result, own & found.region, (1, *hair), gone)
        nape = above & found.nape(labels.shape)
        result[nape] = NECK
        spread(result, above & ~nape, (0, *hair), gone)
        # What was just filled above counts: the background beside the shoulders.
        body = CLOTH if (member(labels, (CLOTH,)) & ~gone).any() else NECK
        for part, order in found.below(labels.shape, body):
            spread(result, below & part, (*order, *hair), gone & ~above)
    if HAIR in covers:
        for ear in ears.hidden(labels, found):
            if ear.index not in shown:
                continue
            result[cover & (labels == HAIR) & ear.region(labels.shape)] = ear.index
    # A hat on hair that is gone sits on the head.
    hat = result == HAT
    if hat.any():
        result[_sits_on(hat, member(result, FACE), cover & (result == 0))] = HAT
    return result


def close_gaps(labels: Labels, before: Labels, inner: Region, locked: Region) -> Labels:
    """Gives to the hair the background between a face and hair that was made for a larger face.
    New uint8 (H, W).

    `inner` is where the other person was but for the hair. Gaps lie within it, near the hair, and
    vanish when hair and face together are closed by a disc; so do holes that were not there
    `before`. Wider gaps come from heads that are turned otherwise and stay, and so do pixels of
    `locked`.
    """
    radius = max(labels.shape) / GAPS
    gap = inner & ~locked & (labels == 0)
    result = labels.copy()
    box = regions.bounding_box(gap, 3 * int(radius) + 2)
    if box is not None:
        crop = labels[box]
        hair, beside = crop == HAIR, member(crop, (*FACE, 8, 9, 17))
        closed = regions.closed(hair | beside, radius)
        view, within = result[box], gap[box]
        view[within & closed & regions.dilate(hair, 2 * radius)] = HAIR
        pieces = regions.components(view == 0)
        earlier = regions.components(before[box] == 0)
        area = np.bincount(pieces.ravel())
        new = (before[box] != 0) | (np.bincount(earlier.ravel())[earlier] != area[pieces])
        holes = np.bincount(pieces[within & new], minlength=area.size) >= 0.9 * area
        touching = np.zeros_like(holes)
        touching[pieces[regions.dilate(view == HAIR, 1)]] = True
        view[(holes & touching)[pieces] & within] = HAIR
    return result


def crumbs(labels: Labels, before: Labels) -> Region:
    """Small pieces of hair that ears which were not there `before` cut off, bool (H, W)."""
    hair = labels == HAIR
    new = member(labels, EARS) & (labels != before)
    small = regions.touching(hair, regions.dilate(new, 1)) if new.any() else new
    if small.any():
        pieces = regions.components(small)
        small &= (np.bincount(pieces.ravel()) < CRUMB * np.count_nonzero(hair))[pieces]
    return small


def fallen(labels: Labels, before: Labels) -> Region:
    """Earrings that hung in hair which was there `before`, and hang from nothing any more, bool
    (H, W)."""
    rings: Region = labels == EARRING
    if not rings.any():
        return rings
    near = max(labels.shape) / HANGING
    gone = regions.dilate((before == HAIR) & (labels != HAIR), near)
    hung = regions.touching(rings, rings & gone)
    held = regions.dilate(member(labels, (HAIR, *EARS)), near)
    fallen: Region = hung & ~regions.touching(rings, rings & held)
    return fallen


def _sits_on(hat: Region, face: Region, gap: Region) -> Region:
    """The pixels of `gap` with the hat above and the face below their run in the column."""
    kind = np.where(hat, 1, np.where(face, 2, 0))
    kind[gap] = -1
    rows, last = np.arange(gap.shape[0])[:, None], gap.shape[0] - 1
    above = np.maximum.accumulate(np.where(gap, 0, rows), axis=0)
    below = np.minimum.accumulate(np.where(gap, last, rows)[::-1], axis=0)[::-1]
    top, bottom = np.take_along_axis(kind, above, 0), np.take_along_axis(kind, below, 0)
    seated: Region = gap & np.equal(top, 1) & np.equal(bottom, 2)
    return seated
