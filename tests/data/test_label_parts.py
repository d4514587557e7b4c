"""Faces of one's own in the layout of CelebAMask-HQ, read back by `prepare` and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maskgan import images, samples
from maskgan.data import celebamask, manifest
from maskgan.data.drawn import draw_pair
from maskgan.data.parts import RANGES, PartTree, orig_index
from maskgan.data.prepare import prepare
from maskgan.data.verify import verify
from maskgan.errors import LabelsError
from maskgan.images import Pixels
from maskgan.labels import ALL_PARTS, IDS, NUM_CLASSES, Labels

NAMES = {0: "me.jpg", 1: "two words.png", 2000: "\u00e9t\u00e9.webp", 4790: "a\tb.jpg"}


def faces() -> Iterator[tuple[int, Pixels, Labels]]:
    """A number, a photo and labels: drawn faces, the sample, and noise in which every class is
    everywhere."""
    for number, seed in ((0, 3), (1, 4)):
        (photo, labels), _ = draw_pair(seed=seed, size=512)
        yield number, photo, labels
    yield 2000, images.read(samples.FACE), images.read_labels(samples.LABELS)
    noise = np.random.default_rng(0).integers(0, NUM_CLASSES, (512, 512), dtype=np.uint8)
    yield 4790, images.read(samples.FACE), noise


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> PartTree:
    written = PartTree(tmp_path_factory.mktemp("own") / "tree")
    written.announce(NAMES)
    for number, photo, labels in faces():
        written.write(number, photo, labels)
    return written


def test_prepare_reads_the_same_labels_bit_for_bit(tree: PartTree, tmp_path: Path) -> None:
    made = prepare(tree.root, tmp_path / "dataset", size=512, workers=1, progress=False)
    assert len(made.faces) == len(NAMES)
    for number, photo, labels in faces():
        stem = f"{number:05d}"
        np.testing.assert_array_equal(
            images.read_labels(tmp_path / "dataset" / "labels" / f"{stem}.png"), labels
        )
        written = (tree.root / "CelebA-HQ-img" / f"{number}.jpg").read_bytes()
        copied = tmp_path / "dataset" / "images" / f"{stem}.jpg"
        assert copied.read_bytes() == written, "prepare encoded the photo once more"
        difference = np.abs(images.read(copied).astype(int) - photo)
        assert difference.mean() < 2
        assert made.faces[stem].split == manifest.split_by_name(stem)


def test_verify_finds_no_fault_in_the_tree(tree: PartTree) -> None:
    report = verify(tree.root, progress=False, workers=1)
    assert (report.ok, report.faces, report.reasons) == (True, len(NAMES), ())


def test_parts_lie_where_the_dataset_has_them_and_do_not_overlap(tree: PartTree) -> None:
    layers = []
    for part in ALL_PARTS:
        path = tree.root / "CelebAMask-HQ-mask-anno" / "2" / f"04790_{part}.png"
        with Image.open(path) as picture:
            assert (picture.mode, picture.size) == ("RGB", (512, 512))
            # As a reader does that many copies of the dataset went through.
            layers.append(np.asarray(picture.convert("P")) == 225)
    noise = tree.read(4790)
    assert (np.sum(layers, axis=0) == (noise != 0)).all()
    assert (layers[IDS["hair"] - 1] == (noise == IDS["hair"])).all()


def test_the_mapping_keeps_file_names_apart_from_columns(tree: PartTree) -> None:
    origins = celebamask.read_mapping(tree.root)
    assert {number: origin.orig_file for number, origin in origins.items()} == {
        0: "me.jpg",
        1: "two%20words.png",
        2000: "%C3%A9t%C3%A9.webp",
        4790: "a%09b.jpg",
    }


def test_every_number_gets_an_index_of_its_own_split() -> None:
    for number in (*range(300), 29_999, 99_998, 99_999):
        split = manifest.split_by_name(f"{number:05d}")
        assert celebamask.celeba_split(orig_index(number)) == split
    assert RANGES["test"][1] == celebamask.NUM_CELEBA


def test_a_part_that_is_gone_loses_its_file(tree: PartTree) -> None:
    _, photo, labels = next(faces())
    tree.write(7, photo, labels)
    assert (labels == IDS["nose"]).any()
    bare = np.where(labels == IDS["nose"], np.uint8(IDS["skin"]), labels)
    before = (tree.root / "CelebA-HQ-img" / "7.jpg").read_bytes()
    tree.write(7, None, bare)
    np.testing.assert_array_equal(tree.read(7), bare)
    assert not (tree.root / "CelebAMask-HQ-mask-anno" / "0" / "00007_nose.png").exists()
    assert (tree.root / "CelebA-HQ-img" / "7.jpg").read_bytes() == before
    tree.remove(7)
    assert not tree.has(7)
    assert not tree.begun(7)
    assert not list(tree.root.rglob("00007*"))
    tree.remove(7)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.zeros((512, 512), np.uint8), "nothing but background"),
        (np.ones((256, 512), np.uint8), "has 512x256 pixels"),
    ],
)
def test_maps_that_cannot_be_parts_are_refused_before_anything_is_written(
    tree: PartTree, labels: Labels, sentence: str
) -> None:
    with pytest.raises(LabelsError, match=sentence):
        tree.write(8, images.read(samples.FACE), labels)
    assert not tree.begun(8)
