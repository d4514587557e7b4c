"""Drawn rims of lips: in the colour of the lips beside them, as bright as they were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.filters import luma
from maskgan.editing import regions
from maskgan.editing.lips import coloured
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
DARK, PINK = (60, 45, 42), (150, 40, 110)
SKIN, MOUTH, LIP = IDS["skin"], IDS["mouth"], IDS["l_lip"]


def shut() -> Labels:
    labels = np.full((SIDE, SIDE), SKIN, np.uint8)
    labels[300:330, 200:312] = LIP
    return labels


def opened() -> Labels:
    labels = np.full((SIDE, SIDE), SKIN, np.uint8)
    labels[290:350, 190:322] = LIP
    labels[305:330, 205:307] = MOUTH
    return labels


def photo() -> Pixels:
    picture = np.full((SIDE, SIDE, 3), 110, np.uint8)
    picture[shut() == LIP] = DARK
    return picture


def drawn(where: np.ndarray) -> Pixels:
    """Lips that were carried are dark, what was drawn of them is pink, teeth are bright."""
    picture = photo()
    picture[opened() == LIP] = DARK
    picture[(opened() == LIP) & where] = PINK
    picture[opened() == MOUTH] = 220
    return picture


def test_rims_take_the_colour_beside_them_and_keep_their_light() -> None:
    wanted = opened()
    where = ~regions.erode(wanted == LIP, 4)
    before = drawn(where)
    found = coloured(before, photo(), shut(), wanted, where)
    rim = (wanted == LIP) & where
    share = found[rim].mean(axis=0) / luma(found)[rim].mean()
    own = np.array(DARK) / luma(np.full((1, 1, 3), DARK, np.uint8)).mean()
    pink = np.array(PINK) / luma(np.full((1, 1, 3), PINK, np.uint8)).mean()
    assert np.abs(share - own).max() < 0.3 * np.abs(pink - own).max()
    assert luma(found)[rim].mean() == pytest.approx(luma(before)[rim].mean(), rel=0.03)
    # Teeth, skin and what was carried stay.
    teeth = regions.erode(wanted == MOUTH, 3)
    for part in (teeth, wanted == SKIN, (wanted == LIP) & ~where):
        np.testing.assert_array_equal(found[part], before[part])


def test_skin_drawn_beside_lips_is_no_blot() -> None:
    wanted = opened()
    where = regions.dilate(wanted != SKIN, 8) & ~regions.erode(wanted == LIP, 4)
    before = drawn(where)
    beside = (wanted == SKIN) & where
    before[beside & (np.indices(wanted.shape)[1] < 256)] = (30, 12, 26)
    found = coloured(before, photo(), shut(), wanted, where)
    dark = beside & (np.indices(wanted.shape)[1] < 250)
    assert luma(found)[dark].min() > 0.5 * 110
    assert np.ptp(found[dark].astype(int), axis=1).max() < 0.35 * luma(found)[dark].mean()
    light = beside & (np.indices(wanted.shape)[1] > 262)
    np.testing.assert_array_equal(found[light], before[light])


def test_the_line_between_lips_that_close_stays_dark_and_rims_do_not() -> None:
    wanted = shut()
    wanted[300:315, 200:312] = IDS["u_lip"]
    where = np.zeros(wanted.shape, np.bool_)
    where[311:319, 200:312] = where[324:330, 200:312] = True
    before = np.full((SIDE, SIDE, 3), 110, np.uint8)
    before[wanted != SKIN] = DARK
    before[where] = 8
    found = luma(coloured(before, photo(), shut(), wanted, where))
    usual = luma(np.full((1, 1, 3), DARK, np.uint8)).mean()
    assert found[314:316, 220:290].max() < 0.3 * usual
    assert found[326:329, 220:290].min() > 0.5 * usual


def test_skin_that_is_all_drawn_stays_as_it_is() -> None:
    wanted, where = opened(), np.ones((SIDE, SIDE), np.bool_)
    before = drawn(where)
    before[wanted == SKIN] = (20, 15, 12)
    found = coloured(before, photo(), shut(), wanted, where)
    np.testing.assert_array_equal(found[wanted == SKIN], before[wanted == SKIN])


def test_without_carried_lips_their_mean_colour_counts() -> None:
    wanted, where = opened(), np.ones((SIDE, SIDE), np.bool_)
    found = coloured(drawn(where), photo(), shut(), wanted, where)
    red, green, blue = found[wanted == LIP].mean(axis=0)
    assert red > green > blue - 8, "pink has more blue than green"


def test_without_lips_in_the_photo_the_drawing_stays() -> None:
    wanted, where = opened(), np.ones((SIDE, SIDE), np.bool_)
    before, nobody = drawn(where), np.zeros((SIDE, SIDE), np.uint8)
    assert coloured(before, photo(), nobody, wanted, where) is before
    assert coloured(before, photo(), shut(), shut(), ~where) is before
