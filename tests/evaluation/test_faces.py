"""Held-out faces: which of a dataset, at what size, with whose left and right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from painted_faces import painted_faces

from maskgan import images
from maskgan.data.folder import FaceFolder
from maskgan.errors import DatasetError
from maskgan.evaluation.faces import held_out_faces
from maskgan.labels import exchange_sides


def test_only_test_faces_are_taken_with_labels_of_the_file_s_size(drawn_faces: Path) -> None:
    folder = FaceFolder(drawn_faces)
    expected = [stem for stem, split in sorted(folder.splits().items()) if split == "test"]
    assert 0 < len(expected) < len(folder.stems)
    found = held_out_faces([drawn_faces], 32, progress=False)
    assert [face.name for face in found] == expected
    for face in found:
        assert face.photo.shape == (32, 32, 3)
        assert np.array_equal(face.labels, folder.labels(face.name))


def test_a_limit_is_a_choice_that_stays_the_same(drawn_faces: Path) -> None:
    sources = [drawn_faces, drawn_faces]
    everything = held_out_faces(sources, 32, progress=False)
    few = held_out_faces(sources, 32, 3, progress=False)
    assert [face.name for face in few] == [
        face.name for face in held_out_faces(sources, 32, 3, progress=False)
    ]
    assert len(few) == 3 < len(everything)


def test_sides_are_put_right(plain_face: Path) -> None:
    (face,) = held_out_faces([plain_face], 64, progress=False)
    stored = images.read_labels(plain_face / "labels" / "0.png")
    assert not np.array_equal(face.labels, stored)
    assert np.array_equal(face.labels, exchange_sides(stored))


def test_what_cannot_be_used_is_a_sentence(plain_face: Path, tmp_path: Path) -> None:
    images.write_labels(plain_face / "labels" / "0.png", np.ones((64, 48), np.uint8))
    with pytest.raises(DatasetError, match=r"labels of 0 in .* have 48x64 pixels; expected square"):
        held_out_faces([plain_face], 64, progress=False)
    (plain_face / "dataset.json").write_text('{"faces": {"0": {"split": "train"}}}')
    with pytest.raises(DatasetError, match="holds no labelled face of the test split"):
        held_out_faces([plain_face], 64, progress=False)


@pytest.fixture
def plain_face(tmp_path: Path) -> Path:
    """A dataset of one test face whose annotation has left and right exchanged."""
    (face,) = painted_faces(1)
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    images.write(tmp_path / "images" / "0.png", face.photo)
    images.write_labels(tmp_path / "labels" / "0.png", exchange_sides(face.labels))
    (tmp_path / "dataset.json").write_text('{"faces": {"0": {"split": "test"}}}')
    return tmp_path
