"""`maskgan data prepare`: the CelebAMask-HQ tree, or another dataset folder, -> a dataset folder.

Writes `images/STEM.jpg`, `labels/STEM.png` and at the end `dataset.json`. Until then a journal in
the output folder lists every finished face with the checksums of its two files; after a kill or an
error `resume` keeps the faces whose files still match and makes the others again, so the result is
the same as without the interruption. `dataset.json` is there only when the dataset is complete.
"""

from __future__ import annotations

import dataclasses
import json
import os
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from maskgan import config, files, images, labels
from maskgan.data import manifest
from maskgan.data.manifest import DatasetManifest
from maskgan.data.sources import Source, SourceFace, is_ready, open_source, read_face
from maskgan.data.workers import as_completed
from maskgan.errors import ConfigError, DatasetError, LabelsError, OutputError, PhotoError

JOURNAL = ".prepare.jsonl"
MIN_SIZE, MAX_SIZE = 32, 1024


@dataclass(frozen=True)
class Settings:
    """What a run was asked for, the first line of its journal: a resumed run must be asked for the
    same."""

    source: str
    size: int
    fix_sides: bool


@dataclass(frozen=True)
class Finished:
    """One face that is done, a line of the journal."""

    stem: str
    image_sha256: str = ""
    """Hex digest of the photo written; empty where the label map holds nothing but background, in
    which case no file was written."""
    labels_sha256: str = ""
    sides_fixed: bool = False


def prepare(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    size: int = 512,
    fix_sides: bool = False,
    resume: bool = False,
    workers: int = 2,
    progress: bool = True,
) -> DatasetManifest:
    """Makes the dataset folder `output` from the original tree `source` (or the folder it lies in)
    or from another dataset folder.

    Photos become `size` x `size` JPEG (32..1024, never enlarged), label maps index PNG of the same
    size. `fix_sides` exchanges left and right where the annotation has them the wrong way round;
    without it they stay as they are. `resume` goes on with an interrupted run. Faces whose label
    map holds nothing but background are left out and named in the manifest.

    Raises `DatasetError`, `PhotoError` or `LabelsError` that names the file that is not as it must
    be, `OutputError`, and `ConfigError` for impossible options. No half-written file stays, the
    finished faces stay for `resume`, and there is no `dataset.json` before all of them are there.
    """
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ConfigError(f"size is {size}; expected {MIN_SIZE} to {MAX_SIZE} pixels.")
    if workers < 1:
        raise ConfigError(f"workers is {workers}; expected at least 1.")
    source, output = Path(source), Path(output)
    _check_output(source, output, resume)
    opened = open_source(source)
    settings = Settings(str(source.resolve()), size, fix_sides)
    finished = _finished_before(output, settings, opened) if resume else {}
    try:
        with _open_journal(output, settings, finished) as journal:
            _write_faces(opened, output, settings, finished, journal, workers, progress)
    except (DatasetError, PhotoError, LabelsError) as error:
        raise type(error)(
            f"{error} ({len(finished)} of {len(opened.faces)} faces are finished and stay in "
            f"{output}; go on with --resume.)"
        ) from error
    except OSError as error:
        place = error.filename or output
        raise OutputError(f"Cannot write {place}: {error.strerror or error}.") from error
    result = _describe(opened, settings, finished)
    if not result.faces:
        raise DatasetError(f"Every label map in {source} is empty: there is no face to prepare.")
    manifest.save(output, result)
    (output / JOURNAL).unlink()
    return result


def _write_faces(
    source: Source,
    output: Path,
    settings: Settings,
    finished: dict[str, Finished],
    journal: TextIO,
    workers: int,
    progress: bool,
) -> None:
    """Makes the faces that are not in `finished` yet and adds them there and to the journal."""
    for folder in ("images", "labels"):
        (output / folder).mkdir(exist_ok=True)
    left = [face for stem, face in source.faces.items() if stem not in finished]
    write = partial(_write_face, output, settings.size, settings.fix_sides)
    with (
        closing(as_completed(write, left, max(1, min(workers, len(left))))) as results,
        tqdm(
            results,
            desc="prepare",
            unit=" faces",
            initial=len(finished),
            total=len(source.faces),
            disable=None if progress else True,
        ) as bar,
    ):
        for face in bar:
            finished[face.stem] = face
            journal.write(config.to_json(face) + "\n")
            journal.flush()


def _write_face(output: Path, size: int, fix_sides: bool, face: SourceFace) -> Finished:
    """Reads, checks and scales one face and writes its two files, each whole or not at all."""
    photo, values = read_face(face, size)
    if not values.any():
        return Finished(face.stem)
    sides_fixed = fix_sides and labels.sides_exchanged(values)
    if sides_fixed:
        values = labels.exchange_sides(values)
    photo_path, labels_path = _places(output, face.stem)
    if is_ready(face.photo, size):
        files.write_bytes(photo_path, face.photo.read_bytes())
    else:
        images.write(photo_path, photo)
    images.write_labels(labels_path, values)
    return Finished(face.stem, files.sha256(photo_path), files.sha256(labels_path), sides_fixed)


def _check_output(source: Path, output: Path, resume: bool) -> None:
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output} is a file; name a folder for the dataset.")
    if output.resolve() == source.resolve():
        raise OutputError(f"{output} is the source itself; name another folder for the dataset.")
    occupied = output.is_dir() and any(output.iterdir())
    if occupied and not resume:
        raise OutputError(
            f"{output} is not empty. Name a new folder, or pass --resume to go on with a run that "
            "was interrupted."
        )
    begun = (output / JOURNAL).is_file() or (output / manifest.FILE_NAME).is_file()
    if occupied and not begun:
        raise OutputError(
            f"{output} is not empty and no interrupted run is recorded in it ({JOURNAL} is not "
            "there). Name a new folder."
        )


def _finished_before(output: Path, settings: Settings, source: Source) -> dict[str, Finished]:
    """Stem -> the faces of an interrupted run whose files are still what was written; clears away
    what a kill left half-written. Raises `OutputError` when that run was asked for other things."""
    if (output / JOURNAL).is_file():
        before, lines = _read_journal(output / JOURNAL)
    elif (output / manifest.FILE_NAME).is_file():
        before, lines = _read_complete(output, settings, source)
    else:
        return {}
    if before is not None and before != settings:
        raise OutputError(
            f"The run in {output} was begun with source {before.source}, size {before.size}, "
            f"fix-sides {before.fix_sides}; now it is {settings.source}, {settings.size}, "
            f"{settings.fix_sides}. Pass the same to go on, or name a new folder."
        )
    for half in (*output.glob("images/.*-*.jpg"), *output.glob("labels/.*-*.png")):
        half.unlink()
    kept = {}
    for face in lines:
        paths = _places(output, face.stem)
        if face.stem not in source.faces:
            # The face was taken out of the source between the runs.
            for path in paths:
                path.unlink(missing_ok=True)
        elif face.image_sha256 and all(
            path.is_file() and files.sha256(path) == digest
            for path, digest in zip(paths, (face.image_sha256, face.labels_sha256), strict=True)
        ):
            kept[face.stem] = face
    return kept


def _read_journal(path: Path) -> tuple[Settings | None, list[Finished]]:
    """Settings and faces; None for settings that a kill left half-written. Lines are read up to
    the first that is not whole."""
    settings: Settings | None = None
    faces: list[Finished] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            values: dict[str, Any] = json.loads(line)
            if settings is None:
                settings = config.from_dict(Settings, values)
            else:
                faces.append(config.from_dict(Finished, values))
        except (ValueError, TypeError):
            break
    return settings, faces


def _read_complete(
    output: Path, settings: Settings, source: Source
) -> tuple[Settings, list[Finished]]:
    """A complete dataset as the journal of the run that made it."""
    known = manifest.load(output)
    if known.source != source.name or not known.faces.keys() <= source.faces.keys():
        raise OutputError(
            f"{output} holds a complete dataset made from another source ({known.source}). Name a "
            "new folder."
        )
    # The manifest does not say in which folder the source lay.
    before = dataclasses.replace(settings, size=known.size, fix_sides=known.fix_sides)
    faces = [
        Finished(stem, face.image_sha256, face.labels_sha256, face.sides_fixed)
        for stem, face in known.faces.items()
    ]
    return before, faces


def _open_journal(output: Path, settings: Settings, finished: dict[str, Finished]) -> TextIO:
    """A journal of what is finished so far, open for more. While it is there, `dataset.json` is
    not."""
    lines = [config.to_json(settings), *(config.to_json(face) for face in finished.values())]
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make {output}: {error.strerror or error}.") from error
    files.write_text(output / JOURNAL, "\n".join(lines) + "\n")
    (output / manifest.FILE_NAME).unlink(missing_ok=True)
    return (output / JOURNAL).open("a", encoding="utf-8")


def _places(output: Path, stem: str) -> tuple[Path, Path]:
    return output / "images" / f"{stem}.jpg", output / "labels" / f"{stem}.png"


def _describe(source: Source, settings: Settings, finished: dict[str, Finished]) -> DatasetManifest:
    faces = {
        stem: dataclasses.replace(
            record,
            image_sha256=finished[stem].image_sha256,
            labels_sha256=finished[stem].labels_sha256,
            sides_fixed=finished[stem].sides_fixed or record.sides_fixed,
        )
        for stem, record in source.records.items()
        if finished[stem].image_sha256
    }
    return DatasetManifest(
        size=settings.size,
        source=source.name,
        partition=source.partition,
        fix_sides=settings.fix_sides,
        attribute_names=source.attribute_names,
        left_out=tuple(stem for stem in source.records if not finished[stem].image_sha256),
        faces=faces,
    )
