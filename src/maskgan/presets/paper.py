"""The paper's networks at its sizes, and narrow ones for tests and tutorials.

*MaskGAN* (Lee et al., CVPR 2020). Where the paper and its code are silent, docs/training.md says
what was chosen.
"""

from __future__ import annotations

from dataclasses import replace

from maskgan.models.blender import AlphaBlenderConfig
from maskgan.models.dense_mapping import DenseMappingConfig
from maskgan.models.discriminator import MultiScaleDiscriminatorConfig
from maskgan.models.mask_vae import MaskVaeConfig
from maskgan.training.ebst_task import EbstRun
from maskgan.training.loop import TrainingConfig
from maskgan.training.mask_vae_task import MaskVaeLossConfig, MaskVaeRun
from maskgan.training.objective import TranslationLossConfig
from maskgan.training.translation_task import DenseMappingRun, FacesConfig

UNLIMITED = 1e9
"""The authors do not hold gradients back."""
LONG = TrainingConfig(
    total_images=4_800_000,
    batch_size=8,
    samples_every=40_000,
    checkpoint_every=40_000,
    gradient_limit=UNLIMITED,
    warmup_images=0,
    decay_share=0.5,
)
"""Of whole-face generators, the baselines' too."""
MINUTES = TrainingConfig(
    total_images=6_000,
    batch_size=8,
    stats_every=400,
    samples_every=2_000,
    checkpoint_every=1_000,
    ema_halflife=500,
    warmup_images=0,
    decay_share=0.5,
)
"""Of the small ones among them, for tests and the tutorial."""
NARROW = DenseMappingConfig(width=16, downsamplings=3, blocks=3, style_width=32, size=64)
"""The generator of the presets for tests and the tutorial."""
NARROW_CRITIC = MultiScaleDiscriminatorConfig(width=16)


def paper_512_stage1() -> DenseMappingRun:
    """The Dense Mapping Network gives faces back, at the paper's size, 512 px; for a GPU."""
    return _stage1(512)


def paper_256_stage1() -> DenseMappingRun:
    """The same network at 256 px; for a GPU."""
    return _stage1(256)


def paper_64_stage1() -> DenseMappingRun:
    """A narrow one at 64 px, for tests and the tutorial: needs no VGG-19, minutes on a CPU."""
    run = _stage1(64)
    return replace(
        run,
        model=NARROW,
        discriminator=NARROW_CRITIC,
        faces=FacesConfig(mirror=0.5),
        loss=replace(run.loss, perceptual=0.0, learning_rate=1e-3, discriminator_rate=1e-3),
        training=MINUTES,
    )


def paper_512_stage2() -> EbstRun:
    """Editing behaviour simulated training at 512 px, from a run of the first stage; for a GPU."""
    return _stage2(512)


def paper_256_stage2() -> EbstRun:
    """The same at 256 px; for a GPU."""
    return _stage2(256)


def paper_64_stage2() -> EbstRun:
    """The same after `paper-64-stage1` and `paper-64-maskvae`: minutes on a CPU."""
    run = _stage2(64)
    return replace(
        run,
        model=NARROW,
        discriminator=NARROW_CRITIC,
        blender=AlphaBlenderConfig(width=8, downsamplings=2, blocks=2),
        faces=FacesConfig(mirror=0.5),
        loss=replace(run.loss, perceptual=0.0, learning_rate=2.5e-4, discriminator_rate=2.5e-4),
        training=replace(MINUTES, total_images=4_000),
    )


def _stage1(size: int) -> DenseMappingRun:
    """The authors' options: Adam (0.5, 0.999), batch 8, no augmentation; half of the run at the
    full learning rate, over the other half it falls to zero."""
    return DenseMappingRun(
        model=DenseMappingConfig(size=size),
        training=LONG,
    )


def _stage2(size: int) -> EbstRun:
    """A quarter of the first stage's length and learning rate, which is that of the authors'
    released options."""
    first = _stage1(size)
    return EbstRun(
        model=first.model,
        loss=TranslationLossConfig(learning_rate=5e-5, discriminator_rate=5e-5),
        training=replace(first.training, total_images=1_200_000),
    )


def paper_512_mask_vae() -> MaskVaeRun:
    """MaskVAE at the paper's size, 512 px; for a GPU."""
    return _paper_mask_vae(512)


def paper_256_mask_vae() -> MaskVaeRun:
    """The paper's MaskVAE without its outermost layers, for 256 px; for a GPU."""
    return _paper_mask_vae(256)


def paper_64_mask_vae() -> MaskVaeRun:
    """The paper's MaskVAE, narrow and for 64 px, for tests and the tutorial: minutes on a CPU."""
    run = _paper_mask_vae(64)
    return replace(
        run,
        model=MaskVaeConfig(widths=(16, 24, 32, 48), code=32, size=64),
        loss=replace(run.loss, learning_rate=2e-3),
        training=TrainingConfig(
            total_images=6_000,
            batch_size=16,
            stats_every=400,
            samples_every=3_000,
            checkpoint_every=1_000,
            ema_halflife=500,
            warmup_images=500,
        ),
    )


def _paper_mask_vae(size: int) -> MaskVaeRun:
    """Cross-entropy and KL divergence in the paper's proportion at any size: the fewer pixels
    cross-entropy is the mean of, the more each of them counts."""
    widths = MaskVaeConfig().widths
    shorter = (512 // size).bit_length() - 1
    return MaskVaeRun(
        model=MaskVaeConfig(widths=widths[shorter:], size=size),
        loss=MaskVaeLossConfig(kl=1e-5 * (512 / size) ** 2),
        training=TrainingConfig(
            total_images=1_200_000,
            batch_size=16,
            samples_every=100_000,
            checkpoint_every=50_000,
        ),
    )
