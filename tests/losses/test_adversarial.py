"""Adversarial losses against loops over pixels."""

from __future__ import annotations

import math

import pytest
import torch

from maskgan.losses.adversarial import (
    feature_matching,
    gradient_penalty,
    hinge_discriminator,
    hinge_generator,
    least_squares,
    pixel_classes,
)

RNG = torch.Generator().manual_seed(0)
LOGITS = torch.randn((2, 4, 3, 5), generator=RNG)
CLASSES = torch.randint(0, 4, (2, 3, 5), generator=RNG)
WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 4.0])
WHERE = (torch.rand((2, 3, 5), generator=RNG) < 0.5).float()


def test_it_is_the_weighted_cross_entropy_over_the_region() -> None:
    total, count = 0.0, 0
    for face, row, column in torch.nonzero(WHERE).tolist():
        values = LOGITS[face, :, row, column].tolist()
        wanted = int(CLASSES[face, row, column])
        log_sum = math.log(sum(math.exp(value) for value in values))
        total += float(WEIGHTS[wanted]) * (log_sum - values[wanted])
        count += 1
    loss = pixel_classes(LOGITS, CLASSES, WEIGHTS, WHERE)
    assert float(loss) == pytest.approx(total / count, rel=1e-5)


def test_outside_the_region_nothing_counts() -> None:
    other = torch.where(WHERE[:, None] > 0, LOGITS, -LOGITS)
    before = pixel_classes(LOGITS, CLASSES, WEIGHTS, WHERE)
    assert torch.equal(before, pixel_classes(other, CLASSES, WEIGHTS, WHERE))
    assert pixel_classes(LOGITS, CLASSES, WEIGHTS, torch.zeros_like(WHERE)) == 0


def test_it_is_computed_in_float32() -> None:
    loss = pixel_classes(LOGITS.bfloat16(), CLASSES, WEIGHTS, WHERE)
    assert loss.dtype == torch.float32
    assert float(loss) == pytest.approx(float(pixel_classes(LOGITS, CLASSES, WEIGHTS, WHERE)), 0.02)


def test_least_squares_is_the_sum_over_scales_of_mean_squares() -> None:
    logits = [torch.randn((2, 1, 5, 5), generator=RNG), torch.randn((2, 1, 3, 3), generator=RNG)]
    for target in (0.0, 1.0):
        expected = 0.0
        for scale in logits:
            squares = [(value - target) ** 2 for value in scale.flatten().tolist()]
            expected += sum(squares) / len(squares)
        assert float(least_squares(logits, target)) == pytest.approx(expected, rel=1e-6)
    assert least_squares([torch.ones(1, 1, 2, 2)], 1.0) == 0


def test_hinge_losses_stop_at_the_margin_for_the_discriminator_only() -> None:
    sure, wrong = torch.full((1, 1, 2, 2), 3.0), torch.full((1, 1, 2, 2), -0.5)
    assert hinge_discriminator([sure], real=True) == 0
    assert hinge_discriminator([sure], real=False) == 4
    assert hinge_discriminator([sure, wrong], real=True) == 1.5
    assert hinge_discriminator([wrong], real=False) == 0.5
    assert hinge_generator([sure, wrong]) == -2.5


def test_feature_matching_compares_all_stages_but_the_last() -> None:
    def stages(seed: int) -> list[list[torch.Tensor]]:
        rng = torch.Generator().manual_seed(seed)
        return [[torch.randn((2, 3, 4, 4), generator=rng) for _ in range(3)] for _ in range(2)]

    fake, real = stages(1), stages(2)
    expected = 0.0
    for theirs, ours in zip(fake, real, strict=True):
        for stage in (0, 1):
            gaps = (theirs[stage] - ours[stage]).abs().flatten().tolist()
            expected += sum(gaps) / len(gaps) / len(fake)
    assert float(feature_matching(fake, real)) == pytest.approx(expected, rel=1e-5)
    assert feature_matching(real, real) == 0
    for stage in (fake[0][0], real[0][0]):
        stage.requires_grad_(True)
    feature_matching(fake, real).backward()  # type: ignore[no-untyped-call]
    assert fake[0][0].grad is not None
    assert real[0][0].grad is None


def test_the_gradient_penalty_of_a_linear_critic_by_hand() -> None:
    weight = torch.randn((1, 3, 4, 4), generator=RNG, requires_grad=True)
    real, fake = torch.randn((2, 2, 3, 4, 4), generator=RNG)
    share = torch.rand((2, 1, 1, 1), generator=RNG)

    def critic(picture: torch.Tensor) -> torch.Tensor:
        return (picture * weight).flatten(1).sum(1)

    penalty = gradient_penalty(critic, real, fake, share)
    expected = (weight.norm() - 1) ** 2  # the same slope wherever it looks
    torch.testing.assert_close(penalty, expected)
    (gradient,) = torch.autograd.grad(penalty, weight)
    (by_hand,) = torch.autograd.grad(expected, weight)
    torch.testing.assert_close(gradient, by_hand)


def test_the_gradient_penalty_looks_between_real_and_fake() -> None:
    real, fake = torch.full((2, 3, 4, 4), 1.0), torch.full((2, 3, 4, 4), -1.0)
    share = torch.tensor([0.25, 1.0]).view(2, 1, 1, 1)

    def critic(picture: torch.Tensor) -> torch.Tensor:
        return picture.square().flatten(1).sum(1) / 2  # its slope is the picture itself

    norms = torch.tensor([0.5, 1.0]) * 48**0.5
    with torch.autocast("cpu", torch.bfloat16):
        penalty = gradient_penalty(critic, real, fake, share)
    torch.testing.assert_close(penalty, (norms - 1).square().mean())
    flat = gradient_penalty(lambda picture: 0 * picture.sum(), real, fake, share)
    torch.testing.assert_close(flat, torch.ones(()), atol=1e-5, rtol=0)
