"""Values between pixels: the fast way for dense points agrees with the exact one."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.filters import gaussian
from maskgan.alignment.resampling import gather, gather_dense
from maskgan.images import Pixels


@pytest.fixture(scope="module")
def picture() -> Pixels:
    noise = np.random.default_rng(0).uniform(0, 255, (90, 70, 3)).astype(np.float32)
    return np.clip(128 + 4 * (gaussian(noise, 1.5) - 128), 0, 255).astype(np.uint8)


def points(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(low, high, (2, 3000)).astype(np.float32)
    return x, y


@pytest.mark.parametrize(("low", "high"), [(5, 60), (30.2, 33.9)])
def test_twice_enlarged_it_is_nearly_cubic(picture: Pixels, low: float, high: float) -> None:
    x, y = points(low, high)
    exact = gather(picture, x, y, cubic=True)
    found = [np.abs(gather_dense(picture, x, y, times) - exact).mean() for times in (1, 2)]
    assert found[1] < 1.5
    assert found[1] < found[0]


def test_once_enlarged_it_is_bilinear(picture: Pixels) -> None:
    x, y = points(0, 69)
    np.testing.assert_allclose(gather_dense(picture, x, y, 1), gather(picture, x, y), atol=0.6)


def test_no_points_have_no_values(picture: Pixels) -> None:
    assert gather_dense(picture, np.zeros(0, np.float32), np.zeros(0, np.float32)).shape == (0, 3)
