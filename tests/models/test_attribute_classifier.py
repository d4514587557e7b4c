"""The ResNet-18 that judges attributes: the published size, shapes, files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from maskgan.models.attribute_classifier import AttributeClassifier, AttributeClassifierConfig
from maskgan.training.checkpoint import load_model, save_model

SMALL = AttributeClassifierConfig(width=4, size=32, attributes=("Smiling", "Eyeglasses", "Bangs"))


def test_it_is_a_resnet_18() -> None:
    """11,176,512 parameters without the head, as published."""
    network = AttributeClassifier(AttributeClassifierConfig())
    parameters = dict(network.named_parameters())
    count = sum(each.numel() for name, each in parameters.items() if not name.startswith("head."))
    assert count == 11_176_512
    convolutions = [name for name, each in parameters.items() if each.ndim == 4]
    assert len(convolutions) == 17 + 3  # and three shortcuts; the head is the eighteenth layer


def test_shapes_and_probabilities() -> None:
    network = AttributeClassifier(SMALL).eval()
    photo = torch.rand(2, 3, 32, 64) * 2 - 1
    assert network(photo).shape == (2, 3)
    assert network.features(photo).shape == (2, 32)
    found = network.probabilities(photo)
    assert torch.allclose(found, torch.sigmoid(network(photo)))
    assert not found.requires_grad


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    network = AttributeClassifier(SMALL).eval()
    save_model(tmp_path / "classifier.safetensors", network)
    again = load_model(tmp_path / "classifier.safetensors")
    assert isinstance(again, AttributeClassifier)
    assert again.config == SMALL
    photo = torch.rand(1, 3, 32, 32)
    assert torch.equal(again(photo), network(photo))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"attributes": ()}, "attributes are none; expected different names"),
        ({"attributes": ("A", "A")}, "attributes are A, A; expected different names"),
        ({"size": 48}, "width is 64 and size 48; expected .* a multiple of 32 pixels"),
        ({"width": 0}, "width is 0 and size 128; expected a width of at least 1"),
    ],
)
def test_what_cannot_be_is_a_sentence(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        AttributeClassifierConfig(**options)  # type: ignore[arg-type]
