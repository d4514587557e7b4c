"""Spectral norm: convolutions divided by their largest singular value.

*Spectral Normalization for Generative Adversarial Networks* (Miyato et al. 2018), Algorithm 1: one
step of power iteration in every training forward, none otherwise. PyTorch has it too, but its
version does not run where networks compute in bfloat16.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

FIRST_STEPS = 15
"""Of power iteration on the weights that a network starts with."""

Network = TypeVar("Network", bound=nn.Module)


class SpectralConvolution(nn.Conv2d):
    """A convolution with the weights and borders (zero padding) of another, from now on with the
    norm. `weight` is what is learned, `normed()` what is used."""

    left: Tensor

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__(*_arguments(plain), bias=plain.bias is not None)
        self.load_state_dict(plain.state_dict())
        self.register_buffer("left", functional.normalize(torch.randn(plain.out_channels), dim=0))
        self._iterate(FIRST_STEPS)

    def normed(self) -> Tensor:
        """The weights (O, I, k, k) over the largest singular value of their matrix (O, I k k)."""
        # The next forward changes `left` in place, before this one's gradient is computed.
        right = _times(self.weight.flatten(1), self.left.clone()[:, None], 0)  # (I k k,)
        normed: Tensor = self.weight / right.square().sum().sqrt()
        return normed

    def plain(self) -> nn.Conv2d:
        """An ordinary convolution with the weights that are used."""
        convolution = nn.Conv2d(*_arguments(self), bias=self.bias is not None)
        state = {"weight": self.normed().detach()}
        convolution.load_state_dict(state | ({} if self.bias is None else {"bias": self.bias}))
        return convolution

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self._iterate(1)
        answer: Tensor = self._conv_forward(x, self.normed(), self.bias)
        return answer

    @torch.no_grad()
    def _iterate(self, steps: int) -> None:
        """Moves `left` towards the left singular vector of the largest singular value."""
        matrix = self.weight.flatten(1)
        for _ in range(steps):
            right = functional.normalize(_times(matrix, self.left[:, None], 0), dim=0)
            self.left.copy_(functional.normalize(_times(matrix, right, 1), dim=0))


def add_spectral_norm(network: nn.Module) -> None:
    """Gives every convolution inside a network the norm. Draw the weights before, not after."""
    _replace(network, nn.Conv2d, SpectralConvolution)


def folded(network: Network) -> Network:
    """A copy of a network with the norm worked into its weights, for export: in eval mode, where it
    answers as the network does, without what computes the norm."""
    copied = deepcopy(network).eval()
    _replace(copied, SpectralConvolution, SpectralConvolution.plain)
    return copied


Convolution = TypeVar("Convolution", bound=nn.Conv2d)


def _replace(
    network: nn.Module, kind: type[Convolution], make: Callable[[Convolution], nn.Conv2d]
) -> None:
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is kind:
                setattr(parent, name, make(child))


def _arguments(convolution: nn.Conv2d) -> tuple[int, int, int, int, int]:
    """What our convolutions are made with; they are all square."""
    kernel, stride = convolution.kernel_size[0], convolution.stride[0]
    padding = convolution.padding[0]
    assert isinstance(padding, int)
    return convolution.in_channels, convolution.out_channels, kernel, stride, padding


def _times(matrix: Tensor, vector: Tensor, axis: int) -> Tensor:
    """The product with a vector along an axis, in float32 also where autocast would compute a
    matrix product in bfloat16."""
    return (matrix * vector).sum(axis)
