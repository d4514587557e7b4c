"""Perceptual loss: L1 between VGG-19 features of two pictures (Johnson et al. 2016).

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
TORCHVISION_LAYERS = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
"""Index of each convolution in torchvision's `vgg19().features`."""


class Vgg19(nn.Module):
    """Frozen VGG-19 up to relu`deepest`_1. Picture float (B, 3, H, W) in [-1, 1] RGB -> features
    after relu1_1, relu2_1, ... Raises `ConfigError` when the weights are not there."""

    mean: Tensor
    scale: Tensor

    def __init__(self, weights: str | Path, deepest: int = 3) -> None:
        super().__init__()
        tensors, mean, scale, bgr = _load(Path(weights))
        self.bgr = bgr
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(scale).view(1, 3, 1, 1), persistent=False)
        self.blocks = nn.ModuleList()
        for block in range(deepest):
            count = BLOCKS[block] if block < deepest - 1 else 1
            convolutions = nn.ModuleList()
            for index in range(count):
                weight, bias = tensors[f"block{block + 1}.conv{index + 1}"]
                convolution = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
                convolution.weight.data.copy_(weight)
                assert convolution.bias is not None
                convolution.bias.data.copy_(bias)
                convolutions.append(convolution)
            self.blocks.append(convolutions)
        self.requires_grad_(False)

    def forward(self, picture: Tensor) -> list[Tensor]:
        x = (picture - self.mean) / self.scale
        x = x.flip(1) if self.bgr else x
        taps = []
        for depth, block in enumerate(self.blocks):
            if depth:
                x = functional.max_pool2d(x, 2)
            assert isinstance(block, nn.ModuleList)
            for index, convolution in enumerate(block):
                x = functional.relu(convolution(x))
                if index == 0:
                    taps.append(x)
        return taps


def perceptual(fake: list[Tensor], real: list[Tensor], weights: tuple[float, ...]) -> Tensor:
    """Sum over the taps of weight * mean |fake - real| / mean |real|: (B,), one per picture.

    A weight of 0 skips its tap. The divisor is the mean over the whole batch: dividing by the
    tap's own size makes the weights mean the same for both weight files,
    whose features differ in scale by a factor of about a hundred.
    """
    terms = []
    for a, b, weight in zip(fake, real, weights, strict=True):
        if weight == 0:
            continue
        # The maps stay in the networks' dtype, which halves the traffic; sums are in float32.
        difference = (a - b).abs().mean((1, 2, 3), dtype=torch.float32)
        terms.append(weight * difference / b.abs().mean(dtype=torch.float32))
    return torch.stack(terms).sum(0)


Loaded = tuple[dict[str, tuple[Tensor, Tensor]], tuple[float, ...], tuple[float, ...], bool]


def _load(path: Path) -> Loaded:
    """Convolutions by name, mean and scale in units of [-1, 1] RGB, and whether input is BGR."""
    remedy = (
        "Give a file with --loss.vgg (torchvision's vgg19-dcbb9e9d.pth will do), or switch the "
        "term off with --loss.perceptual 0."
    )
    if not path.is_file():
        found = "No VGG-19 weights are named." if path == Path() else f"{path} does not exist."
        raise ConfigError(f"The perceptual loss needs the weights of VGG-19. {found} {remedy}")
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
        # 0..255 minus (103.939, 116.779, 123.68) in BGR, said in [-1, 1] RGB.
        means = tuple(m / 127.5 - 1 for m in (123.68, 116.779, 103.939))
        return tensors, means, (1 / 127.5,) * 3, True
    state = torch.load(path, map_location="cpu", weights_only=True)
    tensors = {
        name: (state[f"features.{layer}.weight"], state[f"features.{layer}.bias"])
        for name, layer in zip(names, TORCHVISION_LAYERS, strict=True)
    }
    means = tuple(2 * m - 1 for m in (0.485, 0.456, 0.406))
    return tensors, means, tuple(2 * s for s in (0.229, 0.224, 0.225)), False
