"""The networks of the default bundle, and small ones like them for tests and tutorials."""

from __future__ import annotations

from dataclasses import replace

from maskgan.data.augment import AugmentConfig
from maskgan.models.attribute_classifier import AttributeClassifierConfig
from maskgan.models.face_detector import FaceDetectorConfig
from maskgan.models.mask_vae import MaskVaeConfig
from maskgan.models.parser import ParserConfig
from maskgan.models.regional import RegionalGeneratorConfig, StyleEncoderConfig
from maskgan.models.segmentation_discriminator import SegmentationDiscriminatorConfig
from maskgan.models.unet_parser import UnetParserConfig
from maskgan.training.classifier_task import ClassifierRun
from maskgan.training.detector_task import DetectorRun
from maskgan.training.edits import EditConfig
from maskgan.training.loop import TrainingConfig
from maskgan.training.mask_vae_task import MaskVaeLossConfig, MaskVaeRun
from maskgan.training.parser_task import ParserRun, UnetParserRun, VggParserRun
from maskgan.training.regional_batch import CropConfig
from maskgan.training.regional_run import RegionalLossConfig, RegionalRun

SHORT = TrainingConfig(
    total_images=6_000,
    batch_size=16,
    stats_every=400,
    samples_every=3_000,
    checkpoint_every=1_000,
    ema_halflife=1_000,
    warmup_images=500,
    decay_share=0.7,
)
"""Of the small presets for tests and the tutorial: minutes."""


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
        training=SHORT,
    )


def parser_vgg() -> VggParserRun:
    """The large parser that labels faces for the small one: 256 px, half an hour."""
    return VggParserRun(
        training=TrainingConfig(
            total_images=14_400,
            batch_size=16,
            stats_every=800,
            samples_every=4_800,
            checkpoint_every=2_400,
            ema_halflife=1_600,
            warmup_images=800,
            decay_share=0.7,
        ),
        augment=AugmentConfig(rotation=15.0, scale=(0.85, 1.2), shift=0.06, upright=0.5),
    )


VARIED_LITTLE = AugmentConfig(
    rotation=8.0,
    scale=(0.9, 1.12),
    shift=0.04,
    light=0.2,
    grey=0.05,
    jpeg=0.05,
    blur=0.1,
    noise=0.03,
)
"""How much photos of judges are varied: what they see are crops in the frame."""


def judge_64() -> UnetParserRun:
    """The judge of what is rendered at 64 px: the paper's parser, twenty minutes on one core."""
    return _judge(64, 24_000)


def judge_128() -> UnetParserRun:
    """The same at 128 px, four times as long."""
    return _judge(128, 24_000)


def judge_256() -> UnetParserRun:
    """The same at 256 px; for a GPU."""
    return _judge(256, 96_000)


def _judge(size: int, total_images: int) -> UnetParserRun:
    """Aligned faces, varied little: it judges crops, in the frame they were cut for. Another seed
    than the parsers it must not resemble."""
    return UnetParserRun(
        model=UnetParserConfig(size=size),
        augment=VARIED_LITTLE,
        training=TrainingConfig(
            total_images=total_images,
            batch_size=16,
            seed=2020,
            stats_every=800,
            samples_every=8_000,
            checkpoint_every=4_000,
            ema_halflife=1_500,
            warmup_images=1_000,
            decay_share=0.7,
        ),
    )


def classifier_64() -> ClassifierRun:
    """The judge of attributes at 64 px: a ResNet-18 of half the width, minutes on one core."""
    return _classifier(64, 32, 24_000)


def classifier_128() -> ClassifierRun:
    """The paper's ResNet-18 at 128 px; for a GPU."""
    return _classifier(128, 64, 96_000)


def _classifier(size: int, width: int, total_images: int) -> ClassifierRun:
    """Aligned faces, as for the judges of labels, and with another seed again."""
    return ClassifierRun(
        model=AttributeClassifierConfig(size=size, width=width),
        augment=VARIED_LITTLE,
        training=TrainingConfig(
            total_images=total_images,
            batch_size=32,
            seed=2021,
            stats_every=960,
            samples_every=8_000,
            checkpoint_every=4_000,
            ema_halflife=1_500,
            warmup_images=1_000,
        ),
    )


def regional() -> RegionalRun:
    """The generator of the default bundle: whole faces at 256 px, crops of faces of 512 px too; an
    hour on two cores with AVX-512 BF16 or AMX. Data of smaller faces: `--model.detail 1`."""
    return RegionalRun(
        model=RegionalGeneratorConfig(detail=2),
        crops=CropConfig(whole_every=3, detail_share=0.67),
        loss=RegionalLossConfig(
            learning_rate=2e-4, discriminator_rate=2e-4, pixel=4.0, perceptual=0.8, adversarial=1.0
        ),
        training=TrainingConfig(
            total_images=60_000,
            batch_size=16,
            stats_every=800,
            samples_every=4_800,
            checkpoint_every=2_400,
            ema_halflife=4_000,
            decay_share=0.4,
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
        training=replace(SHORT, decay_share=0.3),
    )


def detector() -> DetectorRun:
    """The face detector of the default bundle: 256 px, ten minutes on two cores with AMX."""
    return DetectorRun(
        training=TrainingConfig(
            total_images=24_000,
            batch_size=16,
            stats_every=400,
            samples_every=4_800,
            checkpoint_every=1_600,
            ema_halflife=2_000,
            warmup_images=1_600,
            decay_share=0.7,
        ),
    )


def detector_64() -> DetectorRun:
    """A face detector for tests and the tutorial: 64 px, minutes on drawn faces."""
    return DetectorRun(
        model=FaceDetectorConfig(widths=(8, 16, 24, 32), size=64, eye_distance=(8.0, 22.0)),
        training=SHORT,
    )


def mask_vae() -> MaskVaeRun:
    """MaskVAE of the default bundle, for sliders and for faces that do not exist: 128 px, codes of
    8x8 cells with 16 numbers each. The weight of the divergence is a third of what the likelihood
    asks for: maps come back sharper, and new faces are drawn from where codes lie."""
    return MaskVaeRun(
        model=MaskVaeConfig(widths=(32, 64, 128, 192), code=1024, size=128, local=True),
        loss=MaskVaeLossConfig(learning_rate=2e-3, betas=(0.9, 0.99), kl=2e-5, balance=0.25),
        training=TrainingConfig(
            total_images=64_000,
            batch_size=16,
            stats_every=800,
            samples_every=8_000,
            checkpoint_every=2_000,
            ema_halflife=2_000,
            warmup_images=800,
            decay_share=0.5,
        ),
    )
