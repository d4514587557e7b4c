"""The paper's face parser, a U-Net to the parameter: here the judge of what others render.

*MaskGAN* (Lee et al., CVPR 2020) parses faces with the U-Net of Ronneberger et al. (2015), a
quarter as wide. With the default config 1,944,355 parameters, fully convolutional. It shares no
layer with the parser that ships (`maskgan.models.parser`) nor with any that takes part in a loss,
so it does not share their blind spots either.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.labels import NUM_CLASSES
from maskgan.models.parser import scaled_labels

LEVELS = 5
"""Sizes the network works at; each is half the one before and has twice its channels."""


@dataclass(frozen=True, kw_only=True)
class UnetParserConfig:
    """Size of the U-Net; the default width is the paper's."""

    width: int = 16
    """Channels at full size; every level below doubles them."""
    size: int = 256
    """Side in pixels it is trained for and runs at."""

    def __post_init__(self) -> None:
        stride = 1 << (LEVELS - 1)
        if self.width < 1 or self.size < stride or self.size % stride:
            raise ValueError(
                f"width is {self.width} and size {self.size}; expected a width of at least 1 and a "
                f"multiple of {stride} pixels."
            )


def _block(inputs: int, outputs: int) -> nn.Sequential:
    """Twice: 3x3 convolution with bias, batch norm, ReLU."""
    layers: list[nn.Module] = []
    for width in (inputs, outputs):
        layers += [nn.Conv2d(width, outputs, 3, padding=1), nn.BatchNorm2d(outputs)]
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class UnetParser(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1], H and W multiples of 16 -> logits (B, K, H, W)."""

    def __init__(self, config: UnetParserConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.width << level for level in range(LEVELS)]
        self.down = nn.ModuleList(_block(*pair) for pair in pairwise([3, *widths]))
        ascending = list(pairwise(widths[::-1]))
        self.rise = nn.ModuleList(nn.ConvTranspose2d(low, high, 2, 2) for low, high in ascending)
        self.up = nn.ModuleList(_block(low, high) for low, high in ascending)
        self.head = nn.Conv2d(config.width, NUM_CLASSES, 1)

    def forward(self, photo: Tensor) -> Tensor:
        levels: list[Tensor] = []
        x = photo
        for down in self.down:
            x = down(functional.max_pool2d(x, 2) if levels else x)
            levels.append(x)
        levels.pop()  # x itself, (B, 16 * C, H/16, W/16)
        for rise, up in zip(self.rise, self.up, strict=True):
            x = up(torch.cat([levels.pop(), rise(x)], 1))
        logits: Tensor = self.head(x)
        return logits  # (B, K, H, W)

    @torch.no_grad()
    def labels(self, photo: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Labels uint8 (B, height, width) from logits scaled to `size` (default: the photo's)."""
        return scaled_labels(self(photo), size or photo.shape[-2:])
