"""The tensor twins of `maskgan.images`: pixels and labels change form on the training device.

Shape letters, here and in all tensor modules: B batch, C channels, K classes (19), S style width,
H height, W width.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from maskgan.labels import MIRROR, NUM_CLASSES


def to_float(pixels: Tensor) -> Tensor:
    """uint8 (B, H, W, 3) -> float32 (B, 3, H, W) in [-1, 1], channels last in memory."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def to_uint8(images: Tensor) -> Tensor:
    """float (B, 3, H, W) in [-1, 1] -> uint8 (B, H, W, 3)."""
    scaled = (images.detach().float().permute(0, 2, 3, 1) + 1) * 127.5
    return scaled.round().clamp(0, 255).to(torch.uint8).contiguous()


def one_hot(labels: Tensor) -> Tensor:
    """Integer labels (B, H, W) -> float32 (B, K, H, W). Float labels (B, K, H, W), one-hot or soft,
    come back as they are, so that gradients can flow into them."""
    if labels.is_floating_point():
        return labels
    return functional.one_hot(labels.long(), NUM_CLASSES).permute(0, 3, 1, 2).float()


def mirror_labels(labels: Tensor) -> Tensor:
    """Labels (B, H, W) of the mirrored faces: columns reversed, left and right exchanged."""
    return torch.tensor(MIRROR, dtype=labels.dtype, device=labels.device)[labels.flip(-1).long()]


def resize_labels(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """Labels (B, H, W) -> (B, height, width), nearest neighbour."""
    rows, columns = (
        _nearest(length, wanted).to(labels.device)
        for length, wanted in zip(labels.shape[-2:], size, strict=True)
    )
    return labels[:, rows][:, :, columns]


def _nearest(length: int, wanted: int) -> Tensor:
    """Source index of each of `wanted` places. The centres are summed up one by one as Pillow
    does it, since a centre that falls on a border goes to one side or the other by rounding."""
    steps = np.full(wanted, length / wanted)
    steps[0] /= 2
    centres = np.cumsum(steps).astype(np.int64)
    return torch.from_numpy(centres.clip(max=length - 1))
