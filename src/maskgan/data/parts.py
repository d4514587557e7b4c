"""A tree in the layout of CelebAMask-HQ for faces of one's own, which `maskgan data prepare` reads
back to the same labels, bit for bit.

    CelebA-HQ-img/N.jpg                                 512x512, quality 95, colours not thinned out
    CelebAMask-HQ-mask-anno/N//2000/NNNNN_part.png      512x512, RGB, white where the part is
    CelebA-HQ-to-CelebA-mapping.txt                     the split and the file name of every face

A face is its number, from 0. The parts of one face do not overlap, so the order in which a reader
lays them over each other does not matter. They are RGB, since some readers of CelebAMask-HQ compare
with the value that Pillow gives white when it reduces a colour picture to its palette.

The tree divides faces by an index in CelebA. Ours come from elsewhere: each gets an index inside
the part of the data that `manifest.split_by_name` gives its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image

from maskgan import files, images
from maskgan.data import celebamask
from maskgan.data.celebamask import (
    FACES_PER_FOLDER,
    MAPPING_FILE,
    NUM_CELEBA,
    PART_FOLDER,
    PART_SIZE,
    PHOTO_FOLDER,
    TEST_START,
    VAL_START,
)
from maskgan.data.manifest import split_by_name
from maskgan.errors import LabelsError
from maskgan.images import Pixels
from maskgan.labels import ALL_PARTS, IDS, Labels

RANGES = {
    "train": (0, VAL_START),
    "val": (VAL_START, TEST_START),
    "test": (TEST_START, NUM_CELEBA),
}
"""Split -> its indices in CelebA, the last one not included."""


class PartTree:
    """Writes faces into the tree at `root`, one by one and in any order. A face is there when its
    photo and a part are; its photo is the first file written and the last one taken away."""

    side = PART_SIZE
    """Height and width that every crop and label map must have."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def announce(self, names: Mapping[int, str]) -> None:
        """Makes the folders, and the mapping of all faces that will ever be there: number -> file
        name of the photo it comes from."""
        for folder in (PHOTO_FOLDER, PART_FOLDER):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        lines = [
            # Columns are divided by white space, which file names may hold.
            f"{number} {orig_index(number)} {quote(name, safe='')}"
            for number, name in sorted(names.items())
        ]
        text = "\n".join(["idx orig_idx orig_file", *lines]) + "\n"
        files.write_text(self.root / MAPPING_FILE, text)

    def has(self, number: int) -> bool:
        """True where the face can be read."""
        return self._photo(number).is_file() and bool(self._present(number))

    def begun(self, number: int) -> bool:
        """True where any file of the face may be there."""
        return self._photo(number).exists()

    def read(self, number: int) -> Labels:
        """Its labels uint8 (512, 512). Raises `DatasetError`."""
        return celebamask.merge_parts(self._folder(number), number, self._present(number))

    def write(self, number: int, crop: Pixels | None, labels: Labels) -> None:
        """Writes crop uint8 (512, 512, 3), or keeps the one that is there (None), and the part
        files of labels uint8 (512, 512). Raises `LabelsError` for a map without any part or of
        another size, and `OutputError`."""
        if labels.shape != (PART_SIZE, PART_SIZE):
            raise LabelsError(
                f"The label map has {labels.shape[1]}x{labels.shape[0]} pixels; parts of "
                f"CelebAMask-HQ have {PART_SIZE}x{PART_SIZE}."
            )
        if not labels.any():
            raise LabelsError(
                "The label map holds nothing but background, for which there are no part files; "
                "paint the face first."
            )
        if crop is not None:
            images.write(self._photo(number), crop)
        self._folder(number).mkdir(exist_ok=True)
        for part in ALL_PARTS:
            region = labels == IDS[part]
            path = self._part(number, part)
            if not region.any():
                path.unlink(missing_ok=True)
                continue
            white = np.repeat(region.astype(np.uint8)[..., None] * 255, 3, axis=2)
            with files.replacing(path) as temporary:
                Image.fromarray(white).save(temporary)

    def remove(self, number: int) -> None:
        """Takes all files of the face away; none is no error."""
        for part in ALL_PARTS:
            self._part(number, part).unlink(missing_ok=True)
        self._photo(number).unlink(missing_ok=True)

    def finish(self, source: str) -> None:
        """All faces are there. The layout has no file to say so."""

    def _present(self, number: int) -> tuple[str, ...]:
        return tuple(part for part in ALL_PARTS if self._part(number, part).is_file())

    def _photo(self, number: int) -> Path:
        return self.root / PHOTO_FOLDER / f"{number}.jpg"

    def _folder(self, number: int) -> Path:
        return self.root / PART_FOLDER / str(number // FACES_PER_FOLDER)

    def _part(self, number: int, part: str) -> Path:
        return self._folder(number) / f"{number:05d}_{part}.png"


def orig_index(number: int) -> int:
    """The index in CelebA that puts a face of one's own into the split of its number."""
    start, end = RANGES[split_by_name(f"{number:05d}")]
    return start + number % (end - start)
