"""Faces drawn per second: one process at four sizes, and whole datasets with 1 and 2 workers.

Claims: `draw_face` draws at least 40 faces/s at 128 px in one process. Each figure is the median of
several runs over the same faces; the runs of all sizes alternate, so that a busy machine slows them
alike. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from maskgan.data.drawn import draw_dataset, draw_face, random_expression, random_identity

SIZES = (64, 128, 256, 512)
CLAIMED = 40
"""Faces/s at 128 px."""


def draw_rate(size: int, faces: int) -> float:
    """Faces/s of `draw_face` in this process."""
    rng = np.random.default_rng(0)
    people = [(random_identity(rng), random_expression(rng)) for _ in range(faces)]
    begin = time.perf_counter()
    for identity, expression in people:
        draw_face(identity, expression, size)
    return faces / (time.perf_counter() - begin)


def dataset_rate(size: int, faces: int, workers: int) -> float:
    """Faces/s of `draw_dataset`, files written and workers started included."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        draw_dataset(faces, Path(folder) / "faces", size=size, workers=workers, progress=False)
        return faces / (time.perf_counter() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=int, default=40, help="faces per run at 64 and 128 px")
    parser.add_argument("--runs", type=int, default=5, help="runs the medians are of")
    options = parser.parse_args()
    rates: dict[int, list[float]] = {size: [] for size in SIZES}
    datasets: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(options.runs):
        for size in SIZES:
            rates[size].append(draw_rate(size, max(options.faces * 128 // max(size, 128), 4)))
        for workers, found in datasets.items():
            found.append(dataset_rate(128, 5 * options.faces, workers))
    median = {size: round(statistics.median(found), 1) for size, found in rates.items()}
    report = {
        "draw_face_faces_per_second": {f"{size}px": rate for size, rate in median.items()},
        "draw_dataset_128px_faces_per_second": {
            f"{workers}_workers": round(statistics.median(found), 1)
            for workers, found in datasets.items()
        },
        "claimed_at_128px": CLAIMED,
        "holds": median[128] >= CLAIMED,
        "runs": options.runs,
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
