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
from maskgan.editing.wisps import AROUND, REACH, share
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
    brightest: float = math.inf
    """Most times as bright as the skin beside it that it gets: the look of a face in the sun would
    be white, or glow, in a face in the shade. Nine of ten faces of the train split have less."""


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
SKIN = IDS["skin"]
KEEPS = frozenset(index for material in MATERIALS for index in material.classes)
"""All their classes."""
DEEPEST = 1.5
"""Most times by which the shadows among details get deeper in what gets brighter."""
LIT = 0.4, 1.15
"""Shares of what it gets brighter by, at least and at most, in shade and light."""
BRIGHTEST = 1.4
"""Most times as bright as the new colour that anything gets which was not."""
TURNS, MOST = 4, 1.7
"""How often the mean colour is measured and put right, and times by which it may be, either way:
what lies in more shadow has no other colour."""
SAMPLED = 2000
"""Pixels, about, in which it is measured."""
BESIDE = 12.0
"""How far from it skin is beside something, in pixels of a crop of `FRAME`."""
DARKER = 0.3, 0.95
"""Shares of the pixels of what is sparse, or has a white, that are darker than what has the whole
look, and than what has none of it."""
DOUBTFUL = 0.12
"""Share of hair in a pixel that may be none: pink glows on a forehead, where brown does not."""
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
    render: Render, crop: Pixels, labels: Labels, own: Style, wanted: Style, looks: Collection[int]
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
    same = {index for index in looks if np.array_equal(own.codes[index], wanted.codes[index])}
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
        soft = gaussian(part[:, :, None].astype(np.float32), EDGE * pixel)
        weight = share(photo, part, ~part, soft, REACH * pixel, pixel) if material.ragged else soft
        drawn = new
        asked = _asked(photo, inside, part, wanted)
        if asked is not None and same.intersection(material.classes):
            # A colour that was chosen, which nobody has drawn.
            mean = photo[part].mean(axis=0)
            if material.white:
                asked = mean + IRIS * (asked - mean)
            if material.ragged:
                weight = smoothstep((weight - DOUBTFUL) / (1 - 2 * DOUBTFUL))
            drawn = _tinted(old, mean, asked, 1 / material.gain)
        elif material.paired:
            pair = [part & (inside == index) for index in material.classes]
            drawn = _alike(old, new, [each for each in pair if each.any()])
        change = _Change.of(photo, old, drawn, part, soft, material, pixel)
        if asked is not None and math.isfinite(material.brightest):
            beside = regions.dilate(part, BESIDE * pixel) & (inside == SKIN)
            asked = _bounded(asked, photo[part], material.brightest * luma(dyed[beside]))
        dyed += weight * change.at(_factor(change, weight, asked))
        near[box] |= weight[:, :, 0] > 0
    result = crop.copy()
    np.copyto(result[box], np.clip(np.rint(dyed), 0, 255).astype(np.uint8))
    return Dyed(result, near)


def _tinted(photo: Floats, mean: Floats, asked: Floats, gain: float) -> Floats:
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


@dataclass(frozen=True, eq=False)
class _Change:
    """What another look makes of a part of a photo."""

    photo: Floats
    """(h, w, 3)"""
    part: Region
    """bool (h, w)"""
    soft: Floats
    """(h, w, 1): the part with a soft outline."""
    slow: Floats
    """(h, w, 3): the photo without its details."""
    colour: Floats
    """(h, w, 3): what it is to become."""
    material: Material

    @classmethod
    def of(
        cls,
        photo: Floats,
        old: Floats,
        new: Floats,
        part: Region,
        soft: Floats,
        material: Material,
        pixel: float,
    ) -> _Change:
        """That of a part which was drawn so with its old look, and so with the new one."""
        mask = part[:, :, None].astype(np.float32)
        width = material.details * pixel
        share = np.maximum(gaussian(mask, width), 1e-3)
        slow, old, new = (gaussian(each * mask, width) / share for each in (photo, old, new))
        gain = np.float32(material.gain)
        # What gets darker does so in proportion: nothing is blacker than black.
        darker = slow * ((new + DARK) / (old + DARK)) ** gain
        # What gets brighter does so less in the shade.
        bright = luma(slow)
        lit = np.clip(bright / max(float(bright[part].mean()), 1), *LIT)[:, :, None]
        colour = np.where(new < old, darker, slow + lit * gain * (new - old))
        return cls(photo, part, soft, slow, colour, material)

    def sample(self, places: NDArray[np.intp]) -> _Change:
        """What it makes of single pixels of the part, by their numbers (N,): as N rows."""
        photo, soft, slow, colour = (
            each.reshape(-1, 1, each.shape[2])[places]
            for each in (self.photo, self.soft, self.slow, self.colour)
        )
        return _Change(
            photo, np.ones((len(places), 1), np.bool_), soft, slow, colour, self.material
        )

    def at(self, factor: Floats) -> Floats:
        """What is added (h, w, 3) to the photo when the new colour is so many times (3,) as bright
        as the drawings have it."""
        photo, slow = self.photo, self.slow
        colour, details = self._paler(factor * self.colour, photo - slow)
        # What would be brighter than white keeps its tint: skin that shines turns neither grey nor
        # blue.
        colour = colour / np.maximum(colour.max(axis=2, keepdims=True) / 255, 1)
        deeper = np.minimum((luma(colour) + DARK) / (luma(slow) + DARK), DEEPEST)[:, :, None]
        # Gloss is as bright on any colour, shadows are a share of it.
        scaled = (details < 0) | ~np.bool_(self.material.glossy)
        deeper = 1 + self.soft * (deeper - 1)
        coloured: Floats = colour + np.where(scaled, deeper * details, details)
        # What is seen between hairs is no hair: it gets no brighter.
        coloured = np.minimum(coloured, np.maximum(photo, BRIGHTEST * colour))
        change = coloured - photo
        if self.material.sparse or self.material.white:
            bright = luma(photo)
            dark, fair = np.quantile(bright[self.part], DARKER)
            seen = np.clip((fair - bright) / max(fair - dark, 1), 0, 1)
            if self.material.white:
                seen = np.where(luma(change) < 0, seen, 1)
            change = seen[:, :, None] * change
        return change

    def _paler(self, colour: Floats, details: Floats) -> tuple[Floats, Floats]:
        """The new colour and the photo's details (h, w, 3), whose tints differ from place to place
        by as much less as there is less of a tint: gloss that is paler than orange skin would be
        lavender on pale skin."""
        old, new = (each[self.part].mean(axis=0) for each in (self.slow, colour))
        less = min(_saturation(new) / max(_saturation(old), 1e-3), 1.0)
        bright, grey = luma(colour)[:, :, None], luma(details)[:, :, None]
        tint = new / max(float(luma(new)), 1.0)
        return (
            bright * tint + less * (colour - bright * tint),
            grey + less * (details - grey),
        )


def _saturation(colour: Floats) -> float:
    """How far a colour (3,) is from grey, in shares of its brightness."""
    bright = max(float(luma(colour)), 1.0)
    return float(np.abs(colour / bright - 1).max())


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


def _factor(change: _Change, weight: Floats, asked: Floats | None) -> Floats:
    """Times (3,) as bright as drawn that the new colour has to be so that a part gets the asked
    mean colour (3,), or near."""
    factor: Floats = np.ones(3, np.float32)
    if asked is None:
        return factor
    few = np.flatnonzero(change.part)
    few = few[:: max(len(few) // SAMPLED, 1)]
    sample, share = change.sample(few), weight.reshape(-1, 1, 1)[few]
    for _ in range(TURNS):
        mean = np.clip(sample.photo + share * sample.at(factor), 0, 255).mean(axis=(0, 1))
        factor = np.clip(factor * (asked + DARK) / (mean + DARK), 1 / MOST, MOST).astype(np.float32)
    return factor
