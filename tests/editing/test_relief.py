"""Normals of bodies known by their outlines, and the light on a face."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.relief import FROM_ABOVE, HARDEST, facing, light, normals

SIDE = 512


def ball(radius: float = 160, side: int = SIDE) -> np.ndarray:
    row, column = np.mgrid[0:side, 0:side] - (side - 1) / 2
    return np.hypot(row, column) < radius * side / SIDE


@pytest.mark.parametrize("side", [256, 512])
def test_a_ball_turns_away_from_its_middle(side: int) -> None:
    turned = normals(ball(side=side))
    row, column = np.mgrid[0:side, 0:side] - (side - 1) / 2
    length = np.hypot(turned[:, :, 0], turned[:, :, 1])
    assert length.max() <= 1.001
    assert length[side // 2, side // 2] < 0.05
    rim = ball(158, side) & ~ball(150, side)
    assert length[rim].min() > 0.6
    outwards = (turned[:, :, 0] * column + turned[:, :, 1] * row) / np.hypot(row, column)
    assert (outwards[rim] > 0.99 * length[rim]).all()
    ahead = facing(turned)
    assert ahead[side // 2, side // 2] > 0.99
    assert ahead[rim].max() < 0.8


def test_a_body_goes_on_beyond_the_border() -> None:
    body = np.zeros((SIDE, SIDE), np.bool_)
    body[:, 100:] = True
    turned = normals(body)
    assert np.abs(turned[:, 400:]).max() < 1e-3
    assert turned[5, 103, 0] < -0.6
    assert abs(turned[5, 103, 1]) < 1e-3


@pytest.mark.parametrize("way", [(-0.4, 0.0), (0.3, -0.2), (0.0, 0.0)])
def test_light_is_found_on_skin(way: tuple[float, float]) -> None:
    turned = normals(ball())
    grain = np.random.default_rng(0).normal(0, 0.03, (SIDE, SIDE))
    bright = 130 * (1 + turned @ np.array(way) + grain)
    photo = (bright[:, :, None] * np.array([1.2, 0.9, 0.7])).clip(0, 255).astype(np.uint8)
    found = light(photo, ball(), turned)
    np.testing.assert_allclose(found, way, atol=0.08)


def test_hard_light_is_bounded_and_little_skin_tells_nothing() -> None:
    turned = normals(ball())
    column = np.mgrid[0:SIDE, 0:SIDE][1]
    photo = np.where(column < SIDE // 2, 250, 5)[:, :, None].repeat(3, 2).astype(np.uint8)
    found = light(photo, ball(), turned)
    assert found[0] == -HARDEST
    np.testing.assert_array_equal(light(photo, ball(15), turned), FROM_ABOVE)
