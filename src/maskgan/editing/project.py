"""A project: one edited face with all that is needed to go on, in one file.

The file (`.mgp`) is a zip: `project.json`, the photo byte for byte as it was brought, the labels of
its face before and after as PNGs, and the styles in use. `state` is the page's own JSON; of it only
the recorded steps are known here (`operations`). A file may come from anybody: sizes and counts are
checked before anything is inflated, names are looked up and never used as paths, and whatever is
wrong is a `ProjectError`. Knows no network; photos are not decoded here.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from maskgan import __version__, config, files, images
from maskgan.alignment.similarity import Similarity
from maskgan.editing.archive import DAMAGE, Archive, opened
from maskgan.editing.face import COLOUR, Style
from maskgan.editing.layers import MAX_SIDE
from maskgan.editing.mixture import Mixture, Portion
from maskgan.errors import MaskganError, ProjectError
from maskgan.labels import NUM_CLASSES, Labels

FORMAT = 1
"""Version of the file's form."""
SUFFIX = ".mgp"
MIN_SIDE = 64
"""Smallest side of a crop in pixels."""
MAX_JSON = 128 << 20
"""Most bytes of project.json; the page's undo history is in it."""
MAX_LABELS = 32 << 20
"""Most bytes of one label PNG."""
MAX_STYLES = 64
"""Most styles of a project."""
MAX_WIDTH = 4096
"""Most numbers in the code of one region."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class ProjectStyle:
    """A style in use: of a photo, or drawn at random."""

    id: str
    """What the mixture and the operations call it."""
    name: str
    """What people call it."""
    photo: bytes | None = None
    """The file it was taken from, as it was brought; None when it was drawn at random."""
    similarity: Similarity | None = None
    """Where the face lies in that photo."""
    labels: Labels | None = None
    """Labels uint8 (S, S) of that face, or of somebody drawn along with the style."""
    codes: Style | None = None
    """The codes of a style that was drawn at random; they fit the bundle it was drawn with."""
    colour: str | None = None
    """A style that is a colour, such as #b5651d."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Project:
    """One edited face."""

    photo: bytes
    """The photo's file, as it was brought."""
    name: str
    """Its name, without folders."""
    similarity: Similarity
    """Where the face lies in it; the identity for an aligned photo."""
    source_labels: Labels
    """Labels uint8 (S, S) of the face as it is."""
    labels: Labels
    """The wanted labels, uint8 (S, S)."""
    aligned: bool = False
    """The photo is itself the crop."""
    styles: tuple[ProjectStyle, ...] = ()
    mixture: Mixture = field(default_factory=dict)
    """Which region takes which style."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """What the page knows beyond: steps, sliders, settings. Plain values as JSON holds them."""

    @property
    def size(self) -> int:
        """Side of the crop in pixels."""
        return self.similarity.side


@dataclass(frozen=True, kw_only=True)
class _Named:
    name: str
    file: str


@dataclass(frozen=True, kw_only=True)
class _StyleEntry:
    id: str
    name: str
    file: str | None = None
    matrix: tuple[tuple[float, ...], ...] | None = None
    size: int = 512
    labels: str | None = None
    codes: str | None = None
    width: int = 0
    colour: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Contents:
    """project.json."""

    format: int
    maskgan: str
    photo: _Named
    matrix: tuple[tuple[float, ...], ...]
    size: int
    aligned: bool
    styles: tuple[_StyleEntry, ...]
    mixture: dict[str, Portion]
    state: dict[str, Any]


def write(destination: str | os.PathLike[str] | BinaryIO, project: Project) -> None:
    """Writes a project to a path, whole or not at all, or to an open binary file. The same project
    gives the same bytes. Raises `OutputError`, and `ProjectError` for a state that is no JSON."""
    if isinstance(destination, (str, os.PathLike)):
        with files.replacing(destination) as temporary, temporary.open("wb") as file:
            write(file, project)
        return
    entries: dict[str, bytes] = {}
    styles = [_pack_style(style, n, entries) for n, style in enumerate(project.styles, 1)]
    photo = f"photo.{_extension(project.name)}"
    contents = _Contents(
        format=FORMAT,
        maskgan=__version__,
        photo=_Named(name=project.name, file=photo),
        matrix=_rows(project.similarity),
        size=project.size,
        aligned=project.aligned,
        styles=tuple(styles),
        mixture=dict(project.mixture),
        state={},
    )
    try:
        values = {**config.to_dict(contents), "state": dict(project.state)}
        text = json.dumps(values, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ProjectError(f"The state of the project is no JSON ({error}).") from error
    with zipfile.ZipFile(destination, "w") as archive:
        for name, data in {
            "project.json": text.encode(),
            photo: project.photo,
            "source_labels.png": images.encode_labels(project.source_labels),
            "labels.png": images.encode_labels(project.labels),
            **entries,
        }.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)


def read(source: str | os.PathLike[str] | bytes) -> Project:
    """The project in a file, or in the bytes of one. Raises `ProjectError`."""
    name = "The project" if isinstance(source, bytes) else os.fspath(source)
    try:
        return _read(io.BytesIO(source) if isinstance(source, bytes) else Path(source), name)
    except ProjectError:
        raise
    except MaskganError as error:
        raise ProjectError(f"{name} is not a project that can be opened: {error}") from error
    except DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise ProjectError(f"{name} cannot be read: {error.strerror}.") from error
        raise ProjectError(
            f"{name} is damaged or not a project ({str(error)[:200]}); expected a {SUFFIX} file "
            "as the editor saves it."
        ) from error


def _read(file: Path | BinaryIO, name: str) -> Project:
    with opened(file, name) as archive:
        contents = _contents(archive.read("project.json", MAX_JSON), name)
        return Project(
            photo=archive.read(contents.photo.file),
            name=_plain_name(contents.photo.name),
            similarity=_similarity(contents.matrix, contents.size),
            source_labels=archive.labels("source_labels.png", contents.size, MAX_LABELS),
            labels=archive.labels("labels.png", contents.size, MAX_LABELS),
            aligned=contents.aligned,
            styles=tuple(_unpack_style(style, archive) for style in contents.styles),
            mixture=contents.mixture,
            state=contents.state,
        )


def _contents(data: bytes, name: str) -> _Contents:
    try:
        values = json.loads(data, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ProjectError(f"project.json in {name} is nested too deeply.") from error
    if not isinstance(values, dict) or not isinstance(values.get("format"), int):
        raise ProjectError(f"project.json in {name} names no format; it is not a project.")
    if values["format"] != FORMAT:
        raise ProjectError(
            f"{name} is a project of format {values['format']}; this version of maskgan reads "
            f"format {FORMAT}. Open it with the version that wrote it."
        )
    contents = config.from_dict(_Contents, values)
    if len(contents.styles) > MAX_STYLES:
        raise ProjectError(f"{name} holds {len(contents.styles)} styles, more than {MAX_STYLES}.")
    return contents


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _similarity(matrix: tuple[tuple[float, ...], ...], side: int) -> Similarity:
    _check_side(side)
    if [len(row) for row in matrix] != [3, 3, 3]:
        raise ProjectError("The matrix from photo to crop has not three rows of three numbers.")
    values: NDArray[np.float64] = np.asarray(matrix, np.float64)
    (a, b, _), (c, d, _), last = values
    similar = np.allclose([a, b], [d, -c], rtol=1e-6, atol=1e-9) and last.tolist() == [0, 0, 1]
    if not ((np.abs(values) <= 1e6).all() and similar and 1e-4 <= np.hypot(a, c) <= 1e4):
        raise ProjectError(
            "The matrix from photo to crop is no similarity (scale, turn and shift)."
        )
    return Similarity(values, side)


def _check_side(side: int) -> None:
    if not MIN_SIDE <= side <= MAX_SIDE:
        raise ProjectError(f"The crop has {side} pixels a side; expected {MIN_SIDE} to {MAX_SIDE}.")


def _rows(similarity: Similarity) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in similarity.matrix.tolist())


def _pack_style(style: ProjectStyle, number: int, entries: dict[str, bytes]) -> _StyleEntry:
    """Adds a style's files to `entries`; what project.json says of it."""
    if style.colour is not None:
        return _StyleEntry(id=style.id, name=style.name, colour=style.colour)
    if style.photo is None or style.similarity is None:
        if style.codes is None:
            raise ProjectError(f"The style {style.name} has neither a photo nor codes.")
        _check_width(style.codes.codes.shape[1])
        file = f"styles/{number}.f32"
        table = np.concatenate([style.codes.present[:, None], style.codes.codes], axis=1)
        entries[file] = table.astype("<f4").tobytes()
        return _StyleEntry(
            id=style.id,
            name=style.name,
            size=512 if style.labels is None else len(style.labels),
            labels=_pack_labels(style, number, entries),
            codes=file,
            width=style.codes.codes.shape[1],
        )
    file = f"styles/{number}.{_extension(style.name)}"
    entries[file] = style.photo
    return _StyleEntry(
        id=style.id,
        name=style.name,
        file=file,
        matrix=_rows(style.similarity),
        size=style.similarity.side,
        labels=_pack_labels(style, number, entries),
    )


def _pack_labels(style: ProjectStyle, number: int, entries: dict[str, bytes]) -> str | None:
    """Adds a style's labels to `entries`; the name of their file, None = it has none."""
    if style.labels is None:
        return None
    name = f"styles/{number}-labels.png"
    entries[name] = images.encode_labels(style.labels)
    return name


def _unpack_style(entry: _StyleEntry, archive: Archive) -> ProjectStyle:
    if entry.colour is not None:
        if not re.fullmatch(COLOUR, entry.colour):
            raise ProjectError(f"The colour {entry.colour[:20]!r} is none such as #b5651d.")
        return ProjectStyle(id=entry.id, name=entry.name, colour=entry.colour)
    labels = None
    if entry.labels is not None:
        _check_side(entry.size)
        labels = archive.labels(entry.labels, entry.size, MAX_LABELS)
    if entry.file is None:
        data = archive.read(entry.codes or "codes", 4 * NUM_CLASSES * (MAX_WIDTH + 1))
        codes = _codes(data, entry.width)
        return ProjectStyle(id=entry.id, name=entry.name, codes=codes, labels=labels)
    similarity = _similarity(entry.matrix or (), entry.size)
    return ProjectStyle(
        id=entry.id,
        name=entry.name,
        photo=archive.read(entry.file),
        similarity=similarity,
        labels=labels,
    )


def _check_width(width: int) -> None:
    """Codes of this width can be kept in a project: those of networks whose code is a picture are
    too large."""
    if width > MAX_WIDTH:
        raise ProjectError(
            f"A style has codes of {width} numbers; a project keeps at most {MAX_WIDTH}. Use a "
            "style that comes with its photo."
        )


def _codes(data: bytes, width: int) -> Style:
    if not 1 <= width <= MAX_WIDTH or len(data) != 4 * NUM_CLASSES * (width + 1):
        raise ProjectError(f"The codes of a style have not {NUM_CLASSES} rows of {width} numbers.")
    table = np.frombuffer(data, "<f4").reshape(NUM_CLASSES, width + 1).astype(np.float32)
    if not np.isfinite(table).all():
        raise ProjectError("The codes of a style hold values that are no numbers.")
    return Style(table[:, 1:].copy(), (table[:, 0] > 0).astype(np.float32))


def _extension(name: str) -> str:
    found = re.search(r"\.([A-Za-z0-9]{1,5})$", name)
    return found[1].lower() if found else "bin"


def _plain_name(name: str) -> str:
    """A file's name without folders and without what cannot be shown."""
    last = re.split(r"[/\\]", name)[-1][:200]
    return "".join(c if c.isprintable() else "?" for c in last) or "photo"
