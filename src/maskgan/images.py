"""The only place where pixels change form.

Outside the networks a photo is uint8 (H, W, 3) RGB and a label map uint8 (H, W) with values 0..18;
inside, a photo is float32 (B, 3, H, W) in [-1, 1]. Files are read and written here, sizes changed,
and user input checked; `maskgan.picture` opens files, `maskgan.photo` keeps what surrounds the
pixels. numpy and Pillow only; the tensor twins live in `maskgan.data.tensors`.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from maskgan import files, labels
from maskgan.errors import LabelsError, OutputError, PhotoError
from maskgan.picture import MIN_SIDE as MIN_SIDE
from maskgan.picture import Pixels as Pixels
from maskgan.picture import Source as Source
from maskgan.picture import decoded, load, name_of, opened

Floats = NDArray[np.float32]

ORDER_KEY = "maskgan:label-order"
"""Text chunk of a label PNG that names its order."""


Part = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels from the upper left corner."""


def read(source: Source) -> Pixels:
    """A photo from a path, bytes, PIL image or array -> uint8 (H, W, 3) RGB, upright.

    Grey, palette, CMYK and 16-bit pictures are converted, alpha is dropped and the EXIF orientation
    applied. Arrays must be uint8 (H, W, 3). Raises `PhotoError`.
    """
    if isinstance(source, np.ndarray):
        return _check_pixels(source)
    with opened(source) as picture:
        return decoded(picture, name_of(source))[0]


def size(source: str | os.PathLike[str] | bytes) -> tuple[int, int]:
    """Width and height of a picture file as it is stored, from its header. Raises `PhotoError`."""
    with opened(source) as picture:
        width, height = picture.size
        return width, height


def write(path: str | os.PathLike[str], pixels: Pixels) -> None:
    """Writes uint8 (H, W, 3) or (H, W) pixels; the suffix chooses PNG, JPEG (quality 95) or WebP
    (lossless). Whole or not at all. Raises `OutputError`."""
    options: dict[str, dict[str, Any]] = {
        ".png": {},
        ".jpg": {"quality": 95, "subsampling": 0},
        ".jpeg": {"quality": 95, "subsampling": 0},
        ".webp": {"lossless": True},
    }
    suffix = Path(path).suffix.lower()
    if suffix not in options:
        raise OutputError(
            f"Cannot write {path}: the suffix {suffix or '(none)'} is not known; "
            f"use one of {', '.join(options)}."
        )
    with files.replacing(path) as temporary:
        Image.fromarray(pixels).save(temporary, **options[suffix])


def read_labels(
    source: Source, size: tuple[int, int] | None = None, order: labels.Order | None = None
) -> labels.Labels:
    """A label map from an index PNG (mode P or L), PIL image or array -> uint8 (H, W), order A.

    `size` is the (height, width) it must have, `order` the order it is known to be in; None = as
    its file says, else recognised by geometry. Raises `LabelsError` for a colour picture, another
    size, values above 18, or a map in the other label order.
    """
    written: str | None = order
    if isinstance(source, np.ndarray):
        name, values = "The label map", np.asarray(source)
    else:
        name = name_of(source)
        with opened(source, LabelsError, minimum=1) as picture:
            if picture.mode not in ("P", "L"):
                raise LabelsError(
                    f"{name} is a colour or 16-bit picture (mode {picture.mode}); expected an "
                    "index PNG with values 0..18. Save labels as `maskgan parse` writes them."
                )
            if picture.format not in (None, "PNG"):
                raise LabelsError(
                    f"{name} is a {picture.format} file; labels must be PNG, since lossy files "
                    "change the values."
                )
            load(picture, name, LabelsError)
            written = order or picture.info.get(ORDER_KEY)
            values = np.asarray(picture)
    return _check_labels(values, size, name, written)


def write_labels(path: str | os.PathLike[str], values: labels.Labels) -> None:
    """Writes labels uint8 (H, W) as an index PNG with palette A and a text chunk naming the order.
    Raises `OutputError`, also for a suffix other than .png, which would lose values."""
    if Path(path).suffix.lower() != ".png":
        raise OutputError(f"Cannot write labels to {path}: use a name that ends in .png.")
    with files.replacing(path) as temporary:
        label_picture(values).save(temporary, "PNG", pnginfo=_order_info())


def encode_labels(values: labels.Labels) -> bytes:
    """Labels uint8 (H, W) -> the bytes of the PNG that `write_labels` writes."""
    buffer = io.BytesIO()
    label_picture(values).save(buffer, "PNG", pnginfo=_order_info())
    return buffer.getvalue()


def label_picture(values: labels.Labels) -> Image.Image:
    """Labels uint8 (H, W) -> PIL image of mode P with palette A."""
    picture = Image.fromarray(np.ascontiguousarray(values), "L").convert("P")
    picture.putpalette([channel for color in labels.PALETTE_A for channel in color])
    # convert("P") may reorder indices; put the exact ids back.
    picture.frombytes(np.ascontiguousarray(values).tobytes())
    return picture


def resize(pixels: Pixels, size: tuple[int, int], part: Part | None = None) -> Pixels:
    """uint8 (H, W, 3) -> uint8 (height, width, 3), Lanczos with antialiasing; of a part only, as it
    is in the whole."""
    if part is None and pixels.shape[:2] == size:
        return pixels
    if part is not None and (whole := _unscaled(size, part)):
        return pixels[whole]
    picture = Image.fromarray(pixels)
    return np.asarray(picture.resize(size[::-1], Image.Resampling.LANCZOS, part))


def resize_labels(
    values: labels.Labels, size: tuple[int, int], part: Part | None = None
) -> labels.Labels:
    """Labels (H, W) -> (height, width), nearest neighbour: no new values appear; of a part only."""
    if part is None and values.shape == size:
        return values
    if part is not None and (whole := _unscaled(size, part)):
        return values[whole]
    picture = Image.fromarray(values)
    return np.asarray(picture.resize(size[::-1], Image.Resampling.NEAREST, part))


def to_float(pixels: Pixels) -> Floats:
    """uint8 (H, W, 3) or (B, H, W, 3) -> float32 (B, 3, H, W) in [-1, 1]."""
    batch = pixels[None] if pixels.ndim == 3 else pixels
    values = np.ascontiguousarray(batch.transpose(0, 3, 1, 2), np.float32)
    scaled: Floats = values / np.float32(127.5) - np.float32(1)
    return scaled


def to_uint8(values: Floats) -> Pixels:
    """float32 (B, 3, H, W) in [-1, 1] -> uint8 (B, H, W, 3), rounded and clipped."""
    scaled = np.rint((values.transpose(0, 2, 3, 1) + 1) * 127.5)
    return np.ascontiguousarray(np.clip(scaled, 0, 255).astype(np.uint8))


def one_hot(values: labels.Labels) -> Floats:
    """Labels (H, W) or (B, H, W) -> float32 (B, 19, H, W)."""
    batch = values[None] if values.ndim == 2 else values
    classes = np.arange(labels.NUM_CLASSES, dtype=batch.dtype)
    hot: Floats = np.equal(batch[:, None], classes[None, :, None, None]).astype(np.float32)
    return hot


def _unscaled(size: tuple[int, int], part: Part) -> tuple[slice, slice] | None:
    """Rows and columns of a part that has its size already; None where it has to be scaled."""
    left, top, right, bottom = part
    if (bottom - top, right - left) != size or left % 1 or top % 1:
        return None
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def _check_pixels(pixels: NDArray[Any]) -> Pixels:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise PhotoError(
            f"The photo is an array of {pixels.dtype} with shape {pixels.shape}; "
            "expected uint8 (height, width, 3) in RGB."
        )
    if min(pixels.shape[:2]) < MIN_SIDE:
        raise PhotoError(
            f"The photo has {pixels.shape[1]}x{pixels.shape[0]} pixels; "
            f"expected at least {MIN_SIDE} on each side."
        )
    return np.ascontiguousarray(pixels)


def _check_labels(
    values: NDArray[Any], size: tuple[int, int] | None, name: str, order: str | None
) -> labels.Labels:
    if values.ndim != 2 or not np.issubdtype(values.dtype, np.integer):
        raise LabelsError(
            f"{name} is an array of {values.dtype} with shape {values.shape}; "
            "expected integers (height, width)."
        )
    if size is not None and values.shape != size:
        raise LabelsError(
            f"{name} has {values.shape[1]}x{values.shape[0]} pixels; expected "
            f"{size[1]}x{size[0]}, the size of the face's crop. Scale it with nearest neighbour."
        )
    if values.size and (values.min() < 0 or values.max() >= labels.NUM_CLASSES):
        worst = int(values.max() if values.max() >= labels.NUM_CLASSES else values.min())
        raise LabelsError(
            f"{name} holds the value {worst}; expected 0..{labels.NUM_CLASSES - 1} "
            "(19 classes of CelebAMask-HQ)."
        )
    ids = np.ascontiguousarray(values.astype(np.uint8))
    found = order if order is not None else labels.detect_order(ids)
    if found == "B":
        raise LabelsError(
            f"{name} is in the other label order (B: nose = 10, hair = 17); expected order A "
            "(nose = 2, hair = 13). Convert it with maskgan.labels.order_b_to_a."
        )
    return ids


def _order_info() -> PngInfo:
    info = PngInfo()
    info.add_text(ORDER_KEY, "A")
    return info
