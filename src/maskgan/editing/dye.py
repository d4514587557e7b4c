"""Another look for what a photo shows: the person's own hair, lips, skin or clothes, dyed.

A generator that draws them anew draws somebody else's, without their folds, freckles and gloss. So
they are drawn twice, with the look they have and with the one that is wanted, and the slow part of
what differs is what the look means for them: it goes to the photo's own pixels, whose details stay.
How far they go is known where the look is that of a photo: until their mean colour is its mean
colour. Whatever else an edit does is done with these pixels then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, luma, smoothstep
from maskgan.editing import regions
from maskgan.editing.face import Style
from maskgan.editing.layers import member
from maskgan.editing.recolouring import Change, Material, factor_for
from maskgan.editing.regions import Region
from maskgan.editing.texture import DARK, FRAME
from maskgan.editing.wisps import AROUND, REACH, share, without_gaps
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

Floats = NDArray[np.floating[Any]]
Render = Callable[[Pixels, Labels, Style, Region], Pixels]
"""A crop uint8 (S, S, 3) with labels uint8 (S, S), a style and a region bool (S, S) -> the crop in
which that is drawn."""


def _of(*names: str) -> tuple[int, ...]:
    return tuple(IDS[name] for name in names)


MATERIALS = (
    Material(_of("hair"), 12.0, 1.2, glossy=False, ragged=True),
    Material(_of("u_lip", "l_lip"), 6.0, 1.4),
    Material(_of("skin", "nose", "l_ear", "r_ear", "neck"), 12.0, 1.15),
    Material(_of("cloth"), 12.0, 1.5),
    Material(_of("hat"), 12.0, 1.5),
    Material(_of("l_brow", "r_brow"), 100.0, 2.2, sparse=True, paired=True, brightest=0.84),
    Material(_of("l_eye", "r_eye"), 2.0, 1.6, white=True, paired=True, brightest=1.14),
)
"""What keeps its details when it gets another look. What is seen of background, jewels and
spectacles is drawn, and so are teeth."""
BACKGROUND, SKIN = IDS["background"], IDS["skin"]
FACE = _of("skin", "nose", "l_ear", "r_ear", "neck", "l_brow", "r_brow")
"""What hair lies beside."""
KEEPS = frozenset(index for material in MATERIALS for index in material.classes)
"""All their classes."""
BESIDE = 12.0
"""How far from it skin is beside something, in pixels of a crop of `FRAME`."""
DOUBTFUL = 0.12
"""Share of hair in a pixel of the face that may be none: pink glows on a forehead, where brown does
not."""
IRIS = 0.4
"""Share of an eye that gets a colour that is chosen: the rest is white or black."""
EDGE = 1.2
"""Standard deviation of the filter over which a look sets in at an outline, in pixels of a crop of
`FRAME`."""


@dataclass(frozen=True, eq=False)
class Dyed:
    """A crop in which regions have got another look."""

    crop: Pixels
    """uint8 (S, S, 3)."""
    region: Region
    """bool (S, S), True where it may differ."""


def dye(
    render: Render,
    crop: Pixels,
    labels: Labels,
    own: Style,
    wanted: Style,
    looks: Collection[int],
) -> Dyed:
    """A crop uint8 (S, S, 3) with labels uint8 (S, S), whose regions `looks`, ids of `KEEPS`, have
    the look of wanted codes instead of the own ones."""
    pixel = crop.shape[0] / FRAME
    still = member(labels, looks)
    box = regions.bounding_box(still, math.ceil((REACH + AROUND) * pixel))
    if box is None:
        return Dyed(crop, still)
    photo, inside = crop[box].astype(np.float32), labels[box]
    # What keeps its code gets but another colour.
    same = chosen(own, wanted, looks)
    old = new = photo
    if len(same) < len(looks):
        old, new = (
            render(crop, labels, style, still)[box].astype(np.float32) for style in (own, wanted)
        )
    dyed, near = photo.copy(), np.zeros_like(still)
    for material in MATERIALS:
        part = member(inside, set(material.classes) & set(looks))
        if not part.any():
            continue
        soft, weight = shares(photo, inside, part, material, pixel)
        drawn = new
        asked = _asked(photo, inside, part, wanted)
        if asked is not None and same.intersection(material.classes):
            # A colour that was chosen, which nobody has drawn.
            mean = photo[part].mean(axis=0)
            if material.white:
                asked = mean + IRIS * (asked - mean)
            if material.ragged:
                weight = sure(weight, inside)
            drawn = tinted(old, mean, asked, 1 / material.gain)
        elif material.paired:
            pair = [part & (inside == index) for index in material.classes]
            drawn = _alike(old, new, [each for each in pair if each.any()])
        change = Change.of(photo, old, drawn, part, soft, material, pixel)
        if same.intersection(material.classes):
            change = replace(change, chosen=True)
        if asked is not None and math.isfinite(material.brightest):
            beside = regions.dilate(part, BESIDE * pixel) & (inside == SKIN)
            asked = _bounded(asked, photo[part], material.brightest * luma(dyed[beside]))
        factor = factor_for(change, weight, asked)
        dyed += weight * change.at(factor)
        near[box] |= weight[:, :, 0] > 0
    result = crop.copy()
    np.copyto(result[box], np.clip(np.rint(dyed), 0, 255).astype(np.uint8))
    return Dyed(result, near)


def chosen(own: Style, wanted: Style, looks: Collection[int]) -> frozenset[int]:
    """The classes of these whose look is but another colour."""
    codes = own.codes, wanted.codes
    return frozenset(index for index in looks if np.array_equal(*(each[index] for each in codes)))


def shares(
    photo: Floats, labels: Labels, part: Region, material: Material, pixel: float
) -> tuple[Floats, Floats]:
    """How much of each pixel of a photo (h, w, 3) with labels (h, w) is of a part, bool (h, w), by
    its outline and by what is seen: (h, w, 1) each. pixel: a pixel of `FRAME` in pixels of the
    photo."""
    if material.ragged:
        part = without_gaps(photo, part, labels == BACKGROUND, pixel)
    soft = gaussian(part[:, :, None].astype(np.float32), EDGE * pixel)
    seen = share(photo, part, ~part, soft, REACH * pixel, pixel) if material.ragged else soft
    return soft, seen


def sure(weight: Floats, labels: Labels) -> Floats:
    """Shares (h, w, 1) of hair without what is doubtful in a face."""
    certain = smoothstep((weight - DOUBTFUL) / (1 - 2 * DOUBTFUL))
    return np.where(member(labels, FACE)[:, :, None], certain, weight)


def tinted(photo: Floats, mean: Floats, asked: Floats, gain: float) -> Floats:
    """A photo (h, w, 3) with another mean colour (3,): darker in proportion, brighter evenly."""
    darker = (photo + DARK) * ((asked + DARK) / (mean + DARK)) ** np.float32(gain) - DARK
    brighter = photo + np.float32(gain) * (asked - mean)
    tinted: Floats = np.where(asked < mean, darker, brighter)
    return tinted


def _alike(old: Floats, new: Floats, pair: list[Region]) -> Floats:
    """The new drawing (h, w, 3) in which the colours of a pair differ from those of the old one
    by the same."""
    shifts = [(new[each] - old[each]).mean(axis=0) for each in pair]
    common = np.mean(shifts, axis=0)
    result = new.copy()
    for each, shift in zip(pair, shifts, strict=True):
        result[each] = np.clip(result[each] + common - shift, 0, 255)
    return result


def _asked(photo: Floats, labels: Labels, part: Region, wanted: Style) -> Floats | None:
    """The mean colour (3,) that a part bool (h, w) shall have; None where it is not known."""
    here, shown = labels[part], photo[part]
    known = np.isfinite(wanted.colours[here, 0])
    if not known.any():
        return None
    shift = wanted.colours[here[known]].mean(axis=0) - shown[known].mean(axis=0)
    asked: Floats = shown.mean(axis=0) + shift
    return asked


def _bounded(asked: Floats, shown: Floats, brightest: Floats) -> Floats:
    """A colour (3,) no brighter than the mean of `brightest` (M,), or of what is shown (N, 3)."""
    if not brightest.size:
        return asked
    most = max(float(brightest.mean()), float(luma(shown).mean()))
    bounded: Floats = asked * np.float32(min(1.0, most / max(float(luma(asked)), 1.0)))
    return bounded
