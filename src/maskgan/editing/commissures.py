"""The corners of the mouth, beyond which the line between closed lips goes on over the skin.

Labels end lips before it. When the corners move in, its end would stay behind as a dark mark; there
the skin gets the colours that it has on both sides of the line.
"""

from __future__ import annotations

import numpy as np

from maskgan import images
from maskgan.alignment.filters import smoothstep
from maskgan.editing import deformation, mouth, regions
from maskgan.editing.creases import creases
from maskgan.editing.layers import member
from maskgan.editing.surroundings import Surroundings
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
"""Largest side in pixels at which lines are found: they are fine."""
WIDTH, BLUR = 0.1, 0.012
"""Width of a line at most, and of what is finer than one, in distances between the eyes."""
LENGTH = 0.06
"""How long a line is at least that may be finer, in the same unit."""
NEAR = 0.32, 0.2
"""How far it goes on beyond a corner, and how far up or down, in the same unit."""
WAY = 0.03
"""How far a corner moves in before all of the line is closed."""
DARK = 8.0
"""Grey levels that count as black."""
SEEN = 0.01
"""Less of a change nobody sees, in natural logarithms."""

SKIN = IDS["skin"]


def closed(
    crop: Pixels, labels: Labels, wanted: Labels, shown: Labels | None = None
) -> Surroundings | None:
    """What becomes of the lines in a crop uint8 (S, S, 3) when its labels uint8 (S, S) become the
    wanted ones; None where no corner of the mouth moves in. `shown` are the labels of a crop in
    which the mouth has moved already, its lines with it."""
    shown = labels if shown is None else shown
    side = min(SIDE, labels.shape[0])
    old, new, now = (images.resize_labels(each, (side, side)) for each in (labels, wanted, shown))
    if not all(member(each, mouth.MOUTH).any() for each in (old, new)):
        return None
    frame = deformation.find(old)
    unit = max(frame.unit, 1.0)
    ends = []
    for here, there, outwards in zip(
        mouth.corners(old, frame), mouth.corners(new, frame), (-1, 1), strict=True
    ):
        way = outwards * (here[0] - there[0]) / (WAY * unit)
        if way > 0:
            x, y = frame.outside(*np.array(here, np.float32)[:, None])
            ends.append((float(x[0]), float(y[0]), float(smoothstep(np.array([way]))[0])))
    if not ends:
        return None
    near = np.zeros((side, side), np.float32)
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    for across, along, share in ends:
        apart = ((columns - across) / NEAR[0]) ** 2 + ((rows - along) / NEAR[1]) ** 2
        near = np.maximum(near, share * np.minimum(2 * np.exp(-2 * apart / unit**2), 1))
    box = regions.bounding_box(near > SEEN)
    skin = (now == SKIN) & (new == SKIN)
    if box is None or not skin[box].any():
        return None
    picture = images.resize(crop, (side, side))[box].astype(np.float32)
    gain = np.zeros((side, side, 3), np.float32)
    for channel, level in enumerate(np.moveaxis(np.log(picture + DARK), 2, 0)):
        gain[box][..., channel] = creases(
            level, skin[box], WIDTH * unit, BLUR * unit, LENGTH * unit
        )
    gain[box] *= near[box][:, :, None]
    return Surroundings.brightened(crop, gain, (shown == SKIN) & (wanted == SKIN), SEEN, DARK)
