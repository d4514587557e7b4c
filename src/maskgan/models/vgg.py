"""VGG-19 (Simonyan and Zisserman 2015) up to a tap, for perceptual losses and as a start.

The ImageNet weights are not part of this package. Two files are read: a safetensors file with
tensors `blockB.convI.weight` quantised to uint8 (value = raw * scale + min), for BGR 0..255 input,
and torchvision's `vgg19-dcbb9e9d.pth`, for RGB input with ImageNet's mean and deviation.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from maskgan.errors import ConfigError

BLOCKS = (2, 2, 4, 4, 4)
"""Convolutions per block; each block ends in 2x2 max pooling."""
WIDTHS = (64, 128, 256, 512, 512)
"""Channels of each block."""
TORCHVISION_LAYERS = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
"""Index of each convolution in torchvision's `vgg19().features`."""


class Vgg19(nn.Module):
    """Picture float (B, 3, H, W) in [-1, 1] RGB -> features after relu1_1, relu2_1, ... up to
    relu`deepest`_1, at 1, 1/2, 1/4, ... of its side. Untrained until `load` was called. The first
    `frozen` blocks are not trained: they make no gradients, unless the picture needs its own."""

    mean: Tensor
    scale: Tensor

    def __init__(self, deepest: int = 3, widths: tuple[int, ...] = WIDTHS, frozen: int = 0) -> None:
        super().__init__()
        self.frozen = frozen
        self.register_buffer("mean", torch.zeros(1, 3, 1, 1))
        self.register_buffer("scale", torch.ones(1, 3, 1, 1))
        self.blocks = nn.ModuleList()
        inputs = 3
        for block, width in enumerate(widths[:deepest]):
            count = BLOCKS[block] if block < deepest - 1 else 1
            convolutions = nn.ModuleList()
            for _ in range(count):
                convolutions.append(nn.Conv2d(inputs, width, 3, padding=1))
                inputs = width
            self.blocks.append(convolutions)

    def load(self, weights: str | Path, remedy: str) -> Vgg19:
        """Takes the ImageNet weights from a file. Raises `ConfigError`, whose sentence ends with
        `remedy`, when it is not there or holds something else."""
        tensors, mean, scale = _load(Path(weights), remedy)
        self.mean.copy_(torch.tensor(mean).view(1, 3, 1, 1))
        self.scale.copy_(torch.tensor(scale).view(1, 3, 1, 1))
        for number, block in enumerate(self.blocks):
            assert isinstance(block, nn.ModuleList)
            for index, convolution in enumerate(block):
                weight, bias = tensors[f"block{number + 1}.conv{index + 1}"]
                convolution.load_state_dict({"weight": weight, "bias": bias})
        return self

    def forward(self, picture: Tensor) -> list[Tensor]:
        x = (picture - self.mean) / self.scale
        taps = []
        # A picture that a network has made is judged through all blocks, trained or not.
        frozen = 0 if picture.requires_grad else self.frozen
        for depth, block in enumerate(self.blocks):
            with torch.set_grad_enabled(torch.is_grad_enabled() and depth >= frozen):
                x = functional.max_pool2d(x, 2) if depth else x
                assert isinstance(block, nn.ModuleList)
                for index, convolution in enumerate(block):
                    x = functional.relu(convolution(x))
                    if index == 0:
                        taps.append(x)
        return taps


Loaded = tuple[dict[str, tuple[Tensor, Tensor]], tuple[float, ...], tuple[float, ...]]


def _load(path: Path, remedy: str) -> Loaded:
    """Convolutions by name for RGB input, and mean and scale in units of [-1, 1]."""
    if not path.is_file():
        found = "No file is named." if path == Path() else f"{path} does not exist."
        raise ConfigError(f"The weights of VGG-19 are needed. {found} {remedy}")
    try:
        return _read(path)
    except Exception as error:  # torch.load raises many kinds for a damaged file
        raise ConfigError(f"{path} holds no weights of VGG-19 ({error}). {remedy}") from error


def _read(path: Path) -> Loaded:
    names = [f"block{b + 1}.conv{i + 1}" for b, count in enumerate(BLOCKS) for i in range(count)]
    if path.suffix == ".safetensors":
        raw = load_file(path)

        def value(key: str) -> Tensor:
            return raw[key].float() * raw[f"{key}.scale"] + raw[f"{key}.min"]

        tensors = {name: (value(f"{name}.weight"), value(f"{name}.bias")) for name in names}
        weight, bias = tensors[names[0]]
        tensors[names[0]] = weight.flip(1), bias  # made for BGR
        # 0..255 minus (103.939, 116.779, 123.68) in BGR, said in [-1, 1] RGB.
        means = tuple(m / 127.5 - 1 for m in (123.68, 116.779, 103.939))
        return tensors, means, (1 / 127.5,) * 3
    state = torch.load(path, map_location="cpu", weights_only=True)
    tensors = {
        name: (state[f"features.{layer}.weight"], state[f"features.{layer}.bias"])
        for name, layer in zip(names, TORCHVISION_LAYERS, strict=True)
    }
    means = tuple(2 * m - 1 for m in (0.485, 0.456, 0.406))
    return tensors, means, tuple(2 * s for s in (0.229, 0.224, 0.225))
