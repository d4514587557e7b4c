"""Between lips: a row of teeth where none were photographed, the dark below those that were."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.filters import luma
from maskgan.editing import regions
from maskgan.editing.enamel import colour
from maskgan.editing.teeth import ROOM, SHADE, TONGUE_SHADE, WORTH, between_lips
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


def test_teeth_that_nobody_photographed_are_a_row_and_no_grid() -> None:
    wanted = opened(16)
    results = []
    for shift in (0, 7):
        grid = np.roll(drawn(wanted), shift, axis=(0, 1))
        grid[wanted != MOUTH] = drawn(wanted)[wanted != MOUTH]
        results.append(between_lips(grid, photo(), SHUT, wanted, wanted != SHUT))
        beyond = ~regions.dilate(wanted == MOUTH, 5)
        np.testing.assert_array_equal(results[-1][beyond], grid[beyond])
    inner = regions.erode(wanted == MOUTH, 3)
    # Whatever was drawn, the same teeth: what is left of it is the edge of the lips.
    np.testing.assert_allclose(results[0][inner], results[1][inner].astype(float), atol=3)
    middle = luma(results[0])[308]
    assert middle[252:262].min() < 0.85 * middle[244:252].max(), "front teeth touch below the nose"
    assert middle[244:252].mean() > 1.5 * middle[208:214].mean(), "it gets dark in the corners"


def test_built_teeth_have_the_person_s_colour_and_their_shadows_are_warmer() -> None:
    wanted, labels, picture = opened(16), SHUT.copy(), photo()
    labels[200:210, 200:220] = IDS["l_eye"]
    picture[labels == IDS["l_eye"]] = (190, 180, 160)
    asked = np.where(labels == IDS["l_eye"], labels, wanted)
    result = between_lips(drawn(wanted), picture, labels, asked, asked != labels).astype(float)
    light, inside = luma(result), wanted == MOUTH
    expected = colour(picture, labels, WORTH)
    assert np.quantile(light[inside], 0.8) == pytest.approx(luma(expected[None])[0], rel=0.12)
    front, corner = result[304:312, 240:252].mean((0, 1)), result[304:312, 214:220].mean((0, 1))
    np.testing.assert_allclose(front / front[1], expected / expected[1], atol=0.04)
    assert corner[0] / corner[1] > front[0] / front[1] + 0.03
    assert corner[2] / corner[1] < front[2] / front[1]


def test_own_teeth_that_are_seen_give_built_ones_their_colour() -> None:
    labels, picture, wanted = opened(6), photo(), opened(16)
    picture[labels == MOUTH] = (190, 170, 110)
    where = (wanted != SHUT) | (wanted == MOUTH)
    front = between_lips(drawn(wanted), picture, labels, wanted, where)[306:312, 244:252]
    teeth = front.mean(axis=(0, 1)) / front.mean(axis=(0, 1))[1]
    np.testing.assert_allclose(teeth, np.array([190, 170, 110]) / 170, atol=0.03)


def test_a_mouth_that_opens_wide_is_dark_below_the_teeth() -> None:
    wanted = opened(60)
    result = between_lips(drawn(wanted), photo(), SHUT, wanted, wanted != SHUT)
    np.testing.assert_allclose(
        result[326:336, 230:280].mean((0, 1)), SHADE * np.array(LIPS), atol=2
    )
    assert luma(result)[304:312, 244:252].mean() > 150
    # The tongue lies above the lower lip, and not in the corners.
    tongue = result[350:354, 250:262].mean((0, 1))
    np.testing.assert_allclose(tongue, TONGUE_SHADE * np.array(LIPS), rtol=0.12)
    assert luma(result)[350:354, 212:218].mean() < 0.7 * luma(result)[350:354, 250:262].mean()


def test_the_edge_of_the_lips_is_soft() -> None:
    """Labels end in steps, photos do not."""
    wanted = opened(60)
    plain = np.where((wanted == MOUTH)[:, :, None], np.uint8(0), np.array(LIPS, np.uint8))
    result = luma(between_lips(plain, photo(), SHUT, wanted, wanted != SHUT))[296:304, 250]
    steps = np.abs(np.diff(result.astype(float)))
    assert steps.max() < 0.6 * np.ptp(result)


def carried(rows: int) -> tuple[Pixels, Labels, np.ndarray]:
    """A drawing in whose mouth the first 16 rows are carried teeth of one colour."""
    wanted = opened(rows)
    where = wanted != SHUT
    where[300:316, 212:300] = False
    picture = drawn(wanted)
    picture[300:316, 212:300] = (230, 225, 210)
    return picture, wanted, where


def test_below_carried_teeth_it_is_dark_where_there_is_room() -> None:
    picture, wanted, where = carried(60)
    result = between_lips(picture, photo(), SHUT, wanted, where, opened(16))
    np.testing.assert_allclose(
        result[330:336, 230:280].mean((0, 1)), SHADE * np.array(LIPS), atol=2
    )
    np.testing.assert_allclose(result[305:311, 218:294], picture[305:311, 218:294], atol=1)
    assert (result[317, 230:280] > 130).all()
    others = ~where & (wanted != MOUTH)
    np.testing.assert_array_equal(result[others], picture[others])
    # Lips that were drawn beside bright teeth end softly.
    assert (result[365, 230:280, 0] < LIPS[0]).all()


def test_no_single_tooth_stands_in_the_dark() -> None:
    """Where little of a smile is the photo's, a row is built, over that as well."""
    wanted = opened(16)
    where = wanted != SHUT
    where[300:316, 246:266] = False
    picture = drawn(wanted)
    picture[300:316, 246:266] = (230, 225, 210)
    result = between_lips(picture, photo(), SHUT, wanted, where, wanted)
    for beside in (slice(216, 240), slice(272, 296)):
        assert luma(result)[304:312, beside].mean() > 110
    built = between_lips(picture, photo(), SHUT, wanted, where | (wanted == MOUTH))
    np.testing.assert_array_equal(result, built)


def test_teeth_of_which_little_is_seen_are_not_drawn_out() -> None:
    picture, wanted, where = carried(16)
    for rows, kept in ((9, False), (14, True)):
        result = between_lips(picture, photo(), SHUT, wanted, where, opened(rows))
        same = np.abs(result.astype(int) - picture)[305:311, 218:294].max() <= 1
        assert same == kept


def test_far_from_teeth_nothing_turns_black() -> None:
    wanted = SHUT.copy()
    wanted[300:318, 60:450] = MOUTH
    where = regions.dilate(wanted == MOUTH, 12)
    where[300:318, 70:246] = False
    picture = np.full((SIDE, SIDE, 3), 190, np.uint8)
    result = between_lips(picture, photo(), SHUT, wanted, where)
    far = result[304:312, 400:440].mean(axis=(0, 1))
    # The dark of the mouth, with a little of the tongue in it: no black.
    np.testing.assert_allclose(far / far[0], np.array(LIPS) / LIPS[0], atol=0.02)
    assert SHADE * LIPS[0] - 2 < far[0] < 1.5 * SHADE * LIPS[0]


def test_a_narrow_rim_beside_carried_teeth_has_their_colour() -> None:
    picture, wanted, where = carried(16 + int(ROOM[0]) - 1)
    result = between_lips(picture, photo(), SHUT, wanted, where, opened(16))
    rim = result[316, 230:280].astype(int)
    assert np.abs(rim - (230, 225, 210)).max() < 40


def test_little_is_left_as_it_was_drawn() -> None:
    wanted = SHUT.copy()
    wanted[304:308, 250:260] = MOUTH
    picture = drawn(wanted)
    assert between_lips(picture, photo(), SHUT, wanted, wanted != SHUT) is picture
    assert between_lips(picture, photo(), SHUT, SHUT, wanted != SHUT) is picture
