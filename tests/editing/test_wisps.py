"""Strands that leave the outline of hair: what hangs over a face goes with its hair."""

from __future__ import annotations

import math

import numpy as np
import pytest

from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.wisps import HANGING, SHADOW, hanging, share, without_gaps
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
HAIR, SKIN, BROW = IDS["hair"], IDS["skin"], IDS["l_brow"]
DARK, LIGHT = (40, 30, 25), (220, 170, 150)


def fringe() -> tuple[Pixels, Labels]:
    """A forehead with hair down to row 200, from which strands hang, and a brow below."""
    labels = np.full((SIDE, SIDE), SKIN, np.uint8)
    labels[:200] = HAIR
    labels[230:240, 220:300] = BROW
    crop = np.full((SIDE, SIDE, 3), LIGHT, np.uint8)
    crop[:200], crop[labels == BROW] = DARK, DARK
    crop[200:216, 100:400:20] = DARK
    crop[200:216, 101:400:20] = DARK
    return crop, labels


def shorn(labels: Labels, row: int = 120) -> Labels:
    wanted = labels.copy()
    wanted[row:200][wanted[row:200] == HAIR] = SKIN
    return wanted


def strands(crop: Pixels, labels: Labels) -> np.ndarray:
    return (crop == DARK).all(axis=2) & (labels == SKIN)


def test_strands_go_with_the_hair_they_hang_from() -> None:
    crop, labels = fringe()
    found = hanging(crop, labels, shorn(labels))
    hung = strands(crop, labels)
    assert found[hung].mean() > 0.98
    # Nothing but them, and what is beside them and below the hair.
    shadow = regions.dilate(labels == HAIR, SHADOW)
    assert not (found & ~regions.dilate(hung, 3) & ~shadow).any()
    assert found[200 : 200 + round(SHADOW) - 1].all()
    assert not found[labels != SKIN].any()


def test_hair_that_stays_keeps_its_strands() -> None:
    crop, labels = fringe()
    assert not hanging(crop, labels, labels).any()
    grown = labels.copy()
    grown[200:260, :60] = HAIR
    assert not hanging(crop, labels, grown).any()
    half = labels.copy()
    half[120:200, :150] = SKIN
    found = hanging(crop, labels, half)
    assert found[:, :150].any()
    assert not found[:, 150 + round(HANGING) + 2 :].any()


def test_hair_that_uncovers_background_asks_nothing_of_a_face() -> None:
    crop, labels = fringe()
    wanted = labels.copy()
    wanted[:200] = IDS["background"]
    assert not hanging(crop, labels, wanted).any()


def test_where_hair_and_skin_look_alike_nothing_can_be_told() -> None:
    crop, labels = fringe()
    crop[(crop == DARK).all(axis=2)] = np.array(LIGHT) - 12
    assert not hanging(crop, labels, shorn(labels))[200 + math.ceil(SHADOW) :].any()


@pytest.mark.parametrize("size", [128, 256])
def test_it_is_the_same_in_smaller_crops(size: int) -> None:
    crop, labels = fringe()
    step = SIDE // size
    small, few = crop[::step, ::step], labels[::step, ::step]
    found = hanging(small, few, shorn(labels)[::step, ::step])
    assert found[strands(small, few)].mean() > 0.9


def test_a_share_is_told_by_colour_near_the_outline_only() -> None:
    crop, labels = fringe()
    crop[300:304, 100:120] = DARK
    hair = labels == HAIR
    soft = hair[:, :, None].astype(np.float32)
    found = share(crop.astype(np.float32), hair, labels == SKIN, soft, 30.0, 1.0)[:, :, 0]
    assert found[205, 100] > 0.9
    assert found[205, 110] < 0.05
    assert found[100, 100] == 1
    assert found[301, 110] == 0


def test_a_fringe_is_painted_away_with_its_strands(editor: Editor, face: Face) -> None:
    wanted = face.labels.copy()
    hair = wanted == HAIR
    # The lowest rows of hair above the face, in each column.
    brow = np.nonzero(wanted == BROW)[0].min()
    forehead = hair & regions.dilate(wanted == SKIN, 16) & (np.arange(SIDE)[:, None] < brow)
    assert forehead.any()
    wanted[forehead] = SKIN
    crop = face.crop.copy()
    rows, columns = np.nonzero(~hair & regions.dilate(forehead, 10) & (face.labels == SKIN))
    hung = np.zeros(hair.shape, np.bool_)
    hung[rows[columns % 24 < 2], columns[columns % 24 < 2]] = True
    crop[hung] = crop[hair].mean(axis=0)
    worn = editor.photo(crop, aligned=True, labels=face.labels)
    # Bending would take them up with the hair.
    result = editor.render(worn, wanted, bending=False)
    assert result.changed[hung].mean() > 0.9
    strand, skin = (each[hung].mean() for each in (crop, face.crop))
    assert result.crop[hung].mean() > strand + 0.5 * (skin - strand)
    # Not under the brush, where every preview would wait for it.
    preview = editor.render(worn, wanted, bending=False, detail=False)
    assert preview.changed.sum() < result.changed.sum()


def loose() -> tuple[Pixels, Labels]:
    """Dark hair before a wall, whose outline encloses strands through which the wall is seen."""
    noise = np.random.default_rng(0).integers(-8, 9, (SIDE, SIDE, 1))
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[100:400, 100:400] = HAIR
    wall = np.ones((SIDE, SIDE), np.bool_)
    wall[100:400, 140:400] = False
    wall[100:400, 100:140:10] = wall[100:400, 101:140:10] = False
    crop = np.where(wall[:, :, None], (150, 160, 170), DARK) + noise
    return np.clip(crop, 0, 255).astype(np.uint8), labels


def test_what_is_seen_between_strands_is_no_hair() -> None:
    crop, labels = loose()
    hair = labels == HAIR
    found = without_gaps(crop.astype(np.float32), hair, labels == 0, 1.0)
    wall = crop.mean(axis=2) > 100
    gaps = regions.erode(hair & wall, 2)
    assert gaps.sum() > 2000
    assert not found[gaps].any()
    assert found[100:400, 150:400].all()
    assert found[hair & ~wall].mean() > 0.9
    assert not (found & ~hair).any()


def test_gloss_deep_within_hair_is_hair() -> None:
    crop, labels = loose()
    crop[240:260, 240:260] = 160
    hair = labels == HAIR
    found = without_gaps(crop.astype(np.float32), hair, labels == 0, 1.0)
    assert found[240:260, 240:260].all()
    # Nobody tells where all of it looks like what is behind it.
    crop[:] = 128
    assert without_gaps(crop.astype(np.float32), hair, labels == 0, 1.0)[hair].all()
