"""Below and beside a crop: the ends of hair, where the crop cuts it off.

The crop ends at the shoulders, and long hair goes on. Where it goes in the crop, what hangs from it
goes too, or it would lie on the shoulders cut off. Labels are uint8 (H, W).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import gaussian
from maskgan.editing import head, layers, regions, underneath
from maskgan.editing.beyond import EDGE, Surrounded
from maskgan.editing.crown import LEAST, rows_of
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME
from maskgan.labels import IDS, Labels

BACKGROUND, SKIN, HAIR = IDS["background"], IDS["skin"], IDS["hair"]
NECK, CLOTH = IDS["neck"], IDS["cloth"]
BEHIND = (BACKGROUND, CLOTH)
BELOW = (*BEHIND, NECK, SKIN)
"""What hair hangs before, and what it hangs before below a face."""
MOST = 0.7
"""Share of where hair crosses the border that has to go for its ends to go."""
WORN = 0.01
"""Share of the crop's area from which on clothes that are seen go on below hair."""
BESIDE = 16.0
"""How far beside the ends of hair a body is made out, in pixels of a crop of `FRAME`, as below."""
EVEN, UNLIKE = 3.0, 60.0
"""Standard deviation of the filter over its colours, and grey levels by which these differ from
those of what is no part of it."""
LOOSE = 3.0
"""How far single hairs stand off."""


def severed(labels: Labels, wanted: Labels) -> Region:
    """Where the lower border of a crop and those at its sides cut off hair that goes, bool (S, S);
    nowhere if it is too little."""
    region, deep = np.zeros(labels.shape, np.bool_), rows_of(labels, EDGE)
    for lines, own, new in zip(
        *(_borders(each, deep) for each in (region, labels, wanted)), strict=True
    ):
        lines[0] |= _goes(own, new)
    return region if region.sum() >= LEAST * len(labels) else np.zeros_like(region)


def shorn(shown: Surrounded, wanted: Labels) -> tuple[Labels, Labels]:
    """Labels (T, T) of what is around a crop: as it is, with hair beyond it that goes and includes
    what stands off, and as it must be then. wanted: (S, S) of the crop."""
    inside, window = shown.inside, shown.window
    beyond = (shown.labels == HAIR) & ~inside
    # What is above goes with the crown.
    beyond[: window[0].start] = False
    goes = beyond & _going(beyond, shown, wanted)
    loose = regions.dilate(goes, LOOSE * shown.side / FRAME) & member(shown.labels, BEHIND)
    goes |= loose & ~inside
    before = np.where(goes, HAIR, shown.labels).astype(np.uint8)
    asked = before.copy()
    asked[window] = wanted
    found = head.find(asked)
    if found is None:
        return before, underneath.reveal(asked, goes)
    # In the crop nobody knew what is worn below.
    low = np.arange(len(asked))[:, None] >= found.chin
    known = (asked == CLOTH) & ~goes
    body = CLOTH if np.count_nonzero(known) > WORN * shown.side**2 else NECK
    below = found.below(asked.shape, body)
    # The parser does not see all of a body from afar: what is beside its hair is no wall.
    beside = regions.dilate(goes, BESIDE * shown.side / FRAME) & (before == BACKGROUND)
    beside &= low & ~inside & np.logical_or.reduce([part for part, order in below if any(order)])
    before[beside] = asked[beside] = _told(shown, known, goes)[beside]
    goes |= low & inside & (shown.labels == HAIR) & member(asked, BELOW)
    layers.spread(asked, goes & ~low, BELOW, goes)
    for part, order in below:
        layers.spread(asked, goes & low & part, order, goes)
    return before, asked


def _told(shown: Surrounded, worn: Region, goes: Region) -> Labels:
    """Whether what is around a crop has the colour of skin or that of what is worn, bool (T, T),
    or neither: uint8 (T, T). goes: bool (T, T), where it is hair that goes."""
    result = np.full(shown.labels.shape, BACKGROUND, np.uint8)
    colours = gaussian(shown.pixels.astype(np.float32), EVEN * shown.side / FRAME)
    nearest = np.full(result.shape, UNLIKE)
    for index, part in ((NECK, member(shown.labels, (NECK, SKIN)) & ~goes), (CLOTH, worn)):
        if np.count_nonzero(part) > WORN * shown.side**2:
            usual = np.median(shown.pixels[part], axis=0)
            apart = np.abs(colours - usual).mean(axis=2)
            result[apart < nearest] = index
            nearest = np.minimum(nearest, apart)
    return result


def _going(beyond: Region, shown: Surrounded, wanted: Labels) -> Region:
    """The pieces of hair beyond a crop, bool (T, T), that mostly hang from hair which goes."""
    pieces, deep = regions.components(beyond), rows_of(wanted, EDGE)
    count = int(pieces.max()) + 1
    crossing, going = np.zeros(count), np.zeros(count)
    around = tuple(slice(side.start - deep, side.stop + deep) for side in shown.window)
    within = slice(deep, -deep)
    borders = (
        _borders(each, deep)
        for each in (pieces[around], beyond[around], shown.labels[shown.window], wanted)
    )
    for outer, hair, own, new in zip(*borders, strict=True):
        hair = hair[:, within]
        hung = np.take_along_axis(outer[:, within], hair.argmax(axis=0)[None], axis=0)[0]
        crosses = hair.any(axis=0) & (own == HAIR).any(axis=0)
        crossing += np.bincount(hung, crosses, count)
        going += np.bincount(hung, crosses & _goes(own, new), count)
    found: Region = ((going > 0) & (going >= MOST * crossing))[pieces]
    return found


def _goes(own: Labels, wanted: Labels) -> NDArray[np.bool_]:
    """Along a border, whose rows (deep, L) begin outside: where hair goes up to it, bool (L,)."""
    cut = ((own == HAIR) & (wanted != HAIR)).any(axis=0)
    goes: NDArray[np.bool_] = cut & (wanted[0] != HAIR)
    return goes


def _borders(plane: NDArray[Any], deep: int) -> list[NDArray[Any]]:
    """The lowest rows of a plane (H, W), and its columns at the left and at the right, as rows from
    outside to inside: (deep, ...)."""
    return [plane[: -deep - 1 : -1], plane[:, :deep].T, plane[:, : -deep - 1 : -1].T]
