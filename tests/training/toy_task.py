"""A task that is quick enough to count every step, around a real network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from maskgan import images
from maskgan.models.parser import Parser, ParserConfig
from maskgan.training.loop import Phase, Stats


class ToyTask:
    """See `maskgan.training.loop.Task`: a parser that learns to be quiet on noise.

    `weights` collects the parameters as every step finds them, `starts` what batches were asked
    for; `harm` may change the loss of the step that starts at an image.
    """

    name = "toy"
    averaged: tuple[str, ...] = ("parser",)

    def __init__(self, harm: Callable[[int, Tensor], Tensor] = lambda start, loss: loss) -> None:
        torch.manual_seed(0)
        self.parser = Parser(ParserConfig(widths=(4, 4), size=32))
        self.modules: dict[str, nn.Module] = {"parser": self.parser}
        self.train = range(64)
        self.phases = [Phase("parser", ("parser",), 1e-2, self.loss)]
        self.harm = harm
        self.weights: list[list[Tensor]] = []
        self.starts: list[int] = []

    def batch(self, start: int, count: int) -> tuple[int, Tensor]:
        self.starts.append(start)
        return start, torch.stack([_noise(number) for number in range(start, start + count)])

    def names(self, start: int, count: int) -> list[str]:
        return [f"noise/{number}" for number in range(start, start + count)]

    def loss(self, batch: tuple[int, Tensor]) -> tuple[Tensor, Stats]:
        start, photos = batch
        self.weights.append([each.detach().clone() for each in self.parser.parameters()])
        loss = self.harm(start, self.parser(photos).square().mean())
        return loss, {"square": loss, "draw": torch.rand(())}

    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        images.write(path, np.full((2, 3, 3), 128, np.uint8))

    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        return {"bias": float(averaged["parser"].head.bias.sum()), "undefined": float("nan")}


def _noise(number: int) -> Tensor:
    return torch.rand((3, 16, 16), generator=torch.Generator().manual_seed(number))
