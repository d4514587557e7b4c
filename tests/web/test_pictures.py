"""What travels of a result: the rectangle that is new, and no more."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from maskgan.images import Pixels
from maskgan.web.pictures import NOWHERE, Viewer, bounding_rect, fitted, png, united, webp


@pytest.fixture
def crop() -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)


def painted(crop: Pixels, x: int, y: int, width: int, height: int) -> Pixels:
    changed = crop.copy()
    changed[y : y + height, x : x + width] ^= 255
    return changed


def size_of(payload: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(payload)) as picture:
        assert picture.format == "WEBP"
        return picture.size


def test_the_rectangle_of_what_differs(crop: Pixels) -> None:
    assert bounding_rect(crop, crop.copy()) == NOWHERE
    assert bounding_rect(crop, painted(crop, 5, 7, 3, 2)) == (5, 7, 3, 2)
    one = crop.copy()
    one[39, 39, 2] ^= 1
    assert bounding_rect(crop, one) == (39, 39, 1, 1)


def test_the_rectangle_around_two() -> None:
    assert united((1, 2, 3, 4), (2, 1, 1, 1)) == (1, 1, 3, 5)
    assert united(NOWHERE, (2, 1, 1, 1)) == united((2, 1, 1, 1), NOWHERE) == (2, 1, 1, 1)


def test_only_what_is_new_travels(crop: Pixels) -> None:
    viewer = Viewer()
    viewer.begin(crop, 1)
    assert viewer.update(crop, 1, "full").payload == b""
    found = viewer.update(painted(crop, 4, 6, 8, 5), 1, "full")
    assert (found.rect, size_of(found.payload)) == ((4, 6, 8, 5), (8, 5))
    assert viewer.update(painted(crop, 4, 6, 8, 5), 1, "full").rect == NOWHERE
    back = viewer.update(crop, 1, "full")
    assert back.rect == (4, 6, 8, 5), "taken back is new again"


def error(payload: bytes, expected: Pixels) -> float:
    with Image.open(io.BytesIO(payload)) as picture:
        return float(np.abs(np.asarray(picture).astype(int) - expected).mean())


def test_full_quality_replaces_previews() -> None:
    ramp = np.mgrid[0:40, 0:40][1] * 6
    crop = np.stack([ramp, ramp.T, ramp // 2], axis=2).astype(np.uint8)
    viewer = Viewer()
    viewer.begin(crop, 1)
    edited = painted(crop, 4, 6, 30, 25)
    preview = viewer.update(edited, 1, "preview")
    assert viewer.update(edited, 1, "preview").rect == NOWHERE
    full = viewer.update(edited, 1, "full")
    assert full.rect == preview.rect == (4, 6, 30, 25)
    shown = edited[6:31, 4:34]
    assert error(preview.payload, shown) > 0
    assert error(full.payload, shown) == 0, "what is shown is what would be saved"
    assert viewer.update(edited, 1, "full").rect == NOWHERE


def test_large_pictures_are_compressed() -> None:
    rows, columns = np.mgrid[0:512, 0:512]
    crop = np.stack([rows // 2, columns // 2, rows ^ columns], axis=2).astype(np.uint8)
    found = Viewer().update(crop, 1, "full")
    assert size_of(found.payload) == (512, 512)
    assert 0 < error(found.payload, crop) < 4


def test_previews_add_up(crop: Pixels) -> None:
    viewer = Viewer()
    viewer.begin(crop, 1)
    viewer.update(painted(crop, 0, 0, 4, 4), 1, "preview")
    viewer.update(painted(crop, 20, 30, 4, 4), 1, "preview")
    assert viewer.update(painted(crop, 20, 30, 4, 4), 1, "full").rect == (0, 0, 24, 34)


def test_the_whole_crop_where_it_is_not_known_what_is_shown(crop: Pixels) -> None:
    viewer = Viewer()
    assert viewer.update(crop, 1, "preview").rect == (0, 0, 40, 40)
    viewer.reset()
    assert viewer.update(crop, 1, "preview").rect == (0, 0, 40, 40)
    assert viewer.update(crop, 2, "preview").rect == (0, 0, 40, 40), "another face"
    assert viewer.update(crop[:32, :32], 2, "full").rect == (0, 0, 32, 32)


def test_pngs_are_exact(crop: Pixels) -> None:
    with Image.open(io.BytesIO(png(crop))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), crop)


def test_smaller_pictures(crop: Pixels) -> None:
    assert fitted(crop, 100) is crop
    assert fitted(crop[:10], 20).shape == (5, 20, 3)
    assert fitted(np.zeros((1000, 32, 3), np.uint8), 20).shape == (20, 1, 3)
    assert size_of(webp(crop[:, :3])) == (3, 40)
