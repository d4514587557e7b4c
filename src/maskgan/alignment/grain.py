"""Grain: the fine noise and texture around an edit, measured and made anew.

What an edit invents is smooth below the size that the network renders. Noise with the power of the
surroundings in each octave makes it belong to its photo. The same photo always gives the same
grain. Knows no faces.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from maskgan.alignment.filters import Planes, gaussian, luma
from maskgan.images import Pixels

PERIOD = 512
"""The pattern repeats after this many pixels."""
PATCH = 48
"""Side of the patches that the surroundings are measured in."""
MAX_PATCHES = 24
QUANTILE = 0.2
"""Of the patches this one counts: quiet ones, for hair and edges are no grain."""
MAX_POWER = 4.5
"""Standard deviation in grey levels beyond which an octave is no grain."""


@dataclass(frozen=True, eq=False)
class Grain:
    """A periodic pattern in a photo's own pixels."""

    pattern: Planes
    """float32 (PERIOD, PERIOD), to be added to every channel."""

    def at(self, top: int, left: int, shape: tuple[int, int]) -> Planes:
        """The grain of a rectangle of the photo, float32 of `shape`."""
        rows = (top + np.arange(shape[0])) % PERIOD
        columns = (left + np.arange(shape[1])) % PERIOD
        return self.pattern[rows[:, None], columns[None]]


def measure(photo: Pixels, points: ArrayLike, coarsest: float) -> Grain:
    """The grain of a photo uint8 (H, W, 3) around points (N, 2), up to the standard deviation
    `coarsest` of a Gaussian blur, in pixels."""
    sigmas = _octaves(coarsest)
    chosen = np.asarray(points, np.float64)
    chosen = chosen[:: max(len(chosen) // MAX_PATCHES, 1)]
    margin = math.ceil(2 * sigmas[-1])
    found = [_powers(patch, sigmas, margin) for patch in _patches(photo, chosen, margin)]
    pattern = np.zeros((PERIOD, PERIOD), np.float32)
    if found:
        powers = np.minimum(np.quantile(found, QUANTILE, axis=0), MAX_POWER)
        pattern = _pattern(sigmas, powers.tolist())
    return Grain(pattern)


def _octaves(coarsest: float) -> list[float]:
    """Blurs that divide what is finer than `coarsest` into octaves, finest first, with 0."""
    count = max(math.ceil(math.log2(max(coarsest, 0.5) / 0.5)), 1)
    return [0.0, *(coarsest * 2.0 ** (step - count + 1) for step in range(count))]


def _patches(photo: Pixels, points: Planes, margin: int) -> list[Planes]:
    """Brightness of squares of the photo around points, where they lie inside."""
    half = PATCH // 2 + margin
    patches = []
    for x, y in np.rint(points).astype(int).tolist():
        part = photo[max(y - half, 0) : max(y + half, 0), max(x - half, 0) : max(x + half, 0)]
        if min(part.shape[:2]) > 2 * margin + PATCH // 4:
            patches.append(luma(part))
    return patches


def _powers(patch: Planes, sigmas: list[float], margin: int) -> list[float]:
    """Standard deviation of each octave, robust against edges."""
    inner = (slice(margin, -margin), slice(margin, -margin))
    blurred = [gaussian(patch, sigma) for sigma in sigmas]
    octaves = [fine - coarse for fine, coarse in itertools.pairwise(blurred)]
    return [float(np.median(np.abs(octave[inner]))) / 0.6745 for octave in octaves]


def _pattern(sigmas: list[float], powers: list[float]) -> Planes:
    """White noise, filtered to a given standard deviation in each octave."""
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft2(rng.standard_normal((PERIOD, PERIOD)))
    rows, columns = np.fft.fftfreq(PERIOD)[:, None], np.fft.rfftfreq(PERIOD)[None]
    squared = (2 * math.pi) ** 2 * (rows * rows + columns * columns)
    passes = [np.exp(-0.5 * squared * sigma * sigma) for sigma in sigmas]
    pattern = np.zeros((PERIOD, PERIOD))
    for (fine, coarse), power in zip(itertools.pairwise(passes), powers, strict=True):
        octave = np.fft.irfft2(spectrum * (fine - coarse), (PERIOD, PERIOD))
        pattern += octave * (power / octave.std())
    return pattern.astype(np.float32)
