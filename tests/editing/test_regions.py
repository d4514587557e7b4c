"""Region geometry against brute force and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from maskgan.editing import regions
from maskgan.errors import LabelsError

quick = settings(max_examples=60, deadline=None)
shapes = st.tuples(st.integers(1, 26), st.integers(1, 26))


@st.composite
def masks(draw) -> np.ndarray:
    """Sparse or dense regions of any small size."""
    shape = draw(shapes)
    share = draw(st.sampled_from([0.0, 0.01, 0.1, 0.5, 0.95, 1.0]))
    return np.random.default_rng(draw(st.integers(0, 10_000))).random(shape) < share


radii = st.integers(0, 9) | st.floats(0, 30)


def distances(region: np.ndarray) -> np.ndarray:
    """Squared distance of every pixel to the nearest one of the region, by comparing all."""
    rows, columns = np.nonzero(region)
    y, x = np.mgrid[: region.shape[0], : region.shape[1]]
    if not rows.size:
        return np.full(region.shape, 10**6)
    return ((y[..., None] - rows) ** 2 + (x[..., None] - columns) ** 2).min(axis=-1)


@quick
@given(masks(), radii)
def test_dilation_and_erosion_equal_brute_force(region, radius):
    before = region.copy()
    assert np.array_equal(regions.dilate(region, radius), distances(region) <= radius**2 + 1e-9)
    assert np.array_equal(regions.erode(region, radius), distances(~region) > radius**2 + 1e-9)
    assert np.array_equal(region, before)


@quick
@given(masks(), st.integers(0, 6), st.integers(0, 6))
def test_dilation_is_monotone(region, radius, more):
    inner, outer = regions.dilate(region, radius), regions.dilate(region, radius + more)
    assert (region <= inner).all()
    assert (inner <= outer).all()


@quick
@given(masks(), radii)
def test_feather_rises_from_the_border_inwards(region, radius):
    alpha = regions.feather(region, radius)
    assert alpha.dtype == np.float32
    assert (alpha[~region] == 0).all()
    assert (alpha[region] > 0).all()
    depth = distances(~region)
    assert (alpha[region & (depth > (radius + 1) ** 2)] == 1).all()
    order = np.argsort(depth[region])
    assert (np.diff(alpha[region][order]) >= -1e-6).all()
    if radius == 0:
        assert np.array_equal(alpha, region)


def test_feather_is_the_smooth_step_of_the_depth():
    region = np.zeros((9, 30), bool)
    region[:, 10:] = True
    depth = np.arange(1, 5) / 5
    expected = depth**2 * (3 - 2 * depth)
    assert regions.feather(region, 4)[4, 10:14] == pytest.approx(expected)
    # The picture's own border is no border of the region.
    assert (regions.feather(region, 4)[:, 14:] == 1).all()


@quick
@given(masks(), st.integers(0, 6))
def test_disc_counts_equal_a_convolution(region, radius):
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = (x * x + y * y <= radius * radius).astype(int)
    expected = scipy.ndimage.convolve(region.astype(int), disc, mode="nearest")
    assert np.array_equal(regions.disc_counts(region, radius), expected)


@quick
@given(arrays.arrays(np.uint8, shapes, elements=st.integers(0, 2)))
def test_components_equal_scipy_label(values):
    pieces = regions.components(values)
    count = 0
    for value in np.unique(values):
        expected, number = scipy.ndimage.label(values == value)
        count += number
        for index in range(1, number + 1):
            inside = expected == index
            assert len(np.unique(pieces[inside])) == 1
            assert not np.isin(pieces[~inside], pieces[inside]).any()
    assert sorted(np.unique(pieces)) == list(range(count))


@quick
@given(masks(), st.integers(0, 10_000))
def test_pieces_that_touch_equal_scipy_label(region, seed):
    seeds = np.random.default_rng(seed).random(region.shape) < 0.1
    expected, _ = scipy.ndimage.label(region)
    held = np.unique(expected[region & seeds])
    assert np.array_equal(regions.touching(region, seeds), region & np.isin(expected, held))


def test_components_follow_a_spiral():
    spiral = np.zeros((41, 41), np.uint8)
    for k in range(0, 20, 2):
        spiral[k : 41 - k, [k, 40 - k]] = 1
        spiral[[k, 40 - k], k : 41 - k] = 1
        spiral[k + 1, k] = 0
        spiral[k + 2, k : k + 3] = 1
    expected, number = scipy.ndimage.label(spiral)
    pieces = regions.components(spiral)
    assert len(np.unique(pieces[spiral == 1])) == number
    assert len(np.unique(np.stack([pieces, expected])[:, spiral == 1], axis=1)[0]) == number


@quick
@given(
    arrays.arrays(np.uint8, shapes, elements=st.integers(0, 6)),
    st.integers(0, 10_000),
    st.permutations([0, 1, 2]),
)
def test_nearest_equals_brute_force(values, seed, order):
    where = np.random.default_rng(seed).random(values.shape) < 0.3
    sources = np.isin(values, order) & ~where
    found = regions.nearest(values, where, sources, order)
    if not sources.any():
        assert found is None
        return
    rows, columns = np.nonzero(sources)
    rank = np.array([order.index(value) for value in values[sources]])
    for (y, x), value in zip(np.argwhere(where), found, strict=True):
        squared = (rows - y) ** 2 + (columns - x) ** 2
        assert value == order[rank[squared == squared.min()].min()]


def test_nearest_looks_across_the_whole_picture():
    values = np.zeros((150, 400), np.uint8)
    values[140, 390], values[149, 0] = 5, 7
    where = np.zeros(values.shape, bool)
    where[0, 0] = where[2, 399] = where[60, 5] = True
    assert regions.nearest(values, where, values > 0, (5, 7)).tolist() == [7, 5, 7]


@quick
@given(masks(), st.integers(0, 4))
def test_bounding_box_holds_the_region_and_its_margin(region, margin):
    box = regions.bounding_box(region, margin)
    if box is None:
        assert not region.any()
        return
    for axis, side in enumerate(box):
        places = np.nonzero(region)[axis]
        assert side.start == max(places.min() - margin, 0)
        assert side.stop == min(places.max() + 1 + margin, region.shape[axis])


def test_changed_region_is_the_dilated_difference():
    old = np.zeros((40, 40), np.uint8)
    new = old.copy()
    new[20, 20] = 3
    assert np.array_equal(regions.changed_region(old, new, 5), distances(old != new) <= 25)
    assert not regions.changed_region(old, old, 5).any()
    with pytest.raises(LabelsError, match="expected the same"):
        regions.changed_region(old, new[1:], 5)


@pytest.mark.parametrize("radius", [-1, float("nan"), 5000])
def test_an_impossible_radius_is_refused(radius):
    region = np.ones((4, 4), bool)
    for tool in (regions.dilate, regions.erode, regions.disc_counts, regions.feather):
        with pytest.raises(LabelsError, match="radius"):
            tool(region, radius)


def test_depth_is_the_distance_to_the_outside_up_to_a_limit() -> None:
    region = np.random.default_rng(4).random((23, 31)) < 0.97
    rows, columns = np.nonzero(~region)
    y, x = np.mgrid[:23, :31]
    exact = np.sqrt(((y[..., None] - rows) ** 2 + (x[..., None] - columns) ** 2).min(axis=2))
    assert exact.max() > 4
    for limit in (1, 4, 40):
        found = regions.depth(region, limit)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, np.minimum(exact, limit), rtol=1e-6)
    assert (regions.depth(np.ones((5, 5), np.bool_), 3) == 3).all()


def test_gaps_are_closed_that_a_disc_does_not_fit_into() -> None:
    region = np.ones((40, 40), np.bool_)
    region[:, 10:13] = region[:, 24:36] = False
    closed = regions.closed(region, 3)
    assert closed[20, 10:13].all()
    assert not closed[20, 24:36].any()
