"""What is put on: hats, clothes and jewels that no photo shows.

A small generator that saw a few hundred hats paints denim of no fold, with a dark line around it
and a haze outside. As of teeth, what they have in common is known, so they are built: of wool, in
the colour that was drawn or that the person's clothes have, turned to the light that the face is
seen in; necklaces of pearls, earrings of gold. Around them the photo stays, in their shadow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing import knit, polished, regions
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.relief import facing, light, normals
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

BACKGROUND, SKIN, HAIR = IDS["background"], IDS["skin"], IDS["hair"]
HAT, CLOTH, NECKLACE, EARRING = (IDS[name] for name in ("hat", "cloth", "neck_l", "ear_r"))
WORN = (HAT, EARRING, NECKLACE, CLOTH)

LEAST = 150
"""Pixels of wool that it is worth doing for, and of clothes that tell their colour, of a crop of
`FRAME`."""
OWN = 900
"""Pixels of a hat of the photo to which what is painted belongs."""
BELOW = 0.75
"""Share of hair in what becomes clothes up to which they are put on, also over hair."""
SURE = 2.0
"""Distance from its rim from which cloth is cloth for sure, in pixels of a crop of `FRAME`, as
below."""
NEAR = 60.0
"""How far from new clothes those are whose colour they have."""
BODY = 5.0, 16.0, 30.0
"""How far inwards clothes turn away (`relief.normals`)."""
ROUND = 0.45
"""How much darker wool is where it turns away altogether."""
MARGIN = 12.0
"""How far around what is put on the photo stays."""
SHADOW = {HAT: (0.5, 5.0, 5.0), CLOTH: (0.45, 0.0, 5.0)}
"""How dark the shadow is, how much lower it lies, and how soft it is."""

Floats = NDArray[np.floating[Any]]


def put_on(
    drawn: Pixels,
    photo: Pixels,
    labels: Labels,
    wanted: Labels,
    where: Region,
    looks: Mapping[int, Floats] = MappingProxyType({}),
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) in which what is newly worn is built.

    photo: the crop uint8 (S, S, 3) with labels uint8 (S, S). wanted: the labels of the drawing;
    where: bool (S, S), what of it was drawn. looks: ids of classes that get another look -> its
    colour (3,), NaN where it is not known: hats and clothes have it, or that which was drawn, and
    jewels stay as they were drawn.
    """
    new = {index: _new(index, labels, wanted, where) for index in WORN}
    new = {index: region for index, region in new.items() if region.any()}
    for index in {NECKLACE, EARRING} & set(looks):
        new.pop(index, None)
    if not new:
        return drawn
    behind = shown_around(np.logical_or.reduce(list(new.values())), labels, wanted, where)
    seen = np.where(behind[:, :, None], photo, drawn).astype(np.float32)
    lit = light_on(photo, labels)
    for index in (CLOTH, HAT):
        if index in new:
            colour = _colour(drawn, photo, labels, index, new[index], looks)
            _dress(seen, wanted, index, new[index], colour, lit)
    for index, lay in ((EARRING, polished.gold), (NECKLACE, polished.pearls)):
        if index in new:
            lay(seen, new[index], labels != BACKGROUND, lit)
    result = drawn.copy()
    values = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    np.copyto(result, values, where=where[:, :, None])
    return result


def light_on(photo: Pixels, labels: Labels) -> Floats:
    """From where the light comes (2,) that a face is seen in, as of `relief.light`."""
    return light(photo, labels == SKIN, normals(~member(labels, (BACKGROUND, CLOTH))))


def shown_around(worn: Region, labels: Labels, wanted: Labels, where: Region) -> Region:
    """What of a region that was drawn, bool (S, S), is the photo behind and around what is put on,
    bool (S, S): nothing else changes from labels to wanted ones, uint8 (S, S), near there."""
    margin = MARGIN * worn.shape[0] / FRAME
    others = regions.dilate(where & (labels != wanted) & ~worn, margin)
    shown: Region = worn | (where & regions.dilate(worn, margin) & ~others)
    return shown


def _new(index: int, labels: Labels, wanted: Labels, where: Region) -> Region:
    """Where one class is put on, bool (S, S)."""
    new: Region = (wanted == index) & (labels != index) & where
    area = (labels.shape[0] / FRAME) ** 2
    if index in (NECKLACE, EARRING):
        return new
    own = np.count_nonzero(labels == index)
    if np.count_nonzero(new) < LEAST * area or (index == HAT and own >= OWN * area):
        return np.zeros_like(new)
    if index == CLOTH and own:
        # Below hair that goes one sees what is worn already.
        new &= np.count_nonzero(new & (labels == HAIR)) <= BELOW * np.count_nonzero(new)
    return new


def _colour(
    drawn: Pixels,
    photo: Pixels,
    labels: Labels,
    index: int,
    new: Region,
    looks: Mapping[int, Floats],
) -> Floats:
    """The colour (3,) of what is put on: that of its look, that of clothes near by, or what was
    drawn."""
    pixel = photo.shape[0] / FRAME
    if index in looks and np.isfinite(looks[index]).all():
        return looks[index]
    if index == CLOTH and index not in looks:
        own = regions.erode(labels == CLOTH, SURE * pixel)
        for seen in (own & regions.dilate(new, NEAR * pixel), own):
            if np.count_nonzero(seen) >= LEAST * pixel**2:
                near: Floats = np.median(photo[seen], axis=0)
                return near
    colour: Floats = np.median(drawn[new], axis=0)
    return colour


def _dress(
    seen: Floats, wanted: Labels, index: int, new: Region, colour: Floats, lit: Floats
) -> None:
    """Wool of a colour over a picture float32 (S, S, 3), in place."""
    pixel, worn = wanted.shape[0] / FRAME, wanted == index
    dark, drop, blur = SHADOW[index]
    box = regions.bounding_box(new, math.ceil((drop + 3 * blur) * pixel))
    assert box is not None, "something is put on"
    below = np.pad(new, ((round(drop * pixel), 0), (0, 0)))[: new.shape[0]][box]
    shadow = dark * gaussian(below.astype(np.float32), blur * pixel)
    seen[box] *= (1 - shadow * (wanted[box] != BACKGROUND))[:, :, None]
    if index == HAT:
        # A hat is as round as the head in it.
        head = ~member(wanted, (BACKGROUND, CLOTH))
        shade, turned = knit.cap(new, head & ~worn, box), normals(head)[box]
    else:
        shade, turned = knit.collar(new, box), normals(worn, BODY)[box]
    # A colour is that of cloth with the shade between its threads.
    shade /= shade[new[box]].mean()
    shade *= (1 + turned @ lit) * (1 - ROUND + ROUND * facing(turned))
    cover = np.clip(gaussian(worn[box].astype(np.float32), pixel), 0, 1)
    cover *= np.clip(
        gaussian(regions.dilate(new, 2 * pixel)[box].astype(np.float32), 2 * pixel), 0, 1
    )
    wool = colour * shade[:, :, None]
    seen[box] += cover[:, :, None] * (wool - seen[box])
