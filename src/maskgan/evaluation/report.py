"""From the command line's words to a report: opens system, judges and faces, measures, writes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from maskgan import files
from maskgan.editing.editor import Editor
from maskgan.errors import ConfigError
from maskgan.evaluation.directions import directions
from maskgan.evaluation.evaluate import Evaluation, evaluate
from maskgan.evaluation.examiner import Judges
from maskgan.evaluation.faces import held_out_faces
from maskgan.evaluation.groups import grouped, read_groups
from maskgan.evaluation.judges import open_attribute_judge, open_judge
from maskgan.evaluation.likeness import Eyes
from maskgan.evaluation.page import page, shown
from maskgan.evaluation.requests import Request, System
from maskgan.evaluation.systems import (
    GENERATOR,
    PICTURES,
    BundleSystem,
    PictureSystem,
    open_system,
    pasted,
    unchanged,
)
from maskgan.evaluation.tasks import Direction, Plan, Tasks, drawn_requests
from maskgan.manifest import MANIFEST
from maskgan.training.mask_vae_task import trained_mask_vae

PAGE = "report.html"
SCALE: dict[str, System] = {"photo": unchanged, "paste": pasted}
"""Words that stand for a system of their own."""
STATS, RECORD = "stats.jsonl", "run.json"
DEFAULT_SIZE = 256
SMALLEST, LARGEST = 64, 512
"""Sides in pixels of faces."""


def measure(
    system: str | Path,
    data: Sequence[str | Path],
    output: str | Path,
    *,
    judge: str | Path | None = None,
    classifier: str | Path | None = None,
    mask_vae: str | Path | None = None,
    eyes: Mapping[str, str | Path | None] | None = None,
    groups: str | Path | None = None,
    name: str | None = None,
    size: int | None = None,
    limit: int | None = None,
    robustness: int = 50,
    whole: bool = False,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, Any]:
    """Measures the system at a path, or "photo" or "paste", on the test faces of datasets and
    writes `report.json` and `report.html` into `output`; the report.

    judge: a parser (None: that of the package's bundle). classifier, mask_vae: a run or file.
    eyes: files for `Eyes`. groups: CSV of `read_groups`. size: side of the faces (None: that of the
    system). limit: most faces. whole: bundles draw the whole face in every task.
    Raises `ConfigError`, `DatasetError`, `CheckpointError`, `BundleError` and `OutputError`.
    """
    torch.set_num_threads(1)  # a face per core: see `evaluate`
    opened, described, own_size = _open(system, name, whole)
    side = size or own_size
    if not SMALLEST <= side <= LARGEST:
        raise ConfigError(f"The faces have {side} pixels; expected {SMALLEST} to {LARGEST}.")
    looking = Eyes(**(eyes or {}))
    parser = Editor.open(threads=1).parse if judge is None else open_judge(judge)
    told = None if classifier is None else open_attribute_judge(classifier)
    judged_by: dict[str, Any] = {
        "parser": _said_of(judge, "parser.safetensors", "parser of the package's bundle"),
        "attributes": _said_of(classifier, "classifier.safetensors", "none"),
        **looking.names,
    }
    found: dict[str, Direction] = {}
    if mask_vae is not None:
        path = _file(mask_vae, "mask_vae.safetensors")
        vae = trained_mask_vae(str(path), "--mask-vae", torch.device("cpu"))
        found = directions(vae, data)
        judged_by["directions"] = _said_of(mask_vae, "mask_vae.safetensors", "")
    faces = held_out_faces(data, side, limit, progress)
    evaluation = Evaluation(
        system=opened,
        described=described,
        faces=faces,
        judges=Judges(parser, told, looking),
        judged_by=judged_by,
        plan=Plan.of(len(faces), seed, robustness, found),
        groups=grouped(faces, {} if groups is None else read_groups(groups)),
        data=[Path(source).name for source in data],
    )
    report = evaluate(evaluation, output, workers=os.cpu_count() or 1, progress=progress)
    asked = _asked(report, evaluation)
    files.write_text(Path(output) / PAGE, page(report, asked, Path(output)))
    return report


def _asked(report: Mapping[str, Any], evaluation: Evaluation) -> dict[tuple[str, str], Request]:
    """The requests of the pictures that the page shows, by task and face."""
    wanted = {(task, entry["face"]) for task, found in shown(report).items() for entry in found}
    names = {name for _, name in wanted}
    tasks = Tasks(evaluation.faces, evaluation.plan)
    by_face = [tasks.of(index) for index, face in enumerate(evaluation.faces) if face.name in names]
    by_face += drawn_requests(evaluation.plan, evaluation.size)
    return {
        (request.task, request.face.name): request
        for requests in by_face
        for request in requests
        if (request.task, request.face.name) in wanted
    }


def _open(path: str | Path, name: str | None, whole: bool) -> tuple[System, dict[str, Any], int]:
    """A system, what the report says of it, and the side of its faces."""
    if str(path) in SCALE:
        return SCALE[str(path)], {"name": name or str(path), "kind": str(path)}, DEFAULT_SIZE
    place = Path(path)
    system = open_system(place, whole=whole, threads=1)
    described: dict[str, Any] = {"name": name or place.resolve().name}
    if isinstance(system, BundleSystem):
        manifest = system.editor.bundle.manifest
        described |= {"name": name or manifest.name, "kind": f"bundle: {manifest.kind}"}
        described |= {"sha256": files.sha256(place / MANIFEST), "whole": whole}
    elif isinstance(system, PictureSystem):
        described |= {"name": name or system.name, "kind": "pictures"}
        described["sha256"] = files.sha256(place / PICTURES)
    else:
        file = _file(place, GENERATOR)
        described |= {"kind": f"run: {type(system.network).__name__}"}
        described |= {"sha256": files.sha256(file), **_budget(file.parent)}
    return system, described, system.size


def _budget(run: Path) -> dict[str, Any]:
    """How long a run was trained, with the runs that it started from: images seen and seconds, as
    far as their records are there."""
    images, seconds = 0, 0.0
    seen: set[Path] = set()
    try:
        while run not in seen:
            seen.add(run)
            lines = (run / STATS).read_text().splitlines()
            last = [entry for line in lines if "seconds" in (entry := json.loads(line))][-1]
            images, seconds = images + last["images"], seconds + last["seconds"]
            start = json.loads((run / RECORD).read_text())["config"]["training"]["start"]
            if not start:
                break
            run = Path(start) if Path(start).is_dir() else Path(start).parent
    except (OSError, ValueError, IndexError, KeyError, TypeError):
        pass  # what is known is known
    return {"images": images, "training_seconds": round(seconds, 1)} if images else {}


def _file(path: str | Path, name: str) -> Path:
    """The file called `name` of a run folder, or the file that `path` is."""
    return Path(path) / name if Path(path).is_dir() else Path(path)


def _said_of(path: str | Path | None, file: str, otherwise: str) -> dict[str, str] | str:
    """What the report says of a judge: names, not places, and the hash of what it is made of."""
    if path is None:
        return otherwise
    place = Path(path)
    manifest = place / MANIFEST
    found = manifest if manifest.is_file() else _file(place, file)
    return {"name": place.name, "sha256": files.sha256(found) if found.is_file() else ""}
