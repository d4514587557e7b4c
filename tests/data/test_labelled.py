"""A dataset folder that is filled face by face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maskgan import images
from maskgan.data import manifest
from maskgan.data.dataset import FaceMaskDataset
from maskgan.data.drawn import draw_pair
from maskgan.data.labelled import LabelledFolder
from maskgan.data.verify import verify
from maskgan.errors import LabelsError


@pytest.fixture
def folder(tmp_path: Path) -> LabelledFolder:
    made = LabelledFolder(tmp_path / "mine")
    made.announce({})
    return made


def fill(folder: LabelledFolder, *numbers: int, size: int = 64) -> None:
    for number in numbers:
        (photo, labels), _ = draw_pair(seed=number, size=size)
        folder.write(number, photo, labels)


def test_training_reads_exactly_what_was_written(folder: LabelledFolder) -> None:
    fill(folder, 0, 1, 2)
    dataset = FaceMaskDataset([folder.root], 64, "all")
    assert dataset.stems == ["00000", "00001", "00002"]
    for number, (photo, labels) in enumerate(dataset):
        (drawn_photo, drawn_labels), _ = draw_pair(seed=number, size=64)
        np.testing.assert_array_equal(photo, drawn_photo)
        np.testing.assert_array_equal(labels, drawn_labels)
        np.testing.assert_array_equal(folder.read(number), drawn_labels)


def test_dataset_json_is_there_only_while_all_faces_are(folder: LabelledFolder) -> None:
    described = folder.root / manifest.FILE_NAME
    folder.finish("nobody")
    assert not described.exists()
    fill(folder, 0, 1)
    folder.finish("my photos")
    known = manifest.load(folder.root)
    assert (known.size, known.source, known.partition) == (64, "my photos", "by-name")
    assert list(known.faces) == ["00000", "00001"]
    assert verify(folder.root, progress=False, workers=1).ok
    labels = folder.read(1)
    labels[:9] = 13
    folder.write(1, None, labels)
    assert not described.exists()
    folder.finish("my photos")
    assert verify(folder.root, progress=False, workers=1).ok
    assert manifest.load(folder.root).faces["00001"] != known.faces["00001"]
    folder.remove(0)
    assert not described.exists()
    assert not folder.begun(0)
    folder.remove(0)
    folder.finish("my photos")
    assert list(manifest.load(folder.root).faces) == ["00001"]


def test_faces_of_several_sizes_stay_without_dataset_json(folder: LabelledFolder) -> None:
    fill(folder, 0, size=64)
    fill(folder, 1, size=96)
    folder.finish("mixed")
    assert not (folder.root / manifest.FILE_NAME).exists()
    assert verify(folder.root, progress=False, workers=1).ok


def test_an_empty_map_is_refused(folder: LabelledFolder) -> None:
    with pytest.raises(LabelsError, match="nothing but background"):
        folder.write(0, np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8))
    assert not folder.begun(0)


def test_a_face_needs_both_its_files(folder: LabelledFolder) -> None:
    fill(folder, 3)
    assert folder.has(3)
    (folder.root / "labels" / "00003.png").unlink()
    assert not folder.has(3)
    assert folder.begun(3)
    assert images.size(folder.root / "images" / "00003.png") == (64, 64)
