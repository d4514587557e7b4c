"""A cap, earrings and a necklace put on a face, as labels, and a hat that is taken off.

Each goes where it is worn: a cap on the head below its hair, with its hem above the brows; rings at
the lobes of the ears that are seen; a string of pearls around the neck, below chin, hair and
clothes. Labels are uint8 (H, W). Spectacles are `spectacles`.
"""

from __future__ import annotations

import numpy as np

from maskgan.alignment.landmarks import locate
from maskgan.editing import head, masks, regions, shapes
from maskgan.editing.layers import Classes, check, member, open_to
from maskgan.errors import LabelsError
from maskgan.labels import IDS, Labels

WIDE, HIGH = 1.1, 1.16
"""Half width and height of a cap over those of the head."""
THICK = 0.07
"""How far it stands off the head and short hair, in half heights."""
HEM, LOWER = 0.42, 0.16
"""How far above the eyes its hem is, and how much lower beside the head, in half heights of it."""
TUCK, TUCKED = 0.06, 0.1
"""How much narrower it is at its hem, in half widths, and how far up, in half heights."""
FLARE = 1.2
"""How fast hair that was pressed gets wider below the hem, in half widths per half height."""
CROWN = 0.5
"""How far from the middle the top of a head is looked for, in half widths of a cap."""
VISIBLE = 0.008
"""Least area of hair below a hat of somebody who has hair above as well, over the square of the
half height of the head."""
HAIRLINE, TEMPLES = 0.66, 0.4
"""How far above the eyes it begins, and how much lower beside the head, in half heights."""
FULL, UPPER = 0.12, 0.7
"""How far it stands off the head, likewise, and how far above the eyes all of this."""
RING, WIRE = 0.12, 0.021
"""Radius of an earring and half its thickness, over the distance between the eyes."""
EAR = 0.008
"""Least area of an ear that is seen, over the square of that distance."""
PEARL = 0.05
"""Radius of a pearl, likewise."""
LOW, SAG = 0.6, 0.28
"""Where the lowest pearl is between chin and the neck's lower end, and how much higher the string
is at its sides, over half its width."""
SHORT = 0.1
"""Least height of a neck that is seen, over the distance between the eyes."""

HEADS = tuple(IDS[name] for name in ("skin", "hair", "hat", "l_ear", "r_ear"))
"""What a cap is worn on."""
UNDER_CAP = ("background", "skin", "hair", "l_ear", "r_ear", "hat")
UNDER_RING = ("background", "skin", "hair", "l_ear", "r_ear", "neck", "cloth", "ear_r")
UNDER_PEARLS = ("neck", "neck_l")
"""What they cover, if nothing else is said. Arguments of all functions are as in `masks`."""


def put_on_cap(labels: Labels, *, only: Classes | None = None, locked: Classes = ()) -> Labels:
    """Labels (H, W) of the face in a cap, its hair pressed down beside it. Raises `LabelsError`
    where the labels show no face."""
    found = head.find(check(labels))
    if found is None:
        raise LabelsError(
            "These labels show no face to put a cap on; skin and at least one eye are needed. "
            "Paint them first."
        )
    row, column = np.ogrid[: labels.shape[0], : labels.shape[1]]
    across = np.abs(column - found.middle) / (WIDE * found.half_width)
    up = (found.level - row) / found.half_height
    hem = HEM - LOWER * np.minimum(across, 1) ** 2
    inside = member(labels, HEADS)
    tucked = across + TUCK * np.exp(-np.maximum(up - hem, 0) / TUCKED)
    # As high as the head and its hair, where the picture shows how high they are.
    crown = float((up * (inside & (across < CROWN))).max()) + THICK
    high = HIGH if inside[0].any() else min(HIGH, crown)
    cap = (tucked**2 + (up / high) ** 2 <= 1) & (up > hem)
    cap &= regions.dilate(inside, THICK * found.half_height)
    worn = masks.paint(labels, cap, "hat", UNDER_CAP if only is None else only, locked)
    below = hem - up
    rim = np.sqrt(1 - (HEM - LOWER) ** 2 / HIGH**2) - TUCK
    pressed = (below < 0) | ((across > rim + FLARE * below) & (below < 1 / FLARE))
    pressed &= worn == IDS["hair"]
    return masks.paint(worn, pressed & open_to(labels, only, locked), "background")


def take_off_hat(labels: Labels, *, only: Classes | None = None, locked: Classes = ()) -> Labels:
    """Labels (H, W) of the face without its hat, as `masks.erase` takes it away. Of whom hair is
    seen below it has hair where it was, from the hairline on; others are bald."""
    bare = masks.erase(labels, "hat", only=only, locked=locked)
    found = head.find(labels)
    hat = (labels == IDS["hat"]) & (bare != labels)
    if found is None or not hat.any():
        return bare
    if np.count_nonzero(labels == IDS["hair"]) < VISIBLE * found.half_height**2:
        return bare
    row, column = np.ogrid[: labels.shape[0], : labels.shape[1]]
    across = np.abs(column - found.middle) / found.half_width
    up = (found.level - row) / found.half_height
    grows = across**2 + up**2 <= (1 + FULL * np.clip(up / UPPER, 0, 1)) ** 2
    grows &= up > HAIRLINE - TEMPLES * np.minimum(across, 1) ** 2
    return masks.paint(bare, hat & grows, "hair", locked=locked)


def put_on_earrings(labels: Labels, *, only: Classes | None = None, locked: Classes = ()) -> Labels:
    """Labels (H, W) of the face with a ring in each ear that is seen. Raises `LabelsError` where
    none is."""
    apart, _ = _face(labels, "earrings")
    rings = np.zeros(labels.shape, np.bool_)
    angles = np.linspace(0, 2 * np.pi, 73)
    radius = RING * apart
    for ear in (labels == IDS["l_ear"], labels == IDS["r_ear"]):
        pieces = regions.components(ear)
        sizes = np.bincount(pieces[ear], minlength=1)
        if sizes.max() < EAR * apart**2:
            continue
        rows, columns = np.nonzero(ear & (pieces == np.argmax(sizes)))
        lobe = columns[rows > rows.max() - max(WIRE * apart, 1)].mean()
        ring = [
            (lobe + radius * np.sin(angle), rows.max() + radius * (0.8 - np.cos(angle)))
            for angle in angles
        ]
        rings |= shapes.stroke(labels.shape, ring, max(WIRE * apart, 0.5))
    if not rings.any():
        raise LabelsError(
            "These labels show no ear to hang an earring from; hair may cover both. Paint an ear, "
            "or the earring itself."
        )
    return masks.paint(labels, rings, "ear_r", UNDER_RING if only is None else only, locked)


def put_on_necklace(labels: Labels, *, only: Classes | None = None, locked: Classes = ()) -> Labels:
    """Labels (H, W) of the face with a string of pearls around its neck. Raises `LabelsError` where
    no neck is seen."""
    apart, middle = _face(labels, "a necklace")
    neck = member(labels, (IDS["neck"], IDS["neck_l"]))
    near = slice(max(round(middle - apart / 4), 0), round(middle + apart / 4) + 1)
    rows = np.flatnonzero(neck[:, near].any(axis=1))
    if rows.size < SHORT * apart:
        raise LabelsError(
            "These labels show no neck to lay a necklace around; paint more of it, or the necklace "
            "itself."
        )
    lowest = rows[0] + LOW * (rows[-1] - rows[0])
    sides = np.flatnonzero(neck[rows[0] : round(lowest) + 1].any(axis=0))
    left, right = float(sides[0]), float(sides[-1])
    half = max((right - left) / 2, 1)
    columns = np.linspace(left, right, 49)
    curve = ((columns - (left + right) / 2) / half) ** 2
    string = np.column_stack([columns, lowest - SAG * half * curve])
    pearls = shapes.stroke(labels.shape, list(map(tuple, string)), max(PEARL * apart, 1))
    return masks.paint(labels, pearls, "neck_l", UNDER_PEARLS if only is None else only, locked)


def _face(labels: Labels, what: str) -> tuple[float, float]:
    """The distance between the eyes of a face, and the column of their middle."""
    found = locate(check(labels))
    if found is None:
        raise LabelsError(
            f"These labels show no face to put {what} on; nose, mouth, and eyes or brows are "
            "needed. Paint them first."
        )
    eyes = found.points[:2]
    return float(np.hypot(*(eyes[1] - eyes[0]))), float(eyes[:, 0].mean())
