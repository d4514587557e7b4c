"""Perceptual loss: L1 between VGG-19 features of two pictures (Johnson et al. 2016)."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from maskgan.models.vgg import Vgg19

REMEDY = (
    "Give a file with --loss.vgg (torchvision's vgg19-dcbb9e9d.pth will do), or switch the "
    "perceptual loss off with --loss.perceptual 0."
)


def features(weights: str | Path, deepest: int) -> Vgg19:
    """The frozen network whose features are compared, up to relu`deepest`_1. Raises `ConfigError`
    when the weights are not there."""
    network = Vgg19(deepest).load(weights, REMEDY)
    network.requires_grad_(False)
    return network


def perceptual(fake: list[Tensor], real: list[Tensor], weights: tuple[float, ...]) -> Tensor:
    """Sum over the taps of weight * mean |fake - real| / mean |real|: (B,), one per picture.

    A weight of 0 skips its tap. The divisor is the mean over the whole batch: dividing by the
    tap's own size makes the weights mean the same for both weight files,
    whose features differ in scale by a factor of about a hundred.
    """
    terms = []
    for a, b, weight in zip(fake, real, weights, strict=True):
        if weight == 0:
            continue
        # The maps stay in the networks' dtype, which halves the traffic; sums are in float32.
        difference = (a - b).abs().mean((1, 2, 3), dtype=torch.float32)
        terms.append(weight * difference / b.abs().mean(dtype=torch.float32))
    return torch.stack(terms).sum(0)
