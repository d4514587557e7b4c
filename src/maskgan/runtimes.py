"""What runs a graph: ONNX Runtime, or OpenVINO where it is installed and asked for.

On CPUs that multiply bfloat16 (AMX) OpenVINO does so and takes a third of the time, less than a
grey level away on average; elsewhere it is about as fast. It prepares itself for every new size of
window, so the first edits are slower. Knows no bundle: a graph is a file.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from maskgan.errors import ConfigError

VARIABLE, THREADS = "MASKGAN_RUNTIME", "MASKGAN_THREADS"
"""Environment variables that name the runtime, and a number of threads, where nobody else does."""
AUTO = "auto"
"""Name of whichever runtime is fastest."""

Arrays = Mapping[str, NDArray[Any]]


class Graph(Protocol):
    """A graph that is ready to run."""

    def run(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        """Inputs by name -> outputs by name. May be called from several threads."""


class OnnxRuntimeGraph:
    """A graph in ONNX Runtime, with its options changed by `change` where that is given."""

    def __init__(
        self,
        path: Path,
        threads: int | None,
        change: Callable[[ort.SessionOptions], None] | None = None,
    ) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        # Each graph has its own threads. Left spinning after a run, those of one graph would hold
        # the cores that the next graph needs, and photo, style and render follow each other.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # A plan of the memory for every size of window would be kept for ever.
        options.enable_mem_pattern = False
        # Fatal only: failures arrive as exceptions and become one sentence.
        options.log_severity_level = 4
        if change is not None:
            change(options)
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        values = self._session.run(self._names, dict(inputs))
        return {name: np.asarray(value) for name, value in zip(self._names, values, strict=True)}


class OpenVinoGraph:
    """A graph in OpenVINO, at the precision that is fastest on this CPU or the given one."""

    def __init__(self, path: Path, threads: int | None, precision: str | None = None) -> None:
        try:
            import openvino
        except ImportError as error:
            raise ConfigError(
                "The runtime openvino is asked for and not installed; install it with "
                f"`pip install 'maskgan[openvino]'`, or unset {VARIABLE}."
            ) from error
        wanted: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads is not None:
            wanted["INFERENCE_NUM_THREADS"] = threads
        if precision is not None:
            wanted["INFERENCE_PRECISION_HINT"] = precision
        core = openvino.Core()
        model = core.compile_model(core.read_model(str(path)), "CPU", wanted)
        self._request = model.create_infer_request()
        self._names = [output.get_any_name() for output in model.outputs]
        self._inputs = {each.get_any_name() for each in model.inputs}
        self._turn = threading.Lock()

    def run(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        if inputs.keys() != self._inputs:
            raise ValueError(f"inputs {sorted(inputs)}, expected {sorted(self._inputs)}")
        with self._turn:
            values = self._request.infer(dict(inputs))
            # Copies: the next run writes into the same memory.
            return {name: np.array(values[at]) for at, name in enumerate(self._names)}


RUNTIMES: Mapping[str, Callable[[Path, int | None], Graph]] = {
    "onnxruntime": OnnxRuntimeGraph,
    "openvino": OpenVinoGraph,
}
"""Name -> how it opens a graph for a number of threads (None: one per core). Damaged graphs raise
what the library raises."""


def chosen(name: str | None = None) -> str:
    """The runtime to use: the given one; for None and `AUTO` that of `MASKGAN_RUNTIME` or, where it
    names none, ONNX Runtime and the one that is `fastest`. Raises `ConfigError` for one that there
    is not."""
    if name is None or name == AUTO:
        name = os.environ.get(VARIABLE) or name or "onnxruntime"
    if name == AUTO:
        return fastest()
    if name not in RUNTIMES:
        raise ConfigError(f"The runtime is {name!r}; expected {', '.join(RUNTIMES)} or {AUTO}.")
    return name


def allowed(threads: int | None = None) -> int | None:
    """The threads that one graph may use: the given number, for None that of `MASKGAN_THREADS`, and
    None, one per core, without one. Raises `ConfigError` for one that is none."""
    if threads is None and (asked := os.environ.get(THREADS)):
        if not asked.isdecimal() or int(asked) < 1:
            raise ConfigError(f"{THREADS} is {asked!r}; expected a whole number of at least 1.")
        return int(asked)
    if threads is not None and threads < 1:
        raise ConfigError(f"threads is {threads}; expected at least 1.")
    return threads


def fastest() -> str:
    """The runtime that is fastest on this machine: OpenVINO where it is installed and multiplies
    bfloat16, ONNX Runtime elsewhere."""
    try:
        import openvino
    except ImportError:
        return "onnxruntime"
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "openvino" if "BF16" in able else "onnxruntime"
