"""Specks: a second brow above the first and glasses on a cheek go, what faces have stays."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import spectacles
from maskgan.editing.editor import Editor
from maskgan.editing.plausible import plausible
from maskgan.labels import IDS, Labels

SIDE = 512


def box(labels: Labels, part: str) -> tuple[int, int, int, int]:
    """First and last row and column of a part."""
    rows, columns = np.nonzero(labels == IDS[part])
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


@pytest.mark.parametrize("part", ["l_brow", "r_eye"])
@pytest.mark.parametrize("up", [-30, 40])
def test_a_second_one_above_or_below_becomes_skin(part: str, up: int) -> None:
    labels = face(size=SIDE)
    top, _, left, right = box(labels, part)
    seen = labels.copy()
    seen[top - up : top - up + 6, left + 4 : right - 6] = IDS[part]
    expected = labels.copy()
    expected[top - up : top - up + 6, left + 4 : right - 6] = IDS["skin"]
    found = plausible(seen)
    np.testing.assert_array_equal(found, expected)
    assert plausible(found) is found


def test_pieces_beside_each_other_stay() -> None:
    labels = face(size=SIDE)
    top, bottom, left, right = box(labels, "l_brow")
    middle = (left + right) // 2
    labels[top : bottom + 1, middle : middle + 5] = IDS["hair"]
    assert plausible(labels) is labels


def test_a_few_pixels_of_glasses_are_none_and_real_ones_stay() -> None:
    labels = face(size=SIDE)
    seen = labels.copy()
    seen[262:274, 180:280] = IDS["eye_g"]
    # Where the nose is, there is skin now: nobody knows what was below.
    expected = np.where(seen == IDS["eye_g"], np.uint8(IDS["skin"]), seen)
    np.testing.assert_array_equal(plausible(seen), expected)
    worn = spectacles.put_on(labels)
    assert plausible(worn) is worn


def test_labels_without_a_face_are_left_alone() -> None:
    empty = np.zeros((64, 64), np.uint8)
    assert plausible(empty) is empty


def test_an_editor_sees_none(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = face(size=64)
    top, _, left, right = box(seen, "l_brow")
    seen[top - 6 : top - 4, left:right] = IDS["l_brow"]
    monkeypatch.setattr(editor.bundle, "run", lambda *_, **__: {"labels": seen[None]})
    parsed = editor.parse(np.zeros((64, 64, 3), np.uint8))
    np.testing.assert_array_equal(parsed, plausible(seen))
    assert (parsed != seen).any()
