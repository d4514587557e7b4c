"""The manifest of a batch: one JSON object per line, each one edit of one photo.

    {"photo": "a.jpg", "labels": "a-smile.png", "output": "a.png", "aligned": true}
    {"photo": "b.jpg", "style": "c.jpg", "regions": ["hair"], "output": "b.jpg"}
    {"photo": "d.jpg", "attribute": {"name": "smile", "strength": 1}, "output": "d.png", "face": 2}
    {"photo": "e.jpg", "project": "edit.mgp", "output": "e.png", "point": [310, 120]}

Files are named relative to the manifest's folder, outputs relative to the folder of results. Lines
are read one at a time. Knows no pixels and opens no photo: a photo that is missing or broken is
found when its turn comes, a line that asks for something impossible before anything starts.
"""

from __future__ import annotations

import json
import math
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
PLACES = ("face", "point", "points")
"""Keys that say which face of a photo is meant."""
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
    is then applied to the new labels); or what was done in a project."""

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
    project: str | None = None
    """Project file whose steps and styles are done again on this photo's face."""
    aligned: bool = False
    """Photo and style photo are square crops in the CelebA-HQ frame."""
    face: int | None = None
    """Which face of the photo, from 1 in reading order; None = as the editor chooses."""
    point: tuple[float, float] | None = None
    """A point [x, y] on the face, in pixels of the upright photo."""
    points: tuple[tuple[float, float], tuple[float, float], tuple[float, float]] | None = None
    """Right eye, left eye and mouth of a face that is not found, likewise."""

    def __post_init__(self) -> None:
        for name in ("photo", "output", "labels", "source_labels", "style", "project"):
            if getattr(self, name) == "":
                raise ConfigError(f"{name} is empty; expected the name of a file.")
        self._check_edit()
        self._check_regions()
        self._check_place()
        self._check_attribute()
        self._check_output()

    def _check_edit(self) -> None:
        edits = [name for name in ("labels", "style", "attribute") if getattr(self, name)]
        if self.project is not None and edits:
            raise ConfigError(
                f"project says all of an edit, so it cannot be given with {' and '.join(edits)}; "
                "write another line for that."
            )
        if self.project is None and not edits:
            raise ConfigError("it asks for no edit; give labels, style, attribute or project.")

    def _check_place(self) -> None:
        if self.face is not None and self.face < 1:
            raise ConfigError(f"face is {self.face}; expected the number of a face, from 1.")
        given = [name for name in PLACES if getattr(self, name) is not None]
        if self.aligned and given:
            raise ConfigError(
                f"{given[0]} chooses a face of a photo, but aligned says it is one; give one of "
                "them."
            )
        if len(given) > 1:
            raise ConfigError(
                f"{' and '.join(given)} each say in their own way where the face is; give one."
            )
        spots = (self.points or ()) if self.point is None else (self.point,)
        # JSON files may hold NaN and infinities.
        if not all(math.isfinite(number) for spot in spots for number in spot):
            raise ConfigError(f"{given[0]} holds what is no number; expected pixels of the photo.")

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
        names = (job.photo, job.labels, job.source_labels, job.style, job.project)
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
