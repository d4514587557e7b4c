"""Binary regions as JSON holds them: a rectangle and its bits, compressed, in base64.

A region is bool (H, W). Bits go row after row without padding between rows, the first in the
highest bit; they are compressed by zlib. Reading allocates what the rectangle needs and never more,
whatever the text claims. Knows no labels.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from maskgan.editing.regions import Region
from maskgan.errors import ConfigError


def encode_region(region: Region) -> dict[str, Any]:
    """Bool (H, W) -> what operations hold as `region`: a rectangle [x, y, width, height] and its
    bits, row after row, the first in the highest bit, compressed and in base64."""
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    if not rows.size:
        return {"rect": [0, 0, 0, 0], "bits": ""}
    (top, bottom), (left, right) = rows[[0, -1]].tolist(), columns[[0, -1]].tolist()
    bits = np.packbits(region[top : bottom + 1, left : right + 1])
    packed = base64.b64encode(zlib.compress(bits.tobytes())).decode()
    return {"rect": [left, top, right + 1 - left, bottom + 1 - top], "bits": packed}


def decode_region(value: Any, shape: tuple[int, int]) -> Region:
    """A `region` of an operation -> bool (H, W). Besides `encode_region`'s objects a text is
    understood: the bits of the whole map. Raises `ConfigError`."""
    height, width = shape
    x, y, across, down = 0, 0, width, height
    if isinstance(value, Mapping):
        x, y, across, down = rectangle(value.get("rect"), shape)
        value = value.get("bits")
    if not isinstance(value, str):
        raise ConfigError(
            'The region is not {"rect": [x, y, width, height], "bits": base64 of zlib of bits}.'
        )
    region = np.zeros(shape, np.bool_)
    if across * down:
        bits = np.frombuffer(inflate(value, (across * down + 7) // 8, "The region"), np.uint8)
        inside = np.unpackbits(bits, count=across * down).astype(np.bool_)
        region[y : y + down, x : x + across] = inside.reshape(down, across)
    return region


def inflate(text: str, size: int, name: str) -> bytes:
    """Exactly `size` bytes from base64 of zlib, and never more in memory. Raises `ConfigError`."""
    try:
        packed = base64.b64decode(text, validate=True)
        inflater = zlib.decompressobj()
        data = inflater.decompress(packed, size + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise ConfigError(
            f"{name} cannot be decoded ({error}); expected base64 of zlib."
        ) from error
    if len(data) != size or not inflater.eof:
        found = f"{len(data)} bytes" if len(data) <= size else "more bytes"
        raise ConfigError(f"{name} holds {found} or is cut short; expected {size}.")
    return data


def rectangle(value: Any, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """A rectangle [x, y, width, height], or an object of x, y, w and h, inside a map of that shape
    (H, W). Raises `ConfigError`."""
    if isinstance(value, Mapping):
        value = [value.get(name) for name in ("x", "y", "w", "h")]
    whole = isinstance(value, (list, tuple)) and len(value) == 4
    if not whole or not all(isinstance(n, int) and not isinstance(n, bool) for n in value):
        raise ConfigError("The region's rect is not four whole numbers [x, y, width, height].")
    x, y, across, down = value
    if min(value) < 0 or x + across > shape[1] or y + down > shape[0]:
        raise ConfigError(
            f"The region's rect {list(value)} is not inside the label map of "
            f"{shape[1]}x{shape[0]} pixels."
        )
    return x, y, across, down
