"""The paper's Alpha Blender, to the parameter.

*MaskGAN* (Lee et al., CVPR 2020), Section 3, B: in editing behaviour simulated training it mixes
two drawings of one face, made from a map pushed towards another face and one pushed away from it,
so that the mixture can be compared with the photo. 4,329,443 parameters with the default config.
The weight is one number per pixel and colour channel, as in the authors' code. Knows no labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from maskgan.models.dense_mapping import (
    downsampling,
    first_layer,
    initialise,
    last_layer,
    upsampling,
)


@dataclass(frozen=True, kw_only=True)
class AlphaBlenderConfig:
    """Size of the Alpha Blender; the defaults are the paper's."""

    width: int = 32
    """Channels at full size; every downsampling doubles them."""
    downsamplings: int = 3
    """Times it halves its input."""
    blocks: int = 3
    """Residual blocks at the bottom."""

    def __post_init__(self) -> None:
        if min(self.width, self.downsamplings, self.blocks) < 1:
            raise ValueError(
                f"width {self.width}, downsamplings {self.downsamplings}, blocks {self.blocks}: "
                "expected at least 1 of each."
            )


class ResidualBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))), instance norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect")
        self.second = nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect")
        self.norm = nn.InstanceNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        branch: Tensor = self.norm(self.second(torch.relu(self.norm(self.first(x)))))
        return x + branch


class AlphaBlender(nn.Module):
    """Two pictures float (B, 3, H, W) in [-1, 1] -> blend (B, 3, H, W) in [-1, 1] and alpha
    (B, 3, H, W) in [0, 1], the share of the first. H and W are multiples of 8."""

    def __init__(self, config: AlphaBlenderConfig) -> None:
        super().__init__()
        self.config = config
        deepest = config.width << config.downsamplings
        self.stem = first_layer(6, config.width)
        self.down = downsampling(config.width, config.downsamplings)
        self.blocks = nn.Sequential(*(ResidualBlock(deepest) for _ in range(config.blocks)))
        self.up = upsampling(config.width, config.downsamplings)
        self.head = last_layer(config.width)
        initialise(self)

    def forward(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        x = self.blocks(self.down(self.stem(torch.cat((first, second), 1))))
        alpha = torch.sigmoid(self.head(self.up(x)))
        return first * alpha + second * (1 - alpha), alpha
