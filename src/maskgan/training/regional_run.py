"""A complete run of the default generator, as options: networks, simulated edits, crops, losses."""

from __future__ import annotations

from dataclasses import dataclass, field

from maskgan.models.regional import RegionalGeneratorConfig, StyleEncoderConfig
from maskgan.models.segmentation_discriminator import SegmentationDiscriminatorConfig
from maskgan.models.vgg import BLOCKS
from maskgan.training.edits import EditConfig
from maskgan.training.loop import TrainingConfig
from maskgan.training.regional_batch import CropConfig


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
    following: float = 0.0
    """Cross-entropy of a parser on the render, where it reads the real photo right; needs
    `parser`."""
    parser: str = ""
    """File with the weights of that parser; must not be one that judges the result."""
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
        if not 2 * self.stride <= self.crops.crop <= self.model.size or (
            self.crops.crop % self.stride
        ):
            raise ValueError(
                f"crops.crop is {self.crops.crop}; expected a multiple of {self.stride} from "
                f"{2 * self.stride} to model.size, {self.model.size}."
            )

    @property
    def stride(self) -> int:
        """Pixels to which the networks reduce one of their smallest maps."""
        count = max(len(self.model.widths), len(self.discriminator.widths))
        return int(2**count)
