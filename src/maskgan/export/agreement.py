"""Whether the graphs of a bundle answer as the networks they were made of.

Each graph is run in ONNX Runtime beside its network on three inputs, at another size than the
traced one where it takes any. A gap stops the export.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from maskgan.bundle import Bundle
from maskgan.errors import BundleError
from maskgan.export import graphs
from maskgan.labels import NUM_CLASSES
from maskgan.manifest import STRIDE
from maskgan.models.face_detector import CELL, FaceDetector
from maskgan.models.mask_vae import MaskVae
from maskgan.models.parser import Parser
from maskgan.models.translator import Translator

TOLERANCE = 0.02
"""Largest difference allowed between a network and its graph, whose weights are float16: 2 of 255
levels for pictures in [-1, 1]."""
EXACT = 1e-3
"""The same for graphs with the weights as they are: what is left is the order of summing up."""
AGREEMENT = 0.995
"""Smallest share of pixels that the parser and its graph must label alike."""


@torch.no_grad()
def compare(bundle: Bundle, models: Mapping[str, nn.Module], half: bool = True) -> None:
    """Runs networks, by the names of their graphs, and graphs side by side; raises `BundleError` on
    a gap. half: the graphs hold their weights in float16."""
    tolerance = TOLERANCE if half else EXACT
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
            _compare_detector(bundle, cast(FaceDetector, models["detector"]), rng, tolerance)
        if "mask_vae" in models:
            _compare_mask_vae(bundle, cast(MaskVae, models["mask_vae"]), rng, tolerance)
        if "generator" not in models:
            continue
        if manifest.kind == "attributes":
            _compare_attributes(bundle, models["generator"], rng, tolerance)
        elif manifest.kind == "whole":
            _compare_whole(bundle, cast(Translator, models["generator"]), rng, tolerance)
        else:
            _compare_regional(bundle, models, rng, tolerance)


def _compare_regional(
    bundle: Bundle,
    models: Mapping[str, nn.Module],
    rng: np.random.Generator,
    tolerance: float,
) -> None:
    manifest = bundle.manifest
    face = _noise_photo(rng, manifest.encoder_size)
    face_labels = rng.integers(0, NUM_CLASSES, face.shape[2:])[None]
    codes = bundle.run("encoder", image=face, labels=face_labels)["codes"]
    true_codes, true_present = models["encoder"](
        torch.from_numpy(face), torch.from_numpy(face_labels)
    )
    _require("encoder", 1 - float(np.abs(codes - true_codes.numpy()).max()), 1 - tolerance)
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
    _require("generator", 1 - float(gap), 1 - tolerance)


def _compare_whole(
    bundle: Bundle, network: Translator, rng: np.random.Generator, tolerance: float
) -> None:
    size, stride = network.config.size, network.config.stride
    height, width = (size, size)
    if isinstance(network, graphs.ANY_SIZE):
        height, width = (3 * stride, 4 * stride)
    face = _noise_photo(rng, max(height, width))[:, :, :height, :width].copy()
    labels = _noise_labels(rng, height, width)
    codes = bundle.run("encoder", image=face, labels=labels)["codes"]  # (1, 19, S)
    code = network.encode(torch.from_numpy(face), torch.from_numpy(labels))  # (1, S)
    # Codes have no range of their own: the gap counts against the largest number.
    largest = max(1.0, float(code.abs().max()))
    gap = float(np.abs(codes - code[:, None].numpy()).max()) / largest
    _require("encoder", 1 - gap, 1 - tolerance)
    others = _noise_labels(rng, height, width)
    render = bundle.run("generator", labels=others, code=code.numpy())["render"]
    gap = float(np.abs(render - network.decode(torch.from_numpy(others), code).numpy()).max())
    _require("generator", 1 - gap, 1 - tolerance)


def _compare_attributes(
    bundle: Bundle, network: nn.Module, rng: np.random.Generator, tolerance: float
) -> None:
    manifest = bundle.manifest
    photo = _noise_photo(rng, manifest.generator_size)
    wanted = rng.random((1, len(manifest.attributes)), np.float32)
    render = bundle.run("generator", photo=photo, attributes=wanted)["render"]
    truth = network(torch.from_numpy(photo), torch.from_numpy(wanted)).numpy()
    _require("generator", 1 - float(np.abs(render - truth).max()), 1 - tolerance)


def _compare_detector(
    bundle: Bundle, detector: FaceDetector, rng: np.random.Generator, tolerance: float
) -> None:
    """At another size than the traced one; points in cells, where they need not be exact."""
    side = detector.config.size
    photo = _noise_photo(rng, 2 * side)[:, :, :side].copy()
    found = bundle.run("detector", image=photo)
    scores, points = (value.numpy() for value in detector(torch.from_numpy(photo)))
    gap = max(
        float(np.abs(found["scores"] - scores).max()),
        float(np.abs(found["points"] - points).max()) / CELL,
    )
    _require("detector", 1 - gap, 1 - tolerance)


def _compare_mask_vae(
    bundle: Bundle, vae: MaskVae, rng: np.random.Generator, tolerance: float
) -> None:
    """Codes and logits have no range of their own: gaps count against the largest number."""
    labels = _noise_labels(rng, vae.config.size, vae.config.size)
    code = vae.encode(torch.from_numpy(labels))[0].numpy()
    found = bundle.run("mask_encoder", labels=labels)["code"]
    _require("mask_encoder", 1 - _gap(found, code), 1 - tolerance)
    logits = vae.decode(torch.from_numpy(code)).numpy()
    found = bundle.run("mask_decoder", code=code)["logits"]
    _require("mask_decoder", 1 - _gap(found, logits), 1 - tolerance)


def _gap(found: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    return float(np.abs(found - truth).max()) / max(1.0, float(np.abs(truth).max()))


def _noise_photo(rng: np.random.Generator, side: int) -> NDArray[np.float32]:
    """Smooth colour noise (1, 3, side, side) in [-1, 1]."""
    coarse = torch.from_numpy(rng.random((1, 3, 9, 9), np.float32) * 2 - 1)
    smooth = nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return smooth.clamp(-1, 1).numpy()


def _noise_labels(rng: np.random.Generator, height: int, width: int) -> NDArray[np.int64]:
    """Patches of random classes (1, height, width)."""
    patches = rng.integers(0, NUM_CLASSES, (-(-height // 8), -(-width // 8)))
    return patches.repeat(8, 0).repeat(8, 1)[None, :height, :width].copy()


def _require(graph: str, found: float, wanted: float) -> None:
    if not found >= wanted:
        raise BundleError(
            f"The {graph} graph does not agree with its network (agreement {found:.4f}, wanted "
            f"{wanted}); the bundle was not written."
        )
