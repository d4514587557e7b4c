"""Pix2PixHD-m, a baseline of the paper: pix2pixHD's global generator that is shown the photo.

*High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs* (Wang et al. 2018)
draws a face from labels alone. *MaskGAN* compares itself with a version that takes the photo's look
as well and does not say how. Here it sees, side by side in its input channels, the labels to draw,
the photo, and the photo's own labels.

What describes a face is therefore the photo itself. Trained to reconstruct photos from their own
labels such a network can copy its input; it learns to follow other labels only where the training
shows it some.

182,562,435 parameters with the default config: first layer, 41 channels to 64, 128,640; down
6,268,800; nine residual blocks, each two convolutions of 1024 x 1024 x 9 weights and 1024 biases,
169,887,744; up 6,267,840; last layer 9,411. Knows no losses.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from maskgan.data.tensors import one_hot
from maskgan.labels import NUM_CLASSES
from maskgan.models.blender import ResidualBlock
from maskgan.models.dense_mapping import (
    downsampling,
    first_layer,
    initialise,
    last_layer,
    upsampling,
)


@dataclass(frozen=True, kw_only=True)
class Pix2PixHdConfig:
    """Size of Pix2PixHD-m; the defaults are pix2pixHD's global generator."""

    width: int = 64
    """Channels at full size; every downsampling doubles them."""
    downsamplings: int = 4
    """Times it halves its input."""
    blocks: int = 9
    """Residual blocks at the bottom."""
    size: int = 256
    """Side in pixels of the face, the only one it takes: a code holds a whole photo."""

    def __post_init__(self) -> None:
        if min(self.width, self.downsamplings, self.blocks) < 1:
            raise ValueError(
                f"width {self.width}, downsamplings {self.downsamplings}, blocks {self.blocks}: "
                "expected at least 1 of each."
            )
        multiple = 1 << self.downsamplings
        if self.size < 2 * multiple or self.size % multiple:
            raise ValueError(
                f"size is {self.size}; expected a multiple of {multiple}, at least {2 * multiple}."
            )

    @property
    def stride(self) -> int:
        """Its own size: no other is taken."""
        return self.size


class Pix2PixHdGenerator(nn.Module):
    """Draws a face of the shape of the source labels with the look of the target photo.

    forward(source_labels, target_labels, photo): labels, integers (B, S, S) or float (B, K, S, S),
    one-hot or soft, S = `config.size`; photo float (B, 3, S, S) in [-1, 1]. Returns float
    (B, 3, S, S) in [-1, 1]. A `maskgan.models.translator.Translator`.
    """

    def __init__(self, config: Pix2PixHdConfig) -> None:
        super().__init__()
        self.config = config
        deepest = config.width << config.downsamplings
        self.stem = first_layer(2 * NUM_CLASSES + 3, config.width)
        self.down = downsampling(config.width, config.downsamplings)
        self.blocks = nn.Sequential(*(ResidualBlock(deepest) for _ in range(config.blocks)))
        self.up = upsampling(config.width, config.downsamplings)
        self.head = last_layer(config.width)
        initialise(self)

    @property
    def code_width(self) -> int:
        """Numbers in the code of a face: three colours and a class per pixel."""
        return 4 * self.config.size**2

    def encode(self, photo: Tensor, labels: Tensor) -> Tensor:
        """Photo float (B, 3, S, S) in [-1, 1] and its labels -> code (B, `code_width`): both of
        them as they are, soft labels as their likeliest class."""
        classes = labels.argmax(1) if labels.is_floating_point() else labels
        return torch.cat((photo.flatten(1), classes.flatten(1).to(photo)), 1)

    def decode(self, labels: Tensor, code: Tensor) -> Tensor:
        """Labels and code (B, `code_width`) -> picture float (B, 3, S, S) in [-1, 1]."""
        planes = code.reshape(-1, 4, self.config.size, self.config.size)  # (B, 4, S, S)
        # A code between two faces has classes between two classes.
        classes = planes[:, 3].round().clamp(0, NUM_CLASSES - 1).long()  # (B, S, S)
        picture: Tensor = self(labels, classes, planes[:, :3])
        return picture

    def reconstruct(
        self,
        source_labels: Tensor,
        target_labels: Tensor,
        photo: Tensor,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The training pass: the picture of `forward` and the divergence of its code, a float
        scalar, here zero: nothing is drawn, so `generator` is not used."""
        return self(source_labels, target_labels, photo), photo.new_zeros(())

    def forward(self, source_labels: Tensor, target_labels: Tensor, photo: Tensor) -> Tensor:
        self._check(source_labels)
        self._check(target_labels)
        x = torch.cat((one_hot(source_labels), photo, one_hot(target_labels)), 1)  # (B, 2K+3, S, S)
        x = self.blocks(self.down(self.stem(x)))  # (B, C, S/16, S/16)
        return torch.tanh(self.head(self.up(x)))  # (B, 3, S, S)

    def _check(self, labels: Tensor) -> None:
        height, width = labels.shape[-2:]
        if (height, width) != (self.config.size, self.config.size):
            raise ValueError(
                f"The labels have {width}x{height} pixels; expected "
                f"{self.config.size}x{self.config.size}, the size this network is made for."
            )
