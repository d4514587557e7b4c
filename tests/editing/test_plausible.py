"""Specks: a second brow above the first, glasses on a cheek and skin in hair go, what faces have
stays."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import masks, spectacles
from maskgan.editing.editor import Editor
from maskgan.editing.plausible import plausible
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
GREY = np.full((SIDE, SIDE, 3), 128, np.uint8)
"""A photo in which skin and hair are alike."""


def drawn(side: int = SIDE) -> Labels:
    """A face without the pixels of hair beside it that rounding leaves."""
    return masks.clean_islands(face(size=side), "hair", 2)


def box(labels: Labels, part: str) -> tuple[int, int, int, int]:
    """First and last row and column of a part."""
    rows, columns = np.nonzero(labels == IDS[part])
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


@pytest.mark.parametrize("part", ["l_brow", "r_eye"])
@pytest.mark.parametrize("up", [-30, 40])
def test_a_second_one_above_or_below_becomes_skin(part: str, up: int) -> None:
    labels = drawn()
    top, _, left, right = box(labels, part)
    seen = labels.copy()
    seen[top - up : top - up + 6, left + 4 : right - 6] = IDS[part]
    expected = labels.copy()
    expected[top - up : top - up + 6, left + 4 : right - 6] = IDS["skin"]
    found = plausible(seen, GREY)
    np.testing.assert_array_equal(found, expected)
    assert plausible(found, GREY) is found


def test_pieces_beside_each_other_stay() -> None:
    labels = drawn()
    top, bottom, left, right = box(labels, "l_brow")
    middle = (left + right) // 2
    labels[top : bottom + 1, middle : middle + 5] = IDS["hair"]
    assert plausible(labels, GREY) is labels


def test_a_few_pixels_of_glasses_are_none_and_real_ones_stay() -> None:
    labels = drawn()
    seen = labels.copy()
    seen[262:274, 180:280] = IDS["eye_g"]
    # Where the nose is, there is skin now: nobody knows what was below.
    expected = np.where(seen == IDS["eye_g"], np.uint8(IDS["skin"]), seen)
    np.testing.assert_array_equal(plausible(seen, GREY), expected)
    worn = spectacles.put_on(labels)
    assert plausible(worn, GREY) is worn


@pytest.mark.parametrize("grey", [True, False], ids=["grey hair", "skin"])
@pytest.mark.parametrize("alone", [True, False], ids=["in hair", "at the forehead"])
def test_skin_in_hair_becomes_hair_where_it_has_its_colour(grey: bool, alone: bool) -> None:
    labels = drawn()
    rows = np.flatnonzero(labels[:, SIDE // 2] == IDS["hair"])
    top, bottom = int(rows.min()), int(rows.max())
    assert bottom - top > 40
    seen = labels.copy()
    patch = slice(top + 12, top + 24 if alone else bottom + 1), slice(240, 270)
    seen[patch] = IDS["skin"]
    crop = np.full((SIDE, SIDE, 3), (205, 150, 125), np.uint8)
    crop[labels == IDS["hair"]] = (150, 150, 155)
    crop[patch] = (190, 190, 195) if grey else (190, 140, 115)
    expected = labels if grey and alone else seen
    np.testing.assert_array_equal(plausible(seen, crop), expected)


@pytest.mark.parametrize("side", [SIDE, SIDE // 2])
def test_crumbs_of_what_is_large_go(side: int) -> None:
    labels = drawn(side)
    least = side // 64  # a square of this side is the smallest that stays
    at = IDS["cloth"], side - 20, side // 2
    assert labels[at[1], at[2]] == at[0]
    for name, extent, stays in (
        ("hair", least, True),
        ("hair", least - 1, False),
        ("hat", least - 1, False),
        ("neck_l", least - 1, True),
        ("ear_r", least - 1, True),
    ):
        seen = labels.copy()
        seen[at[1] : at[1] + extent, at[2] : at[2] + extent] = IDS[name]
        found = plausible(seen, GREY[:side, :side])
        np.testing.assert_array_equal(found, seen if stays else labels)


def test_labels_without_a_face_are_left_alone() -> None:
    empty = np.zeros((64, 64), np.uint8)
    assert plausible(empty, GREY[:64, :64]) is empty


def test_an_editor_sees_none(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = face(size=64)
    top, _, left, right = box(seen, "l_brow")
    seen[top - 6 : top - 4, left:right] = IDS["l_brow"]
    monkeypatch.setattr(editor.bundle, "run", lambda *_, **__: {"labels": seen[None]})
    crop = np.zeros((64, 64, 3), np.uint8)
    parsed = editor.parse(crop)
    np.testing.assert_array_equal(parsed, plausible(seen, crop))
    assert (parsed != seen).any()


def crowned() -> Labels:
    """A face the upper part of whose hair is a hat."""
    labels = drawn()
    top = labels[: SIDE // 7]
    top[top == IDS["hair"]] = IDS["hat"]
    return labels


def in_colours(labels: Labels, **colours: int) -> Pixels:
    """A photo in which classes are as grey as said and all else is as grey as can be."""
    photo = np.full((*labels.shape, 3), 128, np.uint8)
    for name, grey in colours.items():
        photo[labels == IDS[name]] = grey
    return photo


def test_a_small_hat_in_the_colour_of_the_hair_beside_it_is_hair() -> None:
    labels = crowned()
    found = plausible(labels, in_colours(labels, hair=30, hat=40))
    assert not (found == IDS["hat"]).any()
    np.testing.assert_array_equal(found[labels != IDS["hat"]], labels[labels != IDS["hat"]])
    assert (found[labels == IDS["hat"]] == IDS["hair"]).all()


def test_a_hat_of_another_colour_a_large_one_and_one_on_no_hair_stay() -> None:
    labels = crowned()
    assert plausible(labels, in_colours(labels, hair=30, hat=50)) is labels
    large = drawn()
    top = large[: SIDE // 2]
    top[(top == IDS["hair"]) | (np.arange(SIDE // 2)[:, None] < 60)] = IDS["hat"]
    assert plausible(large, in_colours(large, hair=30, hat=30)) is large
    bare = labels.copy()
    bare[bare == IDS["hair"]] = IDS["background"]
    assert plausible(bare, in_colours(bare, hat=30)) is bare
