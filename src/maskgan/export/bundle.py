"""Runs -> a bundle: export every network, compare it with the graph, write the manifest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from maskgan import config as configs
from maskgan import files
from maskgan.bundle import Bundle, default_folder
from maskgan.errors import BundleError, CheckpointError, ConfigError, OutputError
from maskgan.export import graphs
from maskgan.export.agreement import compare
from maskgan.export.directions import learn, root
from maskgan.export.label_graphs import export_mask_vae
from maskgan.export.networks import described, find_models, needs_no_encoder, takes_no_labels
from maskgan.export.quantization import quantize_generator
from maskgan.manifest import (
    GRAPHS,
    MANIFEST,
    MASK_VAE,
    OPTIONAL,
    BundleManifest,
    GraphEntry,
    MaskVaeEntry,
)
from maskgan.models.baselines.stargan import StarGanGenerator
from maskgan.models.face_detector import FaceDetector
from maskgan.models.mask_vae import MaskVae
from maskgan.models.parser import Parser
from maskgan.models.regional import RegionalGenerator, StyleEncoder
from maskgan.models.translator import Translator

NOISE = 256
"""Numbers that a new label map is drawn from: the largest axes of the codes of faces."""


def export(
    runs: Sequence[str | Path],
    output: str | Path,
    *,
    directions: Sequence[str | Path] = (),
    training_data: str = "not stated",
    licence: str = "not stated",
    quantize: bool = False,
    half: bool = True,
    metrics: dict[str, Any] | None = None,
    name: str | None = None,
    version: str = "1",
) -> BundleManifest:
    """Writes a bundle from run folders that together hold parser.safetensors,
    generator.safetensors, encoder.safetensors, detector.safetensors and mask_vae.safetensors.

    What the runs lack is taken from the bundle in the package. A generator that draws the whole
    face is its own encoder, and makes a bundle of the kind "whole"; one that changes attributes
    needs none, and makes one of the kind "attributes". directions: dataset folders from whose faces
    the sliders of a MaskVAE are learned (`maskgan.export.directions`). half: store the weights in
    float16; without it, in float32. The rest is as `write_bundle` does it, whose errors this raises
    besides `CheckpointError`.
    """
    check_output(output)
    models = find_models(runs)
    vae = models.get("mask_vae")
    if directions and not isinstance(vae, MaskVae):
        raise ConfigError(
            "--directions are for a MaskVAE; name a run that holds mask_vae.safetensors too."
        )
    return write_bundle(
        models,
        output,
        steps=learn(vae, directions) if directions and isinstance(vae, MaskVae) else {},
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
    steps: Mapping[str, Tensor] | None = None,
    quantize: bool = False,
    half: bool = True,
    metrics: dict[str, Any] | None = None,
    name: str | None = None,
    version: str = "1",
) -> BundleManifest:
    """Writes a bundle of networks by the names of their graphs, and of the package's own bundle.

    steps: slider -> step float32 (N,) in the codes of a MaskVAE among the networks. Every graph is
    run in ONNX Runtime beside its network on three inputs. The folder appears whole
    or not at all. Raises `BundleError` when a graph does not agree or the folder is not empty,
    `ConfigError` for a generator that cannot be quantised, and `OutputError` when the folder cannot
    be written.
    """
    check_output(output)
    folder = Path(output)
    alone = "generator" in models and needs_no_encoder(models["generator"])
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
        own = {*models, *(("encoder",) if alone else ())}
        if "mask_vae" in models or takes_no_labels(models):
            own |= set(MASK_VAE)
        base = _copy_default(draft, own)
        quantize = quantize and "generator" in models
        values = described(models, base)
        for graph, model in models.items():
            if isinstance(model, MaskVae):
                values["mask_vae"] = _write_mask_vae(draft, model, steps or {}, half)
                continue
            kept = quantize and graph == "generator"  # the quantiser needs the weights as they are
            _write_graph(draft, graph, model, half and not kept)
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


def _write_mask_vae(
    folder: Path, vae: MaskVae, steps: Mapping[str, Tensor], half: bool
) -> MaskVaeEntry:
    axes = root(vae, NOISE)
    table = torch.stack(list(steps.values())) if steps else torch.zeros(0, vae.config.code)
    export_mask_vae(vae, axes, table, folder, half=half)
    return MaskVaeEntry(size=vae.config.size, noise=len(axes), directions=tuple(steps))


def _entries(folder: Path) -> dict[str, GraphEntry]:
    return {
        graph: GraphEntry(file=f"{graph}.onnx", sha256=files.sha256(folder / f"{graph}.onnx"))
        for graph in (*GRAPHS, *OPTIONAL)
        if (folder / f"{graph}.onnx").is_file()
    }


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
