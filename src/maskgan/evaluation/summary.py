"""Verdicts of all faces -> the figures of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from maskgan.evaluation import robustness
from maskgan.evaluation.distributions import (
    NEIGHBOURS,
    Floats,
    frechet_distance,
    kernel_distance,
    precision_recall,
)
from maskgan.evaluation.examiner import AS_SETS, Verdict, dense
from maskgan.evaluation.figures import figures
from maskgan.evaluation.groups import by_group
from maskgan.evaluation.journal import Entry
from maskgan.evaluation.perturbations import PERTURBATIONS
from maskgan.evaluation.robustness import Record, Records
from maskgan.evaluation.tasks import UNEDITED

SYSTEM, PHOTO, PASTE = "system", "photo", "paste"
"""Who made a picture: what is measured, nobody, scissors and glue."""
SUBJECTS = (SYSTEM, PHOTO, PASTE)
WORST_BY = {
    "edit": "following", "transfer": "following", "slider": "following", "direction": "following",
    "reconstruction": "psnr", "truth": "psnr", "style": "color",
}  # fmt: skip
"""Family -> what its worst pictures are the worst by."""
WORST_IS_HIGH = ("color",)
SHOWN = 24
"""Worst pictures that are named per task."""

Pool = dict[str, dict[str, list[tuple[str, Verdict]]]]
"""Task -> subject -> (face, verdict)."""


def summarize(
    said: Mapping[str, Sequence[Entry]], groups: Mapping[str, Sequence[str]], seed: int
) -> dict[str, Any]:
    """The parts of a report that are made of verdicts: `tasks`, `edits` (all of `edit/...`
    together), `distances`, `robustness`, `groups` and `worst`."""
    pool: Pool = {}
    for face, entries in said.items():
        for task, subject, verdict in entries:
            pool.setdefault(task, {}).setdefault(subject, []).append((face, verdict))
    tasks = {
        task: {
            subject: figures([verdict for _, verdict in subjects[subject]], seed)
            for subject in SUBJECTS
            if subject in subjects
        }
        for task, subjects in pool.items()
        if not task.startswith("robustness/")
    }
    own = {task: subjects[SYSTEM] for task, subjects in pool.items() if SYSTEM in subjects}
    return {
        "tasks": dict(sorted(tasks.items(), key=lambda entry: _order(entry[0]))),
        "edits": _together(pool, "edit/", seed),
        "distances": _distances(pool),
        "robustness": _robustness(pool, seed),
        "groups": by_group(own, groups, seed) if groups else {},
        "worst": {task: found for task in own if (found := _worst(task, own[task]))},
    }


def _order(task: str) -> tuple[int, str]:
    families = (UNEDITED, "reconstruction", "edit", "transfer", "slider", "direction", "style")
    family = task.partition("/")[0]
    return families.index(family) if family in families else len(families), task


def _together(pool: Pool, prefix: str, seed: int) -> dict[str, Any]:
    """Figures of all tasks with a prefix, all pictures alike."""
    found = {}
    for subject in SUBJECTS:
        verdicts = [
            verdict
            for task, subjects in pool.items()
            if task.startswith(prefix)
            for _, verdict in subjects.get(subject, ())
        ]
        if verdicts:
            found[subject] = figures(verdicts, seed)
    return found


def _distances(pool: Pool) -> dict[str, Any]:
    """Task -> subject -> distances of its pictures to the real photos; under "photos" those of one
    half of the photos to the other, which no system can be expected to beat."""
    real = _features(pool.get("reconstruction", {}).get(PHOTO, ()))
    if real is None or len(real) <= 2 * (NEIGHBOURS + 1):
        return {}
    found: dict[str, Any] = {"photos": {PHOTO: _between(real[::2], real[1::2])}}
    for task, subjects in pool.items():
        if task.partition("/")[0] not in AS_SETS:
            continue  # of which one kind, the look of one region, has no features
        for subject in (SYSTEM, PASTE):
            drawn = _features(subjects.get(subject, ()))
            if drawn is not None and len(drawn) > NEIGHBOURS + 1:
                found.setdefault(task, {})[subject] = _between(drawn, real)
    return found


def _features(entries: Sequence[tuple[str, Verdict]]) -> Floats | None:
    rows = [verdict["features"] for _, verdict in entries if "features" in verdict]
    return np.asarray(rows, np.float64) if rows else None


def _between(drawn: Floats, real: Floats) -> dict[str, float]:
    precision, recall = precision_recall(drawn, real)
    values = {
        "frechet": frechet_distance(drawn, real),
        "kernel": kernel_distance(drawn, real),
        "precision": precision,
        "recall": recall,
    }
    return {name: round(value, 6) for name, value in values.items()} | {"pictures": len(drawn)}


def _robustness(pool: Pool, seed: int) -> dict[str, Any]:
    """`maskgan.evaluation.robustness.report` of the system and the photo left as it is, over the
    faces whose labels were perturbed; empty where there are none."""
    stages = {
        (name, severity): f"robustness/{name.replace(' ', '-')}-{severity:g}"
        for name, each in PERTURBATIONS.items()
        for severity in each.severities
    }
    first = pool.get(next(iter(stages.values())), {})
    if SYSTEM not in first:
        return {}
    measured = {face for face, _ in first[SYSTEM]}
    records: Records = {}
    for subject in (PHOTO, SYSTEM):
        for (name, severity), task in {("", 0.0): UNEDITED, **stages}.items():
            record = records[subject, name, severity] = Record()
            for face, verdict in pool[task][subject]:
                if face in measured:
                    _enter(record, verdict)
    return robustness.report(records, [PHOTO, SYSTEM], seed)


def _enter(record: Record, verdict: Verdict) -> None:
    record.counts.append(dense(verdict["counts"]))
    record.changed.append(verdict["changed"])
    record.followed.append(verdict["followed"])
    record.from_photo.append(verdict["from_photo"])
    record.from_render.append(verdict.get("from_render", 0.0))


def _worst(task: str, entries: Sequence[tuple[str, Verdict]]) -> list[dict[str, Any]]:
    """The worst pictures of a task, the very worst first."""
    by = WORST_BY.get(task.partition("/")[0])
    if by is None:
        return []
    scored = []
    for face, verdict in entries:
        value = verdict.get(by)
        if by == "following" and verdict.get("changed"):
            value = verdict["followed"] / verdict["changed"]
        if value is not None:
            scored.append((face, value))
    scored.sort(key=lambda entry: -entry[1] if by in WORST_IS_HIGH else entry[1])
    return [{"face": face, by: round(value, 4)} for face, value in scored[:SHOWN]]
