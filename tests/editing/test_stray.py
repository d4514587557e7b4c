"""Single strands before the background: they go with their hair, and leaves stay."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.masks import erase
from maskgan.editing.stray import combed
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
BACKGROUND, HAIR = IDS["background"], IDS["hair"]
DARK, WALL = np.array((60, 40, 30)), np.array((190, 195, 185))


def scene() -> tuple[Pixels, Labels, regions.Region]:
    """Hair before a wall, from both sides of which strands hang into the air; where these are."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[100:400, 180:330] = HAIR
    strands = np.zeros((SIDE, SIDE), np.bool_)
    for start in range(120, 380, 24):
        for step in range(40):
            strands[start + step // 2, 172 - step] = strands[start + step // 2, 338 + step] = True
    noise = np.random.default_rng(0).normal(0, 1.5, (SIDE, SIDE, 1))
    crop = np.where((labels == HAIR)[:, :, None], DARK, WALL) + noise
    crop[strands] += 0.4 * (DARK - WALL)
    return crop.clip(0, 255).astype(np.uint8), labels, strands


def bald(labels: Labels) -> Labels:
    return np.where(labels == HAIR, BACKGROUND, labels).astype(np.uint8)


def test_strands_go_with_their_hair() -> None:
    crop, labels, strands = scene()
    made = combed(crop, labels, bald(labels))
    assert made is not None
    assert made.region[strands].mean() > 0.85
    assert not made.region[labels == HAIR].any()
    assert not (made.region & ~regions.dilate(strands, 3)).any()
    np.testing.assert_array_equal(made.crop[~made.region], crop[~made.region])
    differ = np.abs(made.crop.astype(float) - WALL)[strands & made.region]
    assert differ.mean() < 4
    assert np.abs(crop.astype(float) - WALL)[strands].mean() > 40


def test_those_of_hair_that_stays_stay() -> None:
    crop, labels, strands = scene()
    assert combed(crop, labels, labels) is None
    half = labels.copy()
    half[:, :255] = BACKGROUND
    made = combed(crop, labels, half)
    assert made is not None
    assert made.region[strands][np.nonzero(strands)[1] < 255].mean() > 0.85
    assert not made.region[:, 330:].any()
    # Hair that only a forehead comes to light below leaves nothing in the air.
    fringe = labels.copy()
    fringe[300:, 200:310] = IDS["skin"]
    assert combed(crop, labels, fringe) is None


def test_what_is_not_of_their_colour_or_thick_is_none() -> None:
    crop, labels, strands = scene()
    red = crop.copy()
    red[strands] = (210, 60, 50)
    assert combed(red, labels, bald(labels)) is None
    thick = crop.copy()
    thick[regions.dilate(strands, 8)] = DARK
    assert combed(thick, labels, bald(labels)) is None
    faint = crop.copy()
    faint[strands] = WALL
    assert combed(faint, labels, bald(labels)) is None


def test_a_background_full_of_such_things_keeps_them() -> None:
    crop, labels, _ = scene()
    column, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    twigs = ((row + column // 2) % 24 == 0) & (labels == BACKGROUND)
    crop[twigs] = (WALL + 0.4 * (DARK - WALL)).astype(np.uint8)
    made = combed(crop, labels, bald(labels))
    assert made is None or made.region[twigs].mean() < 0.05


@pytest.mark.parametrize("size", [256, 1024])
def test_it_is_the_same_in_other_sizes(size: int) -> None:
    crop, labels, strands = scene()
    if size > SIDE:
        crop, labels, strands = (
            each.repeat(size // SIDE, 0).repeat(size // SIDE, 1) for each in (crop, labels, strands)
        )
    else:
        step = SIDE // size
        means = crop.reshape(size, step, size, step, 3).mean(axis=(1, 3))
        crop, labels = means.astype(np.uint8), labels[::step, ::step].copy()
        strands = strands.reshape(size, step, size, step).any(axis=(1, 3))
    made = combed(crop, labels, bald(labels))
    assert made is not None
    assert made.region[strands].mean() > 0.8
    assert made.region.mean() < 3 * strands.mean() + 0.01


def test_the_editor_leaves_no_strands_in_the_air(editor: Editor, face: Face) -> None:
    wanted = erase(face.labels, "hair")
    air = (face.labels == BACKGROUND) & (wanted == BACKGROUND)
    hair = regions.dilate(face.labels == HAIR, 12)
    rows, columns = np.nonzero(air & ~hair & regions.dilate(hair, 30))
    strands = np.zeros(air.shape, np.bool_)
    strands[rows[columns % 20 < 2], columns[columns % 20 < 2]] = True
    assert strands.sum() > 500
    crop = face.crop.copy()
    crop[strands] = np.median(crop[face.labels == HAIR], axis=0)
    worn = editor.photo(crop, aligned=True, labels=face.labels)
    result = editor.render(worn, wanted)
    assert result.changed[strands].mean() > 0.8
    before, after = (
        np.abs(each.astype(float) - face.crop)[strands].mean() for each in (crop, result.crop)
    )
    assert after < 0.3 * before
    untouched = ~result.changed
    np.testing.assert_array_equal(result.crop[untouched], crop[untouched])
