"""Folds beside the mouth: a smile deepens them, and who ceases to smile loses them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from face_maps import face as face_labels

from maskgan.alignment.filters import luma
from maskgan.editing import attributes, deformation, regions
from maskgan.editing.commissures import closed
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face
from maskgan.editing.nasolabial import LEAST, folded, smile
from maskgan.editing.surroundings import Surroundings
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels, mirror

SIDE = 256


@pytest.fixture(scope="module")
def serious() -> Labels:
    return face_labels(size=SIDE)


@pytest.fixture(scope="module")
def smiling(serious: Labels) -> Labels:
    return attributes.apply(serious, "smile", 0.8)


def lit(seed: int = 0) -> Pixels:
    """Skin in light from above, with pores."""
    rows = np.linspace(1.1, 0.7, SIDE)[:, None, None]
    pores = np.random.default_rng(seed).normal(1, 0.03, (SIDE, SIDE, 1))
    return np.clip(np.array([210, 165, 140]) * rows * pores, 0, 255).astype(np.uint8)


def brightened(crop: Pixels, found: Surroundings) -> np.ndarray:
    """Share by which each pixel gets brighter."""
    return luma(found.apply(crop)) / luma(crop) - 1


def test_a_mouth_smiles_more_the_wider_it_is_and_the_higher_its_corners(serious: Labels) -> None:
    amounts = [smile(attributes.apply(serious, "smile", each)) for each in (-1, -0.5, 0, 0.5, 1)]
    assert amounts == sorted(amounts)
    assert amounts[-1] - amounts[2] > 0.8
    assert amounts[2] - amounts[0] > 0.5
    # An open mouth is no smile.
    opened = attributes.apply(serious, "mouth_open", 1.0)
    assert abs(smile(opened) - amounts[2]) < 0.5
    assert math.isnan(smile(np.where(serious >= 10, 0, serious).astype(np.uint8)))


def test_a_smile_casts_shadows_beside_the_mouth_and_nowhere_else(
    serious: Labels, smiling: Labels
) -> None:
    crop = lit()
    found = folded(crop, serious, smiling)
    assert found is not None
    change = brightened(crop, found)
    frame = deformation.find(smiling)
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    across, down = frame.inside(columns, rows)
    lips = np.isin(smiling, (10, 11, 12))
    corner, level = np.abs(across[lips]).max(), float(np.median(down[lips]))
    beside = (np.abs(np.abs(across) - corner) < 0.2 * frame.unit) & (
        np.abs(down - level + 0.15 * frame.unit) < 0.1 * frame.unit
    )
    assert change[beside].min() < -0.1
    # Both sides alike.
    assert change[beside & (across < 0)].mean() == pytest.approx(
        change[beside & (across > 0)].mean(), abs=0.01
    )
    forehead = down < -0.2 * frame.unit
    assert np.abs(change[forehead]).max() == 0
    still = regions.erode(~((serious == IDS["skin"]) & (smiling == IDS["skin"])), 3)
    assert np.abs(change[still]).max() == 0
    np.testing.assert_array_equal(found.apply(crop)[~found.region], crop[~found.region])


def test_shadows_of_skin_are_as_warm_as_the_photo_has_them(
    serious: Labels, smiling: Labels
) -> None:
    for warmth in (1.0, 1.5):
        level = np.linspace(0.95, 0.4, SIDE)[:, None]
        crop = np.stack([240 * level, 190 * level, 170 * level**warmth], axis=2)
        crop = np.repeat(crop.reshape(SIDE, 1, 3), SIDE, axis=1).astype(np.uint8)
        found = folded(crop, serious, smiling)
        assert found is not None
        darkest = np.unravel_index(np.argmin(found.shift.sum(axis=2)), found.shift.shape[:2])
        lost = np.log1p(found.shift[darkest] / crop[found.box][darkest])
        assert lost[2] / lost[1] == pytest.approx(warmth, rel=0.2)


def test_who_ceases_to_smile_loses_the_own_folds_and_keeps_the_pores(
    serious: Labels, smiling: Labels
) -> None:
    plain = lit()
    deep = folded(plain, serious, smiling)
    assert deep is not None
    crop = deep.apply(plain)
    found = folded(crop, smiling, serious)
    assert found is not None
    after = found.apply(crop)
    deepest = brightened(plain, deep) < -0.1
    before, left = (
        np.abs(luma(each)[deepest] / luma(plain)[deepest] - 1).mean() for each in (crop, after)
    )
    assert left < 0.6 * before
    pores = [np.diff(luma(each), axis=1)[deepest[:, 1:]] for each in (plain, after)]
    assert np.corrcoef(*pores)[0, 1] > 0.95
    # Skin without folds has none to lose.
    none = folded(plain, smiling, serious)
    assert none is None or np.abs(brightened(plain, none)).max() < 0.04


def test_a_beard_is_no_fold(serious: Labels, smiling: Labels) -> None:
    crop = lit()
    beard = np.zeros((SIDE, SIDE), np.bool_)
    beard[150:200, 60:196] = True
    crop[beard] = crop[beard] // 4
    found = folded(crop, smiling, serious)
    inside = regions.erode(beard, 6)
    assert found is None or brightened(crop, found)[inside].max() < 0.1


def test_what_does_not_smile_more_or_less_keeps_its_folds(serious: Labels) -> None:
    crop = lit()
    assert folded(crop, serious, serious) is None
    faint = attributes.apply(serious, "smile", 0.05)
    assert abs(smile(faint) - smile(serious)) < LEAST
    assert folded(crop, serious, faint) is None
    assert folded(crop, serious, attributes.apply(serious, "brow_height", 1.0)) is None
    for part in ("nose", "skin"):
        bare = np.where(serious == IDS[part], 0, serious).astype(np.uint8)
        assert folded(crop, bare, attributes.apply(bare, "smile", 0.8)) is None
    nobody = np.zeros_like(serious)
    assert folded(crop, nobody, serious) is None


def test_faces_turned_to_either_side_are_mirror_images(serious: Labels) -> None:
    turned = np.where((serious == IDS["skin"]) & (np.arange(SIDE) > 165), 0, serious)
    turned = turned.astype(np.uint8)
    crop = lit()
    found = folded(crop, turned, attributes.apply(turned, "smile", 0.8))
    other = mirror(turned)
    across = folded(crop[:, ::-1].copy(), other, attributes.apply(other, "smile", 0.8))
    assert found is not None
    assert across is not None
    one, two = found.apply(crop).astype(int), across.apply(crop[:, ::-1].copy())[:, ::-1]
    assert np.abs(one - two).mean() < 0.3


def test_the_editor_gives_folds_with_a_smile(editor: Editor, face: Face) -> None:
    wanted = attributes.apply(face.labels, "smile", 0.8)
    folds = folded(face.crop, face.labels, wanted)
    around = editor.surroundings(face, wanted)
    assert folds is not None
    assert around is not None
    # Where the folds are deepest hardly anything else happens to the skin.
    whole = np.zeros((*face.labels.shape, 3), np.float32)
    whole[around.box] += around.shift
    deepest = np.abs(folds.shift).sum(axis=2) > 0.8 * np.abs(folds.shift).sum(axis=2).max()
    assert whole[folds.box][deepest].mean() < 0.5 * folds.shift[deepest].mean()
    # They are laid over skin that has followed, whose light is a little another one.
    assert (folds.region & ~around.region).sum() < 0.02 * folds.region.sum()


@pytest.mark.parametrize("size", [64, 300])
def test_any_map_of_labels_gives_folds_or_none(size: int) -> None:
    rng = np.random.default_rng(size)
    crop = rng.integers(0, 256, (size, size, 3), np.uint8)
    for _ in range(20):
        old, new = (
            np.kron(rng.integers(0, 19, (10, 10)), np.ones((size // 10 + 1,) * 2))[:size, :size]
            for _ in range(2)
        )
        for change in (folded, closed):
            found = change(crop, old.astype(np.uint8), new.astype(np.uint8))
            if found is not None:
                assert np.isfinite(found.shift).all()
                assert found.shift.shape[:2] == regions.extent(found.box)
