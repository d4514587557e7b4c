"""The attribute classifier that judges attribute transfer, as in the paper: a ResNet-18.

*MaskGAN* (Lee et al., CVPR 2020), section 4.1, reads the attributes of its pictures with a
ResNet-18 trained on real faces. It takes part in no loss and shares no layer with a network that
does.

*Deep Residual Learning for Image Recognition* (He et al. 2016): a 7x7 convolution and a 3x3 max
pooling, both with stride 2, then four stages of two residual blocks, the mean over the picture and
a linear layer. At the paper's width 11,176,512 parameters without that layer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS = (2, 2, 2, 2)
"""Residual blocks per stage; every stage but the first halves the side and doubles the width."""
STRIDE = 32
"""Of all stages together."""


@dataclass(frozen=True, kw_only=True)
class AttributeClassifierConfig:
    """Attributes and size of the network; the default width is the paper's."""

    attributes: tuple[str, ...] = ("Smiling",)
    """Names as in the dataset, one output each."""
    width: int = 64
    """Channels of the first stage."""
    size: int = 128
    """Side in pixels it is trained for and runs at."""

    def __post_init__(self) -> None:
        if not self.attributes or len(set(self.attributes)) < len(self.attributes):
            raise ValueError(
                f"attributes are {', '.join(self.attributes) or 'none'}; expected different names."
            )
        if self.width < 1 or self.size < STRIDE or self.size % STRIDE:
            raise ValueError(
                f"width is {self.width} and size {self.size}; expected a width of at least 1 and a "
                f"multiple of {STRIDE} pixels."
            )


class _Block(nn.Module):
    """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride): two 3x3 convolutions beside a
    shortcut, which is a 1x1 convolution where shapes differ."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _convolution(inputs, outputs, 3, stride)
        self.second = _convolution(outputs, outputs, 3, 1)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else _convolution(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(functional.relu(self.first(x)))
        return functional.relu(y + self.shortcut(x))


class AttributeClassifier(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1] -> logits (B, A), in the order of
    `config.attributes`."""

    def __init__(self, config: AttributeClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = _convolution(3, config.width, 7, 2)
        self.stages = nn.Sequential()
        inputs = config.width
        for stage, count in enumerate(BLOCKS):
            outputs = config.width << stage
            for number in range(count):
                stride = 2 if stage and not number else 1
                self.stages.append(_Block(inputs, outputs, stride))
                inputs = outputs
        self.head = nn.Linear(inputs, len(config.attributes))

    def features(self, photo: Tensor) -> Tensor:
        """Photo -> pooled features (B, 8 * width)."""
        x = functional.max_pool2d(functional.relu(self.stem(photo)), 3, 2, 1)
        pooled: Tensor = self.stages(x).mean((2, 3))
        return pooled

    def forward(self, photo: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(photo))
        return logits

    @torch.no_grad()
    def probabilities(self, photo: Tensor) -> Tensor:
        """Photo -> probability of each attribute, float32 (B, A)."""
        return torch.sigmoid(self(photo).float())


def _convolution(inputs: int, outputs: int, side: int, stride: int) -> nn.Sequential:
    """Convolution without bias, then batch norm."""
    convolution = nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))
