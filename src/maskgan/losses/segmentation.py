"""Losses on class logits (B, K, H, W) against integer labels (B, H, W)."""

from __future__ import annotations

import torch
from torch import Tensor


def class_weights(shares: Tensor, power: float) -> Tensor:
    """Weights (K,) from pixel shares (K,): (median share / share) ** power, held in 0.3 to 6, so
    that an earring counts for more than its few pixels."""
    present = shares[shares > 0]
    weights = (present.median() / shares.clamp_min(1e-6)) ** power
    return weights.clamp(0.3, 6.0)


def soft_dice(log_probabilities: Tensor, labels: Tensor) -> Tensor:
    """1 - mean over the classes in the batch of 2 |P*Y| / (|P| + |Y|)   (Milletari et al. 2016).

    Takes log-softmax values (B, K, H, W), which cross-entropy has computed already.
    """
    probabilities = log_probabilities.exp()
    index = labels.long().flatten()
    count = probabilities.shape[1]
    true_probability = probabilities.gather(1, labels.long()[:, None]).flatten()
    overlap = true_probability.new_zeros(count).index_add(0, index, true_probability)
    area = torch.bincount(index, minlength=count)
    dice = (2 * overlap + 1) / (probabilities.sum((0, 2, 3)) + area + 1)
    return 1 - dice[area > 0].mean()


def confusion(predicted: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Counts int64 (K, K): rows are the true classes, columns the predicted ones."""
    pairs = labels.long().flatten() * num_classes + predicted.long().flatten()
    return torch.bincount(pairs, minlength=num_classes**2).view(num_classes, num_classes)


def scores(matrix: Tensor) -> tuple[float, Tensor]:
    """Pixel accuracy and IoU (K,) of a confusion matrix; NaN for classes that never occur."""
    matrix = matrix.double()
    hit = matrix.diag()
    union = matrix.sum(0) + matrix.sum(1) - hit
    return float(hit.sum() / matrix.sum()), hit / union
