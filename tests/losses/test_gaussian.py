"""KL divergence against torch.distributions."""

from __future__ import annotations

import torch
from torch.distributions import Normal
from torch.distributions.kl import kl_divergence as reference

from maskgan.losses.gaussian import kl_divergence


def test_kl_divergence_is_that_of_torch_distributions() -> None:
    generator = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn((2, 5, 7), generator=generator, dtype=torch.float64) * 2
    mean.requires_grad_()
    log_variance.requires_grad_()
    found = kl_divergence(mean, log_variance)
    prior = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    expected = reference(Normal(mean, (log_variance / 2).exp()), prior).mean(0)
    torch.testing.assert_close(found, expected)
    inputs = (mean, log_variance)
    for one, other in zip(
        torch.autograd.grad(found.sum(), inputs),
        torch.autograd.grad(expected.sum(), inputs),
        strict=True,
    ):
        torch.testing.assert_close(one, other)


def test_kl_divergence_vanishes_for_the_prior_alone() -> None:
    zero = torch.zeros(3, 4)
    assert torch.equal(kl_divergence(zero, zero), torch.zeros(4))
    one_off = zero.clone()
    one_off[:, 2] = 1
    assert (kl_divergence(one_off, zero) > 0).tolist() == [False, False, True, False]
    assert (kl_divergence(zero, one_off) > 0).tolist() == [False, False, True, False]
