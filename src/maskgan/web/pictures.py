"""Pictures on their way to the page: WebP and PNG bytes, and of a result only what is new.

Pixels are uint8 (H, W, 3). What a page shows is followed by a `Viewer`, so that of each result only
the rectangle travels that differs from what was sent before. Knows no session and no network.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from maskgan import images
from maskgan.images import Pixels
from maskgan.web.frames import Quality, Rect

__all__ = ["Update", "Viewer", "fitted", "png", "webp"]

QUALITY: Final[dict[Quality, int]] = {"preview": 85, "full": 95}
"""Of WebP, 0..100."""
EXACT_PIXELS: Final = 1 << 17
"""In full quality, pictures of so many pixels travel as they are: that takes no longer."""
THUMBNAIL: Final = 128
"""Side of a style's picture in pixels."""
NOWHERE: Final[Rect] = (0, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Update:
    """What a page must show to show a result."""

    rect: Rect
    """Of the crop; all 0 where nothing is new."""
    payload: bytes = b""
    """That rectangle as WebP."""


class Viewer:
    """What one page shows of a face; used by one thread at a time."""

    def __init__(self) -> None:
        self._opened: int | None = None
        self._shown: Pixels | None = None
        self._rough: Rect = NOWHERE

    def begin(self, crop: Pixels, opened: int) -> None:
        """The page shows the face's own crop; `opened` is the face's number."""
        self._opened, self._shown, self._rough = opened, crop, NOWHERE

    def reset(self) -> None:
        """It is not known what the page shows: the next update is the whole crop."""
        self._shown = None

    def update(self, crop: Pixels, opened: int, quality: Quality) -> Update:
        """What is new in an edited crop. In full quality that includes what was sent as a preview
        and has not changed since."""
        height, width = crop.shape[:2]
        if self._shown is None or self._opened != opened or self._shown.shape != crop.shape:
            rect: Rect = (0, 0, width, height)
            self._rough = NOWHERE
        else:
            rect = bounding_rect(self._shown, crop)
        if quality == "full":
            rect, self._rough = united(rect, self._rough), NOWHERE
        else:
            self._rough = united(rect, self._rough)
        self._opened, self._shown = opened, crop
        if rect[2] == 0:
            return Update(rect=NOWHERE)
        x, y, across, down = rect
        part = crop[y : y + down, x : x + across]
        exact = quality == "full" and across * down <= EXACT_PIXELS
        return Update(rect=rect, payload=webp(part, None if exact else QUALITY[quality]))


def bounding_rect(before: Pixels, after: Pixels) -> Rect:
    """The smallest rectangle outside which two pictures of one size are equal."""
    differing: NDArray[np.bool_] = (before != after).reshape(before.shape[0], -1)
    rows = np.flatnonzero(differing.any(axis=1))
    if not rows.size:
        return NOWHERE
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(differing[top:bottom].any(axis=0)) // 3
    left, right = int(columns[0]), int(columns[-1]) + 1
    return left, top, right - left, bottom - top


def united(a: Rect, b: Rect) -> Rect:
    """The smallest rectangle around two, of which either may be empty."""
    if a[2] == 0 or b[2] == 0:
        return a if b[2] == 0 else b
    x, y = min(a[0], b[0]), min(a[1], b[1])
    right, bottom = max(a[0] + a[2], b[0] + b[2]), max(a[1] + a[3], b[1] + b[3])
    return x, y, right - x, bottom - y


def webp(pixels: Pixels, quality: int | None = 80) -> bytes:
    """A picture, made as fast as possible; with the quality None exact to the bit."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        buffer, "WEBP", quality=quality or 0, lossless=quality is None, method=0
    )
    return buffer.getvalue()


def png(pixels: Pixels) -> bytes:
    """An exact picture, compressed little."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def thumbnail(crop: Pixels) -> bytes:
    """The picture of a style: `THUMBNAIL` pixels a side, as WebP."""
    return webp(fitted(crop, THUMBNAIL))


def fitted(pixels: Pixels, side: int) -> Pixels:
    """The picture with no side longer than `side` pixels."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    return images.resize(pixels, (max(1, round(height * scale)), max(1, round(width * scale))))
