"""A dataset folder that is filled face by face: `images/NNNNN.png` and `labels/NNNNN.png`.

A face is its number, from 0, and its name is the number with five digits. `dataset.json` is there
only while all faces are (`finish`), as `maskgan data prepare` has it: until then the folder is read
without, and divided by the same rule. What writes into the folder is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from maskgan import files, images
from maskgan.data import manifest
from maskgan.data.manifest import DatasetManifest, FaceRecord
from maskgan.errors import LabelsError
from maskgan.images import Pixels
from maskgan.labels import Labels


class LabelledFolder:
    """Writes faces into the dataset folder `root`, one by one and in any order. A face is there
    when both its files are; its photo is the first file written and the last one taken away."""

    side: int | None = None
    """Crops and label maps may have any size."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._records: dict[str, tuple[FaceRecord, tuple[int, int]]] = {}

    def announce(self, names: Mapping[int, str]) -> None:
        """Makes the folders. `names` is number -> photo of all faces that will ever be there."""
        for folder in ("images", "labels"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)

    def has(self, number: int) -> bool:
        """True where the face can be read."""
        return all(path.is_file() for path in self._places(number))

    def begun(self, number: int) -> bool:
        """True where any file of the face may be there."""
        return self._places(number)[0].exists()

    def read(self, number: int) -> Labels:
        """Its labels uint8 (S, S). Raises `LabelsError`."""
        return images.read_labels(self._places(number)[1])

    def write(self, number: int, crop: Pixels | None, labels: Labels) -> None:
        """Writes crop uint8 (S, S, 3), or keeps the one that is there (None), and its labels
        uint8 (S, S). Raises `LabelsError` for an empty map, and `OutputError`."""
        if not labels.any():
            raise LabelsError(
                "The label map holds nothing but background, which shows no face to learn from; "
                "paint the face first."
            )
        photo, label_map = self._places(number)
        self._unfinish(number)
        if crop is not None:
            images.write(photo, crop)
        images.write_labels(label_map, labels)

    def remove(self, number: int) -> None:
        """Takes both files of the face away; none is no error."""
        self._unfinish(number)
        for path in reversed(self._places(number)):
            path.unlink(missing_ok=True)

    def finish(self, source: str) -> None:
        """Writes `dataset.json`: all faces are there. `source` says what they come from. Without a
        face, or where faces differ in size, there is none to write."""
        if (self.root / manifest.FILE_NAME).is_file():
            return
        found = {path.stem: path for path in sorted(self._images().glob("[0-9]" * 5 + ".png"))}
        sizes = {self._record(stem)[1] for stem in found}
        if len(sizes) != 1:
            return
        described = DatasetManifest(
            size=sizes.pop()[0],
            source=source,
            partition="by-name",
            faces={stem: self._record(stem)[0] for stem in found},
        )
        manifest.save(self.root, described)

    def _record(self, stem: str) -> tuple[FaceRecord, tuple[int, int]]:
        """What `dataset.json` says of a face, and its width and height."""
        if stem not in self._records:
            photo, label_map = self._places(int(stem))
            record = FaceRecord(
                split=manifest.split_by_name(stem),
                image_sha256=files.sha256(photo),
                labels_sha256=files.sha256(label_map),
            )
            self._records[stem] = record, images.size(photo)
        return self._records[stem]

    def _unfinish(self, number: int) -> None:
        self._records.pop(f"{number:05d}", None)
        (self.root / manifest.FILE_NAME).unlink(missing_ok=True)

    def _images(self) -> Path:
        return self.root / "images"

    def _places(self, number: int) -> tuple[Path, Path]:
        name = f"{number:05d}.png"
        return self._images() / name, self.root / "labels" / name
