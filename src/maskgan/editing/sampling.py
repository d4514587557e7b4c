"""Random styles ("dice"): the look of a person who is none of the known ones, but like them.

A style is drawn between known ones, which are those of the sample faces or of photos the user
brought. Regions that make one person are drawn together: skin with nose, ears and neck; hair with
brows; the lips; the eyes. Each such group gets random shares of the known styles (a convex mixture,
mostly of two or three) and a little of the difference between two of them, so that the result is
not always paler than what it was made of. Where the generator draws the whole face from one code,
that code is drawn.

What it is not: a sample of the distribution of faces. The networks are no generative model of
styles; nothing is drawn that does not lie near the known ones, two known styles give a line, and
one gives itself. Knows codes only: no photo, no network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maskgan.editing.face import Style
from maskgan.errors import ConfigError
from maskgan.labels import IDS, NUM_CLASSES

TOGETHER: tuple[tuple[str, ...], ...] = (
    ("skin", "nose", "l_ear", "r_ear", "neck"),
    ("hair", "l_brow", "r_brow"),
    ("l_eye", "r_eye"),
    ("mouth", "u_lip", "l_lip"),
    ("cloth",),
    ("eye_g",),
    ("hat",),
    ("ear_r",),
    ("neck_l",),
    ("background",),
)
"""Regions whose look is drawn together; every class is in one of the groups."""
CONCENTRATION = 0.6
"""Of the Dirichlet distribution of shares: below 1, so that few known styles dominate a mixture."""
SPREAD = 0.25
"""Standard deviation of how much of the difference between two known styles is added."""


def random_style(known: Sequence[Style], rng: np.random.Generator, spread: float = SPREAD) -> Style:
    """Draws a style; the same known styles and the same state of `rng` give the same one.

    known: styles of one bundle, at least one. spread: 0 stays within the mixtures.
    The style has every region that any known one has; a region is mixed from those that have it.
    Raises `ConfigError` without known styles, or for styles of different bundles.
    """
    if not known:
        raise ConfigError("There is no known style to draw from; give at least one.")
    if len({style.codes.shape for style in known}) > 1:
        raise ConfigError("The known styles are of different bundles; encode them with one.")
    codes = np.stack([style.codes for style in known]).astype(np.float64)  # (N, 19, S)
    present = np.stack([style.present for style in known]) > 0  # (N, 19)
    drawn = np.zeros(codes.shape[1:], np.float64)  # (19, S)
    single = bool((codes == codes[:, :1]).all())
    for group in (tuple(IDS),) if single else TOGETHER:
        shares = rng.dirichlet(np.full(len(known), CONCENTRATION))  # (N,)
        added = spread * rng.standard_normal() * _difference(len(known), rng)  # (N,)
        for name in group:
            index = IDS[name]
            having = present[:, index]
            if having.any():
                drawn[index] = _weights(shares, added, having) @ codes[having, index]
    return Style(
        drawn.astype(np.float32), present.any(axis=0).astype(np.float32).reshape(NUM_CLASSES)
    )


def _difference(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """1 for one of the known styles, -1 for another, 0 for the rest; all 0 for a single one."""
    weights = np.zeros(count, np.float64)
    first, second = rng.permutation(count)[[0, -1]].tolist()
    weights[first] += 1
    weights[second] -= 1
    return weights


def _weights(
    shares: NDArray[np.float64], added: NDArray[np.float64], having: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Weights that sum to 1 over the known styles that have a region."""
    own = shares[having]
    total = float(own.sum())
    own = own / total if total > 1e-3 else np.full(own.size, 1 / own.size)
    # A difference of which one end lacks the region says nothing about it.
    step = added[having]
    weights: NDArray[np.float64] = own + step if abs(float(step.sum())) < 1e-9 else own
    return weights
