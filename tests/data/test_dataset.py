"""Dataset folders and packs, face by face and in the order of training."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from maskgan import images
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.folder import FaceFolder
from maskgan.data.manifest import split_by_name
from maskgan.errors import DatasetError, LabelsError, PhotoError


@pytest.fixture
def copy(drawn_faces: Path, tmp_path: Path) -> Path:
    """A copy of the drawn faces that a test may change."""
    return Path(shutil.copytree(drawn_faces, tmp_path / "copy"))


def zipped(folder: Path, target: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"{inside}{path.relative_to(folder)}")
    return target


def test_a_face_is_its_files_scaled(drawn_faces: Path) -> None:
    faces = FaceMaskDataset([drawn_faces], 32, "all")
    photo, labels = faces[5]
    stem = faces.stems[5]
    whole = images.read(drawn_faces / "images" / f"{stem}.jpg")
    whole_labels = images.read_labels(drawn_faces / "labels" / f"{stem}.png")
    np.testing.assert_array_equal(photo, images.resize(whole, (32, 32)))
    np.testing.assert_array_equal(labels, images.resize_labels(whole_labels, (32, 32)))


def test_faces_have_names_for_messages(drawn_faces: Path, tmp_path: Path) -> None:
    faces = FaceMaskDataset([drawn_faces, zipped(drawn_faces, tmp_path / "more.zip")], 32, "all")
    stem = faces.stems[5]
    assert faces.names([5, 45]) == [f"faces/{stem}", f"more.zip/{stem}"]


def test_attributes_come_from_the_manifest_of_folder_or_pack(
    drawn_faces: Path, tmp_path: Path
) -> None:
    described = json.loads((drawn_faces / "dataset.json").read_text())
    assert described["attribute_names"] == ["Eyeglasses", "Smiling", "Wearing_Hat"]
    for source in (drawn_faces, zipped(drawn_faces, tmp_path / "faces.zip")):
        faces = FaceMaskDataset([source], 32, "train")
        values = faces.attributes(("Smiling", "Eyeglasses"))
        assert values.shape == (len(faces), 2)
        for stem, (smiling, glasses) in zip(faces.stems, values.tolist(), strict=True):
            assert described["faces"][stem]["attributes"][:2] == [glasses, smiling]


def test_attributes_that_are_not_known_are_a_sentence(copy: Path) -> None:
    faces = FaceMaskDataset([copy], 32, "all")
    with pytest.raises(DatasetError, match="'Young'; for this face it knows Eyeglasses, Smiling"):
        faces.attributes(("Smiling", "Young"))
    described = json.loads((copy / "dataset.json").read_text())
    described["faces"]["00002"]["attributes"] = [0, -1, 0]  # as the dataset's own file has it
    (copy / "dataset.json").write_text(json.dumps(described))
    with pytest.raises(DatasetError, match=r"says -1 of 'Smiling' .* expected 0 or 1"):
        faces.attributes(("Smiling",))
    described["faces"]["00002"]["attributes"] = []
    (copy / "dataset.json").write_text(json.dumps(described))
    with pytest.raises(DatasetError, match=r"whether face 00002 .* it knows no attributes"):
        faces.attributes(("Smiling",))
    described["faces"]["00002"]["attributes"] = [1]
    (copy / "dataset.json").write_text(json.dumps(described))
    with pytest.raises(DatasetError, match="is damaged"):
        faces.attributes(("Smiling",))
    (copy / "dataset.json").unlink()
    with pytest.raises(DatasetError, match=r"'Smiling'; for this face it knows no attr"):
        faces.attributes(("Smiling",))


@pytest.mark.parametrize("inside", ["", "faces/"])
def test_folder_and_zip_give_the_same_faces(drawn_faces: Path, tmp_path: Path, inside: str) -> None:
    pack = zipped(drawn_faces, tmp_path / "pack.zip", inside)
    folder, archive = (FaceMaskDataset([path], 64, "train") for path in (drawn_faces, pack))
    assert folder.stems == archive.stems
    for index in (0, 17, len(folder) - 1):
        for one, other in zip(folder[index], archive[index], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("inside", ["", "faces/"])
def test_splits_come_from_dataset_json(copy: Path, tmp_path: Path, inside: str) -> None:
    path = copy / "dataset.json"
    record = json.loads(path.read_text())
    for number, face in enumerate(record["faces"].values()):
        face["split"] = ("val", "test", "train", "train")[number % 4]
    path.write_text(json.dumps(record))
    for source in (copy, zipped(copy, tmp_path / "pack.zip", inside)):
        sizes = [len(FaceMaskDataset([source], 32, split)) for split in ("train", "val", "test")]
        assert sizes == [20, 10, 10]
        assert FaceMaskDataset([source], 32, "val").stems == [f"{n:05d}" for n in range(0, 40, 4)]


def test_splits_by_name_without_dataset_json(copy: Path) -> None:
    (copy / "dataset.json").unlink()
    test = FaceMaskDataset([copy], 32, "test").stems
    assert test == [stem for stem in FaceFolder(copy).stems if split_by_name(stem) == "test"]
    val = FaceMaskDataset([copy], 32, "val").stems
    assert val == [stem for stem in FaceFolder(copy).stems if split_by_name(stem) == "val"]
    assert test
    assert val
    assert len(FaceMaskDataset([copy], 32, "train")) == 40 - len(test) - len(val)


def test_several_sources_follow_each_other(drawn_faces: Path) -> None:
    one = FaceMaskDataset([drawn_faces], 32, "test")
    two = FaceMaskDataset([drawn_faces, drawn_faces], 32, "test")
    assert two.stems == 2 * one.stems


def test_photos_without_labels_are_left_out(copy: Path) -> None:
    (copy / "labels" / "00003.png").unlink()
    assert "00003" not in FaceMaskDataset([copy], 32, "all").stems


def test_no_labels_at_all_is_a_sentence(copy: Path) -> None:
    shutil.rmtree(copy / "labels")
    with pytest.raises(DatasetError, match=r"No labelled face.*`maskgan parse` makes labels"):
        FaceMaskDataset([copy], 32)


def test_a_place_that_is_no_dataset_is_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "faces.zip"
    text.write_text("no zip")
    (tmp_path / "images").mkdir()
    for place in (tmp_path / "absent", text):
        with pytest.raises(DatasetError, match=r"neither a dataset folder .* nor a pack"):
            FaceMaskDataset([place], 32)
    with pytest.raises(DatasetError, match="has no photos in images/"):
        FaceMaskDataset([tmp_path], 32)


def test_a_damaged_dataset_json_is_a_sentence(copy: Path) -> None:
    for text in ("{", "[]", '{"faces": {"00001": {}}}'):
        (copy / "dataset.json").write_text(text)
        with pytest.raises(DatasetError, match=r"dataset\.json is damaged"):
            FaceMaskDataset([copy], 32)


def test_two_photos_of_one_stem_are_a_sentence(copy: Path) -> None:
    shutil.copy(copy / "images" / "00000.jpg", copy / "images" / "00000.jpeg")
    with pytest.raises(DatasetError, match="share a stem"):
        FaceMaskDataset([copy], 32)


def test_hidden_files_are_no_faces(copy: Path) -> None:
    (copy / "images" / "._00000.jpg").write_bytes(b"resource fork")
    (copy / "labels" / "._00000.png").write_bytes(b"resource fork")
    assert len(FaceMaskDataset([copy], 32, "all")) == 40


def test_errors_name_the_file_also_inside_a_pack(copy: Path, tmp_path: Path) -> None:
    (copy / "images" / "00001.jpg").write_bytes(b"no photo")
    (copy / "labels" / "00002.png").write_bytes(b"no labels")
    for source in (copy, zipped(copy, tmp_path / "pack.zip")):
        faces = FaceMaskDataset([source], 32, "all")
        with pytest.raises(PhotoError, match=r"images/00001\.jpg"):
            faces[1]
        with pytest.raises(LabelsError, match=r"labels/00002\.png"):
            faces[2]


def test_a_damaged_pack_is_a_sentence(drawn_faces: Path, tmp_path: Path) -> None:
    pack = zipped(drawn_faces, tmp_path / "pack.zip")
    with zipfile.ZipFile(pack) as archive:
        position = archive.getinfo("images/00000.jpg").header_offset + 300
    data = bytearray(pack.read_bytes())
    data[position] ^= 0xFF
    pack.write_bytes(data)
    faces = FaceMaskDataset([pack], 32, "all")
    with pytest.raises(DatasetError, match=r"images/00000\.jpg in .* is damaged"):
        faces[0]


def test_the_cache_changes_nothing(drawn_faces: Path) -> None:
    cached = FaceMaskDataset([drawn_faces], 32, "all")
    fresh = FaceMaskDataset([drawn_faces], 32, "all", cache_gib=0)
    for _ in range(2):
        for index in (0, 3, 39):
            for one, other in zip(cached[index], fresh[index], strict=True):
                np.testing.assert_array_equal(one, other)


def test_the_cache_decodes_once_and_only_where_it_fits(copy: Path) -> None:
    cached = FaceMaskDataset([copy], 32, "all")
    fresh = FaceMaskDataset([copy], 32, "all", cache_gib=40 * 32 * 32 * 4 / 2**30 - 1e-9)
    cached[0], fresh[0]
    (copy / "images" / "00000.jpg").unlink()
    cached[0]
    with pytest.raises(PhotoError):
        fresh[0]


def test_a_batch_stacks_faces(drawn_faces: Path) -> None:
    faces = FaceMaskDataset([drawn_faces], 32, "all")
    photos, labels = faces.batch([4, 0, 4])
    assert photos.shape == (3, 32, 32, 3)
    assert labels.shape == (3, 32, 32)
    assert photos.dtype == labels.dtype == torch.uint8
    np.testing.assert_array_equal(photos[0].numpy(), faces[4][0])
    np.testing.assert_array_equal(labels[1].numpy(), faces[0][1])
    photos.zero_()  # the cache is not the batch
    assert faces[4][0].any()


@pytest.mark.parametrize("length", [1, 7, 40])
def test_the_order_visits_every_item_once_per_epoch(length: int) -> None:
    items = sample_order(0, 3 * length, length, seed=1)
    assert Counter(items) == dict.fromkeys(range(length), 3)
    for epoch in range(3):
        assert sorted(items[epoch * length : (epoch + 1) * length]) == list(range(length))


def test_the_order_can_be_taken_up_anywhere() -> None:
    whole = sample_order(0, 100, 13, seed=2)
    for start in range(40):
        assert sample_order(start, 30, 13, seed=2) == whole[start : start + 30]


def test_the_order_depends_on_seed_and_epoch() -> None:
    first = sample_order(0, 50, 50, seed=0)
    assert first != sample_order(0, 50, 50, seed=1)
    assert first != sample_order(50, 50, 50, seed=0)


def test_small_photos_can_be_left_out(drawn_faces: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(drawn_faces, copy)
    faces = FaceMaskDataset([copy], 32, "all")
    first = copy / "images" / f"{faces.stems[0]}.jpg"
    side = min(images.size(first))
    images.write(first, images.resize(images.read(first), (side - 1, side - 1)))
    assert FaceMaskDataset([copy], 32, "all", min_side=side).stems == faces.stems[1:]
    with pytest.raises(DatasetError, match=f"of at least {side + 1} pixels a side in"):
        FaceMaskDataset([copy], 32, "all", min_side=side + 1)
