"""Training the default generator by erasing regions of faces and painting them back.

Most steps see crops around a simulated edit at full resolution: the network is local, so a crop
teaches what the whole picture would, at a quarter of the cost. Every `whole_every`-th step sees
whole faces, for hair and head shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from maskgan.data import augment
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import resize_labels, to_float
from maskgan.labels import NUM_CLASSES
from maskgan.losses import pixels
from maskgan.losses.adversarial import pixel_classes
from maskgan.losses.perceptual import BLOCKS, Vgg19, perceptual
from maskgan.losses.segmentation import class_weights
from maskgan.models.regional import (
    RegionalGenerator,
    RegionalGeneratorConfig,
    StyleEncoder,
    StyleEncoderConfig,
    composite,
)
from maskgan.models.segmentation_discriminator import (
    FAKE,
    SegmentationDiscriminator,
    SegmentationDiscriminatorConfig,
)
from maskgan.training.edits import EditConfig, dilate, edit_region, transplant
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class RegionalLossConfig:
    """What the generator learns from; weights of the terms."""

    learning_rate: float = 3e-4
    """Peak learning rate of generator and style encoder."""
    discriminator_rate: float = 4e-4
    """Peak learning rate of the discriminator."""
    pixel: float = 2.0
    """L1 over the erased region."""
    perceptual: float = 1.0
    """VGG-19 features; 0 switches the term off and needs no weights."""
    vgg: str = ""
    """File with the VGG-19 weights."""
    vgg_taps: tuple[float, ...] = (0.0, 1.0, 2.0)
    """Weight of relu1_1, relu2_1, ..."""
    adversarial: float = 2.5
    """Segmentation discriminator."""
    fake: float = 3.0
    """Weight of the fake class for the discriminator: a local edit has few fake pixels among many
    real ones, which it would do best to call real."""
    balance: float = 0.5
    """Power of the class weights in the discriminator's cross-entropy."""

    def __post_init__(self) -> None:
        if self.perceptual and not any(self.vgg_taps):
            raise ValueError("vgg_taps are all 0; set perceptual to 0 to switch the term off.")
        if len(self.vgg_taps) > len(BLOCKS):
            raise ValueError(f"vgg_taps has {len(self.vgg_taps)} weights; VGG-19 has 5 blocks.")


@dataclass(frozen=True, kw_only=True)
class CropConfig:
    """What a step sees of a face."""

    crop: int = 128
    """Side of the crops in pixels of the face at the generator's size."""
    whole_every: int = 2
    """Every how many steps whole faces are seen instead, one for each (size / crop)^2 crops."""
    hidden_codes: float = 0.15
    """Share of region codes hidden on half of the faces, so that absent ones get predicted."""

    def __post_init__(self) -> None:
        if self.whole_every < 1:
            raise ValueError(f"whole_every is {self.whole_every}; expected at least 1.")


@dataclass(frozen=True, kw_only=True)
class RegionalRun:
    """A complete run of the default generator."""

    training: TrainingConfig
    model: RegionalGeneratorConfig = field(default_factory=RegionalGeneratorConfig)
    encoder: StyleEncoderConfig = field(default_factory=StyleEncoderConfig)
    discriminator: SegmentationDiscriminatorConfig = field(
        default_factory=SegmentationDiscriminatorConfig
    )
    edits: EditConfig = field(default_factory=EditConfig)
    crops: CropConfig = field(default_factory=CropConfig)
    loss: RegionalLossConfig = field(default_factory=RegionalLossConfig)

    def __post_init__(self) -> None:
        if self.encoder.style_width != self.model.style_width:
            raise ValueError(
                f"encoder.style_width is {self.encoder.style_width} and model.style_width "
                f"{self.model.style_width}; they must be the same."
            )
        stride = 2 ** max(len(self.model.widths), len(self.discriminator.widths))
        if not 0 < self.crops.crop <= self.model.size or self.crops.crop % stride:
            raise ValueError(
                f"crops.crop is {self.crops.crop}; expected a multiple of {stride} up to "
                f"model.size, {self.model.size}."
            )


class Batch(NamedTuple):
    """Faces for one step; H, W are the crop's, E the style encoder's side."""

    photo: Tensor  # float (B, 3, H, W)
    labels: Tensor  # uint8 (B, H, W)
    erase: Tensor  # float (B, 1, H, W), 1 = erased
    face: Tensor  # float (B, 3, E, E), the whole face
    face_labels: Tensor  # uint8 (B, E, E)
    visible: Tensor  # float (B, K), 0 = code hidden


class RegionalTask:
    """See `maskgan.training.loop.Task`."""

    name = "regional"
    averaged: tuple[str, ...] = ("generator", "encoder")

    def __init__(
        self, run: RegionalRun, train: FaceMaskDataset, test: FaceMaskDataset, device: torch.device
    ) -> None:
        self.run, self.train, self.test, self.device = run, train, test, device
        torch.manual_seed(run.training.seed)
        self.generator = RegionalGenerator(run.model)
        self.encoder = StyleEncoder(run.encoder)
        self.discriminator = SegmentationDiscriminator(run.discriminator)
        self.modules: dict[str, nn.Module] = {
            "generator": self.generator,
            "encoder": self.encoder,
            "discriminator": self.discriminator,
        }
        self.vgg: Vgg19 | None = None
        if run.loss.perceptual:
            self.vgg = Vgg19(run.loss.vgg, len(run.loss.vgg_taps)).to(device)
            self.vgg.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.phases = [
            Phase(
                "generator",
                ("generator", "encoder"),
                run.loss.learning_rate,
                self.generator_loss,
                betas=(0.0, 0.99),
            ),
            Phase(
                "discriminator",
                ("discriminator",),
                run.loss.discriminator_rate,
                self.discriminator_loss,
                betas=(0.0, 0.99),
            ),
        ]
        self._picture = torch.empty(0)  # what the generator phase made, for the discriminator's
        counts = np.zeros(NUM_CLASSES)
        for item in range(0, len(train), max(1, len(train) // 400)):
            counts += np.bincount(train[item][1].ravel(), minlength=NUM_CLASSES)
        shares = torch.from_numpy(counts / counts.sum()).float()
        weights = class_weights(shares, run.loss.balance)
        self._weights = torch.cat((weights, weights.new_full((1,), run.loss.fake))).to(device)

    def batch(self, start: int, count: int) -> Batch:
        run, seed = self.run, self.run.training.seed
        step = start // count
        whole = step % run.crops.whole_every == run.crops.whole_every - 1
        faces = max(2, count // (run.model.size // run.crops.crop) ** 2) if whole else count
        generator = torch.Generator().manual_seed(seed * 7919 + start)
        items = sample_order(start, faces, len(self.train), seed)
        photo_bytes, labels = self.train.batch(items)
        donors = torch.randint(len(self.train), (faces,), generator=generator).tolist()
        _, donor_labels = self.train.batch(donors)
        photo, labels = augment.flip(to_float(photo_bytes), labels, generator)
        face, face_labels = self._face(photo, labels)
        erase = torch.stack(
            [
                edit_region(own, donor, run.edits, generator, local=not whole)
                for own, donor in zip(labels, donor_labels, strict=True)
            ]
        )[:, None].float()
        if not whole:
            corners = [_crop_corner(region[0], run.crops.crop, generator) for region in erase]
            photo, labels, erase = (
                _crop(values, corners, run.crops.crop) for values in (photo, labels, erase)
            )
        hidden = torch.rand((faces, NUM_CLASSES), generator=generator) < run.crops.hidden_codes
        hidden &= torch.rand((faces, 1), generator=generator) < 0.5
        batch = Batch(photo, labels, erase, face, face_labels, (~hidden).float())
        return Batch(*(_channels_last(values).to(self.device) for values in batch))

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Stats]:
        weights = self.run.loss
        fake = self._render(batch)
        picture = composite(batch.photo, fake, batch.erase)
        self._picture = picture.detach()
        pixel = pixels.l1(fake, batch.photo, batch.erase)
        loss = weights.pixel * pixel
        stats = {"pixel": pixel, "psnr": pixels.psnr(fake, batch.photo, batch.erase)}
        if self.vgg is not None:
            with torch.no_grad():
                real = self.vgg(batch.photo)
            # Only the erased part can differ; dividing by its share makes small edits count.
            share = batch.erase.mean((1, 2, 3)).clamp_min(0.1)
            feature = (perceptual(self.vgg(picture), real, weights.vgg_taps) / share).mean()
            loss = loss + weights.perceptual * feature
            stats["perceptual"] = feature
        truth, erased = self._pixel_truth(batch)
        logits = self.discriminator(picture)
        adversarial = pixel_classes(logits, truth, self._weights, erased)
        loss = loss + weights.adversarial * adversarial
        return loss, stats | {"adversarial": adversarial}

    def discriminator_loss(self, batch: Batch) -> tuple[Tensor, Stats]:
        truth, erased = self._pixel_truth(batch)
        everywhere = torch.ones_like(erased)
        real = pixel_classes(self.discriminator(batch.photo), truth, self._weights, everywhere)
        mixed = torch.where(erased > 0, torch.full_like(truth, FAKE), truth)
        logits = self.discriminator(self._picture)
        fake = pixel_classes(logits, mixed, self._weights, everywhere)
        caught = ((logits.argmax(1) == FAKE) * erased).sum() / erased.sum().clamp_min(1)
        return real + fake, {"real": real, "fake": fake, "caught": caught}

    def _render(self, batch: Batch) -> Tensor:
        codes, present = self.encoder(batch.face, batch.face_labels)
        picture = self.generator(
            batch.photo, batch.erase, batch.labels, codes, present * batch.visible
        )
        result: Tensor = picture.float()
        return result

    def _pixel_truth(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Classes and erased pixels at the discriminator's half size: (B, H/2, W/2)."""
        return batch.labels[:, ::2, ::2].long(), batch.erase[:, 0, ::2, ::2]

    def _face(self, photo: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Whole faces as the style encoder sees them."""
        side = (self.run.encoder.size,) * 2
        small = functional.interpolate(photo, size=side, mode="area")
        return small, resize_labels(labels, side)

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """PSNR over the erased part for one part at a time, and for everything erased."""
        figures = {}
        for part in ("mouth", "eyes and brows", "nose", "hair", None):
            values = []
            for start in range(0, min(64, len(self.test)), 16):
                photo, labels = self._faces(range(start, min(start + 16, len(self.test))))
                erase = self._region(labels, part)
                render = self._edit(averaged, photo, labels, labels, erase)
                values.append(pixels.psnr(render, photo, erase))
            figures[f"psnr_{part or 'everything'}"] = float(torch.stack(values).mean())
        return figures

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """Rows of photo, labels, then pairs of new labels and result with a part of another face,
        and last the face with everything rendered."""
        count = max(1, min(8, len(self.test) // 2))
        photo, labels = self._faces(range(count))
        _, donors = self._faces([(count + row) % len(self.test) for row in range(count)])
        columns: list[Tensor] = [photo, labels]
        for part in ("mouth", "eyes and brows", "nose", "hair"):
            wanted = transplant(labels, donors, part)
            changed = torch.stack([dilate(region, 6) for region in wanted != labels])
            erase = changed[:, None].float()
            render = self._edit(averaged, photo, labels, wanted, erase)
            columns += [wanted, composite(photo, render, erase)]
        columns.append(self._edit(averaged, photo, labels, labels, self._region(labels, None)))
        save_grid(path, columns)

    def _faces(self, items: Sequence[int]) -> tuple[Tensor, Tensor]:
        photos, labels = self.test.batch(items)
        return to_float(photos.to(self.device)), labels.to(self.device)

    def _region(self, labels: Tensor, part: str | None) -> Tensor:
        if part is None:
            return torch.ones_like(labels, dtype=torch.float32)[:, None]
        gone = transplant(labels, torch.zeros_like(labels), part) != labels
        return torch.stack([dilate(region, 6) for region in gone])[:, None].float()

    def _edit(
        self,
        averaged: dict[str, nn.Module],
        photo: Tensor,
        labels: Tensor,
        wanted: Tensor,
        erase: Tensor,
    ) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.run.training.bf16):
            codes, present = averaged["encoder"](*self._face(photo, labels))
            render: Tensor = averaged["generator"](photo, erase, wanted, codes, present)
        return render.float()


def _crop_corner(region: Tensor, side: int, generator: Generator) -> tuple[int, int]:
    """Top left corner of a crop around a random pixel of the region."""
    rows, columns = torch.nonzero(region, as_tuple=True)
    chosen = int(torch.randint(len(rows), (1,), generator=generator))
    jitter = torch.randint(-side // 4, side // 4 + 1, (2,), generator=generator).tolist()
    corner = []
    for position, shift, limit in zip(
        (int(rows[chosen]), int(columns[chosen])), jitter, region.shape, strict=True
    ):
        corner.append(min(max(position - side // 2 + shift, 0), limit - side))
    return corner[0], corner[1]


def _crop(values: Tensor, corners: list[tuple[int, int]], side: int) -> Tensor:
    cut = [
        one[..., top : top + side, left : left + side]
        for one, (top, left) in zip(values, corners, strict=True)
    ]
    return torch.stack(cut)


def _channels_last(values: Tensor) -> Tensor:
    return values.contiguous(memory_format=torch.channels_last) if values.ndim == 4 else values
