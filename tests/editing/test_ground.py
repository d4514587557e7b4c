"""Ground that comes to light: the photo's colours and texture, and only where ground is new."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.ground import continued
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
BACKGROUND, HAIR, CLOTH = (IDS[name] for name in ("background", "hair", "cloth"))
GONE = (slice(150, 350), slice(180, 330))
"""Hair that makes room for ground."""
DRAWN = np.full((SIDE, SIDE, 3), (200, 30, 30), np.uint8)
"""A generator that is far off."""


def scene(ground: int = BACKGROUND) -> tuple[Pixels, Labels, Labels, np.ndarray]:
    """A wall that is darker to the left and grainy, with hair before it."""
    rng = np.random.default_rng(0)
    column = np.mgrid[0:SIDE, 0:SIDE][1]
    wall = (80 + column / 8) * (1 + rng.uniform(-0.1, 0.1, (SIDE, SIDE)))
    photo = np.stack([wall, wall, 0.5 * wall], axis=2).astype(np.uint8)
    labels = np.full((SIDE, SIDE), ground, np.uint8)
    labels[GONE] = HAIR
    photo[GONE] = 20
    wanted = np.full((SIDE, SIDE), ground, np.uint8)
    return photo, labels, wanted, regions.dilate(labels != wanted, 8)


@pytest.mark.parametrize("ground", [BACKGROUND, CLOTH, IDS["hat"]])
def test_it_goes_on_as_it_is_around(ground: int) -> None:
    photo, labels, wanted, where = scene(ground)
    found = continued(DRAWN, photo, labels, wanted, where).astype(float)
    for column in (200, 255, 310):
        part = found[180:320, column - 8 : column + 8]
        np.testing.assert_allclose(
            part.mean(axis=(0, 1)), np.array([1, 1, 0.5]) * (80 + column / 8), rtol=0.1
        )
    grain = [each[180:320, 200:310, 0].std() for each in (found, photo.astype(float))]
    assert grain[0] > 0.7 * photo[180:320, 30:140, 0].std()
    assert grain[1] == 0


def test_only_new_ground_is_filled() -> None:
    photo, labels, wanted, where = scene()
    wanted[200:300, 200:230] = IDS["l_ear"]
    wanted[200:300, 270:300] = IDS["neck"]
    found = continued(DRAWN, photo, labels, wanted, where)
    outside = ~where | (wanted != BACKGROUND)
    np.testing.assert_array_equal(found[outside], DRAWN[outside])
    # Bare skin gets an edge, and ground goes up to it.
    assert np.abs(found[250, 269].astype(int) - DRAWN[0, 0]).max() > 60


@pytest.mark.parametrize("off", [8, 60])
def test_a_rim_of_what_was_drawn_stays_where_it_is_not_seen(off: int) -> None:
    photo, labels, wanted, where = scene()
    wanted[200:300, 200:230] = IDS["l_ear"]
    photo[labels == BACKGROUND] = 100
    drawn = np.full_like(photo, 100 + off)
    found = continued(drawn, photo, labels, wanted, where)[250, :, 0].astype(int)
    # Away from the ear it is as dark as the wall, beside it only where a rim would be bright.
    assert found[270] == 100
    assert found[232] == (100 if off > 40 else pytest.approx(100 + 0.6 * off, abs=1.5))


def test_what_the_photo_hardly_shows_stays_as_drawn() -> None:
    photo, labels, wanted, where = scene()
    labels[:, :] = HAIR
    labels[:20, :20] = BACKGROUND
    assert continued(DRAWN, photo, labels, wanted, labels == HAIR) is DRAWN
    photo, labels, wanted, where = scene()
    assert continued(DRAWN, photo, labels, wanted, where, ()) is DRAWN
    assert continued(DRAWN, photo, labels, labels, where) is DRAWN


def test_the_editor_continues_the_background(editor: Editor, face: Face) -> None:
    hair = face.labels == HAIR
    row = np.argwhere(hair)[0, 0]
    wanted = face.labels.copy()
    wanted[: row + 60][hair[: row + 60]] = BACKGROUND
    result = editor.render(face, wanted)
    wall = np.median(face.crop[face.labels == BACKGROUND], axis=0)
    new = regions.erode((wanted == BACKGROUND) & hair, 10)
    assert new.sum() > 500
    assert np.abs(np.median(result.crop[new], axis=0) - wall).max() < 12
