"""Photos for the tests of alignment: a drawn face, turned and scaled into a larger picture."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from maskgan.alignment.similarity import Similarity
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.images import Pixels
from maskgan.labels import Labels
from maskgan.manifest import Frame


def texture(shape: tuple[int, int], seed: int = 0, spread: float = 30.0, coarse: int = 1) -> Pixels:
    """Grey-brown noise around 128; `coarse` > 1 makes its grains that many pixels wide."""
    rng = np.random.default_rng(seed)
    small = rng.normal(128, spread, (-(-shape[0] // coarse), -(-shape[1] // coarse), 1))
    grown = small.repeat(coarse, 0).repeat(coarse, 1)[: shape[0], : shape[1]]
    return np.clip(np.rint(grown + [8, 0, -8]), 0, 255).astype(np.uint8)


def smooth(pixels: Pixels, size: int) -> Pixels:
    """The same picture without detail finer than `size` pixels."""
    height, width = pixels.shape[:2]
    picture = Image.fromarray(pixels).resize((width // size, height // size), Image.Resampling.BOX)
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))


def similarity_for(eye_distance: float, center: tuple[float, float], degrees: float) -> Similarity:
    """The alignment of a face whose eyes are so far apart, with the crop's middle at `center`."""
    frame = Frame()
    scale = eye_distance / (frame.left_eye[0] - frame.right_eye[0])
    turn = np.exp(1j * math.radians(degrees)) * scale
    places = []
    for x, y in (frame.right_eye, frame.left_eye, frame.mouth):
        moved = turn * complex(x - 255.5, y - 255.5) + complex(*center)
        places.append((moved.real, moved.imag))
    return Similarity.from_points(places[0], places[1], places[2])


def drawn_photo(
    similarity: Similarity, height: int, width: int, seed: int = 0
) -> tuple[Pixels, Labels]:
    """A photo (height, width) with a drawn face where `similarity` says, and the labels of the
    crop (side, side)."""
    rng = np.random.default_rng(seed)
    face, labels = draw_face(random_identity(rng), random_expression(rng), 512)
    photo = texture((height, width), seed, spread=3)
    factor = max(int(similarity.scale), 1)
    small = np.asarray(Image.fromarray(face).reduce(factor), np.float32)
    matrix = np.diag([1 / factor, 1 / factor, 1]) @ _shift(0.5) @ similarity.matrix @ _shift(-0.5)
    data = (*matrix[0], *matrix[1])
    # In float: of whole numbers Pillow's transform cuts off the fractions.
    moved = [
        Image.fromarray(np.ascontiguousarray(small[:, :, channel])).transform(
            (width, height), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC
        )
        for channel in range(3)
    ]
    pixels = np.clip(np.rint(np.stack(moved, axis=2)), 0, 255).astype(np.uint8)
    whole = Image.new("L", (small.shape[1], small.shape[0]), 255)
    inside = whole.transform((width, height), Image.Transform.AFFINE, data)
    return np.where(np.asarray(inside)[:, :, None] > 0, pixels, photo), labels


def _shift(by: float) -> np.ndarray:
    return np.array([[1, 0, by], [0, 1, by], [0, 0, 1]])
