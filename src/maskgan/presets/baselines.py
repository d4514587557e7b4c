"""The paper's baselines: at 256 px as their authors train them, for a GPU, and narrow ones at 64 px
for tests and the tutorial, which need no VGG-19 and minutes on a CPU.

Pix2PixHD-m and SPADE see as many faces as `paper-256-stage1`. docs/training.md says what is known
of them and what was chosen.
"""

from __future__ import annotations

from dataclasses import replace

from maskgan.models.baselines.pix2pixhd import Pix2PixHdConfig
from maskgan.models.baselines.spade import SpadeConfig
from maskgan.models.baselines.stargan import StarGanDiscriminatorConfig, StarGanGeneratorConfig
from maskgan.models.discriminator import MultiScaleDiscriminatorConfig
from maskgan.presets.paper import LONG, MINUTES, UNLIMITED
from maskgan.training.baselines import Pix2PixHdRun, SpadeRun
from maskgan.training.objective import TranslationLossConfig
from maskgan.training.stargan_task import StarGanLossConfig, StarGanRun
from maskgan.training.translation_task import FacesConfig


def pix2pixhd_256() -> Pix2PixHdRun:
    """Pix2PixHD-m with pix2pixHD's losses and optimiser, which MaskGAN took over."""
    return Pix2PixHdRun(training=LONG)


def pix2pixhd_64() -> Pix2PixHdRun:
    """A narrow Pix2PixHD-m at 64 px: needs no VGG-19, minutes on a CPU."""
    return Pix2PixHdRun(
        model=Pix2PixHdConfig(width=16, downsamplings=3, blocks=3, size=64),
        discriminator=MultiScaleDiscriminatorConfig(width=16),
        faces=FacesConfig(mirror=0.5),
        loss=TranslationLossConfig(perceptual=0.0, learning_rate=1e-3, discriminator_rate=1e-3),
        training=MINUTES,
    )


def spade_256() -> SpadeRun:
    """SPADE with its authors' losses and optimiser: hinge, spectral norm, four times the learning
    rate for the discriminator."""
    return SpadeRun(
        discriminator=MultiScaleDiscriminatorConfig(spectral=True),
        loss=TranslationLossConfig(
            learning_rate=1e-4,
            discriminator_rate=4e-4,
            betas=(0.0, 0.9),
            adversarial="hinge",
            discriminator=1.0,
        ),
        training=LONG,
    )


def spade_64() -> SpadeRun:
    """A narrow SPADE at 64 px: needs no VGG-19, minutes on a CPU. In so short a run a discriminator
    as fast as the authors' leaves the generator behind."""
    run = spade_256()
    return replace(
        run,
        model=SpadeConfig(width=8, hidden=32, code=32, size=64, upsamplings=4),
        discriminator=MultiScaleDiscriminatorConfig(width=16, spectral=True),
        faces=FacesConfig(mirror=0.5),
        loss=replace(run.loss, perceptual=0.0, learning_rate=2e-3, discriminator_rate=5e-4),
        training=MINUTES,
    )


def stargan_256() -> StarGanRun:
    """StarGAN with its authors' losses and optimiser, 200,000 steps of the critic with 16 photos
    each; changes `Smiling`."""
    return StarGanRun(training=replace(LONG, total_images=3_200_000, batch_size=16))


def stargan_64() -> StarGanRun:
    """A narrow StarGAN at 64 px: minutes on a CPU."""
    return StarGanRun(
        model=StarGanGeneratorConfig(width=16, blocks=3, size=64),
        discriminator=StarGanDiscriminatorConfig(width=16, depth=5, size=64),
        loss=StarGanLossConfig(learning_rate=5e-4, discriminator_rate=5e-4, critic_steps=2),
        training=replace(MINUTES, total_images=10_000, gradient_limit=UNLIMITED),
    )
