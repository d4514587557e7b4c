"""A photo bent as its crop: by the same way seen in the photo, not beyond the crop, not at its
sides."""

from __future__ import annotations

import math

import numpy as np
import pytest

from maskgan.alignment.displacement import Displacement, bend
from maskgan.alignment.similarity import Similarity
from maskgan.images import Pixels

SIDE = 128
HEIGHT, WIDTH = 400, 500


def ramp() -> Pixels:
    """A photo whose red says the column and whose green says the row, half as large."""
    row, column = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([column // 2, row // 2, np.full_like(row, 90)], axis=2).astype(np.uint8)


def similarity(degrees: float, scale: float) -> Similarity:
    """The crop's middle lies on the photo's."""
    angle = math.radians(degrees)
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[a, -b], [b, a]])
    middle = np.array([SIDE - 1, SIDE - 1]) / 2 - linear @ ((WIDTH - 1) / 2, (HEIGHT - 1) / 2)
    return Similarity(np.vstack([np.column_stack([linear, middle]), [0, 0, 1]]), SIDE)


def bump(x: float, y: float) -> Displacement:
    """A way (x, y) that fades around the crop's middle."""
    row, column = np.mgrid[40:90, 40:90]
    away = np.maximum(np.abs(row - 64), np.abs(column - 64))
    share = np.clip((24 - away) / 12, 0, 1)[:, :, None]
    ways = (share * np.array([x, y])).astype(np.float32)
    return Displacement((slice(40, 90), slice(40, 90)), ways)


@pytest.mark.parametrize(("degrees", "scale"), [(0, 0.5), (90, 0.5), (30, 0.4), (-120, 1.0)])
def test_the_way_is_turned_and_scaled_with_the_crop(degrees: float, scale: float) -> None:
    crop, photo = similarity(degrees, scale), ramp()
    result = bend(photo, crop, bump(6, -3))
    middle = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    expected = middle + crop.inverse[:2, :2] @ (6, -3)
    column, row = np.rint(middle).astype(int)
    source = result[row, column, :2] * 2.0 + 0.5
    np.testing.assert_allclose(source - (column, row), expected - middle, atol=3)
    # What the bent photo shows in the crop is the bent crop.
    again = crop.crop(result)[64, 64].astype(int)
    np.testing.assert_allclose(again, crop.crop(photo)[61, 70], atol=2)


def test_outside_of_what_moves_nothing_changes() -> None:
    crop, photo = similarity(20, 0.5), ramp()
    result = bend(photo, crop, bump(6, -3))
    row, column = np.nonzero((result != photo).any(axis=2))
    points = crop.forward(np.stack([column, row], axis=1))
    assert len(points) > 1000
    assert np.abs(points - 64).max() <= 26
    np.testing.assert_array_equal(bend(photo, crop, bump(0, 0)), photo)
    assert result is not photo


def test_towards_sides_that_lie_in_the_photo_it_fades() -> None:
    everything = Displacement(
        (slice(0, SIDE), slice(0, SIDE)), np.full((SIDE, SIDE, 2), (8, 0), np.float32)
    )
    crop, photo = similarity(0, 0.5), ramp()
    result = bend(photo, crop, everything)
    box = (slice(HEIGHT // 2 - 128, HEIGHT // 2 + 128), slice(WIDTH // 2 - 128, WIDTH // 2 + 128))
    inside = np.zeros((HEIGHT, WIDTH), np.bool_)
    inside[box] = True
    np.testing.assert_array_equal(result[~inside], photo[~inside])
    way = 2 * (result[HEIGHT // 2].astype(int) - photo[HEIGHT // 2])[:, 0]
    assert way[WIDTH // 2] == pytest.approx(16, abs=2)
    assert 0 <= way[WIDTH // 2 - 125] < 4
    assert 0 <= way[WIDTH // 2 + 125] < 4
    assert np.diff(result[HEIGHT // 2, :, 0].astype(int)).min() >= -1, "it goes back somewhere"


def test_where_the_photo_ends_it_does_not_fade() -> None:
    photo = ramp()[:SIDE, :SIDE]
    everything = Displacement(
        (slice(0, SIDE), slice(0, SIDE)), np.full((SIDE, SIDE, 2), (8, 0), np.float32)
    )
    result = bend(photo, Similarity.identity(SIDE), everything)
    np.testing.assert_allclose(result[:, : SIDE - 8], photo[:, 8:], atol=1)
