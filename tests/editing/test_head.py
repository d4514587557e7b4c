"""Heads: where they are, another's hair on them, and what hair goes on covering."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import affine, head, parts
from maskgan.labels import IDS, Labels

SKIN, HAIR = IDS["skin"], IDS["hair"]


def found(labels: Labels) -> head.Head:
    own = head.find(labels)
    assert own is not None
    return own


def turned() -> Labels:
    """A face in whose left half hair covers the back of a head, its features to the right."""
    labels = face(8, hair=1.15)
    labels[:60, :40][labels[:60, :40] == SKIN] = HAIR
    labels[40:60, :40][labels[40:60, :40] == IDS["r_ear"]] = HAIR
    return labels


def test_a_head_is_what_its_face_says() -> None:
    own = found(face())
    assert own.middle == pytest.approx(48, abs=1)
    assert own.level == pytest.approx(44, abs=1)
    assert own.half_width == pytest.approx(25, abs=3)
    assert own.chin == pytest.approx(80, abs=2)
    assert own.level < own.ears < own.chin


def test_lenses_part_no_eyes_from_their_face() -> None:
    labels = face()
    before = found(labels)
    lens = np.zeros(labels.shape, np.bool_)
    lens[38:51, 30:66] = True
    labels[lens & ~np.isin(labels, (4, 5))] = IDS["eye_g"]
    after = found(labels)
    assert after.half_height == pytest.approx(before.half_height, abs=1)
    assert after.half_width == pytest.approx(before.half_width, abs=1)


def test_a_hand_or_a_wall_that_looks_like_skin_does_not_widen_it() -> None:
    labels = face()
    before = found(labels)
    labels[30:60, 88:] = SKIN
    after = found(labels)
    assert (after.middle, after.half_width) == (before.middle, before.half_width)


def test_a_piece_of_skin_that_is_larger_than_the_face_is_none() -> None:
    labels = face()
    labels[82:] = SKIN
    labels[:, 76:] = np.where(labels[:, 76:] == SKIN, SKIN, 0)
    labels[78:82] = IDS["cloth"]
    labels[4:] = np.where(labels[4:] == IDS["hair"], 0, labels[4:])
    wide = np.concatenate([labels, np.full((96, 96), SKIN, np.uint8)], axis=1)
    wide[:, 94:98] = 0
    own = found(wide)
    assert own.middle == pytest.approx(48, abs=2)
    # Eyes apart from all skin, and level with nothing.
    apart = np.zeros((96, 96), np.uint8)
    apart[2:4, 10:14], apart[60:62, 10:14] = IDS["l_eye"], IDS["r_eye"]
    apart[80:, 40:] = SKIN
    assert head.find(apart) is None


def test_without_eyes_or_skin_there_is_no_head() -> None:
    labels = face()
    labels[np.isin(labels, (4, 5))] = SKIN
    assert head.find(labels) is None
    assert head.find(np.full((96, 96), HAIR, np.uint8)) is None


def test_the_same_head_is_laid_on_itself_and_a_narrow_one_is_widened() -> None:
    own = found(face())
    np.testing.assert_allclose(head.laid_on(own, own), affine.matrix(), atol=1e-9)
    narrow = affine.warp(face(), affine.matrix(np.diag((0.8, 1.0)), about=(48, 48)))
    narrow[narrow == affine.ABSENT] = 0
    matrix = head.laid_on(found(narrow), own)
    assert matrix[0, 0] == pytest.approx(own.half_width / found(narrow).half_width)
    assert matrix[1, 1] == pytest.approx(1, abs=0.06)
    # Eyes' level and the face's middle come to lie where they are on the own head.
    x, y = matrix @ (found(narrow).middle, found(narrow).level, 1)
    assert (x, y) == pytest.approx((own.middle, own.level))


def test_hair_on_a_head_that_is_turned_leaves_no_bald_back() -> None:
    labels, other = turned(), face(hair=0.9)
    assert (found(labels).region & (labels == HAIR))[:40, :36].any()
    for align in (False, True):
        taken = parts.take_part(labels, other, "hair", align=align)
        above = np.s_[: found(labels).ears]
        lent = parts.affine.warp(
            np.where(np.isin(other, head.FACE), 1, affine.ABSENT).astype(np.uint8),
            head.laid_on(found(other), found(labels)) if align else affine.matrix(),
        )
        bald = (taken == SKIN) & (labels == HAIR) & (lent == affine.ABSENT)
        assert not bald[above].any(), align


def test_locked_hair_that_is_gone_stays_as_it_is() -> None:
    labels = face()
    held = np.zeros(labels.shape, np.bool_)
    gone = labels.copy()
    gone[labels == HAIR] = SKIN
    nowhere = np.zeros_like(held)
    given = head.still_covered(gone, labels, nowhere, held)
    assert (given == HAIR).sum() > 0
    np.testing.assert_array_equal(head.still_covered(gone, labels, nowhere, ~held), gone)
    np.testing.assert_array_equal(head.still_covered(gone, labels, ~held, held), gone)


def test_hair_that_its_picture_cut_off_above_is_closed_by_a_dome() -> None:
    other, labels = face(hair=1.25), face(0, 14)
    assert (other[0] == HAIR).sum() > 20
    taken = parts.take_part(labels, other, "hair", align=True)
    hair = taken == HAIR
    rows = np.flatnonzero(hair.any(axis=1))
    widths = hair.sum(axis=1)[rows[0] : rows[0] + 6]
    assert rows[0] > 0, "it does not reach up to the border"
    assert (np.diff(widths) >= 0).all()
    assert widths[0] < 0.7 * widths[-1]


def test_hair_that_is_not_cut_is_not_rounded() -> None:
    hair = face() == HAIR
    assert head.rounded(hair, 0.0) is hair
    assert head.rounded(hair, -3.0) is hair


@pytest.mark.parametrize("clothes", [True, False])
def test_below_hair_that_goes_there_is_a_neck_on_shoulders(clothes: bool) -> None:
    labels = face(size=512)
    labels[430:] = np.where(labels[430:] == IDS["neck"], IDS["neck"], IDS["background"])
    if clothes:
        labels[490:, 220:292] = IDS["cloth"]
    own = found(labels)
    beside = (labels == IDS["background"]) & (np.arange(512) > own.middle - 3 * own.half_width)
    beside[: own.chin - 60] = False
    labels[beside] = HAIR
    bare = head.reveal(labels, labels == HAIR)
    row = own.chin + round(0.02 * own.half_height)
    neck = np.isin(bare[row], (IDS["neck"], SKIN))
    assert neck.sum() == pytest.approx(2 * 0.65 * own.half_width, rel=0.1)
    assert bare[row, 0] == IDS["background"]
    shoulders = IDS["cloth"] if clothes else IDS["neck"]
    assert bare[-1, round(own.middle - own.half_width)] == shoulders
    # They slope down: the further from the neck the lower they begin.
    tops = [
        np.flatnonzero(bare[own.chin :, round(own.middle - away * own.half_width)] == shoulders)[0]
        for away in (1.0, 1.3)
    ]
    assert tops[0] < tops[1]
