"""Pearls and gold: round, lit, in front of what the photo shows, with a shadow on it."""

from __future__ import annotations

import numpy as np

from maskgan.editing.masks import paint_disc, paint_stroke
from maskgan.editing.polished import gold, pearls
from maskgan.labels import IDS

SIDE = 512
SKIN = np.full((SIDE, SIDE, 3), (180.0, 140.0, 120.0))
EVERYWHERE = np.ones((SIDE, SIDE), np.bool_)
NOWHERE = ~EVERYWHERE
LEFT, RIGHT = np.array([-0.5, 0.0]), np.array([0.9, 0.0])
BARE = np.full((SIDE, SIDE), IDS["neck"], np.uint8)
STRING = paint_stroke(BARE, [(150, 300), (360, 300)], 8, "neck_l") == IDS["neck_l"]
STUD = paint_disc(BARE, (256, 256), 14, "ear_r") == IDS["ear_r"]


def test_pearls_are_light_round_and_lit_from_where_the_light_is() -> None:
    seen = SKIN.copy()
    pearls(seen, STRING, EVERYWHERE, LEFT)
    assert seen[300, 150:360].mean() > 175
    assert np.ptp(seen[300, 200:300].mean(axis=1)) > 40
    assert np.ptp(seen[300, 200:300], axis=1).max() < 60
    other = SKIN.copy()
    pearls(other, STRING, EVERYWHERE, RIGHT)
    # The brightest pixels of each pearl move to the other side.
    spots = [
        np.flatnonzero(each[295:300, 160:176].mean(axis=2).max(axis=0) > 235)
        for each in (seen, other)
    ]
    assert all(each.size for each in spots)
    assert spots[0].mean() < spots[1].mean()


def test_a_shadow_falls_below_where_there_is_something() -> None:
    shaded, bare = SKIN.copy(), SKIN.copy()
    pearls(shaded, STRING, EVERYWHERE, LEFT)
    pearls(bare, STRING, NOWHERE, LEFT)
    below = np.s_[311:316, 180:330]
    assert shaded[below].mean() < 0.9 * SKIN[below].mean()
    np.testing.assert_array_equal(bare[below], SKIN[below])
    np.testing.assert_array_equal(shaded[350:], SKIN[350:])
    np.testing.assert_allclose(shaded[280:288, 180:330], SKIN[280:288, 180:330], rtol=0.12)


def test_gold_is_golden_and_shines() -> None:
    seen = SKIN.copy()
    gold(seen, STUD, EVERYWHERE, LEFT)
    red, green, blue = seen[STUD].mean(axis=0)
    assert red > green > blue
    assert red - blue > 60
    assert seen[STUD].mean(axis=1).max() > 225
    assert seen[STUD].mean(axis=1).min() < 120
    np.testing.assert_array_equal(seen[:200], SKIN[:200])


def test_specks_are_no_jewels_and_what_is_no_string_is_gold() -> None:
    seen, speck = SKIN.copy(), np.zeros_like(STUD)
    speck[100:102, 100:102] = True
    for lay in (pearls, gold):
        lay(seen, speck, EVERYWHERE, LEFT)
    np.testing.assert_array_equal(seen, SKIN)
    blob, other = np.zeros_like(STUD), SKIN.copy()
    blob[200:300, 200:300] = True
    pearls(seen, blob, EVERYWHERE, LEFT)
    gold(other, blob, EVERYWHERE, LEFT)
    np.testing.assert_array_equal(seen, other)
