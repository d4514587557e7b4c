"""The default generator: renders an erased region of a face from labels and per-region style.

Two networks. `StyleEncoder` looks at the whole face once, at half size, and returns one code per
class (masked average pooling as in SEAN, Zhu et al. 2020). `RegionalGenerator` gets the photo with
the region erased, the wanted labels and the codes, and paints the region; every pixel's features
are scaled and shifted by the code of its class (class-adaptive modulation as in SEAN and CLADE).

Nothing here takes statistics over space: the picture at a pixel depends on its neighbourhood and
the codes only, so an edit of the lips cannot change an ear, and a crop renders as the whole does.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data.tensors import one_hot
from maskgan.labels import NUM_CLASSES

NOISE = 0.5
"""Standard deviation of what fills the erased part, in the photo's [-1, 1]."""


@dataclass(frozen=True, kw_only=True)
class StyleEncoderConfig:
    """Size of the style encoder."""

    width: int = 64
    """Channels at half of the input's side."""
    style_width: int = 64
    """Numbers per region code."""
    size: int = 128
    """Side in pixels at which it sees a face."""

    def __post_init__(self) -> None:
        if self.size <= 0 or self.size % 4:
            raise ValueError(f"size is {self.size}; expected a multiple of 4 pixels.")


@dataclass(frozen=True, kw_only=True)
class RegionalGeneratorConfig:
    """Size of the generator."""

    widths: tuple[int, ...] = (32, 64, 128, 192)
    """Channels at 1/2, 1/4, 1/8 and 1/16 of the photo's side."""
    style_width: int = 64
    """Numbers per region code; the style encoder's."""
    size: int = 256
    """Side in pixels of the whole face it is trained for."""
    detail: int = 1
    """Parts of a face are rendered on up to this many times `size`: crops of such faces are trained
    on too. Changes no weight."""

    def __post_init__(self) -> None:
        stride = 2 ** len(self.widths)
        if len(self.widths) < 2 or self.size <= 0 or self.size % stride:
            raise ValueError(
                f"size is {self.size} with {len(self.widths)} widths; expected at least 2 widths "
                f"and a multiple of {stride} pixels."
            )
        if self.detail < 1:
            raise ValueError(f"detail is {self.detail}; expected at least 1.")


class _Residual(nn.Module):
    """x + gain * conv(relu(conv(relu(x)))); the small learned gain stands in for normalisation."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.gain = nn.Parameter(torch.full((1,), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        branch: Tensor = self.second(_activate(self.first(_activate(x))))
        return x + self.gain * branch


class _Modulated(nn.Module):
    """A residual block whose features are scaled and shifted per pixel by its class's code."""

    def __init__(self, width: int, style_width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.to_first = nn.Linear(style_width, 2 * width)
        self.to_second = nn.Linear(style_width, 2 * width)
        self.gain = nn.Parameter(torch.full((1,), 0.3))

    def forward(self, x: Tensor, shares: Tensor, codes: Tensor) -> Tensor:
        inner = self.first(_activate(_modulate(x, shares, self.to_first(codes))))
        branch: Tensor = self.second(_activate(_modulate(inner, shares, self.to_second(codes))))
        return x + self.gain * branch


def _activate(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.2)


def _modulate(x: Tensor, shares: Tensor, table: Tensor) -> Tensor:
    """x (B, C, H, W), class shares per pixel (B, K, H, W), table (B, K, 2C) of scales and shifts.

    A pixel on a border mixes its classes' rows by their shares.
    """
    batch, _, height, width = x.shape
    if x.is_contiguous(memory_format=torch.channels_last):
        maps = torch.bmm(shares.permute(0, 2, 3, 1).flatten(1, 2), table)  # (B, H*W, 2C)
        maps = maps.view(batch, height, width, -1).permute(0, 3, 1, 2)
    else:  # the same product in the layout that ONNX Runtime uses
        maps = torch.bmm(table.transpose(1, 2), shares.flatten(2))  # (B, 2C, H*W)
        maps = maps.view(batch, -1, height, width)
    scale, shift = maps.chunk(2, 1)
    return x * (1 + scale) + shift


class StyleEncoder(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1] and labels (B, H, W) -> codes (B, K, S) and present
    (B, K), 1 where the class occurs in the labels."""

    def __init__(self, config: StyleEncoderConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.stem = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(12, width, 3, padding=1), _Residual(width)
        )
        self.deep = nn.Sequential(
            nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, stride=2, padding=1), _Residual(width)
        )
        self.to_code = nn.Linear(2 * width, config.style_width)

    def forward(self, photo: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        fine = self.stem(photo)  # (B, C, H/2, W/2)
        coarse = functional.interpolate(self.deep(fine), scale_factor=2.0, mode="nearest")
        features = torch.cat((fine, coarse), 1).flatten(2)  # (B, 2C, H*W/4)
        shares = functional.avg_pool2d(one_hot(labels), 2).flatten(2)  # (B, K, H*W/4)
        area = shares.sum(2, keepdim=True)
        pooled = torch.bmm(shares, features.float().transpose(1, 2)) / area.clamp_min(1e-6)
        codes: Tensor = self.to_code(pooled)
        present = (area[..., 0] > 0).float()
        return codes * present[..., None], present


class RegionalGenerator(nn.Module):
    """Renders what `erase` covers; see the module's docstring.

    photo float (B, 3, H, W) in [-1, 1], noise where erased (`hide`); erase float (B, 1, H, W),
    1 = to be rendered; labels integer (B, H, W); codes (B, K, S) and present (B, K) from the style
    encoder; H and W multiples of 16. Returns a picture float (B, 3, H, W), about [-1, 1], of which
    the erased part counts.
    """

    def __init__(self, config: RegionalGeneratorConfig) -> None:
        super().__init__()
        self.config = config
        first, *deeper = config.widths
        style = config.style_width
        self.class_code = nn.Parameter(torch.randn(NUM_CLASSES, style) * 0.5)
        self.complete_codes = nn.Sequential(
            nn.Linear(NUM_CLASSES * (style + 1), 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, NUM_CLASSES * style),
        )
        self.unshuffle = nn.PixelUnshuffle(2)
        self.stem = nn.Conv2d(12 + 4 + NUM_CLASSES, first, 3, padding=1)
        self.down = nn.ModuleList()
        previous = first
        for width in deeper:
            down = nn.Conv2d(previous, width, 3, stride=2, padding=1)
            self.down.append(nn.Sequential(nn.LeakyReLU(0.2), down, _Residual(width)))
            previous = width
        self.middle = nn.ModuleList(_Modulated(previous, style) for _ in range(2))
        self.narrow = nn.ModuleList()
        self.up = nn.ModuleList()
        for width in config.widths[-2::-1]:
            self.narrow.append(nn.Conv2d(previous, width, 1))
            blocks = 1 if width == first else 2  # the largest maps get the least work
            self.up.append(nn.ModuleList(_Modulated(width, style) for _ in range(blocks)))
            previous = width
        self.head = nn.Conv2d(first, 12, 3, padding=1)
        self.shuffle = nn.PixelShuffle(2)

    def complete(self, codes: Tensor, present: Tensor) -> Tensor:
        """Codes (B, K, S) with those of absent classes predicted from the ones that exist, and
        each class's own learned code added."""
        known = present[..., None]
        guess: Tensor = self.complete_codes(torch.cat((codes * known, known), 2).flatten(1))
        return codes * known + guess.view_as(codes) * (1 - known) + self.class_code

    def forward(
        self, photo: Tensor, erase: Tensor, labels: Tensor, codes: Tensor, present: Tensor
    ) -> Tensor:
        codes = self.complete(codes, present)
        shares = [functional.avg_pool2d(one_hot(labels), 2)]  # (B, K, H/2, W/2) and smaller
        for _ in self.down:
            shares.append(functional.avg_pool2d(shares[-1], 2))
        kept = self.unshuffle(torch.cat((photo, erase), 1))  # (B, 16, H/2, W/2)
        x = self.stem(torch.cat((kept, shares[0]), 1))
        levels = [x]
        for down in self.down:
            levels.append(down(levels[-1]))
        x = levels.pop()  # (B, C, H/16, W/16)
        for block in self.middle:
            x = block(x, shares[-1], codes)
        for depth, (narrow, blocks) in enumerate(zip(self.narrow, self.up, strict=True)):
            x = functional.interpolate(narrow(x), scale_factor=2.0, mode="nearest")
            x = x + levels.pop()
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                x = block(x, shares[-2 - depth], codes)
        picture: Tensor = self.shuffle(self.head(_activate(x)))
        return picture  # (B, 3, H, W)


def hide(photo: Tensor, erase: Tensor, noise: Tensor) -> Tensor:
    """The photo (B, 3, H, W) with normal `noise` of the same shape instead of the erased part.

    Inside a class every pixel of the erased part would look alike to the network, which could then
    only weave its own upsampling grid into hair and skin; the noise is what grain grows from.
    """
    return photo * (1 - erase) + NOISE * noise * erase


def composite(photo: Tensor, render: Tensor, alpha: Tensor) -> Tensor:
    """alpha * render + (1 - alpha) * photo; alpha (B, 1, H, W) is 0 where the photo stays."""
    return photo + alpha * (render - photo)
