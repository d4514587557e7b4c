"""What a dataset can be prepared from: the original CelebAMask-HQ tree, or a dataset folder.

`open_source` lists the faces and what is known of them and opens no picture; `read_face` reads
one. Both raise errors that name the file. Knows nothing of where the faces go.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image

from maskgan import images
from maskgan.data import celebamask, manifest
from maskgan.data.manifest import FaceRecord, Partition
from maskgan.errors import DatasetError, PhotoError
from maskgan.images import Pixels
from maskgan.labels import Labels


@dataclass(frozen=True)
class SourceFace:
    """The files of one face."""

    stem: str
    """Its name in a dataset folder."""
    photo: Path
    labels: Path
    """A label PNG, or the folder that holds the part PNGs."""
    parts: tuple[str, ...] | None = None
    """Names of the parts in that folder; None where `labels` is a label PNG."""


@dataclass(frozen=True)
class Source:
    """All faces, in the order of their stems."""

    name: str
    faces: dict[str, SourceFace]
    records: dict[str, FaceRecord]
    """Stem -> record; the checksums are those of the source, or empty."""
    partition: Partition
    attribute_names: tuple[str, ...]


def open_source(path: Path) -> Source:
    """The original tree at `path` or in a folder inside it, or the dataset folder at `path`.

    Raises `DatasetError` where it is neither, and where files are missing or left over.
    """
    if not path.is_dir():
        raise DatasetError(f"{path} is not a folder; expected the CelebAMask-HQ tree.")
    if (path / "images").is_dir() and (path / "labels").is_dir():
        return _open_dataset(path)
    root = celebamask.find_root(path)
    if root is None:
        raise DatasetError(
            f"{path} is neither the CelebAMask-HQ tree (folders {celebamask.PHOTO_FOLDER} and "
            f"{celebamask.PART_FOLDER}) nor a dataset folder (images and labels). Name the folder "
            "that holds these."
        )
    return _open_tree(root)


def read_face(face: SourceFace, size: int) -> tuple[Pixels, Labels]:
    """Photo uint8 (size, size, 3) RGB, scaled down with Lanczos, and labels uint8 (size, size),
    nearest neighbour. Raises `PhotoError` also for a photo that is not square or smaller."""
    if face.parts is None:
        values = images.read_labels(face.labels)
    else:
        values = celebamask.merge_parts(face.labels, int(face.stem), face.parts)
    if values.shape[0] != values.shape[1]:
        raise DatasetError(
            f"{face.labels} has {values.shape[1]}x{values.shape[0]} pixels; expected a square."
        )
    photo = images.read(face.photo)
    height, width = photo.shape[:2]
    if height != width or width < size:
        raise PhotoError(
            f"{face.photo} has {width}x{height} pixels; expected a square of at least "
            f"{size}x{size}. Photos are not enlarged: put the photo right or choose a smaller size."
        )
    return images.resize(photo, (size, size)), images.resize_labels(values, (size, size))


def is_ready(photo: Path, size: int) -> bool:
    """True for a photo that is what a dataset holds already, an upright RGB JPEG of `size` x `size`
    pixels: it can be copied and need not lose quality by being encoded again."""
    with Image.open(photo) as picture:
        upright = picture.getexif().get(ExifTags.Base.Orientation, 1) == 1
        wanted = ("JPEG", "RGB", (size, size))
        return upright and (picture.format, picture.mode, picture.size) == wanted


def _open_tree(root: Path) -> Source:
    origins = celebamask.read_mapping(root)
    names, attributes = celebamask.read_attributes(root)
    poses = celebamask.read_poses(root)
    tree = celebamask.scan(root)
    tree.check_pairs()
    _check_rows(tree, celebamask.MAPPING_FILE, set(origins))
    if names:
        _check_rows(tree, celebamask.ATTRIBUTE_FILE, set(attributes))
    if poses:
        _check_rows(tree, celebamask.POSE_FILE, set(poses))
    faces, records = {}, {}
    for face in sorted(tree.photos):
        stem = f"{face:05d}"
        faces[stem] = SourceFace(
            stem, tree.photo_path(face), tree.part_folder(face), tree.parts[face]
        )
        records[stem] = FaceRecord(
            split=celebamask.celeba_split(origins[face].orig_index),
            image_sha256="",
            labels_sha256="",
            orig_index=origins[face].orig_index,
            orig_file=origins[face].orig_file,
            attributes=attributes.get(face, ()),
            pose=poses.get(face),
        )
    return Source(
        name="CelebAMask-HQ",
        faces=faces,
        records=records,
        partition="celeba",
        attribute_names=names,
    )


def _open_dataset(folder: Path) -> Source:
    photos = manifest.photo_files(folder)
    maps = {path.stem: path for path in (folder / "labels").glob("[!.]*.png")}
    if lone := sorted(maps.keys() - photos.keys()):
        raise DatasetError(f"{maps[lone[0]]} has no photo in {folder / 'images'}.")
    if bare := sorted(photos.keys() - maps.keys()):
        raise DatasetError(
            f"{photos[bare[0]]} has no label map: {folder / 'labels' / bare[0]}.png does not exist."
        )
    faces = {stem: SourceFace(stem, photo, maps[stem]) for stem, photo in photos.items()}
    if not (folder / manifest.FILE_NAME).is_file():
        blank = {
            stem: FaceRecord(split=manifest.split_by_name(stem), image_sha256="", labels_sha256="")
            for stem in faces
        }
        return Source(folder.resolve().name, faces, blank, "by-name", ())
    known = manifest.load(folder)
    if unlisted := sorted(faces.keys() ^ known.faces.keys()):
        raise DatasetError(
            f"{folder / manifest.FILE_NAME} and the folder disagree about face {unlisted[0]}: it "
            "is in one and not in the other. Run `maskgan data verify`."
        )
    records = {stem: known.faces[stem] for stem in faces}
    return Source(known.source, faces, records, known.partition, known.attribute_names)


def _check_rows(tree: celebamask.Tree, name: str, known: set[int]) -> None:
    if unknown := sorted(tree.photos - known):
        raise DatasetError(
            f"{tree.root / name} has no line for {tree.photo_path(unknown[0])}; it may be cut "
            "short. Unpack it again."
        )
