"""Does a system work alike for all? Main figures for groups of people, and the largest gap."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maskgan.errors import DatasetError
from maskgan.evaluation.examiner import Verdict
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.figures import figures

MAIN: dict[str, tuple[str, str]] = {
    "edits followed": ("edit", "following"),
    "mean IoU after edits": ("edit", "miou"),
    "sharpness of edits": ("edit", "sharpness"),
    "PSNR of the face drawn anew": ("reconstruction", "psnr"),
    "perceptual distance of the face drawn anew": ("reconstruction", "perceptual"),
    "identity after a transfer": ("transfer", "identity"),
    "attributes transferred": ("transfer", "attribute"),
}
"""Title -> family of tasks and figure."""
SMALLEST = 8
"""Faces that a group must have; figures of fewer are chance."""
BY_ATTRIBUTE = ("Male", "Young")
"""Attributes of CelebA whose two sides are groups."""


def read_groups(path: str | Path) -> dict[tuple[str, str], str]:
    """(source, name of a face) -> its group, from a CSV file with the columns `id` and `group` and,
    where names are not unique, `set`, the name of the dataset's folder. Faces without a group are
    left out. Raises `DatasetError`."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"Cannot read the groups in {path}: {error}.") from error
    if not rows or not {"id", "group"} <= rows[0].keys():
        raise DatasetError(
            f"{path} has {'the columns ' + ', '.join(rows[0]) if rows else 'no rows'}; expected "
            "the columns id and group (and set, where names are not unique)."
        )
    return {(row.get("set") or "", row["id"]): row["group"] for row in rows if row["group"]}


def grouped(
    faces: Sequence[HeldOutFace], told: Mapping[tuple[str, str], str]
) -> dict[str, list[str]]:
    """Group -> names of its faces, of the groups that are large enough: those of a file, and both
    sides of `BY_ATTRIBUTE` where the dataset knows them."""
    found: dict[str, list[str]] = {}
    for face in faces:
        stem = face.name.removeprefix(f"{face.source}-")
        group = told.get((face.source, stem)) or told.get(("", stem))
        names = [group] if group else []
        for attribute in BY_ATTRIBUTE:
            if attribute in face.attributes:
                names.append(f"{'' if face.attributes[attribute] else 'not '}{attribute}")
        for name in names:
            found.setdefault(name, []).append(face.name)
    return {name: found[name] for name in sorted(found) if len(found[name]) >= SMALLEST}


def by_group(
    verdicts: Mapping[str, Sequence[tuple[str, Verdict]]],
    groups: Mapping[str, Sequence[str]],
    seed: int,
) -> dict[str, Any]:
    """Title -> {"groups": group -> figure, "gap": largest difference between two groups, "between":
    which}. `verdicts` are (face, verdict) by task, of one system."""
    report: dict[str, Any] = {}
    for title, (family, figure) in MAIN.items():
        pool = [
            entry
            for task, entries in verdicts.items()
            if task.partition("/")[0] == family
            for entry in entries
        ]
        values = {}
        for group, names in groups.items():
            known = set(names)
            chosen = [verdict for name, verdict in pool if name in known]
            found = figures(chosen, seed).get(figure) if chosen else None
            if found is not None:
                values[group] = {**found, "faces": len(known)}
        if len(values) > 1:
            low = min(values, key=lambda group: values[group]["value"])
            high = max(values, key=lambda group: values[group]["value"])
            gap = values[high]["value"] - values[low]["value"]
            report[title] = {"groups": values, "gap": round(gap, 5), "between": [low, high]}
    return report
