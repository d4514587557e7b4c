"""Training the face detector on scenes composed of dataset faces as it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from maskgan.data import augment
from maskgan.data.augment import AugmentConfig
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import mirror_labels, to_float
from maskgan.models.face_detector import CELL, FaceDetector, FaceDetectorConfig, cell_centres
from maskgan.training.backdrops import chance
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats, TrainingConfig
from maskgan.training.scenes import Face, SceneConfig, compose

VALIDATION_SCENES = 192
"""Scenes of val faces that a detector is measured on, always the same."""
FOUND_SCORE = 0.5
"""Score from which a cell counts as a face in validation."""
FOUND_ERROR = 0.3
"""Largest mean error of the three points, as a share of the eye distance, of a face found."""
SMALL = 20.0
"""Scenes with faces of a smaller eye distance are not blurred: nothing would be left of them."""


@dataclass(frozen=True, kw_only=True)
class DetectorLossConfig:
    """What the detector learns from."""

    learning_rate: float = 2e-3
    """Peak learning rate of AdamW."""
    weight_decay: float = 0.02
    """Decoupled weight decay."""
    points: float = 1.0
    """Weight of the three points beside the scores."""
    spread: float = 0.25
    """Width of the peak that the scores learn, as a share of the eye distance."""


@dataclass(frozen=True, kw_only=True)
class DetectorRun:
    """A complete run of the face detector."""

    training: TrainingConfig
    model: FaceDetectorConfig = field(default_factory=FaceDetectorConfig)
    scenes: SceneConfig = field(default_factory=SceneConfig)
    augment: AugmentConfig = field(
        default_factory=lambda: AugmentConfig(light=0.45, jpeg=0.35, blur=0.25, noise=0.1)
    )
    """Of these, rotation, scale, shift and upright are not used: scenes have their own."""
    loss: DetectorLossConfig = field(default_factory=DetectorLossConfig)


class Scenes(NamedTuple):
    """A batch. F = scenes.MAX_FACES."""

    photos: Tensor
    """float32 (B, 3, S, S) in [-1, 1]."""
    points: Tensor
    """float32 (B, F, 3, 2): right eye, left eye, mouth as (x, y) in pixels."""
    sizes: Tensor
    """float32 (B, F): eye distance in pixels, 0 = no face."""


class DetectorTask:
    """See `maskgan.training.loop.Task`."""

    name = "detector"
    averaged: tuple[str, ...] = ("detector",)

    def __init__(
        self, run: DetectorRun, train: FaceMaskDataset, test: FaceMaskDataset, device: torch.device
    ) -> None:
        self.run, self.train, self.test, self.device = run, train, test, device
        torch.manual_seed(run.training.seed)
        self.detector = FaceDetector(run.model)
        self.modules: dict[str, nn.Module] = {"detector": self.detector}
        self.phases = [
            Phase(
                "detector",
                ("detector",),
                run.loss.learning_rate,
                self.loss,
                weight_decay=run.loss.weight_decay,
            )
        ]

    def batch(self, start: int, count: int) -> Scenes:
        generator = torch.Generator().manual_seed(self.run.training.seed * 7919 + start)
        order = sample_order(start, count, len(self.train), self.run.training.seed)
        scenes = self._scenes(self.train, order, generator)
        return scenes._replace(photos=self._weathered(scenes, generator))

    def names(self, start: int, count: int) -> list[str]:
        """Of the first face of each scene."""
        order = sample_order(start, count, len(self.train), self.run.training.seed)
        return self.train.names(order)

    def _scenes(self, faces: FaceMaskDataset, items: list[int], generator: Generator) -> Scenes:
        """A scene with each of the items, and with more faces drawn at random."""

        def drawn(first: int) -> Iterator[Face]:
            item = first
            while True:
                pixels, labels = faces.batch([item])
                photo, labels = to_float(pixels.to(self.device)), labels.to(self.device)
                if chance(generator, 0.5):
                    photo, labels = photo.flip(-1), mirror_labels(labels)
                yield photo[0], labels[0]
                item = int(torch.randint(len(faces), (), generator=generator))

        sizes, config = self.run.model.eye_distance, self.run.scenes
        scenes = [compose(drawn(item).__next__, sizes, config, generator) for item in items]
        photos = torch.stack([scene.photo for scene in scenes])
        points = torch.stack([scene.points for scene in scenes]).to(self.device)
        return Scenes(photos, points, torch.stack([scene.size for scene in scenes]).to(self.device))

    def _weathered(self, scenes: Scenes, generator: Generator) -> Tensor:
        """The photos in another light and as poor files show them."""
        config = self.run.augment
        photos = augment.light(scenes.photos, config, generator)
        smallest = torch.where(scenes.sizes > 0, scenes.sizes, torch.inf).amin(1)
        small = smallest < SMALL
        gentle = replace(config, blur=0.0, noise=config.noise / 2)
        for chosen, strength in ((small, gentle), (~small, config)):
            if chosen.any():
                photos[chosen] = augment.degrade(photos[chosen], strength, generator)
        return photos

    def loss(self, batch: Scenes) -> tuple[Tensor, Stats]:
        logits, points = self.detector.maps(
            batch.photos.contiguous(memory_format=torch.channels_last)
        )
        target, owner = self._target(batch, logits.shape[-2:])
        # Focal loss of CenterNet: around a peak, the nearer the cell the less a score costs.
        peak = target == 1
        count = peak.sum().clamp(min=1)
        score = logits.sigmoid()
        hit = functional.logsigmoid(logits) * (1 - score) ** 2
        miss = functional.logsigmoid(-logits) * score**2 * (1 - target) ** 4
        focal = -torch.where(peak, hit, miss).sum() / count

        # Points of the nearest face, in units of its eye distance.
        weight = torch.where(target > 0.3, target, 0)
        truth, sizes = _of_owner(batch, owner)
        centres = cell_centres(logits.shape[-2:], logits.device)
        error = (points + centres - truth) / sizes[:, None, None]
        distance = functional.smooth_l1_loss(
            error, torch.zeros_like(error), reduction="none", beta=0.1
        )
        distance = (distance.mean((1, 2)) * weight).sum() / weight.sum().clamp(min=1)
        loss = focal + self.run.loss.points * 10 * distance
        worst = torch.where(peak, error.detach().norm(dim=2).mean(1), 0).sum() / count
        return loss, {"focal": focal, "points": distance, "error": worst}

    def _target(self, batch: Scenes, size: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Score to learn (B, h, w), exactly 1 in the cell nearest to each face, and the number of
        the face (B, h, w) that a cell belongs to."""
        middle = batch.points.mean(2)  # (B, F, 2)
        centres = cell_centres(size, middle.device)
        distance = (middle[..., None, None] - centres).norm(dim=2)  # (B, F, h, w)
        width = (batch.sizes * self.run.loss.spread).clamp(min=0.6 * CELL)
        bumps = torch.exp(-0.5 * (distance / width[..., None, None]) ** 2)
        bumps = torch.where((batch.sizes > 0)[..., None, None], bumps, 0)
        nearest = distance == distance.amin((2, 3), keepdim=True)
        bumps = torch.where(nearest & (bumps > 0), 1.0, bumps)
        target, owner = bumps.max(1)
        return target, owner

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """On scenes of val faces: the share of faces found, in all and by eye distance, false
        faces per scene, and the mean error of the points as a share of the eye distance."""
        generator = torch.Generator().manual_seed(1)
        items = torch.randint(len(self.test), (VALIDATION_SCENES,), generator=generator).tolist()
        sizes, errors, false = [], [], 0
        for start in range(0, len(items), 16):
            batch = self._scenes(self.test, items[start : start + 16], generator)
            scores, points = averaged["detector"](batch.photos)
            centres = cell_centres(scores.shape[-2:], scores.device)
            for index, cells in enumerate(peaks(scores, FOUND_SCORE)):
                guesses = (points + centres)[index][..., cells].permute(2, 0, 1)  # (N, 3, 2)
                known = batch.sizes[index] > 0
                truth, size = batch.points[index][known], batch.sizes[index][known]
                gap = (guesses[None] - truth[:, None]).norm(dim=3).mean(2) / size[:, None]
                false += int((gap >= FOUND_ERROR).all(0).sum())
                best = gap.amin(1) if len(guesses) else torch.full_like(size, torch.inf)
                sizes.append(size)
                errors.append(best)
        size, error = torch.cat(sizes), torch.cat(errors)
        found = error < FOUND_ERROR
        figures = {
            "found": float(found.float().mean()),
            "false_per_scene": false / VALIDATION_SCENES,
        }
        if found.any():
            figures["point_error"] = float(error[found].mean())
        low, high = self.run.model.eye_distance
        edges = (low, 12.0, 24.0, 48.0, high)
        for first, last in pairwise(edges):
            inside = (size >= first) & (size < last)
            if inside.any():
                figures[f"found_{first:g}_{last:g}"] = float(found[inside].float().mean())
        return figures

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """Scenes of val faces, their score maps, and crosses where the three points are."""
        generator = torch.Generator().manual_seed(2)
        items = torch.randint(len(self.test), (12,), generator=generator).tolist()
        batch = self._scenes(self.test, items, generator)
        scores, points = averaged["detector"](batch.photos)
        maps = functional.interpolate(scores[:, None], scale_factor=CELL).expand(-1, 3, -1, -1)
        marked = batch.photos.clone()
        centres = cell_centres(scores.shape[-2:], scores.device)
        for index, cells in enumerate(peaks(scores, FOUND_SCORE)):
            for guess in (points + centres)[index][..., cells].permute(2, 0, 1):
                for color, (x, y) in zip(torch.eye(3), guess.round().int().tolist(), strict=True):
                    dot = marked[index, :, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
                    dot.copy_((color * 2 - 1)[:, None, None].to(dot.device).expand_as(dot))
        save_grid(path, (batch.photos, marked, maps * 2 - 1))


def peaks(scores: Tensor, least: float) -> list[Tensor]:
    """Per picture of scores (B, h, w) a mask (h, w) of the cells that score at least `least` and
    no less than their eight neighbours."""
    highest = functional.max_pool2d(scores[:, None], 3, 1, 1)[:, 0]
    return list((scores >= least) & (scores == highest))


def _of_owner(batch: Scenes, owner: Tensor) -> tuple[Tensor, Tensor]:
    """Points (B, 3, 2, h, w) and eye distance (B, h, w) of the face each cell belongs to."""
    index = torch.arange(len(owner), device=owner.device)[:, None, None]
    points = batch.points[index, owner].permute(0, 3, 4, 1, 2)
    return points, batch.sizes[index, owner].clamp(min=1)
