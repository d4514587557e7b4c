"""Scenes for the face detector: the points are where the face came to lie, and what should hold no
face holds none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from maskgan.data.dataset import FaceMaskDataset
from maskgan.data.tensors import to_float
from maskgan.labels import IDS
from maskgan.training import backdrops
from maskgan.training.scenes import MAX_FACES, Face, Scene, SceneConfig, compose, key_points

SIDE = 64
QUIET = {"empty": 0.0, "several": 0.0, "decoys": 0.0, "covered": 0.0}


def marked_face() -> Face:
    """A grey face whose eyes and mouth are spots of red, green and blue."""
    photo, labels = torch.zeros(3, SIDE, SIDE), torch.ones(SIDE, SIDE, dtype=torch.uint8)
    for channel, (x, y, name) in enumerate(
        ((24, 31, "r_eye"), (40, 30, "l_eye"), (32, 48, "mouth"))
    ):
        spot = (slice(y - 3, y + 3), slice(x - 3, x + 3))
        photo[(slice(None), *spot)] = -1
        photo[(channel, *spot)] = 1
        labels[spot] = IDS[name]
    return photo, labels


def scene(seed: int, sizes: tuple[float, float] = (8.0, 20.0), **shares: float) -> Scene:
    generator = torch.Generator().manual_seed(seed)
    return compose(marked_face, sizes, SceneConfig(**(QUIET | shares)), generator)


def colors_at(photo: Tensor, points: Tensor) -> Tensor:
    """Colours (N, 3) of the pixels nearest to points (N, 2)."""
    x, y = points.round().long().unbind(1)
    return photo[:, y, x].T


def test_key_points_are_the_middles_of_the_labels() -> None:
    points = key_points(marked_face()[1])
    assert points.tolist() == [[23.5, 30.5], [39.5, 29.5], [31.5, 47.5]]


def test_hidden_parts_lie_where_the_frame_has_them() -> None:
    labels = marked_face()[1]
    labels[labels == IDS["r_eye"]] = IDS["eye_g"]
    expected = key_points(torch.zeros_like(labels))
    points = key_points(labels)
    assert torch.equal(points[0], expected[0])
    assert points[1].tolist() == [39.5, 29.5]
    # Exchanged sides, as annotators leave them, are no reason to exchange the eyes.
    exchanged = marked_face()[1]
    left, right = exchanged == IDS["l_eye"], exchanged == IDS["r_eye"]
    exchanged[left], exchanged[right] = IDS["r_eye"], IDS["l_eye"]
    assert torch.equal(key_points(exchanged)[:2], expected[:2])


@pytest.mark.parametrize("own", [0.0, 1.0])
def test_points_are_where_the_face_came_to_lie(own: float) -> None:
    """At every size, angle and place the three spots are found at the three points."""
    right = 0
    for seed in range(40):
        made = scene(seed, own=own, lying=0.5)
        assert made.photo.shape == (3, SIDE, SIDE)
        assert made.photo.abs().max() <= 1 + 1e-5
        assert (made.size > 0).sum() == 1
        found = colors_at(made.photo, made.points[0])
        right += int((found.argmax(1) == torch.arange(3)).all())
        between = (made.points[0, 0] - made.points[0, 1]).norm()
        assert between == pytest.approx(float(made.size[0]), rel=0.25)
    assert right >= 38  # a soft edge may grey a small spot


def test_rotation_stays_within_its_limits() -> None:
    angles = []
    for seed in range(60):
        eyes = scene(seed, lying=0.5).points[0, :2]
        across = eyes[1] - eyes[0]
        angles.append(float(torch.atan2(across[1], across[0]).rad2deg().abs()))
    assert max(angles) < 108
    assert sum(angle > 50 for angle in angles) > 15
    assert sum(angle < 15 for angle in angles) > 8


def test_how_many_faces() -> None:
    assert all((scene(seed, empty=1.0).size == 0).all() for seed in range(5))
    counts = [int((scene(seed, several=1.0).size > 0).sum()) for seed in range(20)]
    assert max(counts) in range(3, MAX_FACES + 1)
    assert min(counts) >= 1
    sizes = torch.cat([scene(seed, several=1.0).size for seed in range(20)])
    assert sizes[sizes > 0].min() >= 8
    assert sizes.max() <= 20


def test_faces_hide_no_other(plain_faces: Path) -> None:
    for seed in range(20):
        made = scene(seed, several=1.0)
        known = made.size > 0
        middles, sizes = made.points[known].mean(1), made.size[known]
        apart = torch.cdist(middles, middles) + torch.eye(len(middles)) * 1e6
        assert (apart > 1.6 * (sizes[:, None] + sizes) - 3).all()


def test_the_same_seed_gives_the_same_scene() -> None:
    shares = {"several": 0.5, "decoys": 1.0, "covered": 0.5}
    for first, second in zip(scene(3, **shares), scene(3, **shares), strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(scene(3, **shares).photo, scene(4, **shares).photo)


def test_a_face_is_painted_over() -> None:
    photo, labels = marked_face()
    for seed in range(6):
        bare = backdrops.without_face(photo, labels, torch.Generator().manual_seed(seed))
        assert bare.shape == photo.shape
        colorful = bare.amax(0) - bare.amin(0)
        assert colorful[28:51, 20:44].max() < 0.8  # from 2 where a spot is


def test_no_square_of_a_shuffled_face_is_at_its_place() -> None:
    photo = torch.rand((3, SIDE, SIDE), generator=torch.Generator().manual_seed(0)) * 2 - 1
    for seed in range(6):
        mixed = backdrops.shuffled_face(photo, torch.Generator().manual_seed(seed))
        changed = (mixed != photo).any(0)
        rows, columns = changed.any(1).nonzero(), changed.any(0).nonzero()
        side = int(rows.max() - rows.min()) + 1
        assert side == int(columns.max() - columns.min()) + 1
        assert side >= 0.55 * SIDE
        inside = slice(int(rows.min()), int(rows.max()) + 1)
        assert changed[inside, inside].all()
        values = (mixed[:, inside, inside], photo[:, inside, inside])
        assert torch.equal(*(value.flatten().sort().values for value in values))


def test_backdrops_are_pictures_of_every_kind(plain_faces: Path) -> None:
    faces = FaceMaskDataset([plain_faces], SIDE, "train")
    generator = torch.Generator().manual_seed(0)
    seen = []
    for item in range(24):
        pixels, labels = faces.batch([item % len(faces)])
        picture = backdrops.backdrop(to_float(pixels)[0], labels[0], generator)
        assert picture.shape == (3, SIDE, SIDE)
        assert picture.abs().max() <= 1.001
        seen.append(picture)
    differences = [float((a - b).abs().mean()) for a in seen for b in seen if a is not b]
    assert min(differences) > 0.01
