"""Losses and scores on class logits against naive implementations."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from maskgan.losses.segmentation import class_weights, confusion, scores, soft_dice

RNG = torch.Generator().manual_seed(0)
LOGITS = torch.randn((2, 6, 7, 5), generator=RNG) * 2
LABELS = torch.randint(0, 5, (2, 7, 5), generator=RNG)  # class 5 never occurs


def naive_dice(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    probabilities = functional.softmax(logits, 1)
    truth = functional.one_hot(labels, logits.shape[1]).permute(0, 3, 1, 2).float()
    terms = []
    for name in range(logits.shape[1]):
        p, y = probabilities[:, name], truth[:, name]
        if y.any():
            terms.append((2 * (p * y).sum() + 1) / (p.sum() + y.sum() + 1))
    return 1 - torch.stack(terms).mean()


def test_soft_dice_is_the_naive_one_hot_dice() -> None:
    logits = LOGITS.clone().requires_grad_()
    loss = soft_dice(functional.log_softmax(logits, 1), LABELS.to(torch.uint8))
    twin = LOGITS.clone().requires_grad_()
    expected = naive_dice(twin, LABELS)
    torch.testing.assert_close(loss, expected)
    (gradient,) = torch.autograd.grad(loss, logits)
    (expected_gradient,) = torch.autograd.grad(expected, twin)
    torch.testing.assert_close(gradient, expected_gradient)


def test_soft_dice_is_zero_for_certain_and_right_answers() -> None:
    logits = functional.one_hot(LABELS, 6).permute(0, 3, 1, 2).float() * 100
    assert float(soft_dice(functional.log_softmax(logits, 1), LABELS)) == pytest.approx(0, abs=1e-5)
    wrong = functional.log_softmax(logits.roll(1, 1), 1)
    assert float(soft_dice(wrong, LABELS)) > 0.8


def test_class_weights_follow_the_formula_between_their_bounds() -> None:
    shares = torch.tensor([0.5, 0.2, 0.1, 0.05, 0.02])
    for power in (0.0, 0.25, 0.5):
        expected = (0.1 / shares) ** power
        torch.testing.assert_close(class_weights(shares, power), expected)


def test_class_weights_are_bounded() -> None:
    shares = torch.tensor([0.9, 1e-3, 1e-4, 1e-9, 0.0])
    weights = class_weights(shares, 1.0)
    assert weights.min() == pytest.approx(0.3)
    assert weights.max() == pytest.approx(6.0)
    assert weights[-1] == pytest.approx(6.0)
    assert (weights.diff() >= 0).all()  # the rarer, the heavier


def test_confusion_counts_pairs() -> None:
    truth = np.array([[0, 1, 2], [2, 2, 1]])
    found = np.array([[0, 2, 2], [1, 2, 1]])
    expected = np.zeros((4, 4), np.int64)
    np.add.at(expected, (truth.ravel(), found.ravel()), 1)
    matrix = confusion(torch.from_numpy(found).to(torch.uint8), torch.from_numpy(truth), 4)
    assert matrix.dtype == torch.int64
    np.testing.assert_array_equal(matrix.numpy(), expected)


def test_scores_are_accuracy_and_intersection_over_union() -> None:
    generator = torch.Generator().manual_seed(1)
    truth = torch.randint(0, 4, (3, 9, 9), generator=generator)
    found = torch.where(torch.rand(truth.shape, generator=generator) < 0.3, (truth + 1) % 4, truth)
    accuracy, iou = scores(confusion(found, truth, 5))
    assert accuracy == pytest.approx(float((found == truth).double().mean()))
    for name in range(4):
        both, either = (found == name) & (truth == name), (found == name) | (truth == name)
        assert float(iou[name]) == pytest.approx(float(both.sum() / either.sum()))
    assert iou[4].isnan()
