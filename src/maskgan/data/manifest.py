"""`dataset.json`: what a dataset folder says about its faces.

A dataset folder holds `images/STEM.(jpg|jpeg|png|webp)` and `labels/STEM.png`; the stem is the
face. `dataset.json` beside them adds where each face comes from, which part of the data it belongs
to and the checksums of its files. A folder without it is a dataset too: its faces are then
divided by name, 85 % train, 5 % val and 10 % test, the same everywhere and for ever. Opens no
picture.
"""

# No postponed annotations here: reading 30,000 records would evaluate them 30,000 times.
import json
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from maskgan import config, files
from maskgan.data.celebamask import Split
from maskgan.errors import ConfigError, DatasetError

Partition = Literal["celeba", "by-name"]

FORMAT = 1
FILE_NAME = "dataset.json"
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, kw_only=True)
class FaceRecord:
    """One face of a dataset folder."""

    split: Split
    """The part of the data this face belongs to."""
    image_sha256: str
    """Hex digest of its photo file."""
    labels_sha256: str
    """Hex digest of its label file."""
    orig_index: int | None = None
    """Index in CelebA, from 0; None where the face does not come from there."""
    orig_file: str | None = None
    """File name in CelebA."""
    attributes: tuple[int, ...] = ()
    """0 or 1 per name in `DatasetManifest.attribute_names`; empty where not known."""
    pose: tuple[float, float, float] | None = None
    """Yaw, pitch and roll in degrees; None where not known."""
    sides_fixed: bool = False
    """True where left and right were exchanged in the annotation and have been put right."""


@dataclass(frozen=True, kw_only=True)
class DatasetManifest:
    """A whole dataset folder."""

    format: int = FORMAT
    size: int
    """Height and width of photos and label maps, pixels."""
    source: str
    """What the faces were prepared from: "CelebAMask-HQ" or the name of another dataset folder."""
    partition: Partition
    """How `split` came about: CelebA's official partition, or `split_by_name`."""
    fix_sides: bool = False
    """True where exchanged sides were looked for and put right."""
    attribute_names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """Stems of the source that are not here because their label map is empty."""
    faces: dict[str, FaceRecord] = field(default_factory=dict)
    """Stem -> record."""

    def __post_init__(self) -> None:
        for stem, face in self.faces.items():
            if len(face.attributes) not in (0, len(self.attribute_names)):
                raise ConfigError(
                    f"faces.{stem} has {len(face.attributes)} attributes; expected "
                    f"{len(self.attribute_names)}, one per attribute name."
                )

    def sentences(self) -> list[str]:
        """What is in the dataset, for people to read."""
        counts = Counter(face.split for face in self.faces.values())
        said = [
            f"{len(self.faces)} faces of {self.size}x{self.size} pixels: "
            + ", ".join(f"{counts[split]} {split}" for split in ("train", "val", "test"))
            + "."
        ]
        if self.left_out:
            said.append(
                f"{len(self.left_out)} left out because their label map is empty: "
                f"{', '.join(self.left_out)}."
            )
        if fixed := sum(face.sides_fixed for face in self.faces.values()):
            said.append(f"Left and right put right in {fixed} faces.")
        if not self.attribute_names:
            said.append("The source has no attributes.")
        return said


def load(folder: Path) -> DatasetManifest:
    """Reads `dataset.json` of a dataset folder. Raises `DatasetError`."""
    path = folder / FILE_NAME
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise DatasetError(f"{path} is not JSON ({error}); prepare the dataset again.") from error
    if not isinstance(values, dict):
        raise DatasetError(f"{path} holds no JSON object; prepare the dataset again.")
    if values.get("format") != FORMAT:
        raise DatasetError(
            f"{path} has format {values.get('format')}; this version of maskgan reads format "
            f"{FORMAT}. Prepare the dataset again."
        )
    try:
        return config.from_dict(DatasetManifest, values)
    except ConfigError as error:
        raise DatasetError(f"{path}: {error}") from error


def save(folder: Path, manifest: DatasetManifest) -> None:
    """Writes `dataset.json`, whole or not at all, one face per line. Raises `OutputError`."""
    values = config.to_dict(manifest)
    faces = values.pop("faces")
    head = json.dumps(values, indent=1)[:-2]
    lines = ",\n".join(f"  {json.dumps(stem)}: {json.dumps(face)}" for stem, face in faces.items())
    files.write_text(folder / FILE_NAME, f'{head},\n "faces": {{\n{lines}\n }}\n}}\n')


def split_by_name(stem: str) -> Split:
    """The part a face belongs to where nothing else says so: one name in ten is test, one in
    twenty val. Settings are chosen on val, figures reported on test."""
    number = zlib.crc32(stem.encode())
    if number % 10 == 0:
        return "test"
    return "val" if number % 20 == 1 else "train"


def photo_files(folder: Path) -> dict[str, Path]:
    """Stem -> photo in `folder/images`, in the order of the stems. Raises `DatasetError` when the
    folder is not there, holds no photo, or two photos share a stem."""
    images = folder / "images"
    if not images.is_dir():
        raise DatasetError(f"{folder} is not a dataset folder: it holds no folder images.")
    found: dict[str, Path] = {}
    for path in sorted(images.iterdir()):
        if path.suffix.lower() not in PHOTO_SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in found:
            raise DatasetError(
                f"{found[path.stem]} and {path.name} share a name; remove one of them."
            )
        found[path.stem] = path
    if not found:
        raise DatasetError(
            f"{images} holds no photo; expected files that end in {', '.join(PHOTO_SUFFIXES)}."
        )
    return dict(sorted(found.items()))


def dataset_stems(folder: Path) -> dict[str, Split]:
    """Stem -> split of every face of a dataset folder, in the order of the stems: as
    `dataset.json` says, by name where there is none. Raises `DatasetError`."""
    if (folder / FILE_NAME).is_file():
        return {stem: face.split for stem, face in sorted(load(folder).faces.items())}
    return {stem: split_by_name(stem) for stem in photo_files(folder)}
