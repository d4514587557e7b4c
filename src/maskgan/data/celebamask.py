"""The CelebAMask-HQ tree as its authors publish it: folders, text files, part PNGs, partition.

    CelebAMask-HQ/
      CelebA-HQ-img/                     0.jpg .. 29999.jpg, 1024x1024
      CelebAMask-HQ-mask-anno/0 .. 14/   NNNNN_part.png, 512x512, one per part that is present
      CelebA-HQ-to-CelebA-mapping.txt    HQ id -> index and file in CelebA
      CelebAMask-HQ-attribute-anno.txt   40 attributes of -1 or 1
      CelebAMask-HQ-pose-anno.txt        yaw, pitch, roll in degrees

A face is its HQ id, an int; on disk the id is written `7.jpg` for photos and `00007` for parts. In
a part PNG everything that is not zero belongs to the part.
Everything here reads; nothing knows what the faces will be turned into. The attribute and pose
files may be absent; everything else that is not as above is a `DatasetError` that names the file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from maskgan.errors import DatasetError
from maskgan.labels import ALL_PARTS, IDS, Labels

Split = Literal["train", "val", "test"]

PHOTO_FOLDER = "CelebA-HQ-img"
PART_FOLDER = "CelebAMask-HQ-mask-anno"
MAPPING_FILE = "CelebA-HQ-to-CelebA-mapping.txt"
ATTRIBUTE_FILE = "CelebAMask-HQ-attribute-anno.txt"
POSE_FILE = "CelebAMask-HQ-pose-anno.txt"

PART_SIZE = 512
"""Height and width of a part PNG in pixels."""
FACES_PER_FOLDER = 2000
"""Face `id` has its parts in folder `id // FACES_PER_FOLDER`."""
NUM_ATTRIBUTES = 40
VAL_START = 162_770
"""First CelebA image of the validation part, counted from 0 (file 162771.jpg)."""
TEST_START = 182_637
"""First CelebA image of the test part, counted from 0 (file 182638.jpg)."""
NUM_CELEBA = 202_599

_PHOTO_NAME = re.compile(r"(0|[1-9]\d*)\.jpg")
_PART_NAME = re.compile(r"(\d{5,})_(\w+)\.png")


@dataclass(frozen=True)
class Origin:
    """Where a face of CelebA-HQ comes from in CelebA."""

    orig_index: int
    """Index in CelebA, from 0."""
    orig_file: str
    """File name in CelebA, numbered from 1."""


@dataclass(frozen=True)
class Tree:
    """An original tree and what lies in it. `photos` and `parts` name what is there: a face may
    appear in one and be missing in the other."""

    root: Path
    photos: frozenset[int]
    """Ids that have a photo."""
    parts: dict[int, tuple[str, ...]]
    """Id -> names of the parts that have a PNG, in label order."""

    def photo_path(self, face: int) -> Path:
        return self.root / PHOTO_FOLDER / f"{face}.jpg"

    def part_folder(self, face: int) -> Path:
        return self.root / PART_FOLDER / str(face // FACES_PER_FOLDER)

    def part_path(self, face: int, part: str) -> Path:
        return self.part_folder(face) / f"{face:05d}_{part}.png"

    def check_pairs(self) -> None:
        """Raises `DatasetError` for a part without a photo or a photo without any part."""
        if lone := sorted(self.parts.keys() - self.photos):
            part = self.part_path(lone[0], self.parts[lone[0]][0])
            raise DatasetError(
                f"{part} has no photo: {self.photo_path(lone[0])} does not exist"
                f"{_and_more(lone)}. Put the photo back or remove the part files."
            )
        if bare := sorted(self.photos - self.parts.keys()):
            raise DatasetError(
                f"{self.photo_path(bare[0])} has no part files: no {bare[0]:05d}_*.png in "
                f"{self.part_folder(bare[0])}{_and_more(bare)}. Unpack the parts again or remove "
                "the photo."
            )


def find_root(source: Path) -> Path | None:
    """The root of the original tree at `source` or in a folder directly inside it; None where
    there is none. Raises `DatasetError` for half a tree: photos without part folders or the other
    way round, or several trees to choose from."""
    if not source.is_dir():
        return None
    # The inner folder counts only where the outer one is no tree itself.
    for places in ([source], sorted(child for child in source.iterdir() if child.is_dir())):
        roots = []
        for place in places:
            there = [name for name in (PHOTO_FOLDER, PART_FOLDER) if (place / name).is_dir()]
            if len(there) == 1:
                absent = PART_FOLDER if there[0] == PHOTO_FOLDER else PHOTO_FOLDER
                raise DatasetError(
                    f"{place} holds {there[0]} but no folder {absent}; it must have exactly this "
                    "name. Unpack CelebAMask-HQ whole."
                )
            if there:
                roots.append(place)
        if len(roots) > 1:
            raise DatasetError(
                f"{source} holds several CelebAMask-HQ trees ({', '.join(r.name for r in roots)}); "
                "name one of them."
            )
        if roots:
            return roots[0]
    return None


def scan(root: Path) -> Tree:
    """Lists the photos and part PNGs under `root`; reads no picture. Raises `DatasetError` for a
    file with an unknown part name or in a folder where it would never be found."""
    names = (_PHOTO_NAME.fullmatch(path.name) for path in (root / PHOTO_FOLDER).iterdir())
    photos = frozenset(int(match[1]) for match in names if match)
    if not photos:
        raise DatasetError(
            f"{root / PHOTO_FOLDER} holds no photo; expected 0.jpg, 1.jpg and so on."
        )
    found: dict[int, set[str]] = {}
    for path in _part_files(root / PART_FOLDER):
        match = _PART_NAME.fullmatch(path.name)
        if match is None or match[2] not in ALL_PARTS:
            raise DatasetError(
                f"{path} is not the name of a part; expected NNNNN_part.png with a part of: "
                f"{', '.join(ALL_PARTS)}."
            )
        face = int(match[1])
        if path.parent.name != str(face // FACES_PER_FOLDER):
            raise DatasetError(
                f"{path} lies in folder {path.parent.name}; the parts of face {face} belong in "
                f"folder {face // FACES_PER_FOLDER}. Move it there."
            )
        found.setdefault(face, set()).add(match[2])
    parts = {
        face: tuple(part for part in ALL_PARTS if part in names) for face, names in found.items()
    }
    return Tree(root=root, photos=photos, parts=parts)


def merge_parts(folder: Path, face: int, parts: Sequence[str]) -> Labels:
    """The label map uint8 (512, 512) of one face: its parts in `folder` laid over each other in
    label order, later parts on top. Raises `DatasetError` where there is no part at all, or where
    one cannot be read or has another size."""
    if not parts:
        raise DatasetError(
            f"Face {face:05d} has no part files: no {face:05d}_*.png in {folder}. Unpack the parts "
            "again or remove the photo."
        )
    merged = np.zeros((PART_SIZE, PART_SIZE), np.uint8)
    for name in sorted(parts, key=IDS.__getitem__):
        merged[_read_part(folder / f"{face:05d}_{name}.png")] = IDS[name]
    return merged


def read_mapping(root: Path) -> dict[int, Origin]:
    """HQ id -> its origin in CelebA, from the mapping file with or without its header line."""
    path = root / MAPPING_FILE
    if not path.is_file():
        raise DatasetError(
            f"{path} is missing; the train, val and test parts come from it. Copy it from the "
            "CelebAMask-HQ download."
        )
    origins: dict[int, Origin] = {}
    for number, fields in _rows(path):
        if fields[0] == "idx":
            continue
        if len(fields) != 3 or not (fields[0].isdecimal() and fields[1].isdecimal()):
            raise _bad_row(path, number, "an id, an index in CelebA and a file name")
        if int(fields[0]) in origins:
            raise DatasetError(f"{path}, line {number}: face {fields[0]} is there a second time.")
        if int(fields[1]) >= NUM_CELEBA:
            raise _bad_row(path, number, f"an index in CelebA below {NUM_CELEBA}")
        origins[int(fields[0])] = Origin(orig_index=int(fields[1]), orig_file=fields[2])
    return origins


def read_attributes(root: Path) -> tuple[tuple[str, ...], dict[int, tuple[int, ...]]]:
    """The 40 attribute names, and HQ id -> 40 values of 0 or 1. Both empty without the file."""
    path = root / ATTRIBUTE_FILE
    if not path.is_file():
        return (), {}
    names: tuple[str, ...] = ()
    values: dict[int, tuple[int, ...]] = {}
    for number, fields in _rows(path):
        if number == 1:
            continue
        if number == 2:
            names = tuple(fields)
            if len(set(names)) != NUM_ATTRIBUTES:
                raise _bad_row(path, number, f"{NUM_ATTRIBUTES} attribute names")
            continue
        face = _face_of(fields[0], path, number)
        if len(fields) != NUM_ATTRIBUTES + 1 or not set(fields[1:]) <= {"-1", "1"}:
            raise _bad_row(path, number, f"a file name and {NUM_ATTRIBUTES} values of -1 or 1")
        values[face] = tuple(int(field == "1") for field in fields[1:])
    return names, values


def read_poses(root: Path) -> dict[int, tuple[float, float, float]]:
    """HQ id -> (yaw, pitch, roll) in degrees. Empty without the file."""
    path = root / POSE_FILE
    if not path.is_file():
        return {}
    poses: dict[int, tuple[float, float, float]] = {}
    for number, fields in _rows(path):
        if number <= 2:
            continue
        face = _face_of(fields[0], path, number)
        try:
            yaw, pitch, roll = (float(field) for field in fields[1:])
        except ValueError as error:
            raise _bad_row(path, number, "a file name and 3 numbers") from error
        poses[face] = (yaw, pitch, roll)
    return poses


def celeba_split(orig_index: int) -> Split:
    """The part of CelebA's official partition that an image belongs to, by its index from 0.

    The partition is published by file number, from 1: train to 162770, val to 182637, test after.
    """
    if orig_index < VAL_START:
        return "train"
    return "val" if orig_index < TEST_START else "test"


def _part_files(folder: Path) -> Iterator[Path]:
    """Every part PNG in the numbered folders; hidden files that unpackers leave do not count."""
    for numbered in sorted(folder.iterdir()):
        if numbered.is_dir() and numbered.name.isdecimal():
            for path in numbered.iterdir():
                if path.suffix == ".png" and not path.name.startswith("."):
                    yield path


def _read_part(path: Path) -> NDArray[np.bool_]:
    """A part PNG of any mode -> bool (512, 512), True where its first channel is not zero."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.size != (PART_SIZE, PART_SIZE):
                raise DatasetError(
                    f"{path} has {picture.width}x{picture.height} pixels; expected "
                    f"{PART_SIZE}x{PART_SIZE}."
                )
            picture.load()
            # Palette indices are no colours: index 0 may stand for white.
            flat = picture.convert("RGB") if picture.mode in ("P", "PA") else picture
            values = np.asarray(flat)
    except UnidentifiedImageError as error:
        raise DatasetError(
            f"{path} is not a picture ({len(content)} bytes); unpack it again."
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DatasetError(f"{path} is damaged or cut short ({error}); unpack it again.") from error
    region: NDArray[np.bool_] = (values if values.ndim == 2 else values[..., 0]) != 0
    return region


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number, from 1, and fields of every line that is not blank."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read as text: {error}.") from error
    for number, line in enumerate(lines, start=1):
        if fields := line.split():
            yield number, fields


def _face_of(name: str, path: Path, number: int) -> int:
    match = _PHOTO_NAME.fullmatch(name)
    if match is None:
        raise _bad_row(path, number, "a photo name such as 7.jpg first")
    return int(match[1])


def _bad_row(path: Path, number: int, expected: str) -> DatasetError:
    return DatasetError(f"{path}, line {number}: expected {expected}. Unpack the file again.")


def _and_more(faces: list[int]) -> str:
    return f" (and {len(faces) - 1} more like it)" if len(faces) > 1 else ""
