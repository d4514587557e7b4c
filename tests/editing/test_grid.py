"""The coarse grid: counts add up, known values stay, and between them is the smoothest there is."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.grid import CELLS, Grid, box_sums, harmonic


@pytest.mark.parametrize("side", [64, 100, 128, 300, 512, 513])
def test_every_pixel_is_counted_in_its_cell(side: int) -> None:
    region = np.random.default_rng(side).random((side, side)) < 0.3
    grid = Grid.over(region, side)
    counts = grid.sums(region)
    cells = min(CELLS, side // 4)
    assert counts.shape == grid.size == (cells, cells)
    assert counts.sum() == region.sum()
    assert not (region & ~grid.spread(counts > 0)).any()
    row, column = np.argwhere(region)[7]
    alone = np.zeros_like(region)
    alone[row, column] = True
    place = grid.place(np.array([[column, row]], np.float32))
    assert grid.sums(alone).ravel()[place] == 1


def test_between_known_lines_it_is_linear() -> None:
    values = np.zeros((128, 128, 2), np.float32)
    known = np.zeros((128, 128), np.bool_)
    known[[0, 40]] = True
    values[40] = (8, -4)
    found = harmonic(values, known)
    share = np.arange(41) / 40
    np.testing.assert_allclose(found[:41, 64, 0], 8 * share, atol=0.8)
    np.testing.assert_allclose(found[:41, 64, 1], -4 * share, atol=0.4)
    np.testing.assert_allclose(found[100, :, 0], 8, atol=0.4)  # nothing else is known there
    np.testing.assert_array_equal(found[known], values[known])


@pytest.mark.parametrize("size", [3, 7, 100])
def test_it_never_exceeds_what_is_known(size: int) -> None:
    rng = np.random.default_rng(size)
    values = rng.normal(size=(size, size, 2)).astype(np.float32)
    known = rng.random((size, size)) < 0.2
    known[0, 0] = True
    found = harmonic(values, known)
    low, high = values[known].min(axis=0), values[known].max(axis=0)
    assert ((found >= low - 1e-5) & (found <= high + 1e-5)).all()


def test_an_enlarged_field_is_nothing_outside_its_box() -> None:
    grid = Grid((512, 512), 4)
    field = np.zeros((128, 128, 2), np.float32)
    field[30:50, 60:80] = (4, -2)
    (rows, columns), moved = grid.enlarged(field)
    assert moved.shape == (rows.stop - rows.start, columns.stop - columns.start, 2)
    np.testing.assert_allclose(moved[130 - rows.start, 270 - columns.start], (4, -2))
    edge = np.concatenate([moved[0], moved[-1], moved[:, 0], moved[:, -1]])
    assert np.abs(edge).max() < 1
    nothing = grid.enlarged(np.zeros_like(field))[1]
    assert not nothing.any()


def test_steepness_is_per_pixel() -> None:
    field = np.zeros((128, 128, 2), np.float32)
    field[:, 64:, 0] = 2
    steep = Grid((512, 512), 4).steepness(field)
    np.testing.assert_allclose(steep[:, 63:65], 0.5)
    assert not steep[:, :63].any()
    assert not steep[:, 65:].any()


def test_box_sums_stop_at_the_border() -> None:
    sums = box_sums(np.ones((5, 4), np.float32))
    assert sums[0, 0] == 4
    assert sums[2, 2] == 9
    assert sums[4, 1] == 6
