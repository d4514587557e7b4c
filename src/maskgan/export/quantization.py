"""The generator's convolutions in 8 bits, for processors with integer dot products.

Static quantisation (QDQ): activation ranges are taken from edits of faces drawn by code, so that
no photo is needed. The first and last convolutions stay in float, where 8 bits would show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from maskgan import files, images
from maskgan.bundle import Bundle
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.errors import BundleError
from maskgan.export.graphs import quiet

CALIBRATION_FACES = 24
CHECK_FACES = 4
LOWEST_PSNR = 25.0
"""In dB, of 8-bit renders against float ones; below this the network does not bear 8 bits."""

Inputs = dict[str, NDArray[Any]]


def quantize_generator(bundle: Bundle) -> float:
    """Replaces the generator graph in a bundle's folder by its 8-bit form and returns the PSNR in
    dB of its renders against the float ones, on drawn faces that were not used for calibration.
    Raises `BundleError` when that is too low to be used.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.inputs = _edits(bundle, range(CALIBRATION_FACES))

        def get_next(self) -> Inputs | None:
            return next(self.inputs, None)

    checks = list(_edits(bundle, range(1000, 1000 + CHECK_FACES)))
    wanted = [bundle.run("generator", **inputs)["render"] for inputs in checks]
    path = bundle.folder / bundle.manifest.graphs["generator"].file
    with quiet(), files.replacing(path) as temporary:
        quantize_static(
            path,
            temporary,
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            nodes_to_exclude=_outer_convolutions(path),
        )
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = [session.run(["render"], inputs)[0] for inputs in checks]
    error = np.mean([np.mean((a - b) ** 2) for a, b in zip(found, wanted, strict=True)])
    psnr = float(10 * np.log10(4 / max(error, 1e-12)))
    if psnr < LOWEST_PSNR:
        raise BundleError(
            f"In 8 bits the generator renders {psnr:.1f} dB from itself in float, expected at "
            f"least {LOWEST_PSNR} dB; export it without --quantize."
        )
    return psnr


def _outer_convolutions(path: Path) -> list[str]:
    names = [node.name for node in onnx.load(path).graph.node if node.op_type == "Conv"]
    return [names[0], names[-1]]


def _edits(bundle: Bundle, seeds: Iterable[int]) -> Iterator[Inputs]:
    """Edits of drawn faces: half with a broad band erased, half with everything."""
    manifest = bundle.manifest
    side, small = manifest.generator_size, manifest.encoder_size
    for seed in seeds:
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
