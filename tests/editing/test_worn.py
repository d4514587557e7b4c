"""What is put on is built, in the right colour; the photo stays around it."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.masks import paint_disc, paint_polygon, paint_stroke
from maskgan.editing.worn import MARGIN, put_on
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
UNKNOWN = np.full(3, np.nan)
DRAWN = np.full((SIDE, SIDE, 3), (40, 60, 160), np.uint8)
"""A generator that draws everything blue."""
SKIN, HAIR, CLOTH, HAT, NECKLACE = (
    IDS[name] for name in ("skin", "hair", "cloth", "hat", "neck_l")
)


def scene() -> tuple[Pixels, Labels]:
    """A face with hair and red clothes before a wall."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[420:, 60:450] = CLOTH
    labels[340:430, 200:312] = IDS["neck"]
    labels = paint_disc(labels, (256, 220), 150, "hair")
    labels = paint_disc(labels, (256, 250), 110, "skin")
    photo = np.full((SIDE, SIDE, 3), 200, np.uint8)
    photo[labels == HAIR] = 50
    photo[(labels == SKIN) | (labels == IDS["neck"])] = (190, 150, 130)
    photo[labels == CLOTH] = (160, 40, 40)
    return photo, labels


def hatted(labels: Labels) -> Labels:
    return paint_polygon(labels, [(100, 180), (140, 60), (372, 60), (412, 180)], "hat")


def where(labels: Labels, wanted: Labels) -> regions.Region:
    return regions.changed_region(labels, wanted, 8)


def test_a_hat_is_wool_of_the_colour_that_was_drawn() -> None:
    photo, labels = scene()
    wanted = hatted(labels)
    result = put_on(DRAWN, photo, labels, wanted, where(labels, wanted))
    hat = regions.erode(wanted == HAT, 12)
    np.testing.assert_allclose(result[hat].mean(axis=0), DRAWN[0, 0], rtol=0.25)
    assert result[hat].mean(axis=1).std() > 4


def test_around_it_the_photo_stays_in_its_shadow() -> None:
    photo, labels = scene()
    wanted = hatted(labels)
    part = where(labels, wanted)
    result = put_on(DRAWN, photo, labels, wanted, part)
    beside = part & (labels == wanted) & (np.arange(SIDE)[:, None] < 170)
    behind = beside & (labels == 0) & ~regions.dilate(wanted == HAT, 3)
    np.testing.assert_array_equal(result[behind], photo[behind])
    brow = np.s_[183:187, 230:280]
    assert 0.45 < result[brow].mean() / photo[brow].mean() < 0.9
    np.testing.assert_array_equal(result[~part], DRAWN[~part])


def test_what_else_was_edited_stays_as_it_was_drawn() -> None:
    photo, labels = scene()
    wanted = hatted(labels)
    wanted[300:320, 240:270] = IDS["mouth"]
    wanted[200:215, 240:270] = IDS["l_brow"]
    part = where(labels, wanted)
    result = put_on(DRAWN, photo, labels, wanted, part)
    for box in (np.s_[300:320, 240:270], np.s_[200:215, 240:270]):
        near = np.zeros_like(part)
        near[box] = True
        near = regions.dilate(near, MARGIN / 2) & part & (wanted != HAT)
        np.testing.assert_allclose(result[near], DRAWN[near], atol=3)


def test_a_hat_of_the_photo_that_grows_stays_as_it_was_drawn() -> None:
    photo, labels = scene()
    wanted = hatted(labels)
    grown = regions.dilate(wanted == HAT, 10)
    larger = np.where(grown, np.uint8(HAT), wanted)
    assert put_on(DRAWN, photo, wanted, larger, where(wanted, larger)) is DRAWN


def test_new_clothes_have_the_colour_of_those_worn() -> None:
    photo, labels = scene()
    wanted = labels.copy()
    wanted[370:420, 190:322] = CLOTH
    result = put_on(DRAWN, photo, labels, wanted, where(labels, wanted))
    collar = np.s_[385:412, 215:300]
    np.testing.assert_allclose(result[collar].mean(axis=(0, 1)), (160, 40, 40), rtol=0.25)
    # With the look of somebody else it is what was drawn with it.
    other = put_on(DRAWN, photo, labels, wanted, where(labels, wanted), {CLOTH: UNKNOWN})
    np.testing.assert_allclose(other[collar].mean(axis=(0, 1)), DRAWN[0, 0], rtol=0.25)
    green = {CLOTH: np.array([60.0, 140.0, 70.0])}
    other = put_on(DRAWN, photo, labels, wanted, where(labels, wanted), green)
    np.testing.assert_allclose(other[collar].mean(axis=(0, 1)), green[CLOTH], rtol=0.25)


def test_clothes_below_hair_that_goes_are_those_worn() -> None:
    photo, labels = scene()
    below = labels.copy()
    below[430:480, 150:362] = HAIR
    assert put_on(DRAWN, photo, below, labels, where(below, labels)) is DRAWN


def test_jewels_with_a_look_and_small_pieces_stay_as_they_were_drawn() -> None:
    photo, labels = scene()
    wanted = paint_stroke(labels, [(210, 390), (256, 405), (302, 390)], 6, "neck_l")
    part = where(labels, wanted)
    assert put_on(DRAWN, photo, labels, wanted, part, {NECKLACE: UNKNOWN}) is DRAWN
    result = put_on(DRAWN, photo, labels, wanted, part)
    assert result[wanted == NECKLACE].mean() > 170
    tiny = paint_disc(labels, (256, 60), 4, "hat")
    assert put_on(DRAWN, photo, labels, tiny, where(labels, tiny)) is DRAWN
    assert put_on(DRAWN, photo, labels, labels, np.ones_like(part)) is DRAWN


@pytest.mark.parametrize("detail", [True, False])
def test_the_editor_puts_a_hat_on_that_the_parser_knows_for_one(
    editor: Editor, face: Face, detail: bool
) -> None:
    rows, columns = np.nonzero(face.labels == SKIN)
    top, left, right = rows.min(), columns.min(), columns.max()
    corners = [
        (left - 15, top + 45),
        (left + 5, top - 70),
        (right - 5, top - 70),
        (right + 15, top + 45),
    ]
    wanted = paint_polygon(face.labels, corners, "hat")
    result = editor.render(face, wanted, detail=detail)
    hat = regions.erode(wanted == HAT, 4)
    assert (editor.parse(result.crop)[hat] == HAT).mean() > 0.8
    assert not (result.crop != face.crop)[~result.changed].any()
    again = editor.render(face, wanted, detail=detail)
    np.testing.assert_array_equal(result.crop, again.crop)
