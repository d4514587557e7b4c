"""What of an edit goes on beyond the crop of a face, done in the photo around it.

Looks spread over hair, neck and clothes that leave the crop (`spread`); where hair goes or grows at
the top of the crop, or a hat is put on, the crown of the head is drawn in a picture that begins
higher (`crown`); and where it goes at the other sides, its ends go too (`ends`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from maskgan.alignment import border
from maskgan.alignment.displacement import Displacement, bend, faded, reach
from maskgan.alignment.filters import Planes, smoothstep
from maskgan.alignment.similarity import Similarity
from maskgan.editing import regions
from maskgan.editing.beyond import ABOVE, Surrounded, leaves
from maskgan.editing.crown import crowned, cut
from maskgan.editing.ends import severed, shorn
from maskgan.editing.face import Face
from maskgan.editing.layers import GROUND, member
from maskgan.editing.regions import Region
from maskgan.editing.spread import spread
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

Draw = Callable[[Face, Labels], tuple[Pixels, Region]]
"""A face with wanted labels -> its crop uint8 (S, S, 3) with all that an edit does, and what of it
is new, bool (S, S)."""

BELOW, FADE = 24, 24
"""Rows of a crop below a hat, or below its upper border, down to which the picture that begins
higher is taken, and over which it fades."""
BESIDE, SOFT = 10.0, 4.0
"""How far beside the ends of hair their surroundings are drawn, and over how much of that they
fade, in pixels of a crop of `FRAME`."""
HAT = IDS["hat"]


@dataclass(frozen=True, eq=False)
class Edit:
    """What an edit has made of a crop."""

    face: Face
    """The face before it got its looks, bent already."""
    wanted: Labels
    """uint8 (S, S)"""
    drawn: Region
    """bool (S, S), what of the crop is new."""
    dyed: Pixels
    """The crop uint8 (S, S, 3) in which classes have but got their looks."""
    looks: frozenset[int]
    """These classes."""
    chosen: frozenset[int]
    """Those of them that have got another colour."""
    draw: Draw
    """Does the same with another crop of the photo."""
    bent: Displacement | None
    """What the face was bent by."""


@dataclass(frozen=True, eq=False)
class Overflow:
    """A crop and what is around it, before and after an edit."""

    similarity: Similarity
    """From the photo to these pixels."""
    before: Pixels
    """uint8 (T, T, 3)"""
    after: Pixels
    """uint8 (T, T, 3)"""
    region: Region
    """bool (T, T), True where `after` may differ."""


def overflow(
    edit: Edit, face: Face, crop: Pixels, around: Callable[[], Surrounded]
) -> Overflow | None:
    """An edit with what of it goes on beyond the crop of a face; None where nothing does. crop:
    uint8 (S, S, 3), edited; around: gives the crop in what the face's photo shows around it."""
    labels, transform, size = edit.face.labels, face.transform, face.photo.shape[:2]
    looks = {index for index in edit.looks if leaves(labels == index, transform, size)}
    higher = leaves(cut(face.labels, edit.wanted), transform, size)
    lower = leaves(severed(face.labels, edit.wanted), transform, size)
    if not (looks or higher or lower):
        return None
    shown = around().showing(edit.face.crop, labels)
    after, region = spread(shown, edit.dyed, looks, edit.chosen)
    after[shown.window], region[shown.window] = edit.dyed, edit.drawn
    wider = Overflow(shown.similarity, shown.pixels, after, region)
    # What is drawn at the other sides of the crop fades there, as ever.
    weight = border.weight(Similarity(transform, len(labels)), size, changed=edit.drawn)
    if lower:
        weight *= _ends(edit, face, shown, wider)
    known = after[shown.window]
    drawn = known + weight[:, :, None] * (crop.astype(np.float32) - known)
    after[shown.window] = np.rint(drawn).astype(np.uint8)
    if higher:
        _crown(edit, face, shown, wider)
    return wider


def _ends(edit: Edit, face: Face, shown: Surrounded, wider: Overflow) -> Planes:
    """Draws what is below and beside the crop of a face, where hair ends that goes, into what is
    around it, and below it what it fades into. How much the crop itself counts, (S, S): less where
    its surroundings tell more of what comes to light."""
    if edit.bent is not None:
        shown = _as_in_photo(edit.bent, face, shown)
    before, asked = shorn(shown, edit.wanted)
    if not (before != asked)[~shown.inside].any():
        return np.ones(edit.wanted.shape, np.float32)
    there = replace(edit.face, crop=shown.pixels, labels=before, transform=shown.similarity.matrix)
    crop, new = edit.draw(there, asked)
    # Drawn in twice as many pixels, an edit would reach twice as far into what is beside it.
    beside, soft = (length * len(edit.wanted) / FRAME for length in (BESIDE, SOFT))
    near = regions.dilate(before != asked, beside)
    new &= near
    new[: shown.window[0].start] = False
    weight = border.weight(shown.similarity, face.photo.shape[:2], changed=new)
    weight = (weight * regions.feather(near, soft))[:, :, None]
    mixed = wider.after + weight * (crop.astype(np.float32) - wider.after)
    np.copyto(wider.before, shown.pixels, where=new[:, :, None])
    np.copyto(wider.after, np.rint(mixed).astype(np.uint8), where=new[:, :, None])
    wider.region[...] |= new
    inner = new[shown.window] & member(asked[shown.window], GROUND)
    inner &= before[shown.window] == IDS["hair"]
    other = regions.feather(asked[shown.window] == edit.wanted, FADE)
    # Two grounds that go over into each other slowly are a glow around a head.
    return np.minimum(other, 1 - regions.feather(inner, soft))


def _crown(edit: Edit, face: Face, shown: Surrounded, wider: Overflow) -> None:
    """Draws what is at the top of the crop, and above, into what is around the crop of a face."""
    rows = round(ABOVE * len(edit.wanted))
    fade = 0.0
    if edit.bent is not None:
        shown = _as_in_photo(edit.bent, face, shown)
        fade = reach(edit.bent, len(edit.wanted))
    above, box = shown.above(rows)
    labels, asked = crowned(above.labels, edit.wanted, rows)
    matrix = above.similarity.matrix
    there = replace(edit.face, crop=above.pixels, labels=labels, transform=matrix)
    crop, new = edit.draw(there, asked)
    weight = _weight(asked, rows, fade)
    weight *= border.weight(above.similarity, face.photo.shape[:2], changed=new)[len(asked) // 2]
    # Above the crop looks have spread further than they do here.
    weight[:rows] *= new[:rows]
    after, counts = wider.after[box], weight > 0
    mixed = after + weight[:, :, None] * (crop.astype(np.float32) - after)
    after[...] = np.rint(mixed).astype(np.uint8)
    np.copyto(wider.before[box], above.pixels, where=counts[:, :, None])
    wider.region[box] |= new & counts


def _as_in_photo(bent: Displacement, face: Face, shown: Surrounded) -> Surrounded:
    """The surroundings of a crop that was bent, as its photo is: less so towards its sides."""
    side, labels = face.labels.shape[0], face.labels.copy()
    similarity = Similarity(face.transform, side)
    ways = faded(similarity, bent, face.photo.shape[:2])
    down, across = np.mgrid[bent.box]
    from_x, from_y = (
        np.clip(np.rint(at + ways[:, :, axis]), 0, side - 1).astype(np.intp)
        for axis, at in enumerate((across, down))
    )
    labels[bent.box] = face.labels[from_y, from_x]
    pixels = similarity.crop(bend(face.photo, similarity, bent))
    return shown.showing(pixels, labels)


def _weight(asked: Labels, rows: int, fade: float) -> Planes:
    """How much a picture that begins so many rows above the crop counts, float32 (S, S). fade:
    rows of the crop over which what was bent fades."""
    hat = np.flatnonzero((asked == HAT).any(axis=1))
    lowest = BELOW + max(rows + fade, int(hat[-1]) if hat.size else 0)
    down = np.arange(len(asked), dtype=np.float32)
    return np.repeat(smoothstep(1 - (down - lowest) / FADE)[:, None], asked.shape[1], axis=1)
