"""The tiny bundle with what it takes to find faces, and photos in which it finds them.

detector   a face wherever an 8x8 cell has the colour of a nose, of the size that `photo_of` paints
parser     tells left from right by the place, not by the colour, as parsers do: a mirrored face is
           a face
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from maskgan import config, files
from maskgan.images import Pixels
from maskgan.labels import IDS, NUM_CLASSES, PALETTE_A, Labels, colorize
from maskgan.manifest import GraphEntry, read_manifest
from tiny_bundle import SIDE, change_manifest, face_labels, write_bundle

SCALE = 3
"""Pixels of a photo per pixel of `tiny_bundle.face_labels` at its own size."""
FACE = SCALE * SIDE
"""Side of a face in a photo."""
RIGHT_EYE, LEFT_EYE, MOUTH, NOSE = (24, 29), (40, 29), (32, 45.5), (32, 35)
"""Where these are in `tiny_bundle.face_labels`."""
SIDED = (("l_eye", "r_eye"), ("l_brow", "r_brow"), ("l_ear", "r_ear"))

Corner = tuple[int, int]


def write_finding_bundle(folder: Path) -> Path:
    """Writes the bundle into `folder`, which it makes, and returns it."""
    write_bundle(folder)
    entries = dict(read_manifest(folder).graphs)
    for name, model in (("detector", _detector()), ("parser", _parser(folder / "parser.onnx"))):
        onnx.checker.check_model(model)
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        entries[name] = GraphEntry(file=path.name, sha256=files.sha256(path))
    change_manifest(folder, graphs={name: config.to_dict(each) for name, each in entries.items()})
    return folder


def photo_of(corners: Sequence[Corner], height: int, width: int) -> Pixels:
    """A photo uint8 (height, width, 3) in label colours with a little noise; each face fills the
    square of side `FACE` whose top left corner (x, y) is given."""
    noise = np.random.default_rng(0)
    colors = np.full((height, width, 3), PALETTE_A[IDS["background"]], np.int64)
    for left, top in corners:
        face = colorize(face_labels(FACE))
        colors[top : top + FACE, left : left + FACE] = face
    colors += noise.integers(-6, 7, colors.shape)
    return np.clip(colors, 0, 255).astype(np.uint8)


def points_of(corner: Corner) -> list[tuple[float, float]]:
    """Right eye, left eye and mouth (x, y) of the face at a corner."""
    return [(corner[0] + SCALE * x, corner[1] + SCALE * y) for x, y in (RIGHT_EYE, LEFT_EYE, MOUTH)]


def lips_to_nose(labels: Labels) -> Labels:
    """Labels (512, 512) of a found face in which the mouth has become nose."""
    changed = labels.copy()
    # The tiny parser sees lips here and there where two colours meet, too.
    mouth = changed[320:440, 170:340]
    mouth[np.isin(mouth, [IDS["u_lip"], IDS["l_lip"]])] = IDS["nose"]
    return changed


def _detector() -> onnx.ModelProto:
    nose = np.asarray(PALETTE_A[IDS["nose"]], np.float32).reshape(1, 3, 1, 1) / 127.5 - 1
    ways = np.asarray([RIGHT_EYE, LEFT_EYE, MOUTH], np.float32) - np.asarray(NOSE, np.float32)
    constants = {
        "nose": nose,
        "axis1": np.asarray([1], np.int64),
        "steep": np.float32(4),
        "one": np.float32(1),
        "zero": np.float32(0),
        "ways": SCALE * ways.reshape(1, 3, 2, 1, 1),
    }
    nodes = [
        helper.make_node("Sub", ["image", "nose"], ["difference"]),
        helper.make_node("Abs", ["difference"], ["far"]),
        helper.make_node("AveragePool", ["far"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("ReduceMax", ["cells"], ["farthest"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["farthest", "steep"], ["strange"]),
        helper.make_node("Sub", ["one", "strange"], ["likely"]),
        helper.make_node("Clip", ["likely", "zero", "one"], ["scores"]),
        helper.make_node("Unsqueeze", ["scores", "axis1"], ["planes"]),
        helper.make_node("Unsqueeze", ["planes", "axis1"], ["grid"]),
        helper.make_node("Mul", ["grid", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "ways"], ["points"]),
    ]
    value = helper.make_tensor_value_info
    kind = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "detector",
        [value("image", kind, [1, 3, "h", "w"])],
        [
            value("scores", kind, [1, "rows", "columns"]),
            value("points", kind, [1, 3, 2, "rows", "columns"]),
        ],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="tests"
    )


def _parser(path: Path) -> onnx.ModelProto:
    """The tiny parser, in which a class of one side has the score of both and cannot be on the
    other side of the picture."""
    model = onnx.load(path)
    partners, where = np.arange(NUM_CLASSES), _wrong_sides()
    for left, right in SIDED:
        partners[[IDS[left], IDS[right]]] = IDS[right], IDS[left]
    for name, array in (("partners", partners), ("where", where)):
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    resize = next(node for node in model.graph.node if node.op_type == "Resize")
    at = list(model.graph.node).index(resize)
    for node in (
        helper.make_node("Add", ["both", "where"], ["sided"]),
        helper.make_node("Max", ["logits", "exchanged"], ["both"]),
        helper.make_node("Gather", ["logits", "partners"], ["exchanged"], axis=1),
    ):
        model.graph.node.insert(at, node)
    resize.input[0] = "sided"
    return model


def _wrong_sides() -> NDArray[np.float32]:
    """float32 (1, 19, S, S): far below 0 where a class cannot be."""
    where = np.zeros((1, NUM_CLASSES, SIDE, SIDE), np.float32)
    for left, right in SIDED:
        where[:, IDS[left], :, : SIDE // 2] = -100
        where[:, IDS[right], :, SIDE // 2 :] = -100
    return where
