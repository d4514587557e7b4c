"""A MaskVAE whose answers can be worked out by hand, for a bundle of `tiny_bundle`.

A code is the map's own classes at 32 px, 10 for the class of a pixel and 0 else, so that decoding
gives a map of that size back exactly. Directions lead to blocks: `mouth_open` to skin within lips,
`hair_length` to hair in two columns beside the neck. New faces are `face_labels`, and the first
number of the noise makes their clothes hair.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from maskgan import files, images
from maskgan.labels import IDS, NUM_CLASSES
from tiny_bundle import change_manifest, face_labels

SIDE = 32
NUMBERS = NUM_CLASSES * SIDE * SIDE
DIRECTIONS = ("mouth_open", "hair_length")
LOCKS = slice(21, 27), (*range(3, 8), *range(24, 29))
"""Rows and columns, of 32, that `hair_length` makes hair."""
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def add_mask_vae(folder: Path) -> Path:
    """Writes the graphs into a bundle's folder and their manifest entry; returns the folder."""
    graphs = {
        "mask_encoder": _model(
            [
                helper.make_node("Unsqueeze", ["labels", "axis1"], ["planes"]),
                helper.make_node("Equal", ["planes", "classes"], ["hits"]),
                helper.make_node("Cast", ["hits"], ["masks"], to=FLOAT),
                helper.make_node("Mul", ["masks", "ten"], ["scaled"]),
                helper.make_node("Reshape", ["scaled", "flat"], ["code"]),
            ],
            {"labels": (INT64, [1, SIDE, SIDE])},
            {"code": [1, NUMBERS]},
            axis1=np.array([1]),
            classes=np.arange(NUM_CLASSES).reshape(1, -1, 1, 1),
            ten=np.float32(10),
            flat=np.array([1, NUMBERS]),
        ),
        "mask_decoder": _model(
            [helper.make_node("Reshape", ["code", "shape"], ["logits"])],
            {"code": (FLOAT, [1, NUMBERS])},
            {"logits": [1, NUM_CLASSES, SIDE, SIDE]},
            shape=np.array([1, NUM_CLASSES, SIDE, SIDE]),
        ),
        "mask_space": _model(
            [
                helper.make_node("MatMul", ["noise", "axes"], ["apart"]),
                helper.make_node("Add", ["apart", "mean"], ["drawn"]),
                helper.make_node("MatMul", ["strengths", "steps"], ["step"]),
            ],
            {"noise": (FLOAT, [1, 2]), "strengths": (FLOAT, [1, len(DIRECTIONS)])},
            {"drawn": [1, NUMBERS], "step": [1, NUMBERS]},
            axes=np.stack([_towards("hair", _small() == IDS["cloth"]), np.zeros(NUMBERS)]),
            mean=10 * images.one_hot(_small()).reshape(1, -1),
            steps=np.stack([_towards("mouth", _lips()), _towards("hair", _locks()) * _fall()]),
        ),
    }
    entries = {}
    for name, model in graphs.items():
        onnx.checker.check_model(model)
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        entries[name] = {"file": path.name, "sha256": files.sha256(path)}
    known = {"size": SIDE, "noise": 2, "directions": list(DIRECTIONS)}
    change_manifest(folder, mask_vae=known, graphs=_graphs(folder) | entries)
    return folder


def _graphs(folder: Path) -> dict[str, object]:
    import json

    graphs: dict[str, object] = json.loads((folder / "manifest.json").read_text())["graphs"]
    return graphs


def _small() -> NDArray[np.uint8]:
    return images.resize_labels(face_labels(64), (SIDE, SIDE))


def _lips() -> NDArray[np.bool_]:
    return np.isin(_small(), (IDS["u_lip"], IDS["l_lip"]))


def _locks() -> NDArray[np.bool_]:
    region = np.zeros((SIDE, SIDE), np.bool_)
    region[LOCKS[0], LOCKS[1]] = True
    return region


def _fall() -> NDArray[np.float64]:
    """Less the further down, so that locks grow with the strength; flat (N,)."""
    rows = np.interp(np.arange(SIDE), (LOCKS[0].start, LOCKS[0].stop - 1), (1, 0.45))
    return np.broadcast_to(rows[None, :, None], (NUM_CLASSES, SIDE, SIDE)).ravel()


def _towards(name: str, region: NDArray[np.bool_]) -> NDArray[np.float64]:
    """30 more for a class within a region; flat (N,)."""
    planes = np.zeros((NUM_CLASSES, SIDE, SIDE))
    planes[IDS[name]][region] = 30
    return planes.ravel()


def _model(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, tuple[int, list[int]]],
    outputs: dict[str, list[int]],
    **constants: NDArray[np.generic] | np.float32,
) -> onnx.ModelProto:
    def plain(value: NDArray[np.generic] | np.float32) -> NDArray[np.generic]:
        array = np.asarray(value)
        return array.astype(np.float32 if array.dtype.kind == "f" else np.int64)

    graph = helper.make_graph(
        nodes,
        "mask_vae",
        [helper.make_tensor_value_info(name, *spec) for name, spec in inputs.items()],
        [helper.make_tensor_value_info(name, FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(plain(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
