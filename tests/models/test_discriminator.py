"""The multi-scale discriminator is the paper's."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
import torch

from maskgan.data.tensors import one_hot
from maskgan.labels import NUM_CLASSES
from maskgan.models.authors import from_authors
from maskgan.models.discriminator import MultiScaleDiscriminator, MultiScaleDiscriminatorConfig

sys.path.insert(0, str(Path(__file__).resolve().parent))
from authors_fixture import authors_answers, authors_state

SMALL = MultiScaleDiscriminatorConfig(width=4, scales=3)


def test_the_defaults_have_the_papers_parameter_count() -> None:
    with torch.device("meta"):
        discriminator = MultiScaleDiscriminator(MultiScaleDiscriminatorConfig())
    counts = [sum(p.numel() for p in scale.parameters()) for scale in discriminator.scales]
    assert counts == [2_784_193, 2_784_193]


@torch.no_grad()
def test_it_answers_as_the_authors_network(shared_reference: Path) -> None:
    config = MultiScaleDiscriminatorConfig()
    discriminator = MultiScaleDiscriminator(config)
    state = authors_state(shared_reference, "discriminator")
    discriminator.load_state_dict(from_authors(state, config))
    given = authors_answers(shared_reference)
    scales = discriminator(given["target_labels"], given["generator_output"])
    assert len(scales) == 2
    for index, stages in enumerate(scales):
        assert (stages[-1] - given[f"discriminator_logits_{index}"]).abs().max() < 1e-4


@torch.no_grad()
def test_stages_have_the_papers_sizes() -> None:
    labels = torch.zeros(1, 512, 512, dtype=torch.uint8)
    with torch.device("meta"):
        discriminator = MultiScaleDiscriminator(MultiScaleDiscriminatorConfig())
    shapes = [
        [tuple(stage.shape[1:]) for stage in stages]
        for stages in discriminator(labels.to("meta"), torch.zeros(1, 3, 512, 512, device="meta"))
    ]
    assert shapes == [
        [(64, 257, 257), (128, 129, 129), (256, 65, 65), (512, 66, 66), (1, 67, 67)],
        [(64, 129, 129), (128, 65, 65), (256, 33, 33), (512, 34, 34), (1, 35, 35)],
    ]


@torch.no_grad()
def test_each_scale_sees_half_the_picture_before_it() -> None:
    torch.manual_seed(0)
    discriminator = MultiScaleDiscriminator(SMALL)
    labels, picture = torch.randint(NUM_CLASSES, (1, 64, 64)), torch.randn(1, 3, 64, 64)
    first, second, third = discriminator(labels, picture)
    assert [stages[0].shape[-1] for stages in (first, second, third)] == [33, 17, 9]
    # The same critic on a picture that is constant answers alike at every scale.
    flat = torch.zeros_like(labels), torch.full_like(picture, 0.5)
    for critic in discriminator.scales:
        critic.load_state_dict(discriminator.scales[0].state_dict())
    scales = discriminator(*flat)
    centre = [
        stages[0][0, :, stages[0].shape[2] // 2, stages[0].shape[3] // 2] for stages in scales
    ]
    assert torch.allclose(centre[0], centre[1], atol=1e-6)
    assert torch.allclose(centre[0], centre[2], atol=1e-6)


@torch.no_grad()
def test_labels_and_picture_both_count() -> None:
    torch.manual_seed(0)
    discriminator = MultiScaleDiscriminator(SMALL)
    labels, picture = torch.randint(NUM_CLASSES, (1, 64, 64)), torch.randn(1, 3, 64, 64)
    logits = discriminator(labels, picture)[0][0]
    assert (logits - discriminator(labels.flip(-1), picture)[0][0]).abs().max() > 1e-3
    assert (logits - discriminator(labels, -picture)[0][0]).abs().max() > 1e-3


def test_an_impossible_size_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        MultiScaleDiscriminatorConfig(scales=0)


def test_labels_may_be_one_hot_and_learn() -> None:
    discriminator = MultiScaleDiscriminator(SMALL)
    labels, picture = torch.randint(NUM_CLASSES, (1, 64, 64)), torch.randn(1, 3, 64, 64)
    soft = one_hot(labels).requires_grad_()
    logits = discriminator(soft, picture)[0][-1]
    assert torch.equal(logits, discriminator(labels, picture)[0][-1])
    logits.sum().backward()
    assert soft.grad is not None
    assert soft.grad.abs().max() > 0


@torch.no_grad()
def test_spectral_norm_bounds_every_convolution_and_adds_no_parameters() -> None:
    torch.manual_seed(0)
    plain = MultiScaleDiscriminator(SMALL)
    normed = MultiScaleDiscriminator(dataclasses.replace(SMALL, spectral=True))
    counts = [sum(p.numel() for p in each.parameters()) for each in (plain, normed)]
    assert counts[0] == counts[1]
    for _ in range(30):  # each looks for the largest singular value a little longer
        normed(torch.zeros(1, 64, 64, dtype=torch.int64), torch.zeros(1, 3, 64, 64))
    for critic in normed.eval().scales:
        for stage in critic.stages:
            largest = torch.linalg.matrix_norm(stage.normed().flatten(1), 2)
            torch.testing.assert_close(largest, torch.ones(()), atol=0.05, rtol=0)
