"""Spectral norm divides by the largest singular value, in training, in bfloat16 and for export."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from maskgan.models.spectral import SpectralConvolution, add_spectral_norm, folded


def normed(seed: int = 0) -> SpectralConvolution:
    torch.manual_seed(seed)
    return SpectralConvolution(nn.Conv2d(6, 12, 3, padding=1))


def largest(weight: Tensor) -> Tensor:
    return torch.linalg.matrix_norm(weight.flatten(1), 2)


def test_training_forwards_find_the_largest_singular_value() -> None:
    convolution, x = normed(), torch.randn(1, 6, 8, 8)
    for _ in range(200):
        convolution(x)
    convolution.eval()
    torch.testing.assert_close(largest(convolution.normed()), torch.ones(()), atol=1e-4, rtol=0)


def test_only_training_changes_it() -> None:
    convolution, x = normed().eval(), torch.randn(1, 6, 8, 8)
    before = {name: value.clone() for name, value in convolution.state_dict().items()}
    convolution(x)
    assert all(torch.equal(before[name], value) for name, value in convolution.state_dict().items())
    convolution.train()(x)
    assert not torch.equal(before["left"], convolution.left)


def test_two_forwards_and_then_one_gradient() -> None:
    """The critic sees a real and a fake picture before it learns from both."""
    convolution = normed()
    first, second = torch.randn(2, 1, 6, 8, 8)
    (convolution(first) - convolution(second)).square().sum().backward()
    weight = convolution.weight
    assert weight.grad is not None
    # A longer weight gives the same answer, so the gradient is at right angles to the weight.
    cosine = torch.cosine_similarity(weight.grad.flatten(), weight.detach().flatten(), 0)
    assert cosine.abs() < 1e-4


def test_in_bfloat16_the_norm_is_the_same() -> None:
    single, mixed, x = normed(), normed(), torch.randn(1, 6, 8, 8)
    single(x)
    with torch.autocast("cpu", torch.bfloat16):
        answer = mixed(x)
    assert answer.dtype == torch.bfloat16
    for name, value in single.state_dict().items():
        assert torch.equal(value, mixed.state_dict()[name]), name


@torch.no_grad()
def test_folded_answers_the_same_without_the_norm() -> None:
    torch.manual_seed(0)
    layers = nn.Conv2d(6, 12, 3, stride=2, padding=1), nn.Conv2d(12, 3, 1, bias=False)
    network = nn.Sequential(nn.Sequential(*layers), nn.ReLU())
    x = torch.randn(2, 6, 8, 8)
    before = network(x)
    add_spectral_norm(network)
    assert network(x).shape == before.shape
    assert [type(layer) for layer in network[0]] == [SpectralConvolution] * 2
    plain = folded(network)
    assert torch.equal(plain(x), network.eval()(x))
    assert sorted(plain.state_dict()) == ["0.0.bias", "0.0.weight", "0.1.weight"]
    assert "0.0.left" in network.state_dict()  # the other is a copy
