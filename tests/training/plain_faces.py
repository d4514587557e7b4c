"""Faces of ellipses in a few lines of integer arithmetic: numbers recorded on them stay true when
the drawn faces change."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from maskgan import images
from maskgan.labels import IDS

COUNT, SIDE = 12, 64


def write_faces(folder: Path) -> Path:
    """A dataset folder of 10 training and 2 test faces of 64 px, as PNG."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    for index in range(COUNT):
        rng = np.random.default_rng([77, index])
        dx, dy, wide = (int(value) for value in rng.integers(-3, 4, 3))
        labels = np.zeros((SIDE, SIDE), np.uint8)
        for name, x, y, half_width, half_height in (
            ("hair", 32, 28, 24 + wide, 26),
            ("neck", 32, 56, 9, 14),
            ("cloth", 32, 68, 30, 12),
            ("skin", 32, 34, 17, 21),
            ("l_brow", 40, 23, 5, 2),
            ("r_brow", 24, 23, 5, 2),
            ("l_eye", 40, 28, 4, 2),
            ("r_eye", 24, 28, 4, 2),
            ("nose", 32, 36, 3, 6),
            ("u_lip", 32, 46, 7 + wide, 2),
            ("l_lip", 32, 49, 6, 2),
        ):
            inside = ((columns - x - dx) * half_height) ** 2 + ((rows - y - dy) * half_width) ** 2
            labels[inside <= (half_width * half_height) ** 2] = IDS[name]
        colors = rng.integers(30, 226, (19, 3))
        grain = rng.integers(-6, 7, (SIDE, SIDE, 3))
        images.write(folder / "images" / f"{index}.png", (colors[labels] + grain).astype(np.uint8))
        images.write_labels(folder / "labels" / f"{index}.png", labels)
    splits = {str(index): {"split": "train" if index < 10 else "test"} for index in range(COUNT)}
    (folder / "dataset.json").write_text(json.dumps({"format": 1, "faces": splits}))
    return folder
