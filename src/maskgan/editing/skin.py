"""Skin that comes to light where hair or a hat goes, or grows: a forehead, a bald head, an ear.

A small generator knows how light falls on it, and paints it in a tint that is nobody's, with a
grain of its own and a haze where the head ends. So of what it drew light and shade stay; the tint
is that of the person's skin beside it, and so are the pores. Against what is behind, a head has an
edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment.filters import LUMA, gaussian
from maskgan.editing import regions
from maskgan.editing.grid import Grid
from maskgan.editing.layers import member
from maskgan.editing.membrane import Membrane
from maskgan.editing.regions import Region
from maskgan.editing.texture import FRAME, Patches, laid, texture, textured
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

BACKGROUND, SKIN, NECK = IDS["background"], IDS["skin"], IDS["neck"]
BARE = (NECK, IDS["l_ear"], IDS["r_ear"], SKIN)
"""Classes that are skin, in the order in which they are made."""
COVERS = (IDS["hair"], IDS["hat"], IDS["background"], IDS["cloth"])
"""What skin comes to light below, or grows over."""
RIM = 8.0
"""Distance from its rim from which skin is taken, in pixels of a crop of `FRAME`, as below."""
LEAST = 900
"""Pixels of skin below which it tells too little."""
WORTH = 400
"""Pixels of new skin that it is worth doing for."""
EVEN = 2.5
"""Standard deviation of the filter that parts light and shade of what was drawn from its grain."""
PORES, COARSEST = 2.5, 1.2
"""Likewise pores from wrinkles, and the most that a pore is darker or brighter, over what half of
them are."""
ROUGH, SMOOTH = 12.0, 0.3
"""Standard deviation of the filter that says how wrinkled skin is, and share of it that is taken
for smooth."""
ALIKE, ENOUGH = 0.25, 0.25
"""By how much the logarithms of the brightness of skin known and drawn differ if their tints are
compared, and of what share of it that is enough to tell."""
SHADE = 0.4
"""By how much the logarithm of the brightness of all that was drawn may differ: it may lie in the
shade, but the ears of nobody are of another skin."""
BESIDE = 60.0
"""How far from new skin that is whose tint it has."""
NEAR = 40.0
"""Distance within which skin gets from what it is at its rim to the tint it has elsewhere."""
STEP = 0.5
"""The most by which the logarithms of colours drawn and seen are taken to differ at the rim."""
FADE = 6.0
"""Width over which it sets in at the rim of what is new."""
HAZE = 6.0
"""Width of the haze where a drawn head ends."""

Floats = NDArray[np.floating[Any]]


def bared(drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region) -> Pixels:
    """The drawn crop uint8 (S, S, 3) whose new skin is the person's.

    photo: the crop uint8 (S, S, 3) with labels uint8 (S, S). wanted: the labels of the drawing;
    where: bool (S, S), what of it was drawn. Where little skin is new, or little of it known, the
    drawing is returned as it is.
    """
    for index in BARE:
        drawn = _bared(drawn, photo, labels, wanted, where, index)
    return drawn


def _bared(
    drawn: Pixels, photo: Pixels, labels: Labels, wanted: Labels, where: Region, index: int
) -> Pixels:
    """The same for one class."""
    pixel = photo.shape[0] / FRAME
    new, behind = ((wanted == each) & where for each in (index, BACKGROUND))
    if np.count_nonzero(new & member(labels, COVERS)) < WORTH * pixel**2:
        return drawn
    core = regions.erode(member(labels, (SKIN, index)), RIM * pixel) & ~where
    if core.sum() < LEAST * pixel**2:
        return drawn
    box = regions.bounding_box(new, 3)
    assert box is not None, "some of it is new"
    clear = new & ~regions.dilate(behind, HAZE * pixel)
    shade = _blurred(drawn[box], clear[box], EVEN * pixel)
    # Foreheads are paler than cheeks.
    beside = core & regions.dilate(new, BESIDE * pixel)
    beside = beside if beside.sum() >= LEAST * pixel**2 else core
    # At the rim it goes on as what is seen beside it, in whose shade hair may be.
    tint = _tint(drawn, photo, beside, clear)
    far = regions.depth(~core, round(NEAR * pixel))[box] / (NEAR * pixel)
    seen = (labels == wanted)[box] & member(wanted[box], (SKIN, index)) & ~where[box]
    rim = new[box] & regions.dilate(seen, pixel)
    lack = np.log1p(_blurred(photo[box], seen, EVEN * pixel)) - np.log1p(shade)
    lack = np.where(rim[:, :, None], np.clip(lack, -STEP, STEP), tint)
    shade *= np.exp(Membrane(rim | (far >= 1)).between(lack.astype(np.float32)))
    fine, smooth = _pores(photo, core)
    pores = laid(Patches.of(fine, core, smooth), new)[box]
    # Against skin and what is behind it has an edge; into hair that stays it fades.
    weight = new[box] * regions.feather((new | behind)[box] | seen, FADE * pixel)
    weight *= np.clip(gaussian((wanted == index)[box].astype(np.float32), pixel), 0, 1)
    filled = drawn[box] + weight[:, :, None] * (textured(shade, pores) - drawn[box])
    result = drawn.copy()
    result[box] = np.clip(np.rint(filled), 0, 255).astype(np.uint8)
    return result


def _blurred(pixels: Pixels, region: Region, sigma: float) -> Floats:
    """Pixels uint8 (h, w, 3) blurred within a region bool (h, w), and continued beyond it: float32
    (h, w, 3)."""
    share = region.astype(np.float32)[:, :, None]
    near = gaussian(np.dstack([pixels * share, share]), sigma)
    far = gaussian(near, 4 * sigma)
    near, far = (
        np.dstack([each[:, :, :3] / np.maximum(each[:, :, 3:], 1e-4), each[:, :, 3:]])
        for each in (near, far)
    )
    inside = np.minimum(2 * near[:, :, 3:], 1)
    blurred: Floats = far[:, :, :3] + inside * (near[:, :, :3] - far[:, :, :3])
    return blurred


def _pores(photo: Pixels, core: Region) -> tuple[Floats, Region]:
    """The texture float32 (S, S) of skin without its wrinkles, and where there are least of them,
    bool (S, S): of a wrinkle remains what is as fine as a pore."""
    found, pixel = texture(photo, core), photo.shape[0] / FRAME
    wrinkles = np.where(core, gaussian(found, PORES * pixel), 0)
    rough = gaussian(wrinkles**2, ROUGH * pixel)
    smooth = core & (rough <= np.quantile(rough[core], SMOOTH))
    found = np.where(core, found - wrinkles, 0)
    limit = COARSEST * float(np.median(np.abs(found[core])))
    pores: Floats = limit * np.tanh(found / max(limit, 1e-6))
    return pores, smooth


def _tint(drawn: Pixels, photo: Pixels, beside: Region, clear: Region) -> Floats:
    """What the logarithms of red, green and blue (3,) of new skin lack to the tint of the skin
    known, and to its brightness but for light and shade."""
    grid = Grid.over(photo)
    own, have = (
        np.log(means[filled] + 1)
        for means, filled in (grid.means(photo, beside), grid.means(drawn, clear))
    )
    if not len(own) or not len(have):
        return np.zeros(3, np.float32)
    usual = np.median(own, axis=0)
    darker = float((usual - np.median(have, axis=0)).mean())
    more = darker - np.clip(darker, -SHADE, SHADE)
    # Skin in the shade has more tint: only what is as bright can be compared.
    bright = have[np.abs((have + more - usual).mean(axis=1)) < ALIKE]
    lack = np.full(3, more, np.float32)
    enough = len(bright) >= ENOUGH * len(have)
    # What was drawn darker than any shade has a tint of its own.
    if enough or more:
        apart = usual - np.median(bright if enough else have, axis=0)
        lack += (apart - apart @ LUMA).astype(np.float32)
    return lack
