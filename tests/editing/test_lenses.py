"""New spectacles: the frame is drawn, the eyes behind it are the person's."""

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


def test_the_rim_is_drawn_and_the_lens_shows_the_photo() -> None:
    result = looked_through(DARK, GREY, BARE, worn(), EVERYWHERE)
    spectacles = worn() == IDS["eye_g"]
    lens = regions.erode(spectacles, FRAME_WIDTH + FADE + 1)
    rim = spectacles & ~regions.erode(spectacles, FRAME_WIDTH - 1)
    assert np.abs(result[lens].astype(int) - (20 + (1 - TINGE) * 180)).max() <= 1
    np.testing.assert_array_equal(result[rim], DARK[rim])
    np.testing.assert_array_equal(result[~spectacles], DARK[~spectacles])


def test_a_bridge_is_all_frame() -> None:
    thin = BARE.copy()
    thin[250:258, 100:400] = IDS["eye_g"]
    np.testing.assert_array_equal(looked_through(DARK, GREY, BARE, thin, EVERYWHERE), DARK)


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


def test_eyes_and_brows_behind_new_spectacles_are_untouched(editor: Editor, face: Face) -> None:
    result = editor.render(face, put_on(face.labels))
    behind = np.isin(face.labels, [IDS[name] for name in ("l_eye", "r_eye", "l_brow", "r_brow")])
    np.testing.assert_array_equal(result.crop[behind], face.crop[behind])
    worn = put_on(face.labels) == IDS["eye_g"]
    gap = np.abs(result.crop.astype(int) - face.crop).max(axis=2)
    rim = worn & ~regions.erode(worn | behind, FRAME_WIDTH)
    assert gap[rim].mean() > 3 * gap[worn & ~rim].mean()
