"""New spectacles: a frame of horn before brows, the eyes behind it are the person's."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face, Style
from maskgan.editing.lenses import FADE, FRAME_WIDTH, TINGE, looked_through
from maskgan.editing.masks import paint_disc
from maskgan.editing.spectacles import put_on
from maskgan.labels import IDS, Labels

SIDE = 512
EVERYWHERE = np.ones((SIDE, SIDE), np.bool_)
GREY, DARK = np.full((SIDE, SIDE, 3), 200, np.uint8), np.full((SIDE, SIDE, 3), 20, np.uint8)
BARE = np.full((SIDE, SIDE), IDS["skin"], np.uint8)


def worn() -> Labels:
    return paint_disc(BARE, (256, 256), 40, "eye_g")


def test_the_rim_is_horn_and_the_lens_shows_the_photo() -> None:
    result = looked_through(DARK, GREY, BARE, worn(), EVERYWHERE)
    spectacles = worn() == IDS["eye_g"]
    lens = regions.erode(spectacles, FRAME_WIDTH + FADE + 5)
    assert np.abs(result[lens].astype(int) - (200 - TINGE * 180)).max() <= 4
    rim = regions.erode(spectacles, 1.5) & ~regions.erode(spectacles, FRAME_WIDTH - 1)
    assert np.median(result[rim]) < 60
    # The light that shines in it and the shade on its other side.
    assert result[rim].std() > 3
    # Around it the photo stays, in its shadow.
    around = regions.dilate(spectacles, 10) & ~regions.dilate(spectacles, 2)
    assert 0.6 * 200 < result[around].min() < 0.95 * 200
    assert result[around].max() == 200
    far = ~regions.dilate(spectacles, 13)
    np.testing.assert_array_equal(result[far], DARK[far])


def test_a_bridge_is_all_frame() -> None:
    thin = BARE.copy()
    thin[250:258, 100:400] = IDS["eye_g"]
    result = looked_through(DARK, GREY, BARE, thin, EVERYWHERE)
    assert result[251:257, 110:390].max() < 100


def test_the_frame_goes_on_before_a_brow() -> None:
    brow = BARE.copy()
    brow[210:222, 200:320] = IDS["r_brow"]
    ring = paint_disc(brow, (256, 256), 46, "eye_g", locked=["r_brow"])
    result = looked_through(DARK, GREY, brow, ring, EVERYWHERE)
    arc = result[208:224, 256].mean(axis=1)
    assert arc.min() < 100
    # The brow beside the ring stays.
    assert result[213:219, 222:227].min() > 120


def test_what_is_added_within_spectacles_is_all_lens() -> None:
    hole = paint_disc(worn(), (256, 256), 12, "skin")
    result = looked_through(DARK, GREY, hole, worn(), EVERYWHERE)
    added = hole != worn()
    np.testing.assert_allclose(result[added], 200 - TINGE * 180, atol=1)


def test_spectacles_of_the_photo_and_what_was_not_drawn_stay() -> None:
    np.testing.assert_array_equal(looked_through(DARK, GREY, worn(), worn(), EVERYWHERE), DARK)
    left = EVERYWHERE.copy()
    left[:, 256:] = False
    result = looked_through(DARK, GREY, BARE, worn(), left)
    assert (result != DARK)[:, :256].any()
    np.testing.assert_array_equal(result[:, 256:], DARK[:, 256:])


@pytest.mark.parametrize("detail", [True, False])
def test_eyes_stay_the_persons_own_unless_a_look_is_given(
    editor: Editor, face: Face, detail: bool
) -> None:
    rows, columns = np.nonzero(face.labels == IDS["l_eye"])
    eye = (float(columns.mean()), float(rows.mean()))
    wanted = paint_disc(face.labels, eye, 40, "eye_g")
    inside = regions.erode(wanted == IDS["eye_g"], 12)
    codes, present = face.style.codes.copy(), face.style.present.copy()
    codes[IDS["eye_g"]], present[IDS["eye_g"]] = codes[IDS["hair"]], 1
    tinted = {"eye_g": Style(codes, present)}
    gaps = [
        np.abs(editor.render(face, wanted, style, detail=detail).crop.astype(int) - face.crop)
        for style in (None, tinted)
    ]
    clear, dark = (gap[inside].mean() for gap in gaps)
    assert clear < 10
    assert clear < dark / 3
    assert gaps[0][regions.dilate(inside, 10) & ~inside].mean() > clear


def test_eyes_behind_new_spectacles_are_untouched(editor: Editor, face: Face) -> None:
    result = editor.render(face, put_on(face.labels))
    eyes = np.isin(face.labels, [IDS[name] for name in ("l_eye", "r_eye")])
    np.testing.assert_array_equal(result.crop[eyes], face.crop[eyes])
    gap = np.abs(result.crop.astype(int) - face.crop).max(axis=2)
    worn = put_on(face.labels) == IDS["eye_g"]
    rim = worn & ~regions.erode(worn | eyes, FRAME_WIDTH)
    assert gap[rim].mean() > 3 * gap[worn & ~regions.dilate(rim, 4)].mean()
