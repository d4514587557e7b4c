"""Beads along strokes: straight, closed, bent, and none in what is no string."""

from __future__ import annotations

import numpy as np

from maskgan.editing.beading import strung, walked
from maskgan.editing.masks import paint_stroke
from maskgan.editing.regions import Region
from maskgan.labels import IDS

NECKLACE = IDS["neck_l"]


def stroke(points: list[tuple[float, float]], radius: float) -> Region:
    labels = paint_stroke(np.zeros((300, 300), np.uint8), points, radius, "neck_l")
    drawn: Region = labels == NECKLACE
    return drawn


def test_beads_of_a_straight_string_touch_each_other() -> None:
    beads = strung(stroke([(50, 150), (250, 150)], 7), 30)
    assert beads is not None
    np.testing.assert_allclose(beads.centres[:, 0], 150, atol=0.5)
    steps = np.diff(np.sort(beads.centres[:, 1]))
    assert len(beads.centres) == 14
    np.testing.assert_allclose(steps, 2 * beads.radius, rtol=0.15)
    assert 6 < beads.radius < 8


def test_a_closed_string_has_beads_all_around() -> None:
    angles = np.linspace(0, 2 * np.pi, 60)
    ring = stroke([(150 + 90 * np.cos(a), 150 + 90 * np.sin(a)) for a in angles], 6)
    beads = strung(ring, 30)
    assert beads is not None
    down, right = (beads.centres - 150).T
    np.testing.assert_allclose(np.hypot(down, right), 90, atol=3)
    around = np.sort(np.arctan2(down, right))
    assert np.diff(around).max() < 2.6 * 2 * beads.radius / 90


def test_a_bent_string_is_walked_along() -> None:
    hook = stroke([(60, 60), (60, 240), (240, 240)], 5)
    beads = strung(hook, 30)
    assert beads is not None
    assert hook[tuple(np.rint(beads.centres).astype(int).T)].all()
    assert len(beads.centres) > 30


def test_a_disc_is_one_bead_and_a_blob_is_no_string() -> None:
    disc = stroke([(150, 150)], 9)
    beads = strung(disc, 30)
    assert beads is not None
    np.testing.assert_allclose(beads.centres, [[150, 150]], atol=1)
    assert strung(stroke([(150, 150)], 40), 30) is None


def test_a_way_within_a_region_goes_around_corners() -> None:
    region = np.ones((60, 60), np.bool_)
    region[10:, 30] = False
    region[:, 59] = False
    steps = walked(region, np.array([40, 20]))
    assert steps[40, 20] == 0
    assert 40 < steps[40, 40] < 90
    assert steps[5, 59] == 0
