"""Scenes with a face at a known place, and crops without any, for the benchmark of the finder.

A labelled face is cut out by its labels and laid on a background, turned and scaled; backgrounds
are the parts of photos beside the faces found in them, or textures. Not a benchmark of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from maskgan.alignment.finder import FoundFace
from maskgan.alignment.landmarks import EYE_DISTANCE, FRAME_SIDE
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels
from unseen import UnseenFace

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scene:
    """A photo with one face at a known place, or with none."""

    name: str
    photo: Pixels
    eyes: Points | None
    """Right and left eye (2, 2), None without a face."""


def centroids(labels: Labels) -> Points:
    """Right and left eye (2, 2) in a label map; nan where it has none."""
    eyes = np.full((2, 2), np.nan)
    for place, name in zip(eyes, ("r_eye", "l_eye"), strict=True):
        rows, columns = np.nonzero(labels == IDS[name])
        if rows.size >= 20:
            place[:] = columns.mean(), rows.mean()
    return eyes


def composite(
    face: UnseenFace, background: Pixels, degrees: float, distance: float, rng: np.random.Generator
) -> tuple[Pixels, Points]:
    """The face on the background, turned clockwise, its eyes `distance` apart; and its eyes."""
    side = face.photo.shape[0]
    soft = Image.fromarray((face.labels > 0).astype(np.uint8) * 255).filter(
        ImageFilter.GaussianBlur(side / 170)
    )
    edge = np.minimum(np.arange(side), np.arange(side)[::-1])
    fade = np.clip(np.minimum(edge[None], edge[:, None]) / (side / 20), 0, 1)
    alpha = Image.fromarray(np.rint(np.asarray(soft) * fade).astype(np.uint8))
    cut = Image.fromarray(face.photo)
    cut.putalpha(alpha)
    small = max(round(distance / EYE_DISTANCE * FRAME_SIDE), 8)
    cut = cut.resize((small, small), Image.Resampling.LANCZOS)
    cut = cut.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
    height, width = background.shape[:2]
    # The eyes stay inside: the middle of the face keeps twice their distance from the border.
    near = [min(2 * distance, size / 2) for size in (width, height)]
    middle = [rng.uniform(low, size - low) for low, size in zip(near, (width, height), strict=True)]
    left, top = round(middle[0] - cut.width / 2), round(middle[1] - cut.height / 2)
    photo = Image.fromarray(background)
    photo.paste(cut, (left, top), cut)
    eyes = (centroids(face.labels) + 0.5) * (small / side) - small / 2
    turned = (eyes @ (1, 1j)) * np.exp(1j * math.radians(degrees))
    eyes = np.stack([turned.real, turned.imag], axis=1)
    return np.asarray(photo), eyes + (left + cut.width / 2, top + cut.height / 2) - 0.5


def composites(
    faces: Sequence[UnseenFace],
    backgrounds: Sequence[Pixels],
    count: int,
    turn: tuple[float, float],
    seed: int,
) -> Iterator[Scene]:
    """`count` scenes, seeded, each made when it is asked for."""
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        face = faces[index % len(faces)]
        size = rng.integers(480, 1400, 2)
        ground = Image.fromarray(backgrounds[rng.integers(len(backgrounds))])
        # Stretched, mirrored, turned: few backgrounds make many.
        ground = ground.transpose(Image.Transpose(int(rng.integers(7))))
        ground = ground.resize((int(size[0]), int(size[1])), Image.Resampling.BICUBIC)
        distance = math.exp(rng.uniform(math.log(24), math.log(min(200, 0.3 * size.min()))))
        degrees = rng.choice((-1, 1)) * rng.uniform(*turn)
        photo, eyes = composite(face, np.asarray(ground), degrees, distance, rng)
        name = f"{face.name} {distance:.0f}px {degrees:+.0f}"
        yield Scene(name, photo, eyes)


def textures(count: int, side: int = 400) -> list[Pixels]:
    """Backgrounds where there are no photos: noise of several grains."""
    grounds = []
    for seed in range(count):
        rng = np.random.default_rng([77, seed])
        total = np.zeros((side, side, 3))
        for grain in (4, 16, 64, 200):
            small = Image.fromarray(rng.integers(0, 256, (side // grain,) * 2 + (3,), np.uint8))
            total += np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)) / 4
        grounds.append(np.rint(total).astype(np.uint8))
    return grounds


def free_crops(
    found: Sequence[tuple[Pixels, list[FoundFace]]], count: int, least: int = 140
) -> list[Pixels]:
    """Square crops of photos beside, above and below every head found in them."""
    crops = []
    for index, (photo, faces) in enumerate(found):
        height, width = photo.shape[:2]
        if not faces:
            continue
        rng = np.random.default_rng([5, index])
        boxes = np.array([face.box for face in faces])
        grown = 0.6 * (boxes[:, 2] - boxes[:, 0]).max()
        low, high = boxes[:, :2].min(axis=0) - grown, boxes[:, 2:].max(axis=0) + grown
        rest = ((0, 0, low[0], height), (high[0], 0, width, height))
        rest += ((0, 0, width, low[1]), (0, high[1], width, height))
        for left, top, right, bottom in rest:
            side = int(min(right - left, bottom - top))
            if side >= least:
                x, y = int(rng.uniform(left, right - side)), int(rng.uniform(top, bottom - side))
                crops.append(photo[y : y + side, x : x + side])
    picks = np.random.default_rng(6).permutation(len(crops))[:count]
    return [np.ascontiguousarray(crops[pick]) for pick in picks]
