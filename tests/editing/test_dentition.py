"""A row of teeth: proportions, the middle, the dark around it."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.dentition import BOUNDS, LENGTH, MM, row
from maskgan.editing.regions import Region


def opening(rows: int = 16, columns: int = 110, at: int = 20) -> Region:
    mouth = np.zeros((rows + 20, columns + 2 * at), np.bool_)
    mouth[10 : 10 + rows, at : at + columns] = True
    return mouth


def lines(shade: np.ndarray) -> list[int]:
    """Columns that are darker than both beside them."""
    inner = (shade[1:-1] < shade[:-2]) & (shade[1:-1] < shade[2:])
    return [int(column) + 1 for column in np.flatnonzero(inner)]


def test_teeth_get_narrower_from_the_middle_and_alike_on_both_sides() -> None:
    teeth = row(opening(columns=111), 75.0, 1.0)
    np.testing.assert_allclose(teeth.shade, teeth.shade[:, ::-1], atol=1e-4)
    found = lines(teeth.shade[22])
    right = [column for column in found if column > 76]
    expected = 75 + MM * BOUNDS[1:5]
    np.testing.assert_allclose(right[:4], expected, atol=1.5)
    widths = np.diff([75, *right[:4]])
    assert (np.diff(widths) < 0).all()


def test_teeth_touch_in_the_middle_and_part_at_gum_and_edge() -> None:
    teeth = row(opening(rows=24), 74.5, 1.0)
    # Between the front teeth, over the middle of one of them.
    deep = teeth.shade[:, 74:76].mean(axis=1) / teeth.shade[:, 82]
    touching = deep[10 + round(0.5 * MM * LENGTH)]
    for parted in (0.05, 0.95):
        assert deep[10 + round(parted * MM * LENGTH)] < touching - 0.08


def test_a_tooth_is_round() -> None:
    teeth = row(opening(rows=24), 74.5, 1.0).shade[10 + round(0.5 * MM * LENGTH)]
    brightest = 76 + int(np.argmax(teeth[76:92]))
    assert abs(brightest - (74.5 + MM * BOUNDS[1] / 2)) <= 2
    assert (np.diff(teeth[brightest:90]) < 0).all()


def test_the_row_ends_below_and_in_the_corners() -> None:
    teeth = row(opening(rows=60, columns=170), 105.0, 1.0)
    assert teeth.cover[20, 100] > 0.999
    assert teeth.cover[int(10 + MM * LENGTH) + 5, 100] == 0
    # The mouth is wider than the arch: beyond the last tooth there is nothing.
    assert teeth.cover[20, 22] == 0
    assert teeth.shade[20, 60] < teeth.shade[20, 100]
    assert teeth.shade[11, 100] < 0.85 * teeth.shade[20, 100], "in the shadow of the lip"


def test_heads_that_are_turned_have_the_middle_aside() -> None:
    mouth = opening()
    left = row(mouth, 55.0, 1.0)
    assert min(lines(left.shade[22]), key=lambda column: abs(column - 56)) in range(55, 58)
    # Not beyond what can be seen of an arch.
    np.testing.assert_array_equal(row(mouth, 0.0, 1.0).shade, row(mouth, -50.0, 1.0).shade)


def test_it_is_the_same_in_fewer_pixels() -> None:
    fine, coarse = row(opening(), 74.5, 1.0), row(opening()[::2, ::2], 37.0, 0.5)
    for name in ("cover", "shade"):
        large, small = getattr(fine, name), getattr(coarse, name)
        means = large.reshape(large.shape[0] // 2, 2, large.shape[1] // 2, 2).mean(axis=(1, 3))
        inner = np.s_[6:12, 14:-14]
        assert np.abs(means[inner] - small[inner]).mean() < 0.06


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (12, 1), (3, 4)])
def test_any_opening_gets_finite_teeth(shape: tuple[int, int]) -> None:
    mouth = np.zeros((20, 40), np.bool_)
    mouth[4 : 4 + shape[0], 5 : 5 + shape[1]] = True
    teeth = row(mouth, 12.0, 0.5)
    assert np.isfinite(teeth.shade).all()
    assert ((teeth.cover >= 0) & (teeth.cover <= 1)).all()
