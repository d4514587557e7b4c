"""Painting, erasing and reshaping: what may change, what must not."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from face_maps import SIZE, face
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from maskgan.editing import layers, masks, shapes
from maskgan.errors import LabelsError
from maskgan.labels import IDS, LABELS, NUM_CLASSES, mirror

quick = settings(max_examples=30, deadline=None)
classes = st.integers(0, NUM_CLASSES - 1)
points = st.tuples(st.floats(-10, SIZE + 10), st.floats(-10, SIZE + 10))
strokes = st.lists(points, min_size=1, max_size=4)
radii = st.floats(0, 15)
some = st.sets(classes, max_size=6)
FACE_PARTS = ("skin", "nose", "l_eye", "r_brow", "u_lip", "mouth", "hair", "neck", "cloth", "l_ear")


@quick
@given(strokes, radii, classes, st.none() | some, some)
def test_a_stroke_changes_only_what_it_may(line, radius, index, only, locked):
    labels = face()
    before = labels.copy()
    after = masks.paint_stroke(labels, line, radius, index, only=only, locked=locked)
    assert np.array_equal(labels, before)
    assert after.dtype == np.uint8
    writable = shapes.stroke(labels.shape, line, radius) & ~np.isin(labels, list(locked))
    if only is not None:
        writable &= np.isin(labels, list(only))
    assert (after[writable] == index).all()
    assert np.array_equal(after[~writable], labels[~writable])


@quick
@given(points, classes)
def test_a_single_click_paints_a_disc(point, index):
    labels = face()
    clicked = masks.paint_stroke(labels, [point], 3, index)
    assert np.array_equal(clicked, masks.paint_disc(labels, point, 3, index))
    x, y = round(point[0]), round(point[1])
    if 0 <= x < SIZE and 0 <= y < SIZE:
        assert masks.paint_disc(labels, (x, y), 0, index)[y, x] == index


@quick
@given(st.lists(st.tuples(strokes, classes), min_size=2, max_size=5))
def test_later_strokes_lie_on_top_whatever_their_class(steps):
    labels = face()
    for line, index in steps:
        labels = masks.paint_stroke(labels, line, 6, index)
    expected = face()
    for line, index in steps:
        expected[shapes.stroke(expected.shape, line, 6)] = index
    assert np.array_equal(labels, expected)


def test_a_polygon_is_painted_inside_only():
    labels = face()
    after = masks.paint_polygon(labels, [(10, 10), (30, 10), (30, 40)], "hat", locked="hair")
    inside = shapes.polygon(labels.shape, [(10, 10), (30, 10), (30, 40)])
    assert ((after == IDS["hat"]) == (inside & (labels != IDS["hair"]))).all()
    with pytest.raises(LabelsError, match="at least 3"):
        masks.paint_polygon(labels, [(1, 1), (2, 2)], "hat")


@quick
@given(
    arrays.arrays(np.uint8, (12, 17), elements=st.integers(0, 2)),
    st.integers(0, 16),
    st.integers(0, 11),
    classes,
)
def test_fill_paints_the_connected_piece_that_scipy_finds(labels, x, y, index):
    pieces, _ = scipy.ndimage.label(labels == labels[y, x])
    expected = np.where(pieces == pieces[y, x], index, labels)
    assert np.array_equal(masks.fill(labels, (x, y), index), expected)
    own = int(labels[y, x])
    assert np.array_equal(masks.fill(labels, (x, y), index, locked=own), labels)


@quick
@given(strokes, radii, st.none() | some, some)
def test_erasing_a_region_removes_what_lies_on_the_ground(line, radius, only, locked):
    labels = face()
    before = labels.copy()
    region = shapes.stroke(labels.shape, line, radius)
    after = masks.erase(labels, region, only=only, locked=locked)
    assert np.array_equal(labels, before)
    gone = set(range(NUM_CLASSES)) - set(layers.GROUND) if only is None else only
    erased = region & np.isin(labels, list(gone - locked))
    assert np.array_equal(after[~erased], labels[~erased])
    own = labels[erased]
    # Nothing lies under the background; everything else gives way.
    assert (after[erased][own > 0] != own[own > 0]).all()
    assert after.max() < NUM_CLASSES


@pytest.mark.parametrize("part", ["mouth", "eyes", "brows", "nose", "features", "lips"])
def test_features_are_erased_to_skin(part):
    labels = face()
    erased = np.isin(labels, layers.PARTS[part])
    after = masks.erase(labels, part)
    assert set(np.unique(after[erased])) == {IDS["skin"]}
    assert np.array_equal(after[~erased], labels[~erased])


def test_a_mouth_erased_alone_is_closed_by_the_lips():
    labels = face()
    after = masks.erase(labels, labels == IDS["mouth"])
    assert set(np.unique(after[labels == IDS["mouth"]])) == {IDS["u_lip"], IDS["l_lip"]}


def test_erased_hair_leaves_a_head_and_the_background():
    labels = face()
    after = masks.erase(labels, "hair")
    assert not (after == IDS["hair"]).any()
    # The crown is as far above the eyes as the chin below, within the hair.
    assert after[14, 48] == IDS["skin"]
    assert after[5, 48] == after[20, 18] == IDS["background"]


def test_a_symmetric_face_stays_symmetric():
    labels = np.ascontiguousarray(face()[:, 1:])
    assert np.array_equal(mirror(labels), labels)
    for part in ("hair", "ears", "mouth", "features"):
        after = masks.erase(labels, part)
        assert np.array_equal(mirror(after), after)
    for tool in (masks.grow, masks.shrink, masks.smooth):
        after = tool(labels, "hair", 3)
        assert np.array_equal(mirror(after), after)


def test_hair_up_to_the_border_does_not_become_a_tower_of_skin():
    labels = face()
    labels[(labels == 0) & (np.arange(SIZE)[:, None] < 60)] = IDS["hair"]
    after = masks.erase(labels, "hair")
    assert after[0, 48] == IDS["background"]
    assert after[20, 48] == IDS["skin"]


def test_slits_of_background_between_parts_do_not_spread():
    labels = face(size=512)
    hairline = np.argwhere(labels[:, 256] == IDS["skin"]).min()
    labels[hairline : hairline + 4, 230:280] = IDS["background"]
    after = masks.shrink(labels, "hair", 12)
    receded = (labels == IDS["hair"]) & (after != IDS["hair"])
    assert set(np.unique(after[:, 240:270][receded[:, 240:270]])) == {0, IDS["skin"]}
    assert (after[hairline - 12 : hairline, 240:270] == IDS["skin"]).all()


@pytest.mark.parametrize("radius", [0, 1, 2.5, 4])
@pytest.mark.parametrize("name", FACE_PARTS)
def test_grow_and_shrink_follow_scipy(name, radius):
    labels = face()
    index = IDS[name]
    reach = int(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = x * x + y * y <= radius * radius
    everything = range(NUM_CLASSES)
    grown = masks.grow(labels, name, radius, only=everything)
    assert np.array_equal(grown == index, scipy.ndimage.binary_dilation(labels == index, disc))
    shrunk = masks.shrink(labels, name, radius)
    whole = np.isin(labels, (index, *layers.WORN.get(index, ())))
    kept = scipy.ndimage.binary_erosion(whole, disc, border_value=1)
    assert np.array_equal(shrunk == index, kept & (labels == index))
    assert np.array_equal(shrunk[labels != index], labels[labels != index])


def test_growing_hair_does_not_cover_the_features_unless_told():
    labels = face()
    features = np.isin(labels, layers.FEATURES)
    grown = masks.grow(labels, "hair", 30)
    assert np.array_equal(grown[features], labels[features])
    assert (grown == IDS["hair"]).sum() > (labels == IDS["hair"]).sum()
    told = masks.grow(labels, "hair", 30, only=["l_brow"])
    assert not (told == IDS["l_brow"]).any()
    assert np.array_equal(told[labels != IDS["l_brow"]], labels[labels != IDS["l_brow"]])


def test_classes_grown_together_keep_their_sides():
    labels = face()
    grown = masks.grow(labels, ("u_lip", "l_lip"), 3, locked="mouth")
    new = (grown != labels) & (np.arange(SIZE)[:, None] < 60)
    assert set(np.unique(grown[new])) == {IDS["u_lip"]}


@quick
@given(st.sampled_from(FACE_PARTS), st.integers(0, 6), some)
def test_smooth_keeps_area_and_locked_classes(name, radius, locked):
    labels = face()
    before = labels.copy()
    after = masks.smooth(labels, name, radius, locked=locked)
    assert np.array_equal(labels, before)
    held = np.isin(labels, list(locked))
    assert np.array_equal(after[held], labels[held])
    if radius == 0:
        assert np.array_equal(after, labels)
    if not locked and name not in ("hair", "skin"):
        area = (labels == IDS[name]).sum()
        assert abs(int((after == IDS[name]).sum()) - int(area)) <= 0.35 * area


def test_smooth_removes_ragged_edges():
    labels = face()
    ragged = masks.paint_disc(labels, (16, 8), 1, "hair", only="background")
    top = np.argwhere(labels[:, 48] == IDS["hair"]).min()
    ragged[top : top + 3, 44:52:2] = IDS["background"]
    after = masks.smooth(ragged, "hair", 4)
    assert not (after[:12, :18] == IDS["hair"]).any()
    _, number = scipy.ndimage.label(after == IDS["background"])
    assert number <= scipy.ndimage.label(ragged == IDS["background"])[1]


@quick
@given(arrays.arrays(np.uint8, (15, 12), elements=st.integers(0, 3)), st.integers(1, 12))
def test_no_small_island_is_left(labels, least):
    before = labels.copy()
    after = masks.clean_islands(labels, None, least)
    assert np.array_equal(labels, before)
    sizes = [np.bincount(scipy.ndimage.label(after == index)[0].ravel())[1:] for index in range(4)]
    # A map of nothing but islands has nothing to turn them into.
    if (np.concatenate(sizes) >= least).any():
        assert (np.concatenate(sizes) >= least).all()
    else:
        assert np.array_equal(after, labels)
    assert set(np.unique(after)) <= set(np.unique(labels))


def test_an_island_takes_the_class_around_it():
    labels = face()
    speck = masks.paint_disc(labels, (48, 58), 2, "cloth")
    cleaned = masks.clean_islands(speck, "cloth", 30)
    assert set(np.unique(cleaned[speck != labels])) <= {IDS["skin"], IDS["nose"]}
    assert np.array_equal(cleaned[speck == labels], labels[speck == labels])
    assert np.array_equal(masks.clean_islands(speck, "hair", 30)[58], speck[58])
    assert np.array_equal(masks.clean_islands(speck, None, 30, locked="cloth")[58], speck[58])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: masks.paint_disc(m, (1, 1), 2, "moustache"), "no class 'moustache'"),
        (lambda m: masks.paint_disc(m, (1, 1), 2, 19), "ids go from 0 to 18"),
        (lambda m: masks.paint_disc(m, (1, 1), 2, True), "ids go from 0 to 18"),
        (lambda m: masks.paint_disc(m, (1, 1), 2, 1.5), "not a class"),
        (lambda m: masks.paint_disc(m, (1, 1), 2, 1, only="face"), "no class 'face'"),
        (lambda m: masks.fill(m.astype(int), (1, 1), 2), "array of int64"),
        (lambda m: masks.fill(m[None], (1, 1), 2), r"expected an array of uint8 \(height"),
        (lambda m: masks.fill(m.tolist(), (1, 1), 2), "is a list"),
        (lambda m: masks.fill(m + 10, (1, 1), 2), "holds the value"),
        (lambda m: masks.fill(m[:0], (1, 1), 2), "96x0 pixels"),
        (lambda m: masks.fill(m, (96, 1), 2), "outside the label map"),
        (lambda m: masks.fill(m, (1, float("nan")), 2), "outside the label map"),
        (lambda m: masks.erase(m, m), "expected bool"),
        (lambda m: masks.erase(m, m[1:] > 3), r"shape \(95, 96\)"),
        (lambda m: masks.erase(m, "chin"), "no part 'chin'"),
        (lambda m: masks.erase(m, "background"), "not a part"),
        (lambda m: masks.grow(m, "hat", 2), "has no hat"),
        (lambda m: masks.shrink(m, "hat", 2), "has no hat"),
        (lambda m: masks.smooth(m, (), 2), "has no"),
    ],
)
def test_mistakes_get_a_sentence(call, words):
    with pytest.raises(LabelsError, match=words):
        call(face())


def test_every_class_has_its_place_among_the_layers():
    assert set(layers.UNDERNEATH) == set(range(NUM_CLASSES))
    assert set(layers.IN_FRONT) == set(range(1, NUM_CLASSES))
    for index, below in layers.UNDERNEATH.items():
        assert index not in below
    assert {index for ids in layers.PARTS.values() for index in ids} == set(range(1, NUM_CLASSES))
    assert [layers.class_id(name) for name in LABELS] == list(range(NUM_CLASSES))
