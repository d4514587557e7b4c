"""Figures of verdicts, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, jaccard_score

from maskgan.evaluation.confusion import confusion
from maskgan.evaluation.examiner import Verdict, _sparse, dense
from maskgan.evaluation.figures import figures, ratio
from maskgan.labels import NUM_CLASSES


def test_counts_and_their_figures_are_scikit_learn_s() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 7, (3, 20, 20)).astype(np.uint8)
    found = np.where(rng.random(truth.shape) < 0.7, truth, rng.integers(0, 9, truth.shape))
    found = found.astype(np.uint8)
    verdicts: list[Verdict] = []
    for one, other in zip(truth, found, strict=True):
        counts = confusion(one, other)
        expected = confusion_matrix(one.ravel(), other.ravel(), labels=range(NUM_CLASSES))
        assert np.array_equal(counts, expected)
        verdicts.append({"counts": _sparse(counts)})
        assert np.array_equal(dense(verdicts[-1]["counts"]), counts)
    report = figures(verdicts, 0)
    flat = truth.ravel(), found.ravel()
    assert report["accuracy"]["value"] == pytest.approx(accuracy_score(*flat), abs=1e-5)
    # Classes that are found where none are true count as 0, as here.
    expected_iou = jaccard_score(*flat, labels=range(9), average="macro", zero_division=0)
    assert report["miou"]["value"] == pytest.approx(expected_iou, abs=1e-5)
    assert report["miou"]["low"] <= report["miou"]["value"] <= report["miou"]["high"]
    assert report["pictures"] == 3


def test_shares_are_of_sums_and_means_are_of_pictures() -> None:
    verdicts: list[Verdict] = [
        {"changed": 10, "followed": 10, "psnr": 20.0, "sharp": 4.0, "sharp_photo": 8.0},
        {"changed": 30, "followed": 0, "psnr": 30.0, "sharp": 8.0, "sharp_photo": 8.0},
        {"changed": 0, "followed": 0},
    ]
    report = figures(verdicts, 0)
    assert report["following"]["value"] == 0.25
    assert report["psnr"]["value"] == 25
    assert report["sharpness"]["value"] == (4 * 10 + 8 * 30) / (8 * 40)
    assert "ssim" not in report


def test_intervals_hold_the_value_and_shrink_with_more_pictures() -> None:
    rng = np.random.default_rng(0)
    widths = []
    for count in (20, 500):
        values = rng.normal(5, 1, count).tolist()
        found = ratio(values, [1.0] * count, 0)
        assert found["low"] < found["value"] < found["high"]
        widths.append(found["high"] - found["low"])
        # About two standard errors to each side.
        assert widths[-1] == pytest.approx(4 * np.std(values) / np.sqrt(count), rel=0.25)
    assert widths[1] < widths[0] / 3
    assert ratio([1, 2, 3], [1, 1, 1], 0) == ratio([1, 2, 3], [1, 1, 1], 0)
