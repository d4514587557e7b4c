"""Grey hair that was taken for skin is found by its colour and its strands, shine is not."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import face

from maskgan.editing import grey_hair
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
GREY, BROWN = (150, 148, 150), (110, 70, 40)
TAN, SHINE = (205, 150, 125), (215, 210, 212)


def portrait(hair: tuple[int, int, int], patch: tuple[int, int, int], rough: bool) -> Pixels:
    """A face in whose forehead, below the hair, lies a patch of another colour."""
    rng = np.random.default_rng(0)
    strands = rng.integers(-30, 31, (1, SIDE, 1)) + rng.integers(-6, 7, (SIDE, SIDE, 1))
    pores = rng.integers(-2, 3, (SIDE, SIDE, 1))
    labels, crop = face(size=SIDE), np.full((SIDE, SIDE, 3), TAN) + pores
    is_hair = labels == IDS["hair"]
    crop[is_hair] = (np.array(hair) + strands)[is_hair]
    crop[PATCH] = (np.array(patch) + (strands if rough else pores))[PATCH]
    return np.clip(crop, 0, 255).astype(np.uint8)


def below_hair(labels: Labels) -> tuple[slice, slice]:
    """The patch: forehead that begins where hair ends."""
    columns = slice(SIDE // 2 - 40, SIDE // 2 + 40)
    hair = labels[: SIDE // 2, columns] == IDS["hair"]
    end = int(np.flatnonzero(hair.any(axis=1)).max()) + 1
    return slice(end, end + 40), columns


PATCH = below_hair(face(size=SIDE))


def test_grey_strands_below_grey_hair_are_hair() -> None:
    labels = face(size=SIDE)
    assert (labels[PATCH] == IDS["skin"]).all()
    found = grey_hair.unseen(labels, portrait(GREY, GREY, rough=True))
    assert found is not None
    assert found[PATCH].mean() > 0.8
    found[PATCH] = False
    assert found.sum() < 200, "the rim of the patch at most"


@pytest.mark.parametrize(
    ("hair", "patch", "rough"),
    [(GREY, SHINE, False), (GREY, TAN, True), (BROWN, GREY, True), (BROWN, SHINE, False)],
    ids=["shine", "wrinkles", "brown hair", "shine below brown hair"],
)
def test_what_is_not_grey_hair_stays_skin(
    hair: tuple[int, int, int], patch: tuple[int, int, int], rough: bool
) -> None:
    assert grey_hair.unseen(face(size=SIDE), portrait(hair, patch, rough)) is None


def test_beards_are_skin() -> None:
    labels = face(size=SIDE)
    crop = portrait(GREY, GREY, rough=True)
    crop[380:470, 200:300] = crop[PATCH][0, :1]
    found = grey_hair.unseen(labels, crop)
    assert found is not None
    assert not found[380:].any()


@pytest.mark.parametrize("part", ["hair", "skin"])
def test_without_hair_or_skin_there_is_none(part: str) -> None:
    labels = face(size=SIDE)
    labels[labels == IDS[part]] = 0
    assert grey_hair.unseen(labels, portrait(GREY, GREY, rough=True)) is None
