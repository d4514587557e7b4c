"""A made-up, narrow VGG-19 in both file layouts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from maskgan.errors import ConfigError
from maskgan.models.vgg import BLOCKS, TORCHVISION_LAYERS, Vgg19

NARROW = (4, 6, 8, 8, 8)
MEAN_255 = torch.tensor([123.68, 116.779, 103.939]).view(3, 1, 1)  # RGB
MEAN = torch.tensor([0.485, 0.456, 0.406])
DEVIATION = torch.tensor([0.229, 0.224, 0.225])

Weights = dict[str, tuple[Tensor, Tensor]]


def quantised(values: Tensor) -> dict[str, Tensor]:
    low, high = values.min(), values.max()
    scale = (high - low) / 255
    raw = ((values - low) / scale).round().to(torch.uint8)
    return {"": raw, ".min": low.view(1), ".scale": scale.view(1)}


@pytest.fixture(scope="module")
def quantised_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = torch.Generator().manual_seed(0)
    tensors, inputs = {}, 3
    for block, (count, width) in enumerate(zip(BLOCKS, NARROW, strict=True)):
        for index in range(count):
            name = f"block{block + 1}.conv{index + 1}"
            weight = torch.randn((width, inputs, 3, 3), generator=generator) * (9 * inputs) ** -0.5
            bias = torch.randn(width, generator=generator) * 0.1
            for kind, values in (("weight", weight), ("bias", bias)):
                for suffix, tensor in quantised(values).items():
                    tensors[f"{name}.{kind}{suffix}"] = tensor
            inputs = width
    path = tmp_path_factory.mktemp("vgg") / "vgg.safetensors"
    save_file(tensors, path)
    return path


@pytest.fixture(scope="module")
def weights(quantised_file: Path) -> Weights:
    """The weights that the file holds, as float32, by name."""
    vgg = narrow(quantised_file, 5)
    found: Weights = {}
    for block, convolutions in enumerate(vgg.blocks):
        assert isinstance(convolutions, nn.ModuleList)
        for index, convolution in enumerate(convolutions):
            assert isinstance(convolution, nn.Conv2d)
            assert convolution.bias is not None
            name = f"block{block + 1}.conv{index + 1}"
            found[name] = convolution.weight.data, convolution.bias.data
    return found


@pytest.fixture(scope="module")
def torchvision_file(
    quantised_file: Path, weights: Weights, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same network in torchvision's layout: RGB, ImageNet's mean and deviation. The first
    convolution takes up the difference in normalisation, except at the border, where both pad
    with zeros that mean another colour."""
    full = dict(weights)
    # Names and numbers of block 5 beyond its first convolution are read but not used.
    for index in range(1, BLOCKS[4]):
        full[f"block5.conv{index + 1}"] = torch.zeros(8, 8, 3, 3), torch.zeros(8)
    weight, bias = full["block1.conv1"]
    scaled = weight * (255 * DEVIATION).view(1, 3, 1, 1)
    gap = 255 * MEAN - MEAN_255.flatten()
    full["block1.conv1"] = scaled, bias + (weight.sum((2, 3)) * gap).sum(1)
    names = [f"block{b + 1}.conv{i + 1}" for b, count in enumerate(BLOCKS) for i in range(count)]
    state = {}
    for layer, name in zip(TORCHVISION_LAYERS, names, strict=True):
        state[f"features.{layer}.weight"], state[f"features.{layer}.bias"] = full[name]
    path = tmp_path_factory.mktemp("vgg") / "vgg19.pth"
    torch.save(state, path)
    return path


def narrow(weights: Path, deepest: int = 3, frozen: int = 0) -> Vgg19:
    return Vgg19(deepest, NARROW, frozen).load(weights, "Give a file.")


def photos(seed: int = 0, side: int = 32) -> Tensor:
    return torch.rand((2, 3, side, side), generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_layers_are_torchvision_s() -> None:
    """Convolution, activation, ... and a pooling at the end of each block."""
    expected, layer = [], 0
    for count in BLOCKS:
        for _ in range(count):
            expected.append(layer)
            layer += 2
        layer += 1
    assert tuple(expected) == TORCHVISION_LAYERS


def test_features_are_those_of_a_plain_vgg(quantised_file: Path, weights: Weights) -> None:
    taps = narrow(quantised_file)(photos())
    x = (photos() + 1) * 127.5 - MEAN_255
    expected = []
    for block in range(3):
        for index in range(BLOCKS[block]):
            x = functional.relu(
                functional.conv2d(x, *weights[f"block{block + 1}.conv{index + 1}"], padding=1)
            )
            if index == 0:
                expected.append(x)
        x = functional.max_pool2d(x, 2)
    assert [tuple(tap.shape) for tap in taps] == [(2, 4, 32, 32), (2, 6, 16, 16), (2, 8, 8, 8)]
    for tap, other in zip(taps, expected, strict=True):
        torch.testing.assert_close(tap, other, rtol=1e-3, atol=1e-3 * float(other.max()))


def test_the_quantised_file_is_read_back(quantised_file: Path, weights: Weights) -> None:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn((4, 3, 3, 3), generator=generator) * 27**-0.5
    step = float(weight.max() - weight.min()) / 255
    assert (weights["block1.conv1"][0].flip(1) - weight).abs().max() <= step / 2 + 1e-6


@torch.no_grad()
def test_both_layouts_give_the_same_features(quantised_file: Path, torchvision_file: Path) -> None:
    first = narrow(quantised_file)(photos(side=64))
    second = narrow(torchvision_file)(photos(side=64))
    for depth, (one, other) in enumerate(zip(first, second, strict=True)):
        border = (1, 4, 6)[depth]
        inside = (..., slice(border, -border), slice(border, -border))
        assert one[inside].numel() > 0
        torch.testing.assert_close(
            one[inside], other[inside], rtol=1e-3, atol=1e-3 * float(one.max())
        )


def test_frozen_blocks_pass_no_gradient(quantised_file: Path) -> None:
    vgg = narrow(quantised_file, frozen=2)
    vgg(photos())[-1].sum().backward()
    moved = [convolution.weight.grad is not None for block in vgg.blocks for convolution in block]  # type: ignore[union-attr]
    assert moved == [False] * 4 + [True]


def test_a_picture_gets_its_gradient_through_frozen_blocks(quantised_file: Path) -> None:
    picture = photos().requires_grad_()
    gradients = []
    for frozen in (0, 2):
        vgg = narrow(quantised_file, frozen=frozen).requires_grad_(False)
        gradients += torch.autograd.grad(vgg(picture)[-1].sum(), picture)
    assert gradients[0].any()
    assert torch.equal(*gradients)


def test_missing_weights_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"vgg\.pth does not exist\. Give a file\."):
        narrow(tmp_path / "vgg.pth")
    with pytest.raises(ConfigError, match=r"VGG-19 are needed\. No file is named\. Give a file\."):
        narrow(Path())


def test_damaged_weights_are_a_sentence(tmp_path: Path) -> None:
    for name in ("vgg.safetensors", "vgg.pth"):
        path = tmp_path / name
        path.write_bytes(b"no weights at all")
        with pytest.raises(ConfigError, match="holds no weights of VGG-19"):
            narrow(path)
    other = tmp_path / "other.pth"
    torch.save({"features.0.weight": torch.zeros(4, 3, 3, 3)}, other)
    with pytest.raises(ConfigError, match=r"holds no weights of VGG-19 \('features.0.bias'\)"):
        narrow(other)
