"""Faces drawn by code, with labels that are exact because the same strokes paint them.

They feed tests, the tutorial and smoke training runs; they are drawings and never pretend to be
photos. Drawn in the CelebA-HQ frame with all 19 classes, 64 to 512 px. The same arguments always
give the same pixels. numpy and Pillow only.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from maskgan import files, images
from maskgan.data import manifest
from maskgan.data.drawn_canvas import Canvas
from maskgan.data.drawn_features import draw_brows, draw_eyes, draw_mouth, draw_nose
from maskgan.data.drawn_hair import draw_back_hair, draw_front_hair
from maskgan.data.drawn_head import Head
from maskgan.data.drawn_identity import Expression, Identity
from maskgan.data.drawn_people import random_expression, random_identity
from maskgan.data.drawn_wear import (
    draw_clothes,
    draw_earrings,
    draw_glasses,
    draw_hat,
    draw_necklace,
)
from maskgan.data.manifest import DatasetManifest, FaceRecord
from maskgan.data.workers import as_completed
from maskgan.errors import ConfigError, DatasetError, OutputError
from maskgan.images import Pixels
from maskgan.labels import Labels

__all__ = [
    "Expression",
    "Identity",
    "draw_dataset",
    "draw_face",
    "draw_pair",
    "expression_region",
    "random_expression",
    "random_identity",
]

MIN_SIZE, MAX_SIZE = 64, 512
MAX_COUNT = 100_000
"""Face names have five digits."""

ATTRIBUTES = ("Eyeglasses", "Smiling", "Wearing_Hat")
"""What `dataset.json` says of drawn faces, by the names of CelebA."""
SMILING = 0.4
"""A face with more than this smile counts as smiling, as about every second one does."""

Face = tuple[Pixels, Labels]


def draw_face(identity: Identity, expression: Expression, size: int = 256) -> Face:
    """Photo uint8 (size, size, 3), antialiased, and labels uint8 (size, size), which are not.

    Raises `ConfigError` for a size outside 64..512.
    """
    _check_size(size)
    canvas = Canvas(size)
    head = Head(canvas, identity)
    head.draw_background()
    draw_back_hair(head)
    head.draw_neck()
    draw_clothes(head)
    draw_necklace(head)
    head.draw_ears()
    head.draw_skin()
    head.draw_beard()
    draw_nose(head)
    draw_mouth(head, expression)
    draw_eyes(head, expression)
    draw_brows(head, expression)
    draw_glasses(head)
    draw_front_hair(head)
    draw_hat(head)
    draw_earrings(head)
    grain = head.rng(0).standard_normal((size, size), np.float32) * np.float32(2.2)
    return canvas.finish(grain)


def draw_pair(seed: int, size: int = 256) -> tuple[Face, Face]:
    """One person with two expressions, as (photo, labels) each: the truth about an edit of the
    first into the second. Outside `expression_region` all pixels and labels are the same."""
    rng = np.random.default_rng(seed)
    identity = random_identity(rng)
    first, second = random_expression(rng), random_expression(rng)
    return draw_face(identity, first, size), draw_face(identity, second, size)


def expression_region(identity: Identity, size: int = 256) -> NDArray[np.bool_]:
    """Mask (size, size) of the pixels that an expression of this person can change: a box around
    the eyes and eyebrows and one around the mouth, turned with the head."""
    _check_size(size)
    canvas = Canvas(size)
    head = Head(canvas, identity)
    boxes = ((-128, 128, 150, 298), (-100, 100, 316, 476))
    for left, right, top, bottom in boxes:
        corners = [(left, top, 0), (right, top, 0), (right, bottom, 0), (left, bottom, 0)]
        canvas.mark(canvas.polygon(head.place(corners)), "skin")
    region: NDArray[np.bool_] = canvas.labels.reshape(size, 2, size, 2).max(axis=(1, 3)) > 0
    return region


def draw_dataset(
    count: int,
    output: str | os.PathLike[str],
    *,
    size: int = 256,
    seed: int = 0,
    workers: int = 2,
    progress: bool = True,
) -> DatasetManifest:
    """Makes the dataset folder `output` of `count` different people, divided by name.

    Face number k depends on `seed` and k alone, so a larger set begins with the smaller one and
    `workers` changes nothing. The folder appears when all faces are there, or not at all. Raises
    `DatasetError` when it exists and is not empty, `OutputError` when it cannot be written, and
    `ConfigError` for impossible options.
    """
    _check_size(size)
    if not 1 <= count <= MAX_COUNT:
        raise ConfigError(f"count is {count}; expected 1 to {MAX_COUNT} faces.")
    if workers < 1:
        raise ConfigError(f"workers is {workers}; expected at least 1.")
    if seed < 0:
        raise ConfigError(f"seed is {seed}; expected 0 or more.")
    target = Path(output)
    _check_output(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise OutputError(f"Cannot make {target}: {error.strerror or error}.") from error
    try:
        result = _write_faces(folder, count, size, seed, workers, progress)
        if target.is_dir():
            target.rmdir()
        folder.rename(target)
    except OSError as error:
        raise OutputError(f"Cannot write {target}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _write_faces(
    folder: Path, count: int, size: int, seed: int, workers: int, progress: bool
) -> DatasetManifest:
    """All files of the dataset into `folder`, which is empty."""
    # mkdtemp makes folders private; a dataset has the permissions any new folder has.
    umask = os.umask(0)
    os.umask(umask)
    folder.chmod(0o777 & ~umask)
    for name in ("images", "labels"):
        (folder / name).mkdir()
    faces: dict[str, FaceRecord] = {}
    draw = partial(_write_face, folder, size, seed)
    with (
        closing(as_completed(draw, range(count), min(workers, count))) as results,
        tqdm(
            results,
            desc="draw",
            unit=" faces",
            total=count,
            disable=None if progress else True,
        ) as bar,
    ):
        for stem, record in bar:
            faces[stem] = record
    described = DatasetManifest(
        size=size,
        source=f"drawn by code, seed {seed}",
        partition="by-name",
        attribute_names=ATTRIBUTES,
        faces=dict(sorted(faces.items())),
    )
    manifest.save(folder, described)
    return described


def _write_face(folder: Path, size: int, seed: int, index: int) -> tuple[str, FaceRecord]:
    rng = np.random.default_rng([seed, index])
    identity = random_identity(rng)
    expression = random_expression(rng)
    photo, values = draw_face(identity, expression, size)
    stem = f"{index:05d}"
    photo_path, labels_path = folder / "images" / f"{stem}.jpg", folder / "labels" / f"{stem}.png"
    images.write(photo_path, photo)
    images.write_labels(labels_path, values)
    return stem, FaceRecord(
        split=manifest.split_by_name(stem),
        image_sha256=files.sha256(photo_path),
        labels_sha256=files.sha256(labels_path),
        attributes=(
            int(identity.glasses != "none"),
            int(expression.smile > SMILING),
            int(identity.hat != "none"),
        ),
        pose=(identity.yaw, identity.pitch, identity.roll),
    )


def _check_size(size: int) -> None:
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ConfigError(f"size is {size}; expected {MIN_SIZE} to {MAX_SIZE} pixels.")


def _check_output(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise DatasetError(f"{target} is a file; name a new folder for the drawn faces.")
    if target.is_dir() and any(target.iterdir()):
        raise DatasetError(
            f"{target} is not empty; name a new folder for the drawn faces, or empty this one."
        )
