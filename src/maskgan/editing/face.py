"""A face of a photo and the style of a face, as the editor hands them out.

Plain values without behaviour of their own: arrays in, arrays out. They know no bundle; the editor
makes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maskgan.editing.recent import digest
from maskgan.errors import ConfigError, LabelsError, PhotoError
from maskgan.images import Floats, Pixels
from maskgan.labels import IDS, LABELS, NUM_CLASSES, Labels
from maskgan.photo import Photo

COLOUR = "#[0-9a-fA-F]{6}"
"""The pattern of a colour as text."""


def _unknown() -> Floats:
    return np.full((NUM_CLASSES, 3), np.nan, np.float32)


@dataclass(frozen=True, eq=False)
class Style:
    """How the regions of a face look: one code per class, as the style encoder returns them."""

    codes: Floats
    """float32 (19, S); the rows of absent classes mean nothing. NaN where it is but a colour."""
    present: Floats
    """float32 (19,): 1 where the class occurs in the face, else 0."""
    colours: Floats = field(default_factory=_unknown)
    """float32 (19, 3): mean red, green and blue of each class in the photo, 0..255; NaN where there
    is no photo, or no such class in it."""

    @property
    def contents(self) -> bytes:
        """What stands for all that it is made of."""
        return digest(self.codes, self.present, self.colours)

    def replaced(self, region: str, other: Style) -> Style:
        """A copy with code and colour of one region taken from another face. Raises `LabelsError`
        for an unknown region and `PhotoError` when the other face does not show it."""
        if region not in IDS:
            raise LabelsError(
                f"There is no region {region!r}; the regions are {', '.join(LABELS)}."
            )
        if not other.present[IDS[region]]:
            shown = ", ".join(name for name, index in IDS.items() if other.present[index])
            raise PhotoError(
                f"The style photo shows no {region!r}; it shows {shown or 'nothing known'}."
            )
        index = IDS[region]
        codes, present, colours = self.codes.copy(), self.present.copy(), self.colours.copy()
        present[index], colours[index] = 1, other.colours[index]
        if not other.is_colour:
            codes[index] = other.codes[index]
        return Style(codes, present, colours)

    def mixed(self, region: str, other: Style, strength: float) -> Style:
        """A copy in which code and colour of one region lie between this face's and another's: 0 =
        this face's own, 1 = the other's, linear between. Where this face lacks the region there is
        nothing to mix with, and any strength above 0 takes the other's whole. Raises `ConfigError`
        for a strength outside 0..1, and what `replaced` raises."""
        # Written so that NaN is refused too.
        if not 0 <= strength <= 1:
            raise ConfigError(
                f"The strength of the style of {region!r} is {strength}; expected a number from 0 "
                "to 1."
            )
        taken = self.replaced(region, other)
        if strength == 0:
            return Style(self.codes.copy(), self.present.copy(), self.colours.copy())
        index = IDS[region]
        if strength < 1 and self.present[index]:
            for mine, mixed in (
                (self.codes[index], taken.codes[index]),
                (self.colours[index], taken.colours[index]),
            ):
                mixed[:] = mine + np.float32(strength) * (mixed - mine)
        return taken

    @classmethod
    def of_colour(cls, colour: ArrayLike | str, width: int) -> Style:
        """A style that is nothing but a mean colour, red, green and blue from 0 to 255 or a text
        such as "#b5651d": a region that takes it keeps its code of `width` numbers and is dyed.
        Raises `ConfigError` for anything else."""
        text = isinstance(colour, str) and re.fullmatch(COLOUR, colour)
        rgb = np.asarray(list(bytes.fromhex(text[0][1:])) if text else colour)
        numbers = rgb.shape == (3,) and rgb.dtype.kind in "iuf"
        if not numbers or not ((rgb >= 0) & (rgb <= 255)).all():
            raise ConfigError(
                f"The colour is {colour!r:.60}; expected red, green and blue from 0 to 255, or a "
                "text such as #b5651d."
            )
        codes = np.full((NUM_CLASSES, width), np.nan, np.float32)
        colours = np.tile(rgb.astype(np.float32), (NUM_CLASSES, 1))
        return cls(codes, np.ones(NUM_CLASSES, np.float32), colours)

    def coloured(self, colour: ArrayLike | str) -> Style:
        """`of_colour` for faces whose codes are as wide as these."""
        return Style.of_colour(colour, self.codes.shape[1])

    @property
    def is_colour(self) -> bool:
        """Whether it is nothing but a colour."""
        return bool(np.isnan(self.codes).all())

    def filled(self, other: Style) -> Style:
        """A copy in which classes that are absent here, but not in `other`, have its codes."""
        mine = (self.present > 0)[:, None]
        codes = np.where(mine & ~np.bool_(self.is_colour), self.codes, other.codes)
        colours = np.where(mine, self.colours, other.colours)
        return Style(codes, np.maximum(self.present, other.present), colours)


def colours_of(crop: Pixels, labels: Labels) -> Floats:
    """The colours of a style: of the classes in labels uint8 (S, S) of a crop uint8 (S, S, 3)."""
    flat = labels.ravel()
    sizes = np.bincount(flat, minlength=NUM_CLASSES)
    sums = [np.bincount(flat, channel.ravel(), NUM_CLASSES) for channel in np.moveaxis(crop, 2, 0)]
    unknown = np.where(sizes > 0, sizes, np.nan)
    return (np.stack(sums, axis=1) / unknown[:, None]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a photo, ready for edits; `Editor.photo` makes it. Photo, crop and labels are
    read-only: paint on `face.labels.copy()`."""

    original: Photo
    """The photo as it was brought, with its metadata."""
    crop: Pixels
    """The aligned square face, uint8 (S, S, 3)."""
    labels: Labels
    """The label map of the crop, uint8 (S, S), values 0..18 in order A."""
    style: Style
    """The face's own style."""
    transform: NDArray[np.float64]
    """float64 (3, 3): photo pixel (x, y, 1) -> crop pixel; the identity for an aligned photo."""
    number: int = 1
    """Number of the face among those found in the photo, in reading order."""
    count: int = 1
    """How many were found; 1 where none was searched for."""
    goes_on: bool = False
    """Whether the photo goes on below the crop."""

    @property
    def photo(self) -> Pixels:
        """The whole photo, uint8 (H, W, 3), upright."""
        return self.original.pixels


StyleChoice: TypeAlias = "Style | Face | Mapping[str, Style | Face] | None"
"""None = the face's own; a style or a face = all of it; region name -> style or face."""


def style_of(source: Style | Face) -> Style:
    """The style itself, or that of a face."""
    return source.style if isinstance(source, Face) else source
