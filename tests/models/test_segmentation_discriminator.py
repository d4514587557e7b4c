"""The discriminator that labels pixels."""

from __future__ import annotations

import torch
from torch import nn

from maskgan.labels import NUM_CLASSES
from maskgan.models.segmentation_discriminator import (
    FAKE,
    SegmentationDiscriminator,
    SegmentationDiscriminatorConfig,
)


def tiny() -> SegmentationDiscriminator:
    torch.manual_seed(0)
    return SegmentationDiscriminator(SegmentationDiscriminatorConfig(widths=(8, 12, 16, 16)))


def test_logits_have_a_class_more_and_half_the_size() -> None:
    logits = tiny()(torch.rand(2, 3, 48, 64) * 2 - 1)
    assert logits.shape == (2, NUM_CLASSES + 1, 24, 32)
    assert FAKE == NUM_CLASSES == logits.shape[1] - 1


def test_convolutions_have_a_spectral_norm_of_one() -> None:
    discriminator = tiny().train()
    photo = torch.rand(1, 3, 32, 32)
    for _ in range(40):
        discriminator(photo)
    normed = [module for module in discriminator.modules() if hasattr(module, "parametrizations")]
    assert len(normed) == 1 + 2 * 3 + 2 * 3  # stem, down, up; the head is free
    for module in normed:
        assert isinstance(module, nn.Conv2d)
        largest = torch.linalg.matrix_norm(module.weight.detach().flatten(1), 2)
        assert 0.9 < float(largest) < 1.1


def test_evaluation_does_not_move_the_power_iteration() -> None:
    discriminator = tiny().eval()
    before = {name: value.clone() for name, value in discriminator.state_dict().items()}
    discriminator(torch.rand(1, 3, 32, 32))
    after = discriminator.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_its_state_holds_everything() -> None:
    """The vectors of the power iteration too: without them a resumed run would differ."""
    first = tiny().train()
    photo = torch.rand(1, 3, 32, 32)
    first(photo)
    second = SegmentationDiscriminator(first.config).train()
    second.load_state_dict(first.state_dict())
    for _ in range(2):
        assert torch.equal(first(photo), second(photo))
