"""What is put on and polished: strings of pearls, gold, and the horn of spectacles.

A small generator that saw few of them paints a smear in the colour of skin. How a ball and a ring
look in the light is known, and behind them is what the photo shows. Lengths are in pixels of a
crop of `FRAME`; colours go from 0 to 255.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing import regions
from maskgan.editing.beading import strung
from maskgan.editing.regions import Region
from maskgan.editing.relief import facing, normals
from maskgan.editing.texture import FRAME

PEARL = np.array([242.0, 232.0, 220.0])
LUSTRE = 0.56, 0.42, 0.12
"""Brightness of a pearl in the shade, what light adds, and what is thrown back from below."""
GLOSS, GLOSSY = 0.9, 0.02
"""How bright the light's reflection in a pearl is, and how far it spreads."""
WIDEST = 30.0
"""Diameter of the largest pearl."""
TOUCH = 1.06
"""How much larger pearls are than their places, lest string be seen between them."""

SHADES = np.array([0.0, 0.25, 0.5, 0.72, 0.88, 1.0])
GOLD = np.array(
    [
        [52, 32, 14],
        [112, 74, 28],
        [190, 138, 58],
        [236, 194, 108],
        [252, 232, 178],
        [255, 252, 240],
    ],
    np.float64,
)
"""Colours of polished gold, from where it mirrors the dark to where it mirrors the light."""
HORIZON, GROUND = (0.25, 0.25, 0.22), (0.12, 0.75, 0.20)
"""What gold mirrors of what is around: how much darker or brighter, how far down a normal points
there, and within which distance of that."""
THICK = 0.45
"""How far inwards gold turns away, over the depth of its middle."""
THIN = 1.3
"""And at least, since labels have steps."""

DULL = 0.5, 0.7
"""Brightness of horn in the shade, and what light adds."""
SHEEN, SHINY = 0.35, 0.03
"""How bright the light's reflection in horn is, and how far it spreads."""

TOWARDS = np.array([-0.4, -0.6, 0.75])
"""Where the light comes from, where nothing tells: from above, the left and the front."""
DARK, DROP, BLUR = 0.36, 0.7, 1.1
"""How dark the shadow of a pearl is, how much lower it lies and how soft it is, in its radii."""
CAST = (0.35, 2.0, 2.5)
"""How dark the shadow of gold and horn is, how much lower it lies and how soft it is."""
SMALLEST = 12
"""Pixels of the smallest jewel."""

Floats = NDArray[np.floating[Any]]


def pearls(seen: Floats, new: Region, shaded: Region, light: Floats) -> None:
    """Lays strings of pearls into a picture float (S, S, 3), in place.

    new: bool (S, S), the strokes they lie in; one that is too wide for a string is gold. shaded:
    bool (S, S), where their shadow is seen. light: as of `relief.light`.
    """
    pixel = new.shape[0] / FRAME
    for stroke in _pieces(new):
        box = regions.bounding_box(stroke, math.ceil(WIDEST / 2 * pixel))
        assert box is not None, "a piece has pixels"
        beads = strung(stroke[box], WIDEST * pixel)
        if beads is None:
            gold(seen, stroke, shaded, light)
            continue
        radius = TOUCH * beads.radius
        # Where each pixel lies beside the nearest pearl, in radii.
        rows, columns = (np.arange(length) for length in stroke[box].shape)
        down = rows[:, None, None] - beads.centres[:, 0]
        right = columns[None, :, None] - beads.centres[:, 1]
        nearest = beads.centres[np.argmin(down * down + right * right, axis=2)]
        turned = np.dstack([columns - nearest[:, :, 1], rows[:, None] - nearest[:, :, 0]]) / radius
        away = np.hypot(turned[:, :, 0], turned[:, :, 1])
        drop = np.hypot(turned[:, :, 0], turned[:, :, 1] - DROP)
        shadow = DARK * np.exp(-np.square(drop / BLUR)) * shaded[box]
        cover = np.clip((1 - away) * radius + 0.5, 0, 1)
        _lay(seen[box], _pearl(turned, light), cover, shadow)


def gold(seen: Floats, new: Region, shaded: Region, light: Floats) -> None:
    """The same for jewels of gold, of any shape."""
    pixel = new.shape[0] / FRAME
    for jewel in _pieces(new):
        box = regions.bounding_box(jewel, math.ceil(3 * CAST[2] * pixel))
        assert box is not None, "a piece has pixels"
        inside = jewel[box]
        turned = _turned(inside, pixel)
        bright = 0.5 + 0.5 * _lit(turned, light)
        (less, at, within), (more, lower, spread) = HORIZON, GROUND
        bright -= less * np.exp(-np.square((turned[:, :, 1] - at) / within))
        bright += more * np.exp(-np.square((turned[:, :, 1] - lower) / spread))
        colour = np.dstack([np.interp(bright, SHADES, channel) for channel in GOLD.T])
        _lay(seen[box], colour, _cover(inside), _cast(inside, pixel) * shaded[box])


def horn(seen: Floats, new: Region, shaded: Region, light: Floats, colour: Floats) -> None:
    """The same for frames of dark horn of a colour (3,), of which there is some."""
    pixel = new.shape[0] / FRAME
    box = regions.bounding_box(new, math.ceil(3 * CAST[2] * pixel))
    assert box is not None, "there is a frame"
    inside = new[box]
    bright = np.clip(_lit(_turned(inside, pixel), light), 0, 1)
    shade, lit = DULL
    shown = colour * (shade + lit * bright)[:, :, None]
    shown += (SHEEN * np.exp((bright - 1) / SHINY))[:, :, None] * (255 - shown)
    _lay(seen[box], shown, _cover(inside), _cast(inside, pixel) * shaded[box])


def _turned(inside: Region, pixel: float) -> Floats:
    """Normals (h, w, 2) of something thin in a box, bool (h, w)."""
    middle = float(np.quantile(regions.depth(inside, round(40 * pixel))[inside], 0.95))
    # They take widths in pixels of a whole crop.
    side = inside.shape[0] / FRAME
    return normals(inside, [max(THICK * middle, THIN * pixel) / side])


def _cover(inside: Region) -> Floats:
    """How much of each pixel of a box it covers, (h, w): labels have steps."""
    covered: Floats = np.clip(1.5 * gaussian(inside.astype(np.float32), 1.0) - 0.25, 0, 1)
    return covered


def _cast(inside: Region, pixel: float) -> Floats:
    """How dark its shadow is, (h, w)."""
    dark, drop, blur = CAST
    below = np.pad(inside, ((round(drop * pixel), 0), (0, 0)))[: inside.shape[0]]
    shadow: Floats = dark * gaussian(below.astype(np.float32), blur * pixel)
    return shadow


def _pieces(new: Region) -> list[Region]:
    """The connected pieces of a region, without specks."""
    numbers = regions.components(new)
    sizes = np.bincount(numbers[new], minlength=1)
    least = SMALLEST * (new.shape[0] / FRAME) ** 2
    return [new & (numbers == number) for number in np.flatnonzero(sizes >= max(least, 1))]


def _pearl(turned: Floats, light: Floats) -> Floats:
    """The colour (h, w, 3) of a pearl where its normal is `turned` (h, w, 2)."""
    shade, lit, below = LUSTRE
    bright = np.clip(_lit(turned, light), 0, 1)
    level = shade + lit * bright
    level += below * np.clip(turned[:, :, 1], 0, 1) * (1 - facing(turned))
    gloss = GLOSS * np.exp((bright - 1) / GLOSSY)
    colour = PEARL * level[:, :, None]
    shown: Floats = colour + gloss[:, :, None] * (255 - colour)
    return shown


def _lit(turned: Floats, light: Floats) -> Floats:
    """How much surfaces with normals (h, w, 2) face the light, -1..1."""
    way = TOWARDS + np.append(light, 0)
    way /= np.linalg.norm(way)
    lit: Floats = turned @ way[:2] + way[2] * facing(turned)
    return lit


def _lay(seen: Floats, colour: Floats, cover: Floats, shadow: Floats) -> None:
    """A jewel and its shadow over a part of a picture (h, w, 3), in place."""
    seen *= (1 - shadow)[:, :, None]
    seen += cover[:, :, None] * (colour - seen)
