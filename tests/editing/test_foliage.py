"""Leaves that were taken for hair are found by their colour, hair of any natural colour is not."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import foliage, regions
from maskgan.editing.plausible import plausible, without_crumbs
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
HAIR, BACKGROUND = IDS["hair"], IDS["background"]
LEAF, GREY, BLACK, DYED = (70, 110, 50), (121, 124, 117), (28, 26, 25), (60, 150, 70)


def overgrown() -> tuple[Labels, Labels]:
    """A face, and what a parser sees of it before a hedge: hair goes on at one side."""
    labels = face(size=SIDE)
    hair = labels == HAIR
    beside = regions.dilate(hair, 40) & (labels == BACKGROUND) & (np.arange(SIDE) < SIDE // 2)
    return labels, np.where(beside, np.uint8(HAIR), labels)


def photo(labels: Labels, hair: tuple[int, int, int], behind: tuple[int, int, int]) -> Pixels:
    """Strands and leaves are as rough as each other."""
    rough = np.random.default_rng(0).integers(-20, 21, (SIDE, SIDE, 1))
    crop = np.full((SIDE, SIDE, 3), (205, 150, 125))
    for index, colour in ((HAIR, hair), (BACKGROUND, behind)):
        crop[labels == index] = (np.array(colour) + rough)[labels == index]
    return np.clip(crop, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("hair", [GREY, BLACK])
def test_leaves_are_no_hair(hair: tuple[int, int, int]) -> None:
    labels, seen = overgrown()
    crop = photo(labels, hair, LEAF)
    found = foliage.seen_as_hair(seen, crop)
    assert found is not None
    leaves = (seen == HAIR) & (labels == BACKGROUND)
    assert found[regions.erode(leaves, 3)].all()
    assert not found[regions.erode(labels == HAIR, 5)].any()
    without = np.where(found, np.uint8(BACKGROUND), seen)
    np.testing.assert_array_equal(plausible(seen, crop), without_crumbs(without))


@pytest.mark.parametrize(
    ("hair", "behind"),
    [(GREY, (90, 92, 96)), (BLACK, GREY), (DYED, LEAF)],
    ids=["a wall", "a greenish wall", "green hair"],
)
def test_hair_before_what_is_not_green_stays_hair(
    hair: tuple[int, int, int], behind: tuple[int, int, int]
) -> None:
    labels, seen = overgrown()
    assert foliage.seen_as_hair(seen, photo(labels, hair, behind)) is None


def test_a_green_light_within_hair_stays_hair() -> None:
    labels = face(size=SIDE)
    crop = photo(labels, GREY, (90, 92, 96))
    rows, columns = np.nonzero(regions.erode(labels == HAIR, 12))
    middle = len(rows) // 2
    lit = np.zeros(labels.shape, np.bool_)
    lit[rows[middle], columns[middle]] = True
    lit = regions.dilate(lit, 9)
    crop[lit] = LEAF
    assert foliage.seen_as_hair(labels, crop) is None


def test_hair_that_only_leaves_held_goes_with_them() -> None:
    labels, seen = overgrown()
    crop = photo(labels, BLACK, LEAF)
    branch = np.zeros(labels.shape, np.bool_)
    rows, columns = np.nonzero((seen == HAIR) & (labels == BACKGROUND))
    branch[rows[len(rows) // 2], columns[len(columns) // 2]] = True
    branch = regions.dilate(branch, 6)
    crop[branch] = BLACK
    found = foliage.seen_as_hair(seen, crop)
    assert found is not None
    assert found[branch].all()
