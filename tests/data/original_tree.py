"""Draws a tree in the exact layout of CelebAMask-HQ, with faces made of ellipses."""

from __future__ import annotations

import io
import random
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from maskgan.data import celebamask
from maskgan.labels import ALL_PARTS, IDS, MIRROR

BOXES = {
    "skin": (120, 110, 400, 470),
    "nose": (230, 230, 285, 330),
    "eye_g": (150, 218, 360, 268),
    "l_eye": (285, 228, 345, 258),
    "r_eye": (165, 228, 225, 258),
    "l_brow": (280, 195, 350, 215),
    "r_brow": (160, 195, 230, 215),
    "l_ear": (385, 230, 425, 320),
    "r_ear": (90, 230, 130, 320),
    "mouth": (215, 368, 295, 398),
    "u_lip": (205, 358, 305, 380),
    "l_lip": (205, 386, 305, 410),
    "hair": (80, 20, 430, 180),
    "hat": (100, 5, 410, 80),
    "ear_r": (392, 310, 418, 345),
    "neck_l": (190, 470, 330, 500),
    "neck": (180, 440, 330, 511),
    "cloth": (60, 480, 450, 511),
}
"""Part -> ellipse (x0, y0, x1, y1) at 512 px. Many overlap: the order of merging shows."""
RARE = ("eye_g", "hat", "ear_r", "neck_l", "mouth", "l_ear", "r_ear")
"""Parts that most faces do not have: with these a face has 12.4 parts, as in the dataset."""
VARIANTS = 6
BORDERS = (162_769, 162_770, 162_771, 182_636, 182_637, 182_638)
"""Indices in CelebA on both sides of the borders of the partition: those of the first faces."""


def draw_tree(
    root: Path,
    ids: Sequence[int],
    *,
    exchanged: Collection[int] = (),
    detail: float = 0.0,
    grey_parts: bool = True,
) -> Path:
    """Draws the faces `ids` under `root` and returns it. `exchanged` have left and right the wrong
    way round; `detail` is the standard deviation of the photos' grain, 0..255. `grey_parts` saves
    most parts as grey PNG, which copies of the data hold too, instead of RGB: faster to decode."""
    rng = random.Random(0)
    photos = [_photo(variant, detail) for variant in range(VARIANTS)]
    parts = {
        (part, variant): _part(part, variant, "L" if grey_parts and variant % 3 else "RGB")
        for part in ALL_PARTS
        for variant in range(VARIANTS)
    }
    (root / celebamask.PHOTO_FOLDER).mkdir(parents=True)
    for folder in range(15):
        (root / celebamask.PART_FOLDER / str(folder)).mkdir(parents=True)
    for number, face in enumerate(ids):
        variant = number % VARIANTS
        (root / celebamask.PHOTO_FOLDER / f"{face}.jpg").write_bytes(photos[variant])
        for part in ALL_PARTS:
            # The first face has every part.
            if number and part in RARE and rng.random() < 0.8:
                continue
            drawn = ALL_PARTS[MIRROR[IDS[part]] - 1] if face in exchanged else part
            path = part_path(root, face, part)
            path.write_bytes(parts[drawn, variant])
    write_texts(root, ids)
    return root


def write_texts(root: Path, ids: Sequence[int]) -> None:
    """The mapping, attribute and pose files of the faces `ids`."""
    rng = random.Random(1)
    indices = [*BORDERS, *rng.sample(range(celebamask.NUM_CELEBA), len(ids))][: len(ids)]
    mapping = ["idx     orig_idx        orig_file "]
    attributes = [str(len(ids)), " ".join(f"Attribute_{n}" for n in range(40)) + " "]
    poses = [str(len(ids)), "Yaw Pitch Raw"]
    for face, index in zip(ids, indices, strict=True):
        mapping.append(f"{face}\t{index}\t\t{index + 1:06d}.jpg ")
        attributes.append(f"{face}.jpg  " + " ".join(rng.choice(("-1", "1")) for _ in range(40)))
        poses.append(f"{face}.jpg {rng.uniform(-40, 40):.4f} {face % 7 - 3}.5 -1e-3")
    (root / celebamask.MAPPING_FILE).write_text("\n".join(mapping) + "\n")
    (root / celebamask.ATTRIBUTE_FILE).write_text("\n".join(attributes) + "\n")
    (root / celebamask.POSE_FILE).write_text("\n".join(poses) + "\n")


def part_path(root: Path, face: int, part: str) -> Path:
    return root / celebamask.PART_FOLDER / str(face // 2000) / f"{face:05d}_{part}.png"


def merge_slowly(root: Path, face: int) -> np.ndarray:
    """The label map by another road than the package's: per pixel the highest id of all parts."""
    layers = [np.zeros((512, 512), np.uint8)]
    for part in ALL_PARTS:
        path = part_path(root, face, part)
        if path.exists():
            layers.append((np.asarray(Image.open(path).convert("L")) > 0) * np.uint8(IDS[part]))
    return np.max(layers, axis=0)


def _shifted(part: str, variant: int) -> tuple[int, ...]:
    dx, dy = 7 * variant - 18, 3 * variant - 8
    x0, y0, x1, y1 = BOXES[part]
    return x0 + dx, y0 + dy, x1 + dx, y1 + dy


def _part(part: str, variant: int, mode: str) -> bytes:
    picture = Image.new(mode, (512, 512))
    ImageDraw.Draw(picture).ellipse(_shifted(part, variant), fill="white")
    return _encode(picture, "PNG", compress_level=1)


def _photo(variant: int, detail: float) -> bytes:
    picture = Image.new("RGB", (512, 512), (40 * variant, 120, 90))
    draw = ImageDraw.Draw(picture)
    for index, part in enumerate(ALL_PARTS):
        draw.ellipse(_shifted(part, variant), fill=(12 * index + 20, 200 - 9 * index, 150))
    picture = picture.resize((1024, 1024), Image.Resampling.BICUBIC)
    if detail:
        grain = np.random.default_rng(variant).normal(0, detail, (1024, 1024, 1))
        picture = Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))
    return _encode(picture, "JPEG", quality=92)


def _encode(picture: Image.Image, form: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()
