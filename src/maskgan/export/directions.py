"""Directions in the codes of a MaskVAE: which way a smile lies, and which way long hair.

What is measured of the label maps of many faces (`maskgan.editing.measures`) is regressed on all at
once: a direction is how the mean code changes with one measure while the others stay. Where the
datasets say of every face whether it smiles, that counts instead of the shape of the mouth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskgan import images
from maskgan.data.folder import FaceFolder
from maskgan.editing.measures import MEASURES
from maskgan.errors import DatasetError
from maskgan.labels import Labels, exchange_sides, sides_exchanged
from maskgan.models.mask_vae import MaskVae

SPAN = 3.0
"""Standard deviations of a measure that strength 1 of a slider goes."""
LEAST_FACES = 100
"""Faces on which a measure must be known."""
KNOWN_BY = {"smile": "Smiling"}
"""Measure -> the attribute of a dataset that says it better."""
FREE: Mapping[str, tuple[str, ...]] = {"smile": ("mouth_open",)}
"""Direction -> measures that are not held still: a smile shows teeth."""


def learn(vae: MaskVae, sources: Sequence[str | Path]) -> dict[str, Tensor]:
    """Slider -> step float32 (N,) in the codes for strength 1, from the faces of the train split of
    dataset folders. Raises `DatasetError` where there are too few."""
    codes, measured = _observed(vae, sources)
    names = list(MEASURES)
    known = np.isfinite(measured).all(axis=1)
    if known.sum() < LEAST_FACES:
        places = ", ".join(str(source) for source in sources)
        raise DatasetError(
            f"{int(known.sum())} labelled faces of the train split of {places} show all that "
            f"sliders move ({', '.join(names)}); expected at least {LEAST_FACES}."
        )
    values, codes = measured[known], codes[known]
    spread = values.std(0)
    for name, deviation in zip(names, spread, strict=True):
        if not deviation > 0:
            raise DatasetError(f"All faces are alike in {name}; give some that differ.")
    values = (values - values.mean(0)) / spread
    codes = codes - codes.mean(0)
    found = {}
    for index, name in enumerate(names):
        held = [at for at, other in enumerate(names) if other not in FREE.get(name, ())]
        slopes = np.linalg.lstsq(values[:, held], codes, rcond=None)[0]  # (held, N)
        found[name] = torch.from_numpy(SPAN * slopes[held.index(index)]).float()
    return found


def _observed(
    vae: MaskVae, sources: Sequence[str | Path]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean codes (F, N) and measures (F, M), NaN where not known, of the labelled train faces."""
    codes, measured, told = [], [], []
    for source in sources:
        folder = FaceFolder(source)
        attributes, splits, labelled = folder.attributes(), folder.splits(), folder.labelled
        for stem in sorted(labelled):
            if splits.get(stem) != "train":
                continue
            labels = folder.labels(stem)
            labels = exchange_sides(labels) if sides_exchanged(labels) else labels
            codes.append(_encode(vae, labels))
            measured.append([measure(labels) for measure in MEASURES.values()])
            said = attributes.get(stem, {})
            told.append([said.get(KNOWN_BY.get(name, ""), math.nan) for name in MEASURES])
    if not codes:
        return np.zeros((0, vae.config.code)), np.zeros((0, len(MEASURES)))
    by_shape, by_people = np.asarray(measured, np.float64), np.asarray(told, np.float64)
    values = np.where(np.isfinite(by_people).all(axis=0), by_people, by_shape)
    return np.stack(codes).astype(np.float64), values


@torch.inference_mode()
def _encode(vae: MaskVae, labels: Labels) -> NDArray[np.float32]:
    small = images.resize_labels(labels, (vae.config.size,) * 2)
    code: NDArray[np.float32] = vae.encode(torch.from_numpy(small[None].copy()))[0][0].numpy()
    return code


def root(vae: MaskVae, count: int) -> Tensor:
    """The `count` largest axes of the codes of faces, float32 (count, N), each as long as faces
    spread along it: noise of N(0, 1) times them are codes like those of faces."""
    values, axes = torch.linalg.eigh(vae.code_covariance.double().cpu())
    count = min(count, len(values))
    largest = (axes * values.clamp_min(0).sqrt())[:, -count:].T.flip(0)
    # Which way an axis points is rounding: its largest number shall be positive.
    signs = largest.gather(1, largest.abs().argmax(1, keepdim=True)).sign()
    found: Tensor = (largest * signs).float()
    return found
