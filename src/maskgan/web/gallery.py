"""The sample faces that are offered before anybody brings a photo: one place lists them.

A sample is an aligned crop with its labels. Besides the package's own there may be a folder `faces`
beside it, of NAME.png with NAME.labels.png.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from maskgan import samples
from maskgan.web.problems import Refusal

__all__ = ["FOLDER", "Sample", "find", "samples_in"]

FOLDER: Final = samples.FOLDER / "faces"
"""Where further samples are."""
_LABELS = ".labels.png"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sample face."""

    name: str
    """In addresses."""
    title: str
    """For people."""
    photo: Path
    labels: Path | None
    """Its label map; None where the parser's is used."""


def samples_in(folder: Path = FOLDER) -> Mapping[str, Sample]:
    """Name -> sample: the package's own first, then those of a folder, which may be missing."""
    found = {"face": Sample(name="face", title="Face 1", photo=samples.FACE, labels=samples.LABELS)}
    for photo in sorted(folder.glob("*.png")):
        if photo.name.endswith(_LABELS):
            continue
        labels = photo.with_name(photo.stem + _LABELS)
        title = photo.stem.replace("-", " ").replace("_", " ").capitalize()
        known = labels if labels.is_file() else None
        found[photo.stem] = Sample(name=photo.stem, title=title, photo=photo, labels=known)
    return found


def find(name: str) -> Sample:
    """A sample by its name. Raises `Refusal`."""
    known = samples_in()
    if name not in known:
        raise Refusal(
            404,
            "sample-not-found",
            f"There is no sample {name[:40]!r}; the samples are {', '.join(known)}.",
        )
    return known[name]
