"""The hidden folder of an annotation: which photo has which number, what is known of each, and the
labels of those that are not done.

    OUTPUT/.annotation/photos.json    layout and file names; the place in the list is the number
                       NNNNN.json     what is known of one photo
                       NNNNN.png      its labels while it is not done

Every file is written whole or not at all. Knows neither photos nor layouts.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from maskgan import config, files, images
from maskgan.alignment.similarity import Similarity
from maskgan.errors import ConfigError, OutputError
from maskgan.labels import Labels

Layout = Literal["dataset", "parts"]
State = Literal["new", "started", "done", "skipped", "no-face"]

FOLDER = ".annotation"
LISTING = "photos.json"
FORMAT = 1
MAX_PHOTOS = 100_000
"""Numbers have five digits."""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What an annotation was begun with, `photos.json`."""

    format: int = FORMAT
    id: str = ""
    """Tells this annotation from every other one; made when it begins."""
    layout: Layout
    aligned: bool
    """True where the photos are crops already."""
    names: tuple[str, ...] = ()
    """File names of the photos; the index is the number."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of one photo, `NNNNN.json`."""

    state: State = "new"
    sha256: str = ""
    """Hex digest of the photo when its face was chosen; empty before."""
    side: int = 0
    """Side of the crop in pixels."""
    matrix: tuple[float, ...] = ()
    """Photo pixel -> crop pixel, nine numbers, row after row; empty where no face is chosen."""

    def __post_init__(self) -> None:
        if len(self.matrix) not in (0, 9):
            raise ConfigError(f"matrix has {len(self.matrix)} numbers; expected 9.")

    @property
    def frame(self) -> Similarity | None:
        """Where the face lies in the photo."""
        if not self.matrix:
            return None
        return Similarity(np.array(self.matrix, np.float64).reshape(3, 3), self.side)


class Drafts:
    """The folder `.annotation` in `output`, made where it is not there. `listing.names` are the
    photos found now; numbers that were given before stay. Raises `OutputError` where the output
    holds something else, or an annotation that was begun otherwise."""

    def __init__(self, output: Path, listing: Listing) -> None:
        self.folder = output / FOLDER
        path = self.folder / LISTING
        known: tuple[str, ...] = ()
        self.id = secrets.token_hex(8)
        """Tells this annotation from every other one."""
        if path.is_file():
            before = _read(Listing, path)
            _check_same(output, before, listing)
            known, self.id = before.names, before.id
        elif output.exists():
            _check_empty(output)
        there = set(known)
        names = (*known, *(name for name in listing.names if name not in there))
        if len(names) > MAX_PHOTOS:
            raise OutputError(
                f"{output} would hold {len(names)} faces; expected at most {MAX_PHOTOS}. Divide "
                "the photos among several folders."
            )
        self.names: Sequence[str] = names
        """File names of all photos there ever were; the index is the number."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"Cannot make {self.folder}: {error.strerror or error}. Choose another place."
            ) from error
        if names != known or not path.is_file():
            made = replace(listing, id=self.id, names=names)
            files.write_text(path, config.to_json(made, indent=1) + "\n")

    def record(self, number: int) -> Record:
        """What is known of a photo. Raises `OutputError` for a damaged file."""
        path = self._record(number)
        return _read(Record, path) if path.is_file() else Record()

    def note(self, number: int, record: Record) -> None:
        files.write_text(self._record(number), config.to_json(record) + "\n")

    def has(self, number: int) -> bool:
        """True where labels of a photo are kept here."""
        return self._labels(number).is_file()

    def read(self, number: int) -> Labels:
        """The labels kept here, uint8 (S, S). Raises `LabelsError`."""
        return images.read_labels(self._labels(number))

    def keep(self, number: int, labels: Labels) -> None:
        """Keeps labels uint8 (S, S) of a photo. Raises `OutputError`."""
        images.write_labels(self._labels(number), labels)

    def drop(self, number: int) -> None:
        """Takes the labels kept here away; none is no error."""
        self._labels(number).unlink(missing_ok=True)

    def _record(self, number: int) -> Path:
        return self.folder / f"{number:05d}.json"

    def _labels(self, number: int) -> Path:
        return self.folder / f"{number:05d}.png"


def _read(kind: type[_T], path: Path) -> _T:
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise ConfigError("it holds no JSON object.")
        return config.from_dict(kind, values)
    except OSError as error:
        raise OutputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise OutputError(
            f"{path} is damaged ({error}). Put it right, or name a new folder for the output."
        ) from error


def _check_same(output: Path, before: Listing, now: Listing) -> None:
    if before.format != FORMAT:
        raise OutputError(
            f"The annotation in {output} has format {before.format}; this version of maskgan reads "
            f"format {FORMAT}. Name a new folder."
        )
    for name, was, wanted in (
        ("the layout", before.layout, now.layout),
        ("aligned", before.aligned, now.aligned),
    ):
        if was != wanted:
            raise OutputError(
                f"The annotation in {output} was begun with {name} {json.dumps(was)}; now it is "
                f"{json.dumps(wanted)}. Pass the same to go on, or name a new folder."
            )


def _check_empty(output: Path) -> None:
    if not output.is_dir():
        raise OutputError(f"{output} is a file; name a folder for the labels.")
    # What a kill left before the first listing was whole is no obstacle.
    if any(path.name != FOLDER for path in output.iterdir()):
        raise OutputError(
            f"{output} is not empty and no annotation was begun in it ({FOLDER}/{LISTING} is not "
            "there). Name a new folder."
        )
