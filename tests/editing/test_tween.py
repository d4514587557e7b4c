"""Label maps between label maps: exact ends, steady ways, parts that move instead of fading."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from face_maps import face
from hypothesis import given, settings
from hypothesis import strategies as st

from maskgan import images
from maskgan.editing import attributes, masks, regions
from maskgan.editing.tween import Tween, signed
from maskgan.errors import LabelsError
from maskgan.labels import IDS, NUM_CLASSES, Labels

SIZE = 256
FACE = face(size=SIZE)
SHARES = [number / 16 for number in range(17)]


def without_mouth() -> Labels:
    labels = FACE.copy()
    labels[labels == IDS["mouth"]] = IDS["l_lip"]
    return labels


EDITS = {
    "smile": attributes.apply(FACE, "smile", 1),
    "several": attributes.apply_all(FACE, {"brow_height": 1, "eye_opening": -1, "nose_width": 1}),
    "hair": attributes.apply_all(FACE, {"hair_volume": 1, "face_width": 1}),
    "moved": face(6, 4, size=SIZE),
    "hat": masks.paint_disc(FACE, (128, 30), 40, "hat"),
    "bald": masks.erase(FACE, "hair"),
}


def way(first: Labels, last: Labels) -> list[Labels]:
    tween = Tween(first, last)
    return [tween.at(share) for share in SHARES]


@pytest.mark.parametrize("name", EDITS)
def test_the_ends_are_exact_and_inputs_stay(name: str) -> None:
    first, last = FACE.copy(), EDITS[name].copy()
    tween = Tween(first, last)
    for share, expected in ((0.0, FACE), (1.0, EDITS[name])):
        found = tween.at(share)
        np.testing.assert_array_equal(found, expected)
        assert not np.shares_memory(found, first)
        assert not np.shares_memory(found, last)
    tween.at(0.4)
    np.testing.assert_array_equal(first, FACE)
    np.testing.assert_array_equal(last, EDITS[name])


@pytest.mark.parametrize("name", EDITS)
def test_no_step_is_a_jump_and_no_class_flickers(name: str) -> None:
    maps = way(FACE, EDITS[name])
    total = int((EDITS[name] != FACE).sum())
    assert total > 100
    steps = np.stack([a != b for a, b in pairwise(maps)])
    assert steps.sum(axis=(1, 2)).max() < 0.35 * total
    # A pixel changes its class seldom: once where it is left behind, and at most four times where
    # both lips and what is between them pass.
    assert (steps.sum(axis=0) > 4).sum() < 0.005 * total


@pytest.mark.parametrize("name", EDITS)
def test_only_what_the_ends_have_appears_and_only_nearby(name: str) -> None:
    near = regions.dilate(EDITS[name] != FACE, 12)
    known = set(np.unique(FACE)) | set(np.unique(EDITS[name]))
    for labels in way(FACE, EDITS[name]):
        assert set(np.unique(labels)) <= known
        np.testing.assert_array_equal(labels[~near], FACE[~near])


def test_a_brow_that_moves_far_moves_and_keeps_its_size() -> None:
    last = FACE.copy()
    brow = last == IDS["l_brow"]
    last[brow] = IDS["skin"]
    rows, columns = np.nonzero(brow)
    last[rows - 14, columns] = IDS["l_brow"]
    area, heights = int(brow.sum()), []
    for labels in way(FACE, last):
        own = labels == IDS["l_brow"]
        assert 0.8 * area < own.sum() < 1.2 * area
        heights.append(float(np.nonzero(own)[0].mean()))
    assert heights == sorted(heights, reverse=True)
    assert heights[8] == pytest.approx((heights[0] + heights[-1]) / 2, abs=0.6)


def test_a_closed_mouth_opens_between_the_lips() -> None:
    closed = without_mouth()
    opened = [int((labels == IDS["mouth"]).sum()) for labels in way(closed, FACE)]
    assert opened[0] == 0
    assert opened == sorted(opened)
    assert 0.2 * opened[-1] < opened[8] < 0.8 * opened[-1]
    for labels in way(closed, FACE)[6:]:
        inside = labels == IDS["mouth"]
        assert np.unique(regions.components(inside)[inside]).size == 1


def test_a_part_that_goes_gets_flatter_until_it_is_gone() -> None:
    gone = FACE.copy()
    gone[gone == IDS["l_eye"]] = IDS["skin"]
    areas = [int((labels == IDS["l_eye"]).sum()) for labels in way(FACE, gone)]
    assert areas == sorted(areas, reverse=True)
    assert 0.35 * areas[0] < areas[8] < 0.65 * areas[0]
    back = [int((labels == IDS["l_eye"]).sum()) for labels in way(gone, FACE)]
    assert back == areas[::-1]


def test_large_maps_are_compared_smaller_and_end_exactly() -> None:
    first, last = (images.resize_labels(m, (1100, 1100)) for m in (FACE, EDITS["smile"]))
    maps = [Tween(first, last).at(share) for share in (0, 0.5, 1)]
    np.testing.assert_array_equal(maps[0], first)
    np.testing.assert_array_equal(maps[2], last)
    small = Tween(FACE, EDITS["smile"]).at(0.5)
    assert (images.resize_labels(maps[1], (SIZE, SIZE)) != small).mean() < 0.005


def test_equal_maps_stay_and_others_are_refused() -> None:
    np.testing.assert_array_equal(Tween(FACE, FACE.copy()).at(0.5), FACE)
    with pytest.raises(LabelsError, match="expected the same"):
        Tween(FACE, FACE[:-1])
    with pytest.raises(LabelsError, match="expected an array of uint8"):
        Tween(FACE.astype(int), FACE)


def test_distances_are_signed_and_right_near_and_far() -> None:
    region = np.zeros((200, 300), np.bool_)
    region[:, 100:250] = True
    found = signed(region)
    assert (found[100, 99], found[100, 100]) == (-1, 1)
    assert found[100, 120] == 21
    assert found[100, 175] == pytest.approx(75, abs=4)
    assert found[100, 0] == pytest.approx(-100, abs=4)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40))
def test_whatever_was_painted_there_is_a_way(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    first, last = (
        np.kron(
            rng.integers(0, NUM_CLASSES, (height, width)).astype(np.uint8),
            np.ones((2, 3), np.uint8),
        )
        for _ in range(2)
    )
    tween = Tween(first, last)
    for share in (0.1, 0.5, 0.9):
        labels = tween.at(share)
        assert (labels.shape, labels.dtype) == (first.shape, np.uint8)
        assert set(np.unique(labels)) <= set(np.unique(first)) | set(np.unique(last)) | {1}
