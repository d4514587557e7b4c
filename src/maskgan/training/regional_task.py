"""Training the default generator by erasing regions of faces and painting them back.

Most steps see crops around a simulated edit at full resolution: the network is local, so a crop
teaches what the whole picture would, at a quarter of the cost. Every `whole_every`-th step sees
whole faces, for hair and head shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import to_float
from maskgan.errors import ConfigError
from maskgan.labels import NUM_CLASSES
from maskgan.losses import pixels
from maskgan.losses.adversarial import pixel_classes
from maskgan.losses.perceptual import features, perceptual
from maskgan.losses.segmentation import class_weights
from maskgan.models.mask_vae import MaskVae
from maskgan.models.parser import Parser
from maskgan.models.regional import (
    RegionalGenerator,
    StyleEncoder,
    composite,
    hide,
)
from maskgan.models.segmentation_discriminator import (
    FAKE,
    SegmentationDiscriminator,
)
from maskgan.models.vgg import Vgg19
from maskgan.models.vgg_parser import VggParser
from maskgan.training.checkpoint import load_model
from maskgan.training.edits import dilate, transplant
from maskgan.training.grids import save_grid
from maskgan.training.loop import Phase, Stats
from maskgan.training.mask_vae_task import trained_mask_vae
from maskgan.training.regional_batch import CPU, Batch, draw_batch, sees_details, whole_face
from maskgan.training.regional_run import RegionalRun


class RegionalTask:
    """See `maskgan.training.loop.Task`."""

    name = "regional"
    averaged: tuple[str, ...] = ("generator", "encoder")

    def __init__(
        self,
        run: RegionalRun,
        train: FaceMaskDataset,
        val: FaceMaskDataset,
        device: torch.device,
        detailed: FaceMaskDataset | None = None,
    ) -> None:
        self.run, self.train, self.val, self.device = run, train, val, device
        self.detailed = detailed  # the faces of `model.detail` times the size
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
            self.vgg = features(run.loss.vgg, len(run.loss.vgg_taps)).to(device)
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
        self.mask_vae: MaskVae | None = None
        if run.edits.mask_vae:
            self.mask_vae = trained_mask_vae(run.edits.vae, "--edits.vae", CPU)
        self.parser: nn.Module | None = None
        if run.loss.following:
            self.parser = _judge(run, device)
            self.parser.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._picture = torch.empty(0)  # what the generator phase made, for the discriminator's
        counts = np.zeros(NUM_CLASSES)
        for item in range(0, len(train), max(1, len(train) // 400)):
            counts += np.bincount(train[item][1].ravel(), minlength=NUM_CLASSES)
        shares = torch.from_numpy(counts / counts.sum()).float()
        weights = class_weights(shares, run.loss.balance)
        self._weights = torch.cat((weights, weights.new_full((1,), run.loss.fake))).to(device)

    def batch(self, start: int, count: int) -> Batch:
        run = self.run
        faces, whole, detail = self._kind(start, count)
        batch = draw_batch(
            faces,
            start,
            count,
            run.training.seed,
            run.edits,
            run.crops,
            run.encoder.size,
            whole,
            detail,
            self.mask_vae,
            self.device,
        )
        return Batch(*map(_channels_last, batch))

    def names(self, start: int, count: int) -> list[str]:
        faces, _, _ = self._kind(start, count)
        return faces.names(sample_order(start, count, len(faces), self.run.training.seed))

    def _kind(self, start: int, count: int) -> tuple[FaceMaskDataset, bool, int]:
        """What the step that begins at an example sees: faces, whether whole, at what detail."""
        run = self.run
        step = start // count
        whole = step % run.crops.whole_every == run.crops.whole_every - 1
        if self.detailed and not whole and sees_details(start, run.training.seed, run.crops):
            return self.detailed, whole, run.model.detail
        return self.train, whole, 1

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Stats]:
        weights = self.run.loss
        fake = self._render(batch)
        picture = composite(batch.photo, fake, batch.erase)
        self._picture = picture.detach()
        pixel = pixels.l1(fake, batch.photo, batch.erase)
        loss = weights.pixel * pixel
        stats = {"pixel": pixel, "psnr": pixels.psnr(fake, batch.photo, batch.erase)}
        batch, picture = _shifted(batch, picture, self.run.stride)
        if self.vgg is not None:
            with torch.no_grad():
                real = self.vgg(batch.photo)
            # Only the erased part can differ; dividing by its share makes small edits count.
            share = batch.erase.mean((1, 2, 3)).clamp_min(0.1)
            feature = (perceptual(self.vgg(picture), real, weights.vgg_taps) / share).mean()
            loss = loss + weights.perceptual * feature
            stats["perceptual"] = feature
        if self.parser is not None:
            following = self._following(self.parser, picture, batch)
            loss = loss + weights.following * following
            stats["following"] = following
        truth, erased = self._pixel_truth(batch)
        logits = self.discriminator(picture)
        adversarial = pixel_classes(logits, truth, self._weights, erased)
        loss = loss + weights.adversarial * adversarial
        return loss, stats | {"adversarial": adversarial}

    def discriminator_loss(self, batch: Batch) -> tuple[Tensor, Stats]:
        batch, picture = _shifted(batch, self._picture, self.run.stride)
        truth, erased = self._pixel_truth(batch)
        everywhere = torch.ones_like(erased)
        real = pixel_classes(self.discriminator(batch.photo), truth, self._weights, everywhere)
        mixed = torch.where(erased > 0, torch.full_like(truth, FAKE), truth)
        logits = self.discriminator(picture)
        fake = pixel_classes(logits, mixed, self._weights, everywhere)
        caught = ((logits.argmax(1) == FAKE) * erased).sum() / erased.sum().clamp_min(1)
        return real + fake, {"real": real, "fake": fake, "caught": caught}

    def _following(self, parser: nn.Module, picture: Tensor, batch: Batch) -> Tensor:
        """What the parser misreads in the render but not in the photo, mean over such pixels."""
        truth, erased = self._pixel_truth(batch)
        with torch.no_grad():
            readable = (parser(batch.photo).argmax(1) == truth) & (erased > 0)
        entropy = functional.cross_entropy(parser(picture).float(), truth, reduction="none")
        mean: Tensor = (entropy * readable).sum() / readable.sum().clamp_min(1)
        return mean

    def _render(self, batch: Batch) -> Tensor:
        codes, present = self.encoder(batch.face, batch.face_labels)
        hidden = hide(batch.photo, batch.erase, batch.noise)
        picture = self.generator(hidden, batch.erase, batch.labels, codes, present * batch.visible)
        result: Tensor = picture.float()
        return result

    def _pixel_truth(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Classes and erased pixels at the discriminator's half size: (B, H/2, W/2)."""
        return batch.labels[:, ::2, ::2].long(), batch.erase[:, 0, ::2, ::2]

    @torch.no_grad()
    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """PSNR over the erased part for one part at a time, and for everything erased."""
        figures = {}
        for part in ("mouth", "eyes and brows", "nose", "hair", None):
            values = []
            for start in range(0, min(64, len(self.val)), 16):
                photo, labels = self._faces(range(start, min(start + 16, len(self.val))))
                erase = self._region(labels, part)
                render = self._edit(averaged, photo, labels, labels, erase)
                values.append(pixels.psnr(render, photo, erase))
            figures[f"psnr_{part or 'everything'}"] = float(torch.stack(values).mean())
        return figures

    @torch.no_grad()
    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """Rows of photo, labels, then pairs of new labels and result with a part of another face,
        and last the face with everything rendered."""
        count = max(1, min(8, len(self.val) // 2))
        photo, labels = self._faces(range(count))
        _, donors = self._faces([(count + row) % len(self.val) for row in range(count)])
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
        photos, labels = self.val.batch(items)
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
            codes, present = averaged["encoder"](*whole_face(photo, labels, self.run.encoder.size))
            noise = torch.randn(photo.shape, generator=torch.Generator().manual_seed(0))
            hidden = hide(photo, erase, noise.to(photo.device))
            render: Tensor = averaged["generator"](hidden, erase, wanted, codes, present)
        return render.float()


def _judge(run: RegionalRun, device: torch.device) -> nn.Module:
    """The parser whose reading of renders is a loss. Raises `ConfigError` when it is not there."""
    name, path = run.loss.parser, Path(run.loss.parser)
    remedy = (
        "Give the parser.safetensors of a run with --loss.parser, or switch the term off with "
        "--loss.following 0."
    )
    if not path.is_file():
        found = f"{path} is no file." if name else "No file is named."
        raise ConfigError(f"loss.following {run.loss.following} needs a parser. {found} {remedy}")
    parser = load_model(path, device)
    if not isinstance(parser, Parser | VggParser):
        raise ConfigError(f"{path} holds a {type(parser).__name__}, not a parser. {remedy}")
    return parser.requires_grad_(False)


def _shifted(batch: Batch, picture: Tensor, stride: int) -> tuple[Batch, Tensor]:
    """Batch and picture cut by `stride` pixels at a random place.

    The generator builds pictures on a grid, and features are pooled on grids of the same steps.
    Were they always in step, a weave in that step would pass as texture, and be learned.
    """
    top, left = torch.randint(stride + 1, (2,)).tolist()
    height, width = picture.shape[2] - stride, picture.shape[3] - stride

    def cut(values: Tensor) -> Tensor:
        return _channels_last(values[..., top : top + height, left : left + width])

    changes = {name: cut(getattr(batch, name)) for name in ("photo", "labels", "erase", "noise")}
    return batch._replace(**changes), cut(picture)


def _channels_last(values: Tensor) -> Tensor:
    return values.contiguous(memory_format=torch.channels_last) if values.ndim == 4 else values
