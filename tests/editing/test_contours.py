"""Outlines and their ways: nearest, between the same things, looking the same way, not too far."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing.contours import (
    FARTHEST,
    FRAME,
    SMALLEST,
    SMALLEST_NOSE,
    Ways,
    beside,
    kinds,
    ways,
)
from maskgan.editing.parts import move_part
from maskgan.labels import IDS, Labels

SIDE = FRAME
HAIR, CLOTH, SKIN = (IDS[name] for name in ("hair", "cloth", "skin"))


def disc(radius: float, ground: int = 0, x: float = 256, y: float = 256) -> Labels:
    """Hair on a ground."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    inside = (column - x) ** 2 + (row - y) ** 2 <= radius**2
    return np.where(inside, HAIR, ground).astype(np.uint8)


def found(labels: Labels, wanted: Labels) -> Ways:
    kind = kinds(SIDE)
    return ways(kind[labels], kind[wanted], labels != wanted, SIDE / FRAME)


@pytest.mark.parametrize("growth", [-20, 20])
def test_a_round_outline_goes_along_its_radius(growth: int) -> None:
    way = found(disc(120), disc(120 + growth))
    assert way.known.all()
    assert len(way.points) > 200
    np.testing.assert_allclose(np.hypot(*(way.points - 256).T), 120 + growth, atol=1)
    np.testing.assert_allclose(np.hypot(*(way.origins - 256).T), 120, atol=1)
    np.testing.assert_allclose(way.lengths, abs(growth), atol=2)
    # Along the radius: the cross product with it is small.
    radius, moved = way.points - 256, way.origins - way.points
    assert np.abs(radius[:, 0] * moved[:, 1] - radius[:, 1] * moved[:, 0]).max() < 140 * 6


def test_the_other_side_of_a_strand_is_another_outline() -> None:
    labels, wanted = np.zeros((2, SIDE, SIDE), np.uint8)
    labels[:, 250:256] = HAIR
    wanted[:, 253:256] = HAIR  # the left side moves by 3; the right one is as near
    way = found(labels, wanted)
    left = np.isclose(way.points[:, 0], 252.5)
    assert left.any()
    np.testing.assert_allclose(way.origins[left, 0], 249.5)


def test_only_between_the_same_two_things() -> None:
    labels, wanted = disc(100), disc(110)
    assert found(labels, wanted).known.all()
    on_cloth = np.where(wanted == HAIR, wanted, np.uint8(CLOTH))
    assert not found(labels, on_cloth).known.any()


@pytest.mark.parametrize("name", ["l_eye", "eye_g", "l_brow", "nose", "u_lip", "hair"])
def test_glasses_have_no_outline_and_small_features_neither(name: str) -> None:
    labels = np.where(disc(100) == HAIR, SKIN, 0).astype(np.uint8)
    changed = labels.copy()
    changed[250:260, 220:290] = IDS[name]
    least = {"eye_g": FRAME + 1, "hair": 0, "nose": SMALLEST_NOSE}.get(name, SMALLEST)
    for side in (64, SMALLEST_NOSE - 1, SMALLEST_NOSE, SMALLEST - 1, SMALLEST, FRAME):
        kind = kinds(side)
        same = (beside(kind[labels]) == beside(kind[changed])).all()
        assert same == (side < least)
    assert beside(kinds(SIDE)[labels])[256, [155, 356]].all()


def test_lips_are_one_with_what_is_between_them() -> None:
    kind = kinds(SIDE)
    assert len({int(kind[IDS[name]]) for name in ("u_lip", "mouth", "l_lip")}) == 1
    assert kind[IDS["u_lip"]] != kind[IDS["nose"]]


def test_a_feature_that_moves_as_a_whole_goes_straight() -> None:
    """Also its ends and its slopes, for which other points of the old outline are nearer."""
    labels = face(size=SIDE)
    wanted = move_part(labels, ["l_brow"], 6, -12)
    way = found(labels, wanted)
    assert way.known.all()
    assert len(way.points) > 40
    np.testing.assert_allclose(way.points - way.origins, [[6, -12]] * len(way.points), atol=1.5)


def test_too_far_is_another_outline() -> None:
    near, far = disc(60), disc(60, x=256 + FARTHEST + 130)
    assert not found(near, far).known.any()
    grown = found(near, disc(60 + FARTHEST + 3))
    assert not grown.known.any()


def test_nothing_moves_without_an_edit() -> None:
    way = found(disc(80), disc(80))
    assert way.points.shape == way.origins.shape == (0, 2)


def test_an_outline_that_leaves_the_picture_lies_on_its_border() -> None:
    labels, wanted = np.zeros((2, SIDE, SIDE), np.uint8)
    labels[12:200, 100:400] = HAIR
    wanted[0:200, 100:400] = HAIR
    way = found(labels, wanted)
    top = (way.points[:, 1] < 0) & (np.abs(way.points[:, 0] - 250) < 120)
    assert top.any()
    np.testing.assert_allclose(way.points[top, 1], -0.5)
    np.testing.assert_allclose(way.origins[top], way.points[top] + (0, 12))
    # Nothing comes in from outside.
    back = found(wanted, labels)
    top = (back.points[:, 1] < 0) & (np.abs(back.points[:, 0] - 250) < 120)
    assert top.any()
    assert not back.known[top].any()
