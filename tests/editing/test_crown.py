"""What a crop cuts off above: round as it began, and without hair that goes."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.beyond import EDGE
from maskgan.editing.crown import LOOSE, crowned, cut
from maskgan.labels import IDS, Labels

HAIR, HAT, SKIN = IDS["hair"], IDS["hat"], IDS["skin"]
SIDE, ABOVE, MIDDLE = 256, 64, 128


def head(top: float, wide: float = 70, high: float = 90) -> np.ndarray:
    """Where an ellipse is whose top lies so many rows below the picture's, bool (H, W)."""
    down, across = np.mgrid[:SIDE, :SIDE]
    inside: np.ndarray = ((across - MIDDLE) / wide) ** 2 + ((down - top - high) / high) ** 2 <= 1
    return inside


def maps(cut_off: float, index: int) -> tuple[Labels, Labels, np.ndarray]:
    """Labels of the higher picture, all hair, the wanted ones of the crop, in which a smaller head
    of a class has taken its place, and where the whole of that head would be."""
    seen = np.where(head(ABOVE - cut_off - 20, 90, 110), HAIR, 0).astype(np.uint8)
    wanted = np.where(head(-cut_off), index, 0).astype(np.uint8)
    return seen, wanted, head(ABOVE - cut_off)


@pytest.mark.parametrize("index", [HAT, SKIN])
@pytest.mark.parametrize("cut_off", [12, 25, 40])
def test_a_head_ends_as_round_as_it_began(index: int, cut_off: int) -> None:
    seen, wanted, whole = maps(cut_off, index)
    _, asked = crowned(seen, wanted, ABOVE)
    np.testing.assert_array_equal(asked[ABOVE:], wanted[: SIDE - ABOVE])
    found = asked[:ABOVE] == index
    assert (found != whole[:ABOVE]).sum() < 0.06 * whole[:ABOVE].sum() + 40


def test_hair_above_goes_with_the_hair_below_it() -> None:
    seen, wanted, _ = maps(25, HAT)
    before, asked = crowned(seen, wanted, ABOVE)
    assert (seen[:ABOVE] == HAIR).sum() > 2000
    assert not (asked[:ABOVE] == HAIR).any()
    # Single hairs that stand off are hair that goes.
    assert (before[:ABOVE] == HAIR).sum() > (seen[:ABOVE] == HAIR).sum() + LOOSE
    edge = ABOVE + round(EDGE / 2)
    np.testing.assert_array_equal(before[edge:], seen[edge:])
    assert set(np.unique(before[before != seen])) == {HAIR}


def test_a_hat_that_is_taken_off_goes_above_as_well() -> None:
    seen, wanted, whole = maps(25, HAIR)
    seen[seen == HAIR] = HAT
    # Whatever it is taken for up there.
    seen[: ABOVE - 12][seen[: ABOVE - 12] == HAT] = SKIN
    crop = np.zeros_like(wanted)
    crop[: SIDE - ABOVE] = seen[ABOVE:]
    assert cut(crop, wanted)[0].any()
    _, asked = crowned(seen, wanted, ABOVE)
    found = asked[:ABOVE]
    assert not (found == HAT).any()
    assert not (found == SKIN).any()
    assert ((found == HAIR) != whole[:ABOVE]).sum() < 0.06 * whole[:ABOVE].sum() + 40


def test_hair_that_a_parser_sees_end_at_the_border_goes_on() -> None:
    seen, wanted, _ = maps(25, HAT)
    wanted[:6] = seen[ABOVE : ABOVE + 3] = 0
    crop = np.zeros_like(wanted)
    crop[: SIDE - ABOVE] = seen[ABOVE:]
    assert cut(crop, wanted)[0].any()
    _, asked = crowned(seen, wanted, ABOVE)
    assert not (asked[:ABOVE] == HAIR).any()


def test_hair_above_stays_where_hair_below_it_does() -> None:
    seen, wanted, _ = maps(25, HAT)
    crop = seen[ABOVE:]
    wanted[: len(crop)] = np.where(np.arange(SIDE) < MIDDLE, crop, 0)
    _, asked = crowned(seen, wanted, ABOVE)
    hair = asked[:ABOVE] == HAIR
    assert (hair[:, : MIDDLE - 8] >= (seen[:ABOVE, : MIDDLE - 8] == HAIR)).all()
    assert not hair[:, MIDDLE:].any()


def test_what_a_crop_cuts_off() -> None:
    seen, wanted, _ = maps(25, HAT)
    crop = np.zeros((SIDE, SIDE), np.uint8)
    crop[: SIDE - ABOVE] = seen[ABOVE:]
    assert cut(crop, wanted)[0].any()
    assert not cut(crop, wanted)[1:].any()
    assert not cut(crop, crop).any()
    few = crop.copy()
    few[0, MIDDLE : MIDDLE + 3] = 0
    assert not cut(crop, few).any()
    # A hat that is cut off itself, on a head that is not.
    assert cut(np.zeros_like(crop), wanted)[0].any()
