"""Training MaskVAE: cross-entropy of the reconstructed label maps plus weighted KL divergence.

*MaskGAN* (Lee et al., CVPR 2020), the first stage. Photos are never opened. Where the paper and
its code are silent, docs/training.md says what is done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from maskgan import images
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import mirror_labels
from maskgan.errors import ConfigError
from maskgan.labels import LABELS, NUM_CLASSES
from maskgan.losses.gaussian import kl_divergence
from maskgan.losses.segmentation import class_weights, confusion, scores
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig, towards_and_away
from maskgan.training.checkpoint import load_model
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats, TrainingConfig

CACHE_GIB = 8.0
"""Most memory for decoded label maps; beyond it they are read every time."""
GRID_ROWS = 12
ACTIVE = 0.01
"""Smallest variance of a code number's mean over faces for it to count as used (Burda et al.
2016)."""
TEMPERATURES = (1.0, 0.7)
"""Of the drawn faces in the sample grid."""


@dataclass(frozen=True, kw_only=True)
class MaskVaeLossConfig:
    """What MaskVAE learns from; the defaults are the paper's."""

    learning_rate: float = 2e-4
    """Peak learning rate of Adam."""
    betas: tuple[float, float] = (0.5, 0.999)
    """Of Adam."""
    kl: float = 1e-5
    """Weight of the KL divergence, in nats summed over the code, beside cross-entropy, in nats
    averaged over the pixels. The likelihood of a map of S x S pixels asks for 1 / S**2."""
    kl_warmup_images: int = 0
    """Images over which that weight rises from zero; 0 = all of it from the first step."""
    balance: float = 0.0
    """Power of the class weights in cross-entropy: 0 = none, 1 = full balance."""

    def __post_init__(self) -> None:
        for name in ("kl", "kl_warmup_images"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 0 or more.")


@dataclass(frozen=True, kw_only=True)
class MaskVaeRun:
    """A complete run of MaskVAE."""

    training: TrainingConfig
    model: MaskVaeConfig = field(default_factory=MaskVaeConfig)
    loss: MaskVaeLossConfig = field(default_factory=MaskVaeLossConfig)


class MaskBatch(NamedTuple):
    """A batch."""

    labels: Tensor
    """uint8 (B, S, S)."""
    kl: float
    """Weight of the KL divergence at this step."""
    seed: int
    """Of the drawn codes."""


class LabelMaps:
    """The label maps of a dataset without its photos, decoded on first use and kept in memory."""

    def __init__(self, faces: FaceMaskDataset) -> None:
        self._faces = faces
        count, side = len(faces), faces.size
        cached = count if count * side * side <= CACHE_GIB * 2**30 else 0
        self._maps = np.empty((cached, side, side), np.uint8)
        self._decoded = np.zeros(cached, bool)

    def __len__(self) -> int:
        return len(self._faces)

    def __getitem__(self, item: int) -> NDArray[np.uint8]:
        """Labels uint8 (S, S)."""
        if not self._decoded.size:
            return self._decode(item)
        if not self._decoded[item]:
            self._maps[item] = self._decode(item)
            self._decoded[item] = True
        labels: NDArray[np.uint8] = self._maps[item]
        return labels

    def names(self, items: Sequence[int]) -> list[str]:
        """ "folder/stem" of faces, for messages."""
        return self._faces.names(items)

    def batch(self, items: Sequence[int]) -> Tensor:
        """Labels uint8 (B, S, S) on the CPU."""
        return torch.from_numpy(np.stack([self[item] for item in items]))

    def _decode(self, item: int) -> NDArray[np.uint8]:
        folder, stem = self._faces.index[item]
        return images.resize_labels(folder.labels(stem), (self._faces.size,) * 2)


class MaskVaeTask:
    """See `maskgan.training.loop.Task`."""

    name = "mask-vae"
    averaged: tuple[str, ...] = ("mask_vae",)

    def __init__(
        self, run: MaskVaeRun, train: FaceMaskDataset, val: FaceMaskDataset, device: torch.device
    ) -> None:
        self.run, self.device = run, device
        self.train, self.val = LabelMaps(train), LabelMaps(val)
        torch.manual_seed(run.training.seed)
        self.mask_vae = MaskVae(run.model)
        self.modules: dict[str, nn.Module] = {"mask_vae": self.mask_vae}
        self.phases = [
            Phase(
                "mask_vae", self.averaged, run.loss.learning_rate, self.loss, betas=run.loss.betas
            )
        ]
        self._weights = class_weights(self._shares(), run.loss.balance).to(device)

    def _shares(self) -> Tensor:
        """The pixel share of each class; any will do where weights are not asked for."""
        if self.run.loss.balance == 0:
            return torch.ones(NUM_CLASSES)
        counts = np.zeros(NUM_CLASSES)
        for item in range(len(self.train)):
            counts += np.bincount(self.train[item].ravel(), minlength=NUM_CLASSES)
        return torch.from_numpy(counts / counts.sum()).float()

    def batch(self, start: int, count: int) -> MaskBatch:
        seed = self.run.training.seed
        labels = self.train.batch(sample_order(start, count, len(self.train), seed))
        generator = torch.Generator().manual_seed(seed * 7919 + start)
        mirrored = torch.rand(count, generator=generator) < 0.5
        labels = torch.where(mirrored[:, None, None], mirror_labels(labels), labels)
        warm = min(1.0, (start + count) / max(self.run.loss.kl_warmup_images, 1))
        noise = int(torch.randint(2**62, (), generator=generator))
        return MaskBatch(labels.to(self.device), self.run.loss.kl * warm, noise)

    def names(self, start: int, count: int) -> list[str]:
        seed = self.run.training.seed
        return self.train.names(sample_order(start, count, len(self.train), seed))

    def loss(self, batch: MaskBatch) -> tuple[Tensor, Stats]:
        generator = torch.Generator().manual_seed(batch.seed)
        logits, mean, log_variance = self.mask_vae(batch.labels, generator)
        truth = batch.labels.long()
        entropy = functional.cross_entropy(logits.float(), truth, self._weights)
        kl = kl_divergence(mean, log_variance).sum()
        accuracy = (logits.detach().argmax(1) == truth).float().mean()
        loss = entropy + batch.kl * kl
        return loss, {"cross_entropy": entropy, "kl": kl, "accuracy": accuracy}

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """Pixel accuracy, mean IoU and IoU per class of the val maps decoded from the means of
        their codes; KL divergence in nats; how many numbers of the code are used."""
        vae = _vae(averaged)
        matrix = torch.zeros(NUM_CLASSES, NUM_CLASSES, dtype=torch.int64)
        codes = []
        for start in range(0, len(self.val), 16):
            labels = self.val.batch(range(start, min(start + 16, len(self.val))))
            mean, log_variance = vae.encode(labels.to(self.device))
            matrix += confusion(vae.labels(mean).cpu(), labels, NUM_CLASSES)
            codes.append(torch.stack((mean, log_variance)).cpu())
        mean, log_variance = torch.cat(codes, 1)
        accuracy, iou = scores(matrix)
        return {
            "accuracy": accuracy,
            "miou": float(iou.nanmean()),
            "kl": float(kl_divergence(mean, log_variance).sum()),
            "active": float((mean.var(0, correction=0) > ACTIVE).sum()),
            **{f"iou_{name}": float(value) for name, value in zip(LABELS, iou, strict=True)},
        }

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """A row per val face: labels, reconstruction, moved towards the face of the next row, half
        way to it, away from it, and faces that do not exist, one per temperature."""
        vae = _vae(averaged)
        labels = self.val.batch(range(min(GRID_ROWS, len(self.val)))).to(self.device)
        mean = vae.encode(labels)[0]
        following = mean.roll(-1, 0)
        inter, outer = towards_and_away(mean, following)
        generator = torch.Generator().manual_seed(self.run.training.seed)
        drawn = [vae.draw(len(labels), generator, each) for each in TEMPERATURES]
        codes = (mean, inter, (mean + following) / 2, outer, *drawn)
        save_grid(path, (labels, *(vae.labels(each) for each in codes)))


def _vae(averaged: dict[str, nn.Module]) -> MaskVae:
    vae = averaged["mask_vae"]
    assert isinstance(vae, MaskVae)
    return vae


def trained_mask_vae(weights: str, option: str, device: torch.device) -> MaskVae:
    """The frozen MaskVAE of the file that `option` names. Raises `ConfigError`."""
    path = Path(weights)
    remedy = f"Give the mask_vae.safetensors of a run of MaskVAE with {option}."
    if not path.is_file():
        found = f"{path} is no file." if weights else "No file is named."
        raise ConfigError(f"Simulated edits need a trained MaskVAE. {found} {remedy}")
    vae = load_model(path, device)
    if not isinstance(vae, MaskVae):
        raise ConfigError(f"{path} holds a {type(vae).__name__}, not a MaskVAE. {remedy}")
    return vae.requires_grad_(False)
