"""`verify`: dataset folders and original trees, sound and damaged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from original_tree import draw_tree, merge_slowly, part_path
from PIL import Image

from maskgan import images, labels
from maskgan.data import celebamask, manifest
from maskgan.data.prepare import prepare
from maskgan.data.verify import VerifyReport, verify
from maskgan.errors import DatasetError

FACES = (0, 1, 2, 3, 2000, 4000)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("verify") / "CelebAMask-HQ"
    return draw_tree(root, FACES, exchanged=(2, 4000))


@pytest.fixture(scope="module")
def prepared(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("prepared") / "dataset"
    prepare(tree, output, size=64, workers=1, progress=False)
    return output


@pytest.fixture
def dataset(prepared: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return shutil.copytree(prepared, tmp_path / "dataset")


def look(folder: Path) -> VerifyReport:
    return verify(folder, progress=False, workers=1)


def test_a_sound_dataset_has_no_fault(prepared: Path) -> None:
    report = look(prepared)
    assert report.ok
    assert report.faces == len(FACES)
    assert report.sides_exchanged == ("00002", "04000")
    blank = VerifyReport(folder=str(prepared), faces=len(FACES))
    found = replace(report, sides_exchanged=(), class_shares={})
    assert found == blank


def test_class_shares_are_those_of_the_label_maps(tree: Path) -> None:
    report = look(tree)
    maps = np.stack([merge_slowly(tree, face) for face in FACES])
    assert list(report.class_shares) == list(labels.LABELS)
    for index, share in enumerate(report.class_shares.values()):
        assert share == pytest.approx((maps == index).mean())


def test_an_original_tree_is_verified_from_its_parent_too(tree: Path) -> None:
    report = verify(tree.parent, progress=False, workers=2)
    assert report.ok
    assert (report.faces, report.sides_exchanged) == (len(FACES), ("00002", "04000"))


def test_every_fault_of_a_tree_is_collected(tree: Path, tmp_path: Path) -> None:
    root = shutil.copytree(tree, tmp_path / "tree")
    (root / celebamask.PHOTO_FOLDER / "0.jpg").unlink()
    for path in part_path(root, 2000, "skin").parent.iterdir():
        path.unlink()
    Image.new("L", (500, 500)).save(part_path(root, 1, "nose"))
    Image.new("RGB", (1024, 800)).save(root / celebamask.PHOTO_FOLDER / "3.jpg")
    report = look(root)
    assert not report.ok
    assert report.missing_images == ("00000",)
    assert report.missing_labels == ("02000",)
    assert report.bad_values == ("00001",)
    assert report.wrong_size == ("00003",)
    assert report.sides_exchanged == ("00002", "04000")
    assert "00001_nose.png has 500x500 pixels" in report.reasons[0]


def test_every_fault_of_a_dataset_is_collected(dataset: Path) -> None:
    def picture(stem: str) -> Path:
        return dataset / "images" / f"{stem}.jpg"

    def index(stem: str) -> Path:
        return dataset / "labels" / f"{stem}.png"

    picture("00000").unlink()
    index("00001").unlink()
    picture("00002").write_bytes(picture("00002").read_bytes()[:-50])
    values = np.array(images.read_labels(index("00003")))
    values[0, 0] = 19
    Image.fromarray(values).save(index("00003"))
    images.write_labels(index("02000"), np.ones((32, 32), np.uint8))
    images.write_labels(index("04000"), np.zeros((64, 64), np.uint8))
    shutil.copyfile(picture("04000"), picture("extra"))
    shutil.copyfile(index("02000"), index("extra"))
    report = look(dataset)
    assert not report.ok
    assert report.faces == len(FACES) + 1
    assert report.missing_images == ("00000",)
    assert report.missing_labels == ("00001",)
    assert report.bad_images == ("00002",)
    assert report.bad_values == ("00003",)
    assert report.wrong_size == ("02000", "extra")
    assert report.empty_labels == ("04000",)
    assert report.checksum_mismatch == ("00002", "00003", "02000", "04000")
    assert report.unlisted == ("extra",)
    assert report.sides_exchanged == ("00002",)
    told = "\n".join(report.sentences())
    for stem in ("00000", "00001", "00002", "00003", "02000", "04000", "extra"):
        assert stem in told
    assert "holds the value 19" in told


def test_maps_of_the_other_label_order_are_bad(dataset: Path) -> None:
    path = dataset / "labels" / "00000.png"
    Image.fromarray(labels.order_a_to_b(images.read_labels(path))).save(path)
    report = look(dataset)
    assert report.bad_values == ("00000",)
    assert "other label order" in report.reasons[0]


def test_a_folder_without_manifest_is_checked_by_its_files(dataset: Path) -> None:
    (dataset / manifest.FILE_NAME).unlink()
    assert look(dataset).ok
    Image.new("RGB", (64, 48)).save(dataset / "images" / "00000.jpg")
    report = look(dataset)
    assert report.wrong_size == ("00000",)
    assert (report.unlisted, report.checksum_mismatch) == ((), ())
    shutil.rmtree(dataset / "labels")
    assert len(look(dataset).missing_labels) == len(FACES)


def test_long_lists_are_cut_in_sentences_only() -> None:
    stems = tuple(f"{number:05d}" for number in range(57))
    report = VerifyReport(folder="faces", faces=896, sides_exchanged=stems)
    told = report.sentences()
    assert report.ok
    assert told[0] == "faces: 896 faces, no fault."
    assert "57 faces" in told[1]
    assert "00009 and 47 more" in told[1]
    assert "00010" not in told[1]
    assert "--fix-sides" in told[1]


def test_a_folder_that_is_neither_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(DatasetError, match="is neither a dataset folder") as caught:
            look(folder)
        assert str(folder) in str(caught.value)


def test_real_faces_have_57_exchanged_maps(shared_data: Path) -> None:
    report = verify(shared_data / "celebamask", progress=False)
    assert report.ok
    assert report.faces == 896
    assert len(report.sides_exchanged) == 57
    assert sum(report.class_shares.values()) == pytest.approx(1)
