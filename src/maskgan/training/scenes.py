"""Scenes for the face detector: aligned faces laid at any size, angle and place on pictures
without a face, and where their eyes and mouths came to lie.

Photos are float32 (3, H, W) in [-1, 1], labels integers (H, W), points (x, y) in pixels with whole
numbers at pixel centres. Every draw comes from a `torch.Generator`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import torch
from torch import Generator, Tensor
from torch.nn import functional

from maskgan.labels import IDS
from maskgan.manifest import Frame
from maskgan.training.backdrops import (
    backdrop,
    chance,
    drawn_pattern,
    shuffled_face,
    softened,
    uniform,
    without_face,
)

Face: TypeAlias = tuple[Tensor, Tensor]
"""Photo and labels of an aligned face."""

MAX_FACES = 5
"""Most faces that a scene holds."""


@dataclass(frozen=True, kw_only=True)
class SceneConfig:
    """What scenes show."""

    empty: float = 0.2
    """Share of scenes without a face."""
    several: float = 0.3
    """Share of scenes with two to five faces."""
    rotation: float = 45.0
    """Most faces are turned by up to this many degrees, either way."""
    lying: float = 0.3
    """Share of faces turned farther, up to `lying_rotation`."""
    lying_rotation: float = 100.0
    """Largest rotation in degrees, either way."""
    own: float = 0.35
    """Share of scenes with one face in which its own photo is the background."""
    decoys: float = 0.5
    """Share of scenes with heads without a face or with shuffled faces."""
    covered: float = 0.15
    """Share of faces of which something hides a part."""


class Scene(NamedTuple):
    """One picture and its faces."""

    photo: Tensor
    """float32 (3, S, S) in [-1, 1]."""
    points: Tensor
    """float32 (MAX_FACES, 3, 2): right eye, left eye, mouth as (x, y)."""
    size: Tensor
    """float32 (MAX_FACES,): what the distance between the eyes would be on a face from the front,
    in pixels; 0 where there is no face."""


class Placed(NamedTuple):
    """How a face is laid into a scene: scene point = matrix (crop point - centre) + place."""

    face: Face
    matrix: Tensor
    centre: Tensor
    place: Tensor
    points: Tensor
    size: float


def key_points(labels: Tensor) -> Tensor:
    """Right eye, left eye and mouth (3, 2) of an aligned face: the middle of their labels, or where
    the frame has them when they are covered, closed or far off."""
    side = labels.shape[-1]
    frame = Frame()
    expected = torch.tensor([frame.right_eye, frame.left_eye, frame.mouth])
    expected = (expected + 0.5) * (side / frame.size) - 0.5
    limit = 0.25 * float((expected[1] - expected[0]).norm())
    step = max(side // 128, 1)  # of a large face, every other pixel is enough
    seen = labels[::step, ::step].cpu()
    for index, names in enumerate((("r_eye",), ("l_eye",), ("mouth", "u_lip", "l_lip"))):
        pixels = torch.stack([seen == IDS[name] for name in names]).any(0).nonzero()
        if len(pixels):
            middle = pixels.float().mean(0).flip(0) * step + (step - 1) / 2
            if (middle - expected[index]).norm() < limit:
                expected[index] = middle
    return expected


def compose(
    another: Callable[[], Face],
    sizes: tuple[float, float],
    config: SceneConfig,
    generator: Generator,
) -> Scene:
    """A scene of the faces' size.

    another: the next face each time it is called; also what background and decoys are made of.
    sizes: range of the distance between the eyes, drawn on a logarithmic scale.
    """
    kind = uniform(generator, 0, 1)
    count = 1
    if kind < config.empty:
        count = 0
    elif kind < config.empty + config.several:
        count = int(torch.randint(2, MAX_FACES + 1, (), generator=generator))
    faces = [another() for _ in range(count)]
    own = count == 1 and chance(generator, config.own)
    placed = _place(faces, sizes, config, generator, apart=not own)

    if own:
        photo, _ = faces[0]
        scene = _warp(photo, placed[0], photo.shape[-1], "border")
    else:
        scene = backdrop(*another(), generator)
        if chance(generator, config.decoys):
            scene = _with_decoys(scene, another(), sizes, config, generator)
        for pose in placed:
            photo, labels = pose.face
            scene = _lay(scene, photo, _matte(labels, generator), pose, generator)

    points, size = torch.zeros(MAX_FACES, 3, 2), torch.zeros(MAX_FACES)
    for index, pose in enumerate(placed):
        if chance(generator, config.covered):
            scene = _cover(scene, pose, generator)
        points[index] = (pose.points - pose.centre) @ pose.matrix.T + pose.place
        size[index] = pose.size
    return Scene(scene, points, size)


def _place(
    faces: Sequence[Face],
    sizes: tuple[float, float],
    config: SceneConfig,
    generator: Generator,
    *,
    apart: bool,
) -> list[Placed]:
    """Where the faces go: the first anywhere, the others where they hide none before them. Faces
    for which there is no room are left out."""
    placed: list[Placed] = []
    for face in faces:
        photo, labels = face
        side = photo.shape[-1]
        points = key_points(labels)
        normal = float((points[1] - points[0]).norm())
        high = sizes[1] if len(faces) == 1 else sizes[1] / 2
        low = max(sizes[0], 0.3 * high) if not apart else sizes[0]
        for _ in range(4):
            size = math.exp(uniform(generator, math.log(low), math.log(high)))
            edge = min(0.9 * size, side / 2 - 1)
            place = torch.tensor([uniform(generator, edge, side - 1 - edge) for _ in "xy"])
            far = all(
                float((place - other.place).norm()) > 1.7 * (size + other.size) for other in placed
            )
            if far:
                matrix = _turn(size / normal, config, generator)
                placed.append(Placed(face, matrix, points.mean(0), place, points, size))
                break
    return placed


def _turn(scale: float, config: SceneConfig, generator: Generator) -> Tensor:
    """Scale, rotation and a little shear (2, 2)."""
    lying = chance(generator, config.lying)
    low, high = (
        (config.rotation, config.lying_rotation) if lying else (-config.rotation, config.rotation)
    )
    angle = math.radians(uniform(generator, low, high))
    if lying and chance(generator, 0.5):
        angle = -angle
    if not lying and chance(generator, 0.5):
        angle *= 0.3  # half of them nearly upright
    cos, sin = math.cos(angle), math.sin(angle)
    wide, shear = uniform(generator, 0.85, 1.1), uniform(generator, -0.08, 0.08)
    return scale * torch.tensor([[cos, -sin], [sin, cos]]) @ torch.tensor([[wide, shear], [0, 1]])


def _warp(picture: Tensor, pose: Placed, side: int, padding: str) -> Tensor:
    """The crop (C, H, W) as it lies in the scene (C, side, side)."""
    inverse = torch.linalg.inv(pose.matrix)
    shift = pose.centre - inverse @ pose.place
    length = picture.shape[-1]
    # affine_grid counts from -1 to 1 between the outer edges of the pixels.
    middle = (side - 1) / 2
    linear = inverse * (side / length)
    offset = (inverse @ torch.full((2,), middle) + shift + 0.5) * (2 / length) - 1
    theta = torch.cat((linear, offset[:, None]), 1)[None].to(picture.device)
    scale = math.sqrt(float(torch.linalg.det(pose.matrix)))
    small = picture[None]
    if scale < 0.9:
        size = [max(int(length * scale * 1.2), 4)] * 2
        small = functional.interpolate(small, size=size, mode="bilinear", antialias=True)
    grid = functional.affine_grid(theta, [1, 1, side, side], align_corners=False)
    return functional.grid_sample(small, grid, padding_mode=padding, align_corners=False)[0]


def _matte(labels: Tensor, generator: Generator) -> Tensor:
    """How much of each crop pixel (1, H, W) is laid into the scene: the person, an oval around the
    head, or the whole square."""
    side = labels.shape[-1]
    kind = uniform(generator, 0, 1)
    if kind < 0.5:
        matte = (labels > 0).float()[None]
    else:
        place = torch.linspace(-1, 1, side, device=labels.device)
        power = 2.0 if kind < 0.75 else 12.0
        wide, high = uniform(generator, 0.65, 1.0), uniform(generator, 0.75, 1.0)
        inside = (place / wide).abs() ** power + (place[:, None] / high).abs() ** power
        matte = (inside < 1).float()[None]
    return softened(matte, int(uniform(generator, 1, side / 16)))


def _lay(scene: Tensor, face: Tensor, matte: Tensor, pose: Placed, generator: Generator) -> Tensor:
    """The scene with a face in a light of its own."""
    gain = uniform(generator, 0.6, 1.3)
    face = ((face + 1) * gain - 1).clamp(-1, 1)
    side = scene.shape[-1]
    layer = _warp(torch.cat((face, matte)), pose, side, "zeros")
    return scene + (layer[:3] - scene) * layer[3:]


def _with_decoys(
    scene: Tensor,
    head: Face,
    sizes: tuple[float, float],
    config: SceneConfig,
    generator: Generator,
) -> Tensor:
    """The scene with one to three heads without a face or shuffled faces."""
    photo, labels = head
    for _ in range(int(torch.randint(1, 4, (), generator=generator))):
        shuffled = chance(generator, 0.5)
        decoy = (
            shuffled_face(photo, generator) if shuffled else without_face(photo, labels, generator)
        )
        (pose,) = _place([head], sizes, config, generator, apart=True)
        scene = _lay(scene, decoy, _matte(labels, generator), pose, generator)
    return scene


def _cover(scene: Tensor, pose: Placed, generator: Generator) -> Tensor:
    """The scene with a patch over a part of one face, up to about a third of it."""
    side = scene.shape[-1]
    place = torch.arange(side, device=scene.device)
    x, y = ((torch.rand(2, generator=generator) * 2 - 1) * pose.size + pose.place).tolist()
    wide, high = ((torch.rand(2, generator=generator) * 0.4 + 0.15) * pose.size).tolist()
    round_ = chance(generator, 0.5)
    across, down = ((place - x) / wide).abs(), ((place - y) / high).abs()[:, None]
    inside = across**2 + down**2 < 1 if round_ else torch.maximum(across, down + 0 * across) < 1
    patch = drawn_pattern(side // 2, generator).to(scene.device).repeat(1, 2, 2)
    return torch.where(inside, patch, scene)
