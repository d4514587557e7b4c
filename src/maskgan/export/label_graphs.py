"""MaskVAE -> ONNX graphs: labels to a code, a code to labels, and where codes of faces lie."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from maskgan.export.graphs import save, trace
from maskgan.models.mask_vae import MaskVae


class _LabelEncoder(nn.Module):
    """The encoding half of MaskVAE, to the mean of the codes of a map."""

    def __init__(self, vae: MaskVae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, labels: Tensor) -> Tensor:
        return self.vae.encode(labels)[0]


class _LabelDecoder(nn.Module):
    """The decoding half."""

    def __init__(self, vae: MaskVae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, code: Tensor) -> Tensor:
        return self.vae.decode(code)


class _CodeSpace(nn.Module):
    """Where codes of faces are, and which way sliders lie."""

    mean: Tensor
    axes: Tensor
    steps: Tensor

    def __init__(self, mean: Tensor, axes: Tensor, steps: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)  # (N,)
        self.register_buffer("axes", axes)  # (R, N)
        self.register_buffer("steps", steps)  # (D, N)

    def forward(self, noise: Tensor, strengths: Tensor) -> tuple[Tensor, Tensor]:
        return self.mean + noise @ self.axes, strengths @ self.steps


def export_mask_vae(
    vae: MaskVae, axes: Tensor, steps: Tensor, folder: Path, *, half: bool = True
) -> None:
    """Three graphs: mask_encoder, labels (1, M, M) -> code (1, N); mask_decoder, code -> logits
    (1, K, M, M); mask_space, noise (1, R) and strengths (1, D) -> drawn and step (1, N).

    axes (R, N): of the codes of faces; steps (D, N): of sliders, by strength.
    """
    side = vae.config.size
    labels = torch.zeros(1, side, side, dtype=torch.int64)
    encoder = trace(_LabelEncoder(vae), (labels,), ("labels",), ("code",))
    code = torch.zeros(1, vae.config.code)
    decoder = trace(_LabelDecoder(vae), (code,), ("code",), ("logits",))
    numbers = (torch.zeros(1, len(axes)), torch.zeros(1, len(steps)))
    space = _CodeSpace(vae.code_mean, axes, steps)
    spaces = trace(space, numbers, ("noise", "strengths"), ("drawn", "step"))
    for name, model in (("encoder", encoder), ("decoder", decoder), ("space", spaces)):
        save(model, folder / f"mask_{name}.onnx", half=half)
