"""Styles drawn at random."""

from __future__ import annotations

import numpy as np
import pytest
from test_face import style

from maskgan.editing.face import Style
from maskgan.editing.sampling import TOGETHER, random_style
from maskgan.errors import ConfigError
from maskgan.labels import IDS, LABELS

KNOWN = [style(seed) for seed in range(4)]


def draw(known: list[Style], seed: int, **options: float) -> Style:
    return random_style(known, np.random.default_rng(seed), **options)


def shares(drawn: Style, name: str) -> np.ndarray:
    """The weights of the four known styles in one region; their codes have five numbers."""
    codes = np.stack([one.codes[IDS[name]] for one in KNOWN], axis=1).astype(np.float64)
    return np.linalg.lstsq(codes, drawn.codes[IDS[name]], rcond=None)[0]


def test_every_class_is_in_one_group() -> None:
    assert sorted(name for group in TOGETHER for name in group) == sorted(LABELS)


def test_the_same_seed_gives_the_same_style_and_another_another() -> None:
    np.testing.assert_array_equal(draw(KNOWN, 1).codes, draw(KNOWN, 1).codes)
    assert np.abs(draw(KNOWN, 1).codes - draw(KNOWN, 2).codes).max() > 0.1


def test_regions_of_one_person_take_the_same_shares() -> None:
    drawn = draw(KNOWN, 3)
    for group in TOGETHER:
        for name in group:
            np.testing.assert_allclose(shares(drawn, name), shares(drawn, group[0]), atol=1e-4)
    assert np.abs(shares(drawn, "skin") - shares(drawn, "hair")).max() > 0.01


def test_without_spread_a_style_is_a_convex_mixture() -> None:
    for seed in range(10):
        found = shares(draw(KNOWN, seed, spread=0), "skin")
        assert found.min() > -1e-4
        assert found.sum() == pytest.approx(1, abs=1e-4)
    outside = [shares(draw(KNOWN, seed, spread=1), "skin").min() for seed in range(10)]
    assert min(outside) < -0.05


def test_regions_are_mixed_from_styles_that_have_them() -> None:
    known = [style(1, "hat"), style(2, "hat", "neck"), style(3, "neck")]
    for seed in range(5):
        drawn = draw(known, seed)
        np.testing.assert_allclose(drawn.codes[IDS["hat"]], known[2].codes[IDS["hat"]], atol=1e-5)
    assert draw([style(1, "hat")], 0).present[IDS["hat"]] == 0
    assert draw(known, 0).present.min() == 1


def test_one_known_style_gives_itself_and_none_is_refused() -> None:
    np.testing.assert_allclose(draw(KNOWN[:1], 5).codes, KNOWN[0].codes, rtol=1e-6)
    with pytest.raises(ConfigError, match="at least one"):
        draw([], 0)
    wider = Style(np.zeros((19, 6), np.float32), np.ones(19, np.float32))
    with pytest.raises(ConfigError, match="different bundles"):
        draw([KNOWN[0], wider], 0)
