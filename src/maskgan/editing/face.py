"""What the editor hands out: a face, the style of a face, and the result of an edit.

Plain values without behaviour of their own: arrays in, arrays out. They know no bundle; the editor
makes them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.errors import LabelsError, PhotoError
from maskgan.images import Floats, Pixels, Source
from maskgan.labels import IDS, LABELS, Labels

MIN_CROP = 64
"""Smallest side of a face crop in pixels."""


@dataclass(frozen=True, eq=False)
class Style:
    """How the regions of a face look: one code per class, as the style encoder returns them."""

    codes: Floats
    """float32 (19, S); the rows of absent classes mean nothing."""
    present: Floats
    """float32 (19,): 1 where the class occurs in the face, else 0."""

    def replaced(self, region: str, other: Style) -> Style:
        """A copy with the code of one region taken from another face. Raises `LabelsError` for an
        unknown region and `PhotoError` when the other face does not show it."""
        if region not in IDS:
            raise LabelsError(
                f"There is no region {region!r}; the regions are {', '.join(LABELS)}."
            )
        if not other.present[IDS[region]]:
            shown = ", ".join(name for name, index in IDS.items() if other.present[index])
            raise PhotoError(
                f"The style photo shows no {region!r}; it shows {shown or 'nothing known'}."
            )
        codes, present = self.codes.copy(), self.present.copy()
        codes[IDS[region]], present[IDS[region]] = other.codes[IDS[region]], 1
        return Style(codes, present)

    def filled(self, other: Style) -> Style:
        """A copy in which classes that are absent here, but not in `other`, have its codes."""
        mine = self.present > 0
        codes = np.where(mine[:, None], self.codes, other.codes)
        return Style(codes, np.maximum(self.present, other.present))


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a photo, ready for edits; `Editor.photo` makes it. Photo, crop and labels are
    read-only: paint on `face.labels.copy()`."""

    photo: Pixels
    """The photo as it was brought, uint8 (H, W, 3), upright."""
    crop: Pixels
    """The aligned square face, uint8 (S, S, 3), at the photo's own resolution."""
    labels: Labels
    """The label map of the crop, uint8 (S, S), values 0..18 in order A."""
    style: Style
    """The face's own style."""
    transform: NDArray[np.float64]
    """float64 (3, 3): photo pixel (x, y, 1) -> crop pixel; the identity for an aligned photo."""


StyleChoice: TypeAlias = "Style | Face | Mapping[str, Style | Face] | None"
"""None = the face's own; a style or a face = all of it; region name -> style or face."""


@dataclass(frozen=True, eq=False)
class Result:
    """What an edit gives back; `Editor.render` makes it."""

    crop: Pixels
    """The edited crop, uint8 (S, S, 3)."""
    photo: Pixels
    """The edited photo, uint8 (H, W, 3), of the size it was brought in."""
    labels: Labels
    """The labels that were asked for, uint8 (S, S)."""
    changed: NDArray[np.bool_]
    """bool (S, S), True = rendered anew; every other pixel of the crop is the input's."""
    seconds: float
    """Wall time of the edit, without opening the photo."""

    @property
    def changed_fraction(self) -> float:
        """Share of the crop that was rendered anew, 0..1."""
        return float(self.changed.mean())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the edited photo, whole or not at all; the suffix chooses PNG, JPEG or WebP. In a
        PNG the pixels outside `changed` are the input's to the bit. Raises `OutputError`."""
        images.write(path, self.photo)


def read_crop(source: Source, aligned: bool = False) -> Pixels:
    """A photo that is itself an aligned face crop -> uint8 (S, S, 3).

    aligned: the caller says that it is; only the sentence for a photo that is not square differs,
    since faces are not searched for in photos. Raises `PhotoError`.
    """
    pixels = images.read(source)
    height, width = pixels.shape[:2]
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else "The photo"
    if height != width and aligned:
        raise PhotoError(
            f"{name} has {width}x{height} pixels; an aligned crop must be square. "
            "Cut it to the CelebA-HQ frame."
        )
    if height != width:
        raise PhotoError(
            f"{name} has {width}x{height} pixels; this version does not find faces in photos. "
            "Cut it to a square crop in the CelebA-HQ frame and use --aligned (aligned=True)."
        )
    if height < MIN_CROP:
        raise PhotoError(
            f"{name} has {width}x{height} pixels; expected at least {MIN_CROP} on each side."
        )
    return pixels
