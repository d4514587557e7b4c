"""StarGAN's networks: the authors' counts, what they see, files, ONNX."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))
from faces_and_graphs import onnx_answers, parameters, random_faces

from maskgan import config as configs
from maskgan.errors import ConfigError
from maskgan.models.baselines.stargan import (
    StarGanDiscriminator,
    StarGanDiscriminatorConfig,
    StarGanGenerator,
    StarGanGeneratorConfig,
)
from maskgan.training.checkpoint import load_model, save_model

TWO = ("Smiling", "Eyeglasses")
SMALL = StarGanGeneratorConfig(width=4, blocks=2, attributes=TWO, size=32)
SMALL_CRITIC = StarGanDiscriminatorConfig(width=4, depth=3, attributes=TWO, size=32)
FIVE = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")


def small_generator() -> StarGanGenerator:
    torch.manual_seed(0)
    return StarGanGenerator(SMALL).eval()


def test_the_authors_parameter_counts() -> None:
    with torch.device("meta"):
        generator = StarGanGenerator(StarGanGeneratorConfig(attributes=FIVE, size=128))
        critic = StarGanDiscriminator(StarGanDiscriminatorConfig(attributes=FIVE, size=128))
        assert parameters(StarGanGenerator(StarGanGeneratorConfig())) == 8_417_984
        assert parameters(StarGanDiscriminator(StarGanDiscriminatorConfig())) == 44_753_856
    assert parameters(generator) == 8_430_528
    assert parameters(critic) == 44_762_048


@torch.no_grad()
@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 64), (20, 36)])
def test_it_runs_at_every_multiple_of_4(height: int, width: int) -> None:
    torch.manual_seed(height)
    photo = torch.rand(2, 3, height, width) * 2 - 1
    picture = small_generator()(photo, torch.tensor([[0.0, 1.0], [1.0, 1.0]]))
    assert picture.shape == photo.shape
    assert picture.abs().max() <= 1
    assert picture.std() > 0.01


@torch.no_grad()
def test_the_picture_depends_on_the_photo_and_on_each_attribute() -> None:
    generator = small_generator()
    photo = random_faces(1, 32)[2]
    wanted = [torch.tensor([[a, b]]) for a, b in ((0, 0), (0, 1), (1, 0))]
    pictures = [generator(photo, each) for each in wanted]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert (pictures[first] - pictures[second]).abs().max() > 1e-3
    assert (pictures[0] - generator(-photo, wanted[0])).abs().max() > 1e-3
    assert torch.equal(pictures[1], generator(photo, wanted[1].float()))


@torch.no_grad()
@pytest.mark.parametrize(("size", "depth", "side"), [(64, 6, 1), (128, 6, 2), (256, 6, 4)])
def test_the_critic_answers_per_patch_and_per_attribute(size: int, depth: int, side: int) -> None:
    config = StarGanDiscriminatorConfig(width=2, depth=depth, attributes=TWO, size=size)
    real, attributes = StarGanDiscriminator(config)(random_faces(2, size)[2])
    assert real.shape == (2, 1, side, side)
    assert attributes.shape == (2, 2)


def test_every_weight_gets_a_gradient() -> None:
    torch.manual_seed(0)
    generator, critic = StarGanGenerator(SMALL), StarGanDiscriminator(SMALL_CRITIC)
    photo = random_faces(2, 32)[2]
    real, attributes = critic(generator(photo, torch.tensor([[0, 1], [1, 0]])))
    (real.square().sum() + attributes.square().sum()).backward()
    for network in (generator, critic):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.abs().max() > 0, name


def test_files_and_graphs_answer_as_the_networks(tmp_path: Path) -> None:
    generator, critic = small_generator(), StarGanDiscriminator(SMALL_CRITIC)
    photo, wanted = random_faces(1, 32)[2], torch.tensor([[1.0, 0.0]])
    save_model(tmp_path / "generator.safetensors", generator)
    save_model(tmp_path / "discriminator.safetensors", critic)
    with torch.no_grad():
        picture = generator(photo, wanted)
        assert torch.equal(load_model(tmp_path / "generator.safetensors")(photo, wanted), picture)
        for loaded, own in zip(
            load_model(tmp_path / "discriminator.safetensors")(photo), critic(photo), strict=True
        ):
            assert torch.equal(loaded, own)
    (answer,) = onnx_answers(generator, (photo, wanted), tmp_path / "generator.onnx")
    assert abs(answer - picture.numpy()).max() < 1e-4


def test_other_sizes_and_impossible_configs_are_refused() -> None:
    with pytest.raises(ValueError, match="64x64 pixels; expected 32x32"):
        StarGanDiscriminator(SMALL_CRITIC)(random_faces(1, 64)[2])
    for config in (SMALL, SMALL_CRITIC):
        assert configs.from_dict(type(config), configs.to_dict(config)) == config
        for values in ({"width": 0}, {"attributes": []}, {"attributes": ["a", "a"]}, {"size": 6}):
            with pytest.raises(ConfigError, match="expected"):
                configs.from_dict(type(config), values)
