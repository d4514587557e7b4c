"""An evaluation from beginning to end: faces, requests, pictures, verdicts, report.

Face by face a system draws what it is asked for (`tasks`), judges look at the pictures (`examiner`)
and what they say is written down (`journal`); pictures of all tasks but robustness are kept. The
report is made of the verdicts alone, so that a stopped evaluation goes on with the next face.
"""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from PIL import Image
from tqdm import tqdm

from maskgan import __version__, files
from maskgan.errors import ConfigError
from maskgan.evaluation.examiner import Examiner, Judges, spread
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.journal import Entry, Journal
from maskgan.evaluation.requests import Request, System
from maskgan.evaluation.summary import PASTE, PHOTO, SYSTEM, summarize
from maskgan.evaluation.systems import pasted
from maskgan.evaluation.tasks import UNEDITED, Plan, Tasks, drawn_requests
from maskgan.images import Pixels

REPORT = "report.json"


@dataclass(frozen=True)
class Evaluation:
    """What is measured, on what, by whom."""

    system: System
    described: Mapping[str, Any]
    """Of the system: name, path, hash and what else the report shall say."""
    faces: Sequence[HeldOutFace]
    """Faces of one size."""
    judges: Judges
    judged_by: Mapping[str, Any]
    """Names and hashes of the judges."""
    plan: Plan = field(default_factory=Plan)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Group -> names of its faces."""
    data: Sequence[str] = ()
    """Where the faces are from."""

    @property
    def size(self) -> int:
        side: int = self.faces[0].photo.shape[0]
        return side

    def protocol(self) -> dict[str, Any]:
        """What two reports must share to be compared. The hash is of all photos and labels."""
        digest = hashlib.sha256()
        for face in self.faces:
            digest.update(face.name.encode() + face.photo.tobytes() + face.labels.tobytes())
        plan = self.plan
        return {
            "format": 1,
            "size": self.size,
            "faces": len(self.faces),
            "faces_sha256": digest.hexdigest(),
            "seed": plan.seed,
            "robustness_faces": min(plan.robustness_faces, len(self.faces)),
            "diversity_faces": min(plan.diversity_faces, len(self.faces)),
            "looks": plan.looks,
            "drawn": plan.drawn,
            "directions": sorted(plan.directions),
            "judges": dict(self.judged_by),
        }


def evaluate(
    evaluation: Evaluation, output: str | Path, *, workers: int = 1, progress: bool = True
) -> dict[str, Any]:
    """Measures a system and writes `report.json`, `verdicts.jsonl` and `pictures/` into the folder
    `output`; one that holds an unfinished evaluation of the same system and protocol is finished.
    Returns the report. Raises `ConfigError` for fewer than two faces or faces of several sizes,
    `OutputError`, and what the system raises."""
    faces, plan = evaluation.faces, evaluation.plan
    if len(faces) < 2 or len({face.photo.shape for face in faces}) > 1:
        raise ConfigError(
            f"{len(faces)} faces of {len({face.photo.shape for face in faces})} sizes; expected at "
            "least 2 faces of one size."
        )
    folder = Path(output)
    protocol = evaluation.protocol()
    journal = Journal(folder, {"system": dict(evaluation.described), **protocol})
    examiner = Examiner(evaluation.judges)
    tasks = Tasks(faces, plan)
    drawn = drawn_requests(plan, evaluation.size)
    started, before = time.perf_counter(), len(journal.faces)
    names = [face.name for face in faces] + [requests[0].face.name for requests in drawn]
    count = len(names)
    with tqdm(
        total=count, desc="evaluate", unit=" faces", disable=None if progress else True
    ) as bar:

        def measure(index: int) -> None:
            people, name = index < len(faces), names[index]
            if name not in journal.faces:
                requests = tasks.of(index) if people else drawn[index - len(faces)]
                journal.add(name, _measure(requests, evaluation.system, examiner, folder))
                examiner.forget(requests[0].face)
            bar.update()

        # Networks and NumPy let other threads run: a face per core leaves none of them waiting.
        pool = ThreadPoolExecutor(workers)
        try:
            for done in [pool.submit(measure, index) for index in range(count)]:
                done.result()
        finally:
            pool.shutdown(cancel_futures=True)
    seconds = time.perf_counter() - started
    report = {
        "format": 1,
        "maskgan": __version__,
        "system": dict(evaluation.described),
        "protocol": protocol,
        "data": list(evaluation.data),
        "environment": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "onnxruntime": onnxruntime.__version__,
            "threads": torch.get_num_threads(),
        },
        "seconds": {"this call": round(seconds, 1), "faces of it": len(journal.faces) - before},
        # In the order of the faces, whoever was finished first: draws of them must be alike.
        **summarize({name: journal.faces[name] for name in names}, evaluation.groups, plan.seed),
    }
    files.write_text(folder / REPORT, json.dumps(report, indent=1) + "\n")
    return report


def _measure(
    requests: Sequence[Request], system: System, examiner: Examiner, folder: Path
) -> list[Entry]:
    """Everything that is said of one face's pictures."""
    entries: list[Entry] = []
    base: Pixels | None = None
    looks: list[Pixels] = []
    for request in requests:
        picture = system(request)
        if request.task == UNEDITED:
            base = picture
        if picture is not None:
            verdict = examiner.examine(request, picture, base)
            if request.family == "diversity":
                looks.append(picture)
            entries.append((request.task, SYSTEM, verdict))
            _keep(request, picture, folder)
        if request.family == "diversity":
            continue  # a photo has but one look
        photo = request.photo
        entries.append((request.task, PHOTO, examiner.examine(request, photo, photo)))
        glued = pasted(request) if request.family == "transfer" else None
        if glued is not None:
            entries.append((request.task, PASTE, examiner.examine(request, glued, photo)))
    if len(looks) > 1:
        entries.append(("diversity", SYSTEM, {"spread": spread(looks)}))
    return entries


def _keep(request: Request, picture: Pixels, folder: Path) -> None:
    """Pictures are kept for the report's grids, and for who wants to look; robustness has too
    many."""
    if request.family in ("robustness", "unedited"):
        return
    path = folder / "pictures" / f"{request.key}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as temporary:  # fast rather than small
        Image.fromarray(picture).save(temporary, compress_level=1)
