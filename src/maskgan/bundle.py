"""A bundle: the folder of ONNX graphs with a manifest that editor, command line and server run.

`Bundle.open` checks the folder whole (format, label order, every graph's sha256) before anything
runs; graphs are loaded when they are first used, by one of `maskgan.runtimes`. Knows no photos and
no PyTorch: arrays go in and come out as the graphs name them (`maskgan.manifest.GRAPHS`).
"""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from maskgan import files, runtimes
from maskgan.errors import BundleError, ConfigError
from maskgan.manifest import BundleManifest, GraphEntry, read_manifest
from maskgan.runtimes import Graph


def default_folder() -> Path:
    """The folder of the bundle that ships inside the package; it may be absent."""
    return Path(str(importlib.resources.files("maskgan"))) / "bundles" / "default"


class Bundle:
    """An opened bundle; `Bundle.open` is the way to get one."""

    def __init__(
        self,
        folder: Path,
        manifest: BundleManifest,
        threads: int | None = None,
        runtime: str = "onnxruntime",
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.threads = threads
        self.runtime = runtime
        self._graphs: dict[str, Graph] = {}

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        runtime: str | None = None,
    ) -> Bundle:
        """Opens and checks a bundle folder.

        path: the folder; None = the bundle inside the package.
        threads: threads that one graph may use; None = as many as `MASKGAN_THREADS` says, else one
        per core.
        runtime: one of `maskgan.runtimes.RUNTIMES`; None and "auto" = what `MASKGAN_RUNTIME`
        says, else ONNX Runtime, and the one that is fastest.
        Raises `BundleError` when the folder, the manifest or a graph is missing, of another format
        or damaged, and `ConfigError` for a runtime that there is not and a number of threads that
        is none.
        """
        threads = runtimes.allowed(threads)
        folder = default_folder() if path is None else Path(path)
        if not folder.is_dir():
            raise BundleError(
                "This installation holds no default bundle; reinstall maskgan or name a bundle "
                "folder that `maskgan export` wrote (--bundle DIR)."
                if path is None
                else f"{folder} is not a folder; expected a bundle as `maskgan export` writes it."
            )
        manifest = read_manifest(folder)
        for entry in manifest.graphs.values():
            _check_graph(folder / entry.file, entry)
        return cls(folder, manifest, threads, runtimes.chosen(runtime))

    def run(self, graph: str, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Runs one of `GRAPHS` or `OPTIONAL`; inputs and outputs by the names given there.

        Raises `BundleError` when the graph is not in the bundle, cannot be loaded or refuses its
        inputs.
        """
        ready = self._graph(graph)
        try:
            return ready.run(inputs)
        # The runtimes' exceptions share no base class but Exception.
        except Exception as error:
            raise BundleError(
                f"The graph {graph} of {self.folder} failed: {_first_line(error)}. "
                "Export the bundle again with this version."
            ) from error

    def _graph(self, graph: str) -> Graph:
        if graph in self._graphs:
            return self._graphs[graph]
        if graph not in self.manifest.graphs:
            raise BundleError(
                f"{self.folder} holds no graph {graph}; it has: {', '.join(self.manifest.graphs)}. "
                "Export the bundle again with a run of that network."
            )
        path = self.folder / self.manifest.graphs[graph].file
        try:
            ready = runtimes.RUNTIMES[self.runtime](path, self.threads)
        except ConfigError:
            raise
        except Exception as error:
            raise BundleError(
                f"{path} cannot be loaded: {_first_line(error)}. "
                "Export the bundle again or reinstall maskgan."
            ) from error
        self._graphs[graph] = ready
        return ready


def _check_graph(path: Path, entry: GraphEntry) -> None:
    remedy = "Export the bundle again or reinstall maskgan."
    if not path.is_file():
        raise BundleError(f"{path} is missing; the manifest names it. {remedy}")
    try:
        digest = files.sha256(path)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror or error}.") from error
    if digest != entry.sha256:
        raise BundleError(
            f"{path} is damaged: its sha256 is {digest[:12]}..., the manifest says "
            f"{entry.sha256[:12]}.... {remedy}"
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
