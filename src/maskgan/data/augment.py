"""Paired augmentation of photos and labels on the training device.

Every function takes a `torch.Generator`, so the same seed gives the same batch. Photos are float32
(B, 3, H, W) in [-1, 1], labels integers (B, H, W). Left and right labels are exchanged with every
mirroring; that is the mistake the most copied face parser made twice.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor
from torch.nn import functional

from maskgan.data.tensors import mirror_labels, to_float, to_uint8


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """How far photos are varied for training a parser."""

    rotation: float = 25.0
    """Largest rotation in degrees, either way."""
    scale: tuple[float, float] = (0.7, 1.4)
    """Range of the scale factor, drawn on a logarithmic scale."""
    shift: float = 0.12
    """Largest shift as a part of the side, either way."""
    upright: float = 0.3
    """Share of faces that are left where the aligned frame has them."""
    light: float = 0.35
    """Strength of brightness, contrast, colour and gamma changes, 0 to 1."""
    grey: float = 0.1
    """Share of photos made grey."""
    jpeg: float = 0.25
    """Share of photos sent through JPEG of quality 20 to 90."""
    blur: float = 0.2
    """Share of photos scaled down by up to 4 times and up again."""
    noise: float = 0.06
    """Largest standard deviation of added noise, in units of the [-1, 1] range."""


def _uniform(generator: Generator, count: int, low: float, high: float) -> Tensor:
    return torch.rand(count, generator=generator) * (high - low) + low


def flip(photos: Tensor, labels: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Mirrors about half of the faces, with left and right labels exchanged."""
    chosen = (torch.rand(len(photos), generator=generator) < 0.5).to(photos.device)
    photos = torch.where(chosen[:, None, None, None], photos.flip(-1), photos)
    return photos, torch.where(chosen[:, None, None], mirror_labels(labels), labels)


def affine(
    photos: Tensor, labels: Tensor, config: AugmentConfig, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Rotates, scales and shifts photo and labels alike. What comes in from outside repeats the
    border in both: called background, it would teach that clothes end above the photo's edge."""
    count = len(photos)
    angle = _uniform(generator, count, -config.rotation, config.rotation) * (math.pi / 180)
    low, high = (math.log(value) for value in config.scale)
    scale = _uniform(generator, count, low, high).exp()
    shift = _uniform(generator, count * 2, -2 * config.shift, 2 * config.shift).view(count, 2)
    cos, sin = angle.cos() / scale, angle.sin() / scale
    upright = torch.rand(count, generator=generator) < config.upright
    cos, sin = torch.where(upright, 1.0, cos), torch.where(upright, 0.0, sin)
    shift = torch.where(upright[:, None], 0.0, shift)
    theta = torch.stack((cos, -sin, shift[:, 0], sin, cos, shift[:, 1]), 1).view(count, 2, 3)
    size = [count, 1, *photos.shape[-2:]]
    grid = functional.affine_grid(theta.to(photos.device), size, align_corners=False)
    warped = functional.grid_sample(photos, grid, padding_mode="border", align_corners=False)
    moved = functional.grid_sample(
        labels[:, None].float(), grid, mode="nearest", padding_mode="border", align_corners=False
    )
    return warped, moved[:, 0].to(labels.dtype)


def light(photos: Tensor, config: AugmentConfig, generator: Generator) -> Tensor:
    """Brightness, contrast, gamma, colour cast, saturation and grey."""
    count, strength = len(photos), config.light

    def draw(low: float, high: float, width: int = 1) -> Tensor:
        values = _uniform(generator, count * width, low, high)
        return values.view(count, width, 1, 1).to(photos.device)

    value = (photos + 1) / 2
    value = value.clamp(1e-3, 1) ** draw(-strength * 1.2, strength * 1.2).exp()
    value = value * draw(-strength / 3, strength / 3, 3).exp()
    mean = value.mean(dim=(1, 2, 3), keepdim=True)
    value = (value - mean) * draw(-strength, strength).exp() + mean
    value = value + draw(-strength / 2, strength / 2)
    grey = value.mean(dim=1, keepdim=True)
    saturation = draw(1 - 2 * strength, 1 + strength)
    saturation = torch.where(draw(0, 1) < config.grey, torch.zeros_like(saturation), saturation)
    value = grey + (value - grey) * saturation
    return value.clamp(0, 1) * 2 - 1


def degrade(photos: Tensor, config: AugmentConfig, generator: Generator) -> Tensor:
    """Softness, JPEG blocks and noise of real files."""
    draws = torch.rand((len(photos), 5), generator=generator)
    degraded = []
    for photo, (blur, factor, jpeg, quality, noise) in zip(photos, draws.tolist(), strict=True):
        one = photo[None]
        if blur < config.blur:
            size = [max(16, int(side / (1 + 3 * factor))) for side in one.shape[-2:]]
            small = functional.interpolate(one, size=size, mode="bilinear", antialias=True)
            one = functional.interpolate(small, size=photo.shape[-2:], mode="bilinear")
        if jpeg < config.jpeg:
            one = _through_jpeg(one, quality=int(20 + 70 * quality))
        sigma = config.noise * max(0.0, 2 * noise - 1)
        if sigma:
            grain = torch.randn(one.shape, generator=generator).to(one.device)
            one = (one + sigma * grain).clamp(-1, 1)
        degraded.append(one)
    return torch.cat(degraded)


def _through_jpeg(photo: Tensor, quality: int) -> Tensor:
    buffer = io.BytesIO()
    Image.fromarray(to_uint8(photo)[0].cpu().numpy()).save(buffer, "JPEG", quality=quality)
    pixels = np.array(Image.open(buffer))
    return to_float(torch.from_numpy(pixels)[None]).to(photo.device)
