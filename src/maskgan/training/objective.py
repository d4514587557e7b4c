"""What image-to-image translators learn from: a multi-scale discriminator, its features, VGG-19.

The losses of MaskGAN (Lee et al., CVPR 2020) in the authors' code, and with other options those of
pix2pixHD (Wang et al. 2018) and SPADE (Park et al. 2019). Knows no data and no generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from maskgan.losses.adversarial import (
    feature_matching,
    hinge_discriminator,
    hinge_generator,
    least_squares,
)
from maskgan.losses.perceptual import features, perceptual
from maskgan.models.discriminator import MultiScaleDiscriminator
from maskgan.models.vgg import BLOCKS, Vgg19
from maskgan.training.loop import Stats


@dataclass(frozen=True, kw_only=True)
class TranslationLossConfig:
    """What a translator learns from; the defaults are those of MaskGAN's code."""

    learning_rate: float = 2e-4
    """Peak learning rate of the generator."""
    discriminator_rate: float = 2e-4
    """Peak learning rate of the discriminator."""
    betas: tuple[float, float] = (0.5, 0.999)
    """Of Adam."""
    adversarial: Literal["least-squares", "hinge"] = "least-squares"
    """Form of the adversarial loss, which has weight 1."""
    discriminator: float = 0.5
    """Weight of the discriminator's loss, the sum of a real and a fake term."""
    feature_matching: float = 10.0
    """L1 between the discriminator's features of render and photo."""
    perceptual: float = 10.0
    """VGG-19 features; 0 switches the term off and needs no weights."""
    vgg: str = ""
    """File with the VGG-19 weights."""
    vgg_taps: tuple[float, ...] = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)
    """Weight of relu1_1, relu2_1, ..."""
    kl: float = 0.05
    """Divergence of the code's distribution, for generators that draw it."""

    def __post_init__(self) -> None:
        if self.perceptual and not any(self.vgg_taps):
            raise ValueError("vgg_taps are all 0; set perceptual to 0 to switch the term off.")
        if len(self.vgg_taps) > len(BLOCKS):
            raise ValueError(f"vgg_taps has {len(self.vgg_taps)} weights; VGG-19 has 5 blocks.")


class Truth(NamedTuple):
    """What renders are compared with."""

    labels: Tensor
    """Integers (B, H, W): what the discriminator is told the picture shows."""
    photo: Tensor
    """float (B, 3, H, W) in [-1, 1]."""
    features: list[Tensor]
    """VGG-19's of the photo; empty where the term is off."""


class TranslationObjective:
    """The losses of generator and discriminator, around a discriminator that the task trains."""

    def __init__(
        self,
        config: TranslationLossConfig,
        discriminator: MultiScaleDiscriminator,
        device: torch.device,
    ) -> None:
        self.config, self.discriminator = config, discriminator
        self.vgg: Vgg19 | None = None
        if config.perceptual:
            self.vgg = features(config.vgg, len(config.vgg_taps)).to(device)
            self.vgg.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.no_grad()
    def truth(self, labels: Tensor, photo: Tensor) -> Truth:
        """Labels (B, H, W) and photo (B, 3, H, W) with the photo's features, which all renders of a
        step are compared with."""
        return Truth(labels, photo, [] if self.vgg is None else self.vgg(photo))

    def of_discriminator(self, truth: Truth, render: Tensor) -> tuple[Tensor, Stats]:
        """The discriminator's loss on a photo and a render (B, 3, H, W), which is a constant here;
        real and fake term are reported apart, as in the authors' code."""
        # One pass for both: nothing in the discriminator looks across pictures.
        count = len(render)
        both = torch.cat((truth.photo, render.detach()))
        outputs = self.discriminator(torch.cat((truth.labels, truth.labels)), both)
        real = self._critic([scale[-1][:count] for scale in outputs], real=True)
        fake = self._critic([scale[-1][count:] for scale in outputs], real=False)
        return self.config.discriminator * (real + fake), {"real": real, "fake": fake}

    def of_generator(self, truth: Truth, render: Tensor) -> tuple[Tensor, Stats]:
        """The generator's loss of a render (B, 3, H, W)."""
        weights = self.config
        outputs = self.discriminator(truth.labels, render)
        logits = [scale[-1] for scale in outputs]
        adversarial = (
            hinge_generator(logits)
            if weights.adversarial == "hinge"
            else least_squares(logits, 1.0)
        )
        loss, stats = adversarial, {"adversarial": adversarial}
        if weights.feature_matching:
            with torch.no_grad():
                real = self.discriminator(truth.labels, truth.photo)
            matching = feature_matching(outputs, real)
            loss = loss + weights.feature_matching * matching
            stats["features"] = matching
        if self.vgg is not None:
            feature = perceptual(self.vgg(render), truth.features, weights.vgg_taps).mean()
            loss = loss + weights.perceptual * feature
            stats["perceptual"] = feature
        return loss, stats

    def _critic(self, logits: list[Tensor], *, real: bool) -> Tensor:
        if self.config.adversarial == "hinge":
            return hinge_discriminator(logits, real)
        return least_squares(logits, 1.0 if real else 0.0)
