"""The per-pixel adversarial loss against a loop over pixels."""

from __future__ import annotations

import math

import pytest
import torch

from maskgan.losses.adversarial import pixel_classes

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
