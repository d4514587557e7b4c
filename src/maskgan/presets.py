"""Named complete runs, as Python functions. The command line takes a name and a few overrides."""

from __future__ import annotations

from collections.abc import Callable

from maskgan.models.parser import ParserConfig
from maskgan.models.regional import RegionalGeneratorConfig, StyleEncoderConfig
from maskgan.models.segmentation_discriminator import SegmentationDiscriminatorConfig
from maskgan.training.edits import EditConfig
from maskgan.training.loop import TrainingConfig
from maskgan.training.parser_task import ParserRun
from maskgan.training.regional_task import CropConfig, RegionalLossConfig, RegionalRun

Run = ParserRun | RegionalRun


def parser() -> ParserRun:
    """The parser of the default bundle: 256 px, half an hour on two cores with AMX."""
    return ParserRun(
        training=TrainingConfig(
            total_images=44_000,
            batch_size=16,
            stats_every=800,
            samples_every=8_000,
            checkpoint_every=4_000,
            ema_halflife=4_000,
            decay_share=0.7,
        ),
    )


def parser_64() -> ParserRun:
    """A parser for tests and the tutorial: 64 px, a minute on drawn faces."""
    return ParserRun(
        model=ParserConfig(widths=(16, 24, 32, 32), size=64),
        training=TrainingConfig(
            total_images=6_000,
            batch_size=16,
            stats_every=400,
            samples_every=3_000,
            checkpoint_every=1_000,
            ema_halflife=1_000,
            warmup_images=500,
            decay_share=0.7,
        ),
    )


def regional() -> RegionalRun:
    """The generator of the default bundle: 256 px, an hour on two cores with AMX."""
    return RegionalRun(
        training=TrainingConfig(
            total_images=60_000,
            batch_size=16,
            stats_every=800,
            samples_every=4_800,
            checkpoint_every=2_400,
            ema_halflife=4_000,
            decay_share=0.3,
        ),
    )


def regional_64() -> RegionalRun:
    """A generator for tests and the tutorial: 64 px, needs no VGG-19, minutes on drawn faces."""
    return RegionalRun(
        model=RegionalGeneratorConfig(widths=(8, 16, 16, 24), style_width=8, size=64),
        encoder=StyleEncoderConfig(width=8, style_width=8, size=32),
        discriminator=SegmentationDiscriminatorConfig(widths=(8, 16, 16, 24)),
        edits=EditConfig(dilate=(1, 3)),
        crops=CropConfig(crop=32),
        loss=RegionalLossConfig(perceptual=0.0, learning_rate=1e-3, discriminator_rate=1e-3),
        training=TrainingConfig(
            total_images=6_000,
            batch_size=16,
            stats_every=400,
            samples_every=3_000,
            checkpoint_every=1_000,
            ema_halflife=1_000,
            warmup_images=500,
        ),
    )


PRESETS: dict[str, Callable[[], Run]] = {
    "parser": parser,
    "parser-64": parser_64,
    "regional": regional,
    "regional-64": regional_64,
}
