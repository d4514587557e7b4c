"""The way from a face to its edit: its ends, and what moves between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from maskgan import samples
from maskgan.alignment.filters import gaussian, luma
from maskgan.editing import animation, attributes, regions, spectacles
from maskgan.editing.editor import Editor, Face
from maskgan.editing.layers import member
from maskgan.errors import ConfigError
from maskgan.images import Pixels
from maskgan.labels import IDS, PALETTE_A, colorize
from tiny_bundle import DILATE, SIDE, face_labels, write_bundle

OTHERS = tuple(reversed(PALETTE_A))


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Editor:
    return Editor.open(write_bundle(tmp_path_factory.mktemp("bundles") / "tiny"), threads=1)


@pytest.fixture(scope="module")
def face(editor: Editor) -> Face:
    """With grain, so that a pixel that is not the photo's shows."""
    grain = np.random.default_rng(0).integers(-9, 10, (SIDE, SIDE, 3))
    pixels = np.clip(colorize(face_labels()).astype(int) + grain, 0, 255).astype(np.uint8)
    return editor.photo(pixels, aligned=True, labels=face_labels())


@pytest.fixture(scope="module")
def way(editor: Editor, face: Face) -> list[Pixels]:
    labels = attributes.apply(face.labels, "smile", 1)
    return list(animation.frames(editor, face, labels, count=9))


def test_it_begins_with_the_photo_and_ends_with_the_edit(
    editor: Editor, face: Face, way: list[Pixels]
) -> None:
    labels = attributes.apply(face.labels, "smile", 1)
    result = editor.render(face, labels)
    assert result.changed.any()
    assert len(way) == 9
    np.testing.assert_array_equal(way[0], face.crop)
    np.testing.assert_array_equal(way[-1], result.crop)
    outside = ~regions.dilate(face.labels != labels, 2 * DILATE + 4)
    assert outside.any()
    for picture in way:
        np.testing.assert_array_equal(picture[outside], face.crop[outside])


def test_no_frame_is_a_jump(way: list[Pixels]) -> None:
    steps = [np.abs(a.astype(int) - b).sum() for a, b in pairwise(way)]
    assert max(steps) < 0.5 * sum(steps)
    # Slow at both ends.
    assert max(steps[0], steps[-1]) < max(steps[3:5])


def test_styles_come_gradually(editor: Editor, face: Face) -> None:
    other = editor.photo(colorize(face_labels(), OTHERS), aligned=True, labels=face_labels())
    hair = regions.erode(face.labels == IDS["hair"], 5)
    for style in ({"hair": other}, other):
        made = list(animation.frames(editor, face, face.labels, style, count=5))
        np.testing.assert_array_equal(made[-1], editor.render(face, face.labels, style).crop)
        means = [picture[hair].astype(float).mean(axis=0) for picture in made]
        np.testing.assert_allclose(means[0], PALETTE_A[13], atol=10)
        np.testing.assert_allclose(means[2], (means[0] + means[-1]) / 2, atol=3)
        np.testing.assert_allclose(means[-1], OTHERS[13], atol=10)


def test_a_style_of_a_region_that_the_face_lacks(editor: Editor, face: Face) -> None:
    hat = face_labels()
    hat[:14][hat[:14] == 13] = IDS["hat"]
    other = editor.photo(colorize(hat, OTHERS), aligned=True, labels=hat)
    made = list(animation.frames(editor, face, hat, {"hat": other}, count=4))
    np.testing.assert_array_equal(made[0], face.crop)
    np.testing.assert_array_equal(made[-1], editor.render(face, hat, {"hat": other}).crop)


def test_other_pictures_of_a_result(editor: Editor, face: Face) -> None:
    labels = attributes.apply(face.labels, "smile", 1)
    made = animation.frames(
        editor, face, labels, count=3, picture=lambda result: animation.shrunk(result.photo, 40)
    )
    assert [picture.shape for picture in made] == [(40, 40, 3)] * 3
    wide = np.zeros((30, 90, 3), np.uint8)
    assert animation.shrunk(wide, 45).shape == (15, 45, 3)
    assert animation.shrunk(wide, 90) is wide
    assert animation.shrunk(wide, None) is wide


@pytest.mark.parametrize("count", [1, 241])
def test_impossible_counts_are_refused_at_once(editor: Editor, face: Face, count: int) -> None:
    with pytest.raises(ConfigError, match="expected 2 to 240"):
        animation.frames(editor, face, face.labels, count=count)


def test_dyed_hair_is_the_persons_own_on_its_way() -> None:
    editor = Editor.open(threads=1)
    face = editor.photo(samples.FACE, aligned=True, labels=samples.LABELS)
    look = {"hair": face.style.coloured("#3c5abe")}
    made = list(animation.frames(editor, face, face.labels, look, count=5))
    hair = regions.erode(face.labels == IDS["hair"], 6)
    fine = [(luma(each) - gaussian(luma(each), 3))[hair] for each in made]
    for between in fine[1:-1]:
        assert np.corrcoef(fine[0], between)[0, 1] > 0.8
    blue = [each[hair][:, 2].mean() for each in made]
    assert (np.diff(blue) > 2).all()


@pytest.mark.parametrize("off", [False, True])
def test_spectacles_come_and_go_all_at_once(off: bool) -> None:
    editor = Editor.open(threads=1)
    own = editor.photo(samples.FACE, aligned=True, labels=samples.LABELS)
    worn = spectacles.put_on(own.labels)
    if off:
        photo = editor.render(own, worn).crop
        face, labels = editor.photo(photo, aligned=True, labels=worn), own.labels
    else:
        face, labels = own, worn
    way = list(animation.frames(editor, face, labels, count=5))
    frame = np.abs(way[0].astype(int) - way[-1]).mean(axis=2) > 30
    frame &= worn == IDS["eye_g"]
    assert frame.sum() > 1000
    # Half way each pixel of the frame is about as far, and further than a quarter of the way.
    gone = [np.abs(each.astype(float) - way[-1])[frame].mean() for each in way]
    assert gone[0] > gone[1] > gone[2] > gone[3]
    share = np.abs(way[1].astype(float) - way[0]).mean(axis=2)[frame] / gone[0]
    assert share.std() < 0.5 * share.mean()
    eyes = member(own.labels, (4, 5))
    assert max(np.abs(each.astype(float) - way[0])[eyes].mean() for each in way) < 12
