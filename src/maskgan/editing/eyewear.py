"""Spectacles that the photo shows: what is edited stays behind them, and they come off.

Labels say where spectacles are, not how wide their frame is, nor where it passes before a brow.
What is bent or drawn beside them would take the frame along, or end in it, and where they are taken
off, eyes that were seen all the time would be drawn anew. So the frame is told by its colours from
what is seen through the lenses: where spectacles stay, it lies over all that is edited, and where
they go, it alone is drawn. Lenses that are too dark to see through are drawn with it. Lengths are
in pixels of a crop of `FRAME`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing import layers, regions
from maskgan.editing.bending import Bent
from maskgan.editing.dye import Dyed
from maskgan.editing.histogram import evidence
from maskgan.editing.layers import PARTS, member
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SPECTACLES = IDS["eye_g"]
EYES, BROWS = PARTS["eyes"], PARTS["brows"]
BEHIND = (*EYES, *BROWS)
"""What labels have before spectacles, though it is behind them."""
FACE = (IDS["skin"], IDS["nose"])
BROW = layers.BROW * FRAME
"""Half the width of a brow before which the frame goes on."""
OUTSIDE, INSIDE = 5.0, 9.0
"""How far a frame reaches to either side of the outline, which is good to some pixels."""
FEATURE = 3.0
"""How far from eyes and brows colours are those of the frame."""
HAIRS = 100.0
"""Area of brows outside the frame's reach that shows what brows look like."""
NEAR = 40.0
"""How far from spectacles the skin is that they are compared with."""
BLUR = 1.0
"""Standard deviation of the filter over what colours tell."""
TOLD, UNTOLD = 0.3, -0.5
"""The least that they tell of a frame, and of what beside one is no lens for certain."""
SPOT = 4.0
"""Half the width of spots in a frame that have the colour of skin, as of tortoiseshell."""
LASHES = 7.0
"""How far from an eye what is dark may be lashes."""
CLEAR, SEEN = 0.5, 250.0
"""Least brightness of skin through a lens, in that of skin beside it, and least area of eyes that
are seen, or the lenses are dark."""
TINTED, TINT = 0.15, 3.0
"""Share of a colour by which a tint is seen, and standard deviation of its edge."""
SOFT = 0.7
"""Standard deviation of the edge of a frame."""
MARGIN = 4.0
"""How far around a frame that goes the face is drawn."""
TOUCHED = 6.0
"""How far from where spectacles are edited nothing of them is kept."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Behind:
    """An edit of a face behind spectacles, or of one that takes them off."""

    edited: Region
    """bool (S, S), what of the face is another."""
    front: Region
    """bool (S, S), where the photo lies over all that is drawn."""


@dataclass(frozen=True, eq=False)
class Eyewear:
    """Spectacles in a crop of S pixels a side."""

    frame: Region
    """bool (S, S), what hides the face."""
    lenses: Region
    """bool (S, S), through what the face is seen; empty where they are too dark."""
    tint: Floats
    """(3,), how much of red, green and blue comes through lenses, 1 on average."""
    copies: Region
    """bool (S, S), what bending has made of the frame elsewhere: what is there is not known."""

    @classmethod
    def of(cls, crop: Pixels, labels: Labels) -> Eyewear | None:
        """Those of a crop uint8 (S, S, 3) with labels uint8 (S, S); None where there are none."""
        pixel = labels.shape[0] / FRAME
        box = regions.bounding_box(labels == SPECTACLES, math.ceil((NEAR + BROW) * pixel))
        if box is None:
            return None
        place = _Place.of(crop[box], labels[box], pixel)
        told = place.told()
        frame, lenses, copies = (np.zeros(labels.shape, np.bool_) for _ in range(3))
        frame[box] = place.frame(told)
        tint = place.tint()
        if tint is not None:
            lenses[box] = place.glasses & ~place.hidden(frame[box], told)
        return cls(frame, lenses, np.ones(3) if tint is None else tint, copies)

    @property
    def hidden(self) -> Region:
        """bool (S, S), where the crop shows a frame in place of the face."""
        return self.frame | self.copies

    def moved(self, bent: Bent) -> Eyewear:
        """The same in a crop that was bent."""
        frame, lenses = (bent.carried(each) for each in (self.frame, self.lenses))
        return replace(self, frame=frame, lenses=lenses, copies=bent.covered)

    def seen_through(self, labels: Labels) -> Labels:
        """Labels uint8 (S, S) with the skin that is seen through the lenses."""
        lenses = self.lenses & (labels == SPECTACLES)
        return np.where(lenses, np.uint8(FACE[0]), labels)

    def staying(self, labels: Labels, wanted: Labels) -> Region:
        """The frame that stays, bool (S, S), when labels uint8 (S, S) become the wanted ones."""
        return self.frame & _kept(labels, wanted)

    def behind(self, labels: Labels, wanted: Labels, edited: Region, reach: float) -> Behind:
        """What of an edit is seen. edited: bool (S, S), where labels uint8 (S, S) and the wanted
        ones, or looks, differ; reach: pixels around an edit that are drawn with it."""
        pixel = labels.shape[0] / FRAME
        kept, both = _kept(labels, wanted), (labels == SPECTACLES) & (wanted == SPECTACLES)
        frame = self.frame & kept
        edited = (edited | self.copies) & ~frame & ~self._seen(labels, wanted)
        eyes = edited & (member(labels, EYES) | member(wanted, EYES))
        front = frame | both & kept & ~regions.dilate(eyes, reach)
        taken = (labels == SPECTACLES) & ~member(wanted, (SPECTACLES, *BEHIND))
        if self.lenses.any() and taken.any():
            # Their frame is drawn alone, and hardly more than it: around it the photo is known.
            gone = taken & ~self.lenses
            gone |= self.frame & ~kept & regions.dilate(taken, (OUTSIDE + 1) * pixel)
            others = regions.dilate(edited & ~gone, reach) | regions.dilate(gone, MARGIN * pixel)
            front |= regions.dilate(gone, reach + 1) & ~others
            edited |= gone
        return Behind(edited, front)

    def untinted(self, crop: Pixels, labels: Labels, wanted: Labels) -> Dyed | None:
        """A crop uint8 (S, S, 3) without the tint of lenses that go when labels uint8 (S, S) become
        the wanted ones; None where nobody would see the difference."""
        seen, soft = self._seen(labels, wanted), TINT * labels.shape[0] / FRAME
        box = regions.bounding_box(seen, math.ceil(3 * soft))
        if box is None or np.ptp(self.tint) < TINTED:
            return None
        share, result = gaussian(seen[box].astype(np.float32), soft), crop.copy()
        values = crop[box] * (1 + share[:, :, None] * (1 / self.tint - 1))
        result[box] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        region = np.zeros(labels.shape, np.bool_)
        region[box] = share > 0
        return Dyed(result, region)

    def _seen(self, labels: Labels, wanted: Labels) -> Region:
        """Where skin is seen through lenses that go then, bool (S, S)."""
        gone: Region = (labels == SPECTACLES) & self.lenses & member(wanted, FACE)
        return gone


@dataclass(frozen=True, eq=False)
class _Place:
    """Spectacles in a part of a crop."""

    pixels: Pixels
    """uint8 (h, w, 3)."""
    pixel: float
    """How many of them are one of `FRAME`."""
    glasses: Region
    """bool (h, w), as all that follow: what has their label."""
    eyes: Region
    brows: Region
    within: Region
    """What lies within their outline."""
    around: Region
    """As far as their frame may reach."""
    ring: Region
    """Where it may be."""
    skin: Region
    """Skin beside them."""
    lens: Region
    """Skin behind them."""

    @classmethod
    def of(cls, pixels: Pixels, labels: Labels, pixel: float) -> _Place:
        """Those of a part of a crop uint8 (h, w, 3) with labels uint8 (h, w)."""
        within, behind = worn(labels, pixel), member(labels, BEHIND)
        around = regions.dilate(within, OUTSIDE * pixel)
        inner = regions.erode(within, INSIDE * pixel)
        skin = regions.dilate(within, NEAR * pixel) & member(labels, FACE) & ~around
        lens = regions.erode(inner, FEATURE * pixel) & ~behind
        parts = labels == SPECTACLES, member(labels, EYES), member(labels, BROWS)
        return cls(pixels, pixel, *parts, within, around, around & ~inner, skin, lens)

    def told(self) -> Floats:
        """How much more the colours are those of a frame than those of a face, float32 (h, w)."""
        reach = FEATURE * self.pixel
        own = self.ring & self.glasses & ~regions.dilate(self.eyes | self.brows, reach)
        told = evidence(self.pixels, own, self.skin | self.lens, BLUR * self.pixel)
        hairs = self.brows & ~self.around
        if hairs.sum() < HAIRS * self.pixel**2:
            return told
        # A brow is as dark as many frames, but further up than they are wide.
        brows = regions.dilate(self.brows, reach)
        edge = self.within & ~regions.erode(self.within, 1) & ~brows
        area = np.count_nonzero(self.ring & ~self.eyes & ~brows & (told > TOLD))
        width = float(area / np.maximum(np.count_nonzero(edge), 1))
        brows &= ~regions.dilate(self.glasses, max(width - 1, 0))
        other = evidence(self.pixels, own, hairs, BLUR * self.pixel)
        return np.where(brows, np.minimum(told, other), told)

    def frame(self, told: Floats) -> Region:
        """What hides the face for certain, bool (h, w)."""
        may, reach = self.ring & ~self.eyes, SPOT * self.pixel
        found = may & (told > TOLD)
        return may & regions.closed(found, reach)

    def hidden(self, frame: Region, told: Floats) -> Region:
        """All that may hide the face, bool (h, w): the frame, hinges and pads that reach further
        in, and temples and bridge, which are nothing else."""
        wide = INSIDE * self.pixel
        broad = regions.dilate(regions.erode(self.glasses, wide), wide + FEATURE * self.pixel)
        found = frame | self.glasses & (~broad | self.ring & (told >= UNTOLD))
        dark = self.glasses & (told > TOLD)
        dark &= ~regions.dilate(self.eyes, LASHES * self.pixel)
        return found | regions.touching(found | dark, found)

    def tint(self) -> Floats | None:
        """How much of red, green and blue comes through the lenses, (3,), 1 on average; None where
        they are too dark, or nothing is seen through them."""
        eyes = np.count_nonzero(self.eyes & self.around)
        if not (self.lens.any() and self.skin.any()) or eyes < SEEN * self.pixel**2:
            return None
        inner, outer = (self.pixels[part].mean(axis=0) for part in (self.lens, self.skin))
        through = inner / np.maximum(outer, 1)
        tint: Floats = through / max(through.mean(), 1e-3)
        return tint if through.mean() >= CLEAR else None


def worn(labels: Labels, pixel: float) -> Region:
    """What lies within the outline of spectacles, bool (h, w): they, the eyes behind them, and
    brows before which the frame goes on. labels: uint8 (h, w), with room around the spectacles;
    `pixel` is how many pixels are one of `FRAME`."""
    glasses = labels == SPECTACLES
    closed = regions.closed(glasses, BROW * pixel)
    eyes = regions.touching(member(labels, EYES), regions.dilate(glasses, 1))
    within: Region = glasses | eyes | member(labels, BROWS) & closed
    return within


def laid_over(picture: Pixels, photo: Pixels, front: Region, where: Region) -> Pixels:
    """A picture uint8 (S, S, 3) with what is in front, bool (S, S), as the photo uint8 (S, S, 3)
    has it, from which it differs `where`, bool (S, S), says."""
    box = regions.bounding_box(where, 4)
    if box is None:
        return picture
    soft = SOFT * front.shape[0] / FRAME
    share = gaussian(regions.dilate(front[box], 1).astype(np.float32), soft)[:, :, None]
    share = np.maximum(share, front[box][:, :, None])
    result = picture.copy()
    blend = share * photo[box] + (1 - share) * picture[box]
    result[box] = np.rint(blend).astype(np.uint8)
    return result


def _kept(labels: Labels, wanted: Labels) -> Region:
    """Where spectacles stay as they are, bool (S, S): brows and eyes may go to where they were
    behind them, and come from there."""
    taken, put = (
        (one == SPECTACLES) & ~member(other, (SPECTACLES, *BEHIND))
        for one, other in ((labels, wanted), (wanted, labels))
    )
    kept: Region = ~regions.dilate(taken | put, TOUCHED * labels.shape[0] / FRAME)
    return kept
