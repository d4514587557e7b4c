"""The skin around a feature that takes another shape: a smile lifts the cheeks.

A generator that paints only what an edit covers leaves a serious face around a smile; one that
paints the cheeks as well paints somebody's, without this person's stubble, freckles and light. So
the surroundings are drawn twice, once for the labels as they were and once for the wanted ones, and
the photo gets darker or brighter by as much, in proportion, as the second drawing is than the
first: what the edit means for it and nothing else. The edit itself is rendered afterwards, into
surroundings that fit it.

A difference is smooth, so it is found in small pictures, whatever the crop's size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maskgan import images
from maskgan.alignment import resampling
from maskgan.alignment.filters import gaussian, luma
from maskgan.editing import regions
from maskgan.editing.face import Style
from maskgan.editing.layers import FEATURES, member
from maskgan.editing.regions import Box, Region
from maskgan.editing.window import QUICK, Care
from maskgan.images import Floats, Pixels
from maskgan.labels import IDS, Labels
from maskgan.manifest import STRIDE, EditRules

GAIN = 1.5
"""Times which the difference counts: two drawings of a careful generator differ by too little.
Chosen on val faces, as docs/experiments.md says."""
DARKER, BRIGHTER = 0.5, 0.2
"""How much darker and brighter skin can become, natural logarithms: of a face darker than those it
knows a generator makes shadows that are black, and lights that glow."""
COLOUR = 0.5
"""How far the three channels go ways of their own."""
DARK = 16.0
"""Grey levels that count as black."""
FADE = 0.4
"""Share of the reach over which the difference fades out."""
LEAST = 2.0
"""Grey levels; where the drawings differ by less everywhere, the surroundings stay as they are."""

SPREAD = 1 / 48
"""Standard deviation over which the difference goes on into the edit, as a share of the side."""
SHARE = 0.75
"""Side of the two drawings over the generator's: cheaper by half, and faces this small it still
draws as well."""

Render = Callable[[Pixels, Labels, Style, Region, int, Care], tuple[Pixels, int]]
"""As `maskgan.editing.rendering.Renderer.render`."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """How the skin of a crop follows an edit; within the edit it goes on as around, for what is
    bent there, and what is drawn there covers it."""

    box: Box
    """Rows and columns of the crop."""
    shift: Floats
    """float32 (h, w, 3): grey levels to add."""
    region: Region
    """bool (S, S), True where the crop may change, the edit included."""

    @classmethod
    def brightened(
        cls, crop: Pixels, gain: Floats, skin: Region, seen: float, dark: float = 0.0
    ) -> Surroundings | None:
        """Skin, bool (S, S), of a crop uint8 (S, S, 3) that gets brighter by a gain float32
        (side, side, 3), natural logarithms, found in a smaller picture; None where it is nowhere
        more than `seen`. What gets brighter is brightness over -`dark`, in grey levels."""
        box = regions.bounding_box(np.abs(gain).max(axis=2) > seen, 1)
        if box is None:
            return None
        scale = crop.shape[0] / gain.shape[0]
        rows, columns = (slice(round(each.start * scale), round(each.stop * scale)) for each in box)
        box = rows, columns
        part = tuple(edge / scale for edge in (columns.start, rows.start, columns.stop, rows.stop))
        large = resampling.resize(gain, regions.extent(box), resampling.LINEAR, part)
        region = np.zeros(skin.shape, np.bool_)
        region[box] = (np.abs(large).max(axis=2) > seen) & skin[box]
        shift = np.where(
            region[box][:, :, None], (crop[box] + np.float32(dark)) * np.expm1(large), 0
        )
        return cls(box, shift.astype(np.float32), region)

    def times(self, share: float) -> Surroundings:
        """The same a share 0..1 of the way."""
        return Surroundings(self.box, np.float32(share) * self.shift, self.region)

    def joined(self, other: Surroundings | None) -> Surroundings:
        """Both together."""
        if other is None:
            return self
        whole = regions.enclosing([self.box, other.box])
        total = np.zeros((*regions.extent(whole), 3), np.float32)
        for each in (self, other):
            total[regions.within(each.box, whole)] += each.shift
        return Surroundings(whole, total, self.region | other.region)

    def apply(self, crop: Pixels) -> Pixels:
        """The crop uint8 (S, S, 3) when its skin has followed."""
        moved, where = crop.copy(), self.region[self.box][:, :, None]
        shifted = np.clip(np.rint(crop[self.box] + self.shift), 0, 255).astype(np.uint8)
        np.copyto(moved[self.box], shifted, where=where)
        return moved


def follow(
    render: Render,
    crop: Pixels,
    labels: Labels,
    wanted: Labels,
    style: Style,
    rules: EditRules,
    size: int,
) -> Surroundings | None:
    """What becomes of the skin in a crop uint8 (S, S, 3) when its labels uint8 (S, S) become the
    wanted ones, at most `rules.reach` pixels from where a feature changes; None where none does, or
    nobody would see it. `size` is the generator's, in whose pixels the rules are."""
    if rules.reach == 0:
        return None
    side = max(round(SHARE * size) // STRIDE, 1) * STRIDE
    old, new = (images.resize_labels(each, (side, side)) for each in (labels, wanted))
    changed = old != new
    features = changed & (member(old, FEATURES) | member(new, FEATURES))
    # What spectacles cover or lay bare has not moved.
    features &= (old != IDS["eye_g"]) & (new != IDS["eye_g"])
    if not features.any():
        return None
    reach = rules.reach * side / size - 1  # a pixel here is several of the crop
    edit = regions.dilate(changed, rules.dilate * side / size)
    skin = (old == IDS["skin"]) & (new == IDS["skin"])
    around = (regions.dilate(features, reach) & skin) | edit
    small = images.resize(crop, (side, side))
    before, after = (
        render(small, each, style, around, side, QUICK)[0].astype(np.float32) for each in (old, new)
    )
    weight = GAIN * regions.feather(around, FADE * reach)[:, :, None]
    if np.abs(weight * (after - before))[~edit].max(initial=0) < LEAST:
        return None
    gain = _gain(before, after, weight)
    # Two drawings of what the edit covers have nothing to do with each other: there it goes on as
    # around.
    skin = (around & ~edit)[:, :, None].astype(np.float32)
    spread = max(SPREAD * side, 1)
    around_it = gaussian(skin * gain, spread) / np.maximum(gaussian(skin, spread), 0.01)
    gain = np.where(edit[:, :, None], around_it, gain)
    region = images.resize_labels(around.astype(np.uint8), crop.shape[:2]) > 0
    box = regions.bounding_box(region)
    assert box is not None
    rows, columns = box
    extent = regions.extent(box)
    scale = side / crop.shape[0]
    part = tuple(scale * edge for edge in (columns.start, rows.start, columns.stop, rows.stop))
    gain = resampling.resize(gain, extent, resampling.LINEAR, part)
    return Surroundings(box, (crop[box] + np.float32(DARK)) * np.expm1(gain), region)


def _gain(before: Floats, after: Floats, weight: Floats) -> Floats:
    """How much brighter one picture float32 (h, w, 3) is than another, natural logarithms, times a
    weight (h, w, 1), within what skin can become."""
    colours = np.log((after + DARK) / (before + DARK))
    grey = np.log((luma(after) + DARK) / (luma(before) + DARK))[:, :, None]
    gain = weight * (grey + COLOUR * (colours - grey))
    most = np.where(gain < 0, np.float32(DARKER), np.float32(BRIGHTER))
    bounded: Floats = most * np.tanh(gain / most)
    return bounded
