"""What hair hides: what comes to light where it goes, and what it goes on covering."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import affine, attributes, head, masks, parts, regions, underneath
from maskgan.labels import IDS, Labels

SKIN, HAIR, NECK, CLOTH = (IDS[name] for name in ("skin", "hair", "neck", "cloth"))
EARS = IDS["l_ear"], IDS["r_ear"]


def found(labels: Labels) -> head.Head:
    own = head.find(labels)
    assert own is not None
    return own


def long_haired() -> Labels:
    """A face of 512 pixels whose hair covers its ears and falls on its shoulders."""
    labels = face(size=512)
    column = np.arange(512)[None]
    falls = (np.abs(column - 256) < 200) & (np.arange(512)[:, None] > 200)
    labels[falls & np.isin(labels, (0, *EARS, CLOTH))] = HAIR
    return labels


def turned() -> Labels:
    """A face in whose left half hair covers the back of a head, its features to the right."""
    labels = face(8, hair=1.15)
    labels[:60, :40][labels[:60, :40] == SKIN] = HAIR
    labels[40:60, :40][labels[40:60, :40] == IDS["r_ear"]] = HAIR
    return labels


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
    given = underneath.still_covered(gone, labels, nowhere, held)
    assert (given == HAIR).sum() > 0
    np.testing.assert_array_equal(underneath.still_covered(gone, labels, nowhere, ~held), gone)
    np.testing.assert_array_equal(underneath.still_covered(gone, labels, ~held, held), gone)


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
    bare = underneath.reveal(labels, labels == HAIR)
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


def test_ears_come_to_light_where_their_hair_goes() -> None:
    labels = long_haired()
    bald = masks.erase(labels, "hair")
    for ear in EARS:
        shown = bald == ear
        rows, columns = np.nonzero(shown)
        own = found(labels)
        assert shown.sum() > 1000
        assert (labels[shown] == HAIR).all()
        assert (columns.mean() > own.middle) == (ear == IDS["l_ear"])
        assert own.level - 0.2 * own.half_height < rows.min() < rows.max() <= own.ears
    # As large on both sides of a face that looks at us.
    assert (bald == EARS[0]).sum() == pytest.approx((bald == EARS[1]).sum(), rel=0.1)


def test_a_stroke_of_the_eraser_shows_what_of_an_ear_it_meets() -> None:
    labels = long_haired()
    whole = masks.erase(labels, "hair") == EARS[0]
    rows = np.flatnonzero(whole.any(axis=1))
    upper = np.arange(512)[:, None] < rows.mean()
    erased = masks.erase(labels, (labels == HAIR) & upper)
    np.testing.assert_array_equal(erased == EARS[0], whole & upper)


def test_ears_that_are_seen_stay_the_only_ones() -> None:
    labels = face(size=512)
    bald = masks.erase(labels, "hair")
    for ear in EARS:
        assert not ((bald == ear) & ~regions.dilate(labels == ear, 30)).any()
        assert (bald == ear).sum() < 1.5 * (labels == ear).sum()


def test_under_anothers_hair_ears_show_as_theirs_do() -> None:
    labels, other = long_haired(), face(size=512, hair=0.9)
    short = parts.take_part(labels, other, "hair", align=True)
    assert min((short == ear).sum() for ear in EARS) > 800
    one = other.copy()
    one[one == EARS[0]] = HAIR
    half = parts.take_part(labels, one, "hair", align=True)
    assert not (half == EARS[0]).any()
    assert (half == EARS[1]).sum() > 800
    # Hair that is only moved goes on covering what it covers.
    moved = parts.move_part(labels, "hair", 12, 0)
    assert not np.isin(moved, EARS).any()


def test_tips_of_hair_that_new_ears_cut_off_go_and_others_stay() -> None:
    labels = face(size=512)
    labels[np.isin(labels, EARS)] = HAIR
    before = labels.copy()
    labels[240:300, 380:420] = EARS[0]
    labels[300:309, 360:440] = 0
    labels[300:306, 396:402] = HAIR
    labels[30:34, 20:24] = before[30:34, 20:24] = HAIR
    crumbs = underneath.crumbs(labels, before)
    assert crumbs[303, 399]
    assert not crumbs[32, 22]
    assert crumbs.sum() < 0.015 * (labels == HAIR).sum()
    assert not underneath.crumbs(before, before).any()


def test_beside_the_jaw_is_a_neck() -> None:
    labels = long_haired()
    labels[labels == NECK] = np.where(np.arange(512)[:, None] > 420, NECK, HAIR).repeat(512, 1)[
        labels == NECK
    ]
    own = found(labels)
    bald = masks.erase(labels, "hair")
    nape = own.nape(labels.shape) & (labels == HAIR)
    assert nape.sum() > 500
    assert (bald[nape] == NECK).all()


def ringed(x: int, y: int) -> Labels:
    """Long hair with an earring in it."""
    labels = long_haired()
    labels[y : y + 16, x : x + 8] = IDS["ear_r"]
    return labels


def test_an_earring_falls_with_the_hair_that_it_hung_in() -> None:
    labels = ringed(390, 400)
    assert (labels[398, 390:398] == HAIR).all()
    for bare in (
        masks.erase(labels, "hair"),
        attributes.apply(labels, "hair_length", -1),
        parts.take_part(labels, face(size=512, hair=0.9), "hair", align=True),
    ):
        assert not (bare == HAIR)[400:, 380:410].any()
        assert not (bare == IDS["ear_r"]).any()
    assert (masks.erase(labels, "hair", locked=["ear_r"]) == IDS["ear_r"]).sum() == 128
    assert (masks.erase(labels, "hair", only=["hair"]) == IDS["ear_r"]).sum() == 128


def test_an_earring_that_hangs_from_an_ear_stays() -> None:
    labels = long_haired()
    lobe = np.argwhere(masks.erase(labels, "hair") == IDS["l_ear"])[-1]
    labels = ringed(int(lobe[1]), int(lobe[0]) + 2)
    assert (masks.erase(labels, "hair") == IDS["ear_r"]).sum() == 128
    # Nor does one fall from hair that stays around it.
    stays = ringed(390, 330)
    far = (np.arange(512)[:, None] > 420) & (stays == HAIR)
    assert (masks.erase(stays, far) == IDS["ear_r"]).sum() == 128
