"""What all generators that draw the whole face have in common, whichever paper they are from.

Such a generator makes a code of a photo and that photo's labels, one vector for the whole face, and
draws a picture from labels and a code. Training, export and evaluation are written against this
protocol and know nothing else of the network.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class TranslatorConfig(Protocol):
    """What a generator's config says of its pictures."""

    @property
    def size(self) -> int:
        """Side in pixels of the faces it is made for."""

    @property
    def stride(self) -> int:
        """Sides of pictures and labels are multiples of this."""


class Translator(Protocol):
    """A network that draws a whole face from labels and one code. B, K, H, W as in
    `maskgan.data.tensors`, S = `config.size`.

    Labels are integers (B, H, W), or float (B, K, H, W), one-hot or soft.
    """

    @property
    def config(self) -> TranslatorConfig:
        """The network's own config."""

    @property
    def code_width(self) -> int:
        """Numbers in the code of a face."""

    def encode(self, photo: Tensor, labels: Tensor) -> Tensor:
        """Photo float (B, 3, S, S) in [-1, 1] and its labels -> code float (B, `code_width`), the
        same one every time."""

    def decode(self, labels: Tensor, code: Tensor) -> Tensor:
        """Labels of S x S pixels and a code -> picture float (B, 3, S, S) in [-1, 1]."""

    def reconstruct(
        self,
        source_labels: Tensor,
        target_labels: Tensor,
        photo: Tensor,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The training pass: a picture (B, 3, S, S) of the source labels with the look of the
        photo, whose labels are the target labels, and the divergence of the code's distribution
        from the standard normal one, a float scalar. `generator` draws the code; where the encoder
        is deterministic nothing is drawn and the divergence is zero."""
