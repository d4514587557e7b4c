"""Packs: a dataset folder in one file of at most a given size."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from maskgan.data.dataset import FaceMaskDataset
from maskgan.data.pack import LOWEST_QUALITY, pack
from maskgan.errors import ConfigError, DatasetError, OutputError


def test_a_pack_holds_the_same_faces(drawn_faces: Path, tmp_path: Path) -> None:
    target = tmp_path / "faces.zip"
    assert pack([drawn_faces], target, size=64, progress=False) == 40
    for split in ("train", "test"):
        before = FaceMaskDataset([drawn_faces], 64, split)  # type: ignore[arg-type]
        after = FaceMaskDataset([target], 64, split)  # type: ignore[arg-type]
        assert before.stems == after.stems
        for (photo, labels), (packed, packed_labels) in zip(before, after, strict=True):
            np.testing.assert_array_equal(labels, packed_labels)
            gap = np.abs(photo.astype(float) - packed)
            assert gap.mean() < 6  # of 255: WebP is lossy


def test_a_pack_keeps_attributes_that_all_of_its_folders_know(
    drawn_faces: Path, tmp_path: Path
) -> None:
    target, other = tmp_path / "faces.zip", tmp_path / "other"
    pack([drawn_faces], target, size=32, progress=False)
    before = FaceMaskDataset([drawn_faces], 32, "all")
    after = FaceMaskDataset([target], 32, "all")
    names = ("Smiling", "Wearing_Hat")
    np.testing.assert_array_equal(before.attributes(names), after.attributes(names))

    shutil.copytree(drawn_faces, other)
    described = json.loads((other / "dataset.json").read_text())
    described["attribute_names"] = ["Eyeglasses", "Young", "Wearing_Hat"]
    (other / "dataset.json").write_text(json.dumps(described))
    pack([drawn_faces, other], target, size=32, progress=False)
    both = FaceMaskDataset([target], 32, "all")
    np.testing.assert_array_equal(
        both.attributes(("Wearing_Hat",)), np.tile(before.attributes(("Wearing_Hat",)), (2, 1))
    )
    with pytest.raises(DatasetError, match="'Smiling'; for this face it knows Eyeglasses, Wearing"):
        both.attributes(("Smiling",))


def test_a_pack_is_scaled_and_not_compressed_twice(drawn_faces: Path, tmp_path: Path) -> None:
    target = tmp_path / "faces.zip"
    pack([drawn_faces], target, size=32, progress=False)
    photo, labels = FaceMaskDataset([target], 32, "all")[0]
    assert photo.shape == (32, 32, 3)
    assert labels.shape == (32, 32)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        kinds = {entry.compress_type for entry in archive.infolist()}
    assert kinds == {zipfile.ZIP_STORED}


def test_the_size_limit_is_kept_by_lowering_the_quality(drawn_faces: Path, tmp_path: Path) -> None:
    free, held = tmp_path / "free.zip", tmp_path / "held.zip"
    pack([drawn_faces], free, size=64, progress=False)
    limit = free.stat().st_size / 2**20 * 0.85
    assert pack([drawn_faces], held, size=64, max_mib=limit, progress=False) == 40
    assert held.stat().st_size <= limit * 2**20
    assert len(FaceMaskDataset([held], 64, "all")) == 40


def test_an_impossible_limit_is_a_sentence_and_leaves_nothing(
    drawn_faces: Path, tmp_path: Path
) -> None:
    target = tmp_path / "faces.zip"
    sentence = rf"40 faces at 64 px take .* at WebP quality {LOWEST_QUALITY}.*more than 0.01 MiB"
    with pytest.raises(DatasetError, match=sentence):
        pack([drawn_faces], target, size=64, max_mib=0.01, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_folders_of_the_same_name_do_not_collide(drawn_faces: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / drawn_faces.name
    shutil.copytree(drawn_faces, other)
    target = tmp_path / "faces.zip"
    assert pack([drawn_faces, other], target, size=32, progress=False) == 80
    assert len(set(FaceMaskDataset([target], 32, "all").stems)) == 80
    one = FaceMaskDataset([drawn_faces], 32, "test")
    assert len(FaceMaskDataset([target], 32, "test")) == 2 * len(one)


def test_mistakes_are_sentences(drawn_faces: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="size is 16; expected at least 32"):
        pack([drawn_faces], tmp_path / "faces.zip", size=16, progress=False)
    with pytest.raises(DatasetError, match="neither a dataset folder"):
        pack([tmp_path / "absent"], tmp_path / "faces.zip", progress=False)
    with pytest.raises(OutputError, match="folder does not exist"):
        pack([drawn_faces], tmp_path / "absent" / "faces.zip", progress=False)
    unlabelled = tmp_path / "unlabelled"
    shutil.copytree(drawn_faces / "images", unlabelled / "images")
    with pytest.raises(DatasetError, match="No labelled face"):
        pack([unlabelled], tmp_path / "faces.zip", progress=False)
