"""Losses on normal distributions with a diagonal covariance."""

from __future__ import annotations

from torch import Tensor


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)) in nats, mean over the batch: (B, N) -> (N,).

    KL = (mean^2 + variance - 1 - log variance) / 2
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(0)
