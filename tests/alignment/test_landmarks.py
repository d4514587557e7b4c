"""Landmarks, from the labels of drawn faces."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from maskgan.alignment.landmarks import TYPICAL, Landmarks, face_spots, locate
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.labels import IDS, Labels

SKIN = np.uint8(IDS["skin"])


@pytest.fixture(scope="module")
def face() -> Labels:
    rng = np.random.default_rng(3)
    _, labels = draw_face(random_identity(rng), random_expression(rng), 512)
    return np.where(labels == IDS["eye_g"], SKIN, labels)


def without(face: Labels, *names: str) -> Labels:
    return np.where(np.isin(face, [IDS[name] for name in names]), SKIN, face)


def test_a_whole_face_is_located_and_scores_high(face: Labels) -> None:
    seen = locate(face)
    assert seen is not None
    assert seen.hidden == 0
    assert seen.score > 0.7
    assert np.abs(seen.points - TYPICAL[:3]).max() < 25


def test_points_go_with_the_side_of_the_crop(face: Labels) -> None:
    large = locate(face)
    small = locate(np.asarray(Image.fromarray(face).resize((256, 256), Image.Resampling.NEAREST)))
    assert large is not None
    assert small is not None
    np.testing.assert_allclose((small.points + 0.5) * 2 - 0.5, large.points, atol=1.0)
    assert small.score == pytest.approx(large.score, abs=0.05)


def test_a_face_off_the_frame_scores_as_it_would_inside(face: Labels) -> None:
    smaller = Image.fromarray(face).resize((400, 400), Image.Resampling.NEAREST)
    pasted = np.zeros((512, 512), np.uint8)
    pasted[70:470, 30:430] = np.asarray(smaller)
    off, inside = locate(pasted), locate(face)
    assert off is not None
    assert inside is not None
    assert off.score == pytest.approx(inside.score, abs=0.05)


@pytest.mark.parametrize("eye", ["l_eye", "r_eye"])
def test_a_hidden_eye_is_where_it_would_be(face: Labels, eye: str) -> None:
    whole, seen = locate(face), locate(without(face, eye))
    assert whole is not None
    assert seen is not None
    assert seen.hidden == 1
    assert np.linalg.norm(seen.points - whole.points, axis=1).max() < 25
    assert seen.score < whole.score


def test_closed_eyes_are_told_by_the_brows(face: Labels) -> None:
    whole, seen = locate(face), locate(without(face, "l_eye", "r_eye"))
    assert whole is not None
    assert seen is not None
    assert seen.hidden == 2
    assert np.linalg.norm(seen.points - whole.points, axis=1).max() < 25


def wear_glasses(labels: Labels, seen: Landmarks, outwards: int, below: int) -> None:
    """Puts lenses before the eyes, off them by so many pixels."""
    for (x, y), side in zip(seen.points[:2].astype(int), (-1, 1), strict=True):
        x, y = x + side * outwards, y + below
        labels[y - 25 : y + 25, x - 45 : x + 45] = IDS["eye_g"]


def test_dark_glasses_stand_for_eyes_and_brows(face: Labels) -> None:
    dark = without(face, "l_eye", "r_eye", "l_brow", "r_brow")
    assert locate(dark) is None
    whole = locate(face)
    assert whole is not None
    wear_glasses(dark, whole, outwards=11, below=11)  # as frames with arms sit
    seen = locate(dark)
    assert seen is not None
    assert np.linalg.norm(seen.points - whole.points, axis=1).max() < 12


@pytest.mark.parametrize(("outwards", "below"), [(0, 0), (14, 20), (-5, 14)])
def test_the_eye_seen_through_glasses_tells_where_the_other_is(
    face: Labels, outwards: int, below: int
) -> None:
    whole = locate(face)
    assert whole is not None
    dark = without(face, "l_eye")
    eyes = face == IDS["r_eye"]
    wear_glasses(dark, whole, outwards, below)
    dark[eyes] = IDS["r_eye"]
    seen = locate(dark)
    assert seen is not None
    assert seen.hidden == 1
    assert math.dist(seen.points[1], whole.points[1]) < 6


@pytest.mark.parametrize("part", ["nose", "mouth"])
def test_without_nose_or_mouth_there_is_no_face(face: Labels, part: str) -> None:
    names = ("u_lip", "l_lip", "mouth") if part == "mouth" else (part,)
    assert locate(without(face, *names)) is None


def test_nothing_is_no_face() -> None:
    assert locate(np.zeros((256, 256), np.uint8)) is None
    assert len(face_spots(np.zeros((256, 256), np.uint8))) == 0


def test_a_neighbour_does_not_move_the_points(face: Labels) -> None:
    crowded = face.copy()
    for name in ("l_eye", "r_eye"):
        crowded[20:60, 460:500] = IDS[name]
        alone, seen = locate(face), locate(crowded)
        assert alone is not None
        assert seen is not None
        np.testing.assert_allclose(seen.points, alone.points)


def test_parts_in_the_wrong_places_score_low(face: Labels) -> None:
    # Eyes at the mouth's height: the parts are there, the build is not.
    wrong = without(face, "l_eye", "r_eye")
    for name in ("l_eye", "r_eye"):
        wrong[np.roll(face == IDS[name], 95, axis=0)] = IDS[name]
    right, seen = locate(face), locate(wrong)
    assert right is not None
    assert seen is None or seen.score < 0.3 < right.score


def test_face_spots_are_the_face_alone(face: Labels) -> None:
    spots = np.rint(face_spots(face)).astype(int)
    values = set(np.unique(face[spots[:, 1], spots[:, 0]]))
    assert IDS["skin"] in values
    assert not values & {IDS["background"], IDS["hair"], IDS["neck"], IDS["l_ear"]}
