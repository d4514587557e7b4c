"""Requests as files, for editors that this code cannot run.

The folder that is written holds `requests.json` and, by name, every photo and label map: for each
request the photo, its labels and the wanted ones, and where there is a donor the donor's photo and
labels. What an editor makes of it goes to `pictures/KEY.png` of a folder with `system.json`, which
is measured like any other system.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from maskgan import files, images
from maskgan.errors import OutputError
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.requests import Request, clean_labels
from maskgan.evaluation.tasks import Plan, Tasks, drawn_requests

REQUESTS = "requests.json"


def write_requests(
    faces: Sequence[HeldOutFace], plan: Plan, output: str | Path, *, progress: bool = True
) -> int:
    """Writes all requests for faces of one size into the new folder `output`; how many there are.
    Raises `OutputError` when it is not empty or cannot be written."""
    folder = Path(output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} is not empty; name a new folder for the requests.")
    for name in ("photos", "labels", "wanted"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    tasks, size = Tasks(faces, plan), faces[0].photo.shape[0]
    by_face = [*(tasks.of(index) for index in range(len(faces))), *drawn_requests(plan, size)]
    described: list[dict[str, Any]] = []
    written: set[str] = set()
    for requests in tqdm(by_face, "write", unit=" faces", disable=None if progress else True):
        for request in requests:
            described.append(_describe(request, folder, written))
    text = json.dumps({"format": 1, "size": size, "requests": described}, indent=1)
    files.write_text(folder / REQUESTS, text + "\n")  # last: a folder without it is unfinished
    return len(described)


def _describe(request: Request, folder: Path, written: set[str]) -> dict[str, Any]:
    for face in (request.face, request.donor):
        if face is not None and face.name not in written:
            images.write(folder / "photos" / f"{face.name}.png", face.photo)
            images.write_labels(folder / "labels" / f"{face.name}.png", clean_labels(face))
            written.add(face.name)
    wanted = folder / "wanted" / f"{request.key}.png"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    images.write_labels(wanted, request.wanted)
    found: dict[str, Any] = {"picture": f"pictures/{request.key}.png", "task": request.task}
    found |= {"photo": f"photos/{request.face.name}.png"}
    found |= {"labels": f"labels/{request.face.name}.png", "wanted": f"wanted/{request.key}.png"}
    if request.donor is not None:
        found |= {
            "donor_photo": f"photos/{request.donor.name}.png",
            "donor_labels": f"labels/{request.donor.name}.png",
        }
    if request.look:
        found["look"] = list(request.look)
    if request.attributes:
        found["attributes"] = dict(request.attributes)
    return found
