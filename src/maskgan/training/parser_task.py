"""Training the face parsers: cross-entropy and Dice on strongly varied photos."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data import augment
from maskgan.data.augment import AugmentConfig
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import to_float
from maskgan.labels import IDS, LABELS, NUM_CLASSES
from maskgan.losses.segmentation import class_weights, confusion, scores, soft_dice
from maskgan.models.parser import Parser, ParserConfig
from maskgan.models.unet_parser import UnetParser, UnetParserConfig
from maskgan.models.vgg_parser import VggParser, VggParserConfig
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats, TrainingConfig

REMEDY = "Give a file with --loss.vgg (torchvision's vgg19-dcbb9e9d.pth will do)."
RARE = ("eye_g", "hat", "ear_r", "neck_l")
"""Classes on few faces; faces that have one are seen more often."""


@dataclass(frozen=True, kw_only=True)
class ParserLossConfig:
    """What the parser learns from."""

    learning_rate: float = 2e-3
    """Peak learning rate of AdamW."""
    weight_decay: float = 0.02
    """Decoupled weight decay."""
    dice: float = 0.5
    """Weight of the Dice loss beside cross-entropy."""
    balance: float = 0.25
    """Power of the class weights in cross-entropy: 0 = none, 1 = full balance."""
    rare_repeats: int = 3
    """How often an epoch shows a face with glasses, hat, earring or necklace."""


@dataclass(frozen=True, kw_only=True)
class VggParserLossConfig(ParserLossConfig):
    """Likewise for the large parser; what it knows already must not be shaken."""

    learning_rate: float = 3e-4
    balance: float = 0.0
    vgg: str = ""
    """File with the VGG-19 weights that it starts from."""


@dataclass(frozen=True, kw_only=True)
class ParserRun:
    """A complete run of the parser."""

    training: TrainingConfig
    model: ParserConfig = field(default_factory=ParserConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: ParserLossConfig = field(default_factory=ParserLossConfig)


@dataclass(frozen=True, kw_only=True)
class VggParserRun:
    """A complete run of the large parser."""

    training: TrainingConfig
    model: VggParserConfig = field(default_factory=VggParserConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: VggParserLossConfig = field(default_factory=VggParserLossConfig)


@dataclass(frozen=True, kw_only=True)
class UnetParserRun:
    """A complete run of the paper's parser, which judges renders."""

    training: TrainingConfig
    model: UnetParserConfig = field(default_factory=UnetParserConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: ParserLossConfig = field(default_factory=ParserLossConfig)


AnyParserRun = ParserRun | VggParserRun | UnetParserRun


class ParserTask:
    """See `maskgan.training.loop.Task`."""

    name = "parser"
    averaged: tuple[str, ...] = ("parser",)

    def __init__(
        self,
        run: AnyParserRun,
        train: FaceMaskDataset,
        val: FaceMaskDataset,
        device: torch.device,
    ) -> None:
        self.run, self.train, self.val, self.device = run, train, val, device
        torch.manual_seed(run.training.seed)
        self.parser = _network(run)
        self.modules: dict[str, nn.Module] = {"parser": self.parser}
        self.phases = [
            Phase(
                "parser",
                ("parser",),
                run.loss.learning_rate,
                self.loss,
                weight_decay=run.loss.weight_decay,
            )
        ]
        self._order, shares = self._survey()
        self._weights = class_weights(shares, run.loss.balance).to(device)

    def _survey(self) -> tuple[list[int], Tensor]:
        """Items of an epoch, rare faces repeated, and the pixel share of each class."""
        rare = [IDS[name] for name in RARE]
        counts = np.zeros(NUM_CLASSES)
        order = []
        for item in range(len(self.train)):
            areas = np.bincount(self.train[item][1].ravel(), minlength=NUM_CLASSES)
            counts += areas
            repeats = self.run.loss.rare_repeats if areas[rare].any() else 1
            order += [item] * repeats
        return order, torch.from_numpy(counts / counts.sum()).float()

    def batch(self, start: int, count: int) -> tuple[Tensor, Tensor]:
        pixels, labels = self.train.batch(self._items(start, count))
        generator = torch.Generator().manual_seed(self.run.training.seed * 7919 + start)
        photos, labels = to_float(pixels.to(self.device)), labels.to(self.device)
        photos, labels = augment.flip(photos, labels, generator)
        photos, labels = augment.affine(photos, labels, self.run.augment, generator)
        photos = augment.light(photos, self.run.augment, generator)
        return augment.degrade(photos, self.run.augment, generator), labels

    def names(self, start: int, count: int) -> list[str]:
        return self.train.names(self._items(start, count))

    def _items(self, start: int, count: int) -> list[int]:
        positions = sample_order(start, count, len(self._order), self.run.training.seed)
        return [self._order[position] for position in positions]

    def loss(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Stats]:
        photos, labels = batch
        logits = self.parser(photos.contiguous(memory_format=torch.channels_last)).float()
        # Where the logits have half the photo's size, one of the four pixels under each is drawn as
        # its truth: on average that is the whole map, at a quarter of the cost.
        step = labels.shape[-1] // logits.shape[-1]
        row, column = torch.randint(step, (2,)).tolist()
        truth = labels[:, row::step, column::step].long()
        log_probabilities = functional.log_softmax(logits, 1)
        entropy = functional.nll_loss(log_probabilities, truth, self._weights)
        dice = soft_dice(log_probabilities, truth)
        accuracy = (logits.detach().argmax(1) == truth).float().mean()
        loss = entropy + self.run.loss.dice * dice
        return loss, {"cross_entropy": entropy, "dice": dice, "accuracy": accuracy}

    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """Pixel accuracy, mean IoU and IoU per class on the val split, as they are (no
        augmentation), at the model's size."""
        matrix = face_confusion(averaged["parser"], self.val, self.device)
        accuracy, iou = scores(matrix)
        named = {f"iou_{name}": float(value) for name, value in zip(LABELS, iou, strict=True)}
        return {"accuracy": accuracy, "miou": float(iou.nanmean()), **named}

    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        pixels, labels = self.val.batch(range(min(12, len(self.val))))
        photos = to_float(pixels.to(self.device))
        predicted = averaged["parser"].labels(photos)  # type: ignore[operator]
        save_grid(path, (photos, labels, predicted))


def _network(run: AnyParserRun) -> nn.Module:
    if isinstance(run, ParserRun):
        return Parser(run.model)
    if isinstance(run, UnetParserRun):
        return UnetParser(run.model)
    parser = VggParser(run.model)
    if not run.training.start:
        parser.features.load(run.loss.vgg, REMEDY)
    return parser


def face_confusion(parser: nn.Module, faces: FaceMaskDataset, device: torch.device) -> Tensor:
    """Confusion matrix (K, K) of a parser over a dataset."""
    matrix = torch.zeros(NUM_CLASSES, NUM_CLASSES, dtype=torch.int64)
    for start in range(0, len(faces), 16):
        pixels, labels = faces.batch(range(start, min(start + 16, len(faces))))
        predicted = parser.labels(to_float(pixels.to(device))).cpu()  # type: ignore[operator]
        matrix += confusion(predicted, labels, NUM_CLASSES)
    return matrix
