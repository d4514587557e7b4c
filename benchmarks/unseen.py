"""Faces that no network was trained on, for the benchmarks that judge quality, and sheets of them.

The test split of dataset folders (as `dataset.json` says, else by name) or the val split, on which
settings are chosen, or faces drawn by code where there is no dataset. Not a benchmark of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from tqdm import tqdm

from maskgan import images
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.data.folder import FaceFolder
from maskgan.errors import DatasetError
from maskgan.images import Pixels
from maskgan.labels import Labels, exchange_sides, sides_exchanged

CAPTION = 14
"""Height in pixels of the line of text above each entry of a sheet."""


@dataclasses.dataclass(frozen=True)
class UnseenFace:
    """One face with the labels people gave it."""

    name: str
    """Stem of its files."""
    photo: Pixels
    """uint8 (S, S, 3)."""
    labels: Labels
    """uint8 (S, S), left and right put right."""
    sides_fixed: bool
    """True where the annotation had left and right exchanged."""


def unseen_faces(
    sources: Sequence[Path], size: int, limit: int | None = None, split: str = "test"
) -> list[UnseenFace]:
    """The labelled faces of a split of every source, scaled to `size`; of more than `limit` a
    seeded choice. Settings are chosen on "val". Raises `DatasetError` when there is none."""
    found = []
    for source in sources:
        folder = FaceFolder(source)
        labelled, splits = folder.labelled, folder.splits()
        found += [(folder, stem) for stem in sorted(labelled) if splits.get(stem) == split]
    if not found:
        places = ", ".join(str(source) for source in sources)
        raise DatasetError(
            f"{places} holds no labelled face of the {split} split; expected images/ and labels/ "
            "of the same stems, one in ten of which is a test face and one in twenty a val face."
        )
    if limit is not None and limit < len(found):
        chosen = np.random.default_rng(0).choice(len(found), limit, replace=False)
        found = [found[index] for index in sorted(chosen.tolist())]
    faces = []
    for folder, stem in tqdm(found, desc="read", unit=" faces", disable=None):
        photo = images.resize(folder.photo(stem), (size, size))
        labels = folder.labels(stem)
        fixed = sides_exchanged(labels)
        labels = images.resize_labels(exchange_sides(labels) if fixed else labels, (size, size))
        faces.append(UnseenFace(stem, photo, labels, fixed))
    return faces


def drawn_faces(count: int, size: int) -> list[UnseenFace]:
    """`count` different drawn people."""
    faces = []
    for seed in range(count):
        rng = np.random.default_rng([1_000_003, seed])
        photo, labels = draw_face(random_identity(rng), random_expression(rng), size)
        faces.append(UnseenFace(f"drawn-{seed}", photo, labels, False))
    return faces


def interval(values: NDArray[Any], weights: NDArray[Any] | None = None) -> list[float]:
    """95 % bootstrap interval over the entries (N,) of their mean, or of sum(values) /
    sum(weights); seeded, 2000 resamples."""
    weights = np.ones(len(values)) if weights is None else weights
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(values), (2000, len(values)))
    ratios = values[picks].sum(1) / weights[picks].sum(1)
    return [round(float(bound), 4) for bound in np.percentile(ratios, (2.5, 97.5))]


def sheet(rows: Sequence[tuple[str, Sequence[Pixels]]], side: int, columns: int) -> Pixels:
    """Entries (caption, pictures uint8 (S, S, 3)) as one picture: the pictures of an entry beside
    one another at `side` pixels each, `columns` entries to a row."""
    width = max(len(pictures) for _, pictures in rows) * side + 4
    height = side + CAPTION
    lines = -(-len(rows) // columns)
    canvas = Image.new("RGB", (columns * width, lines * height), "white")
    draw = ImageDraw.Draw(canvas)
    for index, (caption, pictures) in enumerate(rows):
        left, top = index % columns * width, index // columns * height
        draw.text((left + 2, top + 1), caption, fill="black")
        for place, picture in enumerate(pictures):
            scaled = Image.fromarray(images.resize(picture, (side, side)))
            canvas.paste(scaled, (left + place * side, top + CAPTION))
    return np.asarray(canvas)
