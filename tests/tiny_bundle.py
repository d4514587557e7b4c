"""A small real bundle whose answers can be worked out by hand.

parser     the class whose palette A colour is nearest to the pixel
encoder    code of a class = its mean colour in [-1, 1] (S = 3)
generator  the photo, and inside the erased region the code of each pixel's class (grey if absent)

Photos painted in palette A colours are thus parsed and rendered exactly.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from maskgan import config, files, images
from maskgan.labels import NUM_CLASSES, PALETTE_A, Labels, colorize
from maskgan.manifest import BundleManifest, EditRules, GraphEntry

SIDE = 64
"""Every network's size, so that a crop of 64 px is not scaled."""
DILATE, FEATHER = 4, 2
FLOAT, INT64, UINT8 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8
CLASSES = np.arange(NUM_CLASSES, dtype=np.int64).reshape(1, NUM_CLASSES, 1, 1)


def write_bundle(folder: Path) -> Path:
    """Writes the bundle into `folder`, which it makes, and returns it."""
    folder.mkdir(parents=True)
    graphs = {"parser": _parser(), "encoder": _encoder(), "generator": _generator()}
    entries = {}
    for name, model in graphs.items():
        onnx.checker.check_model(model)
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        entries[name] = GraphEntry(file=path.name, sha256=files.sha256(path))
    manifest = BundleManifest(
        name="tiny",
        version="1",
        parser_size=SIDE,
        encoder_size=SIDE,
        generator_size=SIDE,
        code_width=3,
        edit=EditRules(dilate=DILATE, feather=FEATHER),
        graphs=entries,
        training_data="none",
        licence="Apache-2.0",
    )
    (folder / "manifest.json").write_text(config.to_json(manifest, indent=2))
    return folder


def change_manifest(folder: Path, **changes: Any) -> None:
    """Overwrites fields of a bundle's manifest; None removes the field."""
    path = folder / "manifest.json"
    values = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({name: v for name, v in values.items() if v is not None}))


def face_labels(side: int = SIDE) -> Labels:
    """A plain face's labels (side, side): hair, skin, eyes, brows, nose, lips, neck and clothes."""
    row, column = np.mgrid[0:side, 0:side] * (64 / side)

    def ellipse(x: float, y: float, width: float, height: float) -> Any:
        return ((column - x) / width) ** 2 + ((row - y) / height) ** 2 <= 1

    labels = np.zeros((side, side), np.uint8)
    labels[ellipse(32, 28, 22, 24)] = 13
    labels[(row > 44) & (abs(column - 32) < 8)] = 17
    labels[row > 56] = 18
    labels[ellipse(32, 34, 15, 19)] = 1
    for x, eye, brow in ((24, 5, 7), (40, 4, 6)):
        labels[ellipse(x, 29, 4, 2)] = eye
        labels[ellipse(x, 23, 5, 1.5)] = brow
    labels[ellipse(32, 35, 3, 5)] = 2
    labels[ellipse(32, 44, 6, 1.5)] = 11
    labels[ellipse(32, 47, 6, 1.5)] = 12
    return labels


def write_face(folder: Path, side: int = SIDE, suffix: str = ".png") -> tuple[Path, Path]:
    """Writes a photo painted in palette colours and its labels; returns both paths."""
    labels = face_labels(side)
    photo, label_file = folder / f"face{suffix}", folder / "labels.png"
    images.write(photo, colorize(labels))
    images.write_labels(label_file, labels)
    return photo, label_file


def _constants(**arrays: Any) -> list[onnx.TensorProto]:
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()]


def _model(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, tuple[int, list[Any]]],
    outputs: dict[str, tuple[int, list[Any]]],
    constants: list[onnx.TensorProto],
) -> onnx.ModelProto:
    def values(table: dict[str, tuple[int, list[Any]]]) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(name, *spec) for name, spec in table.items()]

    graph = helper.make_graph(nodes, "tiny", values(inputs), values(outputs), constants)
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="tests"
    )


def _one_hot_nodes(name: str) -> list[onnx.NodeProto]:
    """labels int64 (1, H, W) -> float32 (1, 19, H, W)."""
    return [
        helper.make_node("Unsqueeze", ["labels", "axis1"], ["planes"]),
        helper.make_node("Equal", ["planes", "classes"], ["hits"]),
        helper.make_node("Cast", ["hits"], [name], to=FLOAT),
    ]


def _parser() -> onnx.ModelProto:
    colors = np.asarray(PALETTE_A, np.float32) / 127.5 - 1  # (19, 3)
    # |x - c|^2 = |x|^2 - (2 x c - |c|^2): the largest bracket is the nearest colour.
    constants = _constants(
        weight=2 * colors[:, :, None, None],
        bias=-(colors**2).sum(1),
        head=np.asarray([1, NUM_CLASSES], np.int64),
    )
    nodes = [
        helper.make_node("Conv", ["image", "weight", "bias"], ["logits"]),
        helper.make_node("Concat", ["head", "size"], ["sizes"], axis=0),
        helper.make_node("Resize", ["logits", "", "", "sizes"], ["scaled"], mode="linear"),
        helper.make_node("ArgMax", ["scaled"], ["ids"], axis=1, keepdims=0),
        helper.make_node("Cast", ["ids"], ["labels"], to=UINT8),
    ]
    return _model(
        nodes,
        {"image": (FLOAT, [1, 3, SIDE, SIDE]), "size": (INT64, [2])},
        {"labels": (UINT8, [1, "height", "width"])},
        constants,
    )


def _encoder() -> onnx.ModelProto:
    constants = _constants(
        classes=CLASSES,
        axis1=np.asarray([1], np.int64),
        axis2=np.asarray([2], np.int64),
        flat_classes=np.asarray([1, NUM_CLASSES, SIDE * SIDE], np.int64),
        flat_image=np.asarray([1, 3, SIDE * SIDE], np.int64),
        one=np.float32(1),
    )
    nodes = [
        *_one_hot_nodes("masks"),
        helper.make_node("Reshape", ["masks", "flat_classes"], ["flat"]),
        helper.make_node("Reshape", ["image", "flat_image"], ["pixels"]),
        helper.make_node("Transpose", ["pixels"], ["columns"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["flat", "columns"], ["sums"]),
        helper.make_node("ReduceSum", ["flat", "axis2"], ["area"], keepdims=0),
        helper.make_node("Min", ["area", "one"], ["present"]),
        helper.make_node("Max", ["area", "one"], ["divisor"]),
        helper.make_node("Unsqueeze", ["divisor", "axis2"], ["divisors"]),
        helper.make_node("Div", ["sums", "divisors"], ["codes"]),
    ]
    return _model(
        nodes,
        {"image": (FLOAT, [1, 3, SIDE, SIDE]), "labels": (INT64, [1, SIDE, SIDE])},
        {"codes": (FLOAT, [1, NUM_CLASSES, 3]), "present": (FLOAT, [1, NUM_CLASSES])},
        constants,
    )


def _generator() -> onnx.ModelProto:
    constants = _constants(
        classes=CLASSES,
        axis1=np.asarray([1], np.int64),
        axis2=np.asarray([2], np.int64),
        flat_shape=np.asarray([1, NUM_CLASSES, -1], np.int64),
        one=np.float32(1),
    )
    nodes = [
        *_one_hot_nodes("masks"),
        helper.make_node("Reshape", ["masks", "flat_shape"], ["flat"]),
        helper.make_node("Unsqueeze", ["present", "axis2"], ["known"]),
        helper.make_node("Mul", ["codes", "known"], ["valid"]),
        helper.make_node("Transpose", ["valid"], ["colors"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["colors", "flat"], ["painted"]),
        helper.make_node("Shape", ["photo"], ["shape"]),
        helper.make_node("Reshape", ["painted", "shape"], ["picture"]),
        helper.make_node("Sub", ["one", "erase"], ["keep"]),
        helper.make_node("Mul", ["photo", "keep"], ["kept"]),
        helper.make_node("Mul", ["picture", "erase"], ["drawn"]),
        helper.make_node("Add", ["kept", "drawn"], ["render"]),
    ]
    return _model(
        nodes,
        {
            "photo": (FLOAT, [1, 3, "h", "w"]),
            "erase": (FLOAT, [1, 1, "h", "w"]),
            "labels": (INT64, [1, "h", "w"]),
            "codes": (FLOAT, [1, NUM_CLASSES, 3]),
            "present": (FLOAT, [1, NUM_CLASSES]),
        },
        {"render": (FLOAT, [1, 3, "h", "w"])},
        constants,
    )
