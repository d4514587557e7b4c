"""Short hair that is made longer: step by step, beside the face, as far as the shoulders."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import attributes, deformation
from maskgan.editing.growth import grown
from maskgan.editing.layers import FEATURES, member
from maskgan.labels import IDS, Labels

SIDE = 256
HAIR, SKIN = IDS["hair"], IDS["skin"]


def cropped(side: int = SIDE) -> Labels:
    """A face whose hair ends above the ears."""
    labels = face(size=side)
    below = (labels == HAIR) & (np.arange(side)[:, None] > 0.45 * side)
    return np.where(below, IDS["background"], labels).astype(np.uint8)


def lowest(labels: Labels) -> int:
    return int(np.nonzero(labels == HAIR)[0].max())


@pytest.mark.parametrize("side", [128, 512])
def test_it_grows_with_every_step_and_never_over_the_face(side: int) -> None:
    labels = cropped(side)
    before, ends = labels == HAIR, []
    for strength in (0.2, 0.4, 0.6, 0.8, 1.0):
        longer = attributes.apply(labels, "hair_length", strength)
        found = longer == HAIR
        assert (found | ~before).all(), "what is there stays"
        assert not (found & member(labels, (SKIN, *FEATURES))).any()
        assert set(np.unique(longer[longer != labels])) <= {HAIR}
        before = found
        ends.append(lowest(longer))
    assert (np.diff(ends) >= 0).all()
    assert ends[-1] - ends[0] > 0.2 * side


def test_both_sides_grow_and_the_throat_stays_free() -> None:
    labels = cropped()
    new = (attributes.apply(labels, "hair_length", 1.0) == HAIR) & (labels != HAIR)
    frame = deformation.find(labels)
    level = round(frame.y + 1.2 * frame.unit)
    sides = new[level, : SIDE // 2].sum(), new[level, SIDE // 2 :].sum()
    assert min(sides) > 0.2 * frame.unit
    assert max(sides) < 1.3 * min(sides)
    assert not new[level:, round(frame.x - 4) : round(frame.x + 4)].any()


def test_hair_that_falls_is_made_longer_at_its_ends() -> None:
    labels = face(size=SIDE)
    long = attributes.apply(cropped(), "hair_length", 1.0)
    longer = attributes.apply(long, "hair_length", 0.5)
    assert lowest(longer) > lowest(long)
    upper = slice(0, lowest(long) - 20)
    np.testing.assert_array_equal(longer[upper], long[upper])
    assert (labels == HAIR).any()


def test_nothing_grows_over_what_is_not_free_nor_apart_from_hair() -> None:
    labels = cropped()
    frame, everywhere = deformation.find(labels), np.ones(labels.shape, np.bool_)
    extent = (-0.9 * frame.unit, 0.9 * frame.unit)
    assert (grown(labels, frame, extent, 1.0, ~everywhere) == labels).all()
    assert (grown(labels, frame, extent, 0.0, everywhere) == labels).all()
    sides = np.abs(np.arange(SIDE) - frame.x) > 0.5 * frame.unit
    bald = np.where((labels == HAIR) & ~sides, IDS["background"], labels).astype(np.uint8)
    assert (bald == HAIR).any()
    assert (grown(bald, frame, extent, 1.0, everywhere) == bald).all()
    # It ends with round corners above what is not free below.
    cut = everywhere.copy()
    cut[-SIDE // 4 :] = False
    ends = grown(labels, frame, extent, 1.0, cut) == HAIR
    last = lowest(ends * HAIR)
    assert last < SIDE - SIDE // 4
    assert ends[last].sum() < 0.9 * ends[last - SIDE // 12].sum()
    # A brim all around keeps hair above it.
    free = everywhere.copy()
    free[lowest(labels) + 1 : lowest(labels) + 4] = False
    assert lowest(grown(labels, frame, extent, 1.0, free)) <= lowest(labels)
