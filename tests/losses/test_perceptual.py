"""The perceptual loss on a made-up, narrow VGG-19 in both file layouts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from maskgan.errors import ConfigError
from maskgan.losses.perceptual import BLOCKS, TORCHVISION_LAYERS, Vgg19, perceptual

WIDTHS = (4, 6, 8, 8, 8)
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
    for block, (count, width) in enumerate(zip(BLOCKS, WIDTHS, strict=True)):
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
    vgg = Vgg19(quantised_file, deepest=5)
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
    rgb = weight.flip(1)  # takes 0..255 minus MEAN_255
    scaled = rgb * (255 * DEVIATION).view(1, 3, 1, 1)
    gap = 255 * MEAN - MEAN_255.flatten()
    full["block1.conv1"] = scaled, bias + (rgb.sum((2, 3)) * gap).sum(1)
    names = [f"block{b + 1}.conv{i + 1}" for b, count in enumerate(BLOCKS) for i in range(count)]
    state = {}
    for layer, name in zip(TORCHVISION_LAYERS, names, strict=True):
        state[f"features.{layer}.weight"], state[f"features.{layer}.bias"] = full[name]
    path = tmp_path_factory.mktemp("vgg") / "vgg19.pth"
    torch.save(state, path)
    return path


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
    taps = Vgg19(quantised_file, deepest=3)(photos())
    x = ((photos() + 1) * 127.5 - MEAN_255).flip(1)  # BGR
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
    assert (weights["block1.conv1"][0] - weight).abs().max() <= step / 2 + 1e-6


def test_both_layouts_give_the_same_features(quantised_file: Path, torchvision_file: Path) -> None:
    first = Vgg19(quantised_file, deepest=3)(photos(side=64))
    second = Vgg19(torchvision_file, deepest=3)(photos(side=64))
    for depth, (one, other) in enumerate(zip(first, second, strict=True)):
        border = (1, 4, 6)[depth]
        inside = (..., slice(border, -border), slice(border, -border))
        assert one[inside].numel() > 0
        torch.testing.assert_close(
            one[inside], other[inside], rtol=1e-3, atol=1e-3 * float(one.max())
        )


def test_the_network_is_frozen(quantised_file: Path) -> None:
    vgg = Vgg19(quantised_file)
    assert not any(parameter.requires_grad for parameter in vgg.parameters())
    assert len(vgg.blocks) == 3
    picture = photos().requires_grad_()
    (gradient,) = torch.autograd.grad(vgg(picture)[-1].sum(), picture)
    assert gradient.abs().max() > 0


def test_perceptual_is_the_relative_gap_of_the_taps() -> None:
    generator = torch.Generator().manual_seed(3)
    fake = [torch.rand((2, 4, 5, 5), generator=generator) for _ in range(3)]
    real = [torch.rand((2, 4, 5, 5), generator=generator) for _ in range(3)]
    found = perceptual(fake, real, (0.0, 1.0, 2.0))
    expected = torch.zeros(2)
    for weight, a, b in ((1.0, fake[1], real[1]), (2.0, fake[2], real[2])):
        for face in range(2):
            expected[face] += weight * (a[face] - b[face]).abs().mean() / b.abs().mean()
    torch.testing.assert_close(found, expected)
    assert not perceptual(real, real, (1.0, 1.0, 1.0)).any()


def test_perceptual_does_not_depend_on_the_scale_of_the_features() -> None:
    fake, real = [torch.rand(1, 4, 5, 5)], [torch.rand(1, 4, 5, 5)]
    torch.testing.assert_close(
        perceptual(fake, real, (1.0,)),
        perceptual([fake[0] * 100], [real[0] * 100], (1.0,)),
    )


def test_missing_weights_are_a_sentence(tmp_path: Path) -> None:
    remedy = r"--loss\.vgg .* or switch the term off with --loss\.perceptual 0"
    with pytest.raises(ConfigError, match=rf"vgg\.pth does not exist\. .*{remedy}"):
        Vgg19(tmp_path / "vgg.pth")
    with pytest.raises(ConfigError, match=rf"No VGG-19 weights are named\. .*{remedy}"):
        Vgg19("")


def test_damaged_weights_are_a_sentence(tmp_path: Path) -> None:
    for name in ("vgg.safetensors", "vgg.pth"):
        path = tmp_path / name
        path.write_bytes(b"no weights at all")
        with pytest.raises(ConfigError, match="holds no weights of VGG-19"):
            Vgg19(path)
    other = tmp_path / "other.pth"
    torch.save({"features.0.weight": torch.zeros(4, 3, 3, 3)}, other)
    with pytest.raises(ConfigError, match=r"holds no weights of VGG-19 \('features.0.bias'\)"):
        Vgg19(other)
