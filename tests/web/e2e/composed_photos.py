"""Photos for the tests of the page: the sample face in a larger photo and twice on grey, and a
landscape without any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from maskgan import samples
from maskgan.images import Pixels

GREY = 128
SIDE = 360
"""Of a face in the photo of two."""
PLACES = ((60, 120), (620, 150))
"""Left and upper edge of each face."""


def two_faces() -> Pixels:
    """uint8 (600, 1040, 3): the sample face twice, the second mirrored."""
    with Image.open(samples.FACE) as picture:
        face = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    fade = Image.new("L", (SIDE, SIDE), 0)
    fade.paste(255, (16, 16, SIDE - 16, SIDE - 16))
    fade = fade.filter(ImageFilter.GaussianBlur(6))
    photo = Image.new("RGB", (1040, 600), (GREY, GREY, GREY))
    photo.paste(face, PLACES[0], fade)
    photo.paste(face.transpose(Image.Transpose.FLIP_LEFT_RIGHT), PLACES[1], fade)
    return np.asarray(photo)


def with_more_below() -> Pixels:
    """uint8 (768, 640, 3): the sample face, whose hair leaves its picture, and more of it below."""
    with Image.open(samples.FACE) as picture:
        face = np.asarray(picture.convert("RGB"))
    return np.pad(face, ((64, 192), (64, 64), (0, 0)), mode="edge")


def landscape() -> Pixels:
    """uint8 (480, 720, 3): sky over hills."""
    rows, columns = np.mgrid[0:480, 0:720].astype(np.float64)
    sky = np.stack([120 + rows / 8, 160 + rows / 10, 230 - rows / 12], axis=-1)
    hills = 300 + 40 * np.sin(columns / 90) + 18 * np.sin(columns / 37 + 1)
    ground = np.stack([90 - rows / 20, 130 - rows / 12, 60 + columns / 40], axis=-1)
    photo = np.where((rows > hills)[..., None], ground, sky)
    return np.clip(np.rint(photo), 0, 255).astype(np.uint8)


def write(pixels: Pixels, path: Path) -> Path:
    """Writes a PNG; returns its place."""
    Image.fromarray(pixels).save(path)
    return path
