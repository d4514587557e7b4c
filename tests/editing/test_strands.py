"""Strands in drawn hair: of the person's own, along the hair, as strong as they were, nowhere
else."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.masks import paint_polygon
from maskgan.editing.strands import comb
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
HAIR, SKIN = IDS["hair"], IDS["skin"]
OWN = (slice(0, SIDE), slice(0, 200))
NEW = (slice(0, SIDE), slice(200, 400))


def half() -> Labels:
    """Hair on the left, background on the right."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[OWN] = HAIR
    return labels


def longer() -> Labels:
    wanted = half()
    wanted[NEW] = HAIR
    return wanted


def stripes(slope: float, grey: float = 100.0, contrast: float = 20.0) -> Pixels:
    """A picture of strands that go `slope` pixels to the right in each row."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    wave = grey + contrast * np.sin((column - slope * row) * 2 * np.pi / 9)
    return np.repeat(wave[:, :, None], 3, axis=2).astype(np.uint8)


def flat(grey: int) -> Pixels:
    return np.full((SIDE, SIDE, 3), grey, np.uint8)


def combed(photo: Pixels, drawn: Pixels, wanted: Labels) -> Pixels:
    where = regions.dilate(wanted != half(), 6)
    return comb(drawn, photo, half(), wanted, where)


def direction(part: np.ndarray) -> float:
    """Angle of the strands of a grey part, in degrees from the row's direction, -90 to 90."""
    down, across = np.gradient(part.astype(float))
    even, odd = (down**2 - across**2).sum(), -2 * (down * across).sum()
    return float(np.degrees(np.arctan2(odd, even) / 2))


@pytest.mark.parametrize("slope", [0.0, 0.5, -0.4])
def test_new_hair_is_as_rich_as_the_old_and_runs_beside_it(slope: float) -> None:
    found = combed(stripes(slope), flat(100), longer())
    inner = found[60:450, 230:290, 0].astype(float)
    assert inner.std() > 0.7 * stripes(slope)[60:450, 40:100, 0].std()
    angle = direction(found[60:450, 225:260, 0])
    expected = direction(stripes(slope)[60:450, 40:100, 0])
    away = (angle - expected + 90) % 180 - 90
    assert abs(away) < 15, (angle, expected)


def test_black_hair_is_as_rich_as_fair_hair() -> None:
    """Else what is new of it is a black hood."""
    black = stripes(0, grey=10, contrast=6)
    found = combed(black, flat(10), longer())[60:450, 230:290, 0].astype(float)
    assert found.std() > 0.7 * black[60:450, 40:100, 0].std()


def test_strands_are_a_factor_on_brightness() -> None:
    bright, dark = (combed(stripes(0), flat(grey), longer()) for grey in (160, 40))
    ratio = bright[60:450, 230:380].std() / dark[60:450, 230:380].std()
    # Half of the way to the own colour is gone too.
    means = bright[60:450, 230:380].mean() / dark[60:450, 230:380].mean()
    assert ratio == pytest.approx(means, rel=0.1)
    assert 1.2 < means < 160 / 40


def test_colour_goes_towards_the_person_s_own() -> None:
    own = combed(stripes(0, grey=60), flat(160), longer())
    assert 60 < own[60:450, 230:380].mean() < 130


def test_what_is_far_from_new_hair_stays_as_drawn() -> None:
    wanted, drawn = longer(), flat(100)
    wanted[100:200, 250:300] = SKIN
    where = regions.dilate(wanted != half(), 20)
    found = comb(drawn, stripes(0), half(), wanted, where)
    far = ~regions.dilate((wanted == HAIR) & where, 17)
    np.testing.assert_array_equal(found[far], drawn[far])
    np.testing.assert_array_equal(found[~where], drawn[~where])
    again = comb(drawn, stripes(0), half(), wanted, where)
    np.testing.assert_array_equal(found, again)


def test_new_hair_ends_strand_by_strand_over_the_photo_and_not_over_what_was_drawn() -> None:
    photo, wanted = stripes(0), longer()
    photo[:, 200:] = 220  # a wall
    wanted[300:, 200:] = 0
    where = regions.dilate(wanted != half(), 20)
    found = comb(flat(60), photo, half(), wanted, where)
    np.testing.assert_array_equal(found[308:316, 240:380], 220)
    ends = (found[292:308, 240:380, 0] < 140).sum(axis=0)
    assert ends.std() > 0.25, "as if cut by a ruler"
    rim = found[294:306, 240:380, 0].mean(axis=1)
    assert (np.diff(rim) > 0).all(), "hair thins out"


def test_a_face_between_the_ends_of_strands_is_in_their_shade() -> None:
    """In the light it would be sparks along a fringe."""
    labels = np.full((SIDE, SIDE), SKIN, np.uint8)
    labels[:100] = HAIR
    wanted = labels.copy()
    wanted[100:200] = HAIR
    photo, drawn = flat(220), flat(220)
    photo[:100] = drawn[:100] = stripes(0, 60)[:100]
    drawn[100:200] = 60
    found = comb(drawn, photo, labels, wanted, regions.dilate(wanted != labels, 10))
    brightest = found[192:210:2, 100:400, 0].max(axis=1).astype(int)
    assert (np.diff(brightest) >= -3).all(), brightest


@pytest.mark.parametrize("hair", [0, 18])
def test_who_has_no_hair_gets_some_in_the_colour_of_the_brows(hair: int) -> None:
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[100:400, 20 : 20 + hair] = HAIR
    labels[200:215, 420:470] = IDS["l_brow"]
    photo = flat(200)
    photo[200:215, 420:470] = (60, 40, 20)
    found = comb(flat(160), photo, labels, longer(), longer() == HAIR)
    inner = found[60:450, 230:380].astype(float)
    assert inner.std(axis=(0, 1)).max() > 5, "no strands"
    red, green, blue = inner.mean(axis=(0, 1))
    assert 60 < red < 110
    assert red > green + 10
    assert green > blue + 10


def test_previews_get_the_hair_that_the_picture_will_have(
    editor: Editor, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In fewer pixels; what was drawn would jump to another colour when the pointer is released."""
    wanted = paint_polygon(face.labels, [(170, 60), (330, 60), (330, 170), (170, 170)], "hair")
    result = editor.render(face, wanted)
    preview = editor.render(face, wanted, detail=False)
    monkeypatch.setattr("maskgan.editing.finish.comb", lambda drawn, *_: drawn)
    plain = editor.render(face, wanted, detail=False)
    assert result.rendered == face.labels.shape[0]
    assert preview.rendered == plain.rendered
    assert preview.rendered < face.labels.shape[0]
    new = regions.erode((wanted == HAIR) & (face.labels != HAIR), 8)
    gaps = [
        np.abs(one.crop[new].astype(float).mean(0) - result.crop[new].astype(float).mean(0)).max()
        for one in (preview, plain)
    ]
    assert gaps[0] < 4
    assert gaps[0] < 0.5 * gaps[1]
    np.testing.assert_array_equal(preview.crop[~preview.changed], face.crop[~preview.changed])


def test_what_is_known_of_hair_is_remembered(editor: Editor, face: Face) -> None:
    """A second stroke asks for it again, and gets the same picture as with a new editor."""
    wanted = paint_polygon(face.labels, [(170, 60), (330, 60), (330, 170), (170, 170)], "hair")
    editor.render(face, wanted)
    again = editor.render(face, wanted)
    editor.forget()
    np.testing.assert_array_equal(editor.render(face, wanted).crop, again.crop)


def test_a_face_drawn_anew_takes_nothing_from_the_photo(
    editor: Editor, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = editor.render(face, face.labels, style=face)
    monkeypatch.setattr("maskgan.editing.finish.comb", lambda drawn, *_: drawn)
    np.testing.assert_array_equal(editor.render(face, face.labels, style=face).crop, drawn.crop)


@pytest.mark.parametrize(("grey", "drawn"), [(180, 20), (40, 200)])
def test_hair_that_was_dyed_goes_on_in_its_colour_however_it_was_drawn(
    grey: int, drawn: int
) -> None:
    found = combed(stripes(0.0, grey, 15), flat(drawn), longer())[100:400, 230:370].astype(float)
    assert found.mean() == pytest.approx(grey, rel=0.25)
