"""Spectacles as labels: before both eyes, as wide as the face, under eyes and brows."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan import images
from maskgan.editing import masks, regions
from maskgan.editing.spectacles import UNDER, put_on, take_off
from maskgan.errors import LabelsError
from maskgan.labels import IDS, Labels, exchange_sides
from maskgan.samples import FOLDER
from maskgan.samples import LABELS as FACE

GLASSES = IDS["eye_g"]


@pytest.fixture(scope="module")
def labels() -> Labels:
    return images.read_labels(FACE)


def middle(labels: Labels, name: str) -> tuple[int, int]:
    rows, columns = np.nonzero(labels == IDS[name])
    return round(rows.mean()), round(columns.mean())


def test_they_are_one_piece_before_both_eyes(labels: Labels) -> None:
    worn = put_on(labels)
    new = worn != labels
    assert (worn[new] == GLASSES).all()
    assert set(np.unique(labels[new])) <= {IDS[name] for name in UNDER}
    for name in ("l_eye", "r_eye", "l_brow", "r_brow"):
        np.testing.assert_array_equal(worn == IDS[name], labels == IDS[name])
        row, column = middle(labels, name)
        if "eye" in name:
            assert (worn[row + 24, column - 10 : column + 10] == GLASSES).all()
    whole = np.isin(worn, [GLASSES, *(IDS[each] for each in ("l_eye", "r_eye"))])
    pieces = regions.components(whole)
    assert np.unique(pieces[new]).size == 1
    # From temple to temple, and above the mouth.
    skin = np.flatnonzero((labels == IDS["skin"])[middle(labels, "l_eye")[0]])
    columns = np.flatnonzero((worn == GLASSES).any(axis=0))
    assert columns[0] <= skin[0] + 8
    assert columns[-1] >= skin[-1] - 8
    assert np.flatnonzero((worn == GLASSES).any(axis=1))[-1] < middle(labels, "u_lip")[0]


@pytest.mark.parametrize("side", [64, 200, 1024])
def test_they_have_the_size_of_the_face(labels: Labels, side: int) -> None:
    scaled = images.resize_labels(labels, (side, side))
    share = (put_on(scaled) == GLASSES).mean() / (put_on(labels) == GLASSES).mean()
    assert share == pytest.approx(1, abs=0.15 if side < 100 else 0.04)


def test_a_mirrored_face_wears_them_mirrored(labels: Labels) -> None:
    mirrored = exchange_sides(np.ascontiguousarray(labels[:, ::-1]))
    there = put_on(mirrored)[:, ::-1] == GLASSES
    assert (there != (put_on(labels) == GLASSES)).mean() < 0.001


@pytest.mark.parametrize("hidden", [("l_eye",), ("r_eye",), ("l_eye", "r_eye")])
def test_eyes_that_are_hidden_get_a_lens_as_well(labels: Labels, hidden: tuple[str, ...]) -> None:
    covered = masks.erase(labels, hidden)
    worn = put_on(covered) == GLASSES
    for name in ("l_eye", "r_eye"):
        row, column = middle(labels, name)
        assert worn[row + 24, column]


def test_without_a_face_there_is_a_sentence() -> None:
    with pytest.raises(LabelsError, match="show no face to put spectacles on"):
        put_on(np.zeros((64, 64), np.uint8))


def test_they_keep_to_limits_and_come_off_again(labels: Labels) -> None:
    kept = put_on(labels, locked=["hair", "nose"])
    for name in ("hair", "nose"):
        np.testing.assert_array_equal(kept == IDS[name], labels == IDS[name])
    only = put_on(labels, only=["skin"])
    assert set(np.unique(labels[only != labels])) == {IDS["skin"]}
    off = masks.erase(put_on(labels), "glasses")
    assert not (off == GLASSES).any()
    assert (off != labels).mean() < 0.01


@pytest.mark.parametrize("number", range(2, 7))
def test_samples_can_wear_them(number: int) -> None:
    face = images.read_labels(FOLDER / "faces" / f"face-{number}.labels.png")
    share = (put_on(face) == GLASSES).mean()
    assert 0.015 < share < 0.06


def dark(labels: Labels) -> Labels:
    """A face in spectacles through which neither eyes nor brows are seen."""
    worn = put_on(labels)
    hidden = np.isin(worn, [IDS[name] for name in ("l_eye", "r_eye", "l_brow", "r_brow")])
    worn[hidden] = GLASSES
    return worn


def test_what_is_seen_through_them_stays_when_they_are_taken_off(labels: Labels) -> None:
    worn = put_on(labels)
    np.testing.assert_array_equal(take_off(worn), masks.erase(worn, "glasses"))
    np.testing.assert_array_equal(take_off(labels), labels)
    assert (take_off(worn) == labels).mean() > 0.995


def test_eyes_and_brows_that_dark_lenses_hid_are_where_they_would_be(labels: Labels) -> None:
    bare = take_off(dark(labels))
    assert not (bare == GLASSES).any()
    unit = 0.25 * labels.shape[1]
    for name in ("l_eye", "r_eye", "l_brow", "r_brow"):
        there, here = (np.array(middle(each, name)) for each in (labels, bare))
        assert np.linalg.norm(there - here) < 0.16 * unit, name
        share = (bare == IDS[name]).sum() / (labels == IDS[name]).sum()
        assert 0.3 < share < 1.5, name


def test_one_eye_that_is_hidden_is_put_in_alone(labels: Labels) -> None:
    worn = dark(labels)
    seen = np.isin(labels, [IDS["l_eye"], IDS["l_brow"]])
    worn[seen] = labels[seen]
    bare = take_off(worn)
    for name in ("l_eye", "l_brow"):
        np.testing.assert_array_equal(bare == IDS[name], labels == IDS[name])
    assert (bare == IDS["r_eye"]).any()


def test_eyes_keep_to_what_may_be_painted(labels: Labels) -> None:
    worn = dark(labels)
    np.testing.assert_array_equal(take_off(worn, locked=["eye_g"]), worn)
    np.testing.assert_array_equal(
        take_off(worn, locked=["skin"]), masks.erase(worn, "glasses", locked=["skin"])
    )


def test_the_face_goes_on_beneath_them_however_near_hair_is() -> None:
    labels = np.full((200, 200), IDS["hair"], np.uint8)
    labels[20:180, 50:150] = IDS["skin"]
    labels[90:120, 40:160] = GLASSES
    bare = masks.erase(labels, "glasses")
    assert (bare[90:120, 50:150] == IDS["skin"]).all()
    assert (bare[90:120, 40:50] == IDS["hair"]).mean() > 0.8


def test_a_brow_above_them_leaves_skin_and_one_within_them_a_lens() -> None:
    labels = np.full((256, 256), IDS["skin"], np.uint8)
    labels[100:180, 40:220] = GLASSES
    labels[84:100, 60:120] = IDS["r_brow"]
    labels[106:114, 140:200] = IDS["l_brow"]
    bare = masks.erase(labels, "brows")
    assert (bare[84:100, 60:120] == IDS["skin"]).all()
    assert (bare[106:114, 140:200] == GLASSES).all()
