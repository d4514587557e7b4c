"""Reading a dataset folder, or the same tree inside a zip file (a pack), face by face."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from maskgan import images, labels
from maskgan.data.manifest import FILE_NAME, PHOTO_SUFFIXES, split_by_name
from maskgan.errors import DatasetError, LabelsError, MaskganError, PhotoError


class FaceFolder:
    """One dataset folder or pack. Raises `DatasetError` when `path` is neither."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._zip: zipfile.ZipFile | None = None
        self._lock = threading.Lock()
        if self.path.is_dir():
            names = [
                f"{kind}/{file.name}"
                for kind in ("images", "labels")
                if (self.path / kind).is_dir()
                for file in (self.path / kind).iterdir()
            ]
        elif zipfile.is_zipfile(self.path):
            self._zip = zipfile.ZipFile(self.path)
            names = self._zip.namelist()
        else:
            raise DatasetError(
                f"{self.path} is neither a dataset folder (images/ and labels/) nor a pack (.zip)."
            )
        self._photos: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        for name in sorted(names):
            entry = PurePosixPath(name)
            if entry.name.startswith("."):
                continue
            if entry.parent.name == "images" and entry.suffix.lower() in PHOTO_SUFFIXES:
                if entry.stem in self._photos:
                    raise DatasetError(
                        f"{self.path} holds {self._photos[entry.stem]} and {name}, which share a "
                        "stem; remove one of them."
                    )
                self._photos[entry.stem] = name
            elif entry.parent.name == "labels" and entry.suffix.lower() == ".png":
                self._labels[entry.stem] = name
        if not self._photos:
            raise DatasetError(f"{self.path} has no photos in images/ (jpg, png or webp).")

    @property
    def stems(self) -> list[str]:
        """Stems of all photos, sorted."""
        return sorted(self._photos)

    @property
    def labelled(self) -> set[str]:
        """Stems of the photos that have a label map."""
        return self._photos.keys() & self._labels.keys()

    def splits(self) -> Mapping[str, str]:
        """Stem -> "train", "val" or "test": from `dataset.json`, else by name."""
        text = self._description()
        if text is None:
            return {stem: split_by_name(stem) for stem in self._photos}
        try:
            faces = json.loads(text)["faces"]
            return {stem: face["split"] for stem, face in faces.items() if stem in self._photos}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged(error) from error

    def attributes(self) -> Mapping[str, Mapping[str, int]]:
        """Stem -> name of an attribute -> 0 or 1, of the faces of which `dataset.json` knows them;
        empty where it knows none or is not there."""
        text = self._description()
        if text is None:
            return {}
        try:
            described = json.loads(text)
            names = described.get("attribute_names", [])
            return {
                stem: dict(zip(names, face["attributes"], strict=True))
                for stem, face in described["faces"].items()
                if stem in self._photos and face.get("attributes")
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged(error) from error

    def _description(self) -> bytes | None:
        """What `dataset.json` holds; None where there is none."""
        # A pack may hold the tree in a folder of its own.
        root = PurePosixPath(next(iter(self._photos.values()))).parent.parent
        try:
            return self._read(str(root / FILE_NAME))
        except (KeyError, FileNotFoundError):
            return None

    def _damaged(self, error: Exception) -> DatasetError:
        return DatasetError(
            f"{self.path / 'dataset.json'} is damaged ({error}); make it again with "
            "`maskgan data prepare`."
        )

    def photo(self, stem: str) -> images.Pixels:
        """The photo uint8 (H, W, 3). Raises `PhotoError` naming the file."""
        name = self._photos[stem]
        try:
            return images.read(self._source(name))
        except PhotoError as error:
            raise PhotoError(self._located(name, error)) from error

    def size(self, stem: str) -> tuple[int, int]:
        """Width and height of the photo, from its header. Raises `PhotoError` naming the file."""
        name = self._photos[stem]
        try:
            return images.size(self._source(name))
        except PhotoError as error:
            raise PhotoError(self._located(name, error)) from error

    def labels(self, stem: str) -> labels.Labels:
        """The label map uint8 (H, W), order A. Raises `LabelsError` naming the file."""
        name = self._labels[stem]
        try:
            return images.read_labels(self._source(name))
        except LabelsError as error:
            raise LabelsError(self._located(name, error)) from error

    def _located(self, name: str, error: MaskganError) -> str:
        """The sentence of an error with the file's place in a pack, which has no path."""
        return str(error) if self._zip is None else f"{name} in {self.path}: {error}"

    def _source(self, name: str) -> Path | bytes:
        return self.path / name if self._zip is None else self._read(name)

    def _read(self, name: str) -> bytes:
        if self._zip is None:
            return (self.path / name).read_bytes()
        with self._lock:  # a zip file has one position for all readers
            try:
                return self._zip.read(name)
            except zipfile.BadZipFile as error:
                raise DatasetError(
                    f"{name} in {self.path} is damaged ({error}); copy or make the pack again."
                ) from error
