"""The 19 face classes of CelebAMask-HQ: names, ids, palettes, left/right pairs, the two orders.

A label map is an integer array (H, W) with values 0..18 in *order A*, the order of the dataset's
authors. A second order, here *order B*, is used by several popular face parsers; files in it look
right until they are edited, so `detect_order` recognises it by geometry.

"Left" and "right" are the person's own: `l_eye` has the larger x. Knows no tensors and no files.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]
Order = Literal["A", "B"]

LABELS: tuple[str, ...] = (
    "background",
    "skin",
    "nose",
    "eye_g",
    "l_eye",
    "r_eye",
    "l_brow",
    "r_brow",
    "l_ear",
    "r_ear",
    "mouth",
    "u_lip",
    "l_lip",
    "hair",
    "hat",
    "ear_r",
    "neck_l",
    "neck",
    "cloth",
)
"""Class names in order A; the index is the id. `l_lip` is the lower lip, `ear_r` an earring and
`neck_l` a necklace: none of the three is a side."""

NUM_CLASSES = len(LABELS)

IDS: dict[str, int] = {name: index for index, name in enumerate(LABELS)}
"""Class name -> id."""

TITLES: tuple[str, ...] = (
    "Background",
    "Skin",
    "Nose",
    "Glasses",
    "Left eye",
    "Right eye",
    "Left eyebrow",
    "Right eyebrow",
    "Left ear",
    "Right ear",
    "Mouth (inside)",
    "Upper lip",
    "Lower lip",
    "Hair",
    "Hat",
    "Earring",
    "Necklace",
    "Neck",
    "Clothes",
)
"""Names to show to people, in the same order."""

PALETTE_A: tuple[tuple[int, int, int], ...] = (
    (0, 0, 0),
    (204, 0, 0),
    (76, 153, 0),
    (204, 204, 0),
    (51, 51, 255),
    (204, 0, 204),
    (0, 255, 255),
    (51, 255, 255),
    (102, 51, 0),
    (255, 0, 0),
    (102, 204, 0),
    (255, 255, 0),
    (0, 0, 153),
    (0, 0, 204),
    (255, 51, 153),
    (0, 204, 204),
    (0, 51, 0),
    (255, 153, 51),
    (0, 204, 0),
)
"""RGB 0..255 per class as the dataset's authors publish it; the palette of label files. Its two
eyebrows cannot be told apart by eye, which is why screens use `PALETTE_SCREEN`."""

PALETTE_SCREEN: tuple[tuple[int, int, int], ...] = (
    (24, 24, 27),
    (240, 190, 160),
    (217, 119, 87),
    (20, 20, 60),
    (37, 99, 235),
    (125, 211, 252),
    (101, 67, 33),
    (180, 140, 90),
    (190, 90, 130),
    (240, 160, 190),
    (127, 29, 29),
    (225, 29, 72),
    (251, 113, 133),
    (250, 204, 21),
    (126, 34, 206),
    (250, 250, 250),
    (160, 160, 170),
    (200, 150, 120),
    (22, 120, 90),
)
"""RGB 0..255 per class for overlays on screen; never written into label files."""

SWAP_PAIRS: tuple[tuple[int, int], ...] = ((4, 5), (6, 7), (8, 9))
"""Ids that exchange when a face is mirrored: eyes, eyebrows, ears."""

MIRROR: tuple[int, ...] = (0, 1, 2, 3, 5, 4, 7, 6, 9, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18)
"""MIRROR[id] is the id of the same part on the other side."""

ORDER_B_TO_A: tuple[int, ...] = (0, 1, 6, 7, 4, 5, 3, 8, 9, 15, 2, 10, 11, 12, 17, 16, 18, 13, 14)
"""ORDER_B_TO_A[id in order B] is the id in order A."""

ALL_PARTS: tuple[str, ...] = LABELS[1:]
"""Names of the 18 parts that have files in CelebAMask-HQ; the background has none."""


def mirror(labels: Labels) -> Labels:
    """Labels (H, W) of the mirrored face: columns reversed and sides exchanged."""
    return np.asarray(MIRROR, np.uint8)[labels[:, ::-1]]


def exchange_sides(labels: Labels) -> Labels:
    """Labels (H, W) with left and right exchanged in place; puts right a map annotated the other
    way round."""
    return np.asarray(MIRROR, np.uint8)[labels]


def order_b_to_a(labels: Labels) -> Labels:
    """Labels (H, W) in order B -> the same map in order A."""
    return np.asarray(ORDER_B_TO_A, np.uint8)[labels]


def order_a_to_b(labels: Labels) -> Labels:
    """Labels (H, W) in order A -> the same map in order B."""
    return np.argsort(np.asarray(ORDER_B_TO_A)).astype(np.uint8)[labels]


def colorize(
    labels: Labels, palette: tuple[tuple[int, int, int], ...] = PALETTE_A
) -> NDArray[np.uint8]:
    """Labels (H, W) -> RGB picture uint8 (H, W, 3)."""
    return np.asarray(palette, np.uint8)[labels]


def sides_exchanged(labels: Labels) -> bool:
    """True where the annotation has left and right the wrong way round: of the pairs of eyes and
    eyebrows that are both present, all have the left one at the smaller x. Ears follow the eyes in
    such maps but are too often hidden to decide by."""
    votes = []
    for left, right in SWAP_PAIRS[:2]:
        x_left, x_right = _mean_x(labels == left), _mean_x(labels == right)
        if x_left is not None and x_right is not None:
            votes.append(x_left < x_right)
    return bool(votes) and all(votes)


def detect_order(labels: Labels) -> Order | None:
    """The order a face's label map (H, W) is written in, by geometry; None when neither fits
    clearly.

    A map is scored under both readings: the nose lies between the eyes and the lips, brows above
    the eyes, the hair above the nose, clothes below it, the neck between lips and clothes.
    """
    height = labels.shape[0]
    cells = labels + NUM_CLASSES * np.arange(height)[:, None]
    rows = np.bincount(cells.ravel(), minlength=NUM_CLASSES * height)
    rows = rows.reshape(height, NUM_CLASSES)  # pixels per row and class
    border = np.zeros(NUM_CLASSES, bool)  # classes that touch the left, right or lower border
    border[np.concatenate([labels[:, 0], labels[:, -1], labels[-1]])] = True
    from_b = np.argsort(ORDER_B_TO_A)
    scores = {
        "A": _plausibility(rows, border),
        "B": _plausibility(rows[:, from_b], border[from_b]),
    }
    if max(scores.values()) < 2 or abs(scores["A"] - scores["B"]) < 2:
        return None
    return "A" if scores["A"] > scores["B"] else "B"


def _plausibility(rows: NDArray[np.int64], border: NDArray[np.bool_]) -> int:
    """How many facts of a face's build hold minus how many do not, under order A. `rows` (H, 19)
    counts pixels per row and class, `border` (19,) tells which classes touch the border."""
    area = rows.sum(axis=0)
    height = rows.T @ np.arange(len(rows)) / np.maximum(area, 1)  # mean y
    above = (
        ("l_eye", "nose"),
        ("r_eye", "nose"),
        ("nose", "u_lip"),
        ("u_lip", "l_lip"),
        ("l_brow", "l_eye"),
        ("r_brow", "r_eye"),
        ("hair", "nose"),
        ("nose", "cloth"),
        ("nose", "neck"),
        ("neck", "cloth"),
    )
    score = 0
    for upper, lower in above:
        if area[IDS[upper]] and area[IDS[lower]]:
            score += 1 if height[IDS[upper]] < height[IDS[lower]] else -1
    smaller = (("l_eye", "skin"), ("nose", "skin"), ("l_brow", "skin"), ("u_lip", "skin"))
    for small, large in smaller:
        if area[IDS[small]]:
            score += 1 if area[IDS[small]] < area[IDS[large]] else -1
    # The nose touches neither side of the picture; clothes, hair and necklaces do.
    if area[IDS["nose"]]:
        score += -1 if border[IDS["nose"]] else 1
    return score


def _mean_x(region: NDArray[np.bool_]) -> float | None:
    columns = region.sum(axis=0)
    return float(columns @ np.arange(columns.size) / columns.sum()) if columns.any() else None
