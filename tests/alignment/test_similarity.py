"""The alignment of a face: where points go, and what the crop shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photos import drawn_photo, similarity_for, smooth, texture

from maskgan.alignment.similarity import Similarity
from maskgan.errors import PhotoError
from maskgan.manifest import Frame

FRAME = Frame()
POINTS = (FRAME.right_eye, FRAME.left_eye, FRAME.mouth)


def turned_point(point: tuple[float, float], width: int) -> tuple[float, float]:
    """Where a point goes when `numpy.rot90` turns a photo of this width to the left."""
    return point[1], width - 1 - point[0]


def test_points_in_the_frame_need_no_change() -> None:
    similarity = Similarity.from_points(*POINTS)
    np.testing.assert_allclose(similarity.matrix, np.eye(3), atol=1e-9)
    assert (similarity.scale, similarity.angle) == pytest.approx((1, 0))


def test_the_frame_scales_by_pixel_corners() -> None:
    half = Similarity.from_points(*POINTS, side=256)
    np.testing.assert_allclose(
        half.forward([(-0.5, -0.5), (511.5, 511.5)]), [[-0.5] * 2, [255.5] * 2]
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(5, 2000), st.floats(-180, 180), st.floats(-500, 9000), st.floats(-500, 9000))
def test_forward_and_inverse_agree(distance: float, degrees: float, x: float, y: float) -> None:
    similarity = similarity_for(distance, (x, y), degrees)
    points = np.random.default_rng(0).uniform(-1000, 9000, (50, 2))
    np.testing.assert_allclose(similarity.backward(similarity.forward(points)), points, atol=1e-6)
    np.testing.assert_allclose(similarity.matrix @ similarity.inverse, np.eye(3), atol=1e-6)
    assert similarity.scale == pytest.approx(125.5 / distance, rel=1e-3)
    assert np.exp(1j * np.radians(similarity.angle - degrees)) == pytest.approx(1, abs=1e-6)


def test_noisy_points_are_fitted_as_a_whole() -> None:
    # An exact fit of two points would carry an error of the third nowhere.
    points = np.array(POINTS)
    points[2] += (6, -9)
    found = Similarity.from_points(*points.tolist()).forward(points)
    wanted = np.array(POINTS)
    np.testing.assert_allclose(found.mean(axis=0), wanted.mean(axis=0), atol=1e-9)
    best = np.square(found - wanted).sum()
    for shift in np.random.default_rng(1).normal(0, 0.01, (20, 2, 2)):
        linear = np.array([[1 + shift[0, 0], -shift[0, 1]], [shift[0, 1], 1 + shift[0, 0]]])
        assert np.square(found @ linear.T + shift[1] - wanted).sum() > best


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (((10, 10), (10, 10), (10, 10)), "coincide"),
        (((10, 10), (float("nan"), 10), (10, 30)), "expected three points"),
        (((10, 10), (30, 10), (20,)), "expected three points"),
        (((30, 10), (10, 10), (20, 35)), "exchanged"),
    ],
)
def test_impossible_points_are_refused(points: tuple[tuple[float, ...], ...], words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        Similarity.from_points(*points)


def test_a_profile_may_have_its_eyes_in_one_place() -> None:
    similarity = Similarity.from_points((101, 100), (100, 100), (95, 160))
    assert 1 < similarity.scale < 4


def test_an_aligned_crop_is_cut_bit_for_bit() -> None:
    photo = texture((300, 400))
    assert (Similarity.identity(300).crop(photo) == photo[:, :300]).all()
    shifted = Similarity(np.array([[1, 0, -40], [0, 1, -25], [0, 0, 1.0]]), 256)
    assert (shifted.crop(photo) == photo[25:281, 40:296]).all()
    assert shifted.box == (40, 25, 296, 281)


@pytest.mark.parametrize("distance", [24, 60, 125.5, 300])
def test_the_crop_shows_the_face_at_any_size(distance: float) -> None:
    size = int(4.5 * distance)
    similarity = similarity_for(distance, (0.5 * size, 0.48 * size), 25)
    photo, _ = drawn_photo(similarity, size, size)
    straight = similarity_for(125.5, (255.5, 255.5), 0)
    face, _ = drawn_photo(straight, 512, 512)
    # A small face has no fine details: compare what both can show.
    blur = max(int(125.5 / distance), 1) * 8
    found, wanted = (smooth(crop, blur)[64:448, 64:448] for crop in (similarity.crop(photo), face))
    difference = found.astype(int) - wanted
    assert np.abs(difference).mean() < 2.5
    assert abs(difference.mean()) < 0.3


def test_a_strong_reduction_does_not_alias() -> None:
    photo = texture((1600, 1600), spread=60)
    crop = similarity_for(320, (800, 800), 20).crop(photo)
    # Noise averaged over some 2.5 x 2.5 pixels.
    assert crop[64:-64, 64:-64].astype(float).std(axis=(0, 1)).max() < 33


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("distance", [40, 125.5, 300])
def test_a_turned_photo_gives_the_same_crop(turns: int, distance: float) -> None:
    height, width = 800, 1000
    similarity = similarity_for(distance, (480, 420), 12)
    photo, _ = drawn_photo(similarity, height, width)
    points, size = similarity.backward(POINTS).tolist(), (height, width)
    for _ in range(turns):
        points = [turned_point(point, size[1]) for point in points]
        size = size[::-1]
    turned = Similarity.from_points(*points)
    assert np.exp(1j * np.radians(turned.angle - similarity.angle)) == pytest.approx(
        np.exp(-0.5j * np.pi * turns), abs=1e-6
    )
    first = similarity.crop(photo)
    second = turned.crop(np.ascontiguousarray(np.rot90(photo, turns)))
    # Only the grid of block means of a reduction may lie otherwise.
    assert np.abs(first.astype(int) - second).mean() < 0.25
    assert np.abs(first.astype(int) - second).max() <= 12


def test_beyond_the_photo_its_border_goes_on_and_fades() -> None:
    photo = texture((400, 400), coarse=4)
    similarity = similarity_for(125.5, (60, 200), 0)
    crop = similarity.crop(photo)
    outside = similarity.outside(400, 400)
    assert (crop[outside == 0].astype(int) != 0).any()
    start = round(-similarity.corners[0, 0] - 0.5)
    # Inside the photo nothing is touched, at the border nothing jumps, far outside it is calm.
    inner = Similarity.from_points(*similarity.backward(POINTS).tolist()).crop(photo)
    assert (crop == inner).all()
    assert np.abs(crop[60:450, start].astype(int) - crop[60:450, start - 1]).mean() < 1
    near, far = (
        np.abs(np.diff(crop[60:450, x].astype(int), axis=0)).mean() for x in (start + 3, 5)
    )
    assert far < 0.2 * near
    assert outside[256, 0] == pytest.approx(start, abs=1.01)


def test_a_crop_wholly_outside_is_calm() -> None:
    crop = similarity_for(100, (-2000, 3000), 30).crop(texture((200, 300)))
    assert crop.shape == (512, 512, 3)
    assert crop.std(axis=(0, 1)).max() < 1
