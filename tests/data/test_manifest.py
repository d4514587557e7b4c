"""`dataset.json` and the split by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maskgan.data import manifest
from maskgan.data.manifest import DatasetManifest, FaceRecord
from maskgan.errors import DatasetError

FACE = FaceRecord(
    split="val",
    image_sha256="1" * 64,
    labels_sha256="2" * 64,
    orig_index=162_770,
    orig_file="162771.jpg",
    attributes=(0, 1),
    pose=(1.5, -2.0, 0.0),
    sides_fixed=True,
)
MANIFEST = DatasetManifest(
    size=64,
    source="CelebAMask-HQ",
    partition="celeba",
    attribute_names=("Smiling", "Young"),
    left_out=("04790",),
    faces={"00000": FACE, "00001": FaceRecord(split="train", image_sha256="", labels_sha256="")},
)


def test_a_manifest_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    manifest.save(tmp_path, MANIFEST)
    assert manifest.load(tmp_path) == MANIFEST
    assert manifest.dataset_stems(tmp_path) == {"00000": "val", "00001": "train"}
    plain = json.loads((tmp_path / "dataset.json").read_text())
    assert plain["faces"]["00000"]["orig_file"] == "162771.jpg"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, "has format 2"),
        ({"siez": 3}, "Unknown option siez"),
        ({"size": "64"}, "size got '64'"),
        ({"partition": "random"}, "partition got 'random'"),
        ({"attribute_names": ["Smiling"]}, "00000 has 2 attributes; expected 1"),
        ({"faces": {"0": {"split": "dev"}}}, r"faces\.0|split"),
    ],
)
def test_a_manifest_that_is_not_as_it_must_be_is_refused(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    manifest.save(tmp_path, MANIFEST)
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DatasetError, match=sentence) as caught:
        manifest.load(tmp_path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_damaged_manifest_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(DatasetError, match=r"dataset\.json"):
        manifest.load(tmp_path)


def test_the_split_by_name_is_fixed_for_ever() -> None:
    stems = [f"{number:05d}" for number in range(1000)]
    test = [stem for stem in stems if manifest.split_by_name(stem) == "test"]
    assert test[:5] == ["00007", "00026", "00038", "00066", "00072"]
    assert len(test) == 105
    val = [stem for stem in stems if manifest.split_by_name(stem) == "val"]
    assert val[:3] == ["00016", "00028", "00049"]
    assert len(val) == 52


def test_stems_come_from_the_photos_where_there_is_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no folder images"):
        manifest.dataset_stems(tmp_path)
    (tmp_path / "images").mkdir()
    with pytest.raises(DatasetError, match="holds no photo"):
        manifest.dataset_stems(tmp_path)
    for name in ("b.png", "a.JPG", "c.webp", ".d.jpg", "notes.txt"):
        (tmp_path / "images" / name).touch()
    assert list(manifest.dataset_stems(tmp_path)) == ["a", "b", "c"]
    (tmp_path / "images" / "a.png").touch()
    with pytest.raises(DatasetError, match="share a name"):
        manifest.dataset_stems(tmp_path)
