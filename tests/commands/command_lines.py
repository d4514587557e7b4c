"""Words of command lines that edit a drawn face, and what their files hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from maskgan.labels import IDS
from tiny_bundle import face_labels


def wanted() -> np.ndarray:
    labels = face_labels()
    labels[labels == IDS["u_lip"]] = IDS["nose"]
    return labels


def pixels(path: str | Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


EDIT = ("edit", "face.png", "--labels", "new.png", "--output", "out.png", "--aligned")


def edit(**changes: str) -> list[str]:
    """The words of a plain edit with another photo, labels or output."""
    given = {"photo": "face.png", "labels": "new.png", "output": "out.png"} | changes
    words = ["edit", given["photo"], "--labels", given["labels"], "--output", given["output"]]
    return [*words, "--aligned"]
