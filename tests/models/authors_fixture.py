"""The authors' networks as test vectors: keys, shapes, weights made by rule, and their answers."""

from __future__ import annotations

import csv
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


def authors_shapes(reference: Path, network: str) -> dict[str, tuple[int, ...]]:
    """Key -> shape of the authors' state dict of "generator", "blender" or "discriminator"."""
    with (reference / "authors_keys.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["network"] == network]
    return {row["key"]: tuple(map(int, row["shape"].split("x"))) for row in rows}


def authors_state(reference: Path, network: str) -> dict[str, Tensor]:
    """The state dict that the authors' network had when it gave the answers."""
    return {
        key: torch.from_numpy(weights(key, shape))
        for key, shape in authors_shapes(reference, network).items()
    }


def authors_answers(reference: Path) -> dict[str, Tensor]:
    """Inputs and outputs by name; label maps as (1, H, W)."""
    with np.load(reference / "authors_fixture.npz") as arrays:
        tensors = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    return {name: t[None] if t.ndim == 2 else t for name, t in tensors.items()}


def weights(key: str, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers seeded by the key, of variance 1 / fan-in, or 0.01 in one dimension."""
    values = np.random.RandomState(zlib.crc32(key.encode())).standard_normal(shape)
    scale = 0.1 if len(shape) == 1 else math.sqrt(1 / math.prod(shape[1:]))
    return (values * scale).astype(np.float32)
