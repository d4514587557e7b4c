"""Claim: `maskgan evaluate` measures 500 faces at 256 px with the default bundle in under 10
minutes on 2 cores.

An evaluation does three kinds of faces: plain ones, those whose labels are perturbed as well, and
drawn people of whom the truth is known. Each kind is timed by itself on a few drawn faces, median
of several runs, and the time for 500 faces is that of what the standard plan does with them. With
--vgg the distances that need VGG-19 are in it. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from maskgan.bundle import default_folder
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing.editor import Editor
from maskgan.evaluation.evaluate import Evaluation, evaluate
from maskgan.evaluation.examiner import Judges
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.likeness import Eyes
from maskgan.evaluation.systems import open_system
from maskgan.evaluation.tasks import Plan

SIZE, FACES = 256, 500
CLAIMED = 600.0
"""Seconds."""


def drawn_faces(count: int) -> list[HeldOutFace]:
    """Different people, every second of whom smiles, says the dataset."""
    faces = []
    for seed in range(count):
        rng = np.random.default_rng([1_000_003, seed])
        photo, labels = draw_face(random_identity(rng), random_expression(rng), SIZE)
        faces.append(HeldOutFace(f"drawn-{seed}", photo, labels, {"Smiling": seed % 2}))
    return faces


def seconds(evaluation: Evaluation) -> float:
    """Of one evaluation, from its faces to its report."""
    with tempfile.TemporaryDirectory() as place:
        begin = time.perf_counter()
        evaluate(evaluation, Path(place) / "report", workers=os.cpu_count() or 1, progress=False)
        return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=int, default=20, help="faces that are timed")
    parser.add_argument("--runs", type=int, default=3, help="runs the medians are of")
    parser.add_argument("--vgg", type=Path, help="file with VGG-19")
    options = parser.parse_args()
    torch.set_num_threads(1)
    judges = Judges(Editor.open(threads=1).parse, None, Eyes(vgg=options.vgg))
    system = open_system(default_folder(), threads=1)
    plain = Plan(robustness_faces=0, diversity_faces=0, drawn=0)
    count = options.faces
    plans = {
        "plain": plain,
        "perturbed": replace(plain, robustness_faces=4),
        "several looks": replace(plain, diversity_faces=count),
        "drawn": replace(plain, drawn=count),
    }
    faces = drawn_faces(count)
    found: dict[str, list[float]] = {name: [] for name in plans}
    for _ in range(options.runs):
        for name, plan in plans.items():
            found[name].append(seconds(Evaluation(system, {}, faces, judges, {}, plan)))
    median = {name: statistics.median(times) for name, times in found.items()}
    extra = {name: time - median["plain"] for name, time in median.items()}
    each = {
        "face": median["plain"] / count,
        "perturbed labels": extra["perturbed"] / 4,
        "several looks": extra["several looks"] / count,
        "drawn person": extra["drawn"] / count,
    }
    standard = Plan.of(FACES)
    total = (
        FACES * each["face"]
        + standard.robustness_faces * each["perturbed labels"]
        + standard.diversity_faces * each["several looks"]
        + standard.drawn * each["drawn person"]
    )
    report = {
        "seconds_per": {name: round(value, 3) for name, value in each.items()},
        "seconds_of_500_faces": round(total),
        "claimed": CLAIMED,
        "holds": total < CLAIMED,
        "vgg": options.vgg is not None,
        "cores": os.cpu_count(),
        "runs": options.runs,
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
