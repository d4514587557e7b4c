"""The coarse grid: counts add up, and fields are read where they should be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from maskgan.editing.grid import CELLS, Grid, box_sums


@pytest.mark.parametrize("side", [64, 100, 128, 300, 512, 513])
def test_every_pixel_is_counted_in_its_cell(side: int) -> None:
    region = np.random.default_rng(side).random((side, side)) < 0.3
    grid = Grid.over(region, side)
    counts = grid.sums(region)
    cell = max(4, math.ceil(side / CELLS))
    cells = math.ceil(side / cell)
    assert grid.cell == cell
    assert counts.shape == grid.size == (cells, cells)
    assert counts.sum() == region.sum()
    assert not (region & ~grid.spread(counts > 0)).any()
    row, column = np.argwhere(region)[7]
    alone = np.zeros_like(region)
    alone[row, column] = True
    place = grid.place(np.array([[column, row]], np.float32))
    assert grid.sums(alone).ravel()[place] == 1


def test_a_part_has_the_cells_of_the_whole() -> None:
    region = np.zeros((512, 512), np.bool_)
    region[130:150, 261:300] = True
    whole = Grid.over(region)
    part = whole.around(region, 6)
    assert part == (slice(124, 156), slice(252, 306))
    inner = Grid.over(region[part], 512)
    rows, columns = (
        slice(each.start // 4, each.start // 4 + n)
        for each, n in zip(part, inner.size, strict=True)
    )
    np.testing.assert_array_equal(inner.sums(region[part]), whole.sums(region)[rows, columns])
    assert whole.pixels((rows, columns)) == (slice(124, 156), slice(252, 308))
    assert whole.around(np.zeros_like(region), 6) is None


@pytest.mark.parametrize("side", [512, 300])
def test_an_enlarged_field_has_its_values_at_the_centres_of_cells(side: int) -> None:
    grid = Grid((side, side), 4)
    field = np.zeros((*grid.size, 2), np.float32)
    field[30:50, 40:60] = (4, -2)
    moved = grid.enlarged(field)
    assert moved.shape == (side, side, 2)
    np.testing.assert_allclose(moved[124:196, 164:236], np.full((72, 72, 2), (4, -2)), atol=1e-5)
    assert not moved[:118].any()
    assert not moved[:, :158].any()


@pytest.mark.parametrize(
    ("ways", "longest"),
    [
        ((-2, 0), 2),  # half the way in the photo
        ((2, 0), 1),  # pressed together
        ((0, 2), 1.28),  # sheared by half a pixel per pixel
        ((-5, 0), np.inf),  # turned over
    ],
)
def test_how_far_things_are_drawn_out(ways: tuple[float, float], longest: float) -> None:
    field = np.zeros((128, 128, 2), np.float32)
    field[:, 64:] = ways
    found = Grid((512, 512), 4).drawn_out(field)
    np.testing.assert_allclose(found[:, 63:65], longest, rtol=0.01)
    assert (found[:, :63] == 1).all()
    assert (found[:, 65:] == 1).all()


def test_box_sums_stop_at_the_border() -> None:
    sums = box_sums(np.ones((5, 4), np.float32))
    assert sums[0, 0] == 4
    assert sums[2, 2] == 9
    assert sums[4, 1] == 6
