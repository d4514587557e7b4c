"""`maskgan data verify`: what is wrong with a dataset folder or an original CelebAMask-HQ tree.

Looks at every face, changes nothing, and collects what it finds instead of stopping at the first
fault. Exchanged sides and empty label maps are told but are no fault of the folder: the published
annotation has them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from maskgan import files, images, labels
from maskgan.data import celebamask, manifest
from maskgan.data.manifest import DatasetManifest
from maskgan.data.workers import as_completed
from maskgan.errors import DatasetError, LabelsError, PhotoError

NAMED = 10
"""At most this many stems are named in a sentence; the report holds all."""


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """What `verify` found; every tuple holds stems in order."""

    folder: str
    faces: int
    """Stems that have a photo, a label map or an entry in `dataset.json`."""
    missing_labels: tuple[str, ...] = ()
    missing_images: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    """Faces in the folder that `dataset.json` does not know."""
    bad_images: tuple[str, ...] = ()
    """Photos that cannot be read."""
    bad_values: tuple[str, ...] = ()
    """Label maps that cannot be used: damaged, in colour, in the other order, values above 18."""
    wrong_size: tuple[str, ...] = ()
    """Photo or label map not square, not of the same size, or not of the size in `dataset.json`."""
    checksum_mismatch: tuple[str, ...] = ()
    """A file is not the one `dataset.json` was written for."""
    empty_labels: tuple[str, ...] = ()
    """Label maps that hold nothing but background."""
    sides_exchanged: tuple[str, ...] = ()
    """Left and right are annotated the wrong way round."""
    class_shares: dict[str, float] = field(default_factory=dict)
    """Class name -> share of all pixels of the readable label maps, 0..1."""
    reasons: tuple[str, ...] = ()
    """One sentence per file that cannot be read or used."""

    @property
    def ok(self) -> bool:
        """True where every face can be used as it is documented."""
        return self.faces > 0 and not any(stems for _, stems in self._faults())

    def sentences(self) -> list[str]:
        """The report for people to read, the count of faces first."""
        said = [f"{self.folder}: {self.faces} faces, {'no fault' if self.ok else 'faults found'}."]
        said += [
            f"{len(stems)} {text}: {_named(stems)}." for text, stems in self._faults() if stems
        ]
        said += self.reasons[:NAMED]
        if len(self.reasons) > NAMED:
            said.append(f"({len(self.reasons) - NAMED} more files cannot be read or used.)")
        if self.empty_labels:
            said.append(
                f"{len(self.empty_labels)} faces have an empty label map: "
                f"{_named(self.empty_labels)}."
            )
        if self.sides_exchanged:
            said.append(
                f"{len(self.sides_exchanged)} faces have left and right exchanged: "
                f"{_named(self.sides_exchanged)}. `maskgan data prepare --fix-sides` puts them "
                "right."
            )
        if self.class_shares:
            shares = (f"{name} {100 * share:.2f} %" for name, share in self.class_shares.items())
            said.append(f"Share of pixels: {', '.join(shares)}.")
        return said

    def _faults(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return (
            ("faces without labels", self.missing_labels),
            ("faces without a photo", self.missing_images),
            ("faces that dataset.json does not list", self.unlisted),
            ("photos that cannot be read", self.bad_images),
            ("label maps that cannot be used", self.bad_values),
            ("faces of a wrong size", self.wrong_size),
            ("faces whose files have changed since they were prepared", self.checksum_mismatch),
        )


@dataclass(frozen=True)
class _Task:
    """One face to look at; files that are missing are None."""

    stem: str
    photo: Path | None
    labels: Path | None
    """The label PNG, or the folder of the part PNGs."""
    parts: tuple[str, ...] | None = None
    size: int | None = None
    """The size both files must have; None = any square one."""
    digests: tuple[str, str] | None = None
    """Expected checksums of photo and labels."""


@dataclass(frozen=True)
class _Finding:
    stem: str
    faults: tuple[str, ...]
    """Names of the fields of `VerifyReport` that the stem belongs in."""
    reasons: tuple[str, ...]
    pixels: NDArray[np.int64]
    """Pixels per class, (19,)."""


def verify(
    folder: str | os.PathLike[str], progress: bool = True, *, workers: int = 2
) -> VerifyReport:
    """Looks at every face of a dataset folder, with or without `dataset.json`, or of the original
    tree at `folder` or in a folder inside it. Raises `DatasetError` where `folder` is neither, or
    its `dataset.json` or part names cannot be understood."""
    folder = Path(folder)
    is_dataset = (folder / "images").is_dir()
    tasks, unlisted = _dataset_tasks(folder) if is_dataset else _tree_tasks(folder)
    stems: dict[str, list[str]] = {"unlisted": unlisted}
    reasons: list[str] = []
    pixels = np.zeros(labels.NUM_CLASSES, np.int64)
    with (
        closing(as_completed(_look, tasks, max(1, min(workers, len(tasks))))) as findings,
        tqdm(
            findings,
            desc="verify",
            unit=" faces",
            total=len(tasks),
            disable=None if progress else True,
        ) as bar,
    ):
        for finding in bar:
            for fault in finding.faults:
                stems.setdefault(fault, []).append(finding.stem)
            reasons += finding.reasons
            pixels += finding.pixels
    shares = pixels / pixels.sum() if pixels.any() else []
    return VerifyReport(
        folder=str(folder),
        faces=len(tasks),
        class_shares=dict(zip(labels.LABELS, map(float, shares), strict=False)),
        reasons=tuple(sorted(reasons)),
        **{fault: tuple(sorted(found)) for fault, found in stems.items()},
    )


def _dataset_tasks(folder: Path) -> tuple[list[_Task], list[str]]:
    """The faces of a dataset folder, and those that its manifest does not list."""
    photos = manifest.photo_files(folder)
    maps = {path.stem: path for path in (folder / "labels").glob("[!.]*.png")}
    known: DatasetManifest | None = None
    if (folder / manifest.FILE_NAME).is_file():
        known = manifest.load(folder)
    listed = known.faces if known else {}
    tasks = []
    for stem in sorted(photos.keys() | maps.keys() | listed.keys()):
        record = listed.get(stem)
        tasks.append(
            _Task(
                stem,
                photos.get(stem),
                maps.get(stem),
                size=known.size if known else None,
                digests=(record.image_sha256, record.labels_sha256) if record else None,
            )
        )
    return tasks, [task.stem for task in tasks if known and task.stem not in listed]


def _tree_tasks(folder: Path) -> tuple[list[_Task], list[str]]:
    root = celebamask.find_root(folder)
    if root is None:
        raise DatasetError(
            f"{folder} is neither a dataset folder (images and labels) nor the CelebAMask-HQ tree "
            f"({celebamask.PHOTO_FOLDER} and {celebamask.PART_FOLDER})."
        )
    tree = celebamask.scan(root)
    tasks = [
        _Task(
            f"{face:05d}",
            tree.photo_path(face) if face in tree.photos else None,
            tree.part_folder(face) if face in tree.parts else None,
            parts=tree.parts.get(face, ()),
        )
        for face in sorted(tree.photos | tree.parts.keys())
    ]
    return tasks, []


def _look(task: _Task) -> _Finding:
    faults: list[str] = []
    reasons: list[str] = []
    pixels = np.zeros(labels.NUM_CLASSES, np.int64)
    sizes: list[tuple[int, int]] = []
    if task.photo is None:
        faults.append("missing_images")
    else:
        try:
            sizes.append(images.read(task.photo).shape[:2])
        except PhotoError as error:
            faults.append("bad_images")
            reasons.append(str(error))
    if task.labels is None:
        faults.append("missing_labels")
    else:
        try:
            values = _read_labels(task.labels, task.stem, task.parts)
        except (LabelsError, DatasetError) as error:
            faults.append("bad_values")
            reasons.append(str(error))
        else:
            # Parts are half as large as their photo in the original tree.
            sizes += [values.shape] if task.parts is None else []
            pixels += np.bincount(values.ravel(), minlength=labels.NUM_CLASSES)
            if not values.any():
                faults.append("empty_labels")
            if labels.sides_exchanged(values):
                faults.append("sides_exchanged")
    wanted = {(task.size, task.size)} if task.size else set()
    if len(wanted | set(sizes)) > 1 or any(height != width for height, width in sizes):
        faults.append("wrong_size")
    if task.digests and not _as_recorded(task):
        faults.append("checksum_mismatch")
    return _Finding(task.stem, tuple(faults), tuple(reasons), pixels)


def _read_labels(path: Path, stem: str, parts: tuple[str, ...] | None) -> labels.Labels:
    if parts is None:
        return images.read_labels(path)
    return celebamask.merge_parts(path, int(stem), parts)


def _as_recorded(task: _Task) -> bool:
    """True where the files that are there are those the manifest was written for."""
    paths = (task.photo, task.labels)
    return all(
        path is None or files.sha256(path) == digest
        for path, digest in zip(paths, task.digests or (), strict=True)
    )


def _named(stems: tuple[str, ...]) -> str:
    more = f" and {len(stems) - NAMED} more" if len(stems) > NAMED else ""
    return ", ".join(stems[:NAMED]) + more
