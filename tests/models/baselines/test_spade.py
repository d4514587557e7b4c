"""SPADE: counts, sizes, what its picture depends on, its draw, files, ONNX."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parent))
from faces_and_graphs import parameters, random_faces

from maskgan import config as configs
from maskgan.data.tensors import one_hot
from maskgan.errors import ConfigError
from maskgan.labels import NUM_CLASSES
from maskgan.losses.gaussian import kl_divergence
from maskgan.models.baselines.spade import SpadeConfig, SpadeGenerator, SpatiallyAdaptiveNorm
from maskgan.models.spectral import SpectralConvolution
from maskgan.training.checkpoint import load_model, save_model

SMALL = SpadeConfig(width=2, hidden=8, code=6, size=32, upsamplings=4)


def small_network(config: SpadeConfig = SMALL) -> SpadeGenerator:
    """A scaled-down network whose weights are large enough for its inputs to matter."""
    torch.manual_seed(0)
    network = SpadeGenerator(config)
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight)
    # The running statistics of a batch norm, once they have seen something.
    with torch.no_grad():
        for _ in range(20):
            network.reconstruct(*random_faces(4, config.size), None)
    return network.eval()


def test_the_defaults_have_the_authors_count() -> None:
    with torch.device("meta"):
        network = SpadeGenerator(SpadeConfig())
    assert parameters(network) == 119_668_867
    assert parameters(network.encoder) == 10_463_424
    assert parameters(network.stem) == 256 * 16_384 * 4 + 65_536 == 16_842_752
    # Published: 97.5 million with 184 classes and a convolution of the labels for a stem.
    norms = sum(isinstance(module, SpatiallyAdaptiveNorm) for module in network.modules())
    assert norms == 18
    further_classes = (184 - NUM_CLASSES) * norms * 9 * 128
    stem = 184 * 9 * 1024 + 1024
    published = parameters(network.blocks) + parameters(network.head) + further_classes + stem
    assert published == 97_480_899


@torch.no_grad()
@pytest.mark.parametrize(
    ("size", "upsamplings", "first_side"), [(64, 4, 4), (128, 5, 4), (256, 5, 8), (512, 6, 8)]
)
@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_it_draws_every_size_it_is_made_for(
    size: int, upsamplings: int, first_side: int, norm: str
) -> None:
    values = {"width": 1, "hidden": 2, "code": 4, "size": size, "upsamplings": upsamplings}
    config = configs.from_dict(SpadeConfig, {**values, "norm": norm})
    assert config.first_side == first_side
    network = SpadeGenerator(config).eval()
    source, target, photo = random_faces(1, size)
    code = network.encode(photo, target)
    assert code.shape == (1, network.code_width) == (1, 4)
    picture = network.decode(source, code)
    assert picture.shape == (1, 3, size, size)
    assert picture.isfinite().all()
    assert picture.abs().max() <= 1


@torch.no_grad()
def test_labels_and_photo_count_but_not_the_photo_s_labels() -> None:
    network = small_network()
    source, target, photo = random_faces(1, 32)
    picture = network(source, target, photo)
    assert torch.equal(picture, network.decode(source, network.encode(photo, target)))
    assert (picture - network(source.flip(-1), target, photo)).abs().max() > 1e-3
    assert (picture - network(source, target, -photo)).abs().max() > 1e-3
    assert torch.equal(picture, network(source, target.flip(-1), photo))
    assert torch.equal(picture, network(one_hot(source), target, photo))


@torch.no_grad()
def test_the_training_pass_draws_a_code_around_the_mean() -> None:
    network = small_network()
    source, target, photo = random_faces(3, 32)

    def drawn(seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return network.reconstruct(source, target, photo, generator)[0]

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))
    mean, log_variance = network.encoder(photo)
    _, kl = network.reconstruct(source, target, photo)
    torch.testing.assert_close(kl, kl_divergence(mean, log_variance).sum())
    # Without variance the draw is the mean, which is what `encode` gives.
    network.encoder.log_variance.weight.zero_()
    network.encoder.log_variance.bias.fill_(-80.0)
    torch.testing.assert_close(drawn(1), network(source, target, photo))
    assert torch.equal(network.encode(photo, target), mean)


@torch.no_grad()
def test_faces_of_a_batch_do_not_mix_in_use() -> None:
    for norm in ("batch", "instance"):
        network = small_network(configs.override(SMALL, {"norm": norm}))
        source, target, photo = random_faces(2, 32)
        both = network(source, target, photo)
        alone = [network(source[i : i + 1], target[i : i + 1], photo[i : i + 1]) for i in (0, 1)]
        assert torch.allclose(both, torch.cat(alone), atol=1e-5)


@torch.no_grad()
def test_spatially_adaptive_norm_by_hand() -> None:
    config = dataclasses.replace(SMALL, norm="instance")
    layer = SpatiallyAdaptiveNorm(3, config)
    x, labels = torch.randn(2, 3, 8, 8) * 5 + 2, one_hot(random_faces(2, 8)[0])
    for part, value in ((layer.scale, 2.0), (layer.shift, -1.0)):
        nn.init.zeros_(part.weight)
        nn.init.constant_(part.bias, value)
    expected = functional.instance_norm(x) * 3 - 1
    assert torch.allclose(layer(x, labels), expected, atol=1e-5)


def test_every_weight_and_soft_labels_get_a_gradient() -> None:
    network = small_network().train()
    source, target, photo = random_faces(3, 32)
    soft = one_hot(source).requires_grad_()
    picture, kl = network.reconstruct(soft, target, photo)
    ((picture - photo).square().mean() + kl).backward()
    assert soft.grad is not None
    assert soft.grad.abs().max() > 0
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        if name.endswith("weight"):
            assert parameter.grad.abs().max() > 0, name


def test_spectral_norm_is_on_the_blocks_and_the_encoder() -> None:
    network = small_network()
    normed = [name for name, each in network.named_modules() if type(each) is SpectralConvolution]
    assert len(normed) == 3 + 7 * 2 + 4  # the encoder's, two per block, a shortcut per change
    assert not any("norm" in name for name in normed)
    assert type(network.head) is nn.Conv2d


def test_files_answer_as_the_network(tmp_path: Path) -> None:
    network = small_network()
    source, target, photo = random_faces(1, 32)
    save_model(tmp_path / "generator.safetensors", network)
    loaded = load_model(tmp_path / "generator.safetensors")
    assert isinstance(loaded, SpadeGenerator)
    with torch.no_grad():
        code = network.encode(photo, target)
        picture = network.decode(source, code)
        assert torch.equal(loaded.encode(photo, target), code)
        assert torch.equal(loaded.decode(source, code), picture)


def test_other_sizes_and_impossible_configs_are_refused() -> None:
    network = small_network()
    source, target, photo = random_faces(1, 64)
    with pytest.raises(ValueError, match="64x64 pixels; expected 32x32"):
        network.decode(source, network.encode(photo[..., :32, :32], target))
    assert configs.from_dict(SpadeConfig, configs.to_dict(SMALL)) == SMALL
    assert SMALL.stride == SMALL.size
    for values in ({"width": 0}, {"size": 96}, {"size": 4}, {"upsamplings": 7}, {"norm": "none"}):
        with pytest.raises(ConfigError, match="expected"):
            configs.from_dict(SpadeConfig, values)
    with pytest.raises(ConfigError, match="expected 1 to 4 for 32 pixels"):
        configs.from_dict(SpadeConfig, {"size": 32})
