"""What a parser sees and no face has: a second brow above the first, glasses on a cheek, skin in
the middle of grey hair, leaves that are hair, a hat of hair, crumbs of hair on a collar.

Such specks do no harm where labels are only looked at. An edit takes them for what they say they
are: brows that are raised take the speck on the forehead along, hair that is dyed keeps white
patches, and hair with more volume drags a hedge along and makes tufts of crumbs.
"""

from __future__ import annotations

import math

import numpy as np

from maskgan.editing import foliage, grey_hair, regions
from maskgan.editing.deformation import EYE_DISTANCE
from maskgan.editing.masks import clean_islands
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SINGLE = tuple(IDS[name] for name in ("l_brow", "r_brow", "l_eye", "r_eye"))
"""Classes of which nothing lies above or below another piece of it."""
GLASSES = 0.15
"""Least area of glasses, in squares of the distance between the eyes."""
BACKGROUND, SKIN, HAIR, HAT = (IDS[name] for name in ("background", "skin", "hair", "hat"))
SMALL = 20000.0
"""Area of a crop of `FRAME` below which a hat is looked at: most hats are larger."""
ALIKE = 24.0
"""Distance between its mean colour and that of hair beside it, in grey levels, up to which it is
hair."""
ROOTS, SEEN = 40.0, 1500.0
"""Distance from it of this hair, and its least area."""
LARGE = ("background", "skin", "l_ear", "r_ear", "neck", "hair", "hat", "cloth")
"""Classes that are never as small as a crumb; earrings are."""
CRUMB = 64
"""Pixels of a crop of `FRAME` of the smallest piece of these."""
LEAST = 12.0
"""Pixels of a crop of `FRAME` of the smallest piece of skin whose colour is looked at."""
BESIDE = 8.0
"""Distance from such a piece of the hair that it is compared with, likewise."""
WITHIN = 0.9
"""Share of what touches it that is hair."""


def plausible(labels: Labels, crop: Pixels) -> Labels:
    """Labels uint8 (S, S) of an aligned face, the crop uint8 (S, S, 3), without specks, leaves and
    crumbs, and with hair where pieces of skin in it, or a hat on it, have its colour and where it
    is grey; the same array where there is nothing of this."""
    result = without_specks(labels)
    leaves = foliage.seen_as_hair(result, crop)
    if leaves is not None:
        result = np.where(leaves, np.uint8(BACKGROUND), result)
    for unseen in (seen_as_hat, seen_as_skin, grey_hair.unseen):
        hair = unseen(result, crop)
        if hair is not None:
            result = np.where(hair, np.uint8(HAIR), result)
    return without_crumbs(result)


def without_specks(labels: Labels) -> Labels:
    """Labels uint8 (S, S) of an aligned face whose specks of brows, eyes and glasses are skin; the
    same array where there are none."""
    result = labels
    for index in SINGLE:
        result = _without(result, _above_each_other(labels, index))
    glasses = labels == IDS["eye_g"]
    least = GLASSES * (EYE_DISTANCE * labels.shape[0]) ** 2
    if 0 < np.count_nonzero(glasses) < least:
        result = _without(result, glasses)
    return result


def without_crumbs(labels: Labels) -> Labels:
    """Labels uint8 (S, S) of an aligned face whose crumbs of `LARGE` are what is around them; the
    same array where there are none."""
    clean = clean_islands(labels, LARGE, round(CRUMB * (labels.shape[0] / FRAME) ** 2))
    return labels if np.array_equal(clean, labels) else clean


def seen_as_hat(labels: Labels, crop: Pixels) -> Region | None:
    """The hat of labels uint8 (S, S) that is hair in the crop uint8 (S, S, 3), bool (S, S), as that
    on a head that is close-cropped at its sides; None where there is none."""
    pixel, hat = labels.shape[0] / FRAME, labels == HAT
    box = regions.bounding_box(hat, math.ceil(ROOTS * pixel))
    if box is None or np.count_nonzero(hat) > SMALL * pixel**2:
        return None
    beside = regions.dilate(hat[box], ROOTS * pixel) & (labels[box] == HAIR)
    if np.count_nonzero(beside) < SEEN * pixel**2:
        return None
    colours = [crop[box][part].mean(axis=0) for part in (hat[box], beside)]
    return hat if np.linalg.norm(colours[0] - colours[1]) <= ALIKE else None


def seen_as_skin(labels: Labels, crop: Pixels) -> Region | None:
    """The pieces of skin within hair, bool (S, S), whose mean colour is nearer to that of the hair
    around them than to that of the face; None where there are none."""
    pixel, skin = labels.shape[0] / FRAME, labels == SKIN
    box = regions.bounding_box(skin, 1)
    if box is None:
        return None
    numbers, inside = regions.components(skin[box]), skin[box]
    sizes = np.bincount(numbers[inside])
    pieces = np.flatnonzero(sizes >= LEAST * pixel**2).tolist()
    largest = int(sizes.argmax())
    face = crop[box][(numbers == largest) & inside].mean(axis=0)
    found = np.zeros(labels.shape, np.bool_)
    for number in pieces:
        if number == largest:
            continue
        piece = np.zeros(labels.shape, np.bool_)
        piece[box] = inside & (numbers == number)
        near = regions.bounding_box(piece, round(BESIDE * pixel) + 1)
        assert near is not None, "a piece has pixels"
        own, hair = piece[near], labels[near] == HAIR
        if hair[regions.dilate(own, 1) & ~own].mean() < WITHIN:
            continue
        colour = crop[near][own].mean(axis=0)
        around = crop[near][regions.dilate(own, BESIDE * pixel) & hair].mean(axis=0)
        if np.linalg.norm(colour - around) < np.linalg.norm(colour - face):
            found |= piece
    return found if found.any() else None


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
