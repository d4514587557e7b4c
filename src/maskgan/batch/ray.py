"""The lines of a batch on a Ray cluster, through Ray Data's `map_batches`: one editor per actor.

Photos do not travel: every machine of the cluster must see the manifest's files and the folder of
results under the same paths, and have maskgan installed. An actor that is killed is replaced by Ray
and its batch is done again. Needs the extra `ray`.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
from collections.abc import Generator, Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan import config as configs
from maskgan.batch.journal import Outcome, Record
from maskgan.batch.manifest import Entry
from maskgan.batch.worker import Assignment, Worker, WorkerConfig
from maskgan.errors import BundleError, ConfigError, MaskganError, MissingExtraError

MAX_BATCH = 16
"""Lines in one batch: what a killed actor may have to do again."""

Columns = dict[str, NDArray[Any]]


class RayActor:
    """What runs in each actor: columns of lines in, a column of outcomes out."""

    def __init__(self, config: WorkerConfig) -> None:
        self._worker: Worker | None = None
        self._trouble = ""
        # An actor whose constructor fails is started again without end; a line of trouble is not.
        try:
            self._worker = Worker(config)
        except MaskganError as error:
            self._trouble = str(error)

    def __call__(self, lines: Columns) -> Columns:
        """entry, record: JSON texts (N,) -> outcome: JSON texts (N,)."""
        pairs = zip(lines["entry"], lines["record"], strict=True)
        return {"outcome": np.asarray([self._work(*pair) for pair in pairs], dtype=object)}

    def _work(self, entry: str, record: str) -> str:
        if self._worker is None:
            return json.dumps({"trouble": self._trouble})
        known = configs.from_dict(Record, json.loads(record)) if record else None
        outcome = self._worker.work(configs.from_dict(Entry, json.loads(entry)), known)
        return json.dumps(asdict(outcome))


class RayPool:
    """Does lines on a Ray cluster; the counterpart of `maskgan.batch.pool.Pool`."""

    replaced = 0
    """Ray replaces actors without saying so."""

    def __init__(self, config: WorkerConfig, address: str, workers: int | None, total: int) -> None:
        """Connects to the cluster. Raises `MissingExtraError` and `ConfigError`."""
        self.config = config
        self.total = total
        try:
            self._ray, self._data = (importlib.import_module(name) for name in ("ray", "ray.data"))
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"--ray needs {error.name}; install it with: pip install 'maskgan[ray]'."
            ) from error
        self._connected_here = not self._ray.is_initialized()
        if self._connected_here:
            self._connect(address)
        self.actors = workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def outcomes(self, assignments: Iterable[Assignment]) -> Generator[Outcome]:
        """What becomes of every line, in the order of completion. Raises `BundleError` when an
        actor cannot open the bundle."""
        lines = [
            {
                "entry": json.dumps(asdict(entry)),
                "record": json.dumps(asdict(record)) if record else "",
            }
            for entry, record in assignments
        ]
        size = max(1, min(MAX_BATCH, self.total // (4 * self.actors)))
        blocks = -(-len(lines) // size)
        results = self._data.from_items(lines, override_num_blocks=blocks).map_batches(
            RayActor,
            batch_size=None,  # a block is a batch
            batch_format="numpy",
            compute=self._data.ActorPoolStrategy(
                size=min(self.actors, blocks), max_tasks_in_flight_per_actor=2
            ),
            fn_constructor_kwargs={"config": self.config},
            num_cpus=1,
        )
        for batch in results.iter_batches(batch_size=None, prefetch_batches=0):
            for text in batch["outcome"]:
                values = json.loads(str(text))
                if "trouble" in values:
                    raise BundleError(values["trouble"])
                yield configs.from_dict(Outcome, values)

    def close(self) -> list[Outcome]:
        """Leaves the cluster if this batch joined it."""
        if self._connected_here:
            self._ray.shutdown()
        return []

    def _connect(self, address: str) -> None:
        # Nothing about the user leaves the machine, whichever build of Ray this is.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        # What goes wrong arrives as an exception; the rest is Ray talking to its developers.
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
        local = {"include_dashboard": False} if address == "local" else {}
        try:
            self._ray.init(
                address=address, log_to_driver=False, logging_level=logging.ERROR, **local
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
            raise ConfigError(
                f"No Ray cluster answers at {address} ({reason}); start one with `ray start "
                "--head`, or use --ray local."
            ) from error
        context = self._data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
