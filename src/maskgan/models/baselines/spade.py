"""SPADE with its style encoder, a baseline of the paper.

*Semantic Image Synthesis with Spatially-Adaptive Normalization* (Park et al. 2019): the generator
grows a picture from a code; in every block the features are normalised without parameters and then
scaled and shifted, pixel by pixel, by what two convolutions make of the labels. The encoder gives
mean and log-variance of the code from the photo alone, as in a variational autoencoder. Spectral
norm on the convolutions of the residual blocks and of the encoder.

119,668,867 parameters with the default config: encoder 10,463,424, stem 16,842,752, blocks
92,360,960, head 1,731. Without encoder and stem, with 184 classes and the first convolution that
stands in for the stem where there is no code, that is 97.5 million, as published for COCO-Stuff.
Knows no losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data.tensors import one_hot
from maskgan.labels import NUM_CLASSES
from maskgan.models.mask_vae import reparameterize
from maskgan.models.spectral import SpectralConvolution

GROWTH = (16, 16, 16, 16, 8, 4, 2, 1)
"""Channels before, between and after the seven blocks, in widths."""
UPSAMPLED = (6, 5, 4, 3, 1, 2)
"""The blocks before which the picture doubles: the first five at 256 px (the authors' "normal"),
all six at 512 px ("more")."""
INNERMOST = 4
"""Side of the encoder's last features."""

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


@dataclass(frozen=True, kw_only=True)
class SpadeConfig:
    """Size of the SPADE generator with its encoder; the defaults are the paper's."""

    width: int = 64
    """Channels after the last block; the first ones have 16 times as many."""
    hidden: int = 128
    """Channels between labels and the scales and shifts of a norm."""
    code: int = 256
    """Numbers in the code of a face."""
    size: int = 256
    """Side in pixels of the face, a power of two; no other is taken."""
    upsamplings: int = 5
    """Times the picture doubles on its way from the code."""
    norm: Literal["batch", "instance"] = "batch"
    """What is normalised over: the batch, the paper's choice, which keeps what distinguishes one
    picture's mean colours from another's; or each picture alone, which takes that out of the code
    but answers alike in training and use. Batches of one or two faces want the second."""

    def __post_init__(self) -> None:
        if min(self.width, self.hidden, self.code) < 1:
            raise ValueError(
                f"width {self.width}, hidden {self.hidden}, code {self.code}: expected at least 1 "
                "of each."
            )
        if self.size < 2 * INNERMOST or self.size & (self.size - 1):
            raise ValueError(
                f"size is {self.size}; expected a power of two of at least {2 * INNERMOST}."
            )
        most = min(len(UPSAMPLED), self.size.bit_length() - 2)
        if not 1 <= self.upsamplings <= most:
            raise ValueError(
                f"upsamplings is {self.upsamplings}; expected 1 to {most} for {self.size} pixels."
            )

    @property
    def stride(self) -> int:
        """Its own size: no other is taken."""
        return self.size

    @property
    def first_side(self) -> int:
        """Side in pixels of the first features."""
        return self.size >> self.upsamplings


def _drawn(layer: Layer) -> Layer:
    """The layer with weights as the authors draw them: Xavier's normal distribution times 0.02, no
    biases."""
    nn.init.xavier_normal_(layer.weight, 0.02)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class SpatiallyAdaptiveNorm(nn.Module):
    """SPADE(x) = norm(x) * (1 + scale(labels)) + shift(labels)

    x (B, C, h, w); labels float (B, K, h, w).
    """

    def __init__(self, width: int, config: SpadeConfig) -> None:
        super().__init__()
        layer = nn.BatchNorm2d if config.norm == "batch" else nn.InstanceNorm2d
        self.norm = layer(width, affine=False)
        self.shared = _drawn(nn.Conv2d(NUM_CLASSES, config.hidden, 3, padding=1))
        self.scale = _drawn(nn.Conv2d(config.hidden, width, 3, padding=1))
        self.shift = _drawn(nn.Conv2d(config.hidden, width, 3, padding=1))

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        features = torch.relu(self.shared(labels))
        answer: Tensor = self.norm(x) * (1 + self.scale(features)) + self.shift(features)
        return answer


class SpadeBlock(nn.Module):
    """shortcut(x) + conv(act(SPADE(conv(act(SPADE(x)))))), act a leaky ReLU; the shortcut is x, or
    conv1x1(SPADE(x)) where the channels change.

    x (B, C, h, w); labels float (B, K, h, w) -> (B, D, h, w).
    """

    def __init__(self, inputs: int, outputs: int, config: SpadeConfig) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.first_norm = SpatiallyAdaptiveNorm(inputs, config)
        self.first = SpectralConvolution(_drawn(nn.Conv2d(inputs, middle, 3, padding=1)))
        self.second_norm = SpatiallyAdaptiveNorm(middle, config)
        self.second = SpectralConvolution(_drawn(nn.Conv2d(middle, outputs, 3, padding=1)))
        self.changes = inputs != outputs
        if self.changes:
            self.shortcut_norm = SpatiallyAdaptiveNorm(inputs, config)
            self.shortcut = SpectralConvolution(_drawn(nn.Conv2d(inputs, outputs, 1, bias=False)))

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        branch: Tensor = self.first(functional.leaky_relu(self.first_norm(x, labels), 0.2))
        branch = self.second(functional.leaky_relu(self.second_norm(branch, labels), 0.2))
        if self.changes:
            x = self.shortcut(self.shortcut_norm(x, labels))
        return x + branch


class SpadeEncoder(nn.Module):
    """Photo float (B, 3, S, S) in [-1, 1] -> mean and log-variance of its code, (B, N) each."""

    def __init__(self, config: SpadeConfig) -> None:
        super().__init__()
        count = (config.size // INNERMOST).bit_length() - 1
        widths = [3, *(config.width * min(1 << step, 8) for step in range(count))]
        self.stages = nn.ModuleList(
            # The instance norm that follows takes out any bias.
            SpectralConvolution(_drawn(nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False)))
            for inputs, outputs in pairwise(widths)
        )
        self.mean = _drawn(nn.Linear(widths[-1] * INNERMOST**2, config.code))
        self.log_variance = _drawn(nn.Linear(widths[-1] * INNERMOST**2, config.code))

    def forward(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        x = photo
        for convolution in self.stages:
            x = functional.leaky_relu(functional.instance_norm(convolution(x)), 0.2)
        x = x.flatten(1)  # (B, 16 C)
        return self.mean(x), self.log_variance(x)


class SpadeGenerator(nn.Module):
    """Draws a face of the shape of the source labels with the look of the target photo.

    forward(source_labels, target_labels, photo): labels, integers (B, S, S) or float (B, K, S, S),
    one-hot or soft, S = `config.size`; photo float (B, 3, S, S) in [-1, 1], whose own labels are
    not looked at. Returns float (B, 3, S, S) in [-1, 1]. A `maskgan.models.translator.Translator`.
    """

    def __init__(self, config: SpadeConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.width * times for times in GROWTH]
        self.encoder = SpadeEncoder(config)
        self.stem = _drawn(nn.Linear(config.code, widths[0] * config.first_side**2))
        self.blocks = nn.ModuleList(
            SpadeBlock(inputs, outputs, config) for inputs, outputs in pairwise(widths)
        )
        self.head = _drawn(nn.Conv2d(widths[-1], 3, 3, padding=1))
        self._doubled = frozenset(UPSAMPLED[: config.upsamplings])

    @property
    def code_width(self) -> int:
        """Numbers in the code of a face."""
        return self.config.code

    def encode(self, photo: Tensor, labels: Tensor) -> Tensor:
        """Photo float (B, 3, S, S) in [-1, 1] -> code (B, `code_width`), the mean."""
        mean: Tensor = self.encoder(photo)[0]
        return mean

    def decode(self, labels: Tensor, code: Tensor) -> Tensor:
        """Labels and code (B, `code_width`) -> picture float (B, 3, S, S) in [-1, 1]."""
        self._check(labels)
        planes = one_hot(labels)  # (B, K, S, S)
        side = self.config.first_side
        x = self.stem(code).reshape(len(code), -1, side, side)  # (B, 16 W, s, s)
        for index, block in enumerate(self.blocks):
            if index in self._doubled:
                side *= 2
                x = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = block(x, functional.interpolate(planes, size=(side, side), mode="nearest"))
        return torch.tanh(self.head(functional.leaky_relu(x, 0.2)))  # (B, 3, S, S)

    def reconstruct(
        self,
        source_labels: Tensor,
        target_labels: Tensor,
        photo: Tensor,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The training pass: the picture of a code drawn by `generator`, or by PyTorch's own one,
        and the divergence of the code's distribution in nats, summed over the code, mean over the
        batch.   KL = (mean^2 + variance - 1 - log variance) / 2"""
        mean, log_variance = (values.float() for values in self.encoder(photo))
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean()
        code = reparameterize(mean, log_variance, generator)
        return self.decode(source_labels, code), kl

    def forward(self, source_labels: Tensor, target_labels: Tensor, photo: Tensor) -> Tensor:
        return self.decode(source_labels, self.encode(photo, target_labels))

    def _check(self, labels: Tensor) -> None:
        height, width = labels.shape[-2:]
        if (height, width) != (self.config.size, self.config.size):
            raise ValueError(
                f"The labels have {width}x{height} pixels; expected "
                f"{self.config.size}x{self.config.size}, the size this network is made for."
            )
