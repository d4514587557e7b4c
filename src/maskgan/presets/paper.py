"""The paper's networks at its sizes, and narrow ones for tests and tutorials.

*MaskGAN* (Lee et al., CVPR 2020). Where the paper and its code are silent, docs/training.md says
what was chosen.
"""

from __future__ import annotations

from dataclasses import replace

from maskgan.models.mask_vae import MaskVaeConfig
from maskgan.training.loop import TrainingConfig
from maskgan.training.mask_vae_task import MaskVaeLossConfig, MaskVaeRun


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
