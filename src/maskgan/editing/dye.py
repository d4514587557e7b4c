"""Another look for what a photo shows: the person's own hair, lips, skin or clothes, dyed.

A generator that draws them anew draws somebody else's, without their folds, freckles and gloss. So
they are drawn twice, with the look they have and with the one that is wanted, and the slow part of
what differs is what the look means for them: it goes to the photo's own pixels, whose details stay.
Whatever else an edit does is done with these pixels then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, luma, smoothstep
from maskgan.editing import regions
from maskgan.editing.face import Style
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.texture import DARK, FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

Floats = NDArray[np.floating[Any]]
Render = Callable[[Pixels, Labels, Style, Region], Pixels]
"""A crop uint8 (S, S, 3) with labels uint8 (S, S), a style and a region bool (S, S) -> the crop in
which that is drawn."""


@dataclass(frozen=True)
class Material:
    """Classes that get another look in one way."""

    classes: tuple[int, ...]
    """Their ids."""
    details: float
    """Standard deviation of the filter that parts details from colour and light, in pixels of a
    crop of `FRAME`."""
    gain: float
    """Times which the difference counts: two drawings of a careful generator differ by too little.
    Chosen on val faces, as docs/experiments.md says."""
    glossy: bool = True
    """Whether what is bright of it is gloss, which has no colour of its own."""
    sparse: bool = False
    """Whether skin is seen between it, so that only what is dark of it has the whole look."""
    white: bool = False
    """Whether what is bright of it gets no darker, as the white of an eye."""
    ragged: bool = False
    """Whether single hairs leave its outline, and what is behind it is seen along it."""
    paired: bool = False
    """Whether its classes are two of a kind, which a generator gives two colours."""


def _of(*names: str) -> tuple[int, ...]:
    return tuple(IDS[name] for name in names)


MATERIALS = (
    Material(_of("hair"), 12.0, 1.2, glossy=False, ragged=True),
    Material(_of("u_lip", "l_lip"), 6.0, 1.4),
    Material(_of("skin", "nose", "l_ear", "r_ear", "neck"), 12.0, 1.15),
    Material(_of("cloth"), 12.0, 1.5),
    Material(_of("hat"), 12.0, 1.5),
    Material(_of("l_brow", "r_brow"), 100.0, 2.2, sparse=True, paired=True),
    Material(_of("l_eye", "r_eye"), 2.0, 1.6, white=True, paired=True),
)
"""What keeps its details when it gets another look. What is seen of background, jewels and
spectacles is drawn, and so are teeth."""
KEEPS = frozenset(index for material in MATERIALS for index in material.classes)
"""All their classes."""
DEEPEST = 1.5
"""Most times by which the shadows among details get deeper in what gets brighter."""
BRIGHTEST = 1.4
"""Most times as bright as the new colour that anything gets which was not."""
DARKER = 0.3, 0.95
"""Shares of the pixels of what is sparse, or has a white, that are darker than what has the whole
look, and than what has none of it."""
EDGE = 1.2
"""Standard deviation of the filter over which a look sets in at an outline, in pixels of a crop of
`FRAME`."""
REACH = 10.0
"""How far from an outline what is ragged is looked for, in pixels of a crop of `FRAME`."""
CORE, AROUND = 4.0, 8.0
"""How far inside the outline it is nothing else, and how far outside there is none of it."""
LOCAL = 8.0
"""Standard deviation of the filter that says how it and what is beside it look near by."""
ALIKE, UNLIKE = 25.0, 60.0
"""Distances in grey levels of two colours that cannot be told apart in one pixel, and that can."""


@dataclass(frozen=True, eq=False)
class Dyed:
    """A crop in which regions have got another look."""

    crop: Pixels
    """uint8 (S, S, 3)."""
    region: Region
    """bool (S, S), True where it may differ."""


def dye(
    render: Render, crop: Pixels, labels: Labels, own: Style, wanted: Style, looks: Collection[int]
) -> Dyed:
    """A crop uint8 (S, S, 3) with labels uint8 (S, S), whose regions `looks`, ids of `KEEPS`, have
    the look of wanted codes instead of the own ones."""
    pixel = crop.shape[0] / FRAME
    still = member(labels, looks)
    box = regions.bounding_box(still, math.ceil((REACH + AROUND) * pixel))
    if box is None:
        return Dyed(crop, still)
    old, new = (
        render(crop, labels, style, still)[box].astype(np.float32) for style in (own, wanted)
    )
    photo, inside = crop[box].astype(np.float32), labels[box]
    dyed, near = photo.copy(), np.zeros_like(still)
    for material in MATERIALS:
        part = member(inside, set(material.classes) & set(looks))
        if not part.any():
            continue
        soft = gaussian(part[:, :, None].astype(np.float32), EDGE * pixel)
        weight = _share(photo, part, soft, pixel) if material.ragged else soft
        drawn = new
        if material.paired:
            pair = [part & (inside == index) for index in material.classes]
            drawn = _alike(old, new, [each for each in pair if each.any()])
        dyed += weight * _change(photo, old, drawn, part, soft, material, pixel)
        near[box] |= weight[:, :, 0] > 0
    result = crop.copy()
    np.copyto(result[box], np.clip(np.rint(dyed), 0, 255).astype(np.uint8))
    return Dyed(result, near)


def _share(photo: Floats, part: Region, soft: Floats, pixel: float) -> Floats:
    """How much of each pixel of a photo (h, w, 3) is of a ragged part, bool (h, w), which is
    `soft` (h, w, 1) where nobody looks closely: (h, w, 1), 0..1. Near its outline a pixel is told
    by its colour, between those of the part and of what is beside it near by."""
    colours, seen = [], np.ones((*part.shape, 1), np.float32)
    for pure in (regions.erode(part, CORE * pixel), ~regions.dilate(part, AROUND * pixel)):
        mask = pure[:, :, None].astype(np.float32)
        near = gaussian(mask, LOCAL * pixel)
        colours.append(gaussian(photo * mask, LOCAL * pixel) / np.maximum(near, 1e-3))
        seen = seen * smoothstep(near / 0.02)
    own, beside = colours
    apart = own - beside
    squares = (apart**2).sum(axis=2, keepdims=True)
    share = np.clip(((photo - beside) * apart).sum(axis=2, keepdims=True) / (squares + 1), 0, 1)
    told = smoothstep((np.sqrt(squares) - ALIKE) / (UNLIKE - ALIKE)) * seen
    reach = REACH * pixel
    inside, outside = (regions.depth(each, math.ceil(reach)) for each in (part, ~part))
    away = np.maximum(inside, outside)[:, :, None]
    told = told * smoothstep(2 - 2 * away / reach)
    result: Floats = soft + told * (share - soft)
    return result


def _alike(old: Floats, new: Floats, pair: list[Region]) -> Floats:
    """The new drawing (h, w, 3) in which the colours of a pair differ from those of the old one
    by the same."""
    shifts = [(new[each] - old[each]).mean(axis=0) for each in pair]
    common = np.mean(shifts, axis=0)
    result = new.copy()
    for each, shift in zip(pair, shifts, strict=True):
        result[each] = np.clip(result[each] + common - shift, 0, 255)
    return result


def _change(
    photo: Floats,
    old: Floats,
    new: Floats,
    part: Region,
    soft: Floats,
    material: Material,
    pixel: float,
) -> Floats:
    """What is added (h, w, 3) to a part bool (h, w) of a photo (h, w, 3) that was drawn so with its
    old look, and so with the new one; `soft` (h, w, 1) is the part."""
    mask = part[:, :, None].astype(np.float32)
    width = material.details * pixel
    share = np.maximum(gaussian(mask, width), 1e-3)
    slow, old, new = (gaussian(each * mask, width) / share for each in (photo, old, new))
    gain = np.float32(material.gain)
    # What gets darker does so in proportion: nothing is blacker than black.
    darker = slow * ((new + DARK) / (old + DARK)) ** gain
    colour = np.where(new < old, darker, np.minimum(slow + gain * (new - old), 255))
    details = photo - slow
    deeper = np.minimum((luma(colour) + DARK) / (luma(slow) + DARK), DEEPEST)[:, :, None]
    # Gloss is as bright on any colour, shadows are a share of it.
    scaled = (details < 0) | ~np.bool_(material.glossy)
    deeper = 1 + soft * (deeper - 1)
    coloured: Floats = colour + np.where(scaled, deeper * details, details)
    # What is seen between hairs is no hair: it gets no brighter.
    coloured = np.minimum(coloured, np.maximum(photo, BRIGHTEST * colour))
    change = coloured - photo
    if material.sparse or material.white:
        bright = luma(photo)
        dark, fair = np.quantile(bright[part], DARKER)
        seen = np.clip((fair - bright) / max(fair - dark, 1), 0, 1)
        if material.white:
            seen = np.where(luma(change) < 0, seen, 1)
        change = seen[:, :, None] * change
    return change
