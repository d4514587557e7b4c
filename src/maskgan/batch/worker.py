"""Does the edits of a batch, one after the other, with one editor on one thread.

The same worker runs in a process of this machine and in an actor of a Ray cluster. It holds one
photo at a time, and a photo that cannot be edited is an outcome, not an exception. Results are
written beside their place and moved there whole. Knows nothing of other workers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from maskgan import files, images
from maskgan.batch.journal import Outcome, Record
from maskgan.batch.manifest import PARTIAL_FOLDER, PLACES, Entry, Job
from maskgan.bundle import Bundle
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face, Style, StyleChoice
from maskgan.editing.project import read
from maskgan.editing.repetition import Repetition, repetition
from maskgan.errors import BundleError, LabelsError, MaskganError, PhotoError, ProjectError
from maskgan.labels import Labels
from maskgan.manifest import MANIFEST

MAX_ATTEMPTS = 2
"""A line during which this many worker processes ended is given up."""
STYLES = 32
"""Styles of other photos that a worker remembers."""
PROJECTS = 2
"""Projects that a worker remembers."""
HASH_FORMAT = 1
"""Counts up when the same inputs should be edited again by a newer version."""

Assignment = tuple[Entry, Record | None]
"""A line and what the journal knows of its output."""


@dataclass(frozen=True)
class WorkerConfig:
    """What every worker of a batch is told; plain values that travel to other processes."""

    output: str
    """Folder of results, absolute."""
    bundle: str | None
    """Bundle folder, absolute; None = the one in the package."""
    identity: str
    """`identify` of that bundle."""


def identify(bundle: Bundle) -> str:
    """Hex digest of a bundle's manifest, which names the digests of its graphs."""
    return files.sha256(bundle.folder / MANIFEST)


class Worker:
    """One editor and what it needs for a batch."""

    def __init__(self, config: WorkerConfig) -> None:
        """Opens the bundle. Raises `BundleError`, also when this machine's bundle is another."""
        self.config = config
        self.editor = Editor.open(config.bundle, threads=1)
        if identify(self.editor.bundle) != config.identity:
            raise BundleError(
                "A worker's bundle is not the one the batch was started with; install the same "
                "maskgan or put the same bundle on every machine."
            )
        self._output = Path(config.output)
        self._style = lru_cache(maxsize=STYLES)(self._read_style)
        self._project = lru_cache(maxsize=PROJECTS)(self._read_project)

    def work(self, entry: Entry, record: Record | None) -> Outcome:
        """Does one line, unless `record` still holds for what lies there."""
        try:
            with self._attempt(entry):
                inputs = self._digest(entry)
                if record is not None and record.inputs == inputs and self._holds(entry, record):
                    return _success(entry, "kept", record)
                return _success(entry, "done", Record(inputs, self._write(entry)))
        except MaskganError as error:
            return _failure(entry, error, str(error))
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            return _failure(entry, error, f"{place}{error.strerror or error}.")
        except MemoryError as error:
            return _failure(entry, error, "The memory does not suffice for this photo.")
        # Whatever one photo brings to light must not end the work on the others.
        except Exception as error:
            return _failure(entry, error, f"An error that was not foreseen: {error!r}.")

    @contextmanager
    def _attempt(self, entry: Entry) -> Iterator[None]:
        """Leaves a trace that survives only if this process is killed during the line."""
        trace = self._output / PARTIAL_FOLDER / f"{entry.line}.attempts"
        if trace.is_file() and trace.stat().st_size >= MAX_ATTEMPTS:
            raise PhotoError(
                f"{MAX_ATTEMPTS} worker processes ended while they edited this photo, perhaps for "
                "want of memory; use fewer workers or scale it down."
            )
        with trace.open("ab") as file:
            file.write(b".")
        try:
            yield
        finally:
            trace.unlink(missing_ok=True)

    def _digest(self, entry: Entry) -> str:
        """Hash of everything the output depends on: job, contents of its files, bundle."""
        job = entry.job
        parts = {
            "format": HASH_FORMAT,
            "bundle": self.config.identity,
            "photo": _sha256(entry.path(job.photo), PhotoError),
            "style": job.style and _sha256(entry.path(job.style), PhotoError),
            "labels": job.labels and _sha256(entry.path(job.labels), LabelsError),
            "source": job.source_labels and _sha256(entry.path(job.source_labels), LabelsError),
            "regions": job.regions,
            "attribute": job.attribute and asdict(job.attribute),
            "aligned": job.aligned,
            "face": job.face,
            "output": job.output,
        }
        # Only where they are given: what an older version did without them still holds.
        if job.project is not None:
            parts["project"] = _sha256(entry.path(job.project), ProjectError)
        parts |= {name: getattr(job, name) for name in ("point", "points") if getattr(job, name)}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _holds(self, entry: Entry, record: Record) -> bool:
        target = self._output / entry.job.output
        return target.is_file() and files.sha256(target) == record.sha256

    def _write(self, entry: Entry) -> str:
        """Edits the photo and puts the result into place; returns its hash."""
        job, target = entry.job, self._output / entry.job.output
        face = self._open(entry, job)
        if job.project is None:
            labels, style = self._wanted(entry, face), self._choice(entry)
        else:
            path = entry.path(job.project)
            edit = self._project(path, _sha256(path, ProjectError))
            labels, style = edit.labels(face), edit.style(face)
        result = self.editor.render(face=face, labels=labels, style=style)
        partial = self._output / PARTIAL_FOLDER / f"{entry.line}{target.suffix}"
        result.save(path=partial)
        digest = files.sha256(partial)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(target)
        return digest

    def _open(self, entry: Entry, job: Job) -> Face:
        labels = None if job.source_labels is None else entry.path(job.source_labels)
        chosen: dict[str, Any] = {
            name: value for name in PLACES if (value := getattr(job, name)) is not None
        }
        return self.editor.photo(
            source=entry.path(job.photo), aligned=job.aligned, labels=labels, **chosen
        )

    def _wanted(self, entry: Entry, face: Face) -> Labels:
        job, wanted = entry.job, face.labels
        if job.labels is not None:
            size = (wanted.shape[0], wanted.shape[1])
            wanted = images.read_labels(entry.path(job.labels), size)
        if job.attribute is not None:
            from maskgan.editing.attributes import apply, sliders

            name, strength = job.attribute.name, job.attribute.strength
            wanted = apply(wanted, name, strength, sliders(face.goes_on))
        return wanted

    def _choice(self, entry: Entry) -> StyleChoice:
        job = entry.job
        if job.style is None:
            return None
        path = entry.path(job.style)
        style = self._style(path, _sha256(path, PhotoError), job.aligned)
        return style if job.regions is None else dict.fromkeys(job.regions, style)

    def _read_style(self, path: Path, sha256: str, aligned: bool) -> Style:
        """The style of another photo; `sha256` is there so that a changed file is read again."""
        return self.editor.photo(source=path, aligned=aligned).style

    def _read_project(self, path: Path, sha256: str) -> Repetition:
        """What a project does; `sha256` as above."""
        return repetition(self.editor, read(path))


def _sha256(path: Path, kind: type[MaskganError]) -> str:
    try:
        return files.sha256(path)
    except OSError as error:
        raise kind(f"{path} cannot be read: {error.strerror or error}.") from error


def _success(entry: Entry, status: Literal["done", "kept"], record: Record) -> Outcome:
    return Outcome(entry.line, entry.job.photo, entry.job.output, status, record)


def _failure(entry: Entry, error: Exception, sentence: str) -> Outcome:
    return Outcome(
        entry.line,
        entry.job.photo,
        entry.job.output,
        "failed",
        kind=type(error).__name__,
        error=" ".join(sentence.split()),
    )
