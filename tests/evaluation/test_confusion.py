"""Figures of confusion matrices against sums over pixels written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from maskgan.evaluation.confusion import (
    accuracy,
    confusion,
    interval,
    mean_iou,
    resampled,
    whole,
)
from maskgan.labels import NUM_CLASSES, Labels


def random_maps(seed: int, classes: int) -> tuple[Labels, Labels]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, (9, 13)).astype(np.uint8)
    found = np.where(
        rng.random(truth.shape) < 0.6, truth, rng.integers(0, classes + 2, truth.shape)
    )
    return truth, found.astype(np.uint8)


@pytest.mark.parametrize("classes", [2, 11, 17])
def test_figures_are_those_of_counting_pixels(classes: int) -> None:
    pairs = [random_maps(seed, classes) for seed in range(5)]
    counts = np.stack([confusion(truth, found) for truth, found in pairs])
    hits = total = 0
    overlap, union = [0] * NUM_CLASSES, [0] * NUM_CLASSES
    for truth, found in pairs:
        for true, seen in zip(truth.ravel().tolist(), found.ravel().tolist(), strict=True):
            total += 1
            hits += true == seen
            overlap[true] += true == seen
            union[true] += 1
            union[seen] += true != seen
    shares = [part / all_ for part, all_ in zip(overlap, union, strict=True) if all_]
    assert whole(counts, accuracy) == pytest.approx(hits / total, abs=1e-9)
    assert whole(counts, mean_iou) == pytest.approx(math.fsum(shares) / len(shares), abs=1e-9)
    assert len(shares) < NUM_CLASSES or classes == 17


def test_rows_are_true_and_columns_found() -> None:
    counts = confusion(np.full((2, 3), 4, np.uint8), np.full((2, 3), 18, np.uint8))
    assert counts[4, 18] == counts.sum() == 6


def test_nothing_to_count_has_no_figure() -> None:
    empty = np.zeros((1, NUM_CLASSES, NUM_CLASSES), np.int64)
    assert math.isnan(whole(empty, accuracy))
    assert math.isnan(whole(empty, mean_iou))


def test_resampling_draws_whole_faces_and_alike_for_all() -> None:
    """Of one face that is all right and one all wrong, draws show 0, 1 or 2 right ones."""
    right, wrong = np.zeros((2, 4), np.uint8), np.ones((2, 4), np.uint8)
    counts = np.stack([confusion(right, right), confusion(right, wrong)])
    values = resampled(counts, accuracy, seed=3)
    assert set(values.tolist()) == {0.0, 0.5, 1.0}
    assert interval(values) == (0.0, 1.0)
    assert np.array_equal(values, resampled(counts, accuracy, seed=3))
    assert not np.array_equal(values, resampled(counts, accuracy, seed=4))
    # The other way round the same draws show the other face.
    assert np.array_equal(1 - values, resampled(counts[::-1], accuracy, seed=3))


def test_intervals_narrow_with_more_faces() -> None:
    widths = []
    for count in (8, 128):
        counts = np.stack([confusion(*random_maps(seed, 9)) for seed in range(count)])
        low, high = interval(resampled(counts, mean_iou, seed=0))
        assert low < whole(counts, mean_iou) < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
