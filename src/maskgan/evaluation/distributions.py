"""How far a set of pictures is from a set of photos, in the features of some network.

Features are float (N, D), a row per picture. With features of torch-fidelity's Inception-v3 the
Frechet distance is the FID (Heusel et al. 2017) and the kernel distance the KID (Binkowski et al.
2018); with any others it must not be called so. All of them say more of the features than of the
pictures when N is small: compare at equal N only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEIGHBOURS = 3
"""Of precision and recall."""
DEGREE = 3
"""Of the polynomial kernel."""


def frechet_distance(first: Floats, second: Floats) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) of means and covariances, 2 rows at least."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    gap = a.mean(0) - b.mean(0)
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    one, two = (np.atleast_2d(each) for each in covariances)
    # tr (C1 C2)^1/2 is that of (R C2 R)^1/2 with R = C1^1/2, which is symmetric.
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ two @ root), 0, None)).sum()
    return max(0.0, float(gap @ gap + np.trace(one) + np.trace(two) - 2 * shared))


def kernel_distance(first: Floats, second: Floats) -> float:
    """Unbiased squared maximum mean discrepancy with the kernel (x.y / D + 1)^3. May be slightly
    negative for sets that are alike."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    n, m = len(a), len(b)
    own, other, across = _kernel(a, a), _kernel(b, b), _kernel(a, b)
    within = (own.sum() - np.trace(own)) / (n * (n - 1))
    within += (other.sum() - np.trace(other)) / (m * (m - 1))
    return float(within - 2 * across.mean())


def precision_recall(pictures: Floats, photos: Floats) -> tuple[float, float]:
    """Share of the pictures that lie among the photos, and of the photos that lie among the
    pictures (Kynkaanniemi et al. 2019): within the distance of some member of the other set to its
    third neighbour there. Sets of more than 3 rows."""
    a, b = pictures.astype(np.float64), photos.astype(np.float64)
    across = _distances(a, b)
    precision = (across <= _radii(b)[None]).any(1).mean()
    recall = (across <= _radii(a)[:, None]).any(0).mean()
    return float(precision), float(recall)


def _kernel(a: Floats, b: Floats) -> Floats:
    kernel: Floats = (a @ b.T / a.shape[1] + 1) ** DEGREE
    return kernel


def _radii(points: Floats) -> Floats:
    """Distance of each point to its third neighbour, itself not counted."""
    return np.sort(_distances(points, points), axis=1)[:, NEIGHBOURS]


def _distances(a: Floats, b: Floats) -> Floats:
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    distances: Floats = np.sqrt(np.clip(squares, 0, None))
    return distances
