"""Styles that lie between two faces."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.face import Style
from maskgan.errors import ConfigError, LabelsError, PhotoError
from maskgan.labels import IDS, NUM_CLASSES


def style(seed: int, *absent: str) -> Style:
    """Codes of width 5, all regions present but those named."""
    codes = np.random.default_rng(seed).standard_normal((NUM_CLASSES, 5)).astype(np.float32)
    present = np.ones(NUM_CLASSES, np.float32)
    present[[IDS[name] for name in absent]] = 0
    return Style(codes, present)


def test_a_mixture_is_linear_and_leaves_other_regions_alone() -> None:
    own, other, hair = style(1), style(2), IDS["hair"]
    quarter = own.mixed("hair", other, 0.25)
    expected = 0.75 * own.codes[hair] + 0.25 * other.codes[hair]
    np.testing.assert_allclose(quarter.codes[hair], expected, rtol=1e-6)
    rest = np.arange(NUM_CLASSES) != hair
    np.testing.assert_array_equal(quarter.codes[rest], own.codes[rest])
    assert quarter.codes.dtype == np.float32


def test_the_ends_are_exact_and_the_face_keeps_its_own_style() -> None:
    own, other, hair = style(1), style(2), IDS["hair"]
    before = own.codes.copy()
    np.testing.assert_array_equal(own.mixed("hair", other, 0).codes, own.codes)
    np.testing.assert_array_equal(own.mixed("hair", other, 1).codes[hair], other.codes[hair])
    np.testing.assert_array_equal(own.codes, before)


def test_what_the_face_lacks_is_taken_whole() -> None:
    own, other, hat = style(1, "hat"), style(2), IDS["hat"]
    taken = own.mixed("hat", other, 0.1)
    np.testing.assert_array_equal(taken.codes[hat], other.codes[hat])
    assert taken.present[hat] == 1
    assert own.mixed("hat", other, 0).present[hat] == 0


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_strengths_outside_0_to_1_are_refused(strength: float) -> None:
    with pytest.raises(ConfigError, match="expected a number from 0 to 1"):
        style(1).mixed("hair", style(2), strength)


def test_regions_that_there_are_not_are_refused() -> None:
    with pytest.raises(LabelsError, match="no region 'hare'"):
        style(1).mixed("hare", style(2), 0.5)
    with pytest.raises(PhotoError, match="shows no 'hat'"):
        style(1).mixed("hat", style(2, "hat"), 0.5)
