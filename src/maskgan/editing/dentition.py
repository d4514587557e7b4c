"""A row of upper teeth as it is seen between lips, from a table of proportions.

A small generator that saw few open mouths draws a comb. What teeth have in common is known: how
wide they are beside each other, how the arch they stand on turns away, where it is dark between
them. So teeth that nobody photographed are built of that, and only their colour comes from the
photo (`enamel`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian, smoothstep
from maskgan.editing.blob import averaged
from maskgan.editing.regions import Region

MM = 2.0
"""Pixels of a crop of 512 px in a millimetre: eyes are 63 mm and 125.5 px apart (the frame)."""
BOUNDS = np.array([0.0, 8.5, 14.9, 20.6, 24.6, 27.4, 29.2])
"""Where teeth begin and end beside the middle as seen from the front, in mm: incisors, canine,
premolars and molar, each about three quarters as wide as the one before (Ward 2001)."""
SHORTER = np.array([0.0, 0.9, 0.2, 1.0, 1.4, 1.8])
"""How much higher than the front tooth's edge theirs is, in mm."""
LENGTH = 9.5
"""How far front teeth are seen below the lip, in mm."""
ARC = 2.5
"""How much higher the edges are at the canines than in the middle, in mm, as the lower lip is."""
ROUND = 0.9
"""How much higher the edge is at a tooth's sides than in its middle, in mm."""
GAP = 0.34, 0.4
"""Half width of the line between teeth where they touch, and what it gains where they part, at the
gum and at their edges, in mm."""
DEPTH = 0.06, 0.22
"""How much darker that line is, likewise."""
CURVED = 0.12
"""How much darker a tooth is at its sides, since it is round."""
THIN = 0.1
"""How much darker at its edge, where one sees through it."""
SHADOW = 0.32, 1.0
"""How much darker it is under the lip, and how far down, in mm."""
ASIDE = 9.0, 30.0, 0.7
"""Where along the arch it begins to get darker, where it ends and by how much, in mm."""
SINGLE = np.array([0.0, -0.03, -0.07, -0.04, -0.02, 0.0])
"""How much brighter than the front ones each is."""
SMOOTH = 9
"""Pixels over which the lips' outlines are averaged, of a crop of 512 px."""
MIDDLE = 0.32, 0.68
"""Shares of the mouth between which the middle of the teeth may lie."""
NARROW = 0.35
"""Half width of the narrowest line a picture shows, in its pixels."""
SOFT = 0.3
"""Standard deviation of the row's blur in mm: a photo's own pixels are no sharper."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Teeth:
    """What a row of teeth shows in a box."""

    cover: Floats
    """float (h, w), 0..1: how much of a pixel is teeth."""
    shade: Floats
    """float (h, w): how bright they are over the brightest."""


def row(mouth: Region, middle: float, pixel: float) -> Teeth:
    """Upper teeth in the opening of a mouth, bool (h, w), which is not empty.

    middle: column below the middle of the nose, which heads that are turned have aside. pixel:
    pixels of this picture in one of a crop of 512 px.
    """
    mm = MM * pixel
    columns = np.flatnonzero(mouth.any(axis=0))
    first, last = int(columns[0]), int(columns[-1])
    every = np.arange(mouth.shape[1])
    top = averaged(
        np.interp(every, columns, np.argmax(mouth[:, columns], axis=0)), round(SMOOTH * pixel)
    )
    low, high = (first + share * (last - first) for share in MIDDLE)
    middle = min(max(middle, low), high)
    # A side that is turned away is as much narrower as it is seen to be.
    half = np.where(every < middle, middle - first, last - middle)
    across = (every - middle) / (mm * 2 * np.maximum(half, 1) / max(last - first, 1))
    place = np.abs(across)
    tooth = np.clip(np.searchsorted(BOUNDS, place, side="right") - 1, 0, len(BOUNDS) - 2)
    begin, width = BOUNDS[tooth], np.diff(BOUNDS)[tooth]
    within = np.clip(2 * (place - begin) / width - 1, -1, 1)
    # Lips hang as they like; the row stands on a jaw, which is straight.
    inner = (every > first + 0.15 * (last - first)) & (every < last - 0.15 * (last - first))
    inner = inner if np.count_nonzero(inner) > 2 else (every >= first) & (every <= last)
    jaw = np.polyval(np.polyfit(every[inner], top[inner], 1), every) if last > first else top
    raised = SHORTER[tooth] + ARC * (place / BOUNDS[3]) ** 2 + ROUND * within**6
    edge = jaw + mm * (LENGTH - raised)
    rows = np.arange(mouth.shape[0])[:, None]
    cover = np.clip(edge - rows + 0.5, 0, 1) * np.clip((BOUNDS[-1] - place) * mm + 0.5, 0, 1)
    below = np.maximum(rows - top, 0)
    along = np.clip((rows - jaw) / (mm * LENGTH), 0, 1)
    near = np.minimum(place - begin, begin + width - place)
    parted = (1 - along) ** 3 + along**6
    gap = GAP[0] + GAP[1] * parted
    # A line that is narrower than a pixel is fainter instead.
    seen = np.minimum(gap * mm / NARROW, 1) * (DEPTH[0] + DEPTH[1] * parted)
    line = np.exp(-0.5 * (near / np.maximum(gap, NARROW / mm)) ** 2) * seen
    shade = 1 + SINGLE[tooth] - CURVED * within**2 - THIN * along**4 - line
    shade = shade * (1 - SHADOW[0] * np.exp(-below / (mm * SHADOW[1])))
    shade = shade * (1 - ASIDE[2] * smoothstep((place - ASIDE[0]) / (ASIDE[1] - ASIDE[0])))
    blurred = (gaussian(each.astype(np.float32), SOFT * mm) for each in (cover, shade))
    return Teeth(*blurred)
