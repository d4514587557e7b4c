"""Distances between sets of features, against torch-fidelity and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fidelity import import_fidelity
from numpy.typing import NDArray

from maskgan.evaluation.distributions import (
    frechet_distance,
    kernel_distance,
    precision_recall,
)

Sets = tuple[NDArray[np.float64], NDArray[np.float64]]


@pytest.fixture(scope="module")
def sets() -> Sets:
    """Two sets of 200 features that overlap in part, of 24 correlated numbers."""
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(24, 24)) / 3
    first = rng.normal(size=(200, 24)) @ mixing
    return first, rng.normal(size=(200, 24)) * 1.2 @ mixing + 0.4


def test_frechet_is_torch_fidelity_s(sets: Sets) -> None:
    fid = import_fidelity().metric_fid
    statistics = [fid.fid_features_to_statistics(torch.from_numpy(each)) for each in sets]
    expected = fid.fid_statistics_to_metric(*statistics, False)[fid.KEY_METRIC_FID]
    assert frechet_distance(*sets) == pytest.approx(expected, rel=1e-5)
    assert expected > 0.5


def test_frechet_of_fewer_pictures_than_features(sets: Sets) -> None:
    """Covariances without full rank: still that of torch-fidelity, and 0 of a set to itself."""
    fid = import_fidelity().metric_fid
    few = sets[0][:10], sets[1][:10]
    statistics = [fid.fid_features_to_statistics(torch.from_numpy(each)) for each in few]
    expected = fid.fid_statistics_to_metric(*statistics, False)[fid.KEY_METRIC_FID]
    assert frechet_distance(*few) == pytest.approx(expected, rel=1e-5)
    assert frechet_distance(few[0], few[0]) == pytest.approx(0, abs=1e-5)


def test_frechet_of_one_number() -> None:
    """Two normal distributions on a line: (m1 - m2)^2 + (s1 - s2)^2."""
    first, second = np.asarray([[-1.0], [1.0]]), np.asarray([[1.0], [7.0]])
    gap = (4 - 0) ** 2 + (np.sqrt(18) - np.sqrt(2)) ** 2
    assert frechet_distance(first, second) == pytest.approx(gap)


def test_kernel_distance_is_torch_fidelity_s(sets: Sets) -> None:
    kid = import_fidelity().metric_kid
    kernels = [(a @ b.T / 24 + 1) ** 3 for a, b in ((sets[0],) * 2, sets, (sets[1],) * 2)]
    expected = kid.mmd2(*kernels)
    assert kernel_distance(*sets) == pytest.approx(expected, rel=1e-5)
    halves = sets[0][:100], sets[0][100:]
    assert abs(kernel_distance(*halves)) < expected / 3


def test_precision_and_recall_are_torch_fidelity_s(sets: Sets) -> None:
    prc = import_fidelity().metric_prc
    tensors = [torch.from_numpy(each) for each in sets]
    expected = prc.calculate_precision_recall_full(*tensors)
    assert precision_recall(*sets) == pytest.approx(expected, abs=1e-5)
    assert min(expected) > 0.1
    assert max(expected) < 1


def test_pictures_that_are_all_alike_are_precise_and_recall_nothing() -> None:
    rng = np.random.default_rng(1)
    photos = rng.normal(size=(60, 4))
    alike = photos[:1] + rng.normal(size=(60, 4)) * 1e-4
    precision, recall = precision_recall(alike, photos)
    assert precision == 1
    assert recall <= 1 / 60
    assert precision_recall(photos, photos) == (1, 1)
    assert precision_recall(photos + 100, photos) == (0, 0)
