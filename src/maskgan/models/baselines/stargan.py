"""StarGAN, the paper's baseline that edits by named attributes and sees no labels.

*StarGAN: Unified Generative Adversarial Networks for Multi-Domain Image-to-Image Translation* (Choi
et al. 2018): one generator changes a photo into the wanted attributes, each a plane of zeros or
ones beside the photo's colours; the critic says how real each part of a picture looks and reads the
attributes off it.

With the default configs, 256 px and one attribute: generator 8,417,984 parameters, of which the
residual blocks 7,084,032; critic 44,753,856. With five attributes at 128 px, as the authors train
on CelebA, 8,430,528 and 44,762,048. Knows no losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

STRIDE = 4
"""Of the generator, whatever its config."""


@dataclass(frozen=True, kw_only=True)
class StarGanGeneratorConfig:
    """Size of StarGAN's generator; the defaults are the authors'."""

    width: int = 64
    """Channels at full size; four times as many at a quarter of it."""
    blocks: int = 6
    """Residual blocks at a quarter of the size."""
    attributes: tuple[str, ...] = ("Smiling",)
    """Names of the attributes it changes, as in the dataset's `dataset.json`."""
    size: int = 256
    """Side in pixels of the face it is trained for."""

    def __post_init__(self) -> None:
        if min(self.width, self.blocks) < 1:
            raise ValueError(
                f"width {self.width}, blocks {self.blocks}: expected at least 1 of each."
            )
        _check_attributes(self.attributes)
        if self.size < 2 * STRIDE or self.size % STRIDE:
            raise ValueError(
                f"size is {self.size}; expected a multiple of {STRIDE}, at least {2 * STRIDE}."
            )

    @property
    def stride(self) -> int:
        """Sides of pictures are multiples of this."""
        return STRIDE


@dataclass(frozen=True, kw_only=True)
class StarGanDiscriminatorConfig:
    """Size of StarGAN's critic; the defaults are the authors'."""

    width: int = 64
    """Channels after the first convolution; every further one doubles them."""
    depth: int = 6
    """Convolutions, each of which halves the picture."""
    attributes: tuple[str, ...] = ("Smiling",)
    """Names of the attributes it reads off a picture."""
    size: int = 256
    """Side in pixels of the pictures, the only one it takes."""

    def __post_init__(self) -> None:
        if min(self.width, self.depth) < 1:
            raise ValueError(
                f"width {self.width}, depth {self.depth}: expected at least 1 of each."
            )
        _check_attributes(self.attributes)
        multiple = 1 << self.depth
        if self.size < multiple or self.size % multiple:
            raise ValueError(f"size is {self.size}; expected a multiple of {multiple}.")


def _check_attributes(names: tuple[str, ...]) -> None:
    if not names or len(set(names)) != len(names):
        raise ValueError(
            f"attributes are {list(names)}; expected at least one name, and none of them twice."
        )


def _stage(convolution: nn.Conv2d | nn.ConvTranspose2d) -> nn.Sequential:
    """The convolution, an instance norm with a scale and a shift per channel, ReLU."""
    norm = nn.InstanceNorm2d(convolution.out_channels, affine=True)
    return nn.Sequential(convolution, norm, nn.ReLU(inplace=True))


class _AffineResidual(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))), instance norm with scale and shift. x (B, C, h, w)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _stage(nn.Conv2d(width, width, 3, 1, 1, bias=False))
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm = nn.InstanceNorm2d(width, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        branch: Tensor = self.norm(self.second(self.first(x)))
        return x + branch


class StarGanGenerator(nn.Module):
    """Changes a photo into wanted attributes.

    forward(photo, attributes): float (B, 3, H, W) in [-1, 1], H and W multiples of 4, and 0 or 1
    per attribute (B, A), in the order of `config.attributes`: what the picture shall have, not what
    the photo has. Returns float (B, 3, H, W) in [-1, 1].
    """

    def __init__(self, config: StarGanGeneratorConfig) -> None:
        super().__init__()
        self.config = config
        width, bottom = config.width, 4 * config.width
        self.stem = _stage(nn.Conv2d(3 + len(config.attributes), width, 7, 1, 3, bias=False))
        self.down = nn.Sequential(
            _stage(nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False)),
            _stage(nn.Conv2d(2 * width, bottom, 4, 2, 1, bias=False)),
        )
        self.blocks = nn.Sequential(*(_AffineResidual(bottom) for _ in range(config.blocks)))
        self.up = nn.Sequential(
            _stage(nn.ConvTranspose2d(bottom, 2 * width, 4, 2, 1, bias=False)),
            _stage(nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False)),
        )
        self.head = nn.Conv2d(width, 3, 7, 1, 3, bias=False)

    def forward(self, photo: Tensor, attributes: Tensor) -> Tensor:
        planes = attributes.to(photo)[:, :, None, None].expand(-1, -1, *photo.shape[2:])
        x = self.stem(torch.cat((photo, planes), 1))  # (B, W, H, W)
        x = self.up(self.blocks(self.down(x)))
        return torch.tanh(self.head(x))  # (B, 3, H, W)


class StarGanDiscriminator(nn.Module):
    """Picture float (B, 3, S, S) in [-1, 1], S = the size it is built for -> how real each part of
    it looks, any range (B, 1, S / 2^depth, S / 2^depth), and logits of its attributes (B, A)."""

    def __init__(self, config: StarGanDiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        side = config.size >> config.depth
        widths = [3, *(config.width << step for step in range(config.depth))]
        stages: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            stages += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(0.01)]
        self.stages = nn.Sequential(*stages)
        self.real = nn.Conv2d(widths[-1], 1, 3, 1, 1, bias=False)
        self.attributes = nn.Conv2d(widths[-1], len(config.attributes), side, bias=False)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        side = self.config.size
        if picture.shape[-2:] != (side, side):
            raise ValueError(
                f"The picture has {picture.shape[-1]}x{picture.shape[-2]} pixels; expected "
                f"{side}x{side}, the size this critic is made for."
            )
        x = self.stages(picture)  # (B, W 2^(D-1), S / 2^D, S / 2^D)
        return self.real(x), self.attributes(x).flatten(1)
