"""Runs -> a bundle: export every network, compare it with the graph, write the manifest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from maskgan import config as configs
from maskgan import files
from maskgan.bundle import (
    GRAPHS,
    MANIFEST,
    OPTIONAL,
    STRIDE,
    Bundle,
    BundleManifest,
    GraphEntry,
    default_folder,
)
from maskgan.errors import BundleError, CheckpointError, OutputError
from maskgan.export import graphs
from maskgan.export.quantization import quantize_generator
from maskgan.labels import NUM_CLASSES
from maskgan.models.face_detector import CELL, FaceDetector
from maskgan.models.parser import Parser
from maskgan.models.regional import RegionalGenerator, StyleEncoder
from maskgan.training import checkpoint

TOLERANCE = 0.02
"""Largest difference allowed between a network and its graph, whose weights are float16: 2 of 255
levels for pictures in [-1, 1]."""
AGREEMENT = 0.995
"""Smallest share of pixels that the parser and its graph must label alike."""


def export(
    runs: Sequence[str | Path],
    output: str | Path,
    *,
    training_data: str = "not stated",
    licence: str = "not stated",
    quantize: bool = False,
    metrics: dict[str, Any] | None = None,
    name: str = "regional-256",
    version: str = "1",
) -> BundleManifest:
    """Writes a bundle from run folders that together hold parser.safetensors,
    generator.safetensors, encoder.safetensors and detector.safetensors.

    What the runs lack is taken from the bundle in the package. Every graph is run in ONNX Runtime
    beside its network on three inputs. The folder appears whole or not at all. Raises
    `CheckpointError`, `BundleError` when a graph does not agree or the folder is not empty, and
    `OutputError` when it cannot be written.
    """
    folder = Path(output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BundleError(f"{folder} is there already and not empty; choose a new folder.")
    models = _find_models(runs)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(prefix=".bundle-", dir=folder.parent)
    except OSError as error:
        raise OutputError(f"Cannot write {folder}: {error.strerror or error}.") from error
    with place:
        draft = Path(place.name) / "bundle"
        draft.mkdir()
        base = _copy_default(draft, set(models))
        quantize = quantize and "generator" in models
        for graph, model in models.items():
            _write_graph(draft / f"{graph}.onnx", model, half=not quantize)
        sizes = _sizes(models, base)
        manifest = BundleManifest(
            name=name,
            version=version,
            parser_size=sizes["parser_size"],
            encoder_size=sizes["encoder_size"],
            generator_size=sizes["generator_size"],
            detail_size=sizes["detail_size"],
            code_width=sizes["code_width"],
            graphs=_entries(draft),
            training_data=training_data,
            licence=licence,
            metrics=metrics or {},
        )
        files.write_text(draft / MANIFEST, configs.to_json(manifest, indent=2) + "\n")
        _compare(Bundle.open(draft), models)
        if quantize:
            psnr = quantize_generator(Bundle.open(draft))
            measured = {**manifest.metrics, "int8_psnr_db": round(psnr, 1)}
            manifest = replace(manifest, graphs=_entries(draft), metrics=measured)
            files.write_text(draft / MANIFEST, configs.to_json(manifest, indent=2) + "\n")
        if folder.exists():
            folder.rmdir()
        shutil.move(draft, folder)
    return manifest


def _write_graph(path: Path, model: nn.Module, half: bool) -> None:
    if isinstance(model, Parser):
        graphs.export_parser(model, path)
    elif isinstance(model, StyleEncoder):
        graphs.export_encoder(model, path)
    elif isinstance(model, RegionalGenerator):
        graphs.export_generator(model, path, half=half)
    elif isinstance(model, FaceDetector):
        graphs.export_detector(model, path)


def _entries(folder: Path) -> dict[str, GraphEntry]:
    return {
        graph: GraphEntry(file=f"{graph}.onnx", sha256=files.sha256(folder / f"{graph}.onnx"))
        for graph in (*GRAPHS, *OPTIONAL)
        if (folder / f"{graph}.onnx").is_file()
    }


def _find_models(runs: Sequence[str | Path]) -> dict[str, nn.Module]:
    """Graph name -> network, from the run folders; the last run that has one wins."""
    kinds = {
        "parser": Parser,
        "generator": RegionalGenerator,
        "encoder": StyleEncoder,
        "detector": FaceDetector,
    }
    models: dict[str, nn.Module] = {}
    for run in runs:
        for graph, kind in kinds.items():
            path = Path(run) / f"{graph}.safetensors"
            if path.is_file():
                model = checkpoint.load_model(path)
                if not isinstance(model, kind):
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


def _sizes(models: dict[str, nn.Module], base: BundleManifest | None) -> dict[str, Any]:
    sizes = (
        {}
        if base is None
        else {
            key: getattr(base, key)
            for key in (
                "parser_size",
                "encoder_size",
                "generator_size",
                "detail_size",
                "code_width",
            )
        }
    )
    if "parser" in models:
        sizes["parser_size"] = cast(Parser, models["parser"]).config.size
    if "generator" in models:
        generator = cast(RegionalGenerator, models["generator"]).config
        sizes["generator_size"], sizes["code_width"] = generator.size, generator.style_width
        sizes["detail_size"] = generator.size * generator.detail if generator.detail > 1 else None
        sizes["encoder_size"] = cast(StyleEncoder, models["encoder"]).config.size
    return sizes


@torch.no_grad()
def _compare(bundle: Bundle, models: dict[str, nn.Module]) -> None:
    """Runs networks and graphs side by side on three inputs; raises `BundleError` on a gap."""
    manifest = bundle.manifest
    for seed in range(3):
        rng = np.random.default_rng(seed)
        if "parser" in models:
            photo = _noise_photo(rng, manifest.parser_size)
            side = (manifest.parser_size * 2, manifest.parser_size * 2)
            found = bundle.run("parser", image=photo, size=np.array(side, np.int64))["labels"]
            truth = cast(Parser, models["parser"]).labels(torch.from_numpy(photo), side)
            _require("parser", float(np.mean(found == truth.numpy())), AGREEMENT)
        if "detector" in models:
            _compare_detector(bundle, cast(FaceDetector, models["detector"]), rng)
        if "generator" not in models:
            continue
        face = _noise_photo(rng, manifest.encoder_size)
        face_labels = rng.integers(0, NUM_CLASSES, face.shape[2:])[None]
        codes = bundle.run("encoder", image=face, labels=face_labels)["codes"]
        true_codes, true_present = models["encoder"](
            torch.from_numpy(face), torch.from_numpy(face_labels)
        )
        _require("encoder", 1 - float(np.abs(codes - true_codes.numpy()).max()), 1 - TOLERANCE)
        # Not the traced shape, so that a size that was frozen into the graph is found out.
        side = (manifest.generator_size, manifest.generator_size + STRIDE)
        inputs = {
            "photo": _noise_photo(rng, side[1])[:, :, : side[0]].copy(),
            "erase": (rng.random((1, 1, *side)) < 0.5).astype(np.float32),
            "labels": rng.integers(0, NUM_CLASSES, (1, *side)),
            "codes": true_codes.numpy(),
            "present": true_present.numpy(),
        }
        render = bundle.run("generator", **inputs)["render"]
        tensors = {key: torch.from_numpy(value) for key, value in inputs.items()}
        gap = np.abs(render - models["generator"](**tensors).numpy()).max()
        _require("generator", 1 - float(gap), 1 - TOLERANCE)


def _compare_detector(bundle: Bundle, detector: FaceDetector, rng: np.random.Generator) -> None:
    """At another size than the traced one; points in cells, where they need not be exact."""
    side = detector.config.size
    photo = _noise_photo(rng, 2 * side)[:, :, :side].copy()
    found = bundle.run("detector", image=photo)
    scores, points = (value.numpy() for value in detector(torch.from_numpy(photo)))
    gap = max(
        float(np.abs(found["scores"] - scores).max()),
        float(np.abs(found["points"] - points).max()) / CELL,
    )
    _require("detector", 1 - gap, 1 - TOLERANCE)


def _noise_photo(rng: np.random.Generator, side: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Smooth colour noise (1, 3, side, side) in [-1, 1]."""
    coarse = torch.from_numpy(rng.random((1, 3, 9, 9), np.float32) * 2 - 1)
    smooth = nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return smooth.clamp(-1, 1).numpy()


def _require(graph: str, found: float, wanted: float) -> None:
    if not found >= wanted:
        raise BundleError(
            f"The {graph} graph does not agree with its network (agreement {found:.4f}, wanted "
            f"{wanted}); the bundle was not written."
        )
