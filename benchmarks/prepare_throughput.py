"""Claim: `maskgan data prepare` makes at least 35 faces/s on 2 cores, 1024 px photos and part PNGs
to a 512 px dataset, in under 1 GB of memory.

Draws a tree of the original layout in a temporary folder, then times `prepare` with 2 workers and,
beside it, the plain single-process loop people write instead: per face every part PNG into an array
in turn, photo scaled, both saved. Medians of several runs in turn. Faces/s depend on what else the
machine does; CPU milliseconds per face do so much less.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from maskgan.data import celebamask
from maskgan.data.prepare import prepare
from maskgan.labels import ALL_PARTS, IDS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "data"))
from original_tree import draw_tree, part_path

WORKERS = 2
DETAIL = 3.0
"""Grain of the drawn photos: makes files no smaller than those of the dataset."""


def plain_loop(tree: Path, output: Path, ids: range) -> None:
    """The same work without prepare: no checks, no checksums, nothing to resume."""
    (output / "images").mkdir(parents=True)
    (output / "labels").mkdir()
    for face in ids:
        merged = np.zeros((512, 512), np.uint8)
        for part in ALL_PARTS:
            path = part_path(tree, face, part)
            if path.exists():
                values = np.array(Image.open(path).convert("RGB"))[:, :, 0]
                merged[values != 0] = IDS[part]
        Image.fromarray(merged).save(output / "labels" / f"{face:05d}.png")
        photo = Image.open(tree / celebamask.PHOTO_FOLDER / f"{face}.jpg").convert("RGB")
        photo = photo.resize((512, 512), Image.Resampling.LANCZOS)
        photo.save(output / "images" / f"{face:05d}.jpg", quality=95, subsampling=0)


def timed(work: Callable[[], object], faces: int) -> dict[str, float]:
    """Faces per second and CPU milliseconds per face, worker processes included."""
    start, cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    return {
        "faces_per_second": faces / (time.perf_counter() - start),
        "cpu_ms_per_face": 1000 * (sum(os.times()[:4]) - cpu) / faces,
    }


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]}


def peak_mib() -> float:
    """At most this much memory was in use at once: this process and `WORKERS` times the largest
    worker."""
    unit = 1 if sys.platform == "darwin" else 1024
    own, child = (
        resource.getrusage(who).ru_maxrss * unit
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return round((own + WORKERS * child) / 2**20, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=int, default=240)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ids = range(0, 30_000, 30_000 // options.faces)[: options.faces]
    ours, plain = [], []
    with tempfile.TemporaryDirectory() as folder:
        tree = draw_tree(Path(folder) / "tree", ids, detail=DETAIL, grey_parts=False)
        photo = (tree / celebamask.PHOTO_FOLDER / "0.jpg").stat().st_size
        parts = sum(1 for _ in (tree / celebamask.PART_FOLDER).glob("*/*.png"))
        for run in range(options.runs):
            output = Path(folder) / f"prepared-{run}"
            ours.append(timed(lambda to=output: prepare(tree, to, workers=WORKERS), options.faces))
            output = Path(folder) / f"plain-{run}"
            plain.append(timed(lambda to=output: plain_loop(tree, to, ids), options.faces))
    report = {
        "faces": options.faces,
        "runs": options.runs,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "photo_kib": round(photo / 1024),
        "parts_per_face": round(parts / options.faces, 1),
        "prepare": {"workers": WORKERS, **medians(ours), "peak_mib": peak_mib()},
        "plain_loop": {"workers": 1, **medians(plain)},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
