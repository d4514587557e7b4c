"""Every kind of network that a model file can hold, with its config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from maskgan import config as configs
from maskgan.errors import CheckpointError
from maskgan.models.attribute_classifier import AttributeClassifier, AttributeClassifierConfig
from maskgan.models.baselines.pix2pixhd import Pix2PixHdConfig, Pix2PixHdGenerator
from maskgan.models.baselines.spade import SpadeConfig, SpadeGenerator
from maskgan.models.baselines.stargan import (
    StarGanDiscriminator,
    StarGanDiscriminatorConfig,
    StarGanGenerator,
    StarGanGeneratorConfig,
)
from maskgan.models.blender import AlphaBlender, AlphaBlenderConfig
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork
from maskgan.models.discriminator import MultiScaleDiscriminator, MultiScaleDiscriminatorConfig
from maskgan.models.face_detector import FaceDetector, FaceDetectorConfig
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig
from maskgan.models.parser import Parser, ParserConfig
from maskgan.models.regional import (
    RegionalGenerator,
    RegionalGeneratorConfig,
    StyleEncoder,
    StyleEncoderConfig,
)
from maskgan.models.unet_parser import UnetParser, UnetParserConfig
from maskgan.models.vgg_parser import VggParser, VggParserConfig

KINDS: dict[str, tuple[type[nn.Module], type[Any]]] = {
    "parser": (Parser, ParserConfig),
    "vgg-parser": (VggParser, VggParserConfig),
    "unet-parser": (UnetParser, UnetParserConfig),
    "attribute-classifier": (AttributeClassifier, AttributeClassifierConfig),
    "regional-generator": (RegionalGenerator, RegionalGeneratorConfig),
    "style-encoder": (StyleEncoder, StyleEncoderConfig),
    "face-detector": (FaceDetector, FaceDetectorConfig),
    "mask-vae": (MaskVae, MaskVaeConfig),
    "dense-mapping-network": (DenseMappingNetwork, DenseMappingConfig),
    "alpha-blender": (AlphaBlender, AlphaBlenderConfig),
    "multi-scale-discriminator": (MultiScaleDiscriminator, MultiScaleDiscriminatorConfig),
    "pix2pixhd-generator": (Pix2PixHdGenerator, Pix2PixHdConfig),
    "spade-generator": (SpadeGenerator, SpadeConfig),
    "stargan-generator": (StarGanGenerator, StarGanGeneratorConfig),
    "stargan-discriminator": (StarGanDiscriminator, StarGanDiscriminatorConfig),
}


def kind_of(module: nn.Module) -> str:
    """The name of a module's kind."""
    return next(name for name, (model, _) in KINDS.items() if type(module) is model)


def build(kind: str, values: Mapping[str, Any]) -> nn.Module:
    """A model from its kind and its config as plain values."""
    if kind not in KINDS:
        raise CheckpointError(f"Unknown kind of model {kind!r}; known: {', '.join(KINDS)}.")
    model, config = KINDS[kind]
    module: nn.Module = model(configs.from_dict(config, values))
    return module
