"""Labels as raw bytes, one per pixel, row after row: what pages and programs send."""

from __future__ import annotations

import numpy as np

from maskgan import images
from maskgan.errors import LabelsError
from maskgan.labels import NUM_CLASSES, Labels

__all__ = ["checked", "read", "wrong_size"]


def checked(values: Labels) -> Labels:
    """Labels whose values are classes. Raises `LabelsError`."""
    if values.size and values.max() >= NUM_CLASSES:
        raise LabelsError(
            f"The labels hold the value {values.max()}; expected 0 to {NUM_CLASSES - 1}."
        )
    return values


def read(data: bytes, side: int) -> Labels:
    """Labels uint8 (S, S) from raw bytes, row after row, or from an index PNG. Raises
    `LabelsError`."""
    if data.startswith(b"\x89PNG"):
        return images.read_labels(data, (side, side))
    if len(data) != side * side:
        raise wrong_size(len(data), side)
    return checked(np.frombuffer(data, np.uint8).reshape(side, side))


def wrong_size(size: int, side: int) -> LabelsError:
    """What to say of labels that do not fit the crop; `size` in bytes."""
    return LabelsError(
        f"The labels have {size} bytes; expected {side}x{side} = {side * side}, one per pixel of "
        "the crop, or an index PNG of that size."
    )
