"""Perturbed label maps: what every one of them keeps, and what some of them are known to do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from maskgan import images
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing.layers import PARTS
from maskgan.errors import ConfigError
from maskgan.evaluation.perturbations import MOVED, PERTURBATIONS, perturb
from maskgan.labels import IDS, Labels

SIDE = 256
COUNT = 6


@pytest.fixture(scope="module")
def people() -> list[Labels]:
    faces = []
    for seed in range(COUNT):
        rng = np.random.default_rng([21, seed])
        faces.append(draw_face(random_identity(rng), random_expression(rng), SIDE)[1])
    return faces


def perturbed(
    people: list[Labels], index: int, name: str, severity: float, size: int | None = None
) -> Labels:
    rng = np.random.default_rng([0, index])
    other = people[(index + 1) % COUNT]
    return perturb(name, severity, people[index], rng, other=other, size=size)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_label_map_comes_out_and_the_same_one_again(people: list[Labels], name: str) -> None:
    before = [labels.copy() for labels in people]
    for severity in PERTURBATIONS[name].severities:
        first = perturbed(people, 0, name, severity)
        assert first.dtype == np.uint8
        assert first.shape == (SIDE, SIDE)
        assert first.max() < 19
        assert np.array_equal(first, perturbed(people, 0, name, severity))
        small = perturbed(people, 0, name, severity, size=64)
        assert small.shape == (64, 64)
    assert all(np.array_equal(old, new) for old, new in zip(before, people, strict=True))


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_more_severity_changes_more_pixels(people: list[Labels], name: str) -> None:
    perturbation = PERTURBATIONS[name]
    severities = [perturbation.none, *perturbation.severities]
    assert severities == sorted(severities)
    shares = [
        np.mean(
            [(perturbed(people, index, name, s) != people[index]).mean() for index in range(COUNT)]
        )
        for s in severities
    ]
    assert shares[0] == 0
    assert all(less < more for less, more in pairwise(shares)), shares
    # The least of them leaves a face a face.
    assert shares[1] < 0.12, shares


@pytest.mark.parametrize("name", ["downsampled", "unlabelled at random"])
def test_what_has_no_size_is_done_at_the_size_rendered(people: list[Labels], name: str) -> None:
    severity = PERTURBATIONS[name].severities[-1]
    small = images.resize_labels(people[0], (64, 64))
    rng = np.random.default_rng([0, 0])
    direct = perturb(name, severity, small, rng, other=small)
    assert np.array_equal(perturbed(people, 0, name, severity, size=64), direct)


@pytest.mark.parametrize("name", ["unlabelled edges", "dilated", "eroded", "polygons"])
def test_pixels_are_those_of_a_face_of_512(name: str) -> None:
    """So half the radius on half the face, and about the same share of it changes."""
    rng = np.random.default_rng(5)
    identity, expression = random_identity(rng), random_expression(rng)
    shares = []
    for side in (256, 512):
        labels = draw_face(identity, expression, side)[1]
        found = perturb(name, 8 if name != "polygons" else 10, labels, rng, other=labels)
        shares.append((found != labels).mean())
    assert shares[0] == pytest.approx(shares[1], rel=0.3)


def test_unlabelled_edges_are_the_pixels_near_another_class() -> None:
    labels = np.zeros((512, 512), np.uint8)
    labels[100:200, 100:300] = 1
    found = perturb("unlabelled edges", 5, labels, np.random.default_rng(0), other=labels)
    expected = np.zeros_like(labels)
    expected[105:195, 105:295] = 1
    assert np.array_equal(found, expected)


def test_random_pixels_lose_their_label_in_the_share_asked_for() -> None:
    labels = np.full((512, 512), 13, np.uint8)
    less, more = (
        perturb("unlabelled at random", share, labels, np.random.default_rng(9), other=labels)
        for share in (0.1, 0.3)
    )
    assert set(np.unique(less)) == {0, 13}
    assert (less == 0).mean() == pytest.approx(0.1, abs=0.005)
    assert (more == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert not ((less == 0) & (more != 0)).any()


def test_roughly_drawn_parts_grow_and_shrink(people: list[Labels]) -> None:
    for index, labels in enumerate(people):
        large = perturbed(people, index, "dilated", 5)
        small = perturbed(people, index, "eroded", 5)
        for name in ("l_brow", "nose", "l_lip"):
            area = [(each == IDS[name]).sum() for each in (small, labels, large)]
            if area[1]:
                assert area[0] < area[1] < area[2], (index, name)


@pytest.mark.parametrize("name", ["shifted", "scaled", "rotated"])
def test_one_part_is_moved_and_the_same_one_at_every_severity(
    people: list[Labels], name: str
) -> None:
    """Pixels whose class was or is that of the part; what it uncovers belongs to them."""
    for index, labels in enumerate(people):
        parts = []
        for severity in PERTURBATIONS[name].severities:
            found = perturbed(people, index, name, severity)
            changed = found != labels
            assert changed.any()
            fits = {
                part
                for part in MOVED
                if np.isin(labels, PARTS[part])[changed].any()
                and (np.isin(labels, PARTS[part]) | np.isin(found, PARTS[part]))[changed].mean()
                > 0.9
            }
            parts.append(fits)
        assert parts[0] & parts[1], (index, parts)


def test_a_removed_part_is_gone(people: list[Labels]) -> None:
    for index, labels in enumerate(people):
        found = perturbed(people, index, "removed", 1)
        lost = set(np.unique(labels).tolist()) - set(np.unique(found).tolist())
        assert lost, index


def test_a_part_that_another_one_covers_on_the_way_is_left_out() -> None:
    """Hair is drawn larger before the ears, and grows over all of a thin one."""
    labels = np.full((512, 512), IDS["hair"], np.uint8)
    labels[100:400, 100:400] = IDS["skin"]
    labels[250:270, 400:404] = IDS["l_ear"]
    labels[270:280, 400:404] = IDS["ear_r"]
    for name in PERTURBATIONS:
        for severity in PERTURBATIONS[name].severities:
            for seed in range(6):
                rng = np.random.default_rng(seed)
                assert perturb(name, severity, labels, rng, other=labels).shape == labels.shape
    found = perturb("dilated", 8, labels, np.random.default_rng(0), other=labels)
    assert not (found == IDS["l_ear"]).any()


def test_a_face_without_anything_to_move_stays(people: list[Labels]) -> None:
    blank = np.zeros((64, 64), np.uint8)
    for name in PERTURBATIONS:
        for severity in PERTURBATIONS[name].severities:
            found = perturb(name, severity, blank, np.random.default_rng(0), other=blank)
            assert np.array_equal(found, blank), name


def test_an_unknown_perturbation_is_a_sentence(people: list[Labels]) -> None:
    with pytest.raises(ConfigError, match="Unknown perturbation 'bent'; there are: downsampled"):
        perturb("bent", 1, people[0], np.random.default_rng(0), other=people[1])
