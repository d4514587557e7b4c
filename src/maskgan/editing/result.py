"""The result of an edit: the crop at once, the photo when it is asked for, the file when saved."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maskgan import __version__, credentials, files
from maskgan.alignment.displacement import bend
from maskgan.alignment.paste import RENDERED, paste
from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.credentials import Signing
from maskgan.editing.bending import Bent
from maskgan.editing.face import Face
from maskgan.editing.overflow import Overflow
from maskgan.images import Pixels
from maskgan.labels import LABELS, Labels
from maskgan.photo import save_photo
from maskgan.provenance import Provenance

AROUND = 128
"""Pixels of a photo around a crop that tell how its grain is."""


@dataclass(frozen=True, eq=False)
class Result:
    """What an edit gives back; `Editor.render` makes it."""

    face: Face
    """The face that was edited."""
    crop: Pixels
    """The edited crop, uint8 (S, S, 3)."""
    labels: Labels
    """The labels that were asked for, uint8 (S, S)."""
    drawn: NDArray[np.bool_]
    """bool (S, S), True = rendered anew, or skin that has followed."""
    seconds: float
    """Wall time of the edit, without opening the photo and without pasting."""
    feather: float | None = None
    """Crop pixels over which the edit fades into the photo inside `drawn`."""
    rendered: int | None = None
    """Side in pixels at which the crop was rendered: finer details are none of the networks'."""
    bent: Bent | None = None
    """What the photo was bent into before it was rendered; None where it was not."""
    beyond: Callable[[Face, Pixels], Overflow | None] | None = None
    """Face and edited crop -> the edit with what of it goes on beyond the crop; None where nothing
    does. Worked out when a photo is asked for."""

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """bool (S, S), False = the pixel of the crop is the input's."""
        return self.drawn if self.bent is None else self.drawn | self.bent.region

    @property
    def changed_fraction(self) -> float:
        """Share of the crop that was changed, 0..1."""
        return float(self.changed.mean())

    @cached_property
    def photo(self) -> Pixels:
        """The edited photo, uint8 (H, W, 3), of the size it was brought in; pasted when first
        asked for."""
        return self.onto(self.face.photo)

    def onto(self, photo: Pixels) -> Pixels:
        """The edit pasted into uint8 (H, W, 3) pixels of the face's photo, in which other faces
        may have been edited before."""
        if np.array_equal(self.face.transform, np.eye(3)) and photo.shape == self.crop.shape:
            return self.crop
        similarity = Similarity(self.face.transform, self.crop.shape[0])
        bent = photo if self.bent is None else bend(photo, similarity, self.bent.displacement)
        before = self.face.crop if self.bent is None else self.bent.crop
        edit = before, self.crop, self.drawn, self.feather, self.rendered
        wider = None if self.beyond is None else self.beyond(self.face, self.crop)
        if wider is not None:
            scale = wider.similarity.side / similarity.side
            similarity, rendered = wider.similarity, round(scale * (self.rendered or RENDERED))
            edit = wider.before, wider.after, wider.region, self.feather, rendered
        if self.bent is None:
            return paste(photo, similarity, *edit)
        # A large photo is not copied once more for what happens around the face.
        left, top, right, bottom = similarity.box
        part = (
            slice(max(top - AROUND, 0), bottom + AROUND),
            slice(max(left - AROUND, 0), right + AROUND),
        )
        there = Similarity(similarity.matrix @ shift(part[1].start, part[0].start), similarity.side)
        bent[part] = paste(bent[part], there, *edit)
        return bent

    @property
    def summary(self) -> str:
        """What was changed, in words, for the file's metadata."""
        shown = np.unique(self.labels[self.changed])
        names = ", ".join(LABELS[index] for index in shown)
        return f"changed: {self.changed_fraction:.1%} of the face ({names})"

    def save(
        self,
        path: str | os.PathLike[str],
        provenance: bool = True,
        signing: Signing | None = None,
    ) -> None:
        """Writes the edited photo with the metadata it came with, whole or not at all; the suffix
        chooses PNG, JPEG, WebP or HEIC. In a PNG the pixels outside `changed` are the input's to
        the bit. `provenance` marks it as edited by a model, and `signing` signs that mark. Raises
        `OutputError`, and `ConfigError` for a certificate that does not do."""
        save_results([self], path, provenance, signing)


def save_results(
    results: list[Result],
    path: str | os.PathLike[str],
    provenance: bool = True,
    signing: Signing | None = None,
) -> None:
    """Writes a photo in which several faces, all of one photo, were edited; see `Result.save`."""
    original = results[0].face.original
    changed = [result for result in results if result.changed.any()]
    pixels = results[0].photo if len(results) == 1 else original.pixels
    if len(results) > 1:
        for result in changed:
            pixels = result.onto(pixels)
    mark = None
    if provenance and changed:
        summary = "; ".join(result.summary for result in changed)
        mark = Provenance("maskgan", __version__, summary)
    edited = replace(original, pixels=pixels)
    if mark is None or signing is None:
        save_photo(edited, path, provenance=mark)
        return
    # The photo's own credentials go into the record, so the mark does not call them lost.
    edited = replace(edited, content_credentials=False)
    with files.replacing(path) as temporary:
        save_photo(edited, temporary, provenance=mark)
        credentials.sign(temporary, signing, mark, Path(path).name)
