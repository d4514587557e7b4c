"""Faces drawn by code: exact labels, the frame, determinism, pairs, dataset folders."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from maskgan import files, images, labels
from maskgan.data import manifest
from maskgan.data.drawn import (
    Expression,
    Face,
    Identity,
    draw_dataset,
    draw_face,
    draw_pair,
    expression_region,
    random_expression,
    random_identity,
)
from maskgan.errors import ConfigError, DatasetError, OutputError

SEEDS = range(100)


def person(seed: int) -> tuple[Identity, Expression]:
    rng = np.random.default_rng(seed)
    return random_identity(rng), random_expression(rng)


@cache
def face(seed: int) -> Face:
    return draw_face(*person(seed), 128)


@cache
def plain() -> Identity:
    """Somebody on whom every feature shows: no hair, glasses or hat over it, looking straight."""
    return dataclasses.replace(
        person(7)[0],
        yaw=0.0,
        pitch=0.0,
        roll=0.0,
        hair="short",
        fringe="open",
        beard=0.0,
        glasses="none",
        hat="none",
        earrings="none",
        necklace="none",
    )


def center(values: labels.Labels, *names: str) -> tuple[float, float]:
    """Mean (x, y) of the named parts, in pixels of the 512 px frame."""
    rows, columns = np.nonzero(np.isin(values, [labels.IDS[name] for name in names]))
    scale = labels_scale(values)
    return (columns.mean() + 0.5) * scale - 0.5, (rows.mean() + 0.5) * scale - 0.5


def labels_scale(values: labels.Labels) -> float:
    return 512 / values.shape[0]


def area(values: labels.Labels, name: str) -> int:
    return int((values == labels.IDS[name]).sum())


def test_photo_and_labels_have_the_promised_form() -> None:
    photo, values = face(0)
    assert photo.shape == (128, 128, 3)
    assert photo.dtype == np.uint8
    assert values.shape == (128, 128)
    assert values.dtype == np.uint8
    assert photo.std() > 20


def test_all_classes_occur_and_no_other_value() -> None:
    found = set(np.unique([face(seed)[1] for seed in SEEDS]).tolist())
    assert found == set(range(labels.NUM_CLASSES))


def test_sides_are_the_persons_own() -> None:
    for seed in SEEDS:
        values = face(seed)[1]
        assert not labels.sides_exchanged(values)
        if area(values, "l_ear") and area(values, "r_ear"):
            assert center(values, "l_ear")[0] > center(values, "r_ear")[0]


def test_the_order_is_recognised() -> None:
    assert sum(labels.detect_order(face(seed)[1]) == "A" for seed in SEEDS) >= 99


def test_eyes_and_mouth_lie_in_the_celeba_hq_frame() -> None:
    _, values = draw_face(plain(), Expression(), 512)
    assert center(values, "r_eye") == pytest.approx((191.0, 242.8), abs=4)
    assert center(values, "l_eye") == pytest.approx((316.5, 243.4), abs=4)
    assert center(values, "u_lip", "l_lip") == pytest.approx((253.4, 381.5), abs=5)


def test_turned_heads_keep_the_frame_within_a_few_pixels() -> None:
    for seed in SEEDS:
        identity, _ = person(seed)
        if identity.glasses == "sun" or identity.fringe == "bangs":
            continue
        _, values = draw_face(identity, Expression(), 64)
        assert center(values, "l_eye") == pytest.approx((316.5, 243.4), abs=18)
        assert center(values, "u_lip", "l_lip") == pytest.approx((253.4, 381.5), abs=18)


def test_the_same_arguments_give_the_same_pixels_and_others_do_not() -> None:
    again = draw_face(*person(3), 128)
    assert np.array_equal(again[0], face(3)[0])
    assert np.array_equal(again[1], face(3)[1])
    assert not np.array_equal(face(4)[0], face(3)[0])


@pytest.mark.parametrize("seed", [2, 5, 6, 11])
def test_labels_are_the_same_drawing_at_every_size(seed: int) -> None:
    small, large = (draw_face(*person(seed), size)[1] for size in (128, 512))
    assert (images.resize_labels(large, (128, 128)) == small).mean() > 0.975


@pytest.mark.parametrize("seed", [2, 5, 6, 11])
def test_photos_are_the_same_drawing_at_every_size(seed: int) -> None:
    small, large = (draw_face(*person(seed), size)[0] for size in (128, 512))
    difference = images.resize(large, (128, 128)).astype(int) - small
    assert np.abs(difference).mean() < 5


@pytest.mark.parametrize("size", [64, 100, 333, 512])
def test_sizes(size: int) -> None:
    photo, values = draw_face(plain(), Expression(smile=0.8, mouth_open=0.6), size)
    assert photo.shape == (size, size, 3)
    features = ("skin", "nose", "l_eye", "r_eye", "l_brow", "r_brow", "mouth", "u_lip", "l_lip")
    for name in (*features, "hair", "l_ear", "r_ear", "neck", "cloth"):
        assert area(values, name) > 0, name


@pytest.mark.parametrize("size", [63, 513])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ConfigError, match=f"size is {size}; expected 64 to 512"):
        draw_face(plain(), Expression(), size)


def test_labels_follow_the_colors_of_the_photo() -> None:
    """Recoloring one part changes the photo only where its label is, give or take an edge."""
    dyed = dataclasses.replace(plain(), lip_color=(20.0, 40.0, 240.0))
    before, values = draw_face(plain(), Expression(), 256)
    after, same = draw_face(dyed, Expression(), 256)
    assert np.array_equal(values, same)
    lips = np.isin(values, (labels.IDS["u_lip"], labels.IDS["l_lip"]))
    changed = np.abs(before.astype(int) - after).max(axis=2) > 40
    assert (changed & lips).sum() > 0.95 * lips.sum()
    assert (changed & ~lips).sum() < 0.15 * lips.sum()


def test_expressions_do_what_they_say() -> None:
    def drawn(**values: float) -> labels.Labels:
        return draw_face(plain(), Expression(**values), 256)[1]

    rest = drawn()
    assert area(rest, "mouth") == 0
    assert area(drawn(mouth_open=0.9), "mouth") > 2 * area(drawn(mouth_open=0.3), "mouth") > 0
    assert center(drawn(brow=1), "l_brow")[1] < center(rest, "l_brow")[1] - 3
    assert area(drawn(eye_opening=1), "l_eye") > 1.2 * area(rest, "l_eye")
    assert 0 < area(drawn(eye_opening=0), "l_eye") < 0.5 * area(rest, "l_eye")

    def lip_width(values: labels.Labels) -> int:
        return int((values == labels.IDS["l_lip"]).any(axis=0).sum())

    assert lip_width(drawn(smile=1)) > lip_width(drawn(smile=-1)) + 8


@pytest.mark.parametrize(
    ("option", "value", "name"),
    [
        ("hat", "beanie", "hat"),
        ("hat", "cap", "hat"),
        ("hat", "brim", "hat"),
        ("hat", "beret", "hat"),
        ("glasses", "round", "eye_g"),
        ("glasses", "square", "eye_g"),
        ("glasses", "sun", "eye_g"),
        ("earrings", "stud", "ear_r"),
        ("earrings", "hoop", "ear_r"),
        ("earrings", "drop", "ear_r"),
        ("necklace", "chain", "neck_l"),
        ("necklace", "beads", "neck_l"),
        ("necklace", "pendant", "neck_l"),
    ],
)
def test_what_is_worn_is_labelled(option: str, value: str, name: str) -> None:
    worn = dataclasses.replace(plain(), **{option: value, "clothes": "crew"})
    assert area(draw_face(plain(), Expression(), 128)[1], name) == 0
    assert area(draw_face(worn, Expression(), 128)[1], name) > 5


def test_eyes_show_through_clear_glasses_only() -> None:
    clear = draw_face(dataclasses.replace(plain(), glasses="square"), Expression(), 128)[1]
    dark = draw_face(dataclasses.replace(plain(), glasses="sun"), Expression(), 128)[1]
    assert area(clear, "l_eye") > 0
    assert area(dark, "l_eye") == 0


def test_a_bald_head_has_no_hair() -> None:
    bald = dataclasses.replace(plain(), hair="bald")
    assert area(draw_face(bald, Expression(), 128)[1], "hair") == 0


def test_a_pair_differs_only_where_expressions_act() -> None:
    changed = 0
    for seed in range(40):
        (photo, values), (other_photo, other_values) = draw_pair(seed, 128)
        region = expression_region(random_identity(np.random.default_rng(seed)), 128)
        assert region.mean() < 0.3
        assert np.array_equal(photo[~region], other_photo[~region]), seed
        assert np.array_equal(values[~region], other_values[~region]), seed
        changed += not np.array_equal(values, other_values)
    assert changed >= 39


@pytest.mark.parametrize("sign", [-1, 1])
def test_extreme_expressions_stay_in_their_region(sign: int) -> None:
    extreme = Expression(
        smile=sign,
        mouth_open=1,
        brow=-sign,
        frown=sign,
        eye_opening=(sign + 1) / 2,
        gaze_x=sign,
        gaze_y=sign,
    )
    for seed in range(12):
        identity, _ = person(seed)
        region = expression_region(identity, 128)
        first, _ = draw_face(identity, Expression(), 128)
        second, _ = draw_face(identity, extreme, 128)
        assert np.array_equal(first[~region], second[~region]), seed


def test_dataset_folder(tmp_path: Path) -> None:
    output = tmp_path / "new" / "faces"
    returned = draw_dataset(6, output, size=64, seed=9, workers=1, progress=False)
    assert manifest.load(output) == returned
    assert list(returned.faces) == [f"{index:05d}" for index in range(6)]
    assert returned.size == 64
    for stem, record in returned.faces.items():
        photo_path, labels_path = output / f"images/{stem}.jpg", output / f"labels/{stem}.png"
        assert images.read(photo_path).shape == (64, 64, 3)
        images.read_labels(labels_path, (64, 64))
        assert files.sha256(photo_path) == record.image_sha256
        assert files.sha256(labels_path) == record.labels_sha256
    assert sorted(path.name for path in output.iterdir()) == ["dataset.json", "images", "labels"]
    assert [path.name for path in output.parent.iterdir()] == ["faces"]


def test_attributes_say_what_was_drawn(drawn_faces: Path) -> None:
    described = manifest.load(drawn_faces)
    assert described.attribute_names == ("Eyeglasses", "Smiling", "Wearing_Hat")
    counts = np.zeros(3, int)
    widths: dict[int, list[int]] = {0: [], 1: []}
    for stem, record in described.faces.items():
        values = images.read_labels(drawn_faces / f"labels/{stem}.png")
        glasses, smiling, hat = record.attributes
        assert glasses == (area(values, "eye_g") > 0)
        assert hat == (area(values, "hat") > 0)
        widths[smiling].append(int((values == labels.IDS["l_lip"]).any(axis=0).sum()))
        counts += record.attributes
    assert counts.min() > 0
    assert 10 <= counts[1] <= 30  # about half of the 40 smile
    assert np.mean(widths[1]) > np.mean(widths[0])


def test_workers_and_count_do_not_change_a_face(tmp_path: Path) -> None:
    few = draw_dataset(3, tmp_path / "few", size=64, workers=1, progress=False)
    (tmp_path / "more").mkdir()
    more = draw_dataset(4, tmp_path / "more", size=64, workers=2, progress=False)
    other = draw_dataset(3, tmp_path / "other", size=64, seed=1, workers=1, progress=False)
    assert {stem: more.faces[stem] for stem in few.faces} == few.faces
    assert other.faces["00000"] != few.faces["00000"]


def test_output_that_is_not_empty_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DatasetError, match="is not empty"):
        draw_dataset(2, tmp_path, size=64, progress=False)
    with pytest.raises(DatasetError, match="is a file"):
        draw_dataset(2, tmp_path / "notes.txt", size=64, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_output_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Cannot make"):
        draw_dataset(2, tmp_path / "file" / "faces", size=64, progress=False)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"count": 0}, "count is 0"),
        ({"count": 1, "size": 32}, "size is 32"),
        ({"count": 1, "workers": 0}, "workers is 0"),
        ({"count": 1, "seed": -1}, "seed is -1"),
    ],
)
def test_impossible_options_leave_nothing(
    tmp_path: Path, options: dict[str, int], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        draw_dataset(output=tmp_path / "faces", progress=False, **options)
    assert not (tmp_path / "faces").exists()
