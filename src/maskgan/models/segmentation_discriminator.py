"""A discriminator that labels every pixel as one of the 19 classes or as fake (OASIS, Schoenfeld et
al. 2021): it teaches the generator what each region looks like and where it must be."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from maskgan.labels import NUM_CLASSES

FAKE = NUM_CLASSES
"""Index of the extra class."""


@dataclass(frozen=True, kw_only=True)
class SegmentationDiscriminatorConfig:
    """Size of the discriminator."""

    widths: tuple[int, ...] = (48, 96, 160, 192)
    """Channels at 1/2, 1/4, 1/8 and 1/16 of the side."""


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Module:
    return spectral_norm(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2))


class SegmentationDiscriminator(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1], sides multiples of 16 -> logits (B, K+1, H/2, W/2)."""

    def __init__(self, config: SegmentationDiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        first, *deeper = config.widths
        self.unshuffle = nn.PixelUnshuffle(2)
        self.stem = _conv(12, first)
        self.down = nn.ModuleList()
        previous = first
        for width in deeper:
            blocks = nn.Sequential(
                nn.LeakyReLU(0.2),
                _conv(previous, width, stride=2),
                nn.LeakyReLU(0.2),
                _conv(width, width),
            )
            self.down.append(blocks)
            previous = width
        self.narrow = nn.ModuleList()
        self.up = nn.ModuleList()
        for width in config.widths[-2::-1]:
            self.narrow.append(_conv(previous, width, kernel=1))
            self.up.append(nn.Sequential(nn.LeakyReLU(0.2), _conv(width, width)))
            previous = width
        self.head = nn.Conv2d(first, NUM_CLASSES + 1, 1)

    def forward(self, photo: Tensor) -> Tensor:
        levels = [self.stem(self.unshuffle(photo))]
        for down in self.down:
            levels.append(down(levels[-1]))
        x = levels.pop()
        for narrow, up in zip(self.narrow, self.up, strict=True):
            x = functional.interpolate(narrow(x), scale_factor=2.0, mode="nearest")
            x = up(x + levels.pop())
        logits: Tensor = self.head(functional.leaky_relu(x, 0.2))
        return logits
