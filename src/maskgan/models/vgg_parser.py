"""The large face parser: a decoder on VGG-19 features, to label faces and to judge renders.

Some hundred labelled faces teach little about hats, clothes and backgrounds; a network that has
seen ImageNet knows them. It is too slow and too large to ship: what ships learns from its labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.labels import NUM_CLASSES
from maskgan.models.parser import Residual, conv, scaled_labels
from maskgan.models.vgg import WIDTHS, Vgg19

TRAINED_BLOCKS = 2
"""How many of VGG-19's blocks are trained along; the lower ones stay as ImageNet left them."""


@dataclass(frozen=True, kw_only=True)
class VggParserConfig:
    """Size of the large parser."""

    widths: tuple[int, ...] = (64, 96, 192, 256)
    """Channels of the decoder at 1/2, 1/4, 1/8 and 1/16 of the photo's side."""
    size: int = 256
    """Side in pixels it is trained for and runs at."""

    def __post_init__(self) -> None:
        if not 2 <= len(self.widths) < len(WIDTHS) or self.size % 2 ** len(self.widths):
            raise ValueError(
                f"size is {self.size} with {len(self.widths)} widths; expected 2 to "
                f"{len(WIDTHS) - 1} widths and a multiple of {2 ** len(self.widths)} pixels."
            )


class VggParser(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1], H and W multiples of 16 -> logits (B, K, H/2, W/2).

    The features are untrained until `features.load` was called or a checkpoint loaded.
    """

    def __init__(self, config: VggParserConfig) -> None:
        super().__init__()
        self.config = config
        deepest = len(config.widths) + 1
        self.features = Vgg19(deepest, frozen=deepest - TRAINED_BLOCKS)
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width))
            for inputs, width in zip(WIDTHS[1:], config.widths, strict=False)
        )
        last = config.widths[-1]
        self.context = nn.Sequential(
            Residual(last), Residual(last, dilation=2), Residual(last, dilation=4)
        )
        ascending = list(pairwise(config.widths[::-1]))
        self.narrow = nn.ModuleList(nn.Conv2d(low, high, 1) for low, high in ascending)
        self.up = nn.ModuleList(
            nn.Sequential(conv(high, high), Residual(high)) for _, high in ascending
        )
        self.head = nn.Conv2d(config.widths[0], NUM_CLASSES, 1)

    def forward(self, photo: Tensor) -> Tensor:
        taps = self.features(photo)[1:]  # 1/2 to 1/16
        levels = [lateral(tap) for lateral, tap in zip(self.lateral, taps, strict=True)]
        x = self.context(functional.relu(levels.pop()))
        for narrow, up in zip(self.narrow, self.up, strict=True):
            x = functional.interpolate(narrow(x), scale_factor=2.0, mode="bilinear")
            x = up(x + levels.pop())
        logits: Tensor = self.head(x)
        return logits

    @torch.no_grad()
    def labels(self, photo: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Labels uint8 (B, height, width) from logits scaled to `size` (default: the photo's)."""
        return scaled_labels(self(photo), size or photo.shape[-2:])
