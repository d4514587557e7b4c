"""The colour of a person's teeth: read off those that are seen, else expected from eyes and skin,
which say how bright the light is and of what colour.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import LUMA, luma
from maskgan.editing.layers import member
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

MOUTH, EYES, SKIN = IDS["mouth"], (IDS["l_eye"], IDS["r_eye"]), IDS["skin"]
BRIGHT = np.array([0.47, 0.256, 81.0])
"""How bright teeth are over the whites of eyes and the lightest skin, each the 0.9 quantile, and
over nothing: least squares on 564 mouths of CelebAMask-HQ and CelebA-HQ, which leave 26 of 255."""
TINT = np.array([[0.34, 0.16, 0.014], [0.39, 0.24, -0.011]])
"""Logarithms of red and blue of teeth over their brightness from those of the whites of eyes, of
the lightest skin, and of nothing: least squares on 247 mouths of CelebAMask-HQ, which leave 0.04
and 0.05 (0.05 and 0.07 with the same colour for everybody)."""
WHITES = 0.44
"""Such logarithms of the whites of eyes over those of skin, where eyes are not seen: likewise."""
LIGHT = 0.8
"""Quantile of brightness from which a pixel is white of an eye, or lightest skin."""
USUAL = 200.0
"""How bright teeth are without either."""
SEEN, LIKELY = 0.75, 0.65
"""Quantile of brightness in a mouth from which it is teeth, if they are as bright as this share of
what is expected."""
REDDEST = 1.2
"""Their red over their green at most."""

Floats = NDArray[np.floating[Any]]


def colour(photo: Pixels, labels: Labels, enough: float) -> Floats:
    """Red, green and blue float (3,) of the bright teeth of a crop uint8 (S, S, 3) with labels
    uint8 (S, S). enough: pixels of mouth from which teeth can be seen in it."""
    expected = _expected(photo, labels)
    inside = photo[labels == MOUTH]
    if len(inside) >= enough:
        seen = _lightest(inside, SEEN)
        bright = seen @ LUMA
        if bright > LIKELY * (expected @ LUMA):
            # What is seen of low teeth has something of lips and gums: it may be yellow, not red.
            seen[0] = min(seen[0], REDDEST * seen[1])
            return np.asarray(bright / (seen @ LUMA) * seen)
    return expected


def _expected(photo: Pixels, labels: Labels) -> Floats:
    """Red, green and blue float (3,) of teeth that are not seen."""
    eyes, skin = (photo[member(labels, ids)] for ids in (EYES, (SKIN,)))
    if not skin.size:
        return _tinted(USUAL, TINT[:, 2])
    lightest = float(np.quantile(luma(skin), 0.9))
    white = float(np.quantile(luma(eyes), 0.9)) if eyes.size else lightest
    bright = np.array([white, lightest, 1.0]) @ BRIGHT
    tint = _tint(_lightest(skin, LIGHT))
    whites = _tint(_lightest(eyes, LIGHT)) if eyes.size else WHITES * tint
    return _tinted(float(bright), TINT[:, 0] * whites + TINT[:, 1] * tint + TINT[:, 2])


def _lightest(pixels: Pixels, quantile: float) -> Floats:
    """Mean red, green and blue float (3,) of the lightest of pixels uint8 (N, 3)."""
    light = luma(pixels)
    mean: Floats = pixels[light >= np.quantile(light, quantile)].mean(axis=0)
    return mean


def _tint(mean: Floats) -> Floats:
    """Logarithms float (2,) of red and blue over brightness."""
    # Of black nothing can be said.
    ratio: Floats = np.log((mean[[0, 2]] + 1) / (mean @ LUMA + 1))
    return ratio


def _tinted(bright: float, tint: Floats) -> Floats:
    """Red, green and blue float (3,) of a brightness and logarithms of red and blue over it."""
    red, blue = np.exp(tint)
    green = (1 - LUMA[0] * red - LUMA[2] * blue) / LUMA[1]
    return bright * np.array([red, green, blue])
