"""What a parser sees and no face has: a second brow above the first, glasses on a cheek.

Such specks do no harm where labels are only looked at. An edit takes them for what they say they
are: brows that are raised take the speck on the forehead along.
"""

from __future__ import annotations

import numpy as np

from maskgan.editing import regions
from maskgan.editing.deformation import EYE_DISTANCE
from maskgan.editing.regions import Region
from maskgan.labels import IDS, Labels

SINGLE = tuple(IDS[name] for name in ("l_brow", "r_brow", "l_eye", "r_eye"))
"""Classes of which nothing lies above or below another piece of it."""
GLASSES = 0.15
"""Least area of glasses, in squares of the distance between the eyes."""
SKIN = IDS["skin"]


def plausible(labels: Labels) -> Labels:
    """Labels uint8 (S, S) of an aligned face without specks of brows, eyes and glasses, which
    become skin; the same array where there are none."""
    result = labels
    for index in SINGLE:
        result = _without(result, _above_each_other(labels, index))
    glasses = labels == IDS["eye_g"]
    least = GLASSES * (EYE_DISTANCE * labels.shape[0]) ** 2
    if 0 < np.count_nonzero(glasses) < least:
        result = _without(result, glasses)
    return result


def _above_each_other(labels: Labels, index: int) -> Region | None:
    """The pieces of a class, bool (S, S), that share columns with a larger piece."""
    box = regions.bounding_box(labels == index)
    if box is None:
        return None
    own = labels[box] == index
    numbers = regions.components(own)
    sizes = np.bincount(numbers[own], minlength=1)
    found = np.flatnonzero(sizes)
    if found.size < 2:
        return None
    specks = np.zeros(labels.shape, np.bool_)
    columns = np.zeros(own.shape[1], np.bool_)
    for number in found[np.argsort(-sizes[found], kind="stable")]:
        piece = own & (numbers == number)
        across = piece.any(axis=0)
        if (columns & across).any():
            specks[box] |= piece
        else:
            columns |= across
    return specks


def _without(labels: Labels, specks: Region | None) -> Labels:
    if specks is None or not specks.any():
        return labels
    return np.where(specks, np.uint8(SKIN), labels)
