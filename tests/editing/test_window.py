"""Where an edit is rendered: at which scale and on which parts of the crop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskgan.editing import window
from maskgan.editing.regions import Box
from maskgan.editing.window import FULL, MANY, MOST, QUICK, Care
from maskgan.manifest import STRIDE

SIDES = (64, 256, 300, 512, 1024)


def box(left: int, top: int, width: int, height: int) -> Box:
    return slice(top, top + height), slice(left, left + width)


def region(side: int, *boxes: Box) -> np.ndarray:
    found = np.zeros((side, side), np.bool_)
    for each in boxes:
        found[each] = True
    return found


@given(
    side=st.sampled_from(SIDES),
    shares=st.tuples(*[st.floats(0, 0.99)] * 2, *[st.floats(0, 1)] * 2),
    detail=st.sampled_from([256, 384, 512]),
    care=st.sampled_from([FULL, QUICK]),
)
@settings(max_examples=80, deadline=None)
def test_a_window_holds_its_piece_with_room_and_costs_no_more_than_it_may(
    side: int, shares: tuple[float, float, float, float], detail: int, care: Care
) -> None:
    left, top = int(shares[0] * side), int(shares[1] * side)
    width = 1 + int(shares[2] * (side - left - 1))
    height = 1 + int(shares[3] * (side - top - 1))
    view = window.around(box(left, top, width, height), side, 256, detail, care)
    assert 256 <= view.side <= max(256, min(detail, side))
    scale, margin = view.side / side, 48 if care is FULL else 24
    for axis, start, length in zip(view.box, (top, left), (height, width), strict=True):
        assert axis.start % STRIDE == axis.stop % STRIDE == 0
        assert 0 <= axis.start <= max(0, start * scale - margin)
        assert view.side >= axis.stop >= min(view.side, (start + length) * scale + margin)
        # As large as training crops, but for what lies beyond the border.
        assert axis.stop - axis.start >= care.least * 256 / 2
    assert view.area <= (care.most if view.side > 256 else 1) * 256**2


def test_small_edits_are_rendered_at_the_crops_own_size_and_large_ones_below() -> None:
    mouth = box(190, 340, 130, 80)
    view = window.around(mouth, 512, 256, 512)
    assert (view.side, view.box) == (512, (slice(288, 480), slice(128, 368)))
    assert window.around(box(100, 20, 300, 100), 512, 256, 512).side == 384
    whole = window.around(box(0, 0, 512, 512), 512, 256, 512)
    assert (whole.side, whole.box) == (256, (slice(0, 256),) * 2)
    assert window.around(mouth, 512, 256, 256).side == 256


@pytest.mark.parametrize("width", range(20, 200, 20))
def test_an_edit_that_grows_keeps_its_grid(width: int) -> None:
    one = window.around(box(150, 150, width, 40), 512, 256, 512)
    two = window.around(box(150, 150, width + 3, 40), 512, 256, 512)
    assert one.side == two.side == 512
    assert all((a.start - b.start) % STRIDE == 0 for a, b in zip(one.box, two.box, strict=True))


@given(
    side=st.sampled_from((256, 300, 512)),
    corners=st.lists(st.tuples(*[st.floats(0, 0.9)] * 2), min_size=1, max_size=12),
    length=st.floats(0.01, 0.3),
    care=st.sampled_from([FULL, QUICK]),
)
@settings(max_examples=60, deadline=None)
def test_the_pieces_of_a_plan_are_the_region(
    side: int, corners: list[tuple[float, float]], length: float, care: Care
) -> None:
    width = max(int(length * side), 1)
    where = region(side, *(box(int(x * side), int(y * side), width, width) for x, y in corners))
    views = window.plan(where, 256, 512, care)
    total = np.zeros(where.shape, np.int32)
    for view, part in views:
        assert part.any()
        assert not (part & ~region(side, view.piece)).any()
        total += part
    np.testing.assert_array_equal(total, where)
    assert len(views) == 1 or sum(view.area for view, _ in views) <= MOST * 256**2


def test_what_is_strewn_over_a_face_is_few_pieces() -> None:
    specks = np.zeros((512, 512), np.bool_)
    specks[8::24, 8::24] = True
    views = window.plan(specks, 256, 512)
    assert len(views) <= MANY
    np.testing.assert_array_equal(np.sum([part for _, part in views], axis=0), specks)


def test_pieces_far_apart_are_each_as_fine_as_alone() -> None:
    lips, brow = box(200, 380, 60, 20), box(150, 150, 60, 14)
    hair = box(30, 10, 440, 90)
    views = [view for view, _ in window.plan(region(512, lips, brow, hair), 256, 512)]
    assert [view.piece for view in views] == [hair, brow, lips]
    assert views[0].side < views[1].side == views[2].side == 512


def test_pieces_side_by_side_share_a_window() -> None:
    lids = box(160, 200, 60, 10), box(160, 230, 60, 10)
    views = window.plan(region(512, *lids), 256, 512)
    assert [view.piece for view, _ in views] == [box(160, 200, 60, 40)]


def test_a_piece_that_grows_leaves_the_windows_of_the_others_alone() -> None:
    lips = box(200, 400, 60, 20)
    found = [
        [view for view, _ in window.plan(region(512, lips, brow), 256, 512, QUICK)]
        for brow in (box(150, 120, 20, 14), box(150, 120, 70, 14))
    ]
    assert found[0][1] == found[1][1]
    assert found[0][1].piece == lips
