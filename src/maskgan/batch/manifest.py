"""The manifest of a batch: one JSON object per line, each one edit of one photo.

    {"photo": "a.jpg", "labels": "a-smile.png", "output": "a.png", "aligned": true}
    {"photo": "b.jpg", "style": "c.jpg", "regions": ["hair"], "output": "b.jpg"}
    {"photo": "d.jpg", "attribute": {"name": "smile", "strength": 1}, "output": "d.png", "face": 2}

Files are named relative to the manifest's folder, outputs relative to the folder of results. Lines
are read one at a time. Knows no pixels and opens no photo: a photo that is missing or broken is
found when its turn comes, a line that asks for something impossible before anything starts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from maskgan import config
from maskgan.errors import ConfigError
from maskgan.labels import IDS, LABELS

DONE_FILE = "done.jsonl"
"""In the folder of results: what is finished."""
ERRORS_FILE = "errors.jsonl"
"""In the folder of results: the lines that failed."""
PARTIAL_FOLDER = ".partial"
"""In the folder of results while a batch runs: what is being written."""
RESERVED = (DONE_FILE, ERRORS_FILE, PARTIAL_FOLDER)


@dataclass(frozen=True, kw_only=True)
class AttributeEdit:
    """An attribute slider."""

    name: str
    """One of `maskgan.editing.attributes.ATTRIBUTES`."""
    strength: float
    """How far, -1..1."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One edit of one photo: new labels, a style, an attribute, or several of these (the attribute
    is then applied to the new labels)."""

    photo: str
    """The photo to edit."""
    output: str
    """File to write, below the folder of results; its suffix chooses the format."""
    labels: str | None = None
    """Label PNG of the crop's size: the wanted labels."""
    source_labels: str | None = None
    """Label PNG of the photo as it is; None = as the parser sees it."""
    style: str | None = None
    """Photo to take the look from."""
    regions: tuple[str, ...] | None = None
    """Regions that take the style; None = the whole face."""
    attribute: AttributeEdit | None = None
    """Attribute to change."""
    aligned: bool = False
    """Photo and style photo are square crops in the CelebA-HQ frame."""
    face: int | None = None
    """Which face of the photo, from 1 in reading order; None = as the editor chooses."""

    def __post_init__(self) -> None:
        for name in ("photo", "output", "labels", "source_labels", "style"):
            if getattr(self, name) == "":
                raise ConfigError(f"{name} is empty; expected the name of a file.")
        if self.labels is None and self.style is None and self.attribute is None:
            raise ConfigError("it asks for no edit; give labels, style or attribute.")
        self._check_regions()
        if self.face is not None and self.face < 1:
            raise ConfigError(f"face is {self.face}; expected the number of a face, from 1.")
        if self.face is not None and self.aligned:
            raise ConfigError("face chooses a face of a photo, but aligned says it is one.")
        self._check_attribute()
        self._check_output()

    def _check_attribute(self) -> None:
        if self.attribute is None:
            return
        from maskgan.editing.attributes import ATTRIBUTES

        name, strength = self.attribute.name, self.attribute.strength
        if name not in ATTRIBUTES:
            raise ConfigError(
                f"there is no attribute {name!r}; the attributes are {', '.join(ATTRIBUTES)}."
            )
        # Written so that NaN, which JSON files may hold, is refused too.
        if not -1 <= strength <= 1:
            raise ConfigError(f"attribute.strength is {strength}; expected -1 to 1.")

    def _check_regions(self) -> None:
        if self.regions is None:
            return
        if self.style is None:
            raise ConfigError("regions names what to take from another photo; give it with style.")
        if not self.regions:
            raise ConfigError("regions is empty; leave it out to take the style of the whole face.")
        for region in self.regions:
            if region not in IDS:
                raise ConfigError(
                    f"there is no region {region!r}; the regions are {', '.join(LABELS)}."
                )

    def _check_output(self) -> None:
        path = PurePosixPath(self.output.replace("\\", "/"))
        if Path(self.output).is_absolute() or path.is_absolute() or ".." in path.parts:
            raise ConfigError(
                f"output is {self.output!r}; expected a name inside the folder of results."
            )
        if not path.suffix:
            raise ConfigError(
                f"output is {self.output!r}; expected a picture's file name, such as face.png."
            )
        if path.parts[0] in RESERVED:
            raise ConfigError(f"output is {self.output!r}, which the batch keeps for itself.")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a manifest."""

    line: int
    """Its number, from 1."""
    folder: str
    """The manifest's folder, absolute."""
    job: Job

    def path(self, name: str) -> Path:
        """A file that the line names."""
        return Path(self.folder, name)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that the line reads."""
        job = self.job
        names = (job.photo, job.labels, job.source_labels, job.style)
        return tuple(self.path(name) for name in names if name is not None)


def read_manifest(path: str | os.PathLike[str]) -> Iterator[Entry]:
    """The lines of a manifest, one at a time; blank ones are left out. Raises `ConfigError` that
    names the line, and for a file that cannot be read."""
    manifest = Path(path)
    folder = str(manifest.absolute().parent)
    try:
        # Some editors on Windows begin a UTF-8 file with a mark.
        with manifest.open(encoding="utf-8-sig") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    try:
                        job = _parse(text)
                    except ConfigError as error:
                        raise ConfigError(f"{manifest}, line {number}: {error}") from error
                    yield Entry(line=number, folder=folder, job=job)
    except OSError as error:
        raise ConfigError(
            f"The manifest {manifest} cannot be read: {error.strerror or error}."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{manifest} is not a text file in UTF-8; expected one JSON object per line."
        ) from error


def check_manifest(path: str | os.PathLike[str], output: Path) -> int:
    """Reads a manifest whole and returns the number of its edits.

    Raises `ConfigError` when a line is not as it must be, two lines write the same file, a line
    would overwrite a file that another reads, or there are no lines.
    """
    manifest, target = Path(path), output.resolve()
    written: dict[str, int] = {}
    read: dict[str, int] = {}
    for entry in read_manifest(manifest):
        # Two names that differ in case only are one file on some systems.
        name = os.path.normpath(entry.job.output).casefold()
        if name in written:
            raise ConfigError(
                f"{manifest}, line {entry.line}: output {entry.job.output} is written by line "
                f"{written[name]} already; give every line its own."
            )
        written[name] = entry.line
        for source in entry.inputs:
            resolved = source.resolve()
            if resolved.is_relative_to(target):
                inside = str(resolved.relative_to(target))
                read.setdefault(inside.casefold(), entry.line)
    for name, line in read.items():
        if name in written:
            raise ConfigError(
                f"{manifest}, line {written[name]}: output {name} would overwrite a file that line "
                f"{line} reads; choose another output folder."
            )
    if not written:
        raise ConfigError(f"{manifest} holds no lines; expected one JSON object per line.")
    return len(written)


def _parse(text: str) -> Job:
    try:
        values: Any = json.loads(text)
    except ValueError as error:
        raise ConfigError(
            f"this is not JSON ({error}); expected an object such as "
            '{"photo": "a.jpg", "labels": "a.png", "output": "a-edited.png"}.'
        ) from error
    if not isinstance(values, dict):
        raise ConfigError(f"found {json.dumps(values)[:40]}; expected a JSON object.")
    # By itself first: as one of several types, what is wrong in it would not be said.
    if isinstance(values.get("attribute"), dict):
        config.from_dict(AttributeEdit, values["attribute"], "attribute")
    return config.from_dict(Job, values)
