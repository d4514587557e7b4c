"""The space of label maps: directions, other faces and new ones, on a MaskVAE done by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mask_vae_bundle import DIRECTIONS, LOCKS, SIDE, add_mask_vae
from maskgan import images
from maskgan.bundle import Bundle
from maskgan.editing import attributes, regions
from maskgan.editing.label_space import MOVES, LabelSpace
from maskgan.errors import ConfigError, LabelsError
from maskgan.labels import IDS, NUM_CLASSES, Labels
from tiny_bundle import face_labels, write_bundle

SIZES = [32, 64, 100, 512]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> LabelSpace:
    folder = write_bundle(tmp_path_factory.mktemp("space") / "bundle")
    return LabelSpace(Bundle.open(add_mask_vae(folder), threads=1))


def locks(side: int) -> np.ndarray:
    region = np.zeros((SIDE, SIDE), np.uint8)
    region[LOCKS[0], LOCKS[1]] = 1
    return images.resize_labels(region, (side, side)) > 0


@pytest.mark.parametrize("side", SIZES)
@pytest.mark.parametrize("name", DIRECTIONS)
def test_no_strength_is_the_same_map_to_the_pixel(space: LabelSpace, name: str, side: int) -> None:
    # Noise of single pixels, which no MaskVAE gives back, stays as well.
    rng = np.random.default_rng(side)
    labels = face_labels(side)
    labels[rng.random(labels.shape) < 0.05] = 3
    moved = space.moved(labels, name, 0)
    np.testing.assert_array_equal(moved, labels)
    assert not np.shares_memory(moved, labels)


@pytest.mark.parametrize("side", [64, 100, 512])
def test_a_direction_moves_what_it_leads_to_and_nothing_else(space: LabelSpace, side: int) -> None:
    labels = face_labels(side)
    kept = labels.copy()
    moved = space.moved(labels, "hair_length", 1)
    np.testing.assert_array_equal(labels, kept)
    changed = moved != labels
    assert set(np.unique(moved[changed])) == {IDS["hair"]}
    wanted = locks(side)
    # Outlines are as exact as the small map's pixels, and gaps of one or two of them close.
    inner, outer = (_grown(wanted, way * side // SIDE) for way in (-2, 3))
    assert (moved == IDS["hair"])[inner].all()
    assert not changed[~outer].any()


def _grown(region: np.ndarray, way: int) -> np.ndarray:
    return regions.dilate(region, way) if way > 0 else regions.erode(region, -way)


def test_classes_that_a_slider_does_not_move_stay(space: LabelSpace) -> None:
    labels = face_labels(64)
    region = locks(64)
    labels[region] = IDS["nose"]
    assert "nose" not in MOVES["hair_length"]
    moved = space.moved(labels, "hair_length", 1)
    assert (moved[region] == IDS["nose"]).all()


def test_the_effect_grows_with_the_strength(space: LabelSpace) -> None:
    labels = face_labels(256)
    sizes = [
        int((space.moved(labels, "hair_length", step) == IDS["hair"]).sum())
        for step in (-1, 0, 0.4, 0.7, 1)
    ]
    assert sizes[0] <= sizes[1] < sizes[2] <= sizes[3] <= sizes[4]
    assert sizes[2] < sizes[4]


def test_sliders_take_the_place_of_those_of_geometry(space: LabelSpace) -> None:
    labels = face_labels(64)
    found = attributes.apply(labels, "hair_length", 1, space.sliders)
    np.testing.assert_array_equal(found, space.moved(labels, "hair_length", 1))
    assert (found != attributes.apply(labels, "hair_length", 1)).any()
    assert list(space.sliders) == list(DIRECTIONS)


@pytest.mark.parametrize("side", [16, 64, 256])
def test_all_of_the_way_to_another_face_is_that_face(space: LabelSpace, side: int) -> None:
    labels, other = face_labels(side), mirrored_hair(side)
    there = space.between(labels, other, 1)
    same = np.mean(there == other)
    assert same > 0.97
    np.testing.assert_array_equal(space.between(labels, other, 0), labels)
    halfway = space.between(labels, other, 0.6)
    assert np.mean(halfway == other) >= np.mean(labels == other)


def mirrored_hair(side: int) -> Labels:
    """The face with a ponytail to the left."""
    labels = face_labels(side)
    labels[side * 10 // 16 : side * 14 // 16, : side * 4 // 16] = IDS["hair"]
    return labels


def test_new_faces_hang_on_the_generator_they_are_drawn_with(space: LabelSpace) -> None:
    first, again, other = (space.draw(np.random.default_rng(seed), 64) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first.dtype == np.uint8
    assert first.shape == (64, 64)
    assert first.max() < NUM_CLASSES


def test_without_temperature_everybody_is_the_mean_face(space: LabelSpace) -> None:
    drawn = space.draw(np.random.default_rng(0), SIDE, temperature=0)
    np.testing.assert_array_equal(drawn, images.resize_labels(face_labels(64), (SIDE, SIDE)))


def test_a_bundle_without_a_mask_vae_says_so(tmp_path: Path) -> None:
    bundle = Bundle.open(write_bundle(tmp_path / "bundle"), threads=1)
    with pytest.raises(ConfigError, match="holds no MaskVAE; export it with a run of one"):
        LabelSpace(bundle)


def test_wrong_input_is_refused_with_a_sentence(space: LabelSpace) -> None:
    labels = face_labels(64)
    with pytest.raises(ConfigError, match="no direction 'beard'; there are mouth_open, hair_len"):
        space.moved(labels, "beard", 1)
    with pytest.raises(LabelsError, match="19"):
        space.moved(np.full((64, 64), 19, np.uint8), "hair_length", 1)
    with pytest.raises(LabelsError, match="The other face's label map"):
        space.between(labels, np.full((64, 64), 19, np.uint8), 0.5)
