"""Label maps for folders of photos, by a parser whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maskgan import cli, images
from maskgan.data.folder import FaceFolder
from maskgan.editing.editor import Editor
from maskgan.editing.labelling import label_folder
from maskgan.errors import PhotoError
from maskgan.labels import colorize
from tiny_bundle import face_labels, write_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A dataset folder without labels: three photos painted in the label colours."""
    (tmp_path / "set" / "images").mkdir(parents=True)
    for stem in ("a", "b", "c"):
        images.write(tmp_path / "set" / "images" / f"{stem}.png", colorize(face_labels()))
    return tmp_path / "set"


def test_a_folder_of_photos_becomes_a_dataset(bundle: Path, dataset: Path) -> None:
    words = [str(dataset / "images"), "--output", str(dataset / "labels"), "--bundle", str(bundle)]
    assert cli.main(["parse", *words, "--aligned"]) == 0
    folder = FaceFolder(dataset)
    assert folder.labelled == {"a", "b", "c"}
    np.testing.assert_array_equal(folder.labels("b"), face_labels())


def test_what_is_there_is_left_alone(bundle: Path, dataset: Path) -> None:
    (dataset / "labels").mkdir()
    corrected = np.zeros_like(face_labels())
    images.write_labels(dataset / "labels" / "b.png", corrected)
    editor = Editor.open(bundle, threads=1)
    photos, labels = dataset / "images", dataset / "labels"
    assert label_folder(editor, photos, labels, aligned=True, progress=False) == 2
    np.testing.assert_array_equal(FaceFolder(dataset).labels("b"), corrected)


def test_a_folder_without_photos_is_refused(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhotoError, match=r"holds no photos"):
        label_folder(Editor.open(bundle), tmp_path / "empty", tmp_path / "labels")
    assert not (tmp_path / "labels").exists()
