"""Losses on pictures (B, 3, H, W) within a region (B, 1, H, W), 1 = counts."""

from __future__ import annotations

import torch
from torch import Tensor


def l1(picture: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """Mean absolute difference over the pixels of the region."""
    difference = ((picture - truth).abs() * region).sum()
    return difference / (3 * region.sum()).clamp_min(1)


def psnr(picture: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB over the region, for pictures in [-1, 1]."""
    square = ((picture.clamp(-1, 1) - truth) ** 2 * region).sum() / (3 * region.sum()).clamp_min(1)
    return 10 * torch.log10(4 / square.clamp_min(1e-8))
