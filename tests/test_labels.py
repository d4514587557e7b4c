"""The 19 classes: tables that fit each other, mirrors, the two orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskgan import labels
from maskgan.labels import IDS, LABELS, NUM_CLASSES, PALETTE_A, PALETTE_SCREEN
from tiny_bundle import face_labels

ORDER_B = [
    "background",
    "skin",
    "l_brow",
    "r_brow",
    "l_eye",
    "r_eye",
    "eye_g",
    "l_ear",
    "r_ear",
    "ear_r",
    "nose",
    "mouth",
    "u_lip",
    "l_lip",
    "neck",
    "neck_l",
    "cloth",
    "hair",
    "hat",
]
EVERY_CLASS = np.arange(NUM_CLASSES, dtype=np.uint8)[None]

maps = st.integers(0, 9999).map(
    lambda seed: np.random.default_rng(seed).integers(0, NUM_CLASSES, (5, 7)).astype(np.uint8)
)


def test_tables_have_one_entry_per_class() -> None:
    assert NUM_CLASSES == len(LABELS) == len(set(LABELS)) == 19
    assert len(labels.TITLES) == len(set(labels.TITLES)) == 19
    assert [LABELS[index] for index in IDS.values()] == list(IDS)
    assert len(labels.ALL_PARTS) == 18
    assert "background" not in labels.ALL_PARTS


@pytest.mark.parametrize("palette", [PALETTE_A, PALETTE_SCREEN])
def test_palettes_have_distinct_colours(palette: tuple[tuple[int, int, int], ...]) -> None:
    assert len(palette) == len(set(palette)) == NUM_CLASSES
    assert all(0 <= channel <= 255 for color in palette for channel in color)


def test_sides_pair_up() -> None:
    for left, right in labels.SWAP_PAIRS:
        assert LABELS[left][0] + LABELS[right][0] == "lr"
        assert LABELS[left][2:] == LABELS[right][2:]
        assert (labels.MIRROR[left], labels.MIRROR[right]) == (right, left)
    paired = {index for pair in labels.SWAP_PAIRS for index in pair}
    assert all(labels.MIRROR[index] == index for index in set(range(19)) - paired)


def test_order_b_has_its_own_names() -> None:
    found = labels.order_b_to_a(EVERY_CLASS)[0]
    assert [LABELS[index] for index in found] == ORDER_B


@given(maps)
def test_orders_and_sides_round_trip(values: labels.Labels) -> None:
    np.testing.assert_array_equal(labels.order_b_to_a(labels.order_a_to_b(values)), values)
    np.testing.assert_array_equal(labels.order_a_to_b(labels.order_b_to_a(values)), values)
    np.testing.assert_array_equal(labels.mirror(labels.mirror(values)), values)
    np.testing.assert_array_equal(labels.exchange_sides(labels.exchange_sides(values)), values)
    np.testing.assert_array_equal(labels.exchange_sides(values)[:, ::-1], labels.mirror(values))


@pytest.mark.parametrize("side", [64, 200])
def test_order_is_seen_in_a_face(side: int) -> None:
    face = face_labels(side)
    assert labels.detect_order(face) == "A"
    assert labels.detect_order(labels.mirror(face)) == "A"
    assert labels.detect_order(labels.order_a_to_b(face)) == "B"


def test_order_of_no_face_stays_open() -> None:
    assert labels.detect_order(np.zeros((64, 64), np.uint8)) is None
    assert labels.detect_order(np.full((64, 64), IDS["skin"], np.uint8)) is None


def test_exchanged_sides_are_seen() -> None:
    face = face_labels()
    assert not labels.sides_exchanged(face)
    assert labels.sides_exchanged(labels.exchange_sides(face))
    assert not labels.sides_exchanged(labels.mirror(face))
    # Eyes and brows that contradict each other, or are not there, decide nothing.
    only_eyes = np.where(np.isin(face, (4, 5)), labels.exchange_sides(face), face)
    assert not labels.sides_exchanged(only_eyes)
    assert not labels.sides_exchanged(np.ones((64, 64), np.uint8))


def test_colorize() -> None:
    assert labels.colorize(EVERY_CLASS).tolist() == [[list(color) for color in PALETTE_A]]
    assert labels.colorize(EVERY_CLASS, PALETTE_SCREEN).dtype == np.uint8
