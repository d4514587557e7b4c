"""Where an edit is rendered: at which scale and on which part of the crop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskgan.bundle import STRIDE
from maskgan.editing import window

SIDES = (64, 256, 300, 512, 1024)


def rectangle(side: int, left: int, top: int, width: int, height: int) -> np.ndarray:
    region = np.zeros((side, side), np.bool_)
    region[top : top + height, left : left + width] = True
    return region


@given(
    side=st.sampled_from(SIDES),
    shares=st.tuples(*[st.floats(0, 0.99)] * 2, *[st.floats(0, 1)] * 2),
    detail=st.sampled_from([256, 384, 512]),
)
@settings(max_examples=80, deadline=None)
def test_a_window_holds_its_region_with_room_and_costs_no_more_than_a_face(
    side: int, shares: tuple[float, float, float, float], detail: int
) -> None:
    left, top = int(shares[0] * side), int(shares[1] * side)
    width = 1 + int(shares[2] * (side - left - 1))
    height = 1 + int(shares[3] * (side - top - 1))
    view = window.around(rectangle(side, left, top, width, height), 256, detail)
    assert 256 <= view.side <= max(256, min(detail, side))
    scale = view.side / side
    for axis, start, length in zip(view.box, (top, left), (height, width), strict=True):
        assert axis.start % STRIDE == axis.stop % STRIDE == 0
        assert 0 <= axis.start <= max(0, start * scale - 48)
        assert view.side >= axis.stop >= min(view.side, (start + length) * scale + 48)
        # As large as training crops, but for what lies beyond the border.
        assert axis.stop - axis.start >= 64
    rows, columns = view.box
    assert (rows.stop - rows.start) * (columns.stop - columns.start) <= 256**2


def test_small_edits_are_rendered_at_the_crops_own_size_and_large_ones_below() -> None:
    mouth = rectangle(512, 190, 340, 130, 80)
    assert window.around(mouth, 256, 512) == window.Window(512, (slice(288, 480), slice(128, 368)))
    head = rectangle(512, 100, 20, 300, 100)
    assert window.around(head, 256, 512).side == 384
    everything = np.ones((512, 512), np.bool_)
    assert window.around(everything, 256, 512) == window.Window(256, (slice(0, 256),) * 2)
    assert window.around(mouth, 256, 256).side == 256


@pytest.mark.parametrize("width", range(20, 200, 20))
def test_an_edit_that_grows_keeps_its_grid(width: int) -> None:
    one = window.around(rectangle(512, 150, 150, width, 40), 256, 512)
    two = window.around(rectangle(512, 150, 150, width + 3, 40), 256, 512)
    assert one.side == two.side == 512
    assert all((a.start - b.start) % STRIDE == 0 for a, b in zip(one.box, two.box, strict=True))
