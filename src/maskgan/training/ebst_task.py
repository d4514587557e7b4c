"""The second stage of MaskGAN: editing behaviour simulated training.

*MaskGAN* (Lee et al., CVPR 2020): MaskVAE makes two edits of a face's labels, one towards another
face and one away from it; the generator draws both, the Alpha Blender mixes the two drawings, and
the mixture must be the photo again (dual-editing consistency). In the order of the authors: the
discriminator learns from the plain render, the generator from the same, the discriminator from the
blend, generator and blender from the same; it is one discriminator with one optimiser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import one_hot
from maskgan.models.blender import AlphaBlender, AlphaBlenderConfig
from maskgan.models.dense_mapping import DenseMappingNetwork
from maskgan.models.mask_vae import DIVISOR
from maskgan.models.translator import Translator
from maskgan.training.grids import save_grid
from maskgan.training.loop import Stats
from maskgan.training.mask_vae_task import trained_mask_vae
from maskgan.training.translation_task import (
    GRID_ROWS,
    VALIDATED,
    DenseMappingRun,
    TranslationBatch,
    TranslationTask,
    psnr,
)

REFERENCES = 104_729
"""Added to the seed for the order of the reference faces: a face meets another in every epoch."""


@dataclass(frozen=True, kw_only=True)
class EbstConfig:
    """How users' edits are simulated."""

    mask_vae: str = ""
    """File with the weights of MaskVAE; of any size."""
    divisor: float = DIVISOR
    """The paper's lambda: edits go 1/divisor of the way to the reference, or as far away."""
    straight_through: bool = False
    """MaskVAE learns from the blend too: edited maps are one-hot on the way forward, but pass the
    gradient on to its probabilities. By default it is frozen, as maps from files were for the
    authors."""

    def __post_init__(self) -> None:
        if self.divisor <= 0:
            raise ValueError(f"divisor is {self.divisor}; expected more than 0.")


@dataclass(frozen=True, kw_only=True)
class EbstRun(DenseMappingRun):
    """The second stage of MaskGAN. Starts from the first with `training.start`."""

    blender: AlphaBlenderConfig = field(default_factory=AlphaBlenderConfig)
    ebst: EbstConfig = field(default_factory=EbstConfig)


class Blend(NamedTuple):
    """What the second half of a step makes of a face."""

    inter: Tensor
    """Labels moved towards the reference: integers (B, S, S) or float (B, K, S, S)."""
    outer: Tensor
    """Labels moved away from it."""
    first: Tensor
    """The render of `inter`, (B, 3, S, S)."""
    second: Tensor
    """The render of `outer`."""
    picture: Tensor
    """Both, blended."""
    alpha: Tensor
    """Share of the first, (B, 3, S, S) in 0..1."""


class EbstTask(TranslationTask):
    """See `maskgan.training.loop.Task`."""

    name = "ebst"
    averaged: tuple[str, ...] = ("generator", "blender")

    def __init__(
        self, run: EbstRun, train: FaceMaskDataset, val: FaceMaskDataset, device: torch.device
    ) -> None:
        self.ebst, self.mask_vae = (
            run.ebst,
            trained_mask_vae(run.ebst.mask_vae, "--ebst.mask_vae", device),
        )
        torch.manual_seed(run.training.seed)
        super().__init__(run, DenseMappingNetwork(run.model), train, val, device)
        self.blender = AlphaBlender(run.blender)
        self.modules["blender"] = self.blender
        learners: tuple[str, ...] = ("generator", "blender")
        if run.ebst.straight_through:
            self.modules["mask_vae"] = self.mask_vae
            learners += ("mask_vae",)
        self.phases += [
            self._critic("blend_discriminator", self.blend_discriminator_loss),
            self._maker("blend", learners, self.blend_loss),
        ]
        self._blend: Blend

    def batch(self, start: int, count: int) -> TranslationBatch:
        order = sample_order(start, count, len(self.train), self.run.training.seed + REFERENCES)
        reference = torch.from_numpy(np.stack([self.train[item][1] for item in order]))
        return super().batch(start, count)._replace(reference=reference.to(self.device))

    def blend_discriminator_loss(self, batch: TranslationBatch) -> tuple[Tensor, Stats]:
        assert batch.reference is not None
        for name in self.phases[-1].trains:
            self.modules[name].requires_grad_(True)  # drawn once for both phases
        self._blend = self._edited(
            self.generator, self.blender, batch.photo, batch.labels, batch.reference
        )
        return self.objective.of_discriminator(self._truth, self._blend.picture)

    def blend_loss(self, batch: TranslationBatch) -> tuple[Tensor, Stats]:
        blend = self._blend
        loss, stats = self.objective.of_generator(self._truth, blend.picture)
        changed = (_ids(blend.inter) != _ids(blend.outer)).float().mean()
        return loss, stats | {
            "psnr": psnr(blend.picture, batch.photo).mean(),
            "psnr_inter": psnr(blend.first, batch.photo).mean(),
            "alpha_spread": blend.alpha.float().flatten(1).std(1).mean(),
            "changed": changed,
        }

    def _edited(
        self,
        generator: Translator,
        blender: AlphaBlender,
        photo: Tensor,
        labels: Tensor,
        reference: Tensor,
    ) -> Blend:
        """Both edits of faces, drawn with their own look, and blended."""
        inter, outer = self._edits(labels, reference)
        code = generator.encode(photo, labels)
        # One pass for both: nothing in the generator looks across pictures.
        renders = generator.decode(torch.cat((inter, outer)), torch.cat((code, code)))
        first, second = renders.chunk(2)
        picture, alpha = blender(first, second)
        return Blend(inter, outer, first, second, picture, alpha)

    def _edits(self, labels: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
        """M_inter and M_outer of labels (B, S, S)."""
        if not self.ebst.straight_through:
            return self.mask_vae.edits(labels, reference, self.ebst.divisor)
        first, second = self.mask_vae.edit_logits(labels, reference, self.ebst.divisor)
        return _hardened(first), _hardened(second)

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """As in the first stage, and PSNR in dB of the blends of two edits."""
        values = []
        for start in range(0, min(VALIDATED, len(self.val)), GRID_ROWS):
            photo, blend = self._val_blend(averaged, start)
            values.append(psnr(blend.picture, photo))
        blended = float(torch.cat(values).mean())
        return super().validate(averaged) | {"psnr_blend": blended}

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """Rows of target photo, its labels, its render, the two edits of its labels each with its
        render, the blend, and the share of the first edit in it."""
        photo, blend = self._val_blend(averaged, 0)
        _, labels = self._faces(range(len(photo)))
        generator = cast(Translator, averaged["generator"])
        render = generator.decode(labels, generator.encode(photo, labels))
        edits = (_ids(blend.inter), blend.first, _ids(blend.outer), blend.second)
        save_grid(path, (photo, labels, render, *edits, blend.picture, 2 * blend.alpha - 1))

    def _val_blend(self, averaged: dict[str, nn.Module], start: int) -> tuple[Tensor, Blend]:
        """Some val photos and their blends, each with the face after it as reference."""
        items = range(start, min(start + GRID_ROWS, len(self.val)))
        photo, labels = self._faces(items)
        _, reference = self._faces([(item + 1) % len(self.val) for item in items])
        generator = cast(Translator, averaged["generator"])
        blender = cast(AlphaBlender, averaged["blender"])
        return photo, self._edited(generator, blender, photo, labels, reference)


def _hardened(logits: Tensor) -> Tensor:
    """Logits (B, K, S, S) -> one-hot float labels that pass gradients on to the probabilities."""
    soft = logits.softmax(1)
    return one_hot(logits.argmax(1)) + soft - soft.detach()


def _ids(labels: Tensor) -> Tensor:
    """Integers (B, S, S) of integers or of one-hot labels."""
    return labels.argmax(1) if labels.is_floating_point() else labels
