"""Measures of label maps: what a ruler would say, at any size, and nothing of what is absent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from maskgan import images
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing import attributes
from maskgan.editing.measures import MEASURES
from maskgan.labels import IDS, Labels
from tiny_bundle import face_labels


def drawn(seed: int, side: int = 256) -> Labels:
    """Drawn people; those of some seeds wear hats or hide their brows."""
    rng = np.random.default_rng(seed)
    return draw_face(random_identity(rng), random_expression(rng), side)[1]


def ruled() -> Labels:
    """A face of blocks: eyes 100 apart, everything else at round numbers."""
    labels = np.zeros((400, 400), np.uint8)
    labels[60:360, 100:300] = IDS["skin"]
    labels[20:160, 80:100] = IDS["hair"]
    for x, eye, brow in ((150, "r_eye", "r_brow"), (250, "l_eye", "l_brow")):
        labels[195:206, x - 20 : x + 21] = IDS[eye]
        labels[165:176, x - 20 : x + 21] = IDS[brow]
    labels[300:305, 170:230] = IDS["u_lip"]
    labels[305:317, 170:230] = IDS["mouth"]
    labels[317:325, 170:230] = IDS["l_lip"]
    return labels


def test_measures_are_what_a_ruler_says() -> None:
    labels = ruled()
    # The mouth is further away than the eyes are apart; it says how large the face is.
    unit = math.dist((200, 200), (199.5, 312)) / 1.104
    found = {name: measure(labels) for name, measure in MEASURES.items()}
    assert found["mouth_open"] == pytest.approx(12 / unit, rel=1e-3)
    assert found["brow_height"] == pytest.approx(30 / unit, rel=1e-3)
    assert found["face_width"] == pytest.approx(200 / unit, rel=0.01)
    assert found["eye_opening"] == pytest.approx(11 * 41 / 41**2)
    assert found["hair_length"] == pytest.approx((0.95 * 140 + 20 - 200) / unit, abs=0.02)
    assert found["smile"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("seed", [0, 3, 4])
def test_the_slider_of_a_measure_moves_it(name: str, seed: int) -> None:
    labels, measure = drawn(seed), MEASURES[name]
    values = [measure(attributes.apply(labels, name, step)) for step in (-0.8, 0, 0.8)]
    assert values[0] <= values[1] < values[2]


@pytest.mark.parametrize("name", MEASURES)
def test_size_is_no_matter(name: str) -> None:
    labels = drawn(3, 512)
    small = images.resize_labels(labels, (256, 256))
    assert MEASURES[name](small) == pytest.approx(MEASURES[name](labels), abs=0.03)


@pytest.mark.parametrize("name", MEASURES)
def test_what_is_not_there_is_not_measured(name: str) -> None:
    assert math.isnan(MEASURES[name](np.zeros((64, 64), np.uint8)))


def test_hair_under_a_hat_is_not_measured() -> None:
    labels = face_labels(128)
    assert not math.isnan(MEASURES["hair_length"](labels))
    labels[:12] = IDS["hat"]
    assert math.isnan(MEASURES["hair_length"](labels))
