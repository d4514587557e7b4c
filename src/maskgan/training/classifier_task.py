"""Training the attribute classifier: binary cross-entropy on varied photos. Labels are not looked
at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data import augment
from maskgan.data.augment import AugmentConfig
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import to_float
from maskgan.models.attribute_classifier import AttributeClassifier, AttributeClassifierConfig
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats, TrainingConfig

GRID_FACES = 12
VALIDATED = 32
"""Photos of a batch that is validated."""


@dataclass(frozen=True, kw_only=True)
class ClassifierLossConfig:
    """What the classifier learns from."""

    learning_rate: float = 1e-3
    """Peak learning rate of AdamW."""
    weight_decay: float = 0.05
    """Decoupled weight decay."""
    balance: float = 1.0
    """Power of the weight of faces that have an attribute, over those that have it not: 0 = all
    alike, 1 = both sides count for the same."""
    smoothing: float = 0.05
    """How far the targets are from 0 and 1: attributes are noisy."""


@dataclass(frozen=True, kw_only=True)
class ClassifierRun:
    """A complete run of the attribute classifier."""

    training: TrainingConfig
    model: AttributeClassifierConfig = field(default_factory=AttributeClassifierConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: ClassifierLossConfig = field(default_factory=ClassifierLossConfig)


class ClassifierTask:
    """See `maskgan.training.loop.Task`."""

    name = "classifier"
    averaged: tuple[str, ...] = ("classifier",)

    def __init__(
        self, run: ClassifierRun, train: FaceMaskDataset, val: FaceMaskDataset, device: torch.device
    ) -> None:
        self.run, self.train, self.val, self.device = run, train, val, device
        names = run.model.attributes
        self._attributes = torch.from_numpy(train.attributes(names)).float()  # (N, A)
        self._val_attributes = torch.from_numpy(val.attributes(names)).float()
        torch.manual_seed(run.training.seed)
        self.classifier = AttributeClassifier(run.model)
        self.modules: dict[str, nn.Module] = {"classifier": self.classifier}
        self.phases = [
            Phase(
                "classifier",
                ("classifier",),
                run.loss.learning_rate,
                self.loss,
                weight_decay=run.loss.weight_decay,
            )
        ]
        share = self._attributes.mean(0).clamp(0.01, 0.99)
        self._positive = ((1 - share) / share).pow(run.loss.balance).to(device)

    def batch(self, start: int, count: int) -> tuple[Tensor, Tensor]:
        seed = self.run.training.seed
        order = sample_order(start, count, len(self.train), seed)
        pixels, labels = self.train.batch(order)
        generator = torch.Generator().manual_seed(seed * 7919 + start)
        photos, labels = to_float(pixels.to(self.device)), labels.to(self.device)
        photos, labels = augment.flip(photos, labels, generator)
        photos, _ = augment.affine(photos, labels, self.run.augment, generator)
        photos = augment.light(photos, self.run.augment, generator)
        photos = augment.degrade(photos, self.run.augment, generator)
        return photos, self._attributes[order].to(self.device)

    def names(self, start: int, count: int) -> list[str]:
        return self.train.names(sample_order(start, count, len(self.train), self.run.training.seed))

    def loss(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Stats]:
        photos, attributes = batch
        logits = self.classifier(photos.contiguous(memory_format=torch.channels_last)).float()
        smoothing = self.run.loss.smoothing
        targets = attributes * (1 - 2 * smoothing) + smoothing
        entropy = functional.binary_cross_entropy_with_logits(
            logits, targets, pos_weight=self._positive
        )
        accuracy = ((logits.detach() > 0) == (attributes > 0.5)).float().mean()
        return entropy, {"cross_entropy": entropy, "accuracy": accuracy}

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """Of each attribute on the val split: accuracy, the mean accuracy of both sides
        (`balanced`) and the area under the ROC curve (`area`)."""
        found = self._probabilities(averaged["classifier"], range(len(self.val)))
        figures = {}
        for place, name in enumerate(self.run.model.attributes):
            probability, has = found[:, place], self._val_attributes[:, place] > 0.5
            right = (probability > 0.5) == has
            figures[f"accuracy_{name}"] = float(right.float().mean())
            sides = torch.stack([right[has].float().mean(), right[~has].float().mean()])
            figures[f"balanced_{name}"] = float(sides.mean())
            figures[f"area_{name}"] = area_under_curve(probability, has)
        return figures

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """Val faces in the order of the first attribute's probability: a row with the lowest, one
        with the highest."""
        found = self._probabilities(averaged["classifier"], range(len(self.val)))[:, 0]
        order = found.argsort().tolist()
        count = min(GRID_FACES, len(order) // 2)
        rows = [order[:count], order[len(order) - count :]]
        columns = [
            to_float(self.val.batch([row[place] for row in rows])[0].to(self.device))
            for place in range(count)
        ]
        if columns:
            save_grid(path, tuple(columns))

    def _probabilities(self, classifier: nn.Module, items: range) -> Tensor:
        """float32 (N, A) on the CPU."""
        found = []
        for start in range(0, len(items), VALIDATED):
            pixels = self.val.batch(items[start : start + VALIDATED])[0]
            photos = to_float(pixels.to(self.device))
            found.append(classifier.probabilities(photos).cpu())  # type: ignore[operator]
        return torch.cat(found)


def area_under_curve(score: Tensor, has: Tensor) -> float:
    """Area under the ROC curve of scores float (N,) for faces that have an attribute, bool (N,):
    the chance that one that has it scores higher than one that has not, ties counted half. NaN
    where a side is empty."""
    above, below = score[has], score[~has]
    if not len(above) or not len(below):
        return float("nan")
    below = below.sort().values
    lower = torch.searchsorted(below, above)  # how many of `below` are lower, per score
    not_higher = torch.searchsorted(below, above, right=True)
    return float((lower + not_higher).double().mean()) / (2 * len(below))
