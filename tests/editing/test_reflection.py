"""What lies beside a place, reflected into it along the rows."""

from __future__ import annotations

import numpy as np

from maskgan.editing.reflection import reflected
from maskgan.editing.regions import Region
from maskgan.images import Pixels

SIDE = 512
GONE = (slice(100, 400), slice(200, 300))


def noise(seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


def place() -> Region:
    new = np.zeros((SIDE, SIDE), np.bool_)
    new[GONE] = True
    return new


def test_rows_go_on_as_they_are() -> None:
    photo = np.broadcast_to(noise()[:, :1], (SIDE, SIDE, 3)).copy()
    new = place()
    photo[new] = 0
    found, trust = reflected(photo, ~new, new)
    np.testing.assert_allclose(found[new], noise()[:, :1].repeat(SIDE, 1)[new], atol=0.01)
    assert trust[new].min() > 0.99
    assert trust[~new].max() == 0


def test_each_pixel_is_that_of_its_mirror_image_on_the_nearer_side() -> None:
    photo, new = noise(), place()
    found, _ = reflected(photo, ~new, new)
    rows = GONE[0]
    for away in (1, 10, 24):
        np.testing.assert_allclose(found[rows, 199 + away], photo[rows, 199 - away], atol=2)
        np.testing.assert_allclose(found[rows, 300 - away], photo[rows, 300 + away], atol=2)


def test_an_outline_that_is_ragged_leaves_what_is_reflected_whole() -> None:
    stripes = np.zeros((SIDE, SIDE, 3), np.uint8)
    stripes[:, ::16], stripes[:, 1::16], stripes[:, 2::16], stripes[:, 3::16] = (250,) * 4
    new = place()
    ragged = np.random.default_rng(0).integers(0, 9, SIDE)
    for row in range(100, 400):
        new[row, 200 - ragged[row] : 200] = True
    found, _ = reflected(stripes, ~new, new)
    part = found[200:300, 204:230, 0]
    # Upright stripes stay upright.
    assert np.abs(np.diff(part, axis=0)).mean() < 0.25 * np.abs(np.diff(part, axis=1)).mean()


def test_where_nothing_is_seen_beside_nothing_is_trusted() -> None:
    photo, new = noise(), place()
    seen = ~new
    seen[250:] = False
    found, trust = reflected(photo, seen, new)
    assert trust[300:400].max() < 0.01
    assert trust[120:200][new[120:200]].min() > 0.9
    assert np.isfinite(found).all()
    assert reflected(photo, seen, np.zeros_like(new))[1].max() == 0


def test_a_narrow_strip_is_not_seen_again_and_again() -> None:
    photo, new = noise(), np.zeros((SIDE, SIDE), np.bool_)
    new[100:400, 200:500] = True
    seen = np.zeros_like(new)
    width = 28
    seen[:, 200 - width : 200] = True
    row = reflected(photo, seen, new)[1][250]
    assert row[205 : 200 + 4 * width].min() > 0.7
    assert row[200 + 10 * width :].max() == 0
    # Too narrow to tell anything.
    seen[:, : 200 - 8] = False
    assert reflected(photo, seen, new)[1].max() == 0


def test_it_is_the_same_in_fewer_pixels() -> None:
    photo = np.broadcast_to(noise()[::8, :1].repeat(8, 0), (SIDE, SIDE, 3)).copy()
    new = place()
    large, _ = reflected(photo, ~new, new)
    small, trust = reflected(photo[::2, ::2], ~new[::2, ::2], new[::2, ::2])
    inner = new[::2, ::2]
    assert np.abs(small[inner] - large[::2, ::2][inner]).mean() < 3
    assert trust[inner].min() > 0.9
