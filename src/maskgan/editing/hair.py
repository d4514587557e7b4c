"""The hair of the person in a photo, and strands like it for hair that is new.

Curly hair is taken in patches, turned to where strands run and laid over each other so that their
contrast stays. Of straight hair patches would show; it gets streaks that are as strong, and so does
hair that is too short or too dark to show how it would fall: patches of it would be fur. Strands
run as they do in the hair beside and along the outline, end where hair ends, and in between change
their direction as smoothly as can be. Who has no hair gets straight hair in the colour of the
brows.

Strands are a factor on brightness, so that they are as strong in dark hair as in fair one. Angles
are doubled, because a strand has no beginning: (cos 2a, sin 2a).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, luma, smoothstep
from maskgan.editing import regions
from maskgan.editing.grid import Grid, box_sums
from maskgan.editing.layers import member
from maskgan.editing.membrane import Membrane
from maskgan.editing.regions import Region
from maskgan.editing.streamlines import streaks
from maskgan.editing.texture import FRAME, Patches, laid, slow, texture
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

HAIR = IDS["hair"]
BROWS = (IDS["l_brow"], IDS["r_brow"])
FACE = (IDS["skin"], IDS["l_ear"], IDS["r_ear"], IDS["neck"])
LIPS = (IDS["u_lip"], IDS["l_lip"])
BEHIND = (IDS["background"], IDS["cloth"])
"""What an outline of hair is seen against along which strands run."""

RIM, CORE = 2.0, 10.0
"""Distance from its rim from which hair is hair for sure, and from which it is taken, in pixels of
a crop of `FRAME`."""
LEAST = 900
"""Pixels of hair to take from below which there is nothing to choose from."""
NEAR = 40.0
"""How far from new hair the hair is whose colour it has."""
DARKEST = 0.2
"""Share of the brows' pixels that have their colour; the rest is skin as well."""
BARE = 0.35
"""Standard deviation of the texture of hair where the person has none."""
RICHER = 1.3
"""How much stronger streaks are than the hair's own texture: what is drawn below them is smoother
than hair."""
BLURS = {0.0: 0.0, 2.0: 0.04}
"""Standard deviations of filters behind which strands are looked for, in pixels of a crop of
`FRAME`: single ones are not seen behind the wider one, nor is the noise of dark hair. To each how
much more neighbours agree behind it, whatever they show."""
STRAIGHT = (0.5, 0.65)
"""How much strands beside each other agree, 0..1: hair below is curly, hair above is straight."""
FAINT = (7.0, 11.0)
"""Standard deviation in grey levels of strands: those below are taken for straight, those above for
what they seem."""
SHORT = (30.0, 50.0)
"""How thick hair is, to either side of its middle, in pixels of a crop of `FRAME`: likewise."""
OUTLINE = 10.0
"""Standard deviation of the filter that an outline is smoothed with before strands follow it."""
ABOVE = 0.15
"""How far above hair, in heights of the crop, its strands seem to come from: they part softly."""
ENDS, BESIDE = 0.75, 0.45
"""How much the normal of an outline points down, 0..1, where strands end at it, and up to where
they run along it."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Hair:
    """Hair in a crop of S pixels a side."""

    photo: Pixels
    """The crop, uint8 (S, S, 3)."""
    whole: Region
    """All that is hair for sure, bool (S, S)."""
    core: Region
    """What of it can be taken; empty where that is too little."""
    texture: Floats
    """Its texture, float32 (S, S)."""
    colour: Floats | None
    """Mean colour (3,) from 0 to 255; that of the brows where there is no hair, None without."""

    @classmethod
    def of(cls, photo: Pixels, labels: Labels) -> Hair:
        """The hair in a crop uint8 (S, S, 3) with labels uint8 (S, S)."""
        pixel, hair = photo.shape[0] / FRAME, labels == HAIR
        whole, core = (regions.erode(hair, each * pixel) for each in (RIM, CORE))
        if core.sum() < LEAST * pixel**2:
            core = np.zeros_like(core)
            colour = _darkest(photo[member(labels, BROWS)])
        else:
            colour = photo[core].mean(axis=0)
        return cls(photo, whole, core, texture(photo, whole), colour)

    @property
    def bare(self) -> bool:
        """Whether there is nothing to take."""
        return not self.core.any()

    def colour_near(self, new: Region) -> Floats | None:
        """Mean colour (3,) from 0 to 255 of its part near a region bool (S, S), and of the whole
        where there is little: roots are darker than ends, and a scarf that a parser takes for hair
        is elsewhere."""
        reach = NEAR * self.photo.shape[0] / FRAME
        cells = regions.dilate(self._grid.sums(new) > 0, reach / self._grid.cell)
        near = self.core & self._grid.spread(cells)
        if near.sum() < LEAST * (self.photo.shape[0] / FRAME) ** 2:
            return self.colour
        mean: Floats = self.photo[near].mean(axis=0)
        return mean

    def like_it(self, wanted: Labels, new: Region) -> Floats:
        """A texture float32 (S, S) for a region `new`, bool (S, S), of or beside the hair of wanted
        labels uint8 (S, S)."""
        grid = self._grid
        field = self._field(wanted)
        found = np.zeros(new.shape, np.float32)
        straight = self._straightness
        if straight > 0:
            strength = BARE if self.bare else RICHER * float(self.texture[self.core].std())
            drawn = streaks(grid.enlarged(field), new, _crown(wanted == HAIR))
            found += np.float32(straight**0.5 * strength) * drawn
        if straight < 1:
            angles = (grid.spread(_angle(each)) for each in (self._seen, field))
            patches = laid(self._patches, new, *angles)
            found += np.float32((1 - straight) ** 0.5) * patches
        return found

    @cached_property
    def _grid(self) -> Grid:
        return Grid.over(self.photo)

    @cached_property
    def _patches(self) -> Patches:
        return Patches.of(self.texture, self.whole, self.core)

    @cached_property
    def _seen(self) -> Floats:
        """Doubled angles (h, w, 2) of its strands in the cells of a grid, the longer the more they
        agree."""
        return self._agreement[1]

    @cached_property
    def _agreement(self) -> tuple[float, Floats]:
        """How much strands beside each other agree, 0..1, behind the filter behind which they do
        most, and their angles there."""
        found = []
        for blur, more in BLURS.items():
            seen = self._behind(blur * self.photo.shape[0] / FRAME)
            agreeing = np.hypot(*np.moveaxis(seen, 2, 0))[self._cells].sum()
            found.append((float(agreeing) / max(int(self._cells.sum()), 1) - more, seen))
        return max(found, key=lambda each: each[0])

    def _behind(self, blur: float) -> Floats:
        """The angles behind one filter."""
        grid = self._grid
        down, across = (self.core * each for each in np.gradient(gaussian(luma(self.photo), blur)))
        # Across the strands brightness changes most.
        even = box_sums(grid.sums(down * down) - grid.sums(across * across))
        odd = -2 * box_sums(grid.sums(down * across))
        power = box_sums(grid.sums(down * down + across * across))
        seen: Floats = np.stack([even, odd], axis=2) / np.maximum(power, 1e-3)[:, :, None]
        return seen

    @cached_property
    def _straightness(self) -> float:
        """0 = curly, 1 = straight."""
        straight = 1.0 if self.bare else _between(self._agreement[0], STRAIGHT)
        if straight == 1:
            return straight
        side = self.photo.shape[0]
        bright = luma(self.photo)[:, :, None]
        strong = (bright - slow(bright, self.whole, side))[self.core].std()
        most = math.ceil(SHORT[1] * side / FRAME)
        thick = RIM + float(regions.depth(self.whole, most).max()) * FRAME / side
        return 1 - (1 - straight) * _between(strong, FAINT) * _between(thick, SHORT)

    @cached_property
    def _cells(self) -> Region:
        """The cells of a grid that it fills, bool (h, w)."""
        inside: Region = self._grid.sums(self.core) > self._grid.cell**2 / 2
        return inside

    def _field(self, wanted: Labels) -> Floats:
        """Doubled angles (h, w, 2) of strands in the hair of wanted labels."""
        grid, inside = self._grid, self._cells
        share = grid.sums(wanted == HAIR) / np.float32(grid.cell**2)
        down, across = np.gradient(gaussian(share, OUTLINE / grid.cell))
        steep = np.maximum(np.hypot(down, across), 1e-6)
        down, across = down / steep, across / steep
        outline = np.stack([down**2 - across**2, -2 * down * across], axis=2)
        ends = down < -ENDS
        behind, face = (box_sums(grid.sums(member(wanted, ids))) > 0 for ids in (BEHIND, FACE))
        rim = behind & (ends | (down > -BESIDE))
        if self.bare:
            # It falls beside the face; where it is short, it grows away from the forehead.
            falls = _is_long(wanted)
            ends &= behind if falls else True
            rim |= face & (falls | ends | (down > -BESIDE))
        rim &= (box_sums(share) > 0) & ~inside
        outline[ends] *= -1
        values = np.where(rim[:, :, None], outline, self._seen).astype(np.float32)
        return Membrane(inside | rim).between(values)


def _between(value: float, bounds: tuple[float, float]) -> float:
    """0 up to the lower bound, 1 from the upper one."""
    low, high = bounds
    return float(smoothstep(np.array([(value - low) / (high - low)]))[0])


def _is_long(wanted: Labels) -> bool:
    """Whether hair reaches below the mouth."""
    rows = np.flatnonzero(member(wanted, LIPS).any(axis=1))
    return bool(rows.size) and bool((wanted[rows[-1] :] == HAIR).any())


def _angle(doubled: Floats) -> Floats:
    angle: Floats = np.arctan2(doubled[:, :, 1], doubled[:, :, 0]) / 2
    return angle


def _darkest(pixels: Pixels) -> Floats | None:
    """Mean colour (3,) of the darkest of pixels uint8 (N, 3); None where there are none."""
    if not len(pixels):
        return None
    bright = luma(pixels[None])[0]
    colour: Floats = pixels[bright <= np.quantile(bright, DARKEST)].mean(axis=0)
    return colour


def _crown(hair: Region) -> tuple[float, float]:
    """Row and column of a point above the highest one of hair."""
    top = int(hair.any(axis=1).argmax())
    return top - ABOVE * hair.shape[0], float(np.flatnonzero(hair[top]).mean())
