"""Kinds of networks: name and config rebuild the module."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from maskgan import config
from maskgan.errors import CheckpointError, ConfigError
from maskgan.models.kinds import KINDS, build, kind_of

TINY: dict[str, dict[str, Any]] = {
    "parser": {"widths": [8, 8, 8], "size": 64},
    "vgg-parser": {"widths": [8, 12], "size": 64},
    "unet-parser": {"width": 4, "size": 32},
    "regional-generator": {"widths": [8, 8, 12], "style_width": 4, "size": 64, "detail": 2},
    "attribute-classifier": {"width": 4, "attributes": ["Young"], "size": 32},
    "style-encoder": {"width": 8, "style_width": 4, "size": 32},
    "face-detector": {"widths": [8, 8, 8, 8], "size": 64, "eye_distance": [8.0, 24.0]},
    "mask-vae": {"widths": [8, 8], "code": 4, "size": 32, "local": False},
    "dense-mapping-network": {
        "width": 4,
        "downsamplings": 2,
        "blocks": 1,
        "style_width": 4,
        "size": 32,
    },
    "alpha-blender": {"width": 4, "downsamplings": 2, "blocks": 1},
    "multi-scale-discriminator": {"width": 4, "scales": 2, "spectral": True},
    "pix2pixhd-generator": {"width": 4, "downsamplings": 2, "blocks": 1, "size": 32},
    "spade-generator": {
        "width": 2,
        "hidden": 4,
        "code": 4,
        "size": 32,
        "upsamplings": 3,
        "norm": "instance",
    },
    "stargan-generator": {"width": 4, "blocks": 1, "attributes": ["Young"], "size": 32},
    "stargan-discriminator": {"width": 4, "depth": 3, "attributes": ["Young"], "size": 32},
}


def test_every_kind_is_tried_here() -> None:
    assert TINY.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", TINY)
def test_kind_and_config_rebuild_a_module(kind: str) -> None:
    first = build(kind, TINY[kind])
    assert isinstance(first, nn.Module)
    assert kind_of(first) == kind
    values = config.to_dict(first.config)
    assert values == TINY[kind]
    second = build(kind, values)
    second.load_state_dict(first.state_dict())
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])


def test_mistakes_are_sentences() -> None:
    with pytest.raises(CheckpointError, match="Unknown kind of model 'unet'; known: parser"):
        build("unet", {})
    with pytest.raises(ConfigError, match="Unknown option width; ParserConfig has: widths, size"):
        build("parser", {"width": 3})
    with pytest.raises(ConfigError, match="size is 30"):
        build("style-encoder", {"size": 30})
