"""Runs a batch: manifest in, folder of results out, with a journal that survives a crash.

Edits are done by processes of this machine (`maskgan.batch.pool`) or by a Ray cluster
(`maskgan.batch.ray`); here is what both share. Memory: one photo per worker, a few lines on their
way, and some hundred bytes per finished output.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from maskgan.batch.journal import Journal, Outcome
from maskgan.batch.manifest import ERRORS_FILE, check_manifest, read_manifest
from maskgan.batch.worker import Assignment, WorkerConfig, identify
from maskgan.bundle import Bundle
from maskgan.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run of a batch did."""

    output: Path
    total: int
    """Lines of the manifest."""
    done: int
    """Edited in this run."""
    kept: int
    """Finished by an earlier run and still as they were."""
    failed: int
    """Lines in errors.jsonl."""
    replaced: int
    """Worker processes that ended from outside and were replaced."""
    seconds: float

    def sentences(self) -> list[str]:
        """The report for people to read."""
        said = [f"Wrote {self.done} photos into {self.output} in {self.seconds:.1f} s."]
        if self.kept:
            said.append(f"{self.kept} were finished before and are unchanged.")
        if self.failed:
            said.append(f"{self.failed} failed; {self.output / ERRORS_FILE} says why.")
        if self.replaced:
            said.append(f"{self.replaced} worker processes ended from outside and were replaced.")
        return said


class Workforce(Protocol):
    """Those who do the lines."""

    replaced: int

    def outcomes(self, assignments: Iterable[Assignment]) -> Generator[Outcome]:
        """What becomes of every line, in the order of completion."""

    def close(self) -> list[Outcome]:
        """Ends the work; returns what was reported late."""


def run(
    manifest: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    resume: bool = False,
    workers: int | None = None,
    ray: str | None = None,
    bundle: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Report:
    """Does every line of a manifest and writes the results into the folder `output`.

    resume: go on with the folder's batch; edits whose inputs, job, bundle and result are unchanged
    stay as they are.
    workers: processes on this machine; None = one per core. With `ray`, actors; None = one per CPU
    of the cluster.
    ray: address of a Ray cluster ("auto", "host:port"), or "local" for one on this machine.
    bundle: bundle folder; None = the one in the package.
    A line that fails is a line in `errors.jsonl`, and the rest goes on. However the run ends, it
    can be resumed. Raises `ConfigError` for a manifest that is not as it must be, `OutputError`,
    `BundleError`, and `MissingExtraError` when Ray is not installed.
    """
    start, folder = time.perf_counter(), Path(output).absolute()
    if workers is not None and workers < 1:
        raise ConfigError(f"workers is {workers}; expected at least 1.")
    config = WorkerConfig(
        output=str(folder),
        bundle=None if bundle is None else str(Path(bundle).absolute()),
        identity=identify(Bundle.open(bundle)),
    )
    total = check_manifest(manifest, folder)
    counts: Counter[str] = Counter()
    with (
        closing(_hire(config, ray, workers, total)) as force,
        Journal.open(folder, resume) as journal,
        tqdm(total=total, unit="photo", desc="batch", disable=None if progress else True) as bar,
    ):
        try:
            for outcome in force.outcomes(_assignments(manifest, journal)):
                journal.add(outcome)
                counts[outcome.status] += 1
                if outcome.status == "failed":
                    bar.set_postfix(failed=counts["failed"], refresh=False)
                bar.update()
        finally:
            for outcome in force.close():
                journal.add(outcome)
    return Report(
        output=Path(output),
        total=total,
        done=counts["done"],
        kept=counts["kept"],
        failed=counts["failed"],
        replaced=force.replaced,
        seconds=time.perf_counter() - start,
    )


def _assignments(manifest: str | os.PathLike[str], journal: Journal) -> Iterator[Assignment]:
    for entry in read_manifest(manifest):
        yield entry, journal.records.get(entry.job.output)


def _hire(config: WorkerConfig, ray: str | None, workers: int | None, total: int) -> Workforce:
    if ray is not None:
        from maskgan.batch.ray import RayPool

        return RayPool(config, ray, workers, total)
    from maskgan.batch.pool import Pool

    return Pool(config, min(workers or _cores(), total))


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
