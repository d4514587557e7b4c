"""What of an edit goes on beyond the crop, in the photo that is saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from beyond_crops import CUT, cut_off

from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.editing import masks, regions
from maskgan.editing.accessories import put_on_cap
from maskgan.editing.editor import Editor, Face
from maskgan.editing.result import Result
from maskgan.labels import IDS

HAIR, HAT = IDS["hair"], IDS["hat"]
BLUE = "#3c5abe"


@pytest.fixture(scope="module")
def part(editor: Editor, face: Face) -> Face:
    """The sample face in a crop that cuts its hair off above; its photo shows all of it."""
    return cut_off(editor, face)


@pytest.fixture(scope="module")
def dyed(editor: Editor, part: Face) -> Result:
    return editor.render(part, part.labels, {"hair": part.style.coloured(BLUE)})


@pytest.fixture(scope="module")
def capped(editor: Editor, part: Face) -> Result:
    return editor.render(part, put_on_cap(part.labels))


def changed(result: Result) -> np.ndarray[Any, Any]:
    """How far each pixel of the photo has changed, (H, W, 3)."""
    return result.photo.astype(float) - result.face.photo


def test_hair_is_dyed_beyond_the_crop(dyed: Result, face: Face) -> None:
    hair = regions.erode(face.labels == HAIR, 6)
    above, below = hair.copy(), hair.copy()
    above[CUT - 8 :], below[: CUT + 8] = False, False
    colours = [dyed.photo[where].mean(axis=0) for where in (above, below)]
    # As blue above as within the crop.
    np.testing.assert_allclose(*(colour / colour.sum() for colour in colours), atol=0.06)
    assert np.abs(changed(dyed)[above]).mean() > 0.6 * np.abs(changed(dyed)[below]).mean()


def test_no_line_is_seen_where_the_crop_ends(dyed: Result, face: Face) -> None:
    hair = regions.erode(face.labels == HAIR, 6)
    change = changed(dyed).mean(axis=2)
    steps = np.abs(np.diff(change, axis=0))
    inside = hair[:-1] & hair[1:]
    at_border = steps[CUT - 1][inside[CUT - 1]].mean()
    usual = np.median([steps[row][inside[row]].mean() for row in range(CUT + 4, CUT + 40)])
    assert at_border < 2 * usual


def test_what_is_no_hair_stays_to_the_bit(dyed: Result, face: Face) -> None:
    away = ~regions.dilate(face.labels == HAIR, 24)
    away[CUT:] = False
    assert away.sum() > 5000
    np.testing.assert_array_equal(dyed.photo[away], face.photo[away])


def test_hair_is_dyed_below_the_crop_as_above_its_end(editor: Editor, face: Face) -> None:
    labels = np.zeros_like(face.labels)
    labels[CUT:] = face.labels[:-CUT]
    part = editor.framed(face.photo, Similarity(shift(0, CUT), 512), labels)
    assert part.goes_on
    result = editor.render(part, labels, {"hair": part.style.coloured(BLUE)})
    hair, change = regions.erode(face.labels == HAIR, 6), np.abs(changed(result)).mean(axis=2)
    end = 512 - CUT
    usual = change[:400][hair[:400]].mean()
    for rows in (slice(end - 20, end), slice(end, 512)):
        assert hair[rows].sum() > 1000
        assert change[rows][hair[rows]].mean() > 0.6 * usual


def test_a_cap_ends_above_the_crop(capped: Result, face: Face) -> None:
    wider = capped.beyond(capped.face, capped.crop) if capped.beyond else None
    assert wider is not None
    hat = capped.labels == HAT
    columns = np.flatnonzero(hat[0])
    middle = round(columns.mean())
    # It goes on above its middle, and ends before its sides do.
    change = np.abs(changed(capped)).mean(axis=2)
    assert change[CUT - 10 : CUT, middle - 20 : middle + 20].mean() > 10
    dark = capped.photo[CUT - 6, columns[0] + 10 : columns[-1] - 10].mean()
    assert abs(dark - capped.photo[CUT + 6, columns[0] + 10 : columns[-1] - 10].mean()) < 30


def test_no_hair_is_left_above_a_cap(capped: Result, face: Face) -> None:
    hair = regions.erode(face.labels == HAIR, 3)[: CUT - 4]
    assert hair.sum() > 5000
    assert (np.abs(changed(capped)).max(axis=2)[: CUT - 4][hair] > 8).mean() > 0.9


def test_no_hair_is_left_above_a_bald_head(editor: Editor, part: Face, face: Face) -> None:
    result = editor.render(part, masks.erase(part.labels, "hair"))
    seen = editor.parse(result.photo)[:CUT]
    assert (seen == HAIR).sum() < 0.1 * (face.labels[:CUT] == HAIR).sum()


def test_an_edit_that_stays_in_the_crop_is_asked_for_no_more(
    editor: Editor, part: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("the surroundings were looked at")

    result = editor.render(part, masks.grow(part.labels, "u_lip", 4))
    monkeypatch.setattr("maskgan.editing.editor.Surrounded.of", fails)
    assert result.beyond is not None
    assert result.beyond(part, result.crop) is None
    assert (result.photo != part.photo).any()


def test_an_aligned_photo_has_nothing_beyond(editor: Editor, face: Face) -> None:
    result = editor.render(face, face.labels, {"hair": face.style.coloured(BLUE)})
    np.testing.assert_array_equal(result.photo, result.crop)


def test_the_same_edit_gives_the_same_photo(editor: Editor, part: Face, dyed: Result) -> None:
    editor.forget()
    again = editor.render(part, part.labels, {"hair": part.style.coloured(BLUE)})
    np.testing.assert_array_equal(again.photo, dyed.photo)


@pytest.mark.parametrize("bending", [False, True])
def test_hair_grows_above_the_crop(editor: Editor, part: Face, face: Face, bending: bool) -> None:
    result = editor.render(part, masks.grow(part.labels, "hair", 24), bending=bending)
    assert (result.bent is not None) == bending
    seen, before = editor.parse(result.photo)[:CUT] == HAIR, face.labels[:CUT] == HAIR
    assert seen.sum() > 1.1 * before.sum()
    # It ends within the photo: nothing is cut off by the crop, and nothing is pale there.
    rows = np.flatnonzero(seen.any(axis=1))
    assert rows[0] < 12
    assert (np.diff(seen[rows[0] :].sum(axis=1)) > -20).all()


def test_hair_that_was_bent_leaves_nothing_above(editor: Editor, part: Face, face: Face) -> None:
    lower = masks.shrink(part.labels, "hair", 8)
    lower[:6][lower[:6] == HAIR] = 0
    result = editor.render(part, lower)
    assert result.bent is not None
    seen = editor.parse(result.photo)[: CUT - 8] == HAIR
    assert seen.sum() < 0.1 * (face.labels[: CUT - 8] == HAIR).sum()


def test_what_is_drawn_at_a_side_fades_there(editor: Editor, face: Face) -> None:
    wide = np.pad(face.crop, ((0, 0), (80, 80), (0, 0)), mode="edge")
    inner = editor.framed(wide, Similarity(shift(-80, 0), 512), face.labels)
    labels = put_on_cap(inner.labels).copy()
    labels[150:250, :60] = HAIR
    change = changed(editor.render(inner, labels))
    inside, border = (np.abs(change[160:240, column]).mean() for column in (110, 82))
    assert border < 0.3 * inside
    assert not change[:, :79].any()


def test_what_is_done_to_a_crop_afterwards_is_in_the_photo(dyed: Result, face: Face) -> None:
    later = replace(dyed, crop=np.maximum(dyed.crop, 90))
    hair = regions.erode(face.labels == HAIR, 6)
    hair[: CUT + 60] = False
    assert later.photo[hair].min() > dyed.photo[hair].min() + 20


def test_below_a_crop_nothing_is_cut_where_no_hair_is_seen(editor: Editor, face: Face) -> None:
    labels = np.zeros_like(face.labels)
    labels[CUT:] = face.labels[:-CUT]
    photo = face.photo.copy()
    photo[512 - CUT :] = (90, 120, 90)
    part = editor.framed(photo, Similarity(shift(0, CUT), 512), labels)
    result = editor.render(part, masks.erase(labels, "hair"))
    np.testing.assert_array_equal(result.photo[512 - CUT :], photo[512 - CUT :])
