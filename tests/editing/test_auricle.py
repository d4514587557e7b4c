"""The relief of new ears: a rim, a hollow and a lobe, and nothing of it where the photo has one."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import regions
from maskgan.editing.auricle import ASPECT, formed, shaded
from maskgan.editing.editor import Editor, Face
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

LEFT, RIGHT, SKIN, HAIR = (IDS[name] for name in ("l_ear", "r_ear", "skin", "hair"))
TINT, DARK = (205, 160, 140), (40, 30, 25)
EVEN = np.zeros(2)


def scene(size: int = 512) -> tuple[Pixels, Pixels, Labels, Labels, regions.Region]:
    """What was drawn, a photo, its labels, those of the drawing, and where it was drawn: ears come
    to light below hair, as pink ovals."""
    wanted = face(size=size)
    labels = wanted.copy()
    labels[np.isin(labels, (LEFT, RIGHT))] = HAIR
    photo = np.full((size, size, 3), 128, np.uint8)
    photo[np.isin(labels, (SKIN, IDS["nose"]))] = TINT
    photo[labels == HAIR] = DARK
    drawn = photo.copy()
    drawn[np.isin(wanted, (LEFT, RIGHT))] = (230, 140, 150)
    where = regions.changed_region(labels, wanted, 8 * size / 512)
    return drawn, photo, labels, wanted, where


def test_a_new_ear_has_the_colour_of_the_skin_beside_it_and_depth() -> None:
    drawn, *known = scene()
    made = formed(drawn, *known)
    wanted = known[2]
    for ear in (LEFT, RIGHT):
        inside = regions.erode(wanted == ear, 3)
        values = made[inside].astype(float)
        np.testing.assert_allclose(np.median(values, axis=0), TINT, atol=22)
        bright = values.mean(axis=1)
        assert bright.min() < 0.75 * np.mean(TINT)
        assert bright.max() > 1.0 * np.mean(TINT)
        assert drawn[inside].std(axis=0).max() == 0


def test_both_sides_are_mirrored() -> None:
    drawn, photo, labels, wanted, where = scene()
    photo[:], drawn[np.isin(wanted, (SKIN, IDS["nose"]))] = 128, TINT
    made = formed(drawn, photo, labels, wanted, where).astype(int)
    boxes = [regions.bounding_box(wanted == ear) for ear in (LEFT, RIGHT)]
    left, right = (made[box] for box in boxes)
    inside = regions.erode((wanted == LEFT)[boxes[0]], 4)
    assert np.abs(left - right[:, ::-1])[inside].max() <= 12


def test_only_new_ears_are_made() -> None:
    drawn, photo, labels, wanted, where = scene()
    made = formed(drawn, photo, labels, wanted, where)
    far = ~regions.dilate(np.isin(wanted, (LEFT, RIGHT)), 4)
    np.testing.assert_array_equal(made[far], drawn[far])
    # The photo shows one: it stays what it is.
    assert formed(drawn, photo, wanted, wanted, where) is drawn
    partly = labels.copy()
    upper = np.arange(512)[:, None] < 290
    partly[np.isin(wanted, (LEFT, RIGHT)) & upper] = wanted[np.isin(wanted, (LEFT, RIGHT)) & upper]
    assert formed(drawn, photo, partly, wanted, where) is drawn
    assert formed(drawn, photo, labels, wanted, np.zeros_like(where)) is drawn
    # In so few pixels nobody sees its relief.
    tiny = scene(64)
    assert formed(*tiny) is tiny[0]


@pytest.mark.parametrize("size", [128, 256])
def test_it_is_the_same_in_smaller_crops(size: int) -> None:
    drawn, *known = scene()
    large = formed(drawn, *known).astype(float)
    drawn, *known = scene(size)
    small = formed(drawn, *known).astype(float)
    step = 512 // size
    inside = regions.erode(known[2] == LEFT, 2)
    means = large.reshape(size, step, size, step, 3).mean(axis=(1, 3))
    assert np.abs(means - small)[inside].mean() < 14


def test_rims_are_bright_hollows_are_dark_and_light_falls_from_its_side() -> None:
    across, down = (np.arange(n) / n + 0.5 / n for n in (round(100 * ASPECT), 100))
    shade = shaded(across, down, 100.0, EVEN)
    assert shade.shape == (100, 55)
    concha, rim, lobe = shade[50:56, 18:26], shade[2:6, 30:40], shade[84:88, 10:18]
    assert concha.mean() < 0.75 < 0.95 < rim.mean()
    assert 0.9 < lobe.mean() < 1.15
    above, below = (shaded(across, down, 100.0, np.array((0.0, y))) for y in (1.0, -1.0))
    assert (above[0:4, 25:40] - below[0:4, 25:40]).mean() * (
        above[7:11, 25:40] - below[7:11, 25:40]
    ).mean() < 0


def test_a_bald_head_has_ears(editor: Editor, face: Face) -> None:
    labels = face.labels.copy()
    wanted = labels.copy()
    hidden = np.isin(labels, (LEFT, RIGHT))
    assert hidden.sum() > 1000
    labels[hidden] = HAIR
    crop = face.crop.copy()
    crop[hidden] = np.median(crop[labels == HAIR], axis=0)
    opened = editor.photo(crop, aligned=True, labels=labels)
    result = editor.render(opened, wanted, bending=False)
    for ear in (LEFT, RIGHT):
        inside = regions.erode(wanted == ear, 4)
        bright = result.crop[inside].mean(axis=1)
        assert np.ptp(np.quantile(bright, (0.05, 0.95))) > 0.2 * bright.mean()
