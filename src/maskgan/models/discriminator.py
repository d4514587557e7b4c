"""The paper's discriminator: patch critics at several scales, to the parameter.

*MaskGAN* (Lee et al., CVPR 2020), Section 3, D, which is pix2pixHD's multi-scale PatchGAN (Wang et
al. 2018): equal critics with weights of their own look at labels and picture at full size, at half
size, and so on. 5,568,386 parameters with the default config, 2,784,193 per scale. Knows no losses;
the outputs of all stages are handed out because feature matching compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data.tensors import one_hot
from maskgan.labels import NUM_CLASSES
from maskgan.models.dense_mapping import initialise
from maskgan.models.spectral import add_spectral_norm


@dataclass(frozen=True, kw_only=True)
class MultiScaleDiscriminatorConfig:
    """Size of the discriminator; the defaults are the paper's."""

    width: int = 64
    """Channels after the first convolution; the next three have 2, 4 and 8 times as many."""
    scales: int = 2
    """Critics: full size, half size, quarter size, ..."""
    spectral: bool = False
    """Spectral norm on every convolution, as SPADE has it (Park et al. 2019)."""

    def __post_init__(self) -> None:
        if min(self.width, self.scales) < 1:
            raise ValueError(
                f"width {self.width}, scales {self.scales}: expected at least 1 of each."
            )


class PatchDiscriminator(nn.Module):
    """One critic: float (B, K+3, H, W) -> the outputs of its five stages, the last of which is
    (B, 1, h, w) with about one number per 8x8 pixels, each seeing 70x70. No final activation: the
    adversarial loss is least squares or a hinge."""

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = (NUM_CLASSES + 3, width, 2 * width, 4 * width, 8 * width, 1)
        strides = (2, 2, 2, 1, 1)
        self.stages = nn.ModuleList(
            # Padding 2 of a 4x4 kernel makes odd maps: 512 -> 257 -> 129 -> 65 -> 66 -> 67.
            nn.Conv2d(widths[index], widths[index + 1], 4, stride, 2)
            for index, stride in enumerate(strides)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        outputs: list[Tensor] = []
        last = len(self.stages) - 1
        for index, convolution in enumerate(self.stages):
            x = convolution(x)
            if 0 < index < last:
                x = functional.instance_norm(x)
            if index < last:
                x = functional.leaky_relu(x, 0.2)
            outputs.append(x)
        return outputs


class MultiScaleDiscriminator(nn.Module):
    """Labels, integers (B, H, W) or float (B, K, H, W), one-hot or soft, and a picture float
    (B, 3, H, W) in [-1, 1] -> per scale, full size first, the outputs of the five stages; the last
    one of each holds the logits."""

    def __init__(self, config: MultiScaleDiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        self.scales = nn.ModuleList(PatchDiscriminator(config.width) for _ in range(config.scales))
        initialise(self)
        if config.spectral:
            add_spectral_norm(self)

    def forward(self, labels: Tensor, picture: Tensor) -> list[list[Tensor]]:
        x = torch.cat((one_hot(labels), picture), 1)
        outputs = []
        for index, critic in enumerate(self.scales):
            if index:
                x = functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
            outputs.append(critic(x))
        return outputs
