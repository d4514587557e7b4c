"""The networks of trained runs, and what a manifest says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from torch import nn

from maskgan.errors import CheckpointError
from maskgan.manifest import BundleManifest, EditRules
from maskgan.models.baselines.stargan import StarGanGenerator
from maskgan.models.kinds import kind_of
from maskgan.models.parser import Parser
from maskgan.models.regional import RegionalGenerator, StyleEncoder
from maskgan.models.translator import Translator
from maskgan.training import checkpoint

TRANSLATORS = ("dense-mapping-network", "spade-generator", "pix2pixhd-generator")
"""Kinds of generators that draw the whole face; each is a `Translator`."""
TRANSFERS = ("stargan-generator",)
"""Kinds of generators that change attributes of a photo."""
RULES_SIZE = 256
"""Side in pixels of the faces for which the defaults of `EditRules` are meant."""
REACH = 24
"""How far skin follows a feature in bundles of generators that render regions, on such faces."""


def find_models(runs: Sequence[str | Path]) -> dict[str, nn.Module]:
    """Graph name -> network, from the run folders; the last run that has one wins."""
    kinds = {
        "parser": ("parser",),
        "generator": ("regional-generator", *TRANSLATORS, *TRANSFERS),
        "encoder": ("style-encoder",),
        "detector": ("face-detector",),
        "mask_vae": ("mask-vae",),
    }
    models: dict[str, nn.Module] = {}
    for run in runs:
        for graph in kinds:
            path = Path(run) / f"{graph}.safetensors"
            if path.is_file():
                model = checkpoint.load_model(path)
                if kind_of(model) not in kinds[graph]:
                    raise CheckpointError(
                        f"{path} holds a {type(model).__name__}, not the {graph}."
                    )
                models[graph] = model
    if not models:
        places = ", ".join(str(run) for run in runs)
        raise CheckpointError(
            f"{places} holds none of parser.safetensors, generator.safetensors, "
            "encoder.safetensors, detector.safetensors, mask_vae.safetensors; expected the folder "
            "of a `maskgan train` run."
        )
    if "generator" in models and needs_no_encoder(models["generator"]):
        if "encoder" in models:
            raise CheckpointError(
                "The generator renders the whole face and needs no other encoder; leave out the "
                "run that holds encoder.safetensors."
            )
        return models
    if ("generator" in models) != ("encoder" in models):
        raise CheckpointError("A generator and a style encoder are trained together; give both.")
    if "generator" in models:
        width = cast(RegionalGenerator, models["generator"]).config.style_width
        found = cast(StyleEncoder, models["encoder"]).config.style_width
        if width != found:
            raise CheckpointError(
                f"The generator takes codes of {width} numbers, the style encoder makes {found}; "
                "they come from different runs."
            )
    return models


def described(models: Mapping[str, nn.Module], base: BundleManifest | None) -> dict[str, Any]:
    """Fields of the manifest that tell of the networks: of these models, else of the base."""
    names = ("kind", "stride", "encoder_size", "generator_size", "detail_size", "code_width")
    values: dict[str, Any] = {}
    if base is not None:
        values = {name: getattr(base, name) for name in (*names, "parser_size", "mask_vae", "edit")}
    if "parser" in models:
        values["parser_size"] = cast(Parser, models["parser"]).config.size
    if "generator" not in models:
        return values
    for name in names:
        values.pop(name, None)
    if takes_no_labels(models):
        transfer = cast(StarGanGenerator, models["generator"]).config
        return values | {
            "kind": "attributes",
            "mask_vae": None,
            "stride": transfer.stride,
            "attributes": transfer.attributes,
            "encoder_size": transfer.size,
            "generator_size": transfer.size,
            "code_width": 0,
            "edit": EditRules(),
        }
    if is_translator(models["generator"]):
        network = cast(Translator, models["generator"])
        size = network.config.size
        scale = size / RULES_SIZE
        rules = EditRules()
        return values | {
            "kind": "whole",
            "stride": network.config.stride,
            "encoder_size": size,
            "generator_size": size,
            "code_width": network.code_width,
            # The margins of the default size, as shares of the face.
            "edit": EditRules(
                dilate=round(rules.dilate * scale), feather=round(rules.feather * scale)
            ),
        }
    generator = cast(RegionalGenerator, models["generator"]).config
    return values | {
        "kind": "regional",
        "encoder_size": cast(StyleEncoder, models["encoder"]).config.size,
        "generator_size": generator.size,
        "detail_size": generator.size * generator.detail if generator.detail > 1 else None,
        "code_width": generator.style_width,
        "edit": EditRules(
            reach=round(REACH * generator.size / RULES_SIZE), carry=True, smooth=True
        ),
    }


def is_translator(model: nn.Module) -> bool:
    return kind_of(model) in TRANSLATORS


def takes_no_labels(models: Mapping[str, nn.Module]) -> bool:
    """Whether their generator changes attributes of a photo."""
    return "generator" in models and kind_of(models["generator"]) in TRANSFERS


def needs_no_encoder(model: nn.Module) -> bool:
    return kind_of(model) in (*TRANSLATORS, *TRANSFERS)
