"""What the tests of all baselines need: random faces, counts, ONNX answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from maskgan.export.graphs import quiet
from maskgan.labels import NUM_CLASSES
from maskgan.models.translator import Translator


def random_faces(count: int, side: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Source labels and target labels (B, S, S), photos (B, 3, S, S) in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    source, target = torch.randint(NUM_CLASSES, (2, count, side, side), generator=generator)
    return source, target, torch.rand(count, 3, side, side, generator=generator) * 2 - 1


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def onnx_answers(
    network: nn.Module, inputs: tuple[Tensor, ...], path: Path
) -> list[NDArray[np.float32]]:
    """What ONNX Runtime answers for an exported network."""
    names = [f"input_{index}" for index in range(len(inputs))]
    with quiet(), torch.no_grad():
        torch.onnx.export(network.eval(), inputs, path, input_names=names, verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    values = {name: value.numpy() for name, value in zip(names, inputs, strict=True)}
    answers: list[NDArray[np.float32]] = session.run(None, values)
    return answers


class BothHalves(nn.Module):
    """Source labels, target labels and photo -> the code and the picture of a translator."""

    def __init__(self, network: Translator) -> None:
        super().__init__()
        self.network = network

    def forward(self, source: Tensor, target: Tensor, photo: Tensor) -> tuple[Tensor, Tensor]:
        code = self.network.encode(photo, target)
        return code, self.network.decode(source, code)
