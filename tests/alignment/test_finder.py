"""The finder, on photos that show label maps in their colours and a parser that reads colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from photos import similarity_for
from PIL import Image

from maskgan import labels as classes
from maskgan.alignment.finder import Candidate, find_faces, refine
from maskgan.alignment.similarity import Points, Similarity
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.images import Pixels
from maskgan.labels import IDS, PALETTE_A, Labels, colorize


@pytest.fixture(scope="module")
def face() -> Labels:
    rng = np.random.default_rng(3)
    _, labels = draw_face(random_identity(rng), random_expression(rng), 512)
    labels = np.where(labels == IDS["eye_g"], np.uint8(IDS["skin"]), labels)
    assert {IDS["l_eye"], IDS["r_eye"], IDS["nose"], IDS["u_lip"]} <= set(np.unique(labels))
    return labels


def scene(face: Labels, places: Sequence[Similarity], height: int, width: int) -> Pixels:
    """A black photo with a face of label colours at every place."""
    photo = np.zeros((height, width, 3), np.uint8)
    for place in places:
        matrix = place.matrix.copy()
        matrix[:2, 2] += 0.5 - matrix[:2, :2] @ (0.5, 0.5)
        shown = Image.fromarray(colorize(face)).transform(
            (width, height), Image.Transform.AFFINE, (*matrix[0], *matrix[1])
        )
        photo = np.maximum(photo, np.asarray(shown))
    return photo


def _color_table() -> Labels:
    """Class of every colour, by the upper five bits of its channels; a colour far from all classes'
    own is a mixture along an edge and counts as skin."""
    steps = np.arange(32) * 8 + 4
    colors = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    far = np.abs(colors[..., None, :] - np.array(PALETTE_A)).sum(axis=-1)  # (32, 32, 32, 19)
    nearest = far.argmin(axis=-1).astype(np.uint8)
    return np.where(far.min(axis=-1) < 60, nearest, np.uint8(IDS["skin"]))


COLOR_TABLE = _color_table()


def read_colors(crop: Pixels) -> Labels:
    """Labels of a crop in label colours. Like any parser it calls left what is at the larger x."""
    red, green, blue = np.moveaxis(crop >> 3, 2, 0)
    labels = COLOR_TABLE[red, green, blue]
    return classes.exchange_sides(labels) if classes.sides_exchanged(labels) else labels


def truth(face: Labels, place: Similarity) -> Points:
    """Right eye, left eye and mouth in the photo, from the labels themselves."""
    parts = (("r_eye",), ("l_eye",), ("u_lip", "l_lip", "mouth"))
    spots = []
    for part in parts:
        rows, columns = np.nonzero(np.isin(face, [IDS[name] for name in part]))
        spots.append((columns.mean(), rows.mean()))
    return place.backward(spots)


def guess_of(points: Points, score: float = 1.0) -> Candidate:
    right_eye, left_eye, mouth = ((float(x), float(y)) for x, y in points)
    return Candidate(right_eye, left_eye, mouth, score)


def off(points: Points, turn: float, scale: float, shift: Sequence[float]) -> Candidate:
    """A guess that is off by degrees, a factor, and eye distances."""
    middle = points.mean(axis=0)
    factor = scale * np.exp(1j * math.radians(turn))
    moved = (points - middle) @ (1, 1j) * factor
    distance = math.dist(points[0], points[1])
    moved = np.stack([moved.real, moved.imag], axis=1) + middle + np.multiply(shift, distance)
    return guess_of(moved)


@pytest.mark.parametrize("eye_distance", [24, 60, 150])
@pytest.mark.parametrize("degrees", [0, 40, -90])
def test_a_coarse_guess_becomes_exact(face: Labels, eye_distance: float, degrees: float) -> None:
    place = similarity_for(eye_distance, (420, 380), degrees)
    photo = scene(face, [place], 800, 900)
    points = truth(face, place)
    guess = off(points, turn=12, scale=1.2, shift=(0.15, -0.1))

    found = find_faces(photo, read_colors, lambda _: [guess])

    assert len(found) == 1
    eyes = np.array([found[0].right_eye, found[0].left_eye])
    distance = math.dist(points[0], points[1])
    assert np.linalg.norm(eyes - points[:2], axis=1).max() < 0.04 * distance
    assert math.dist(found[0].mouth, points[2]) < 0.05 * distance
    assert found[0].similarity.side == 512
    expected = Similarity.from_points(found[0].right_eye, found[0].left_eye, found[0].mouth)
    np.testing.assert_allclose(found[0].similarity.matrix, expected.matrix)
    left, top, right, bottom = found[0].box
    assert left < eyes[:, 0].min() < eyes[:, 0].max() < right
    assert top < eyes[:, 1].min() < eyes[:, 1].max() < bottom


def test_faces_come_in_reading_order_once_each(face: Labels) -> None:
    # The left one of the upper row is the lower one.
    middles = [(500, 150), (180, 190), (330, 480)]
    places = [similarity_for(50, middle, 5) for middle in middles]
    photo = scene(face, places, 640, 700)
    guesses = [
        guess
        for place in reversed(places)
        for guess in (
            off(truth(face, place), 8, 0.9, (0.1, 0.0)),
            off(truth(face, place), -8, 1.15, (0.0, 0.1)),
        )
    ]

    found = find_faces(photo, read_colors, lambda _: guesses)

    order = [places[1], places[0], places[2]]
    assert len(found) == 3
    for one, place in zip(found, order, strict=True):
        assert math.dist(one.right_eye, truth(face, place)[0]) < 3


def test_guesses_beside_the_face_are_dropped(face: Labels) -> None:
    place = similarity_for(50, (200, 250), 0)
    photo = scene(face, [place], 500, 900)
    points = truth(face, place)

    found = find_faces(photo, read_colors, lambda _: [guess_of(points + (450, 0), score=9.0)])
    both = find_faces(
        photo, read_colors, lambda _: [guess_of(points + (450, 0), score=9.0), guess_of(points)]
    )

    assert found == []
    assert len(both) == 1
    assert both[0].right_eye[0] < 250


def test_points_that_coincide_are_no_face(face: Labels) -> None:
    photo = scene(face, [similarity_for(50, (200, 250), 0)], 500, 500)
    assert refine(photo, read_colors, Candidate((9, 9), (9, 9), (9, 9), 1.0)) is None


@pytest.mark.parametrize("share", [0.6, 1.0, 1.3])
def test_a_close_up_is_found_without_a_guess(face: Labels, share: float) -> None:
    place = similarity_for(125.5 * share, (255, 255), 0)
    photo = scene(face, [place], 512, 512)

    found = find_faces(photo, read_colors, lambda _: [])

    assert len(found) == 1
    assert math.dist(found[0].left_eye, truth(face, place)[1]) < 0.04 * 125.5 * share


def test_turning_the_photo_turns_the_result(face: Labels) -> None:
    place = similarity_for(70, (260, 300), 10)
    photo = scene(face, [place], 600, 500)
    turned = np.ascontiguousarray(np.rot90(photo, -1))  # clockwise: (x, y) -> (height - 1 - y, x)
    guess = off(truth(face, place), 5, 1.1, (0.1, 0.1))
    spots = np.array([guess.right_eye, guess.left_eye, guess.mouth])
    turned_guess = guess_of(np.stack([599 - spots[:, 1], spots[:, 0]], axis=1))

    upright = refine(photo, read_colors, guess)
    sideways = refine(turned, read_colors, turned_guess)

    assert upright is not None
    assert sideways is not None
    for before, after in zip(
        (upright.right_eye, upright.left_eye, upright.mouth),
        (sideways.right_eye, sideways.left_eye, sideways.mouth),
        strict=True,
    ):
        assert math.dist((599 - before[1], before[0]), after) < 0.5
    assert sideways.similarity.angle - upright.similarity.angle == pytest.approx(90, abs=0.5)


def test_a_parser_that_never_settles_finds_nothing(face: Labels) -> None:
    shifted = np.roll(face, 60, axis=0)
    small = np.asarray(Image.fromarray(shifted).resize((256, 256), Image.Resampling.NEAREST))
    photo = np.zeros((600, 600, 3), np.uint8)
    points = truth(face, similarity_for(60, (300, 300), 0))
    assert refine(photo, lambda _: small, guess_of(points)) is None


def test_features_without_skin_are_no_face(face: Labels) -> None:
    place = similarity_for(60, (300, 300), 0)
    bare = np.where(face == IDS["skin"], np.uint8(IDS["background"]), face)
    guess = guess_of(truth(face, place))
    assert refine(scene(face, [place], 600, 600), read_colors, guess) is not None
    assert refine(scene(bare, [place], 600, 600), read_colors, guess) is None


def test_what_looks_different_in_the_mirror_is_no_face(face: Labels) -> None:
    place = similarity_for(60, (300, 300), 0)
    photo = scene(face, [place], 600, 600)
    photo[:250, 375:] = PALETTE_A[IDS["hat"]]  # tells a crop from its mirror image

    def sees_faces_one_way(crop: Pixels) -> Labels:
        labels = read_colors(crop)
        hats = (labels == IDS["hat"]).sum(axis=0)
        return labels if hats[128:].sum() > hats[:128].sum() else np.roll(labels, 25, axis=0)

    guess = guess_of(truth(face, place))
    assert refine(photo, read_colors, guess) is not None
    assert refine(photo, sees_faces_one_way, guess) is None
