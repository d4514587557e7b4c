"""Between lips: teeth side by side where they are drawn, the dark below those that were carried."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.filters import luma
from maskgan.editing import regions
from maskgan.editing.teeth import ROOM, SHADE, between_lips
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
MOUTH, LIP = IDS["mouth"], IDS["l_lip"]
LIPS = (180, 60, 70)
SHUT = np.full((SIDE, SIDE), IDS["skin"], np.uint8)
SHUT[300:312, 200:312] = LIP


def opened(rows: int = 40) -> Labels:
    """Lips around a mouth so many rows high."""
    wanted = SHUT.copy()
    wanted[294 : 306 + rows, 200:312] = LIP
    wanted[300 : 300 + rows, 206:306] = MOUTH
    return wanted


def photo() -> Pixels:
    picture = np.full((SIDE, SIDE, 3), 150, np.uint8)
    picture[SHUT == LIP] = LIPS
    return picture


def drawn(wanted: Labels) -> Pixels:
    """Teeth as a grid, seven pixels each."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    grid = 200 - 60 * ((row % 14 < 7) ^ (column % 14 < 7))
    picture = np.where((wanted == MOUTH)[:, :, None], grid[:, :, None], photo())
    return picture.astype(np.uint8)


def test_drawn_teeth_have_lines_along_columns_only() -> None:
    wanted = opened()
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    bricks = drawn(wanted).copy()
    # Lines that go all the way down, and a band across.
    bricks[wanted == MOUTH] = 200
    bricks[(wanted == MOUTH) & (column % 14 < 3)] = 140
    bricks[(wanted == MOUTH) & (abs(row - 320) < 3)] = 140
    result = between_lips(bricks, photo(), SHUT, wanted, wanted != SHUT)
    inner = regions.erode(wanted == MOUTH, 8)
    rows, columns = regions.bounding_box(inner) or (slice(0), slice(0))
    before, after = (each[rows, columns, 1].astype(float) for each in (bricks, result))
    # As dark between teeth as it was, and no band that is darker than what is above and below it.
    assert np.ptp(after.mean(axis=0)) > 0.5 * np.ptp(before.mean(axis=0))
    assert np.ptp(after.mean(axis=1)) < 0.5 * np.ptp(before.mean(axis=1))
    outside = wanted != MOUTH
    np.testing.assert_array_equal(result[outside], bricks[outside])


def test_drawn_teeth_are_no_pinker_than_teeth() -> None:
    wanted = opened()
    pink = drawn(wanted)
    pink[wanted == MOUTH] = (220, 170, 180)
    result = between_lips(pink, photo(), SHUT, wanted, wanted != SHUT)
    inner = regions.erode(wanted == MOUTH, 8)
    red, green, blue = result[inner].mean(axis=0)
    assert red / green < 1.2
    assert blue < green
    assert luma(result)[inner].mean() == pytest.approx(luma(pink)[inner].mean(), rel=0.03)


def carried(rows: int) -> tuple[Pixels, Labels, np.ndarray]:
    """A drawing in whose mouth the first 16 rows are carried teeth of one colour."""
    wanted = opened(rows)
    where = wanted != SHUT
    where[300:316, 212:300] = False
    picture = drawn(wanted)
    picture[300:316, 212:300] = (230, 225, 210)
    return picture, wanted, where


def test_below_carried_teeth_it_is_dark_where_there_is_room() -> None:
    picture, wanted, where = carried(40)
    result = between_lips(picture, photo(), SHUT, wanted, where)
    np.testing.assert_allclose(
        result[330:336, 230:280].mean((0, 1)), SHADE * np.array(LIPS), atol=2
    )
    np.testing.assert_array_equal(result[300:316, 212:300], picture[300:316, 212:300])
    assert (result[317, 230:280] > 130).all()
    np.testing.assert_array_equal(result[~where], picture[~where])
    # Lips that were drawn beside bright teeth end softly.
    assert (result[345, 230:280, 0] < LIPS[0]).all()


def test_no_single_tooth_stands_in_the_dark() -> None:
    """Where little of a smile is the photo's, the teeth beside it stay as they are drawn."""
    wanted = opened(16)
    where = wanted != SHUT
    where[300:316, 246:266] = False
    picture = drawn(wanted)
    picture[300:316, 246:266] = (230, 225, 210)
    result = between_lips(picture, photo(), SHUT, wanted, where)
    for beside in (slice(216, 240), slice(272, 296)):
        assert luma(result)[304:312, beside].min() > 110
    np.testing.assert_array_equal(result[~where], picture[~where])


def test_far_from_teeth_nothing_turns_black() -> None:
    wanted = SHUT.copy()
    wanted[300:318, 60:450] = MOUTH
    where = regions.dilate(wanted == MOUTH, 12)
    where[300:318, 70:246] = False
    picture = np.full((SIDE, SIDE, 3), 190, np.uint8)
    result = between_lips(picture, photo(), SHUT, wanted, where)
    far = result[304:312, 400:440].mean(axis=(0, 1))
    np.testing.assert_allclose(far, SHADE * np.array(LIPS), atol=2)


def test_a_narrow_rim_beside_carried_teeth_has_their_colour() -> None:
    picture, wanted, where = carried(16 + int(ROOM[0]) - 1)
    result = between_lips(picture, photo(), SHUT, wanted, where)
    rim = result[317:319, 230:280].astype(int)
    assert np.abs(rim - (230, 225, 210)).max() < 40


def test_little_is_left_as_it_was_drawn() -> None:
    wanted = SHUT.copy()
    wanted[304:308, 250:260] = MOUTH
    picture = drawn(wanted)
    assert between_lips(picture, photo(), SHUT, wanted, wanted != SHUT) is picture
    assert between_lips(picture, photo(), SHUT, SHUT, wanted != SHUT) is picture
