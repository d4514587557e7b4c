"""The generator's convolutions in 8 bits, for processors with integer dot products.

Static quantisation (QDQ): activation ranges are taken from edits of faces drawn by code, so that
no photo is needed. The first and last convolutions stay in float, where 8 bits would show.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from maskgan import files, images
from maskgan.bundle import Bundle
from maskgan.data.drawn import draw_face, random_expression, random_identity

CALIBRATION_FACES = 24

Inputs = dict[str, NDArray[Any]]


def quantize_generator(bundle: Bundle) -> None:
    """Replaces the generator graph in a bundle's folder by its 8-bit form; the encoder graph must
    be there, since calibration needs style codes."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.inputs = _calibration_inputs(bundle)

        def get_next(self) -> Inputs | None:
            return next(self.inputs, None)

    path = bundle.folder / bundle.manifest.graphs["generator"].file
    with warnings.catch_warnings(), files.replacing(path) as temporary:
        warnings.simplefilter("ignore")  # notes of the quantiser about itself
        quantize_static(
            path,
            temporary,
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            nodes_to_exclude=_outer_convolutions(path),
        )


def _outer_convolutions(path: Path) -> list[str]:
    names = [node.name for node in onnx.load(path).graph.node if node.op_type == "Conv"]
    return [names[0], names[-1]]


def _calibration_inputs(bundle: Bundle) -> Iterator[Inputs]:
    """Edits of drawn faces: half with a broad band erased, half with everything."""
    manifest = bundle.manifest
    side, small = manifest.generator_size, manifest.encoder_size
    for seed in range(CALIBRATION_FACES):
        rng = np.random.default_rng(seed)
        photo, labels = draw_face(random_identity(rng), random_expression(rng), side)
        style = bundle.run(
            "encoder",
            image=images.to_float(images.resize(photo, (small, small))),
            labels=images.resize_labels(labels, (small, small)).astype(np.int64)[None],
        )
        erase = np.ones((1, 1, side, side), np.float32)
        if seed % 2:
            erase[:, :, : int(side * rng.uniform(0.2, 0.6))] = 0
        yield {
            "photo": images.to_float(photo),
            "erase": erase,
            "labels": labels.astype(np.int64)[None],
            "codes": style["codes"],
            "present": style["present"],
        }
