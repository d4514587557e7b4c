"""What another colour makes of a part of a photo: light and shade in it, with the photo's details.

Knows drawings of the part, or how they would differ, and what it is made of; no labels, no styles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, luma
from maskgan.editing.regions import Region
from maskgan.editing.texture import DARK

DEEPEST, STARK = 1.5, 2.5
"""Most times by which the shadows among details get deeper in what gets brighter, in a look that
somebody has, and in a colour that is chosen: black hair that turns fair shows its strands."""
LIT = 0.4, 1.15
"""Shares of what it gets brighter by, at least and at most, in shade and light."""
TINTED, TINTS = 0.7, (0.5, 1.6)
"""By how much more of its tint hair has in the shade, for each factor of e that it is darker, and
bounds of the exponent."""
BRIGHTEST = 1.4
"""Most times as bright as the new colour that anything gets which was not."""
TURNS, MOST = 4, 1.7
"""How often the mean colour is measured and put right, and times by which it may be, either way:
what lies in more shadow has no other colour."""
SAMPLED = 2000
"""Pixels, about, in which it is measured."""
DARKER = 0.3, 0.95
"""Shares of the pixels of what is sparse, or has a white, that are darker than what has the whole
look, and than what has none of it."""

Floats = NDArray[np.floating[Any]]


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


@dataclass(frozen=True, eq=False)
class Change:
    """What another look makes of a part of a photo."""

    photo: Floats
    """(h, w, 3)"""
    part: Region
    """bool (h, w): what tells its means."""
    soft: Floats
    """(h, w, 1): the part with a soft outline."""
    slow: Floats
    """(h, w, 3): the photo without its details."""
    colour: Floats
    """(h, w, 3): what it is to become."""
    material: Material
    chosen: bool = False
    """Whether it is a colour that somebody chose, and not the look of a photo."""

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
        measured: Region | None = None,
    ) -> Change:
        """That of a part which was drawn so with its old look, and so with the new one. measured:
        bool (h, w), what of the part tells how bright it is and its tint; None = all."""
        measured = part if measured is None else measured
        mask = part[:, :, None].astype(np.float32)
        width = material.details * pixel
        share = np.maximum(gaussian(mask, width), 1e-3)
        slow, old, new = (gaussian(each * mask, width) / share for each in (photo, old, new))
        gain = np.float32(material.gain)
        # What gets darker does so in proportion: nothing is blacker than black.
        darker = slow * ((new + DARK) / (old + DARK)) ** gain
        # What gets brighter does so less in the shade.
        bright = luma(slow)
        lit = np.clip(bright / max(float(bright[measured].mean()), 1), *LIT)[:, :, None]
        colour = np.where(new < old, darker, slow + lit * gain * (new - old))
        return cls(photo, measured, soft, slow, colour, material)

    def sample(self, places: NDArray[np.intp]) -> Change:
        """What it makes of single pixels of the part, by their numbers (N,): as N rows."""
        photo, soft, slow, colour = (
            each.reshape(-1, 1, each.shape[2])[places]
            for each in (self.photo, self.soft, self.slow, self.colour)
        )
        return Change(
            photo,
            np.ones((len(places), 1), np.bool_),
            soft,
            slow,
            colour,
            self.material,
            self.chosen,
        )

    def at(self, factor: Floats) -> Floats:
        """What is added (h, w, 3) to the photo when the new colour is so many times (3,) as bright
        as the drawings have it."""
        photo, slow = self.photo, self.slow
        colour, details = self._paler(factor * self.colour, photo - slow)
        if self.chosen and self.material.ragged:
            colour = self._deepened(colour)
        # What would be brighter than white keeps its tint: skin that shines turns neither grey nor
        # blue.
        colour = colour / np.maximum(colour.max(axis=2, keepdims=True) / 255, 1)
        deepest = STARK if self.chosen else DEEPEST
        deeper = np.minimum((luma(colour) + DARK) / (luma(slow) + DARK), deepest)[:, :, None]
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

    def _deepened(self, colour: Floats) -> Floats:
        """The new colour (h, w, 3), in which light that has gone further through hair has more of
        its tint: fair hair is brown in the shade, where the same tint would be olive."""
        bright = luma(colour)[:, :, None]
        mean = float(bright[self.part].mean())
        times = np.log((bright + DARK) / (mean + DARK))
        tint = (np.maximum(colour, 1) / np.maximum(bright, 1)) ** np.clip(
            1 - TINTED * times, *TINTS
        )
        deepened: Floats = bright * tint / luma(tint)[:, :, None]
        return deepened

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


def factor_for(change: Change, weight: Floats, asked: Floats | None) -> Floats:
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
