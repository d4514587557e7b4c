"""Hair like the person's: straight hair in streaks, curly hair in patches, as strong as it was."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.hair import HAIR, Hair
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 256
NEW = np.zeros((SIDE, SIDE), np.bool_)
NEW[:, 120:200] = True


def labels(width: int = 120) -> Labels:
    """Hair on the left."""
    found = np.zeros((SIDE, SIDE), np.uint8)
    found[:, :width] = HAIR
    return found


def photo(curly: bool, grey: float = 100.0, contrast: float = 25.0) -> Pixels:
    """Hair that falls, or that has no direction."""
    rng = np.random.default_rng(4)
    shape = (SIDE // 2, SIDE // 2) if curly else (1, SIDE // 2)
    noise = grey + contrast * rng.standard_normal(shape)
    noise = np.broadcast_to(noise, (SIDE // 2, SIDE // 2)).repeat(2, axis=0).repeat(2, axis=1)
    return np.repeat(noise.clip(0, 255)[:, :, None], 3, axis=2).astype(np.uint8)


def slopes(part: np.ndarray) -> float:
    """Change from row to row over that from column to column."""
    down, across = np.gradient(part.astype(float))
    return float((down**2).mean() / (across**2).mean())


def test_straight_hair_goes_on_straight() -> None:
    own = Hair.of(photo(curly=False), labels())
    found = own.like_it(labels(200), NEW)[40:200, 130:190]
    assert slopes(found) < 0.2
    assert found.std() == pytest.approx(1.3 * own.texture[own.core].std(), rel=0.3)


def test_curly_hair_goes_on_curly() -> None:
    own = Hair.of(photo(curly=True), labels())
    found = own.like_it(labels(200), NEW)[40:200, 130:190]
    assert 0.5 < slopes(found) < 2
    assert found.std() == pytest.approx(own.texture[own.core].std(), rel=0.3)


def test_straight_hair_is_straight_in_a_noisy_photo() -> None:
    crop = photo(curly=False, grey=60, contrast=12).astype(float)
    noise = 9 * np.random.default_rng(5).standard_normal((SIDE, SIDE, 1))
    own = Hair.of((crop + noise).clip(0, 255).astype(np.uint8), labels())
    assert slopes(own.like_it(labels(200), NEW)[40:200, 130:190]) < 0.2


@pytest.mark.parametrize(
    ("contrast", "width"), [(6, 120), (25, 14)], ids=["too dark to tell", "close-cropped"]
)
def test_hair_that_does_not_show_how_it_would_fall_goes_on_straight(
    contrast: float, width: int
) -> None:
    """Patches of it would be fur."""
    own = Hair.of(photo(curly=True, grey=30, contrast=contrast), labels(width))
    assert not own.bare
    assert slopes(own.like_it(labels(200), NEW)[40:200, 130:190]) < 0.3


def test_strands_end_where_hair_ends_and_run_along_its_side() -> None:
    wanted = np.zeros((SIDE, SIDE), np.uint8)
    wanted[30:200, 60:200] = HAIR
    own = Hair.of(np.full((SIDE, SIDE, 3), 90, np.uint8), np.zeros_like(wanted))
    assert own.bare
    found = own.like_it(wanted, wanted == HAIR)
    assert slopes(found[80:150, 62:90]) < 0.4, "beside the outline"
    assert slopes(found[170:198, 90:170]) < 0.4, "at its lower end"
    assert slopes(found[32:46, 100:160]) > 2.5, "over the top"


def test_new_hair_has_the_colour_of_that_beside_it_if_there_is_enough() -> None:
    crop = np.full((SIDE, SIDE, 3), 60, np.uint8)
    crop[160:] = (180, 150, 110)  # fair ends
    own, new = Hair.of(crop, labels()), np.zeros((SIDE, SIDE), np.bool_)
    new[220:250, 121:160] = True
    np.testing.assert_array_equal(own.colour_near(new), (180, 150, 110))
    np.testing.assert_array_equal(own.colour_near(new[::-1]), (60, 60, 60))
    far = np.roll(new, 90, axis=1)
    assert own.colour is not None
    np.testing.assert_array_equal(own.colour_near(far), own.colour)


def test_hair_that_is_not_there_has_the_colour_of_the_brows_or_none() -> None:
    face = np.full((SIDE, SIDE, 3), 200, np.uint8)
    assert Hair.of(face, labels(0)).colour is None
    browed = labels(0)
    browed[100:110, 50:90] = IDS["r_brow"]
    face[100:110, 50:90] = 150
    face[103:106, 50:90] = (50, 40, 30)
    found = Hair.of(face, browed).colour
    assert found is not None
    np.testing.assert_allclose(found, (50, 40, 30))
