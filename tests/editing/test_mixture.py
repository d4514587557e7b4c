"""Mixtures of styles: what a style panel says becomes what the editor renders."""

from __future__ import annotations

import numpy as np
import pytest
from test_face import style

from maskgan.editing.face import Style
from maskgan.editing.mixture import ALL, Portion, blend
from maskgan.errors import ConfigError
from maskgan.labels import IDS

OWN, STYLES = style(1, "hat"), {"a": style(2, "neck"), "b": style(3)}


def test_nothing_chosen_changes_nothing() -> None:
    assert blend(OWN, STYLES, {}) is None
    assert blend(OWN, STYLES, {"hair": Portion(style="a", strength=0)}) is None
    assert blend(OWN, STYLES, {ALL: Portion(style="a", strength=0)}) is None


def test_regions_take_their_own_share() -> None:
    chosen = blend(
        OWN, STYLES, {"hair": Portion(style="a", strength=0.5), "nose": Portion(style="b")}
    )
    assert isinstance(chosen, dict)
    assert chosen.keys() == {"hair", "nose"}
    for name, other, strength in (("hair", "a", 0.5), ("nose", "b", 1)):
        expected = OWN.mixed(name, STYLES[other], strength).codes[IDS[name]]
        np.testing.assert_array_equal(chosen[name].codes[IDS[name]], expected)


def test_the_whole_face_takes_what_the_other_shows_and_regions_go_before() -> None:
    chosen = blend(
        OWN,
        STYLES,
        {"hair": Portion(style="b", strength=0), ALL: Portion(style="a", strength=0.25)},
    )
    assert isinstance(chosen, Style)
    np.testing.assert_array_equal(chosen.codes[IDS["hair"]], OWN.codes[IDS["hair"]])
    np.testing.assert_array_equal(chosen.codes[IDS["neck"]], OWN.codes[IDS["neck"]])
    nose = OWN.mixed("nose", STYLES["a"], 0.25).codes[IDS["nose"]]
    np.testing.assert_array_equal(chosen.codes[IDS["nose"]], nose)
    np.testing.assert_array_equal(chosen.codes[IDS["hat"]], STYLES["a"].codes[IDS["hat"]])


def test_styles_that_are_not_open_and_odd_strengths_are_refused() -> None:
    for region in ("hair", ALL):
        with pytest.raises(ConfigError, match="no style 'c'"):
            blend(OWN, STYLES, {region: Portion(style="c")})
    with pytest.raises(ConfigError, match="from 0 to 1"):
        Portion(style="a", strength=float("nan"))
