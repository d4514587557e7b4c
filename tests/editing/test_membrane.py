"""Between values that are known is the smoothest there is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array, eye_array
from scipy.sparse.linalg import spsolve

from maskgan.editing.membrane import Membrane


def test_between_known_lines_it_is_linear() -> None:
    values = np.zeros((128, 128, 2), np.float32)
    known = np.zeros((128, 128), np.bool_)
    known[[0, 40]] = True
    values[40] = (8, -4)
    found = Membrane(known).between(values)
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
    found = Membrane(known).between(values)
    low, high = values[known].min(axis=0), values[known].max(axis=0)
    assert ((found >= low - 1e-5) & (found <= high + 1e-5)).all()


def exact(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Every value that is not known the mean of its four neighbours, by a direct solver; a border
    is its own neighbour."""
    height, width = known.shape
    number = np.arange(known.size).reshape(height, width)
    free = number[~known]
    matrix = eye_array(known.size).tocsr()
    for down, across in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        rows = np.clip(np.arange(height) + down, 0, height - 1)
        columns = np.clip(np.arange(width) + across, 0, width - 1)
        beside = number[np.ix_(rows, columns)][~known]
        quarter = np.full(free.size, 0.25)
        matrix -= coo_array((quarter, (free, beside)), matrix.shape).tocsr()
    given = np.where(known[:, :, None], values, 0).reshape(known.size, -1)
    return np.asarray(spsolve(matrix.tocsc(), given)).reshape(values.shape)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_nearly_what_a_direct_solver_finds(seed: int) -> None:
    """An outline that moves, as edits ask for it, in surroundings that stay."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[0:90, 0:70] - np.array([[[45.0]], [[35.0]]])
    away = np.hypot(row / rng.uniform(0.8, 1.4), column)
    outline, still = np.abs(away - 15) < 0.7, away > 32
    values = np.zeros((90, 70, 2), np.float32)
    values[outline] = rng.normal(size=2) * 4 + np.stack([row, column], axis=2)[outline] / 4
    known = outline | still
    found, expected = Membrane(known).between(values), exact(values, known)
    assert np.abs(found - expected).max() < 0.05 * np.abs(values).max()
