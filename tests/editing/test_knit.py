"""Knitted caps and collars: stitches, a cuff above the forehead, the same wool in previews."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.filters import block_means
from maskgan.editing.knit import COARSE, CUFF, cap, collar
from maskgan.editing.regions import Region

SIDE = 512
WHOLE = (slice(0, SIDE), slice(0, SIDE))


def dome(side: int = SIDE) -> Region:
    """A cap whose hem is level."""
    row, column = (np.mgrid[0:side, 0:side] + 0.5) * SIDE / side
    worn: Region = (np.hypot((column - 256) / 130, (row - 220) / 180) < 1) & (row < 220)
    return worn


def below(side: int = SIDE) -> Region:
    """The head in it."""
    head = np.zeros((side, side), np.bool_)
    head[220 * side // SIDE :] = True
    return head


def test_wool_is_as_bright_as_its_colour_and_has_columns() -> None:
    shade = cap(dome(), below(), WHOLE)
    assert shade.shape == (SIDE, SIDE)
    inside = shade[80:150, 200:312]
    assert 0.7 < inside.mean() < 1.05
    assert shade[dome()].min() > 0.1
    line = inside.mean(axis=0) - inside.mean()
    power = np.abs(np.fft.rfft(line * np.hanning(line.size)))
    # Columns get closer to each other as the dome gets narrower: here it has 0.8 of its width.
    assert line.size / (3 + power[3:].argmax()) == pytest.approx(0.8 * COARSE[0], rel=0.1)


def test_the_hem_is_turned_up_above_a_head_only() -> None:
    for head, folded in ((below(), True), (~below(), False)):
        rows = cap(dome(), head, WHOLE)[:, 220:292].mean(axis=1)
        fold = 220 - int(CUFF)
        above, beneath = rows[fold - 8 : fold - 2].mean(), rows[fold + 5 : fold + 30].mean()
        assert (above < 0.8 * beneath) == folded
        # Wool turns under at its hem either way.
        assert rows[216:219].mean() < 0.9 * rows[195:210].mean()


def test_a_band_is_too_low_for_a_cuff() -> None:
    band = np.zeros((SIDE, SIDE), np.bool_)
    band[150:220, 130:390] = True
    rows = cap(band, below(), WHOLE)[:, 200:312].mean(axis=1)
    fold = 220 - int(CUFF)
    assert rows[fold - 8 : fold - 2].mean() > 0.9 * rows[fold + 5 : fold + 30].mean()


@pytest.mark.parametrize("kind", ["cap", "collar"])
def test_previews_have_the_same_stitches(kind: str) -> None:
    half = SIDE // 2, SIDE // 2
    box = (slice(0, half[0]), slice(0, half[1]))
    if kind == "cap":
        large, small = cap(dome(), below(), WHOLE), cap(dome(256), below(256), box)
    else:
        large, small = collar(dome(), WHOLE), collar(dome(256), box)
    inner = np.s_[40:80, 100:156]
    seen = [each[inner].ravel() for each in (block_means(large, 2), small)]
    assert np.corrcoef(*seen)[0, 1] > 0.6


def test_the_same_wherever_the_box_ends() -> None:
    box = (slice(30, 230), slice(110, 400))
    whole, part = (cap(dome(), below(), each) for each in (WHOLE, box))
    np.testing.assert_allclose(whole[60:165, 140:370], part[30:135, 30:260], atol=1e-3)
