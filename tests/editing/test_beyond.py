"""What a photo shows around a crop: pixels, labels, and where the crop ends within it."""

from __future__ import annotations

import numpy as np
import pytest
from beyond_crops import CUT, cut_off

from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.editing import regions
from maskgan.editing.beyond import Surrounded, leaves
from maskgan.editing.editor import Editor, Face
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

HAIR = IDS["hair"]


@pytest.fixture(scope="module")
def around(editor: Editor, face: Face) -> Surrounded:
    """Those of the sample face, of which a crop shows all but the uppermost rows."""
    part = cut_off(editor, face)
    return Surrounded.of(part.photo, part.transform, part.labels, editor.parse)


def test_the_crop_lies_in_them_pixel_for_pixel(around: Surrounded, face: Face) -> None:
    rows, columns = around.window
    seen = around.pixels[rows.start : rows.start + 512 - CUT, columns]
    np.testing.assert_array_equal(seen, face.crop[CUT:])
    np.testing.assert_array_equal(
        around.pixels[rows.start - CUT : rows.start, columns], face.crop[:CUT]
    )
    assert around.inside.sum() == 512 * 512
    assert around.inside[around.window].all()


def test_the_parser_sees_the_hair_above_the_crop(around: Surrounded, face: Face) -> None:
    rows, columns = around.window
    seen = around.labels[rows.start - CUT : rows.start, columns] == HAIR
    true = face.labels[:CUT] == HAIR
    assert (seen & true).sum() > 0.85 * (seen | true).sum()


def test_beyond_the_photo_is_background(around: Surrounded) -> None:
    rows, columns = around.window
    assert not around.labels[: rows.start - CUT].any()
    assert not around.labels[:, : columns.start].any()


def test_clothes_that_only_begin_below_the_crop_are_seen(face: Face) -> None:
    def parse(picture: Pixels) -> Labels:
        seen = np.zeros(picture.shape[:2], np.uint8)
        seen[(picture == (10, 20, 200)).all(axis=2)] = IDS["cloth"]
        return seen

    photo = np.concatenate([face.photo, np.full((200, 512, 3), (10, 20, 200), np.uint8)])
    bare = np.where(face.labels == IDS["cloth"], IDS["neck"], face.labels).astype(np.uint8)
    shown = Surrounded.of(photo, np.eye(3), bare, parse)
    rows, columns = shown.window
    assert (shown.labels[rows.stop + 8 : rows.stop + 190, columns] == IDS["cloth"]).mean() > 0.9
    np.testing.assert_array_equal(shown.labels[shown.window], bare)
    # Beyond the photo nothing is seen, however much it looks like it.
    assert not shown.labels[rows.stop + 208 :].any()


def test_another_crop_is_shown_in_them(around: Surrounded) -> None:
    crop, labels = np.full((512, 512, 3), 7, np.uint8), np.full((512, 512), HAIR, np.uint8)
    shown = around.showing(crop, labels)
    assert (shown.pixels[shown.window] == 7).all()
    assert (shown.labels[shown.window] == HAIR).all()
    outside = ~shown.inside
    np.testing.assert_array_equal(shown.pixels[outside], around.pixels[outside])
    assert not (around.pixels[around.window] == 7).all()


def test_a_picture_that_begins_higher(around: Surrounded) -> None:
    above, box = around.above(CUT)
    np.testing.assert_array_equal(above.pixels, around.pixels[box])
    np.testing.assert_array_equal(above.labels, around.labels[box])
    assert box[0].start == around.window[0].start - CUT
    np.testing.assert_allclose(above.similarity.forward((3, 5)), (3, 5))


def test_other_people_keep_their_hair(editor: Editor, face: Face) -> None:
    group = np.hstack([face.crop, face.crop])
    similarities = [Similarity(shift(-left, -CUT), 512) for left in (0, 512)]
    part = editor.framed(group, similarities[0])
    alone, all_of_them = (
        Surrounded.of(group, part.transform, part.labels, editor.parse, others)
        for others in ((), similarities)
    )
    theirs = np.s_[:, all_of_them.window[1].stop + 20 :]
    assert (alone.labels[theirs] == HAIR).sum() > 1000
    assert not (all_of_them.labels[theirs] == HAIR).any()
    above = np.s_[: all_of_them.window[0].start, all_of_them.window[1]]
    assert (all_of_them.labels[above] == HAIR).sum() > 5000


@pytest.mark.parametrize(
    ("place", "found"),
    [((0, 200), True), ((200, 200), False), ((511, 200), False), ((200, 511), True)],
)
def test_what_leaves_a_crop_goes_on_in_the_photo(place: tuple[int, int], found: bool) -> None:
    region = np.zeros((512, 512), np.bool_)
    region[place] = True
    # The photo goes on above and to the right.
    assert leaves(region, shift(0, -60), (572, 600)) is found


def test_nothing_leaves_a_photo_that_is_the_crop() -> None:
    assert not leaves(np.ones((512, 512), np.bool_), np.eye(3), (512, 512))
    assert regions.bounding_box(np.zeros((4, 4), np.bool_)) is None
