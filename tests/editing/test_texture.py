"""Texture: a share of brightness, laid elsewhere as strong as it was, from its own region alone."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.texture import Patches, laid, slow, texture, textured
from maskgan.images import Pixels

SIDE = 512
LEFT = np.zeros((SIDE, SIDE), np.bool_)
LEFT[:, :200] = True
CORE = np.zeros_like(LEFT)
CORE[20:-20, 20:180] = True
RIGHT = np.zeros_like(LEFT)
RIGHT[100:400, 250:480] = True


def noise(grey: float, strength: float) -> Pixels:
    rng = np.random.default_rng(3)
    wave = grey * (1 + strength * rng.uniform(-1, 1, (SIDE, SIDE, 1)))
    return np.repeat(wave, 3, axis=2).astype(np.uint8)


def test_texture_is_a_share_whatever_the_light() -> None:
    found = [texture(noise(grey, 0.2), LEFT)[CORE].std() for grey in (60, 200)]
    assert found[0] == pytest.approx(found[1], rel=0.2)
    assert found[1] == pytest.approx(0.2 / 3**0.5, rel=0.2)
    assert not texture(noise(100, 0.2), LEFT)[~LEFT].any()


def test_light_is_no_texture() -> None:
    column = np.mgrid[0:SIDE, 0:SIDE][1] / 4 + 60
    photo = np.repeat(column[:, :, None], 3, axis=2).astype(np.uint8)
    assert np.abs(texture(photo, LEFT)[CORE]).max() < 0.03
    light = slow(photo.astype(np.float32), LEFT, SIDE)
    assert np.abs(light - photo)[CORE].max() < 2


@pytest.mark.parametrize("grey", [10, 100])
def test_light_and_texture_are_the_photo_again(grey: float) -> None:
    photo, whole = noise(grey, 0.2), np.ones((SIDE, SIDE), np.bool_)
    light = slow(photo.astype(np.float32), whole, SIDE)
    again = textured(light, texture(photo, whole))
    assert np.abs(again - photo).max() < 0.05 * grey
    assert np.abs(light - photo).max() > 0.15 * grey


def test_a_single_edge_is_cut_down() -> None:
    photo = noise(100, 0.02)
    photo[200:204, :200] = 250
    assert np.abs(texture(photo, LEFT)).max() < 0.1


def test_what_is_laid_is_as_strong_as_it_was_and_ends_with_its_patches() -> None:
    own = texture(noise(100, 0.2), LEFT)
    found = laid(Patches.of(own, LEFT, CORE), RIGHT)
    assert found[RIGHT].std() == pytest.approx(own[CORE].std(), rel=0.15)
    assert abs(found[RIGHT].mean()) < 0.01
    assert not found[:, 0:100].any()
    np.testing.assert_array_equal(found, laid(Patches.of(own, LEFT, CORE), RIGHT))


def test_a_patch_does_not_depend_on_what_else_is_new() -> None:
    own, less = texture(noise(100, 0.2), LEFT), RIGHT.copy()
    less[:, 400:] = False
    both = laid(Patches.of(own, LEFT, CORE), RIGHT), laid(Patches.of(own, LEFT, CORE), less)
    np.testing.assert_array_equal(both[0][150:350, 260:350], both[1][150:350, 260:350])


@pytest.mark.parametrize("degrees", [0, 45, 90, -60])
def test_patches_are_turned_as_asked(degrees: float) -> None:
    row, _ = np.mgrid[0:SIDE, 0:SIDE]
    stripes = np.where(LEFT, 0.2 * np.sin(row * 2 * np.pi / 10), 0).astype(np.float32)
    seen, asked = np.zeros((SIDE, SIDE)), np.full((SIDE, SIDE), np.radians(degrees))
    found = laid(Patches.of(stripes, LEFT, CORE), RIGHT, seen, asked)[130:370, 280:450]
    down, across = np.gradient(found)
    angle = np.degrees(np.arctan2(-2 * (down * across).sum(), (down**2 - across**2).sum()) / 2)
    assert abs((angle - degrees + 90) % 180 - 90) < 8
