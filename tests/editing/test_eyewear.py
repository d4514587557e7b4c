"""Spectacles that the photo shows: their frame stays in front, and comes off alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from maskgan.data.drawn import Expression, draw_face, random_identity
from maskgan.editing import attributes, regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.eyewear import Eyewear, laid_over, worn
from maskgan.editing.layers import member, uncover
from maskgan.images import Floats, Pixels
from maskgan.labels import IDS, Labels

SPECTACLES, SKIN = IDS["eye_g"], IDS["skin"]
EYES, BROWS = (IDS["l_eye"], IDS["r_eye"]), (IDS["l_brow"], IDS["r_brow"])
Drawn = tuple[Pixels, Labels]


def drawn(glasses: Literal["none", "round", "square", "sun"]) -> Drawn:
    """Always the same person, 512 px."""
    identity = random_identity(np.random.default_rng(3))
    return draw_face(
        replace(identity, glasses=glasses, glasses_color=(32, 30, 32), hat="none"),
        Expression(),
        512,
    )


@pytest.fixture(scope="module")
def bare() -> Drawn:
    return drawn("none")


@pytest.fixture(scope="module")
def square() -> Drawn:
    return drawn("square")


@pytest.fixture(scope="module")
def wearer(editor: Editor, square: Drawn) -> Face:
    return editor.photo(square[0], aligned=True, labels=square[1])


def found(drawn: Drawn) -> Eyewear:
    eyewear = Eyewear.of(*drawn)
    assert eyewear is not None
    return eyewear


def far(one: Pixels, other: Pixels) -> Floats:
    """How far two pictures are apart, grey levels (H, W)."""
    apart: Floats = np.abs(one.astype(np.float32) - other).mean(axis=2)
    return apart


def test_there_are_none_without(bare: Drawn) -> None:
    assert Eyewear.of(*bare) is None


def test_the_frame_is_told_from_skin_eyes_and_brows(bare: Drawn, square: Drawn) -> None:
    eyewear = found(square)
    apart = far(square[0], bare[0])
    frame = apart > 60
    assert (eyewear.frame & frame).sum() > 0.9 * frame.sum()
    # Some of it is as dark as hair.
    assert (eyewear.frame & regions.dilate(apart > 30, 3)).sum() > 0.85 * eyewear.frame.sum()
    assert not (eyewear.frame & member(square[1], EYES)).any()
    # What lies deep in a lens is seen through it.
    lens = regions.erode(square[1] == SPECTACLES, 12)
    assert lens.any()
    assert eyewear.lenses[lens].mean() > 0.95
    assert not (eyewear.lenses & frame).any()


def test_one_does_not_see_through_dark_lenses() -> None:
    eyewear = found(drawn("sun"))
    assert not eyewear.lenses.any()
    np.testing.assert_array_equal(eyewear.tint, 1)


def test_the_outline_goes_on_around_eyes_and_before_brows() -> None:
    labels = np.full((200, 300), SKIN, np.uint8)
    labels[60:140, 60:160] = SPECTACLES
    labels[90:110, 90:130] = EYES[0]
    labels[68:80, 70:150] = BROWS[0]
    labels[20:34, 200:280] = BROWS[1]
    np.testing.assert_array_equal(worn(labels, 1.0), np.isin(labels, (SPECTACLES, 4, 6)))


@pytest.mark.parametrize("detail", [True, False])
@pytest.mark.parametrize("name", ["brow_height", "nose_width", "eye_opening"])
def test_the_frame_stays_where_features_move_behind_it(
    editor: Editor, wearer: Face, name: str, detail: bool
) -> None:
    wanted = attributes.apply(wearer.labels, name, 1.0)
    result = editor.render(wearer, wanted, detail=detail)
    frame = found((wearer.crop, wearer.labels)).frame
    assert result.changed.any()
    moved = far(result.crop, wearer.crop)[frame]
    # Eyes draw the skin around along, so that the frame may bend a little there.
    assert np.quantile(moved, 0.8) < (20 if name == "eye_opening" else 1)


def test_brows_that_rise_leave_no_second_frame(editor: Editor, wearer: Face, bare: Drawn) -> None:
    wanted = attributes.apply(wearer.labels, "brow_height", 1.0)
    result = editor.render(wearer, wanted)
    around = regions.dilate(member(wearer.labels, BROWS) | member(wanted, BROWS), 20)
    skin = around & ~regions.dilate(found((wearer.crop, wearer.labels)).frame, 3)
    skin &= ~regions.dilate(member(wanted, BROWS), 4)
    # The darkest skin there is no darker than that of the bare face.
    darkest = [np.quantile(picture.mean(axis=2)[skin], 0.05) for picture in (result.crop, bare[0])]
    assert darkest[0] > 0.75 * darkest[1]


def test_the_frame_goes_along_with_the_head(editor: Editor, wearer: Face) -> None:
    wanted = attributes.apply(wearer.labels, "face_width", -1.0)
    spectacles = wearer.labels == SPECTACLES
    np.testing.assert_array_equal(wanted == SPECTACLES, spectacles)
    result = editor.render(wearer, wanted)
    assert result.bent is not None
    assert result.bent.region[spectacles].any()
    eyewear = found((wearer.crop, wearer.labels))
    frame = eyewear.moved(result.bent).frame
    # The bent photo, and nothing that was drawn.
    assert np.quantile(far(result.crop, result.bent.crop)[frame], 0.95) < 2


@pytest.mark.parametrize("glasses", ["square", "round"])
def test_spectacles_come_off_and_eyes_stay(
    editor: Editor, bare: Drawn, glasses: Literal["square", "round"]
) -> None:
    photo, labels = drawn(glasses)
    face = editor.photo(photo, aligned=True, labels=labels)
    spectacles = labels == SPECTACLES
    result = editor.render(face, uncover(labels, spectacles))
    eyes = regions.dilate(member(labels, EYES), 3)
    # The same but for the tint of the lens.
    pairs = [picture[eyes].mean(axis=1) for picture in (result.crop, photo)]
    assert np.corrcoef(*pairs)[0, 1] > 0.92
    # Where the frame was, the face is nearer to the one without it than it was, by far.
    frame = found((photo, labels)).frame
    before, after = (far(picture, bare[0])[frame].mean() for picture in (photo, result.crop))
    assert after < 0.35 * before


def test_behind_dark_lenses_the_face_is_drawn(editor: Editor) -> None:
    photo, labels = drawn("sun")
    face = editor.photo(photo, aligned=True, labels=labels)
    lens = regions.erode(labels == SPECTACLES, 12)
    result = editor.render(face, uncover(labels, labels == SPECTACLES))
    assert far(result.crop, photo)[lens].mean() > 25


def test_a_tint_goes_with_the_lenses(bare: Drawn, square: Drawn) -> None:
    labels = square[1]
    off = uncover(labels, labels == SPECTACLES)
    frame, within = far(square[0], bare[0]) > 60, worn(labels, 1.0)
    photo = np.where(frame[:, :, None], square[0], bare[0])
    assert found((photo, labels)).untinted(photo, labels, off) is None
    tint = np.array((0.7, 0.85, 0.95))
    tinted = np.where(within[:, :, None], photo * tint, photo).astype(np.uint8)
    eyewear = found((tinted, labels))
    # What is left is grey: how dark lenses are cannot be told from how dark eyes lie.
    np.testing.assert_allclose(eyewear.tint, tint / tint.mean(), atol=0.06)
    clear = eyewear.untinted(tinted, labels, off)
    assert clear is not None
    lens = regions.erode(eyewear.lenses, 3)
    assert lens.any()
    ratio = clear.crop[lens].mean(axis=0) / photo[lens].mean(axis=0)
    assert np.ptp(ratio) < 0.1
    np.testing.assert_array_equal(clear.crop[~clear.region], tinted[~clear.region])
    assert eyewear.untinted(tinted, labels, labels) is None


def test_spectacles_that_are_painted_over_are_not_kept(square: Drawn) -> None:
    labels = square[1]
    wanted, half = labels.copy(), np.zeros(labels.shape, np.bool_)
    half[:, :256] = True
    wanted[half & (labels == SPECTACLES)] = IDS["hair"]
    eyewear = found(square)
    staying = eyewear.staying(labels, wanted)
    assert not staying[:, :250].any()
    assert staying[:, 280:].any()
    edit = eyewear.behind(labels, wanted, labels != wanted, 12)
    # Hair over a lens is seen, skin behind it is not.
    assert edit.edited[half & (labels == SPECTACLES)].all()


def test_skin_is_dyed_behind_lenses_and_no_frame_with_brows(editor: Editor, wearer: Face) -> None:
    eyewear, colour = found((wearer.crop, wearer.labels)), wearer.style.coloured("#40e040")
    dyed = far(editor.render(wearer, wearer.labels, {"skin": colour}).crop, wearer.crop)
    lens = regions.erode(eyewear.lenses, 3)
    cheek = regions.erode(wearer.labels == SKIN, 12)
    assert dyed[lens].mean() > 0.7 * dyed[cheek].mean() > 10
    labels = wearer.labels.copy()
    brow = regions.dilate(labels == BROWS[0], 14) & ~member(labels, EYES)
    labels[brow] = BROWS[0]
    low = editor.photo(wearer.crop, aligned=True, labels=labels)
    frame = found((low.crop, labels)).frame & brow
    assert frame.sum() > 100
    red = far(editor.render(low, labels, {"l_brow": colour}).crop, low.crop)
    assert red[labels == BROWS[0]].max() > 20
    assert red[frame].max() <= 1


def test_spectacles_are_drawn_where_somebody_asks_for_it(
    editor: Editor, wearer: Face, square: Drawn
) -> None:
    frame, (photo, labels) = found(square).frame, drawn("round")
    other = editor.photo(photo, aligned=True, labels=labels)
    look = editor.render(wearer, wearer.labels, {"eye_g": other})
    assert far(look.crop, wearer.crop)[frame].mean() > 5
    region = np.zeros(frame.shape, np.bool_)
    region[:, :256] = True
    forced = far(editor.render(wearer, wearer.labels, region=region).crop, wearer.crop)
    assert forced[frame & region].mean() > 5
    assert forced[:, 280:].max() == 0


def test_what_is_in_front_is_the_photos() -> None:
    photo, picture = (np.full((64, 64, 3), value, np.uint8) for value in (200, 20))
    front = np.zeros((64, 64), np.bool_)
    front[20:30, 20:30] = True
    everywhere = np.ones_like(front)
    result = laid_over(picture, photo, front, everywhere)
    assert (result[front] == 200).all()
    assert (result[~regions.dilate(front, 4)] == 20).all()
    # Where they differ is all that is looked at.
    found = laid_over(np.where(front[:, :, None], picture, photo), photo, front, front)
    np.testing.assert_array_equal(found, photo)
    assert laid_over(photo, photo, front, np.zeros_like(front)) is photo
