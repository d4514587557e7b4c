"""The Dense Mapping Network is the paper's: counts, the authors' answers, sizes, initialisation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from maskgan import config as configs
from maskgan.data.tensors import one_hot
from maskgan.errors import ConfigError
from maskgan.labels import NUM_CLASSES
from maskgan.models.authors import from_authors
from maskgan.models.dense_mapping import (
    DenseMappingConfig,
    DenseMappingNetwork,
    adaptive_instance_norm,
)
from maskgan.models.spatial_style import LabelEncoder, SpatialFeatureTransform

sys.path.insert(0, str(Path(__file__).resolve().parent))
from authors_fixture import authors_answers, authors_state

SMALL = DenseMappingConfig(width=4, downsamplings=3, blocks=2, style_width=8, size=64)


def small_network() -> DenseMappingNetwork:
    """A scaled-down network whose weights are large enough for its inputs to matter."""
    torch.manual_seed(0)
    network = DenseMappingNetwork(SMALL)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return network.eval()


def inputs(height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(height)
    source, target = torch.randint(NUM_CLASSES, (2, 1, height, width))
    return source, target, torch.rand(1, 3, height, width) * 2 - 1


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_defaults_have_the_papers_parameter_counts() -> None:
    with torch.device("meta"):
        network = DenseMappingNetwork(DenseMappingConfig())
    assert parameters(network) == 89_702_595
    assert parameters(network.backbone) == 88_111_363
    assert parameters(network.backbone.blocks) == 75_505_664
    assert parameters(network.style_encoder) == 1_338_464
    assert parameters(network.style_encoder.to_style) == 1_064_960
    assert parameters(network.style_encoder.first_transform) == 16_640
    assert parameters(network.label_encoder) == 252_768
    assert len(network.state_dict()) == len(list(network.parameters()))  # no buffers


@torch.no_grad()
def test_it_answers_as_the_authors_network(shared_reference: Path) -> None:
    with torch.device("meta"):
        network = DenseMappingNetwork(DenseMappingConfig())
    network.load_state_dict(from_authors(authors_state(shared_reference, "generator")), assign=True)
    given = authors_answers(shared_reference)
    code = network.encode(given["image"], given["target_labels"])
    assert code.shape == (1, 64)
    for labels, answer in (
        ("target_labels", "generator_self"),
        ("source_labels", "generator_output"),
    ):
        picture = network.decode(given[labels], code)
        assert (picture - given[answer]).abs().max() < 1e-4


@torch.no_grad()
@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 64), (96, 32)])
def test_it_runs_at_every_multiple_of_32(height: int, width: int) -> None:
    network = small_network()
    source, target, photo = inputs(height, width)
    picture = network(source, target, photo)
    assert picture.shape == (1, 3, height, width)
    assert picture.isfinite().all()
    assert picture.abs().max() <= 1
    assert picture.std() > 0.01


@torch.no_grad()
def test_a_style_may_come_from_another_size() -> None:
    network = small_network()
    _, target, photo = inputs(64, 64)
    picture = network(inputs(32, 96)[0], target, photo)
    assert picture.shape == (1, 3, 32, 96)


@torch.no_grad()
def test_forward_is_encode_then_decode_and_uses_all_three_inputs() -> None:
    network = small_network()
    source, target, photo = inputs(32, 32)
    picture = network(source, target, photo)
    assert torch.equal(picture, network.decode(source, network.encode(photo, target)))
    others = (
        network(source.flip(-1), target, photo),
        network(source, target.flip(-1), photo),
        network(source, target, -photo),
    )
    for other in others:
        assert (picture - other).abs().max() > 1e-3


def test_the_training_pass_is_forward_with_a_divergence_of_zero() -> None:
    network = small_network()
    source, target, photo = inputs(32, 32)
    picture, divergence = network.reconstruct(source, target, photo)
    assert torch.equal(picture, network(source, target, photo))
    assert divergence.shape == ()
    assert divergence == 0


def test_labels_may_be_one_hot_and_learn() -> None:
    network = small_network()
    source, target, photo = inputs(32, 32)
    soft = [one_hot(labels).requires_grad_() for labels in (source, target)]
    picture = network(*soft, photo)
    assert torch.equal(picture, network(source, target, photo))
    picture.square().sum().backward()
    assert all(labels.grad is not None and labels.grad.abs().max() > 0 for labels in soft)
    with pytest.raises(ValueError, match="40x32 pixels"):
        network(one_hot(inputs(32, 40)[0]), target, photo)


@torch.no_grad()
def test_a_code_has_few_numbers_and_says_it_all() -> None:
    network = small_network()
    source, target, photo = inputs(32, 32)
    code = network.encode(photo, target)
    assert code.shape == (1, network.code_width) == (1, 8)
    assert network.style_encoder.spread(code).shape == (1, SMALL.style_numbers)
    assert (network.decode(source, code) - network.decode(source, -code)).abs().max() > 1e-3


@torch.no_grad()
def test_faces_of_a_batch_do_not_mix() -> None:
    network = small_network()
    first, second = inputs(32, 64), inputs(64, 32)
    second = tuple(x.transpose(-1, -2) for x in second)
    both = network(*(torch.cat(pair) for pair in zip(first, second, strict=True)))
    assert torch.allclose(both, torch.cat((network(*first), network(*second))), atol=1e-5)


def test_every_weight_gets_a_gradient() -> None:
    network = small_network().train()
    network(*inputs(64, 64)).square().sum().backward()
    # A shift of all pixels before an instance norm changes nothing, so those biases learn nothing.
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        if name.endswith("weight"):
            assert parameter.grad.abs().max() > 0, name


def test_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="40x32 pixels; expected multiples of 32"):
        small_network()(*inputs(32, 40))


def test_adaptive_instance_norm_by_hand() -> None:
    x = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])  # mean 4, biased variance 5
    shift, scale = torch.tensor([[2.0]]), torch.tensor([[3.0]])
    expected = 3 * (x - 4) / (5 + 1e-5) ** 0.5 + 2
    assert torch.allclose(adaptive_instance_norm(x, shift, scale), expected)


@torch.no_grad()
def test_spatial_feature_transform_by_hand() -> None:
    layer = SpatialFeatureTransform(4)
    for branch, value in ((layer.scale, 3.0), (layer.shift, -1.0)):
        nn.init.zeros_(branch[2].weight)
        nn.init.constant_(branch[2].bias, value)
    features = torch.randn(1, 4, 8, 8)
    assert torch.allclose(layer(features, torch.randn(1, 4, 8, 8)), features * 3 - 1)


@torch.no_grad()
def test_conditions_have_the_sizes_of_the_style_encoders_maps() -> None:
    first, second = LabelEncoder(64)(torch.zeros(1, NUM_CLASSES, 128, 64))
    assert first.shape == (1, 64, 32, 16)
    assert second.shape == (1, 64, 4, 2)
    assert first.min() < 0  # nothing cuts off the negative half
    assert second.min() < 0


def test_weights_start_as_the_authors() -> None:
    torch.manual_seed(0)
    network = DenseMappingNetwork(DenseMappingConfig(width=16, downsamplings=2, blocks=1))
    for name, module in network.named_modules():
        if isinstance(module, nn.ConvTranspose2d):
            # PyTorch's default: uniform, bounded by the fan-in of the weight's second dimension.
            bound = (module.weight[0].numel()) ** -0.5
            assert 0.9 * bound < module.weight.abs().max() <= bound, name
        elif isinstance(module, nn.Conv2d) and module.weight.numel() > 1000:
            assert 0.018 < module.weight.std() < 0.022, name


def test_the_config_survives_json_and_refuses_nonsense() -> None:
    assert configs.from_dict(DenseMappingConfig, configs.to_dict(SMALL)) == SMALL
    assert DenseMappingConfig().style_numbers == 16_384
    for values in ({"width": 0}, {"style_width": 6}, {"size": 100}, {"blocks": 0}):
        with pytest.raises(ConfigError, match="expected"):
            configs.from_dict(DenseMappingConfig, values)
