"""One network -> one ONNX graph with the inputs and outputs that `maskgan.bundle` names.

Each graph wraps the live module, is simplified, and stores its large weights in float16 (half the
file; ONNX Runtime widens them once when it opens the graph, so running costs the same).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from maskgan import files
from maskgan.labels import NUM_CLASSES
from maskgan.models.baselines.stargan import StarGanGenerator
from maskgan.models.dense_mapping import DenseMappingNetwork
from maskgan.models.face_detector import FaceDetector
from maskgan.models.parser import Parser
from maskgan.models.regional import RegionalGenerator, StyleEncoder
from maskgan.models.spectral import folded
from maskgan.models.translator import Translator

OPSET = 18
HALF_FROM = 256
"""Weights with at least this many numbers are stored in float16."""
ANY_SIZE: tuple[type[nn.Module], ...] = (DenseMappingNetwork,)
"""Whole-face generators without sizes of their own, whose graphs take all multiples of the
stride."""


def export_parser(parser: Parser, path: Path, *, half: bool = True) -> None:
    """image (1, 3, P, P) and size (2,) -> labels uint8 (1, height, width). `half`, here and below:
    store the weights in float16."""
    photo = torch.zeros(1, 3, parser.config.size, parser.config.size)
    model = trace(parser, (photo,), ("image",), ("logits",))
    graph = model.graph
    graph.input.append(helper.make_tensor_value_info("size", TensorProto.INT64, [2]))
    leading = numpy_helper.from_array(np.array([1, NUM_CLASSES], np.int64), "leading_sizes")
    graph.initializer.append(leading)
    # The class is chosen after scaling the logits: scaling labels would leave stairs.
    graph.node.extend(
        [
            helper.make_node("Concat", ["leading_sizes", "size"], ["sizes"], axis=0),
            helper.make_node(
                "Resize",
                ["logits", "", "", "sizes"],
                ["scaled"],
                mode="linear",
                coordinate_transformation_mode="half_pixel",
            ),
            helper.make_node("ArgMax", ["scaled"], ["classes"], axis=1, keepdims=0),
            helper.make_node("Cast", ["classes"], ["labels"], to=TensorProto.UINT8),
        ]
    )
    del graph.output[:]
    shape: list[str | int | None] = [1, "height", "width"]
    graph.output.append(helper.make_tensor_value_info("labels", TensorProto.UINT8, shape))
    save(model, path, half=half)


def export_encoder(encoder: StyleEncoder, path: Path, *, half: bool = True) -> None:
    """image (1, 3, E, E) and labels (1, E, E) -> codes (1, K, S) and present (1, K)."""
    side = encoder.config.size
    inputs = (torch.zeros(1, 3, side, side), torch.zeros(1, side, side, dtype=torch.int64))
    save(trace(encoder, inputs, ("image", "labels"), ("codes", "present")), path, half=half)


def export_generator(generator: RegionalGenerator, path: Path, *, half: bool = True) -> None:
    """photo, erase, labels, codes, present -> render; height and width stay free."""
    side = generator.config.size
    inputs = (
        torch.zeros(1, 3, side, side),
        torch.zeros(1, 1, side, side),
        torch.zeros(1, side, side, dtype=torch.int64),
        torch.zeros(1, NUM_CLASSES, generator.config.style_width),
        torch.zeros(1, NUM_CLASSES),
    )
    names = ("photo", "erase", "labels", "codes", "present")
    height, width = (torch.export.Dim(f"{name}_16", min=2, max=256) * 16 for name in "hw")
    free = ({2: height, 3: width}, {2: height, 3: width}, {1: height, 2: width}, None, None)
    save(trace(generator, inputs, names, ("render",), free), path, half=half)


class _FaceEncoder(nn.Module):
    """The encoding half of a whole-face generator with the outputs of a style encoder."""

    def __init__(self, network: Translator) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        code = self.network.encode(image, labels)  # (1, S)
        codes = code[:, None].expand(-1, NUM_CLASSES, -1)  # (1, K, S)
        return codes, torch.ones_like(codes[:, :, 0])  # (1, K)


class _FaceDecoder(nn.Module):
    """The drawing half of a whole-face generator."""

    def __init__(self, network: Translator) -> None:
        super().__init__()
        self.network = network

    def forward(self, labels: Tensor, code: Tensor) -> Tensor:
        return self.network.decode(labels, code)


def export_face_encoder(network: Translator, path: Path, *, half: bool = True) -> None:
    """image (1, 3, E, E) and labels (1, E, E) -> codes (1, K, S), the code of the face in every
    row, and present (1, K), all 1; height and width stay free where the network leaves them so."""
    height, width = _face_sides(network)
    inputs = (torch.zeros(1, 3, height, width), torch.zeros(1, height, width, dtype=torch.int64))
    names, outputs = ("image", "labels"), ("codes", "present")
    model = trace(_FaceEncoder(network), inputs, names, outputs, _free_sides(network, 2, 1))
    save(model, path, half=half)


def export_face_decoder(network: Translator, path: Path, *, half: bool = True) -> None:
    """labels (1, H, W) and code (1, S) -> render (1, 3, H, W); height and width as above."""
    inputs = (
        torch.zeros(1, *_face_sides(network), dtype=torch.int64),
        torch.zeros(1, network.code_width),
    )
    free = _free_sides(network, 1, None)
    save(
        trace(_FaceDecoder(network), inputs, ("labels", "code"), ("render",), free),
        path,
        half=half,
    )


def _face_sides(network: Translator) -> tuple[int, int]:
    """Height and width to trace with. Those that stay free must differ, or they become one."""
    size, stride = network.config.size, network.config.stride
    return (2 * stride, 3 * stride) if isinstance(network, ANY_SIZE) else (size, size)


def _free_sides(
    network: Translator, *heights: int | None
) -> tuple[dict[int, Any] | None, ...] | None:
    """For each input the number of its height, before its width, or None for an input without ->
    what `trace` takes; None for a network that has one size."""
    if not isinstance(network, ANY_SIZE):
        return None
    stride = network.config.stride
    rows, columns = (torch.export.Dim(f"{name}_{stride}", min=2, max=128) * stride for name in "hw")
    return tuple(None if at is None else {at: rows, at + 1: columns} for at in heights)


def export_attribute_generator(
    generator: StarGanGenerator, path: Path, *, half: bool = True
) -> None:
    """photo (1, 3, G, G) and attributes (1, A) -> render (1, 3, G, G)."""
    side = generator.config.size
    inputs = (torch.zeros(1, 3, side, side), torch.zeros(1, len(generator.config.attributes)))
    model = trace(generator, inputs, ("photo", "attributes"), ("render",))
    save(model, path, half=half)


def export_detector(detector: FaceDetector, path: Path, *, half: bool = True) -> None:
    """image (1, 3, H, W) -> scores (1, H/8, W/8) and points (1, 3, 2, H/8, W/8); height and width
    stay free."""
    side = detector.config.size
    height, width = (torch.export.Dim(f"{name}_32", min=2, max=128) * 32 for name in "hw")
    free = ({2: height, 3: width},)
    inputs = (torch.zeros(1, 3, side, side + detector.config.stride),)
    save(trace(detector, inputs, ("image",), ("scores", "points"), free), path, half=half)


def trace(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    input_names: Sequence[str],
    output_names: Sequence[str],
    free: tuple[dict[int, Any] | None, ...] | None = None,
) -> onnx.ModelProto:
    """The simplified graph of a module; `free` names the dimensions of each input that vary."""
    with quiet(), torch.no_grad():
        program = torch.onnx.export(
            # Exporters leave the norm of a large weight in the graph, to be computed every time.
            folded(module.eval().cpu()),
            inputs,
            input_names=list(input_names),
            output_names=list(output_names),
            dynamic_shapes=free,
            opset_version=OPSET,
            verbose=False,
        )
    if program is None:
        raise ValueError("the exporter returned no program")
    model: onnx.ModelProto = program.model_proto
    _forget_origin(model)
    return model


def _forget_origin(model: onnx.ModelProto) -> None:
    """Removes the exporter's notes, which hold stack traces with the paths of this machine."""
    graph = model.graph
    noted = (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output)
    for item in noted:
        item.ClearField("metadata_props")
        item.ClearField("doc_string")


@contextmanager
def quiet() -> Iterator[None]:
    """Holds back warnings and log lines, which exporter and quantiser write about themselves."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def save(model: onnx.ModelProto, path: Path, *, half: bool = True) -> None:
    if half:
        _halve_weights(model)
    onnx.checker.check_model(model)
    with files.replacing(path) as temporary:
        onnx.save(model, temporary)


def _halve_weights(model: onnx.ModelProto) -> None:
    """Stores large float32 initializers as float16 followed by a Cast."""
    casts = []
    for initializer in model.graph.initializer:
        if initializer.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(initializer)
        if values.size < HALF_FROM:
            continue
        name = initializer.name
        half = numpy_helper.from_array(values.astype(np.float16), f"{name}_half")
        initializer.CopyFrom(half)
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)
