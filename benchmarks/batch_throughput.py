"""Claim: with 2 workers, `maskgan batch` does at least 0.85 times as many photos per second and
core as a single process does.

Draws faces with labels for two expressions each, then in turns: the loop people write (one editor
on one thread, opened before the clock starts: open the photo, render the second expression, save)
and a whole batch of the same photos with 1 and with 2 workers. Medians of several runs. A batch has
two figures: `steady` counts from the moment every worker has had time to open its bundle (the first
photos are left out), which is the one claimed, since it is what long batches come to; `whole` has
the start and the end in it. Photos per second depend on what else the machine does, and the claim
can be judged only where both cores are free. The batch with 1 worker is the control: it does what
the single process does, so where their figures are further apart than `CONTROL`, something else was
at work and `holds` is null. CPU milliseconds per photo, which include the start of the workers,
depend on it much less.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from maskgan import images
from maskgan.batch.manifest import Entry, read_manifest
from maskgan.batch.pool import Pool
from maskgan.batch.runner import run
from maskgan.batch.worker import Assignment, WorkerConfig, identify
from maskgan.bundle import Bundle
from maskgan.data.drawn import draw_pair
from maskgan.editing.editor import Editor

FLOOR = 0.85
"""What is claimed of photos per second and core, against the single process."""
CONTROL = (0.85, 1.15)
"""Where the batch with 1 worker must lie against the single process for a run to say anything."""
WARM_UP = 6
"""Photos per worker that the steady figure leaves out."""


def draw(folder: Path, count: int, size: int) -> Path:
    """Photos, labels and a manifest of `count` edits."""
    lines = []
    for number in tqdm(range(count), desc="draw", unit="face", disable=None):
        (photo, labels), (_, wanted) = draw_pair(number, size)
        images.write(folder / f"{number}.png", photo)
        images.write_labels(folder / f"{number}-is.png", labels)
        images.write_labels(folder / f"{number}-new.png", wanted)
        line = {"photo": f"{number}.png", "source_labels": f"{number}-is.png", "aligned": True}
        lines.append(line | {"labels": f"{number}-new.png", "output": f"{number}-edited.png"})
    manifest = folder / "jobs.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return manifest


def single(editor: Editor, entries: list[Entry], output: Path) -> dict[str, float]:
    """The plain loop: no hashes, no journal, no other process."""
    output.mkdir()
    times, cpu = [], time.process_time()
    for entry in entries:
        job = entry.job
        labels = entry.path(job.source_labels or "")
        face = editor.photo(entry.path(job.photo), aligned=True, labels=labels)
        result = editor.render(face, images.read_labels(entry.path(job.labels or "")))
        result.save(output / job.output)
        times.append(time.perf_counter())
    return figures(times[WARM_UP:]) | {
        "cpu_ms_per_photo": 1000 * (time.process_time() - cpu) / len(entries)
    }


def steady(config: WorkerConfig, entries: list[Entry], workers: int) -> dict[str, float]:
    """Photos per second of the pool from when all workers are at work to when one runs dry."""

    def assignments() -> Iterator[Assignment]:
        for entry in entries:
            yield entry, None

    (Path(config.output) / ".partial").mkdir(parents=True)
    pool = Pool(config, workers)
    try:
        times = [time.perf_counter() for _ in pool.outcomes(assignments())]
    finally:
        pool.close()
    skip = WARM_UP * workers
    return figures(times[skip:-workers])


def figures(times: list[float]) -> dict[str, float]:
    """Moments at which photos were finished -> photos per second."""
    return {"steady_per_second": (len(times) - 1) / (times[-1] - times[0])}


def batch(manifest: Path, output: Path, workers: int, bundle: Path | None) -> dict[str, float]:
    """A whole batch from its start to its end, worker processes included."""
    cpu = sum(os.times()[:4])
    report = run(manifest, output, workers=workers, bundle=bundle, progress=False)
    return {
        "whole_per_second": report.done / report.seconds,
        "cpu_ms_per_photo": 1000 * (sum(os.times()[:4]) - cpu) / report.done,
    }


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in runs), 2) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=120)
    parser.add_argument("--size", type=int, default=512, help="side of the photos in pixels")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bundle", type=Path)
    options = parser.parse_args()
    runs: dict[str, list[dict[str, float]]] = {"single": [], "1": [], "2": []}
    opened = Bundle.open(options.bundle, threads=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = draw(folder, options.photos, options.size)
        entries = list(read_manifest(manifest))
        editor = Editor(opened)
        for turn in tqdm(range(options.runs), desc="runs", disable=None):
            runs["single"].append(single(editor, entries, folder / f"single-{turn}"))
            for workers in (1, 2):
                place = folder / f"steady-{workers}-{turn}"
                config = WorkerConfig(str(place), str(opened.folder), identify(opened))
                measured = steady(config, entries, workers)
                measured |= batch(manifest, folder / f"{workers}-{turn}", workers, options.bundle)
                runs[str(workers)].append(measured)
    plain = medians(runs["single"])
    report: dict[str, Any] = {
        "photos": options.photos,
        "size": options.size,
        "runs": options.runs,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "single_process": plain,
    }
    for workers in (1, 2):
        row = medians(runs[str(workers)])
        pairs = zip(runs[str(workers)], runs["single"], strict=True)
        ratios = [
            one["steady_per_second"] / workers / other["steady_per_second"] for one, other in pairs
        ]
        row["per_core_against_single"] = round(statistics.median(ratios), 3)
        row["cpu_against_single"] = round(row["cpu_ms_per_photo"] / plain["cpu_ms_per_photo"], 3)
        report[f"batch_{workers}_workers"] = row
    report["floor"] = FLOOR
    control, claimed = (report[f"batch_{n}_workers"]["per_core_against_single"] for n in (1, 2))
    free = CONTROL[0] <= control <= CONTROL[1]
    report["holds"] = claimed >= FLOOR if free else None
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
