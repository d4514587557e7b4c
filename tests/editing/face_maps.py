"""Simple label maps of faces, drawn with ellipses."""

from __future__ import annotations

import numpy as np

from maskgan.labels import IDS, Labels

SIZE = 96


def face(
    dx: int = 0, dy: int = 0, *, size: int = SIZE, mouth: float = 1.0, hair: float = 1.0
) -> Labels:
    """A frontal face with hair, ears, brows, eyes, nose, open mouth, neck and clothes; `mouth` and
    `hair` scale these, (dx, dy) shifts the features of the face."""
    labels = np.zeros((size, size), np.uint8)
    y, x = np.mgrid[:size, :size] * (SIZE / size)

    def ellipse(name: str, cx: float, cy: float, rx: float, ry: float) -> None:
        labels[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1] = IDS[name]

    ellipse("hair", 48, 40, 32 * hair, 36 * hair)
    labels[y >= 84] = IDS["cloth"]
    labels[(y >= 70) & (y < 86) & (np.abs(x - 48) <= 12)] = IDS["neck"]
    ellipse("r_ear", 22, 50, 4, 8)
    ellipse("l_ear", 74, 50, 4, 8)
    ellipse("skin", 48, 48, 24, 32)
    # The person's right side is at the smaller x.
    for side, eye, brow in ((-1, "r_eye", "r_brow"), (1, "l_eye", "l_brow")):
        ellipse(eye, 48 + dx + side * 10, 44 + dy, 4, 2.2)
        ellipse(brow, 48 + dx + side * 10, 37 + dy, 6, 1.6)
    ellipse("nose", 48 + dx, 53 + dy, 4, 6)
    ellipse("u_lip", 48 + dx, 65 + dy, 8 * mouth, 4 * mouth)
    labels[(labels == IDS["u_lip"]) & (y > 65 + dy)] = IDS["l_lip"]
    ellipse("mouth", 48 + dx, 65 + dy, 5 * mouth, 1.6 * mouth)
    return labels
