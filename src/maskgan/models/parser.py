"""The face parser: photo -> 19 class logits.

A small residual U-Net that starts on 2x2 pixel blocks and adds its levels instead of
concatenating them, so that it stays under 5 MB and 60 ms on one thread. Made for 256 px; fully
convolutional. Batch norm folds into the convolutions at export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.labels import NUM_CLASSES


@dataclass(frozen=True, kw_only=True)
class ParserConfig:
    """Size of the parser."""

    widths: tuple[int, ...] = (32, 64, 96, 112)
    """Channels at 1/2, 1/4, 1/8 and 1/16 of the photo's side."""
    size: int = 256
    """Side in pixels it is trained for and runs at."""

    def __post_init__(self) -> None:
        stride = 2 ** len(self.widths)
        if len(self.widths) < 2 or self.size <= 0 or self.size % stride:
            raise ValueError(
                f"size is {self.size} with {len(self.widths)} widths; expected at least 2 widths "
                f"and a multiple of {stride} pixels."
            )


def conv(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """relu(x + two convolutions of x)."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = conv(width, width, dilation=dilation)
        self.second = nn.Conv2d(width, width, 3, 1, dilation, dilation, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.norm(self.second(self.first(x))))


class Parser(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1], H and W multiples of 16 -> logits (B, K, H/2, W/2).

    Half size, because what follows scales the logits to the size it needs: `labels`.
    """

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        self.config = config
        first, *deeper = config.widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), conv(12, first))
        self.down = nn.ModuleList()
        previous = first
        for level, width in enumerate(deeper):
            blocks = [conv(previous, width, stride=2), Residual(width)]
            if level == len(deeper) - 1:
                blocks.append(Residual(width, dilation=2))  # sees the whole face
            self.down.append(nn.Sequential(*blocks))
            previous = width
        ascending = config.widths[::-1]
        pairs = list(pairwise(ascending))
        self.lateral = nn.ModuleList(nn.Conv2d(low, high, 1) for low, high in pairs)
        self.up = nn.ModuleList(Residual(high) for _, high in pairs)
        self.head = nn.Conv2d(first, NUM_CLASSES, 1)

    def forward(self, photo: Tensor) -> Tensor:
        levels = [self.stem(photo)]  # (B, C, H/2, W/2)
        for down in self.down:
            levels.append(down(levels[-1]))
        x = levels.pop()  # (B, C, H/16, W/16)
        for lateral, up in zip(self.lateral, self.up, strict=True):
            x = functional.interpolate(lateral(x), scale_factor=2.0, mode="bilinear")
            x = up(x + levels.pop())
        logits: Tensor = self.head(x)
        return logits  # (B, K, H/2, W/2)

    @torch.no_grad()
    def labels(self, photo: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Labels uint8 (B, height, width) from logits scaled to `size` (default: the photo's)."""
        return scaled_labels(self(photo), size or photo.shape[-2:])


def scaled_labels(logits: Tensor, size: Sequence[int]) -> Tensor:
    """Logits (B, K, h, w) -> labels uint8 (B, height, width). The class is chosen after scaling:
    scaling labels would leave stairs."""
    return scaled_logits(logits, size).argmax(1).to(torch.uint8)


def scaled_logits(logits: Tensor, size: Sequence[int]) -> Tensor:
    """Logits (B, K, h, w) -> float32 (B, K, height, width)."""
    return functional.interpolate(
        logits.float(), size=tuple(size), mode="bilinear", align_corners=False
    )
