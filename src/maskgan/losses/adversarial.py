"""Adversarial losses."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def pixel_classes(logits: Tensor, classes: Tensor, weights: Tensor, where: Tensor) -> Tensor:
    """Cross-entropy of logits (B, K+1, H, W) to classes (B, H, W), weighted per class (K+1,), mean
    over the pixels of `where` (B, H, W).   L = E[ -sum_k w_k y_k log softmax(x)_k ]  (OASIS, Eq. 1)
    """
    loss = functional.cross_entropy(logits.float(), classes, weights, reduction="none")
    return (loss * where).sum() / where.sum().clamp_min(1)
