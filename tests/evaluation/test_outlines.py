"""Outlines of pixels, and maps drawn anew from fewer corners."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing import regions, shapes
from maskgan.evaluation.outlines import simplified, trace
from maskgan.labels import Labels


@pytest.fixture(scope="module")
def face() -> Labels:
    rng = np.random.default_rng(11)
    return draw_face(random_identity(rng), random_expression(rng), 128)[1]


def test_the_outline_of_a_rectangle_is_its_corners() -> None:
    piece = np.zeros((6, 8), np.bool_)
    piece[2:5, 3:7] = True
    corners = trace(piece, 2 * 8 + 3)
    assert sorted(corners.tolist()) == [[2.5, 1.5], [2.5, 4.5], [6.5, 1.5], [6.5, 4.5]]
    assert len(corners) == 4


@pytest.mark.parametrize("seed", range(20))
def test_an_outline_covers_what_it_was_traced_around(seed: int) -> None:
    """On noise: with holes, pieces that touch at corners and pieces at the picture's border."""
    values = (np.random.default_rng(seed).random((12, 15)) < 0.55).astype(np.uint8)
    pieces = regions.components(values)
    for number in range(int(pieces.max()) + 1):
        piece = pieces == number
        start = int(np.flatnonzero(piece.ravel())[0])
        covered = shapes.polygon(piece.shape, [(x, y) for x, y in trace(piece, start).tolist()])
        assert not (piece & ~covered).any()
        # What else is covered are holes: nothing of it is reached from the border around the piece.
        around = regions.components(np.pad(piece, 1))
        outer = (around == around[0, 0])[1:-1, 1:-1]
        assert not (covered & outer).any()


def test_without_tolerance_nothing_changes(face: Labels) -> None:
    assert np.array_equal(simplified(face, 0), face)
    noise = np.random.default_rng(0).integers(0, 19, (20, 30)).astype(np.uint8)
    assert np.array_equal(simplified(noise, 0), noise)


@pytest.mark.parametrize("tolerance", [1.0, 2.5])
def test_outlines_move_no_further_than_the_tolerance(face: Labels, tolerance: float) -> None:
    """Where no other class is near a pixel keeps its class, but for pieces that vanish."""
    large = simplified(face, tolerance)
    changed = large != face
    assert changed.any()
    for cls in (1, 13):
        deep = regions.erode(face == cls, tolerance + 1.5)
        assert deep.any()
        assert not (changed & deep).any()


def test_a_map_whose_pieces_all_collapse_stays() -> None:
    stripes = np.arange(8, dtype=np.uint8)[None].repeat(8, 0)
    assert np.array_equal(simplified(stripes, 100.0), stripes)
