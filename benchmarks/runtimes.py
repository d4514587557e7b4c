"""Claim: what the package does by default, ONNX Runtime with its own choices, is the fastest that
changes no picture; OpenVINO with bfloat16 is faster on CPUs that have it, and nobody sees it.

Every way to run the generator in one process, in turns: ONNX Runtime with less optimisation, with
threads that stay on their cores, with threads that do not spin, with a plan of the memory for every
size of window, with convolutions in 8 bits (what `maskgan export --quantize` writes), and OpenVINO
in float32 and as it chooses. For each the time of the generator for a whole face and for a window
of 64 x 96 px, of an edit of the lips with all that belongs to it, and of a size it has not seen
before; and how far edits of the sample faces are from those in float: PSNR inside the edit, and
mean IoU of the labels that the parser reads. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from PIL import Image
from tqdm import tqdm

from maskgan import Editor, Style, samples
from maskgan.bundle import Bundle
from maskgan.editing import attributes
from maskgan.evaluation.confusion import confusion, mean_iou
from maskgan.export.quantization import quantize_generator
from maskgan.runtimes import Graph, OnnxRuntimeGraph, OpenVinoGraph

EDITS = {"smile": 0.8, "brow_height": 0.8, "nose_width": -0.8, "hair_length": -0.8}


def ways(bundle: Bundle, eight_bits: Path) -> dict[str, Callable[[], Graph]]:
    """Name -> opens the generator that way; the first is the default."""
    path = bundle.folder / bundle.manifest.graphs["generator"].file

    def less(options: ort.SessionOptions) -> None:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC

    def pinned(options: ort.SessionOptions) -> None:
        cores = sorted(os.sched_getaffinity(0))
        options.intra_op_num_threads = len(cores)
        # The calling thread is the first one; cores are counted from 1.
        others = ";".join(str(core + 1) for core in cores[1:])
        if others:
            options.add_session_config_entry("session.intra_op_thread_affinities", others)

    def resting(options: ort.SessionOptions) -> None:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")

    def planned(options: ort.SessionOptions) -> None:
        options.enable_mem_pattern = True

    found: dict[str, Callable[[], Graph]] = {
        "onnxruntime": lambda: OnnxRuntimeGraph(path, None),
        "onnxruntime, basic optimisation": lambda: OnnxRuntimeGraph(path, None, less),
        "onnxruntime, threads pinned": lambda: OnnxRuntimeGraph(path, None, pinned),
        "onnxruntime, no spinning": lambda: OnnxRuntimeGraph(path, None, resting),
        "onnxruntime, memory planned": lambda: OnnxRuntimeGraph(path, None, planned),
        "onnxruntime, 8 bits": lambda: OnnxRuntimeGraph(eight_bits, None),
    }
    try:
        import openvino  # noqa: F401
    except ImportError:
        print("OpenVINO is not installed and left out.", file=sys.stderr)
    else:
        found["openvino, float32"] = lambda: OpenVinoGraph(path, None, "f32")
        found["openvino"] = lambda: OpenVinoGraph(path, None)
    return found


def inputs(style: Style, height: int, width: int) -> dict[str, Any]:
    """A window whose lower half is erased."""
    rng = np.random.default_rng(height * width)
    erase = np.zeros((1, 1, height, width), np.float32)
    erase[:, :, height // 2 :] = 1
    return {
        "photo": rng.uniform(-1, 1, (1, 3, height, width)).astype(np.float32),
        "erase": erase,
        "labels": rng.integers(0, 19, (1, height, width)),
        "codes": style.codes[None],
        "present": style.present[None],
    }


def milliseconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    editor = Editor.open(runtime="onnxruntime")
    bundle = editor.bundle
    files = [samples.FACE, *sorted((samples.FOLDER / "faces").glob("face-?.png"))]
    faces = [editor.photo(Image.open(file), aligned=True) for file in files]
    style = faces[0].style
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(bundle.folder, Path(place) / "bundle"))
        quantize_generator(Bundle.open(copy, runtime="onnxruntime"))
        graphs, first = {}, {}
        small, whole = inputs(style, 64, 96), inputs(style, 256, 256)
        for name, start in ways(bundle, copy / bundle.manifest.graphs["generator"].file).items():
            graphs[name] = start()
            graphs[name].run(small)
            graphs[name].run(whole)
            first[name] = milliseconds(lambda name=name: graphs[name].run(inputs(style, 96, 112)))
        times: dict[str, dict[str, list[float]]] = {
            name: {"whole": [], "window": [], "lips": []} for name in graphs
        }
        smiling = attributes.apply(faces[0].labels, "smile", 0.8)

        def edit() -> None:
            editor.forget()
            editor.render(faces[0], smiling)

        for _ in tqdm(range(options.runs), unit="run"):
            for name, graph in graphs.items():
                times[name]["whole"].append(milliseconds(lambda graph=graph: graph.run(whole)))
                times[name]["window"].append(milliseconds(lambda graph=graph: graph.run(small)))
                bundle._graphs["generator"] = graph
                times[name]["lips"].append(milliseconds(edit))
        rows = {}
        truth: list[Any] = []
        for name, graph in graphs.items():
            bundle._graphs["generator"] = graph
            error, count, matrix = 0.0, 0, np.zeros((19, 19), np.int64)
            for at, (face, slider) in enumerate((f, s) for f in faces for s in EDITS):
                wanted = attributes.apply(face.labels, slider, EDITS[slider])
                editor.forget()
                result = editor.render(face, wanted)
                if len(truth) == at:
                    truth.append((result.crop, editor.parse(result.crop)))
                picture, labels = truth[at]
                apart = (result.crop.astype(float) - picture)[result.changed]
                error, count = error + float((apart**2).sum()), count + apart.size
                matrix += confusion(labels, editor.parse(result.crop))
            rows[name] = {
                **{kind: round(statistics.median(each), 2) for kind, each in times[name].items()},
                "new_size": round(first[name], 1),
                "psnr_db": round(10 * np.log10(255**2 * count / error), 1) if error else None,
                "mean_iou": round(float(mean_iou(matrix)), 4),
            }
    report = {
        "onnxruntime": ort.__version__,
        "cores": len(os.sched_getaffinity(0)),
        "edits": len(truth),
        "runs": options.runs,
        "milliseconds_and_agreement": rows,
    }
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
