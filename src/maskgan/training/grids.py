"""Sample grids: rows of pictures that people look at before they believe a number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from maskgan import images, labels
from maskgan.data.tensors import to_uint8


def save_grid(path: Path, columns: Sequence[Tensor], rows: int | None = None) -> None:
    """Writes a PNG with one row per face and one column per entry of `columns`: photos float
    (B, 3, H, W) in [-1, 1], or integer label maps (B, H, W), which are colourised."""
    pictures = []
    for column in columns:
        if column.ndim == 4:
            pictures.append(to_uint8(column[:rows]).cpu().numpy())
        else:
            pictures.append(labels.colorize(column[:rows].cpu().numpy()))
    grid = np.concatenate([np.concatenate(list(column), 0) for column in pictures], 1)
    images.write(path, grid)
