"""Training StarGAN: a critic that judges and reads attributes, a generator that changes them.

*StarGAN* (Choi et al. 2018), Equations 1 to 6, with the authors' weights: Wasserstein loss with
gradient penalty, cross-entropy of the attributes, and the way back to the photo. Labels are not
looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import to_float
from maskgan.losses.adversarial import gradient_penalty
from maskgan.models.baselines.stargan import (
    StarGanDiscriminator,
    StarGanDiscriminatorConfig,
    StarGanGenerator,
    StarGanGeneratorConfig,
)
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats, TrainingConfig
from maskgan.training.translation_task import FacesConfig

GRID_ROWS = 8
VALIDATED = 64
"""Most val faces that are measured."""


@dataclass(frozen=True, kw_only=True)
class StarGanLossConfig:
    """What StarGAN learns from; the defaults are the authors'. The adversarial loss has weight
    1."""

    learning_rate: float = 1e-4
    """Peak learning rate of the generator."""
    discriminator_rate: float = 1e-4
    """Peak learning rate of the critic."""
    betas: tuple[float, float] = (0.5, 0.999)
    """Of Adam."""
    critic_steps: int = 5
    """Steps of the critic, a batch each, for one of the generator."""
    classification: float = 1.0
    """Cross-entropy of the attributes, summed over them."""
    reconstruction: float = 10.0
    """L1 between the photo and its way there and back."""
    penalty: float = 10.0
    """Gradient penalty of the critic."""

    def __post_init__(self) -> None:
        if self.critic_steps < 1:
            raise ValueError(f"critic_steps is {self.critic_steps}; expected at least 1.")


@dataclass(frozen=True, kw_only=True)
class StarGanRun:
    """A complete run of StarGAN."""

    training: TrainingConfig
    model: StarGanGeneratorConfig = field(default_factory=StarGanGeneratorConfig)
    discriminator: StarGanDiscriminatorConfig = field(default_factory=StarGanDiscriminatorConfig)
    faces: FacesConfig = field(default_factory=lambda: FacesConfig(mirror=0.5))
    loss: StarGanLossConfig = field(default_factory=StarGanLossConfig)

    def __post_init__(self) -> None:
        for name in ("attributes", "size"):
            own, other = getattr(self.model, name), getattr(self.discriminator, name)
            if own != other:
                raise ValueError(
                    f"model.{name} is {own} and discriminator.{name} {other}; give both the same."
                )


class StarGanBatch(NamedTuple):
    """A batch."""

    photo: Tensor
    """float32 (B, 3, S, S) in [-1, 1]."""
    own: Tensor
    """The photos' attributes, float32 (B, A), 0 or 1."""
    wanted: Tensor
    """Those to give them, likewise: of another face of the batch."""
    share: Tensor
    """float32 (B, 1, 1, 1) in [0, 1]: where between photo and render the penalty looks."""
    step: int
    """Of the run, from 0."""


class StarGanTask:
    """See `maskgan.training.loop.Task`."""

    name = "stargan"
    averaged: tuple[str, ...] = ("generator", "discriminator")

    def __init__(
        self, run: StarGanRun, train: FaceMaskDataset, val: FaceMaskDataset, device: torch.device
    ) -> None:
        self.run, self.train, self.val, self.device = run, train, val, device
        names = run.model.attributes
        self._attributes = torch.from_numpy(train.attributes(names)).float()  # (N, A)
        self._val_attributes = torch.from_numpy(val.attributes(names)).float()
        torch.manual_seed(run.training.seed)
        self.generator = StarGanGenerator(run.model)
        self.discriminator = StarGanDiscriminator(run.discriminator)
        self.modules: dict[str, nn.Module] = {
            "generator": self.generator,
            "discriminator": self.discriminator,
        }
        weights = run.loss
        self.phases = [
            Phase(
                "discriminator",
                ("discriminator",),
                weights.discriminator_rate,
                self.discriminator_loss,
                weights.betas,
                second_order=True,
            ),
            Phase(
                "generator",
                ("generator",),
                weights.learning_rate,
                self.generator_loss,
                weights.betas,
            ),
        ]

    def batch(self, start: int, count: int) -> StarGanBatch:
        seed = self.run.training.seed
        order = sample_order(start, count, len(self.train), seed)
        photo = self.train.batch(order)[0]
        generator = torch.Generator().manual_seed(seed * 7919 + start)
        mirrored = torch.rand(count, generator=generator) < self.run.faces.mirror
        photo = torch.where(mirrored[:, None, None, None], photo.flip(2), photo)
        own = self._attributes[order]
        wanted = own[torch.randperm(count, generator=generator)]
        share = torch.rand(count, 1, 1, 1, generator=generator)
        return StarGanBatch(
            to_float(photo.to(self.device)),
            own.to(self.device),
            wanted.to(self.device),
            share.to(self.device),
            # Of several processes each makes a part of the step's batch.
            start // self.run.training.batch_size,
        )

    def names(self, start: int, count: int) -> list[str]:
        order = sample_order(start, count, len(self.train), self.run.training.seed)
        return self.train.names(order)

    def discriminator_loss(self, batch: StarGanBatch) -> tuple[Tensor, Stats]:
        weights = self.run.loss
        with torch.no_grad():
            render = self.generator(batch.photo, batch.wanted)
        answer, logits = self.discriminator(batch.photo)
        real, fake = -answer.float().mean(), self.discriminator(render)[0].float().mean()
        reading = attribute_entropy(logits, batch.own)
        penalty = gradient_penalty(
            lambda picture: self.discriminator(picture)[0], batch.photo, render, batch.share
        )
        loss = real + fake + weights.classification * reading + weights.penalty * penalty
        return loss, {"real": real, "fake": fake, "classification": reading, "penalty": penalty}

    def generator_loss(self, batch: StarGanBatch) -> tuple[Tensor, Stats]:
        weights = self.run.loss
        if batch.step % weights.critic_steps:
            # Nothing depends on this zero, so no weight gets a gradient and Adam leaves weights
            # and moments as they are: the generator rests while the critic learns.
            return torch.zeros((), device=self.device, requires_grad=True), {}
        render = self.generator(batch.photo, batch.wanted)
        answer, logits = self.discriminator(render)
        adversarial = -answer.float().mean()
        reading = attribute_entropy(logits, batch.wanted)
        back = self.generator(render, batch.own)
        reconstruction = (back.float() - batch.photo).abs().mean()
        loss = (
            adversarial + weights.classification * reading + weights.reconstruction * reconstruction
        )
        return loss, {
            "adversarial": adversarial,
            "classification": reading,
            "reconstruction": reconstruction,
        }

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """Mean absolute differences in [0, 2] of val photos, way there and back (`reconstruction`)
        and between photo and render (`change`), each attribute turned into its opposite alone; per
        attribute the share of photos that the critic reads right and of renders in which it reads
        what was wanted."""
        generator, critic = averaged["generator"], averaged["discriminator"]
        names = self.run.model.attributes
        sums = dict.fromkeys(("reconstruction", "change"), 0.0)
        read = dict.fromkeys(
            [f"{kind}_{name}" for name in names for kind in ("read", "followed")], 0.0
        )
        count = min(VALIDATED, len(self.val))
        for start in range(0, count, 16):
            photo, own = self._faces(range(start, min(start + 16, count)))
            of_photo = critic(photo)[1] > 0
            for place, name in enumerate(names):
                wanted = _opposite(own, place)
                render = generator(photo, wanted)
                back = generator(render, own)
                sums["change"] += float((render - photo).abs().mean((1, 2, 3)).sum())
                sums["reconstruction"] += float((back - photo).abs().mean((1, 2, 3)).sum())
                read[f"read_{name}"] += float((of_photo == own.bool())[:, place].sum())
                of_render = critic(render)[1] > 0
                read[f"followed_{name}"] += float((of_render == wanted.bool())[:, place].sum())
        means = {name: total / (count * len(names)) for name, total in sums.items()}
        return means | {name: total / count for name, total in read.items()}

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """A row per val face: photo, with its own attributes, and with each turned into its
        opposite."""
        generator = averaged["generator"]
        photo, own = self._faces(range(min(GRID_ROWS, len(self.val))))
        turned = [_opposite(own, place) for place in range(own.shape[1])]
        save_grid(path, (photo, *(generator(photo, wanted) for wanted in (own, *turned))))

    def _faces(self, items: Sequence[int]) -> tuple[Tensor, Tensor]:
        photos = to_float(self.val.batch(items)[0].to(self.device))
        return photos, self._val_attributes[list(items)].to(self.device)


def attribute_entropy(logits: Tensor, attributes: Tensor) -> Tensor:
    """Binary cross-entropy of logits (B, A) to attributes (B, A), 0 or 1: sum over the attributes,
    mean over the batch."""
    entropy = functional.binary_cross_entropy_with_logits(
        logits.float(), attributes, reduction="none"
    )
    return entropy.sum(1).mean()


def _opposite(attributes: Tensor, place: int) -> Tensor:
    """Attributes (B, A) with one of them turned into its opposite."""
    turned = attributes.clone()
    turned[:, place] = 1 - turned[:, place]
    return turned
