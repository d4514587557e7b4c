"""Pix2PixHD-m: counts, what its code holds, what its picture depends on, files, ONNX."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent))
from faces_and_graphs import BothHalves, onnx_answers, parameters, random_faces

from maskgan import config as configs
from maskgan.data.tensors import one_hot
from maskgan.errors import ConfigError
from maskgan.models.baselines.pix2pixhd import Pix2PixHdConfig, Pix2PixHdGenerator
from maskgan.training.checkpoint import load_model, save_model

SMALL = Pix2PixHdConfig(width=4, downsamplings=3, blocks=2, size=32)


def small_network() -> Pix2PixHdGenerator:
    """A scaled-down network whose weights are large enough for its inputs to matter."""
    torch.manual_seed(0)
    network = Pix2PixHdGenerator(SMALL)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return network.eval()


def test_the_defaults_have_the_counts_of_the_global_generator() -> None:
    with torch.device("meta"):
        network = Pix2PixHdGenerator(Pix2PixHdConfig())
    assert parameters(network) == 182_562_435
    assert parameters(network.stem) == 41 * 64 * 7 * 7 + 64
    assert parameters(network.blocks) == 9 * 2 * (1024 * 1024 * 9 + 1024)
    assert len(network.state_dict()) == len(list(network.parameters()))  # no buffers
    # pix2pixHD's own, which sees labels alone, less its further input channels.
    assert parameters(network) - 22 * 64 * 49 == 182_493_443


@torch.no_grad()
def test_a_code_is_photo_and_labels_and_gives_the_picture_of_both() -> None:
    network = small_network()
    source, target, photo = random_faces(2, 32)
    code = network.encode(photo, target)
    assert code.shape == (2, network.code_width)
    assert network.code_width == 4 * 32 * 32
    assert torch.equal(code[:, : 3 * 32 * 32].view(2, 3, 32, 32), photo)
    assert torch.equal(code[:, 3 * 32 * 32 :].view(2, 32, 32).long(), target)
    picture = network.decode(source, code)
    assert torch.equal(picture, network(source, target, photo))
    reconstructed, kl = network.reconstruct(source, target, photo, None)
    assert torch.equal(reconstructed, picture)
    assert kl.shape == ()
    assert float(kl) == 0
    assert not kl.requires_grad


@torch.no_grad()
def test_soft_labels_become_classes_in_the_code_and_stay_soft_in_the_picture() -> None:
    network = small_network()
    source, target, photo = random_faces(1, 32)
    code = network.encode(photo, target)
    assert torch.equal(network.encode(photo, 0.6 * one_hot(target)), code)
    assert torch.equal(network.decode(one_hot(source), code), network.decode(source, code))
    assert not torch.equal(
        network.decode(0.5 * one_hot(source), code), network.decode(source, code)
    )


@torch.no_grad()
def test_a_code_between_two_faces_still_gives_a_picture() -> None:
    network = small_network()
    source, target, photo = random_faces(2, 32)
    first, second = network.encode(photo, target)
    for share in (-0.5, 0.5, 1.5):
        picture = network.decode(source[:1], torch.lerp(first, second, share)[None])
        assert picture.isfinite().all()


@torch.no_grad()
def test_all_three_inputs_count() -> None:
    network = small_network()
    source, target, photo = random_faces(1, 32)
    picture = network(source, target, photo)
    assert picture.shape == (1, 3, 32, 32)
    assert picture.abs().max() <= 1
    assert picture.std() > 0.01
    for other in (
        network(source.flip(-1), target, photo),
        network(source, target.flip(-1), photo),
        network(source, target, -photo),
    ):
        assert (picture - other).abs().max() > 1e-3


def test_every_weight_and_soft_labels_get_a_gradient() -> None:
    network = small_network().train()
    source, target, photo = random_faces(1, 32)
    soft = one_hot(source).requires_grad_()
    network.reconstruct(soft, target, photo)[0].square().sum().backward()
    assert soft.grad is not None
    assert soft.grad.abs().max() > 0
    # A shift of all pixels before an instance norm changes nothing, so those biases learn nothing.
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        if name.endswith("weight"):
            assert parameter.grad.abs().max() > 0, name


def test_files_and_graphs_answer_as_the_network(tmp_path: Path) -> None:
    network = small_network()
    source, target, photo = random_faces(1, 32)
    code = network.encode(photo, target)
    save_model(tmp_path / "generator.safetensors", network)
    loaded = load_model(tmp_path / "generator.safetensors")
    assert isinstance(loaded, Pix2PixHdGenerator)
    with torch.no_grad():
        picture = network.decode(source, code)
        assert torch.equal(loaded.decode(source, code), picture)
    graph = BothHalves(network)
    encoded, decoded = onnx_answers(graph, (source, target, photo), tmp_path / "whole.onnx")
    assert (encoded == code.numpy()).all()
    assert abs(decoded - picture.numpy()).max() < 1e-4


def test_other_sizes_and_impossible_configs_are_refused() -> None:
    network = small_network()
    source, target, photo = random_faces(1, 64)
    with pytest.raises(ValueError, match="64x64 pixels; expected 32x32"):
        network(source, target, photo)
    assert configs.from_dict(Pix2PixHdConfig, configs.to_dict(SMALL)) == SMALL
    assert SMALL.stride == SMALL.size
    for values in ({"width": 0}, {"size": 100}, {"size": 16}, {"blocks": 0}):
        with pytest.raises(ConfigError, match="expected"):
            configs.from_dict(Pix2PixHdConfig, values)
