"""stats.jsonl, the record of a run; TensorBoard, where installed, is a view of it.

With several processes each collects its own numbers, and the first writes down the means of all.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

from torch import Tensor

from maskgan import files
from maskgan.errors import OutputError
from maskgan.images import read
from maskgan.training.distributed import ALONE, Processes


class Journal:
    """Collects numbers between two lines and writes their means.

    One JSON object per line: {"images", "seconds", NAME: mean, ...} for training numbers and
    {"images", "figures": {...}} for validation, where null stands for a figure that is not defined
    (the IoU of a class that never occurs).
    """

    def __init__(self, run: Path, group: Processes = ALONE) -> None:
        self.path = run / "stats.jsonl"
        self._group = group
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._start = time.monotonic()
        self._seconds_before = 0.0
        self._board = _tensorboard(run) if group.first else None

    def add(self, stats: dict[str, Tensor]) -> None:
        """Adds the scalars of one step."""
        for name, value in stats.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value.detach())
            self._counts[name] = self._counts.get(name, 0) + 1

    def write(self, images: int) -> dict[str, float]:
        """Appends one line with the means since the last one and returns them. All processes must
        call it; only the first has something to return."""
        self._gather()
        if not self._group.first:
            return {}
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        self._sums, self._counts = {}, {}
        self._append({"images": images, "seconds": round(self._seconds(), 1), **means})
        self._show(means, images)
        return means

    def write_figures(self, images: int, figures: dict[str, float]) -> None:
        """Appends one line of validation figures; for the first process."""
        if figures:
            defined = {name: value for name, value in figures.items() if math.isfinite(value)}
            self._append({"images": images, "figures": dict.fromkeys(figures) | defined})
            self._show({f"figures/{name}": value for name, value in defined.items()}, images)

    def state(self) -> dict[str, Any]:
        """What has been collected but not written, for state.pt. All processes must call it."""
        self._gather()
        return {"sums": self._sums, "counts": self._counts, "seconds": self._seconds()}

    def load_state(self, state: dict[str, Any], images: int) -> None:
        """Continues from a saved state; lines of steps that will be repeated are removed."""
        if not self._group.first:
            return
        self._sums, self._counts = dict(state["sums"]), dict(state["counts"])
        self._seconds_before, self._start = state["seconds"], time.monotonic()
        if self.path.exists():
            kept = [line for line in self.path.read_text().splitlines() if _images(line) <= images]
            files.write_text(self.path, "".join(line + "\n" for line in kept))

    def write_picture(self, images: int, path: Path) -> None:
        """Shows a sample grid in TensorBoard; for the first process."""
        if self._board is not None:
            self._board.add_image("samples", read(path), images, dataformats="HWC")

    def close(self) -> None:
        """Ends the record: what TensorBoard still holds back is written."""
        if self._board is not None:
            self._board.close()

    def _gather(self) -> None:
        """The first process takes over what the others have collected."""
        if self._group.count == 1:
            return
        collected = self._group.gather((self._sums, self._counts))
        self._sums, self._counts = {}, {}
        if self._group.first:
            for sums, counts in collected:
                for name, total in sums.items():
                    self._sums[name] = self._sums.get(name, 0.0) + total
                    self._counts[name] = self._counts.get(name, 0) + counts[name]

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._start

    def _append(self, record: dict[str, Any]) -> None:
        try:
            with self.path.open("a") as file:
                file.write(json.dumps(record) + "\n")
        except OSError as error:
            raise OutputError(f"Cannot write {self.path}: {error.strerror or error}.") from error

    def _show(self, values: dict[str, float], images: int) -> None:
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, images)


def _images(line: str) -> float:
    """The images of a line; infinite for the half line that a killed run may leave at the end."""
    try:
        return float(json.loads(line)["images"])
    except ValueError:
        return math.inf


def _tensorboard(run: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(run / "tensorboard"))
