"""The mouth's shape: a bent line between two lips, opened by a gap.

`Motion` says how the lips move; `bend` moves them. Each column of the mouth, across its own axis,
has an upper and a lower seam: the edges at which the lips face each other. What lies between the
moved seams is the inside of the mouth. Knows label maps only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maskgan.editing import deformation
from maskgan.editing.affine import ABSENT
from maskgan.editing.deformation import Floats, Frame
from maskgan.editing.layers import member
from maskgan.editing.regions import Box, Region
from maskgan.labels import Labels

SKIN, INSIDE, UPPER, LOWER = 1, 10, 11, 12
MOUTH = (INSIDE, UPPER, LOWER)
MIN_WIDTH = 4.0
"""Half width in pixels of the narrowest mouth that can be bent."""
TILT = 0.8
"""Least cosine between the mouth's axis and the face's; beyond it the mouth is half hidden and the
face's axis is taken."""
CORNER = 0.04
"""Part of a mouth that is its corner, in distances between the eyes."""
REACH = 0.9
"""Half the length of a gap over half the mouth's width: the corners stay closed."""


@dataclass(frozen=True)
class Motion:
    """How a mouth changes. Lengths are in halves of the mouth's width."""

    stretch: float = 0.0
    """Wider by this share."""
    lift: float = 0.0
    """The corners go up by this much, the middle stays."""
    thickness: float = 1.0
    """Factor of the lips' height."""
    gap: float = 0.0
    """The lips part by this much more in the middle."""
    keep: float = 1.0
    """Share of the gap there is that stays."""
    upper: float = 0.35
    """Share of the parting that the upper lip goes up; the lower lip goes down the rest."""
    roundness: float = 0.5
    """Exponent of the gap's outline: 0.5 is an ellipse, more is pointed towards the corners."""


@dataclass(frozen=True, eq=False)
class Mouth:
    """A mouth as it is, in its own frame."""

    box: Box
    """The mouth and its surroundings."""
    frame: Frame
    """Midway between the corners, the axis through them; the unit is half the width."""
    low: int
    """Place across, in pixels, of the first value of the seams."""
    upper_seam: Floats
    """Lower edge of the upper lip, pixels down from the axis, per pixel across."""
    lower_seam: Floats
    """Upper edge of the lower lip; never above the upper seam."""
    cheeks: tuple[float, float]
    """Share of skin beside the corner at the smaller and at the larger x, 0..1. Where there is
    none, in a profile or behind a hand, the corner cannot go anywhere."""

    @property
    def opening(self) -> float:
        """The widest gap between the lips, in halves of the mouth's width."""
        return float((self.lower_seam - self.upper_seam).max()) / self.frame.unit


def corners(labels: Labels, face: Frame) -> list[tuple[float, float]]:
    """Places across and down a face of the corners of its mouth, that at the smaller x first. There
    has to be a mouth."""
    rows, columns = np.nonzero(member(labels, MOUTH))
    across, down = face.inside(columns.astype(np.float32), rows.astype(np.float32))
    found = []
    for side in (-1, 1):
        last = float(np.max(side * across))
        level = float(down[side * across >= last - CORNER * face.unit].mean())
        found.append((side * last, level))
    return found


def find(labels: Labels) -> Mouth | None:
    """The mouth of a label map; None where there is none, or too little of one."""
    face = deformation.find(labels)
    region = member(labels, MOUTH)
    box = deformation.around(region, 0.55 * face.unit)
    if box is None:
        return None
    crop = labels[box]
    rows, columns = np.nonzero(region[box])
    frame = _axis(
        (columns + box[1].start).astype(np.float32), (rows + box[0].start).astype(np.float32), face
    )
    if frame.unit < MIN_WIDTH:
        return None
    upper_seam, lower_seam, low = _seams(crop, *frame.grid(box), frame.unit)
    return Mouth(box, frame, low, upper_seam, lower_seam, _cheeks(labels, frame))


def bend(labels: Labels, mouth: Mouth, motion: Motion) -> Labels:
    """The label map (H, W) with its mouth moved. New uint8 (H, W); only the mouth's classes and the
    skin about them change."""
    frame, half = mouth.frame, np.float32(mouth.frame.unit)
    new_across, new_down = frame.grid(mouth.box)
    # Back to where each pixel came from: first across, which does not depend on the height.
    cheek = np.where(new_across < 0, *(np.float32(share) for share in mouth.cheeks))
    across = new_across / (1 + np.float32(motion.stretch) * cheek)
    place = across - mouth.low
    upper, lower = _along(mouth.upper_seam, place), _along(mouth.lower_seam, place)
    share = across / half
    gap = lower - upper
    profile = np.maximum(1 - (share / np.float32(REACH)) ** 2, 0) ** np.float32(motion.roundness)
    new_gap = gap * np.float32(motion.keep) + half * np.float32(motion.gap) * profile
    raised = half * np.float32(motion.lift) * cheek * np.minimum(share * share, 2)
    new_upper = upper - raised - np.float32(motion.upper) * (new_gap - gap)
    new_lower = new_upper + new_gap
    thickness = np.float32(motion.thickness)
    crop = labels[mouth.box]
    upper_lip, lower_lip = _lips(crop, mouth, new_across, new_down)
    top = _sampled(upper_lip, mouth, across, upper + (new_down - new_upper) / thickness)
    bottom = _sampled(lower_lip, mouth, across, lower + (new_down - new_lower) / thickness)

    moved = np.full(crop.shape, ABSENT, np.uint8)
    present = np.abs(share) <= 1
    between = present & (new_down >= new_upper - 1) & (new_down <= new_lower + 1)
    # Slits between closed lips belong to the nearer one.
    middle = (new_upper + new_lower) / 2
    if (crop == UPPER).any() and (crop == LOWER).any():
        moved[between] = np.where(new_down < middle, UPPER, LOWER)[between]
    moved[between & (new_gap > 1)] = INSIDE
    moved[(top >= 0.5) & (top >= bottom)] = UPPER
    moved[(bottom >= 0.5) & (bottom > top)] = LOWER
    return deformation.put(labels, mouth.box, moved, MOUTH, (SKIN,))


def room_below(labels: Labels, mouth: Mouth) -> float:
    """How far the lower lip is from the end of the skin below it, in halves of the mouth's
    width."""
    half = mouth.frame.unit
    down = np.arange(0, 4 * half, dtype=np.float32)
    across = np.zeros_like(down)
    column = _classes(labels, mouth.frame, across, down)
    lips = np.flatnonzero(np.isin(column, MOUTH))
    start = int(lips[-1]) + 1 if lips.size else 0
    ends = np.flatnonzero(column[start:] != SKIN)
    return float(ends[0] if ends.size else column.size - start) / half


def _axis(x: Floats, y: Floats, face: Frame) -> Frame:
    """The frame of the mouth with pixels at (x, y)."""
    across, _ = face.inside(x, y)
    reach = 0.04 * float(across.max() - across.min()) + 0.5
    ends = []
    for end in (across <= across.min() + reach, across >= across.max() - reach):
        ends.append((float(x[end].mean()), float(y[end].mean())))
    (x0, y0), (x1, y1) = ends
    length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-6)
    cos, sin = (x1 - x0) / length, (y1 - y0) / length
    if cos * face.cos + sin * face.sin < TILT:
        cos, sin = face.cos, face.sin
    middle = Frame((x0 + x1) / 2, (y0 + y1) / 2, cos, sin, 1.0)
    along, _ = middle.inside(x, y)
    # Half a pixel beyond the outermost centres, and the origin midway.
    low, high = float(along.min()) - 0.5, float(along.max()) + 0.5
    shift = (low + high) / 2
    return Frame(middle.x + cos * shift, middle.y + sin * shift, cos, sin, (high - low) / 2)


def _seams(crop: Labels, across: Floats, down: Floats, half: float) -> tuple[Floats, Floats, int]:
    """The upper and the lower seam, and the place of their first value."""
    low, high = -int(half) - 2, int(half) + 2
    top: dict[int, Floats] = {}
    bottom: dict[int, Floats] = {}
    for index in MOUTH:
        own = crop == index
        top[index], bottom[index] = deformation.edges(across[own], down[own], low, high)
    # Where a lip is missing, the inside ends there; where only one lip is, both seams are its edge.
    upper = _first(bottom[UPPER], top[INSIDE], top[LOWER])
    lower = _first(top[LOWER], bottom[INSIDE], bottom[UPPER])
    middle = (upper + lower) / 2
    crossed = upper > lower
    upper, lower = np.where(crossed, middle, upper), np.where(crossed, middle, lower)
    return deformation.filled(upper, 1), deformation.filled(lower, 1), low


def _first(*curves: Floats) -> Floats:
    """In each place the first of several curves that is there."""
    result = curves[-1]
    for curve in curves[-2::-1]:
        result = np.where(np.isfinite(curve), curve, result)
    return result


def _along(curve: Floats, place: Floats) -> Floats:
    """A curve's value at fractional places; its ends go on."""
    place = np.clip(place, 0, curve.size - 1)
    start = np.minimum(place.astype(np.int32), curve.size - 2)
    share = place - start
    value: Floats = curve[start] * (1 - share) + curve[start + 1] * share
    return value


def _lips(crop: Labels, mouth: Mouth, across: Floats, down: Floats) -> tuple[Region, Region]:
    """Both lips, bool (h, w), without holes: specks of the inside that a parser sees within one."""
    place, speck = across - mouth.low, crop == INSIDE
    upper, lower = crop == UPPER, crop == LOWER
    above = speck & (down <= _along(mouth.upper_seam, place)) & upper.any()
    below = speck & (down >= _along(mouth.lower_seam, place)) & lower.any() & ~above
    return upper | above, lower | below


def _sampled(lip: Region, mouth: Mouth, across: Floats, down: Floats) -> Floats:
    x, y = mouth.frame.outside(across, down)
    rows, columns = mouth.box
    return deformation.coverage(lip, x - np.float32(columns.start), y - np.float32(rows.start))


def _cheeks(labels: Labels, frame: Frame) -> tuple[float, float]:
    beside = frame.unit * np.linspace(1.1, 1.5, 9, dtype=np.float32)[None]
    down = frame.unit * np.linspace(-0.3, 0.1, 9, dtype=np.float32)[:, None]
    shares = []
    for side in (-1, 1):
        across, level = np.broadcast_arrays(side * beside, down)
        shares.append(float((_classes(labels, frame, across, level) == SKIN).mean()))
    return shares[0], shares[1]


def _classes(labels: Labels, frame: Frame, across: Floats, down: Floats) -> Labels:
    """The nearest pixels' classes; the background beyond the picture."""
    x, y = frame.outside(across, down)
    column, row = np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)
    height, width = labels.shape
    seen = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    found = labels[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return np.where(seen, found, 0).astype(np.uint8)
