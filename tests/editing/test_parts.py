"""Moving, mirroring and taking whole parts."""

from __future__ import annotations

import numpy as np
import pytest
from face_maps import SIZE, face
from hypothesis import given, settings
from hypothesis import strategies as st

from maskgan.editing import layers, masks, parts
from maskgan.errors import LabelsError
from maskgan.labels import IDS, MIRROR, NUM_CLASSES

quick = settings(max_examples=30, deadline=None)
HERE = ("skin", "nose", "eyes", "brows", "ears", "mouth", "lips", "hair", "neck", "clothes")
part_names = st.sampled_from(HERE)
few = st.sets(st.integers(0, NUM_CLASSES - 1), max_size=5)


def ids_of(part: str) -> tuple[int, ...]:
    return layers.PARTS[part]


def center(region: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(region)
    return columns.mean(), rows.mean()


@quick
@given(st.sampled_from(["mouth", "nose", "eyes"]), st.integers(-4, 4), st.integers(-3, 3))
def test_a_part_moved_by_whole_pixels_and_back_is_where_it_was(part, dx, dy):
    labels = face()
    # Alone on the skin, so that nothing collides.
    others = [i for i in layers.FEATURES if i not in ids_of(part)]
    labels = masks.erase(labels, others)
    moved = parts.move_part(labels, part, dx, dy)
    assert np.array_equal(
        np.isin(moved, ids_of(part)), np.roll(np.isin(labels, ids_of(part)), (dy, dx), (0, 1))
    )
    assert np.array_equal(parts.move_part(moved, part, -dx, -dy), labels)


@quick
@given(
    part_names,
    st.sampled_from(["move", "scale", "rotate", "take"]),
    st.floats(-20, 20),
    st.none() | few,
    few,
)
def test_only_the_part_and_what_it_may_cover_changes(part, tool, amount, only, locked):
    labels, other = face(), face(3, 2, mouth=1.3, hair=1.1)
    before = labels.copy()
    ids = ids_of(part)
    locked = locked - set(ids)
    after = {
        "move": lambda: parts.move_part(labels, part, amount, amount / 2, only=only, locked=locked),
        "scale": lambda: parts.scale_part(labels, part, 1 + amount / 30, only=only, locked=locked),
        "rotate": lambda: parts.rotate_part(labels, part, amount, only=only, locked=locked),
        "take": lambda: parts.take_part(labels, other, part, only=only, locked=locked),
    }[tool]()
    assert np.array_equal(labels, before)
    assert after.dtype == np.uint8
    assert after.max() < NUM_CLASSES
    changed = after != labels
    own = np.isin(labels, ids)
    assert not (changed & np.isin(labels, list(locked))).any()
    # Beyond the part's old place nothing appears but the part.
    assert np.isin(after[changed & ~own], ids).all()
    if only is not None:
        assert np.isin(labels[changed & ~own], list(only)).all()
    else:
        front = {front for index in ids for front in layers.IN_FRONT[index]} - set(ids)
        assert not np.isin(labels[changed & ~own], list(front)).any()


@pytest.mark.parametrize("part", HERE)
def test_a_part_moved_by_nothing_stays(part):
    labels = face()
    assert np.array_equal(parts.move_part(labels, part, 0, 0), labels)
    assert np.array_equal(parts.scale_part(labels, part, 1), labels)
    assert np.array_equal(parts.rotate_part(labels, part, 0), labels)
    assert np.array_equal(parts.transform_part(labels, part, np.eye(2, 3)), labels)


def test_half_a_pixel_keeps_the_width():
    labels = face()
    for dx in (0.5, -0.5):
        moved = parts.move_part(labels, "nose", dx, 0)
        assert (moved == IDS["nose"]).sum() == (labels == IDS["nose"]).sum()


def test_eyes_are_scaled_each_about_its_own_centre():
    labels = face()
    opened = parts.scale_part(labels, "eyes", 1, 2)
    for index in ids_of("eyes"):
        assert center(opened == index) == pytest.approx(center(labels == index), abs=0.6)
        assert 1.6 < (opened == index).sum() / (labels == index).sum() < 2.6
    apart = parts.scale_part(labels, "eyes", 1.3, center=(48, 44))
    assert center(apart == IDS["l_eye"])[0] > center(labels == IDS["l_eye"])[0] + 2


def test_rotation_is_clockwise_on_the_screen():
    labels = face()
    turned = parts.rotate_part(labels, "mouth", 30)
    mouth = np.isin(turned, ids_of("mouth"))
    right = mouth & (np.arange(SIZE)[None] > 52)
    left = mouth & (np.arange(SIZE)[None] < 44)
    assert center(right)[1] > center(left)[1] + 3


def test_hair_cut_by_the_border_goes_on_when_it_comes_in():
    labels = face(hair=1.4)
    assert (labels[0, 30:60] == IDS["hair"]).all()
    moved = parts.move_part(labels, "hair", 0, 6)
    assert (moved[:6, 40:56] == IDS["hair"]).all()


def test_bigger_hair_leaves_no_gap_to_the_face():
    labels = face()
    bigger = parts.scale_part(labels, "hair", 1.2)
    # Upwards from the forehead: skin, then hair, then background, each once.
    column = bigger[:40, 48]
    column = column[~np.isin(column, layers.FEATURES)]
    order = column[np.concatenate([[True], column[1:] != column[:-1]])]
    assert order.tolist()[-2:] == [IDS["hair"], IDS["skin"]]


@pytest.mark.parametrize("part", ["eyes", "brows", "ears"])
@pytest.mark.parametrize("source", ["left", "right"])
def test_mirroring_twice_changes_nothing_more(part, source):
    labels = parts.move_part(face(), "l_brow", 1, -2)
    labels = parts.scale_part(labels, "r_eye", 1.2, 1.7)
    once = parts.mirror_part(labels, part, source=source, axis=48)
    assert np.array_equal(parts.mirror_part(once, part, source=source, axis=48), once)
    left, right = (once == index for index in ids_of(part))
    assert np.array_equal(left[:, 1:], right[:, 1:][:, ::-1])
    side = 0 if source == "left" else 1
    kept = ids_of(part)[side]
    assert np.array_equal(once == kept, labels == kept)


def test_the_axis_is_found_midway_between_the_eyes():
    labels = masks.erase(parts.scale_part(face(4), "l_brow", 0.6), "ears")
    mirrored = parts.mirror_part(labels, "l_brow")
    assert center(mirrored == IDS["r_brow"])[0] == pytest.approx(
        104 - center(labels == IDS["l_brow"])[0]
    )
    with pytest.raises(LabelsError, match="give the axis"):
        parts.mirror_part(masks.erase(labels, "r_eye"), "brows")


@pytest.mark.parametrize("part", [*HERE, "features"])
@pytest.mark.parametrize("align", [False, True])
def test_a_part_taken_from_the_own_face_is_the_identity(part, align):
    labels = face()
    assert np.array_equal(parts.take_part(labels, labels, part, align=align), labels)


def test_accessories_taken_from_the_own_face_are_the_identity():
    labels = masks.paint_polygon(
        face(), [(32, 40), (64, 40), (64, 49), (32, 49)], "eye_g", only=("skin", "nose")
    )
    labels = masks.paint_disc(labels, (22, 60), 3, "ear_r")
    labels = masks.paint_stroke(labels, [(38, 80), (48, 83), (58, 80)], 1, "neck_l")
    labels = masks.paint_polygon(labels, [(14, 0), (82, 0), (76, 24), (20, 24)], "hat")
    for part in layers.PARTS:
        assert np.array_equal(parts.take_part(labels, labels, part), labels), part


def test_the_other_mouth_is_copied_as_it_is_or_aligned():
    labels, other = face(), face(5, -3, mouth=1.4)
    taken = parts.take_part(labels, other, "mouth")
    ids = ids_of("mouth")
    outside = np.isin(other, ids)
    assert np.array_equal(np.isin(taken, ids), outside)
    assert np.array_equal(taken[outside], other[outside])
    aligned = np.isin(parts.take_part(labels, other, "mouth", align=True), ids)
    assert center(aligned) == pytest.approx(center(np.isin(labels, ids)), abs=1)
    assert aligned.sum() == outside.sum()


def test_aligned_eyes_lie_where_the_own_ones_are():
    labels, other = face(), face(6, 5)
    aligned = parts.take_part(labels, parts.scale_part(other, "eyes", 1, 2), "eyes", align=True)
    for index in ids_of("eyes"):
        assert center(aligned == index) == pytest.approx(center(labels == index), abs=1)
        assert (aligned == index).sum() > 1.5 * (labels == index).sum()


def test_taken_hair_does_not_cover_the_face_and_leaves_no_own_hair():
    labels, other = face(hair=1.1), face(hair=0.9)
    other = masks.paint_polygon(other, [(20, 20), (76, 20), (76, 50), (20, 50)], "hair")
    taken = parts.take_part(labels, other, "hair")
    features = np.isin(labels, layers.FEATURES)
    assert np.array_equal(taken[features], labels[features])
    assert not ((taken == IDS["hair"]) & (other != IDS["hair"])).any()
    over = parts.take_part(labels, other, "hair", only=range(NUM_CLASSES))
    assert np.array_equal(over == IDS["hair"], other == IDS["hair"])


def test_glasses_are_taken_with_their_lenses():
    other = masks.paint_polygon(
        face(2, 2), [(30, 38), (70, 38), (70, 52), (30, 52)], "eye_g", only=("skin", "nose")
    )
    taken = parts.take_part(face(), other, "glasses")
    # Where the other's eyes were, the lens goes on around the own eyes.
    hole = np.isin(other, ids_of("eyes")) & ~np.isin(face(), layers.FEATURES)
    assert hole.any()
    assert (taken[hole] == IDS["eye_g"]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: parts.move_part(m, "hat", 1, 1), "has no hat"),
        (lambda m: parts.move_part(m, "teeth", 1, 1), "no part 'teeth'"),
        (lambda m: parts.move_part(m, 0, 1, 1), "not a part"),
        (lambda m: parts.move_part(m, "nose", float("nan"), 1), "finite"),
        (lambda m: parts.move_part(m, "hair", 1, 1, locked="hair"), "hair is locked"),
        (lambda m: parts.scale_part(m, "nose", 0), "factors above 0"),
        (lambda m: parts.rotate_part(m, "nose", float("inf")), "number of degrees"),
        (lambda m: parts.transform_part(m, "nose", np.zeros((2, 3))), "flattens"),
        (lambda m: parts.transform_part(m, "nose", np.eye(3)), r"shape \(2, 3\)"),
        (lambda m: parts.mirror_part(m, "mouth"), "no left and right"),
        (lambda m: parts.take_part(m, m, "hat"), "other face has no hat"),
        (lambda m: parts.take_part(m, m[1:], "nose"), "96x95 pixels"),
        (lambda m: parts.take_part(m, m.astype(float), "nose"), "other face's label map"),
    ],
)
def test_mistakes_get_a_sentence(call, words):
    with pytest.raises(LabelsError, match=words):
        call(face())


def test_mirrored_ids_are_the_other_sides():
    assert [MIRROR[index] for index in layers.PAIRED] == [5, 4, 7, 6, 9, 8]
