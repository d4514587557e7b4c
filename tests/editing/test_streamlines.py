"""Streaks: along the field, equally strong everywhere, and the same whatever else is new."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.filters import gaussian
from maskgan.editing.grid import Floats
from maskgan.editing.regions import Region
from maskgan.editing.streamlines import streaks

SIDE = 256
EVERYWHERE = np.ones((SIDE, SIDE), np.bool_)


def even(degrees: float) -> Floats:
    """The same direction everywhere, as a doubled angle."""
    angle = np.radians(2 * degrees)
    return np.tile(np.array([np.cos(angle), np.sin(angle)], np.float32), (SIDE, SIDE, 1))


def direction(texture: Floats) -> float:
    """Of the streaks, in degrees from a row's direction, clockwise, 0 to 180."""
    # Single pixels lie on the grid, whatever runs through them.
    down, across = np.gradient(gaussian(texture.astype(np.float32), 1.5))
    odd, power = -2 * (down * across).sum(), (down**2 - across**2).sum()
    return float(np.degrees(np.arctan2(odd, power) / 2) % 180)


@pytest.mark.parametrize("degrees", [0.0, 30.0, 90.0, 135.0])
def test_they_run_along_the_field(degrees: float) -> None:
    found = streaks(even(degrees), EVERYWHERE, (0.0, 128.0))
    away = (direction(found) - degrees + 90) % 180 - 90
    assert abs(away) < 6
    assert found.std() == pytest.approx(1, abs=0.15)


def test_they_bend_with_the_field() -> None:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    # Around the middle of the upper edge, as hair around a head.
    angle = 2 * (np.arctan2(rows + 60, columns - 128) + np.pi / 2)
    found = streaks(np.dstack([np.cos(angle), np.sin(angle)]), EVERYWHERE, (-300.0, 128.0))
    for column in (40, 128, 215):
        part = found[100:150, column - 20 : column + 20]
        expected = np.degrees(np.arctan2(125 + 60, column - 128)) + 90
        assert abs((direction(part) - expected + 90) % 180 - 90) < 12


def test_the_border_of_the_picture_is_no_end() -> None:
    found = streaks(even(90), EVERYWHERE, (0.0, 128.0))
    assert found[-4:].std() == pytest.approx(found[100:150].std(), rel=0.25)
    assert found[:4].std() == pytest.approx(found[100:150].std(), rel=0.25)


def test_fewer_pixels_show_the_same_streaks() -> None:
    """Else strands would jump when a preview becomes the picture."""
    rows = np.mgrid[0 : 2 * SIDE, 0 : 2 * SIDE][0]
    angle = np.pi + 0.8 * np.sin(rows / 90)  # wavy hair, doubled
    field = np.dstack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    whole = np.ones(rows.shape, np.bool_)
    picture = streaks(field, whole, (-80.0, float(SIDE)))
    preview = streaks(field[::2, ::2], EVERYWHERE, (-40.0, SIDE / 2))
    means = picture.reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3))
    assert np.corrcoef(means.ravel(), preview.ravel())[0, 1] > 0.7


def test_the_same_place_has_the_same_streaks_and_others_none() -> None:
    small: Region = np.zeros_like(EVERYWHERE)
    small[90:120, 60:100] = True
    whole = streaks(even(70), EVERYWHERE, (0.0, 128.0))
    part = streaks(even(70), small, (0.0, 128.0))
    np.testing.assert_allclose(part[small], whole[small], atol=1e-4)
    assert not part[~small].any()
    assert not streaks(even(70), ~EVERYWHERE, (0.0, 128.0)).any()
