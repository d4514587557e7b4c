"""How well one label map agrees with another: confusion matrices and what is read off them.

A matrix is int64 (K, K), rows the true classes, columns the found ones; a stack of them (N, K, K)
is one per face. Figures are of the summed matrix, so that every pixel counts the same, and their
intervals come from drawing the faces again with replacement. numpy only, float64;
`maskgan.losses.segmentation` is the twin for tensors.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from maskgan.labels import NUM_CLASSES, Labels

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Figure = Callable[[Floats], Floats]
"""Matrices (..., K, K) -> one number each (...)."""

RESAMPLES = 1000
"""Draws of the faces behind an interval."""


def confusion(truth: Labels, found: Labels) -> Counts:
    """Counts int64 (K, K) of two label maps (H, W)."""
    pairs = truth.astype(np.int64).ravel() * NUM_CLASSES + found.ravel()
    counts = np.bincount(pairs, minlength=NUM_CLASSES**2)
    return counts.reshape(NUM_CLASSES, NUM_CLASSES)


def accuracy(matrices: Floats) -> Floats:
    """Share of the pixels whose class was found; NaN where there are none."""
    hit = np.trace(matrices, axis1=-2, axis2=-1)
    return _ratio(hit, matrices.sum((-2, -1)))


def mean_iou(matrices: Floats) -> Floats:
    """Mean over the classes that are true or found anywhere of intersection over union."""
    hit = np.diagonal(matrices, axis1=-2, axis2=-1)
    union = matrices.sum(-1) + matrices.sum(-2) - hit
    occurs = union > 0
    shares = np.where(occurs, hit / np.where(occurs, union, 1), 0)
    return _ratio(shares.sum(-1), occurs.sum(-1))


def whole(counts: Counts, figure: Figure) -> float:
    """A figure of all faces (N, K, K) together."""
    return float(figure(counts.sum(0).astype(np.float64)))


def redrawn(counts: Counts, seed: int) -> Floats:
    """Summed matrices of `RESAMPLES` draws of the faces (N, K, K) with replacement, (R, K, K). With
    one seed all stacks of N faces are drawn alike, so that figures can be compared draw by draw."""
    drawn = np.random.default_rng(seed).multinomial(
        len(counts), np.full(len(counts), 1 / len(counts)), RESAMPLES
    )
    flat = counts.reshape(len(counts), -1)
    occurs = flat.any(0)  # most pairs of classes are never mixed up
    sums = np.zeros((RESAMPLES, flat.shape[1]))
    sums[:, occurs] = drawn.astype(np.float64) @ flat[:, occurs].astype(np.float64)
    return sums.reshape(RESAMPLES, *counts.shape[1:])


def resampled(counts: Counts, figure: Figure, seed: int) -> Floats:
    """`whole` for each of the draws of `redrawn`, (R,)."""
    return figure(redrawn(counts, seed))


def interval(values: Floats) -> tuple[float, float]:
    """The middle 95 % of resampled figures."""
    low, high = np.nanpercentile(values, (2.5, 97.5)).tolist()
    return low, high


def _ratio(part: Floats | Counts, count: Floats | Counts) -> Floats:
    return np.where(count > 0, part / np.where(count > 0, count, 1), np.nan)
