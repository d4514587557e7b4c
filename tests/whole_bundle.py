"""A small real bundle whose generator draws the whole face, with answers worked out by hand.

parser     that of `tiny_bundle`
encoder    every row of the codes is the mean colour of the face in [-1, 1] (S = 3), all present
generator  half the palette A colour of each pixel's class, in [-1, 1], and half the code
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from maskgan import config, files
from maskgan.images import Floats
from maskgan.labels import NUM_CLASSES, PALETTE_A, Labels
from maskgan.manifest import GraphEntry, read_manifest
from tiny_bundle import (
    CLASSES,
    FLOAT,
    INT64,
    SIDE,
    _constants,
    _model,
    _one_hot_nodes,
    change_manifest,
    write_bundle,
)

COLORS = (np.asarray(PALETTE_A, np.float32) / 127.5 - 1) / 2
"""float32 (19, 3): what a class adds to the drawing."""


def write_whole_bundle(folder: Path) -> Path:
    """Writes the bundle into `folder`, which it makes, and returns it."""
    write_bundle(folder)
    entries = dict(read_manifest(folder).graphs)
    for name, model in (("encoder", _encoder()), ("generator", _generator())):
        onnx.checker.check_model(model)
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        entries[name] = GraphEntry(file=path.name, sha256=files.sha256(path))
    graphs = {name: config.to_dict(entry) for name, entry in entries.items()}
    change_manifest(folder, kind="whole", stride=32, graphs=graphs)
    return folder


def drawing(labels: Labels, code: Floats) -> Floats:
    """What the generator draws: float32 (H, W, 3) in [-1, 1]."""
    picture: Floats = COLORS[labels] + code / 2
    return picture


def _encoder() -> onnx.ModelProto:
    constants = _constants(
        axis1=np.asarray([1], np.int64),
        shape=np.asarray([1, NUM_CLASSES, 3], np.int64),
        every=np.asarray([1, NUM_CLASSES], np.int64),
        one=np.float32(1),
    )
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["means", "axis1"], ["rows"]),
        helper.make_node("Expand", ["rows", "shape"], ["codes"]),
        helper.make_node("Expand", ["one", "every"], ["present"]),
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
        places=np.asarray([2, 3], np.int64),
        colors=COLORS.T[:, :, None, None],
        half=np.float32(0.5),
    )
    nodes = [
        *_one_hot_nodes("masks"),
        helper.make_node("Conv", ["masks", "colors"], ["painted"]),
        helper.make_node("Mul", ["code", "half"], ["tint"]),
        helper.make_node("Unsqueeze", ["tint", "places"], ["everywhere"]),
        helper.make_node("Add", ["painted", "everywhere"], ["render"]),
    ]
    return _model(
        nodes,
        {"labels": (INT64, [1, "h", "w"]), "code": (FLOAT, [1, 3])},
        {"render": (FLOAT, [1, 3, "h", "w"])},
        constants,
    )
