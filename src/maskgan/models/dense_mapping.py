"""The paper's generator, the Dense Mapping Network, to the parameter.

*MaskGAN* (Lee et al., CVPR 2020), Section 3, G_A: a backbone in the manner of pix2pixHD's global
generator draws a face from labels alone; how the face looks enters only as the shifts and scales
of the adaptive instance norms in its residual blocks. They are spread from the code of 64 numbers
that the style encoder (`maskgan.models.spatial_style`) reads off a photo and its labels.

With the default config: 89,702,595 parameters, of which backbone 88,111,363, style encoder
1,338,464, label encoder 252,768. `maskgan.models.authors` brings in the authors' weights. Fully
convolutional, sides multiples of 32. Knows no losses.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data.tensors import one_hot
from maskgan.labels import NUM_CLASSES
from maskgan.models.spatial_style import LabelEncoder, SpatialStyleEncoder

STYLE_STRIDE = 32
"""The style encoder halves the picture five times, whatever the config."""


@dataclass(frozen=True, kw_only=True)
class DenseMappingConfig:
    """Size of the Dense Mapping Network; the defaults are the paper's."""

    width: int = 64
    """Channels of the backbone at full size; every downsampling doubles them."""
    downsamplings: int = 4
    """Times the backbone halves its input."""
    blocks: int = 4
    """Residual blocks with adaptive instance norm at the bottom of the backbone."""
    style_width: int = 64
    """Numbers of a face's code, which says how it looks; they are spread over the blocks."""
    size: int = 512
    """Side in pixels of the face it is trained for."""

    def __post_init__(self) -> None:
        if min(self.width, self.downsamplings, self.blocks) < 1:
            raise ValueError(
                f"width {self.width}, downsamplings {self.downsamplings}, blocks {self.blocks}: "
                "expected at least 1 of each."
            )
        if self.style_width < 4 or self.style_width % 4:
            raise ValueError(f"style_width is {self.style_width}; expected a multiple of 4.")
        if self.size < self.stride or self.size % self.stride:
            raise ValueError(f"size is {self.size}; expected a multiple of {self.stride}.")

    @property
    def stride(self) -> int:
        """Sides of pictures and labels are multiples of this."""
        return max(STYLE_STRIDE, 1 << self.downsamplings)

    @property
    def deepest_width(self) -> int:
        """Channels of the residual blocks."""
        return self.width << self.downsamplings

    @property
    def style_numbers(self) -> int:
        """Shifts and scales of all adaptive instance norms, two norms per block."""
        return self.blocks * 2 * 2 * self.deepest_width


def initialise(network: nn.Module) -> None:
    """Draws the weights of all convolutions from N(0, 0.02), as the authors do.

    Biases keep PyTorch's default, and so do transposed convolutions: the authors' rule goes by
    class name and misses them.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, 0.0, 0.02)


def first_layer(inputs: int, width: int) -> nn.Sequential:
    """(B, inputs, H, W) -> (B, width, H, W), 7x7, instance norm."""
    convolution = nn.Conv2d(inputs, width, 7, padding=3, padding_mode="reflect")
    return nn.Sequential(convolution, nn.InstanceNorm2d(width), nn.ReLU(inplace=True))


def downsampling(width: int, count: int) -> nn.Sequential:
    """(B, C, H, W) -> (B, C * 2**count, H / 2**count, W / 2**count), instance norm."""
    stages = []
    for step in range(count):
        inputs, outputs = width << step, width << (step + 1)
        convolution = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        norm = nn.InstanceNorm2d(outputs)
        stages.append(nn.Sequential(convolution, norm, nn.ReLU(inplace=True)))
    return nn.Sequential(*stages)


def upsampling(width: int, count: int) -> nn.Sequential:
    """The way back: (B, C * 2**count, H / 2**count, W / 2**count) -> (B, C, H, W)."""
    stages = []
    for step in reversed(range(count)):
        inputs, outputs = width << (step + 1), width << step
        convolution = nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1)
        norm = nn.InstanceNorm2d(outputs)
        stages.append(nn.Sequential(convolution, norm, nn.ReLU(inplace=True)))
    return nn.Sequential(*stages)


def last_layer(width: int) -> nn.Conv2d:
    """(B, width, H, W) -> (B, 3, H, W), 7x7, no norm; the caller bounds the range."""
    return nn.Conv2d(width, 3, 7, padding=3, padding_mode="reflect")


def adaptive_instance_norm(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """AdaIN(x) = scale * (x - mean) / sqrt(var + 1e-5) + shift   (Huang and Belongie 2017)

    Mean and variance per picture and channel of x (B, C, H, W); shift and scale (B, C), the scale
    as it is, without a 1 added.
    """
    normed = functional.instance_norm(x, eps=1e-5)
    return scale[:, :, None, None] * normed + shift[:, :, None, None]


class AdaptiveBlock(nn.Module):
    """x + AdaIN(conv(relu(AdaIN(conv(x))))); nothing follows the sum.

    x (B, C, H, W); style (B, 2, 2, C): first or second norm, shift or scale.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect")
        self.second = nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect")

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        branch = adaptive_instance_norm(self.first(x), style[:, 0, 0], style[:, 0, 1])
        branch = self.second(functional.relu(branch))
        return x + adaptive_instance_norm(branch, style[:, 1, 0], style[:, 1, 1])


class Backbone(nn.Module):
    """The image generation backbone: one-hot labels float (B, K, H, W) and style (B, N) -> picture
    float (B, 3, H, W) in [-1, 1]. It never sees a photo."""

    def __init__(self, config: DenseMappingConfig) -> None:
        super().__init__()
        self.stem = first_layer(NUM_CLASSES, config.width)
        self.down = downsampling(config.width, config.downsamplings)
        self.blocks = nn.ModuleList(
            AdaptiveBlock(config.deepest_width) for _ in range(config.blocks)
        )
        self.up = upsampling(config.width, config.downsamplings)
        self.head = last_layer(config.width)

    def forward(self, labels: Tensor, style: Tensor) -> Tensor:
        x = self.down(self.stem(labels))  # (B, C, H/16, W/16)
        # In layer order, of each norm all shifts before all scales.
        numbers = style.view(len(style), len(self.blocks), 2, 2, x.shape[1])
        for index, block in enumerate(self.blocks):
            x = block(x, numbers[:, index])
        return torch.tanh(self.head(self.up(x)))  # (B, 3, H, W)


class DenseMappingNetwork(nn.Module):
    """Draws a face of the shape of the source labels with the look of the target photo.

    forward(source_labels, target_labels, photo): labels of size H x W, the shape to draw; labels of
    size h x w and float (B, 3, h, w) in [-1, 1], the photo that gives the look and its own labels.
    Labels are integers (B, H, W), or float (B, K, H, W), one-hot or soft. H, W, h and w are
    multiples of `config.stride`. Returns float (B, 3, H, W) in [-1, 1]. The two halves can be run
    apart: `encode` once, `decode` often. A `maskgan.models.translator.Translator`.
    """

    def __init__(self, config: DenseMappingConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Backbone(config)
        self.style_encoder = SpatialStyleEncoder(config.style_width, config.style_numbers)
        self.label_encoder = LabelEncoder(config.style_width)
        initialise(self)

    @property
    def code_width(self) -> int:
        """Numbers in the code of a face."""
        return self.config.style_width

    def encode(self, photo: Tensor, labels: Tensor) -> Tensor:
        """Photo float (B, 3, H, W) in [-1, 1] and its labels -> code (B, `code_width`)."""
        self._check(labels)
        code: Tensor = self.style_encoder(photo, self.label_encoder(one_hot(labels)))
        return code

    def decode(self, labels: Tensor, code: Tensor) -> Tensor:
        """Labels of size H x W and code (B, `code_width`) -> picture float (B, 3, H, W) in
        [-1, 1]."""
        self._check(labels)
        picture: Tensor = self.backbone(one_hot(labels), self.style_encoder.spread(code))
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
        return self.decode(source_labels, self.encode(photo, target_labels))

    def _check(self, labels: Tensor) -> None:
        height, width = labels.shape[-2:]
        if height % self.config.stride or width % self.config.stride:
            raise ValueError(
                f"The labels have {width}x{height} pixels; expected multiples of "
                f"{self.config.stride}."
            )
