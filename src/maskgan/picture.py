"""Picture files on their way in: opened, checked, decoded and turned upright.

Every refusal comes before the pixels are decoded where that is possible, and is a sentence for the
user. Any mode that Pillow knows is read, and HEIC where pillow-heif (extra `heic`) is installed.
This module knows neither metadata besides the orientation nor what the pixels are for.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from maskgan.errors import LabelsError, MissingExtraError, PhotoError

Pixels = NDArray[np.uint8]
InputError: TypeAlias = type[PhotoError] | type[LabelsError]
Source: TypeAlias = str | os.PathLike[str] | bytes | Image.Image | NDArray[Any]

MAX_PIXELS = 100_000_000
"""Larger photos are refused before they are decoded."""
MIN_SIDE = 32
"""Smaller photos hold no face one could edit."""
BAND_PIXELS = 1 << 20
"""Pictures change form in bands of so many pixels, so that no whole copies pile up."""
DAMAGE = (
    *(OSError, ValueError, SyntaxError, TypeError, EOFError, LookupError, RuntimeError),
    *(struct.error, Image.DecompressionBombError),
)
"""What Pillow and its plugins raise on pictures that are damaged."""


@contextmanager
def opened(
    source: str | os.PathLike[str] | bytes | Image.Image,
    error_type: InputError = PhotoError,
    minimum: int = MIN_SIDE,
) -> Iterator[Image.Image]:
    """The picture of a path or of bytes (closed at the end), or the PIL image itself. Nothing is
    decoded yet, but the size is known to be allowed. Raises `error_type`."""
    name = name_of(source)
    with warnings.catch_warnings():
        # Pillow warns about large pictures and odd metadata; what matters is refused with words.
        warnings.simplefilter("ignore")
        if isinstance(source, Image.Image):
            _check_size(source, name, error_type, minimum)
            yield source
            return
        with _open(source, name, error_type) as picture:
            _check_size(picture, name, error_type, minimum)
            yield picture


def load(picture: Image.Image, name: str, error_type: InputError = PhotoError) -> None:
    """Decodes an opened picture; of an animation, its first frame. Raises `error_type`."""
    try:
        picture.load()
    except DAMAGE as error:
        raise error_type(f"{name} is damaged or cut short ({error}).") from error


def decoded(
    picture: Image.Image,
    name: str,
    to_rgb: Callable[[Image.Image], Image.Image] | None = None,
) -> tuple[Pixels, NDArray[np.uint8] | None]:
    """An opened picture of any mode -> upright pixels uint8 (H, W, 3) and alpha uint8 (H, W) or
    None. `to_rgb` replaces Pillow's conversion of colours; it is given bands of the picture, 8 bits
    a channel. Makes one copy of the pixels beside the result. Raises `PhotoError`."""
    load(picture, name)
    width, height = picture.size
    integers = picture.mode.startswith("I")
    # 16 bits are scaled down, where Pillow's own conversion would clip.
    scale = 257 if integers and np.max(picture.getextrema()) > 255 else 1
    clear = picture.has_transparency_data and not integers
    turned = orientation(picture)
    shape = (width, height) if turned >= 5 else (height, width)
    pixels = np.empty((*shape, 3), np.uint8)
    alpha = np.empty(shape, np.uint8) if clear else None
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        band = picture.crop((0, top, width, bottom))
        if integers:
            values = np.rint(np.asarray(band).astype(np.float32) / scale)
            band = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
        if alpha is not None:
            _as_stored(alpha, turned)[top:bottom] = np.asarray(band.convert("RGBA"))[..., 3]
        try:
            colors = band.convert("RGB") if to_rgb is None else to_rgb(band)
        except ValueError as error:
            raise PhotoError(
                f"{name} has colours that cannot be read (mode {picture.mode}); save it as RGB."
            ) from error
        _as_stored(pixels, turned)[top:bottom] = np.asarray(colors)
    return pixels, alpha


def orientation(picture: Image.Image) -> int:
    """How a picture is stored, as in EXIF: 1 = upright, 5..8 = sides swapped. Damaged = upright."""
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except DAMAGE:
        return 1
    return value if value in range(1, 9) else 1


def name_of(source: Source) -> str:
    """What sentences call a source: its path, or "The picture"."""
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else "The picture"


def _as_stored(upright: NDArray[np.uint8], turned: int) -> NDArray[np.uint8]:
    """A view of upright pixels (H, W, ...) in the order in which a file of that EXIF orientation
    stores them."""
    if turned >= 5:
        upright = upright.swapaxes(0, 1)
    rows = slice(None, None, -1 if turned in (3, 4, 6, 7) else 1)
    columns = slice(None, None, -1 if turned in (2, 3, 7, 8) else 1)
    return upright[rows, columns]


def _open(source: str | os.PathLike[str] | bytes, name: str, error_type: InputError) -> Image.Image:
    file: Any = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        size = len(source) if isinstance(source, bytes) else Path(file).stat().st_size
        if size == 0:
            raise error_type(f"{name} is empty (0 bytes); expected a picture.")
        return _open_heif(file, name) if _is_heif(source) else Image.open(file)
    except Image.DecompressionBombError as error:
        raise error_type(
            f"{name} is larger than {MAX_PIXELS // 1_000_000} megapixels, the limit; scale it down."
        ) from error
    except DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise error_type(f"{name} cannot be read: {error.strerror}.") from error
        raise error_type(
            f"{name} is not a picture that can be read (JPEG, PNG, WebP, ...)."
        ) from error


def _is_heif(source: str | os.PathLike[str] | bytes) -> bool:
    """Whether the brands at the head of a file are those of HEIC; AVIF has the same container."""
    if isinstance(source, bytes):
        head = source[:64]
    else:
        with open(source, "rb") as file:
            head = file.read(64)
    brands = head[8:] if head[4:8] == b"ftyp" and b"avif" not in head else b""
    return any(brand in brands for brand in (b"heic", b"heix", b"heim", b"heis", b"mif1"))


def _open_heif(file: Any, name: str) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise MissingExtraError(
            f"{name} is a HEIC picture, which needs pillow-heif; install it with: "
            "pip install 'maskgan[heic]'."
        ) from error
    opener: Any = HeifImageFile
    picture: Image.Image = opener(file)
    return picture


def _check_size(
    picture: Image.Image,
    name: str,
    error_type: InputError,
    minimum: int = MIN_SIDE,
) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise error_type(
            f"{name} has {width}x{height} pixels; the limit is "
            f"{MAX_PIXELS // 1_000_000} megapixels. Scale it down."
        )
    if min(width, height) < minimum:
        raise error_type(
            f"{name} has {width}x{height} pixels; expected at least {minimum} on each side."
        )
