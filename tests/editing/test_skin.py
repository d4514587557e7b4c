"""Skin that comes to light: the person's tint, and an edge against what is behind."""

from __future__ import annotations

import numpy as np

from maskgan.alignment.filters import gaussian
from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.masks import erase, paint_disc
from maskgan.editing.skin import bared
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
BACKGROUND, SKIN, HAIR, NECK = (IDS[name] for name in ("background", "skin", "hair", "neck"))
OWN, PINK = np.array([190.0, 150.0, 120.0]), np.array([190.0, 138.0, 138.0])


def scene() -> tuple[Pixels, Labels, Labels, regions.Region]:
    """A head whose hair goes, before a wall."""
    bald = paint_disc(np.zeros((SIDE, SIDE), np.uint8), (256, 256), 160, "skin")
    labels = bald.copy()
    labels[:230][bald[:230] == SKIN] = HAIR
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 6, (SIDE, SIDE, 1))
    photo = np.where((labels == SKIN)[:, :, None], OWN + grain, 60.0)
    photo[labels == BACKGROUND] = (90, 110, 210)
    where = regions.changed_region(labels, bald, 8)
    return photo.clip(0, 255).astype(np.uint8), labels, bald, where


def drawing(wanted: Labels) -> Pixels:
    """A generator whose skin is pink, darker to the right, and hazy where it ends."""
    column = np.mgrid[0:SIDE, 0:SIDE][1][:, :, None]
    drawn = np.where((wanted == SKIN)[:, :, None], PINK * (1.15 - 0.3 * column / SIDE), 0.0)
    drawn[wanted == BACKGROUND] = (90, 110, 210)
    haze = regions.dilate(wanted == BACKGROUND, 6) & regions.dilate(wanted == SKIN, 4)
    drawn[haze] = 128
    return drawn.astype(np.uint8)


def test_light_and_shade_stay_and_the_tint_is_the_persons() -> None:
    photo, labels, wanted, where = scene()
    drawn = drawing(wanted)
    found = bared(drawn, photo, labels, wanted, where).astype(float)
    part = np.s_[125:160, 200:312]
    mean = found[part].mean(axis=(0, 1))
    np.testing.assert_allclose(mean / mean.sum(), OWN / OWN.sum(), atol=0.012)
    left, right = (found[125:160, at : at + 20].mean() for at in (190, 300))
    before = [drawn[125:160, at : at + 20].astype(float).mean() for at in (190, 300)]
    np.testing.assert_allclose(left / right, before[0] / before[1], rtol=0.03)
    assert found[part][:, :, 1].std() > 2


def test_it_goes_on_from_the_skin_beside_it_without_a_step() -> None:
    photo, labels, wanted, where = scene()
    # In the shade of hair, and brighter to one side.
    shade = 0.8 + 0.2 * np.mgrid[0:SIDE, 0:SIDE][1][:, :, None] / SIDE
    photo = np.where((labels == SKIN)[:, :, None], photo * shade, photo).astype(np.uint8)
    drawn = drawing(wanted)
    made = np.where(where[:, :, None], drawn, photo)
    found = bared(made, photo, labels, wanted, where).astype(float)
    rim = np.flatnonzero(~where[:, 256] & (labels[:, 256] == SKIN))[0]
    steps = []
    for picture in (made.astype(float), found):
        above, below = (
            picture[rows, 150:362].mean(axis=0)
            for rows in (slice(rim - 8, rim - 2), slice(rim, rim + 6))
        )
        steps.append(np.abs(gaussian(above - below, 12.0)).mean())
    assert steps[1] < 3 < 10 < steps[0]


def test_wrinkles_are_not_repeated_where_there_is_smooth_skin() -> None:
    photo, labels, wanted, where = scene()
    smooth = bared(drawing(wanted), photo, labels, wanted, where).astype(float)
    lined = photo.astype(float)
    row = np.arange(SIDE)[:, None]
    lines = (labels == SKIN) & (row < 330) & (row // 3 % 4 == 0)
    lined[lines] -= 45
    found = bared(
        drawing(wanted), lined.clip(0, 255).astype(np.uint8), labels, wanted, where
    ).astype(float)
    part = np.s_[125:160, 200:312]
    assert found[part].mean(axis=2).std() < 1.3 * smooth[part].mean(axis=2).std()


def test_what_was_drawn_darker_than_any_shade_has_the_tint_of_the_person() -> None:
    photo, labels, wanted, where = scene()
    drawn = drawing(wanted)
    drawn[wanted == SKIN] = (78, 36, 16)
    found = bared(drawn, photo, labels, wanted, where).astype(float)
    mean = found[125:160, 200:312].mean(axis=(0, 1))
    np.testing.assert_allclose(mean / mean.sum(), OWN / OWN.sum(), atol=0.02)


def test_a_head_has_an_edge() -> None:
    photo, labels, wanted, where = scene()
    found = bared(drawing(wanted), photo, labels, wanted, where).astype(float)
    inside = regions.erode(wanted == SKIN, 1.5) & ~regions.erode(wanted == SKIN, 5)
    inside &= np.arange(SIDE)[:, None] < 200
    assert np.abs(found[inside].mean(axis=0) - OWN).max() < 25
    assert (found[inside][:, 0] > found[inside][:, 2] + 30).mean() > 0.95


def test_only_new_skin_is_made_and_only_of_skin_that_is_known() -> None:
    photo, labels, wanted, where = scene()
    drawn = drawing(wanted)
    found = bared(drawn, photo, labels, wanted, where)
    np.testing.assert_array_equal(found[~where], drawn[~where])
    assert bared(drawn, photo, labels, labels, where) is drawn
    hidden = np.where(labels == SKIN, np.uint8(HAIR), labels)
    assert bared(drawn, photo, hidden, wanted, where) is drawn


def test_the_editor_makes_a_head_bald_in_its_own_tint(editor: Editor, face: Face) -> None:
    wanted = erase(face.labels, "hair")
    result = editor.render(face, wanted)
    new = regions.erode((wanted == SKIN) & (face.labels == HAIR), 10)
    assert new.sum() > 2000
    own = regions.erode(face.labels == SKIN, 8)
    tints = [np.median(face.crop[own], axis=0), np.median(result.crop[new], axis=0)]
    tints = [each / each.sum() for each in tints]
    np.testing.assert_allclose(tints[1], tints[0], atol=0.025)
