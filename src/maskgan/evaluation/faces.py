"""Faces that no network was trained on, to compare editors on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from maskgan import images
from maskgan.data.folder import FaceFolder
from maskgan.errors import DatasetError
from maskgan.images import Pixels
from maskgan.labels import Labels, exchange_sides, sides_exchanged


@dataclass(frozen=True)
class HeldOutFace:
    """One face with the labels that people gave it."""

    name: str
    """Stem of its files."""
    photo: Pixels
    """uint8 (S, S, 3), S the size that was asked for."""
    labels: Labels
    """uint8 (F, F), F the size of the file: what is done to labels is done at that size, where
    outlines are finer than a pixel of the photo. Left and right are put right."""
    attributes: Mapping[str, int] = field(default_factory=dict)
    """What the dataset says of it: name -> 0 or 1; empty where it says nothing."""
    source: str = ""
    """Name of the folder or pack it is from."""


def held_out_faces(
    sources: Sequence[str | Path], size: int, limit: int | None = None, progress: bool = True
) -> list[HeldOutFace]:
    """The labelled faces of the test split of dataset folders and packs, photos scaled to `size`;
    of more than `limit` a seeded choice. Raises `DatasetError` when there is none."""
    found = []
    for source in sources:
        folder = FaceFolder(source)
        labelled, splits = folder.labelled, folder.splits()
        found += [(folder, stem) for stem in sorted(labelled) if splits.get(stem) == "test"]
    if not found:
        places = ", ".join(str(source) for source in sources)
        raise DatasetError(
            f"{places} holds no labelled face of the test split; expected images/ and labels/ of "
            "the same stems, one in ten of which is a test face."
        )
    if limit is not None and limit < len(found):
        chosen = np.random.default_rng(0).choice(len(found), limit, replace=False)
        found = [found[index] for index in sorted(chosen.tolist())]
    attributes = {folder.path: folder.attributes() for folder in {each for each, _ in found}}
    faces = []
    for folder, stem in tqdm(found, "read", unit=" faces", disable=None if progress else True):
        labels = folder.labels(stem)
        height, width = labels.shape
        if height != width:
            raise DatasetError(
                f"The labels of {stem} in {folder.path} have {width}x{height} pixels; expected "
                "square ones, of an aligned face. `maskgan data prepare` makes such a set."
            )
        labels = exchange_sides(labels) if sides_exchanged(labels) else labels
        photo = images.resize(folder.photo(stem), (size, size))
        known = attributes[folder.path].get(stem, {})
        faces.append(HeldOutFace(stem, photo, labels, known, folder.path.stem))
    return _named_apart(faces)


def _named_apart(faces: list[HeldOutFace]) -> list[HeldOutFace]:
    """Faces of several sources that share a name get that of their source before it."""
    counts = Counter(face.name for face in faces)
    return [
        replace(face, name=f"{face.source}-{face.name}") if counts[face.name] > 1 else face
        for face in faces
    ]
