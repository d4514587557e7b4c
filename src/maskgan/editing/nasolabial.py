"""The folds between cheeks and mouth, which a smile deepens and whose absence takes it away.

Cheeks that are pushed up and aside by the corners of the mouth cast a soft shadow from the wing of
the nose around the corner: what makes a smile one, to people and classifiers, as much as teeth do.
Labels do not show it, but they say how much a mouth smiles: how wide it is, and how high its
corners. Where a mouth comes to smile the shadow is laid over the photo's skin; where it ceases to,
what the person's own folds have of it is taken out, and skin keeps its texture either way.

Where the shadow lies, how deep it is, and what tells a smile were measured on 700 smiling and 700
serious faces of the training part (docs/experiments.md). Lengths are in distances between the eyes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.alignment.filters import LUMA, gaussian, smoothstep
from maskgan.editing import deformation, measures, mouth, regions
from maskgan.editing.creases import creases
from maskgan.editing.deformation import Floats, Frame
from maskgan.editing.layers import member
from maskgan.editing.regions import Box, Region
from maskgan.editing.surroundings import Surroundings
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE, FINE, MEASURED = 128, 256, 256
"""Sides in pixels at which folds, which are soft, are laid over a face, the person's own are found,
and mouths are measured."""
LIFT, WIDTH = 6.6, 4.8
"""What higher corners and a wider mouth count; smiling faces have 1 more than serious ones, and
faces of one kind differ by 0.5."""
MOST = 1.5
"""As far as a fold deepens or goes."""
LEAST = 0.15
"""A smaller change is none."""

OUT = (0.235, 0.25)
"""Where the shadow is furthest from the nose: across and down from its wing."""
BESIDE = (0.03, -0.03)
"""Where it ends, from the corner of the mouth."""
BROAD = (0.045, 0.08)
"""Standard deviations of its profile towards the cheek and towards the mouth."""
APPLE, ROUND, BRIGHT = (0.42, 0.0), 0.13, 0.25
"""The cheek that is pushed up catches light: where, from the wing of the nose, the standard
deviation, and how much, over the depth of the shadow."""
DEPTH = 0.22
"""How much darker it is where it is darkest, in natural logarithms."""
DEEPEST = 0.62
"""Where on its way that is."""
BAND = 1.5
"""Times the breadth of the shadow within which own folds are taken out."""
PORE, WIDE = 0.02, 0.25
"""Sizes of what is no fold yet, and of the widest one."""
DEEP = (0.3, 0.6)
"""Own folds as deep as the first are taken out, and as the second not: that is a beard."""
TINT = (0.76, 1.08, 1.21)
"""How much more of red, green and blue is lost in it than of brightness: shadows of skin are warm.
How warm, the skin in the photo says as well, and this where it says little."""
DOUBT = 0.01
"""Variance of brightness, in logarithms, below which it says little."""
CONTRAST, FLAT = 0.25, (0.45, 1.15)
"""Standard deviation of brightness of skin in most photos, and how much shallower and deeper folds
are in flat and in hard light."""
SOFT = 0.75
"""Pixels over which all this fades towards what is no skin."""
EDGE = 0.04
"""What belongs to the wing of a nose."""
DARK = 8.0
"""Grey levels that count as black."""
SEEN = 0.004
"""Less of a change nobody sees."""
POINTS = 20
"""Of the line along which a shadow runs."""

SKIN, NOSE = IDS["skin"], IDS["nose"]


def smile(labels: Labels) -> float:
    """How much a mouth smiles, in differences between smiling and serious faces; NaN without
    one."""
    rows, columns = np.nonzero(member(labels, mouth.MOUTH))
    if rows.size < measures.LEAST:
        return float("nan")
    frame = deformation.find(labels)
    across, _ = frame.inside(columns.astype(np.float32), rows.astype(np.float32))
    width = float(across.max() - across.min()) / frame.unit
    return LIFT * measures.smile(labels) + WIDTH * width


def folded(crop: Pixels, labels: Labels, wanted: Labels) -> Surroundings | None:
    """What the folds of a crop uint8 (S, S, 3) do when its labels uint8 (S, S) become the wanted
    ones; None where the mouth neither comes nor ceases to smile."""
    more = _measured(wanted) - _measured(labels)
    if not abs(more) >= LEAST:  # nor where it is not known
        return None
    more = max(-MOST, min(more, MOST))
    side = min(SIDE if more > 0 else FINE, labels.shape[0])
    old, new = (images.resize_labels(each, (side, side)) for each in (labels, wanted))
    known = new if more > 0 else old
    if not (known == NOSE).any() or not member(known, mouth.MOUTH).any():
        return None
    folds = _folds(known)
    box = folds.box(side)
    skin = ((old == SKIN) & (new == SKIN))[box]
    if not skin.any():
        return None
    picture = images.resize(crop, (side, side))
    colours = np.log(np.maximum(picture[box].astype(np.float32), DARK))
    tint, contrast = _light(colours[skin])
    if more > 0:
        depth = more * DEPTH * min(max(contrast / CONTRAST, FLAT[0]), FLAT[1])
        gain = depth * (BRIGHT * folds.apples(box) - folds.shadow(box))
        # Lips, nose and hair have no part in it.
        weight = 2 * gaussian(skin.astype(np.float32)[:, :, None], SOFT)[:, :, 0] - 1
        gain *= np.maximum(weight, 0)
    else:
        gain = min(-more, 1) * _own(colours @ LUMA, skin, folds, box)
    whole = np.zeros((side, side, 3), np.float32)
    whole[box] = gain[:, :, None] * tint
    return Surroundings.brightened(crop, whole, (labels == SKIN) & (wanted == SKIN), SEEN)


def _measured(labels: Labels) -> float:
    side = min(MEASURED, labels.shape[0])
    return smile(images.resize_labels(labels, (side, side)))


def _light(colours: Floats) -> tuple[Floats, float]:
    """What red, green and blue of skin, logarithms (N, 3), change by when its brightness changes,
    and how much that varies."""
    bright = colours @ LUMA
    inner = (bright > np.quantile(bright, 0.05)) & (bright < np.quantile(bright, 0.95))
    if not inner.any():
        return np.asarray(TINT, np.float32), 0.0
    about = colours[inner] - colours[inner].mean(axis=0)
    level = bright[inner] - bright[inner].mean()
    variance = float(np.mean(level**2))
    both = (level[:, None] * about).mean(axis=0)
    tint = (both + DOUBT * np.asarray(TINT)) / (variance + DOUBT)
    return tint.astype(np.float32), float(np.std(bright))


@dataclass(frozen=True, eq=False)
class _Folds:
    """The folds on both sides of a face."""

    points: Floats
    """float32 (N, 2): x and y in pixels of the small picture, along both of them."""
    outwards: Floats
    """float32 (N, 2): the direction towards the cheek, of length 1."""
    depth: Floats
    """float32 (N,), 0..1."""
    cheeks: Floats
    """float32 (2, 2): x and y of what is brightest of the cheeks."""
    unit: float
    """Distance between the eyes."""

    def box(self, side: int) -> Box:
        """Rows and columns that hold all of it."""
        places, margin = np.concatenate([self.points, self.cheeks]), 3 * ROUND * self.unit
        low, high = places.min(axis=0) - margin, places.max(axis=0) + margin
        (left, top), (right, bottom) = (
            np.clip(np.rint(each), 0, side).astype(int).tolist() for each in (low, high)
        )
        return slice(top, bottom), slice(left, right)

    def shadow(self, box: Box, times: float = 1.0) -> Floats:
        """float32 (h, w), 1 where it is deepest; `times` as broad as it is."""
        shadow = np.zeros(regions.extent(box), np.float32)
        sharp = [-0.5 / (times * broad * self.unit) ** 2 for broad in BROAD]
        for place, (across, down), depth in zip(
            self.points, self.outwards, self.depth, strict=True
        ):
            aside, below = _from(place, box)
            beyond = aside * across + below * down > 0
            near = np.where(beyond, sharp[0], sharp[1]) * (aside**2 + below**2)
            np.maximum(shadow, depth * np.exp(near), out=shadow)
        return shadow

    def apples(self, box: Box) -> Floats:
        """float32 (h, w), 1 where the cheeks are brightest."""
        found, sharp = np.zeros(regions.extent(box), np.float32), -0.5 / (ROUND * self.unit) ** 2
        for place in self.cheeks:
            aside, below = _from(place, box)
            found += np.exp(sharp * (aside**2 + below**2))
        return found


def _from(place: Floats, box: Box) -> tuple[Floats, Floats]:
    """How far the columns and rows of a box are from a place, float32 (1, w) and (h, 1)."""
    rows, columns = box
    aside = np.arange(columns.start, columns.stop, dtype=np.float32)[None] - place[0]
    below = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - place[1]
    return aside, below


def _folds(labels: Labels) -> _Folds:
    frame = deformation.find(labels)
    unit = max(frame.unit, 1.0)

    rows, columns = np.nonzero(labels == NOSE)
    nose, nose_down = frame.inside(columns.astype(np.float32), rows.astype(np.float32))
    corners = mouth.corners(labels, frame)
    middle = float(np.median(nose))
    reach = [
        max(side * (across - middle), 0) for side, (across, _) in zip((-1, 1), corners, strict=True)
    ]
    t = np.linspace(0, 1, POINTS, dtype=np.float32)[:, None]
    points, outwards, cheeks = [], [], []
    for side, far, (corner, height) in zip((-1, 1), reach, corners, strict=True):
        # The far side of a turned face is seen at a slant.
        slant = min(2 * far / max(sum(reach), 1), 1.3)
        scale = unit * np.array([slant, 1])
        wing = float(np.max(side * nose))
        level = float(np.median(nose_down[side * nose > wing - EDGE * unit]))
        begin = np.array([wing, level])
        out, end = begin + OUT * scale, np.array([side * corner, height]) + BESIDE * scale
        # Through the point furthest out, half way.
        control = 2 * out - (begin + end) / 2
        line = (1 - t) ** 2 * begin + 2 * t * (1 - t) * control + t**2 * end
        along = (1 - t) * (control - begin) + t * (end - control)
        normal = along[:, ::-1] * (1, -1) / np.maximum(np.hypot(*along.T)[:, None], 1e-6)
        apple = begin + APPLE * scale
        mirror = np.array([side, 1])
        points.append(_outside(frame, mirror * line))
        outwards.append(_outside(frame, mirror * (line + normal)) - points[-1])
        cheeks.append(_outside(frame, (mirror * apple)[None]))
    depth = np.where(t < DEEPEST, t / DEEPEST, 1 - 0.4 * (t - DEEPEST) / (1 - DEEPEST))[:, 0]
    return _Folds(
        np.concatenate(points),
        np.concatenate(outwards),
        np.tile(np.clip(0.25 + depth, 0, 1), 2).astype(np.float32),
        np.concatenate(cheeks),
        unit,
    )


def _outside(frame: Frame, places: NDArray[np.float64]) -> Floats:
    """Places (N, 2) across and down a face -> x and y in pixels of the labels."""
    across, down = places.astype(np.float32).T
    return np.stack(frame.outside(across, down), axis=1)


def _own(bright: Floats, skin: Region, folds: _Folds, box: Box) -> Floats:
    """How deep the person's own folds are, float32 (h, w)."""
    depth = creases(bright, skin, WIDE * folds.unit, PORE * folds.unit)
    depth *= folds.shadow(box, BAND) * (1 - smoothstep((depth - DEEP[0]) / (DEEP[1] - DEEP[0])))
    return gaussian(depth[:, :, None].astype(np.float32), PORE * folds.unit)[:, :, 0]
