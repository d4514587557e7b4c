"""MaskVAE is the paper's: counts, layers, the way from labels to codes and back, the edits."""

from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from maskgan import config as configs
from maskgan.data.tensors import one_hot
from maskgan.errors import ConfigError
from maskgan.labels import NUM_CLASSES
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig, reparameterize, towards_and_away

SMALL = MaskVaeConfig(widths=(8, 12, 16), code=10, size=32)


def small_network() -> MaskVae:
    torch.manual_seed(0)
    return MaskVae(SMALL).eval()


def label_maps(count: int = 3, side: int = 32) -> Tensor:
    generator = Generator().manual_seed(side)
    labels = torch.randint(NUM_CLASSES, (count, side // 8, side // 8), generator=generator)
    blocks = labels.repeat_interleave(8, 1).repeat_interleave(8, 2)
    return blocks.to(torch.uint8)


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def parameters(*modules: nn.Module) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def test_the_defaults_have_the_papers_parameter_counts() -> None:
    with torch.device("meta"):
        network = MaskVae(MaskVaeConfig())
    assert parameters(network) == 170_619_571
    assert parameters(network.encoder) == 44_750_240
    assert parameters(network.to_mean, network.to_log_variance) == 67_110_912
    assert parameters(network.decoder) == 58_758_419


def test_the_defaults_have_the_papers_layers() -> None:
    """Sizes of all maps at 512 px, computed without numbers."""
    with torch.device("meta"):
        network = MaskVae(MaskVaeConfig())
        sides: list[tuple[int, int]] = []
        hooks = [
            layer.register_forward_hook(lambda _, __, out: sides.append(tuple(out.shape[1:3])))
            for layer in network.modules()
            if isinstance(layer, nn.Conv2d)
        ]
        mean, log_variance = network.encode(torch.zeros(1, 512, 512, dtype=torch.uint8))
        logits = network.decode(mean)
    down = [(32, 256), (64, 128), (128, 64), (256, 32), (512, 16), (1024, 8), (2048, 4)]
    up = [*reversed(down[:-1]), (NUM_CLASSES, 512)]
    assert sides == down + up
    assert mean.shape == log_variance.shape == (1, 1024)
    assert logits.shape == (1, NUM_CLASSES, 512, 512)
    assert len(hooks) == 14
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert [norm.eps for norm in norms] == [1e-5] * 7 + [1e-3] * 6


@torch.no_grad()
@pytest.mark.parametrize(
    ("widths", "size", "cells"), [((8,), 8, 4), ((8, 8, 8), 24, 3), ((8, 12), 64, 16)]
)
def test_it_is_tied_to_no_size(widths: tuple[int, ...], size: int, cells: int) -> None:
    network = MaskVae(MaskVaeConfig(widths=widths, code=6, size=size)).eval()
    assert network.config.cells == cells
    labels = torch.randint(NUM_CLASSES, (2, size, size), dtype=torch.uint8)
    logits, mean, log_variance = network(labels, seeded())
    assert logits.shape == (2, NUM_CLASSES, size, size)
    assert mean.shape == log_variance.shape == (2, 6)
    found = network.labels(mean)
    assert found.dtype == torch.uint8
    assert torch.equal(found.long(), network.decode(mean).max(1).indices)
    assert network.labels(mean, (50, 70)).shape == (2, 50, 70)


@torch.no_grad()
def test_the_encoder_is_the_written_one() -> None:
    network = small_network()
    x = one_hot(label_maps())
    for layer in network.encoder:
        if not isinstance(layer, nn.LeakyReLU | nn.Flatten):
            x = layer(x)
        if isinstance(layer, nn.BatchNorm2d):
            x = torch.where(x > 0, x, 0.2 * x)
    x = x.reshape(3, -1)
    mean, log_variance = network.encode(label_maps())
    torch.testing.assert_close(mean, network.to_mean(x))
    torch.testing.assert_close(log_variance, network.to_log_variance(x))


@torch.no_grad()
def test_forward_draws_from_the_generator_it_is_given() -> None:
    network = small_network()
    labels = label_maps()
    torch.manual_seed(1)
    first = network(labels, seeded(5))
    torch.manual_seed(2)
    again = network(labels, seeded(5))
    other = network(labels, seeded(6))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])
    assert torch.equal(first[1], other[1])  # the mean is not drawn
    codes = reparameterize(first[1], first[2], seeded(5))
    assert torch.equal(network.decode(codes), first[0])


def test_drawn_codes_have_the_mean_and_the_variance_of_their_distribution() -> None:
    mean = torch.tensor([3.0, -1.0]).expand(40_000, 2)
    log_variance = torch.tensor([0.5, 4.0]).log().expand(40_000, 2)
    codes = reparameterize(mean, log_variance, seeded())
    torch.testing.assert_close(codes.mean(0), mean[0], atol=0.05, rtol=0)
    torch.testing.assert_close(codes.var(0), torch.tensor([0.5, 4.0]), atol=0, rtol=0.05)


def test_gradients_reach_the_encoder_through_a_drawn_code() -> None:
    network = small_network().train()
    logits, _, _ = network(label_maps(), seeded())
    logits.square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        if name.endswith("weight"):
            assert parameter.grad.abs().max() > 0, name


@torch.no_grad()
def test_faces_are_drawn_from_the_distribution_of_the_codes() -> None:
    network = small_network()
    fresh = network.draw(20_000, seeded())
    torch.testing.assert_close(fresh.mean(0), torch.zeros(10), atol=0.05, rtol=0)
    torch.testing.assert_close(torch.cov(fresh.T), torch.eye(10), atol=0.05, rtol=0)
    axes = torch.randn((10, 3), generator=seeded(1))
    generator = seeded(2)
    for _ in range(1000):  # numbers of the code hang together
        network._observe(torch.randn((8, 3), generator=generator) @ axes.T + 2)
    codes = network.draw(20_000, seeded())
    torch.testing.assert_close(codes.mean(0), torch.full((10,), 2.0), atol=0.3, rtol=0)
    expected = axes @ axes.T
    assert (torch.cov(codes.T) - expected).norm() < 0.2 * expected.norm()
    half = network.draw(20_000, seeded(), 0.5)
    torch.testing.assert_close(half - network.code_mean, 0.5 * (codes - network.code_mean))
    assert not torch.equal(network.draw(4, seeded(4)), network.draw(4, seeded(3)))


@torch.no_grad()
def test_few_batches_are_averaged_evenly() -> None:
    network = small_network()
    codes = torch.randn((50, 4, 10), generator=seeded())
    for batch in codes:
        network._observe(batch)
    torch.testing.assert_close(network.code_mean, codes.mean((0, 1)))
    assert network.code_covariance.diagonal().mean() == pytest.approx(1, abs=0.15)
    assert int(network.code_batches) == 50


def test_codes_are_observed_in_training_alone() -> None:
    network = small_network()
    network(label_maps(), seeded())
    assert torch.equal(network.code_mean, torch.zeros(10))
    network.train()(label_maps(), seeded())
    assert network.code_mean.abs().max() > 0
    assert not torch.equal(network.code_covariance, torch.eye(10))
    assert not network.code_mean.requires_grad


def test_towards_and_away_is_the_papers_equation() -> None:
    target, reference = torch.tensor([[0.0, 1.0]]), torch.tensor([[5.0, -4.0]])
    inter, outer = towards_and_away(target, reference)
    torch.testing.assert_close(inter, torch.tensor([[2.0, -1.0]]))
    torch.testing.assert_close(outer, torch.tensor([[-2.0, 3.0]]))
    whole, _ = towards_and_away(target, reference, 1.0)
    torch.testing.assert_close(whole, reference)
    for divisor in (0.0, -2.5):
        with pytest.raises(ValueError, match="expected more than 0"):
            towards_and_away(target, reference, divisor)


@torch.no_grad()
def test_edits_are_decoded_from_moved_codes() -> None:
    network = small_network()
    labels = label_maps()
    other = labels.flip(0)
    inter, outer = network.edits(labels, other, 2.0)
    assert inter.dtype == outer.dtype == torch.uint8
    target, reference = network.encode(labels)[0], network.encode(other)[0]
    assert torch.equal(inter, network.labels((target + reference) / 2))
    assert torch.equal(outer, network.labels(target * 1.5 - reference / 2))
    # Maps of another size are scaled down and back by the logits.
    large = labels.repeat_interleave(2, 1).repeat_interleave(2, 2)
    for logits, codes in zip(
        network.edit_logits(large, large.flip(0), 2.0),
        ((target + reference) / 2, target * 1.5 - reference / 2),
        strict=True,
    ):
        scaled = functional.interpolate(network.decode(codes), scale_factor=2, mode="bilinear")
        torch.testing.assert_close(logits, scaled)
    # A face moved towards and away from itself stays.
    same = network.labels(target)
    assert all(torch.equal(edit, same) for edit in network.edits(labels, labels))


@torch.no_grad()
def test_faces_of_a_batch_do_not_mix() -> None:
    network = small_network()
    labels = label_maps()
    mean, _ = network.encode(labels)
    torch.testing.assert_close(mean[1:2], network.encode(labels[1:2])[0])
    torch.testing.assert_close(
        network.decode(mean)[1:2], network.decode(mean[1:2]), rtol=1e-4, atol=1e-5
    )


def test_labels_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="64x64 pixels; expected 32x32"):
        small_network().encode(label_maps(side=64))


def test_the_config_survives_json_and_refuses_nonsense() -> None:
    assert configs.from_dict(MaskVaeConfig, configs.to_dict(SMALL)) == SMALL
    for values in ({"widths": []}, {"widths": [8, 0]}, {"code": 0}, {"size": 65}):
        with pytest.raises(ConfigError, match="expected"):
            configs.from_dict(MaskVaeConfig, values)


LOCAL = MaskVaeConfig(widths=(8, 12, 16), code=32, size=32, local=True)


@torch.no_grad()
def test_numbers_of_a_local_code_belong_to_their_cell() -> None:
    torch.manual_seed(0)
    network = MaskVae(LOCAL).eval()
    assert not any(isinstance(layer, nn.Linear) for layer in network.modules())
    labels = label_maps(1)
    mean, log_variance = network.encode(labels)
    assert mean.shape == log_variance.shape == (1, 32)
    assert network.decode(mean).shape == (1, NUM_CLASSES, 32, 32)
    # 2 numbers for each of 4x4 cells: what changes in one corner does not reach the other.
    other = labels.clone()
    other[:, :2, :2] = (other[:, :2, :2] + 1) % NUM_CLASSES
    changed = (network.encode(other)[0] != mean).view(2, 4, 4)
    assert changed[:, 0, 0].all()
    assert not changed[:, 2:].any()
    assert not changed[:, :, 2:].any()
    moved = mean.clone().view(1, 2, 4, 4)
    moved[:, :, 0, 0] += 1
    apart = (network.decode(moved.flatten(1)) != network.decode(mean)).any(1)
    assert apart[:, :8, :8].any()
    assert not apart[:, 24:].any()


def test_a_local_code_has_as_many_numbers_for_every_cell() -> None:
    with pytest.raises(ConfigError, match="local to 4x4 cells; expected a multiple of 16"):
        configs.from_dict(MaskVaeConfig, configs.to_dict(LOCAL) | {"code": 40})
