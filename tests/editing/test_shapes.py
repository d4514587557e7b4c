"""Discs, strokes and polygons against the definitions, pixel by pixel."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskgan.editing import shapes
from maskgan.errors import LabelsError

SHAPE = (23, 31)
quick = settings(max_examples=25, deadline=None)
# Multiples of 1/256, so that rounding changes nothing and the definition can be exact.
coordinates = st.integers(-8 * 256, 38 * 256).map(lambda n: n / 256)
lattice = st.integers(-3, 33).map(float)
points = st.tuples(coordinates | lattice, coordinates | lattice)


def pixels() -> list[tuple[int, int]]:
    return [(row, column) for row in range(SHAPE[0]) for column in range(SHAPE[1])]


def in_capsule(x: int, y: int, a, b, radius: float) -> bool:
    ax, ay, bx, by = (Fraction(v) for v in (*a, *b))
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    t = ((x - ax) * dx + (y - ay) * dy) / length if length else Fraction(0)
    t = min(max(t, Fraction(0)), Fraction(1))
    return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2 <= Fraction(radius) ** 2


def winding(x: int, y: int, corners) -> int:
    """Crossings to the left of (or at) the pixel centre, edges half open."""
    turns = 0
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        x0, y0, x1, y1 = (Fraction(v) for v in (x0, y0, x1, y1))
        if min(y0, y1) <= y < max(y0, y1) and x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x:
            turns += 1 if y1 > y0 else -1
    return turns


@quick
@given(st.lists(points, min_size=1, max_size=4), st.integers(0, 6 * 256).map(lambda n: n / 256))
def test_a_stroke_covers_exactly_the_centres_near_its_line(line, radius):
    region = shapes.stroke(SHAPE, line, radius)
    reach = round(max(radius, shapes.MIN_RADIUS) * 256) / 256
    segments = list(pairwise(line)) or [(line[0], line[0])]
    for row, column in pixels():
        expected = any(in_capsule(column, row, a, b, reach) for a, b in segments)
        assert region[row, column] == expected


@quick
@given(st.lists(points, min_size=3, max_size=8))
def test_a_polygon_covers_exactly_the_centres_inside(corners):
    region = shapes.polygon(SHAPE, corners)
    for row, column in pixels():
        assert region[row, column] == (winding(column, row, corners) != 0)


@quick
@given(st.tuples(points, points, points, points))
def test_polygons_that_share_an_edge_neither_overlap_nor_leave_a_gap(corners):
    a, b, c, d = corners
    # Two triangles on either side of the line a-b.
    side = [(b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) for p in (c, d)]
    if side[0] * side[1] >= 0:
        return
    first, second = shapes.polygon(SHAPE, [a, b, c]), shapes.polygon(SHAPE, [a, b, d])
    assert not (first & second).any()
    assert np.array_equal(first | second, shapes.polygon(SHAPE, [a, c, b, d]))


def test_a_lasso_that_crosses_its_own_line_has_no_hole():
    star = [
        (15 + 10 * np.sin(4 * np.pi * i / 5), 11 - 10 * np.cos(4 * np.pi * i / 5)) for i in range(5)
    ]
    assert shapes.polygon(SHAPE, star)[11, 15]


@quick
@given(st.floats(0, 30, exclude_max=True), st.floats(0, 22, exclude_max=True))
def test_a_click_always_paints_something(x, y):
    assert shapes.disc(SHAPE, (x, y), 0)[round(y), round(x)]


def test_the_thinnest_brush_paints_one_pixel():
    assert shapes.disc(SHAPE, (4, 5), 0).sum() == 1


def test_shapes_beyond_the_picture_are_cut():
    assert not shapes.disc(SHAPE, (500, 500), 20).any()
    assert shapes.disc(SHAPE, (10, 10), 1000).all()
    assert shapes.polygon(SHAPE, [(-900, -900), (900, -900), (900, 900), (-900, 900)]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: shapes.polygon(SHAPE, [(0, 0), (5, 5)]), "2 points; expected at least 3"),
        (lambda: shapes.stroke(SHAPE, [], 3), "no points"),
        (lambda: shapes.disc(SHAPE, (float("nan"), 2), 3), "not a number"),
        (lambda: shapes.disc(SHAPE, (1e9, 2), 3), "further than"),
        (lambda: shapes.disc(SHAPE, (1, 2), -1), "radius is -1"),
        (lambda: shapes.disc(SHAPE, (1, 2), float("nan")), "radius is nan"),
        (lambda: shapes.stroke(SHAPE, [(1, 2, 3)], 1), r"list of \(x, y\)"),
        (lambda: shapes.stroke(SHAPE, ["ab"], 1), "not numbers"),
    ],
)
def test_impossible_shapes_are_refused(call, words):
    with pytest.raises(LabelsError, match=words):
        call()
