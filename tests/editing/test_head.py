"""Heads: where they are, their necks, and another's hair on them."""

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


def test_a_crown_is_not_above_the_hair_on_it() -> None:
    usual = found(face(size=256))
    assert not usual.region[: round(usual.level - 0.95 * usual.half_height)].any()
    assert usual.region[round(usual.level - 0.9 * usual.half_height)].any()
    flat = face(size=256)
    flat[: round(usual.level - 0.85 * usual.half_height)] = 0
    top = np.flatnonzero((flat == HAIR).any(axis=1))[0]
    own = found(flat)
    assert np.flatnonzero(own.region.any(axis=1))[0] > top
    # Where the picture ends there may be more of it.
    cut = face(size=256)[60:]
    assert cut[0].any()
    assert found(cut).region[0].any()


def test_a_neck_is_seen_beside_the_jaw() -> None:
    own = found(face(size=256))
    nape = own.nape((256, 256))
    rows, columns = np.nonzero(nape)
    assert rows.min() > own.ears
    assert rows.max() < own.chin
    assert not (nape & own.region).any()
    assert np.abs(columns - own.middle).max() <= 0.66 * own.half_width
    assert nape[own.chin - 2, round(own.middle - 0.6 * own.half_width)]
