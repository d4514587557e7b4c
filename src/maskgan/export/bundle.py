"""Runs -> a bundle: export every network, compare it with the graph, write the manifest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from torch import nn

from maskgan import config as configs
from maskgan import files
from maskgan.bundle import (
    GRAPHS,
    MANIFEST,
    OPTIONAL,
    Bundle,
    BundleManifest,
    EditRules,
    GraphEntry,
    default_folder,
)
from maskgan.errors import BundleError, CheckpointError, ConfigError, OutputError
from maskgan.export import graphs
from maskgan.export.agreement import compare
from maskgan.export.quantization import quantize_generator
from maskgan.models.baselines.stargan import StarGanGenerator
from maskgan.models.face_detector import FaceDetector
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


def export(
    runs: Sequence[str | Path],
    output: str | Path,
    *,
    training_data: str = "not stated",
    licence: str = "not stated",
    quantize: bool = False,
    half: bool = True,
    metrics: dict[str, Any] | None = None,
    name: str | None = None,
    version: str = "1",
) -> BundleManifest:
    """Writes a bundle from run folders that together hold parser.safetensors,
    generator.safetensors, encoder.safetensors and detector.safetensors.

    What the runs lack is taken from the bundle in the package. A generator that draws the whole
    face is its own encoder, and makes a bundle of the kind "whole"; one that changes attributes
    needs none, and makes one of the kind "attributes". half: store the weights in
    float16; without it, in float32. The rest is as `write_bundle` does it, whose errors this raises
    besides `CheckpointError`.
    """
    check_output(output)
    models = _find_models(runs)
    return write_bundle(
        models,
        output,
        training_data=training_data,
        licence=licence,
        quantize=quantize,
        half=half,
        metrics=metrics,
        name=name,
        version=version,
    )


def check_output(output: str | Path) -> None:
    """Raises `BundleError` for a place that a bundle cannot be written to: it holds something."""
    folder = Path(output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BundleError(f"{folder} is there already and not empty; choose a new folder.")


def write_bundle(
    models: Mapping[str, nn.Module],
    output: str | Path,
    *,
    training_data: str,
    licence: str,
    quantize: bool = False,
    half: bool = True,
    metrics: dict[str, Any] | None = None,
    name: str | None = None,
    version: str = "1",
) -> BundleManifest:
    """Writes a bundle of networks by the names of their graphs, and of the package's own bundle.

    Every graph is run in ONNX Runtime beside its network on three inputs. The folder appears whole
    or not at all. Raises `BundleError` when a graph does not agree or the folder is not empty,
    `ConfigError` for a generator that cannot be quantised, and `OutputError` when the folder cannot
    be written.
    """
    check_output(output)
    folder = Path(output)
    alone = "generator" in models and _needs_no_encoder(models["generator"])
    if quantize and alone:
        raise ConfigError(
            "--quantize is for regional generators; leave it out for one that renders the whole "
            "face."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(prefix=".bundle-", dir=folder.parent)
    except OSError as error:
        raise OutputError(f"Cannot write {folder}: {error.strerror or error}.") from error
    with place:
        draft = Path(place.name) / "bundle"
        draft.mkdir()
        base = _copy_default(draft, {*models, "encoder"} if alone else set(models))
        quantize = quantize and "generator" in models
        for graph, model in models.items():
            kept = quantize and graph == "generator"  # the quantiser needs the weights as they are
            _write_graph(draft, graph, model, half and not kept)
        values = _values(models, base)
        manifest = BundleManifest(
            name=name or f"{values['kind']}-{values['generator_size']}",
            version=version,
            graphs=_entries(draft),
            training_data=training_data,
            licence=licence,
            metrics=metrics or {},
            **values,
        )
        files.write_text(draft / MANIFEST, configs.to_json(manifest, indent=2) + "\n")
        compare(Bundle.open(draft), models, half)
        if quantize:
            psnr = quantize_generator(Bundle.open(draft))
            measured = {**manifest.metrics, "int8_psnr_db": round(psnr, 1)}
            manifest = replace(manifest, graphs=_entries(draft), metrics=measured)
            files.write_text(draft / MANIFEST, configs.to_json(manifest, indent=2) + "\n")
        if folder.exists():
            folder.rmdir()
        shutil.move(draft, folder)
    return manifest


def _is_translator(model: nn.Module) -> bool:
    return kind_of(model) in TRANSLATORS


def _needs_no_encoder(model: nn.Module) -> bool:
    return kind_of(model) in (*TRANSLATORS, *TRANSFERS)


def _write_graph(folder: Path, graph: str, model: nn.Module, half: bool) -> None:
    path = folder / f"{graph}.onnx"
    if isinstance(model, Parser):
        graphs.export_parser(model, path, half=half)
    elif isinstance(model, StyleEncoder):
        graphs.export_encoder(model, path, half=half)
    elif isinstance(model, RegionalGenerator):
        graphs.export_generator(model, path, half=half)
    elif isinstance(model, FaceDetector):
        graphs.export_detector(model, path, half=half)
    elif isinstance(model, StarGanGenerator):
        graphs.export_attribute_generator(model, path, half=half)
    else:
        network = cast(Translator, model)
        graphs.export_face_encoder(network, folder / "encoder.onnx", half=half)
        graphs.export_face_decoder(network, path, half=half)


def _entries(folder: Path) -> dict[str, GraphEntry]:
    return {
        graph: GraphEntry(file=f"{graph}.onnx", sha256=files.sha256(folder / f"{graph}.onnx"))
        for graph in (*GRAPHS, *OPTIONAL)
        if (folder / f"{graph}.onnx").is_file()
    }


def _find_models(runs: Sequence[str | Path]) -> dict[str, nn.Module]:
    """Graph name -> network, from the run folders; the last run that has one wins."""
    kinds = {
        "parser": ("parser",),
        "generator": ("regional-generator", *TRANSLATORS, *TRANSFERS),
        "encoder": ("style-encoder",),
        "detector": ("face-detector",),
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
            "encoder.safetensors, detector.safetensors; expected the folder of a `maskgan train` "
            "run."
        )
    if "generator" in models and _needs_no_encoder(models["generator"]):
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


def _copy_default(draft: Path, own: set[str]) -> BundleManifest | None:
    """Copies what the runs lack from the bundle in the package; None where there is no such
    bundle and the runs hold all that a bundle must have."""
    lacking = [graph for graph in GRAPHS if graph not in own]
    if not default_folder().is_dir():
        if not lacking:
            return None
        names = ", ".join(f"{graph}.safetensors" for graph in lacking)
        raise CheckpointError(
            f"The runs hold no {names}, and this installation has no default bundle to take the "
            "rest from; name the other run too."
        )
    default = Bundle.open(default_folder())
    for graph, entry in default.manifest.graphs.items():
        if graph not in own:
            shutil.copyfile(default.folder / entry.file, draft / f"{graph}.onnx")
    return default.manifest


def _values(models: Mapping[str, nn.Module], base: BundleManifest | None) -> dict[str, Any]:
    """Fields of the manifest that tell of the networks: of these models, else of the base."""
    names = ("kind", "stride", "encoder_size", "generator_size", "detail_size", "code_width")
    values: dict[str, Any] = {}
    if base is not None:
        values = {name: getattr(base, name) for name in (*names, "parser_size", "edit")}
    if "parser" in models:
        values["parser_size"] = cast(Parser, models["parser"]).config.size
    if "generator" not in models:
        return values
    for name in names:
        values.pop(name, None)
    if kind_of(models["generator"]) in TRANSFERS:
        transfer = cast(StarGanGenerator, models["generator"]).config
        return values | {
            "kind": "attributes",
            "stride": transfer.stride,
            "attributes": transfer.attributes,
            "encoder_size": transfer.size,
            "generator_size": transfer.size,
            "code_width": 0,
            "edit": EditRules(),
        }
    if _is_translator(models["generator"]):
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
