"""Adversarial losses, and what generators learn from a discriminator's features.

Logits and features are lists, one entry per scale of a multi-scale discriminator.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def pixel_classes(logits: Tensor, classes: Tensor, weights: Tensor, where: Tensor) -> Tensor:
    """Cross-entropy of logits (B, K+1, H, W) to classes (B, H, W), weighted per class (K+1,), mean
    over the pixels of `where` (B, H, W).   L = E[ -sum_k w_k y_k log softmax(x)_k ]  (OASIS, Eq. 1)
    """
    loss = functional.cross_entropy(logits.float(), classes, weights, reduction="none")
    return (loss * where).sum() / where.sum().clamp_min(1)


def least_squares(logits: list[Tensor], target: float) -> Tensor:
    """Sum over the scales of mean (D(x) - target)^2; target 1 = real, 0 = fake   (LSGAN, Mao et al.
    2017, Eq. 2)"""
    return torch.stack([(each.float() - target).square().mean() for each in logits]).sum()


def hinge_discriminator(logits: list[Tensor], real: bool) -> Tensor:
    """Sum over the scales of mean max(0, 1 -+ D(x)), for the discriminator (Lim and Ye 2017)."""
    sign = -1 if real else 1
    return torch.stack([torch.relu(1 + sign * each.float()).mean() for each in logits]).sum()


def hinge_generator(logits: list[Tensor]) -> Tensor:
    """Sum over the scales of mean -D(x), for the generator (Lim and Ye 2017)."""
    return torch.stack([-each.float().mean() for each in logits]).sum()


def feature_matching(fake: list[list[Tensor]], real: list[list[Tensor]]) -> Tensor:
    """Mean over the scales of the sum over hidden stages of mean |fake - real|: the outputs of all
    stages of a discriminator but the last   (pix2pixHD, Wang et al. 2018, Eq. 4)

    The real ones are constants: they give no gradients.
    """
    terms = [
        (a - b.detach()).abs().mean(dtype=torch.float32)
        for theirs, ours in zip(fake, real, strict=True)
        for a, b in zip(theirs[:-1], ours[:-1], strict=True)
    ]
    return torch.stack(terms).sum() / len(fake)


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, share: Tensor
) -> Tensor:
    """Mean (|gradient of the critic's summed answer| - 1)^2 at pictures between real and fake ones,
    both (B, 3, H, W); share (B, 1, 1, 1) of the real one   (WGAN-GP, Gulrajani et al. 2017, Eq. 3)

    In float32; the penalty itself can be differentiated.
    """
    between = torch.lerp(fake.detach().float(), real.float(), share).requires_grad_()
    with torch.autocast(real.device.type, enabled=False):
        (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    # Where the critic is flat the root alone would have no slope.
    norm = (slope.flatten(1).square().sum(1) + 1e-12).sqrt()
    return (norm - 1).square().mean()
