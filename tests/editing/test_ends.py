"""Hair that goes beyond the lower border of a crop, and beyond its sides."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face as face_map

from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.editing import masks, regions
from maskgan.editing.beyond import Surrounded
from maskgan.editing.editor import Editor, Face
from maskgan.editing.ends import severed, shorn
from maskgan.labels import IDS, Labels, colorize

SIDE = 192
BACKGROUND, HAIR, NECK, CLOTH = (IDS[name] for name in ("background", "hair", "neck", "cloth"))
CUT = 60
"""Rows of the sample face below its crop."""


def long_haired(clothes: bool = True) -> Labels:
    """What is around a crop: a face whose hair falls to both sides, far beyond the crop."""
    labels = np.zeros((2 * SIDE, 2 * SIDE), np.uint8)
    crop = face_map(size=SIDE)
    crop[crop == CLOTH] = NECK
    crop[160:] = BACKGROUND
    crop[150:, 76:116] = NECK
    labels[SIDE // 4 : SIDE // 4 + SIDE, SIDE // 2 : SIDE // 2 + SIDE] = crop
    below = SIDE // 4 + SIDE
    labels[below:, 172:212] = NECK
    if clothes:
        labels[below + 4 :, 60:165] = labels[below + 4 :, 219:320] = CLOTH
    for left, right in ((130, 165), (219, 254)):
        part = labels[120 : below + 60, left:right]
        part[np.isin(part, (BACKGROUND, CLOTH))] = HAIR
    return labels


def around(labels: Labels) -> Surrounded:
    top, left = SIDE // 4, SIDE // 2
    window = slice(top, top + SIDE), slice(left, left + SIDE)
    similarity = Similarity(shift(left, top), 2 * SIDE)
    return Surrounded(similarity, colorize(labels), labels, window)


def test_what_a_crop_cuts_off() -> None:
    labels = around(long_haired())
    crop = labels.labels[labels.window]
    bald = masks.erase(crop, "hair")
    cut = severed(crop, bald)
    np.testing.assert_array_equal(cut[-1], (crop[-1] == HAIR) & (bald[-1] != HAIR))
    assert cut[-1].sum() > 40
    assert cut.sum() == cut[-1].sum()
    assert not severed(crop, crop).any()
    few = crop.copy()
    few[:, 40:42][few[:, 40:42] == HAIR] = BACKGROUND
    assert not severed(crop, few).any()
    # At its sides too, and not above: that is the crown's.
    wide = crop.copy()
    wide[:, :30] = wide[:20] = HAIR
    cut = severed(wide, masks.erase(wide, "hair"))
    assert cut[60:, 0].all()
    assert not cut[0, 40:150].any()


def test_ends_go_with_their_hair() -> None:
    labels = long_haired()
    shown = around(labels)
    before, asked = shorn(shown, masks.erase(labels[shown.window], "hair"))
    beyond = (labels == HAIR) & ~shown.inside
    beyond[: shown.window[0].start] = False
    assert beyond.sum() > 2000
    assert (before[beyond] == HAIR).all()
    assert not (asked[beyond] == HAIR).any()
    # They lie on clothes, and so does what nobody knew of in the crop.
    assert (asked[beyond] == CLOTH).mean() > 0.55
    low = shown.inside & (labels == HAIR) & (asked == CLOTH)
    assert low.sum() > 100
    # What stands off goes too, and the rest is as it was.
    same = ~regions.dilate(beyond, 9) & ~shown.inside
    np.testing.assert_array_equal(asked[same], labels[same])
    assert ((before == HAIR) & ~beyond & ~shown.inside).any()


def test_without_clothes_there_are_bare_shoulders() -> None:
    labels = long_haired(clothes=False)
    shown = around(labels)
    _, asked = shorn(shown, masks.erase(labels[shown.window], "hair"))
    beyond = (labels == HAIR) & ~shown.inside
    assert set(np.unique(asked[beyond]).tolist()) <= {BACKGROUND, NECK}


def test_what_the_parser_misses_of_a_body_is_told_by_its_colour() -> None:
    labels = long_haired()
    shown = around(labels)
    unseen = labels.copy()
    row, column = np.arange(2 * SIDE)[:, None], np.arange(2 * SIDE)[None]
    missed = (row > shown.window[0].stop + 30) & (column < 130) & (labels == CLOTH)
    unseen[missed] = BACKGROUND
    seen = Surrounded(shown.similarity, shown.pixels, unseen, shown.window)
    before, asked = shorn(seen, masks.erase(labels[shown.window], "hair"))
    beside = missed & regions.dilate(labels == HAIR, 5)
    assert beside.sum() > 100
    assert np.isin(before[beside], (CLOTH, HAIR)).mean() > 0.95
    assert (asked[beside] == CLOTH).mean() > 0.95
    # A wall is none of it.
    wall = (labels == BACKGROUND) & ~shown.inside & ~regions.dilate(labels != BACKGROUND, 4)
    assert not before[wall].any()


def test_hair_that_stays_keeps_its_ends() -> None:
    labels = long_haired()
    shown = around(labels)
    column = np.arange(SIDE)[None]
    crop = labels[shown.window]
    half = masks.erase(
        crop, (crop == HAIR) & (column < SIDE // 2) & (np.arange(SIDE)[:, None] > 90)
    )
    _, asked = shorn(shown, half)
    beyond = (labels == HAIR) & ~shown.inside
    left = beyond & (np.arange(2 * SIDE)[None] < SIDE)
    assert not (asked[left] == HAIR).any()
    assert (asked[beyond & ~left] == HAIR).all()
    # A lock that is cut out of much hair takes none along.
    lock = masks.erase(crop, (crop == HAIR) & (column > 40) & (column < 50))
    _, asked = shorn(shown, lock)
    assert (asked[beyond] == HAIR).all()


@pytest.fixture(scope="module")
def part(editor: Editor, face: Face) -> Face:
    """The sample face in a crop that cuts its hair off below; its photo shows all of it."""
    labels = np.zeros_like(face.labels)
    labels[CUT:] = face.labels[:-CUT]
    return editor.framed(face.photo, Similarity(shift(0, CUT), 512), labels)


def test_no_hair_is_left_below_a_crop(editor: Editor, part: Face, face: Face) -> None:
    hair = regions.erode(face.labels == HAIR, 3)
    hair[: 512 - CUT + 4] = False
    assert hair.sum() > 1000
    colour = np.median(face.crop[face.labels == HAIR], axis=0)
    result = editor.render(part, masks.erase(part.labels, "hair"))
    apart = np.abs(result.photo[hair] - colour).mean(axis=1)
    assert (apart > 40).mean() > 0.8
    # And where all stays as it was not a pixel differs.
    assert editor.render(part, part.labels).photo.tobytes() == face.photo.tobytes()
