"""Spectacles that a face puts on or takes off, as labels: lenses, a bridge between them, temples,
and the eyes that dark lenses hid.

As in CelebAMask-HQ, eyes and brows lie over the glasses in front of them. Labels are uint8 (H, W);
points are (x, y), pixel centres at whole numbers.
"""

from __future__ import annotations

import numpy as np

from maskgan.alignment.landmarks import locate
from maskgan.editing import masks, regions, shapes
from maskgan.editing.layers import Classes, check, member
from maskgan.editing.regions import Region
from maskgan.errors import LabelsError
from maskgan.labels import IDS, Labels

LENS, WIDER = 0.34, 1.15
"""Radius of a lens over the distance between the eyes, and how much wider it is than high."""
WIRE = 0.035
"""Half the width of bridge and temples, likewise."""
DOWN = 0.06
"""How far below the eye a lens has its middle, likewise."""
EYE = (
    (-0.2, 0.03),
    (-0.12, -0.06),
    (0.0, -0.095),
    (0.12, -0.07),
    (0.2, 0.0),
    (0.09, 0.065),
    (-0.09, 0.07),
)
"""Outline of an eye about its middle, in distances between the eyes, the outer corner last."""
BROW = (
    (-0.28, -0.25),
    (-0.12, -0.33),
    (0.1, -0.36),
    (0.3, -0.25),
    (0.1, -0.26),
    (-0.1, -0.22),
    (-0.26, -0.14),
)
"""The same of the brow above it."""
EYE_SEEN, BROW_SEEN = 0.0095, 0.012
"""Areas of an eye and a brow, in squares of that distance, below which a lens is too dark to tell
them: of eyes without spectacles one in a hundred is smaller than 0.0136."""
AROUND = 0.06
"""How far beyond spectacles what they hid may reach, over the side."""
UNDER = ("background", "skin", "nose", "l_ear", "r_ear", "hair", "eye_g")
"""What spectacles cover, if nothing else is said."""


def put_on(labels: Labels, *, only: Classes | None = None, locked: Classes = ()) -> Labels:
    """Labels (H, W) of the face with spectacles. `only` and `locked` as in `masks`; None = all but
    eyes, brows and what is worn. Raises `LabelsError` where the labels show no face."""
    found = locate(check(labels))
    if found is None:
        raise LabelsError(
            "These labels show no face to put spectacles on; nose, mouth, and eyes or brows are "
            "needed. Paint them first."
        )
    eyes = found.points[:2]  # a hidden one is where it would be
    apart = float(np.hypot(*(eyes[1] - eyes[0])))
    across = (eyes[1] - eyes[0]) / apart
    middles = eyes + DOWN * apart * np.array([-across[1], across[0]])
    worn = np.zeros(labels.shape, np.bool_)
    for middle in middles:
        worn |= _lens(labels.shape, middle, across, LENS * apart)
    wire = max(WIRE * apart, 0.5)
    edge = WIDER * LENS * apart
    worn |= shapes.stroke(labels.shape, [tuple(middle) for middle in middles], wire)
    face = member(labels, (IDS["skin"], IDS["nose"]))
    for side, middle in ((-1, middles[0]), (1, middles[1])):
        end = _last_of(face, middle, side * across)
        reach = float(np.hypot(*(end - middle)))
        if reach > edge:
            hinge = middle + side * across * (edge - wire)
            worn |= shapes.stroke(labels.shape, [tuple(hinge), tuple(end)], wire)
    return masks.paint(labels, worn, "eye_g", UNDER if only is None else only, locked)


def take_off(labels: Labels, *, only: Classes | None = None, locked: Classes = ()) -> Labels:
    """Labels (H, W) of the face without its spectacles, as `masks.erase` takes them away. Eyes that
    dark lenses hid, and their brows, are put where they would be. `only` and `locked` as in
    `masks`."""
    bare = masks.erase(labels, "glasses", only=only, locked=locked)
    found, gone = locate(labels), labels != bare
    if found is None or not gone.any():
        return bare
    hidden = regions.dilate(gone, AROUND * labels.shape[0])
    right, left = found.points[:2]
    along = left - right
    turn, apart = np.array([along, (-along[1], along[0])]), float(np.hypot(*along))
    over = ("skin", "nose") if only is None else only
    for side, middle, eye, brow in ((-1, right, "r_eye", "r_brow"), (1, left, "l_eye", "l_brow")):
        if np.count_nonzero(labels == IDS[eye]) >= EYE_SEEN * apart**2:
            continue
        outlines = [(eye, EYE)]
        if np.count_nonzero(labels == IDS[brow]) < BROW_SEEN * apart**2:
            outlines.append((brow, BROW))
        for name, outline in outlines:
            drawn = shapes.polygon(labels.shape, middle + (np.array(outline) * (side, 1)) @ turn)
            bare = masks.paint(bare, drawn & hidden, name, over, locked)
    return bare


def _lens(shape: tuple[int, ...], middle: np.ndarray, across: np.ndarray, radius: float) -> Region:
    """An ellipse, wider along `across`."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    x, y = columns - middle[0], rows - middle[1]
    along = (x * across[0] + y * across[1]) / WIDER
    lens: Region = along**2 + (y * across[0] - x * across[1]) ** 2 <= radius**2
    return lens


def _last_of(region: Region, start: np.ndarray, way: np.ndarray) -> np.ndarray:
    """The last point of a region on a line from a point, which may have gaps of brows or eyes."""
    height, width = region.shape
    steps = np.arange(max(height, width))
    points = start + steps[:, None] * way
    columns, rows = np.rint(points).astype(int).T
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    seen = region[rows[inside], columns[inside]]
    last: np.ndarray = points[inside][np.flatnonzero(seen)[-1]] if seen.any() else start
    return last
