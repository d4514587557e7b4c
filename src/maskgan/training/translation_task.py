"""Training generators that draw whole faces, by giving a face back from its labels and its look.

The first stage of MaskGAN (Lee et al., CVPR 2020) and, with other networks and losses, the training
of its baselines. Where the paper and its code are silent, docs/training.md says what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import mirror_labels, to_float
from maskgan.losses import pixels
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork
from maskgan.models.discriminator import MultiScaleDiscriminator, MultiScaleDiscriminatorConfig
from maskgan.models.translator import Translator
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats, TrainingConfig
from maskgan.training.objective import TranslationLossConfig, TranslationObjective, Truth

GRID_ROWS = 8
VALIDATED = 64
"""Most val faces that are measured."""


@dataclass(frozen=True, kw_only=True)
class FacesConfig:
    """How the faces of a dataset are shown."""

    mirror: float = 0.0
    """Share of faces shown in the mirror, left and right exchanged; the authors show none."""

    def __post_init__(self) -> None:
        if not 0 <= self.mirror <= 1:
            raise ValueError(f"mirror is {self.mirror}; expected 0 to 1.")


@dataclass(frozen=True, kw_only=True)
class TranslationRun:
    """A complete run of a whole-face generator; runs of each network say which."""

    training: TrainingConfig
    discriminator: MultiScaleDiscriminatorConfig = field(
        default_factory=MultiScaleDiscriminatorConfig
    )
    faces: FacesConfig = field(default_factory=FacesConfig)
    loss: TranslationLossConfig = field(default_factory=TranslationLossConfig)


@dataclass(frozen=True, kw_only=True)
class DenseMappingRun(TranslationRun):
    """The first stage of MaskGAN: the Dense Mapping Network gives faces back."""

    model: DenseMappingConfig = field(default_factory=DenseMappingConfig)


class TranslationBatch(NamedTuple):
    """Faces to give back."""

    photo: Tensor
    """float32 (B, 3, S, S) in [-1, 1]."""
    labels: Tensor
    """uint8 (B, S, S)."""
    seed: int
    """Of what is drawn in this step."""
    reference: Tensor | None = None
    """Labels of other faces, uint8 (B, S, S), for the second stage."""


LossFunction = Callable[[TranslationBatch], tuple[Tensor, Stats]]


class TranslationTask:
    """See `maskgan.training.loop.Task`. `generator` is a `Translator`, untrained."""

    name = "translation"
    averaged: tuple[str, ...] = ("generator",)

    def __init__(
        self,
        run: TranslationRun,
        generator: nn.Module,
        train: FaceMaskDataset,
        val: FaceMaskDataset,
        device: torch.device,
    ) -> None:
        self.run, self.train, self.val, self.device = run, train, val, device
        self.generator = cast(Translator, generator)
        self.discriminator = MultiScaleDiscriminator(run.discriminator)
        self.modules: dict[str, nn.Module] = {
            "generator": generator,
            "discriminator": self.discriminator,
        }
        self.objective = TranslationObjective(run.loss, self.discriminator, device)
        # In the authors' order: the discriminator first, then the generator that drew its fake.
        self.phases = [
            self._critic("discriminator", self.discriminator_loss),
            self._maker("generator", ("generator",), self.generator_loss),
        ]
        self._truth: Truth
        self._render: Tensor
        self._divergence: Tensor

    def batch(self, start: int, count: int) -> TranslationBatch:
        seed = self.run.training.seed
        photo, labels = self.train.batch(sample_order(start, count, len(self.train), seed))
        # Drawn per example, not per batch: processes that share a batch see what one would.
        draws = [np.random.default_rng([seed, start + item]).random() for item in range(count)]
        mirrored = torch.tensor(draws) < self.run.faces.mirror
        labels = torch.where(mirrored[:, None, None], mirror_labels(labels), labels)
        photo = torch.where(mirrored[:, None, None, None], photo.flip(2), photo)
        photo, labels = photo.to(self.device), labels.to(self.device)
        return TranslationBatch(to_float(photo), labels, seed * 7919 + start)

    def names(self, start: int, count: int) -> list[str]:
        order = sample_order(start, count, len(self.train), self.run.training.seed)
        return self.train.names(order)

    def discriminator_loss(self, batch: TranslationBatch) -> tuple[Tensor, Stats]:
        self._truth = self.objective.truth(batch.labels, batch.photo)
        draws = torch.Generator().manual_seed(batch.seed)
        # Drawn once for both phases: the generator does not change in between.
        self.modules["generator"].requires_grad_(True)
        self._render, self._divergence = self.generator.reconstruct(
            batch.labels, batch.labels, batch.photo, draws
        )
        return self.objective.of_discriminator(self._truth, self._render)

    def generator_loss(self, batch: TranslationBatch) -> tuple[Tensor, Stats]:
        loss, stats = self.objective.of_generator(self._truth, self._render)
        if self._divergence.requires_grad:
            loss = loss + self.run.loss.kl * self._divergence
            stats["kl"] = self._divergence
        return loss, stats | {"psnr": psnr(self._render, batch.photo).mean()}

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """PSNR in dB of val faces drawn from their labels and look, nothing kept."""
        generator = cast(Translator, averaged["generator"])
        values = []
        for start in range(0, min(VALIDATED, len(self.val)), 16):
            photo, labels = self._faces(range(start, min(start + 16, len(self.val))))
            render = generator.decode(labels, generator.encode(photo, labels))
            values.append(psnr(render, photo))
        return {"psnr_everything": float(torch.cat(values).mean())}

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """Rows of target photo, its labels, its render, source labels (of another face) and the
        render of those with the target's look."""
        generator = cast(Translator, averaged["generator"])
        photo, labels = self._faces(range(min(GRID_ROWS, len(self.val))))
        code, source = generator.encode(photo, labels), labels.roll(-1, 0)
        save_grid(
            path,
            (photo, labels, generator.decode(labels, code), source, generator.decode(source, code)),
        )

    def _faces(self, items: Sequence[int]) -> tuple[Tensor, Tensor]:
        photos, labels = self.val.batch(items)
        return to_float(photos.to(self.device)), labels.to(self.device)

    def _critic(self, name: str, loss: LossFunction) -> Phase:
        """A step of the discriminator; all of them share its optimiser."""
        config = self.run.loss
        rate = config.discriminator_rate
        return Phase(name, ("discriminator",), rate, loss, config.betas, 0.0, "discriminator")

    def _maker(self, name: str, trains: tuple[str, ...], loss: LossFunction) -> Phase:
        """A step of generators, with an optimiser of its own."""
        config = self.run.loss
        return Phase(name, trains, config.learning_rate, loss, config.betas)


def psnr(picture: Tensor, truth: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of each of the pictures (B, 3, H, W) in [-1, 1]: (B,)."""
    pairs = zip(picture[:, None], truth[:, None], strict=True)
    return torch.stack([pixels.psnr(a, b, torch.ones_like(b[:, :1])) for a, b in pairs])


def dense_mapping_task(
    run: DenseMappingRun, train: FaceMaskDataset, val: FaceMaskDataset, device: torch.device
) -> TranslationTask:
    """The task of MaskGAN's first stage."""
    torch.manual_seed(run.training.seed)
    return TranslationTask(run, DenseMappingNetwork(run.model), train, val, device)
