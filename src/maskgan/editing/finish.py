"""What a generator drew, made of the photo's own: hair, ground, skin, and what is worn.

Hair gets strands (`strands`, `matte`), ground goes on as it is around (`ground`), skin that comes
to light has the person's pores (`skin`), and hats, clothes and jewels are built (`worn`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maskgan import images
from maskgan.alignment.filters import enlarge
from maskgan.editing import regions
from maskgan.editing.auricle import formed
from maskgan.editing.ground import GROUND, continued
from maskgan.editing.hair import Hair
from maskgan.editing.layers import member
from maskgan.editing.matte import trim
from maskgan.editing.recent import Recent
from maskgan.editing.regions import Region
from maskgan.editing.skin import BARE, COVERS, bared
from maskgan.editing.strands import comb
from maskgan.editing.worn import WORN, put_on
from maskgan.images import Floats, Pixels
from maskgan.labels import IDS, Labels

SKETCH = 256
"""Side at which previews get their hair and ground: strands are seen while they are painted."""
HAIR = IDS["hair"]

Known = tuple[Pixels, Labels, Labels, Region]
"""The crop uint8 (S, S, 3) that is edited, its labels and those of the drawing, uint8 (S, S), and
what of it was drawn, bool (S, S)."""


def finished(
    drawn: Pixels, known: Known, looks: Mapping[int, Floats], heads: Recent[Hair]
) -> Pixels:
    """The drawn crop uint8 (S, S, 3) with what is new made of the photo's. looks: ids of classes
    that shall have another look -> its colour (3,); heads: the hair of heads that were seen
    last."""
    grounds = [index for index in GROUND if index not in looks]
    result = bared(continued(drawn, *known, grounds), *known)
    result = formed(result, *known)
    if HAIR not in looks:
        result = comb(trim(result, *known), *known, heads)
    return put_on(result, *known, looks)


def sketched(
    drawn: Pixels, known: Known, looks: Mapping[int, Floats], heads: Recent[Hair]
) -> Pixels:
    """The same in fewer pixels: what it changes at `SKETCH` pixels a side is enlarged."""
    photo, labels, wanted, where = known
    size, side, box = labels.shape[0], (SKETCH, SKETCH), regions.bounding_box(where)
    # Most strokes make nothing of it, and should not pay for it.
    if box is None or not _is_made(labels[box], wanted[box], where[box]).any():
        return drawn
    if size <= SKETCH:
        return finished(drawn, known, looks, heads)
    small = images.resize(drawn, side)
    less = (
        images.resize(photo, side),
        images.resize_labels(labels, side),
        images.resize_labels(wanted, side),
        images.resize_labels(where.astype(np.uint8), side) > 0,
    )
    made = finished(small, less, looks, heads)
    if made is small:
        return drawn
    change = enlarge(made.astype(np.float32) - small, size / SKETCH, box)
    result = drawn.copy()
    values = np.clip(np.rint(drawn[box] + change), 0, 255).astype(np.uint8)
    np.copyto(result[box], values, where=where[box][:, :, None])
    return result


def faded_in(crop: Pixels, render: Pixels, where: Region, feather: float) -> Pixels:
    """A crop uint8 (S, S, 3) with a region, bool (S, S), of a render faded in from within, over
    `feather` pixels."""
    box = regions.bounding_box(where)
    assert box is not None, "nothing is new"
    new, old = (pixels[box].astype(np.float32) for pixels in (render, crop))
    alpha = regions.feather(where, feather)[box][:, :, None]
    blend = np.rint(alpha * new + (1 - alpha) * old)
    whole = crop.copy()
    np.copyto(whole[box], blend.astype(np.uint8), where=alpha > 0)
    return whole


def _is_made(labels: Labels, wanted: Labels, where: Region) -> Region:
    """Where hair, ground or something worn is new, hair goes, or skin comes to light, bool
    (h, w)."""
    made = member(wanted, (HAIR, *GROUND, *WORN)) | (labels == HAIR)
    made |= member(wanted, BARE) & member(labels, COVERS)
    new: Region = where & (labels != wanted) & made
    return new
