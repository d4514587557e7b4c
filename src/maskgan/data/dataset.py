"""Faces with label maps from dataset folders and packs.

A dataset is a folder with `images/` and `labels/` of the same stems, or a pack: the same tree in
an uncompressed zip file. The split comes from `dataset.json` where there is one and from the name
otherwise. Yields uint8 arrays; augmentation and conversion happen per batch on the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskgan import images
from maskgan.data.celebamask import ATTRIBUTE_FILE
from maskgan.data.folder import FaceFolder
from maskgan.errors import DatasetError

Split = Literal["train", "val", "test", "all"]


class FaceMaskDataset:
    """Photos and label maps at one size, decoded on first use and kept in memory.

    `sources` are dataset folders or packs; `size` the side in pixels; `split` which faces to take;
    `cache_gib` the most memory to keep decoded faces in (beyond it they are decoded every time);
    photos with a side below `min_side` pixels are left out.
    Raises `DatasetError` when a source is not a dataset or no face is left.
    """

    def __init__(
        self,
        sources: Sequence[str | Path],
        size: int,
        split: Split = "train",
        cache_gib: float = 8.0,
        min_side: int = 0,
    ) -> None:
        self.size = size
        self.folders = [FaceFolder(source) for source in sources]
        self.index: list[tuple[FaceFolder, str]] = []
        for folder in self.folders:
            splits = folder.splits()
            labelled = folder.labelled
            for stem in sorted(splits):
                if stem in labelled and split in ("all", splits[stem]):
                    if min_side and min(folder.size(stem)) < min_side:
                        continue
                    self.index.append((folder, stem))
        if not self.index:
            places = ", ".join(str(folder.path) for folder in self.folders)
            large = f" of at least {min_side} pixels a side" if min_side else ""
            raise DatasetError(
                f"No labelled face of split {split!r}{large} in {places}; expected images/ and "
                "labels/ of "
                "the same stems. `maskgan parse` makes labels for photos that have none."
            )
        count = len(self.index)
        cached = count * size * size * 4 <= cache_gib * 2**30
        # np.empty costs address space only; the pages come with the faces that are decoded.
        self._photos = np.empty((count if cached else 0, size, size, 3), np.uint8)
        self._labels = np.empty((count if cached else 0, size, size), np.uint8)
        self._decoded = np.zeros(count if cached else 0, bool)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def stems(self) -> list[str]:
        return [stem for _, stem in self.index]

    def names(self, items: Sequence[int]) -> list[str]:
        """ "folder/stem" of faces, for messages."""
        return [f"{folder.path.name}/{stem}" for folder, stem in map(self.index.__getitem__, items)]

    def attributes(self, names: Sequence[str]) -> NDArray[np.uint8]:
        """0 or 1 for every face and name, (N, A). Raises `DatasetError` where one is not known."""
        known = {folder: folder.attributes() for folder in self.folders}
        values = np.empty((len(self), len(names)), np.uint8)
        for item, (folder, stem) in enumerate(self.index):
            of_face = known[folder].get(stem, {})
            for place, name in enumerate(names):
                if name not in of_face:
                    there = ", ".join(of_face) or "no attributes"
                    raise DatasetError(
                        f"{folder.path} does not say whether face {stem} has the attribute "
                        f"{name!r}; for this face it knows {there}. CelebAMask-HQ has attributes "
                        "(`maskgan data prepare` takes them along where "
                        f"{ATTRIBUTE_FILE} is there), and so have drawn faces "
                        "(`maskgan data draw`)."
                    )
                if of_face[name] not in (0, 1):
                    raise DatasetError(
                        f"{folder.path} says {of_face[name]} of {name!r} of face {stem}; expected "
                        "0 or 1 in dataset.json."
                    )
                values[item, place] = of_face[name]
        return values

    def __getitem__(self, item: int) -> tuple[images.Pixels, NDArray[np.uint8]]:
        """Photo uint8 (size, size, 3) and labels uint8 (size, size)."""
        if not self._decoded.size:
            return self._decode(item)
        if not self._decoded[item]:
            self._photos[item], self._labels[item] = self._decode(item)
            self._decoded[item] = True
        return self._photos[item], self._labels[item]

    def batch(self, items: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Photos uint8 (B, H, W, 3) and labels uint8 (B, H, W) as CPU tensors."""
        photos, labels = zip(*(self[item] for item in items), strict=True)
        return torch.from_numpy(np.stack(photos)), torch.from_numpy(np.stack(labels))

    def _decode(self, item: int) -> tuple[images.Pixels, NDArray[np.uint8]]:
        folder, stem = self.index[item]
        side = (self.size, self.size)
        photo, labels = folder.photo(stem), folder.labels(stem)
        return images.resize(photo, side), images.resize_labels(labels, side)


def sample_order(start: int, count: int, length: int, seed: int) -> list[int]:
    """Dataset items number `start` to `start + count` of an endless walk over `length` items that
    visits every item once per epoch, in an order that depends on the seed and the epoch only: a
    resumed run sees the same faces as an uninterrupted one."""
    items: list[int] = []
    while len(items) < count:
        epoch, position = divmod(start + len(items), length)
        order = np.random.default_rng([seed, epoch]).permutation(length)
        items += order[position : position + count - len(items)].tolist()
    return items
