"""Where hair ends: strand by strand, within a few pixels, and out of the photo's own hair."""

from __future__ import annotations

import numpy as np

from maskgan.editing.hair import HAIR
from maskgan.editing.matte import OVER, WISPS, matte, trim
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
EVERYWHERE = np.ones((SIDE, SIDE), np.bool_)


def hair(rows: int) -> Labels:
    """Hair in the upper rows."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[:rows] = HAIR
    return labels


def strands() -> Pixels:
    """Dark hair that falls, each strand of another grey."""
    grey = np.random.default_rng(1).integers(20, 80, (1, SIDE // 2)).repeat(2, axis=1)
    return np.broadcast_to(grey[:, :, None], (SIDE, SIDE, 3)).astype(np.uint8)


def test_a_matte_is_whole_inside_and_nothing_outside() -> None:
    noise = np.random.default_rng(2).uniform(-1, 1, (SIDE, SIDE)).astype(np.float32)
    found = matte(hair(200), noise, EVERYWHERE, WISPS, 1.0)
    inside, outside = round(200 - OVER), round(200 + OVER)
    np.testing.assert_array_equal(found[:inside], 1)
    np.testing.assert_array_equal(found[outside:], 0)
    rim = found[196:204]
    assert ((rim > 0.05) & (rim < 0.95)).any()
    assert np.abs((rim > 0.5).mean() - 0.5) < 0.1, "the outline stays where it is on average"


def test_cut_hair_has_the_ends_of_its_own_strands() -> None:
    photo, drawn = strands(), np.full((SIDE, SIDE, 3), 230, np.uint8)
    drawn[:200] = photo[:200]
    found = trim(drawn, photo, hair(400), hair(200), EVERYWHERE)
    ends = (found[200:220, :, 0] < 150).sum(axis=0)
    assert ends.std() > 0.8, "as if cut by a ruler"
    assert ends.max() < OVER
    np.testing.assert_array_equal(found[220:], drawn[220:])
    np.testing.assert_array_equal(found[:180], photo[:180])


def test_nothing_changes_where_nothing_was_cut_or_drawn() -> None:
    photo, drawn = strands(), np.full((SIDE, SIDE, 3), 230, np.uint8)
    assert trim(drawn, photo, hair(200), hair(400), EVERYWHERE) is drawn
    assert trim(drawn, photo, hair(200), hair(200), EVERYWHERE) is drawn
    assert trim(drawn, photo, hair(400), hair(200), ~EVERYWHERE) is drawn
    assert trim(drawn, photo, hair(400), hair(0), EVERYWHERE) is drawn, "all of it is gone"
    hat = np.where(hair(400) != hair(200), np.uint8(IDS["hat"]), hair(200))
    assert trim(drawn, photo, hair(400), hat, EVERYWHERE) is drawn, "a hat lies on top"
