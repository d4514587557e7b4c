"""What colours tell of parts of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.editing.histogram import MOST, evidence
from maskgan.images import Pixels

LEFT = np.zeros((64, 64), np.bool_)
LEFT[:, :32] = True


def two(left: tuple[int, int, int], right: tuple[int, int, int]) -> Pixels:
    """A picture of two noisy colours."""
    picture = np.where(LEFT[:, :, None], left, right)
    noise = np.random.default_rng(0).integers(-6, 7, picture.shape)
    pixels: Pixels = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return pixels


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((40, 30, 25), (160, 150, 140)),
        ((120, 90, 60), (70, 100, 130)),
        ((90, 90, 60), (60, 90, 90)),
    ],
)
def test_colours_tell_one_part_from_another(
    left: tuple[int, int, int], right: tuple[int, int, int]
) -> None:
    told = evidence(two(left, right), LEFT, ~LEFT, blur=1)
    assert (told[:, :28] > 1).all()
    assert (told[:, 36:] < -1).all()
    assert np.abs(told).max() <= MOST + 1e-5
    assert told.dtype == np.float32


def test_the_same_colours_tell_nothing() -> None:
    told = evidence(two((90, 80, 70), (90, 80, 70)), LEFT, ~LEFT)
    assert np.abs(told).max() < 0.3


def test_a_blur_takes_the_many_for_the_one() -> None:
    picture = two((40, 30, 25), (160, 150, 140))
    picture[30:32, 10:12] = 150
    sharp, blurred = (evidence(picture, LEFT, ~LEFT, blur)[30, 10] for blur in (0, 6))
    assert sharp < 0 < blurred


def test_nobody_tells_of_a_part_that_is_not_there() -> None:
    picture = two((40, 30, 25), (160, 150, 140))
    assert not evidence(picture, LEFT & False, LEFT).any()
    assert not evidence(picture, LEFT, LEFT & False).any()
