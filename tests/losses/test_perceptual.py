"""The perceptual loss."""

from __future__ import annotations

import pytest
import torch

from maskgan.errors import ConfigError
from maskgan.losses.perceptual import features, perceptual


def test_perceptual_is_the_relative_gap_of_the_taps() -> None:
    generator = torch.Generator().manual_seed(3)
    fake = [torch.rand((2, 4, 5, 5), generator=generator) for _ in range(3)]
    real = [torch.rand((2, 4, 5, 5), generator=generator) for _ in range(3)]
    found = perceptual(fake, real, (0.0, 1.0, 2.0))
    expected = torch.zeros(2)
    for weight, a, b in ((1.0, fake[1], real[1]), (2.0, fake[2], real[2])):
        for face in range(2):
            expected[face] += weight * (a[face] - b[face]).abs().mean() / b.abs().mean()
    torch.testing.assert_close(found, expected)
    assert not perceptual(real, real, (1.0, 1.0, 1.0)).any()


def test_perceptual_does_not_depend_on_the_scale_of_the_features() -> None:
    fake, real = [torch.rand(1, 4, 5, 5)], [torch.rand(1, 4, 5, 5)]
    torch.testing.assert_close(
        perceptual(fake, real, (1.0,)),
        perceptual([fake[0] * 100], [real[0] * 100], (1.0,)),
    )


def test_missing_weights_are_a_sentence() -> None:
    remedy = r"--loss\.vgg .* or switch the perceptual loss off with --loss\.perceptual 0"
    with pytest.raises(ConfigError, match=rf"No file is named\. .*{remedy}"):
        features("", 3)
