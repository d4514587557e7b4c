"""The training of MaskGAN as one would write it down from the paper: what `train_throughput.py`
compares the project's loop with.

The same networks and the same losses, in the same order. Photos and labels are read from their
files for every step by a worker of PyTorch's own DataLoader, edits of the second stage are label
PNGs on disk as in the authors' code, tensors lie in memory as they come, everything is float32 on a
CPU, and nobody thought of which gradients are not needed.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from maskgan.losses.perceptual import features
from maskgan.models.blender import AlphaBlender
from maskgan.models.dense_mapping import DenseMappingNetwork
from maskgan.models.discriminator import MultiScaleDiscriminator
from maskgan.training.ebst_task import EbstRun
from maskgan.training.translation_task import DenseMappingRun

EDITS = ("label_inter_1", "label_inter_2")
"""Folders of the edited label maps, named as in the authors' code."""


class Faces(Dataset[dict[str, Tensor]]):
    """Photos, labels and, in the second stage, two edits of the labels, from files."""

    def __init__(self, data: Path, size: int, edited: bool) -> None:
        self.size, self.photos = size, sorted((data / "images").iterdir())
        self.maps = {"labels": data / "labels"}
        if edited:
            self.maps |= {name: data / name for name in EDITS}

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        path, side = self.photos[index], (self.size, self.size)
        photo = Image.open(path).convert("RGB").resize(side, Image.Resampling.BICUBIC)
        item = {"photo": torch.from_numpy(np.array(photo)).permute(2, 0, 1).float() / 127.5 - 1}
        for name, folder in self.maps.items():
            labels = Image.open(folder / f"{path.stem}.png")
            labels = labels.resize(side, Image.Resampling.NEAREST)
            item[name] = torch.from_numpy(np.array(labels))
        return item


class PlainTraining:
    """`train(steps)` trains for that many batches and notes in `times` when each began."""

    def __init__(self, run: DenseMappingRun, data: Path) -> None:
        torch.manual_seed(0)
        self.run, self.times = run, list[float]()
        self.second = isinstance(run, EbstRun)
        self.generator = DenseMappingNetwork(run.model)
        self.discriminator = MultiScaleDiscriminator(run.discriminator)
        self.vgg = features(run.loss.vgg, len(run.loss.vgg_taps)) if run.loss.perceptual else None
        learners = [list(self.discriminator.parameters()), list(self.generator.parameters())]
        if isinstance(run, EbstRun):
            self.blender = AlphaBlender(run.blender)
            learners.append([*self.generator.parameters(), *self.blender.parameters()])
        self.optimizers = [
            torch.optim.Adam(each, run.loss.learning_rate, run.loss.betas) for each in learners
        ]
        faces = Faces(data, run.model.size, self.second)
        self.loader = DataLoader(
            faces, run.training.batch_size, shuffle=True, num_workers=1, drop_last=True
        )

    def train(self, steps: int) -> None:
        while True:
            for batch in self.loader:
                if len(self.times) == steps:
                    return
                self.times.append(time.perf_counter())
                self._step(batch)

    def _step(self, batch: dict[str, Tensor]) -> None:
        photo, labels = batch["photo"], batch["labels"]
        fake = self.generator(labels, labels, photo)
        self._learn(0, self._critic(labels, photo, fake))
        self._learn(1, self._maker(labels, photo, fake))
        if self.second:
            code = self.generator.encode(photo, labels)
            pictures = [self.generator.decode(batch[name], code) for name in EDITS]
            blend, _ = self.blender(*pictures)
            self._learn(0, self._critic(labels, photo, blend))
            self._learn(2, self._maker(labels, photo, blend))

    def _learn(self, index: int, loss: Tensor) -> None:
        self.optimizers[index].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizers[index].step()

    def _critic(self, labels: Tensor, photo: Tensor, fake: Tensor) -> Tensor:
        loss = torch.zeros(())
        for picture, target in ((photo, 1.0), (fake.detach(), 0.0)):
            for scale in self.discriminator(labels, picture):
                wanted = torch.full_like(scale[-1], target)
                loss = loss + 0.5 * functional.mse_loss(scale[-1], wanted)
        return loss

    def _maker(self, labels: Tensor, photo: Tensor, fake: Tensor) -> Tensor:
        ours, theirs = self.discriminator(labels, fake), self.discriminator(labels, photo)
        loss = torch.zeros(())
        weight = self.run.loss.feature_matching / len(ours)
        for scale, real in zip(ours, theirs, strict=True):
            loss = loss + functional.mse_loss(scale[-1], torch.ones_like(scale[-1]))
            for a, b in zip(scale[:-1], real[:-1], strict=True):
                loss = loss + weight * functional.l1_loss(a, b.detach())
        if self.vgg is not None:
            taps = zip(self.vgg(fake), self.vgg(photo), self.run.loss.vgg_taps, strict=True)
            for a, b, tap in taps:
                size = b.detach().abs().mean()
                loss = loss + self.run.loss.perceptual * tap * functional.l1_loss(a, b) / size
        return loss
