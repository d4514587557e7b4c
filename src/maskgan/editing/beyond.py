"""What a photo shows beyond the crop of a face, where its hair, neck and clothes go on.

The crop ends at the crown of many heads and above the ends of long hair. A picture twice as wide,
with the crop in it pixel for pixel and labels all around, lets an edit that reaches the crop's
border go on to where things end. The parser, which knows faces of several sizes, gives the labels:
it is asked several times, and of hair, which it sees in hedges and walls as well, and of clothes
colours tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.alignment import border
from maskgan.alignment.filters import gaussian
from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.editing import regions
from maskgan.editing.histogram import Floats, evidence
from maskgan.editing.layers import member
from maskgan.editing.regions import Box, Region
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels, mirror

Parse = Callable[[Pixels], Labels]
"""A picture uint8 (S, S, 3) of a face and much around it -> its labels uint8 (S, S)."""

SIDE, LEFT, ABOVE = 2.0, 0.5, 0.25
"""Sides of the surroundings, and of what of them lies to the left of and above the crop, in sides
of the crop."""
SEEN = ((2.0, 0.5, 0.25), (1.625, 0.3125, 0.1875), (1.4, 0.2, 0.2))
"""The same of the pictures that are parsed, each as it is and mirrored."""
LARGE = tuple(
    IDS[name] for name in ("background", "skin", "l_ear", "r_ear", "neck", "hair", "hat", "cloth")
)
"""Classes that go on beyond a crop."""
BACKGROUND = IDS["background"]
HAIR, CLOTH, HAT = IDS["hair"], IDS["cloth"], IDS["hat"]
TOLD = {CLOTH: (0.0, LARGE), HAIR: (0.1, (BACKGROUND, CLOTH))}
"""Classes of which colours tell, the least share of votes that each needs, and what it is compared
with: hair is as brown as skin."""
CORE, AWAY, NEAR = 3.0, 12.0, 96.0
"""How far inside its outline hair is nothing else, how far outside there is none of it, and how far
away what is compared with it may be; in pixels of a crop of `FRAME`."""
FEW, MAJORITY = 0.01, 0.6
"""Share of the crop below which clothes in it tell nothing, and share of votes for clothes that is
believed then."""
EDGE = 8.0
"""How far from the border of its picture a parser may see something end that goes on, likewise."""
CERTAIN = 0.85
"""Share of the parser's votes beyond which it is not believed any more."""
COLOURS = 2.0
"""Times which what colours tell counts: they differ from pixel to pixel, and the parser's mistakes
are the same in all its votes."""
DOUBT = 0.7
"""What both together must say for it: a share of two thirds, where colours tell nothing."""
BLUR = 3.0
"""Standard deviation of the filter over votes, likewise."""


@dataclass(frozen=True, eq=False)
class Surrounded:
    """A crop with what its photo shows around it."""

    similarity: Similarity
    """From the photo to these pixels."""
    pixels: Pixels
    """uint8 (T, T, 3), T = `SIDE` * S."""
    labels: Labels
    """uint8 (T, T); background where the photo shows nothing, or another person."""
    window: Box
    """Rows and columns of the crop."""

    @classmethod
    def of(
        cls,
        photo: Pixels,
        transform: NDArray[np.float64],
        labels: Labels,
        parse: Parse,
        others: Sequence[Similarity] = (),
    ) -> Surrounded:
        """What a photo uint8 (H, W, 3) shows around the crop, with labels uint8 (S, S), that a
        matrix (3, 3) cuts out of it. others: the crops of other faces in the photo."""
        side = labels.shape[0]
        left, top, total = round(LEFT * side), round(ABOVE * side), round(SIDE * side)
        similarity = Similarity(shift(left, top) @ transform, total)
        votes = _votes(photo, transform, side, parse)
        known = np.array(LARGE, np.uint8)[votes.argmax(axis=0)]
        window = slice(top, top + side), slice(left, left + side)
        known[window] = labels
        shown = cls(similarity, similarity.crop(photo), known, window)
        seen = similarity.outside(*photo.shape[:2]) == 0
        cast = np.maximum(votes.sum(axis=0), 1)
        # In turn: what one of them is not, the next may be.
        for index, (least, against) in TOLD.items():
            share = votes[LARGE.index(index)] / cast
            part = _told(shown, index, share, least, against, seen)
            if index == CLOTH and np.count_nonzero(part & shown.inside) < FEW * side**2:
                # The crop shows no clothes that those below could look like.
                part |= (share > MAJORITY) & seen & ~shown.inside
            known[known == index] = BACKGROUND
            known[part] = index
        # A hat that is none in the crop is a tree.
        hat = known == HAT
        known[hat & ~regions.touching(hat, hat & shown.inside)] = BACKGROUND
        known[~seen | _others(similarity, transform, side, others)] = BACKGROUND
        known[window] = labels
        return shown

    def showing(self, crop: Pixels, labels: Labels) -> Surrounded:
        """The same around another crop uint8 (S, S, 3) with labels uint8 (S, S)."""
        pixels, known = self.pixels.copy(), self.labels.copy()
        pixels[self.window], known[self.window] = crop, labels
        return Surrounded(self.similarity, pixels, known, self.window)

    def above(self, rows: int) -> tuple[Surrounded, Box]:
        """What is seen from so many rows above the crop on, as large as it is, and where that lies
        in these pixels."""
        down, across = self.window
        start = down.start - rows
        box, whole = (slice(start, start + self.side), across), slice(0, self.side)
        similarity = Similarity(shift(-across.start, -start) @ self.similarity.matrix, self.side)
        return Surrounded(similarity, self.pixels[box], self.labels[box], (whole, whole)), box

    @property
    def side(self) -> int:
        """Side of the crop in pixels."""
        return int(self.window[0].stop - self.window[0].start)

    @property
    def inside(self) -> Region:
        """bool (T, T): True in the crop."""
        mask = np.zeros(self.labels.shape, np.bool_)
        mask[self.window] = True
        return mask


def leaves(region: Region, transform: NDArray[np.float64], size: tuple[int, int]) -> bool:
    """Whether a region bool (S, S) of a crop, which a matrix (3, 3) cuts out of a photo (height,
    width), reaches a side of the crop that lies in the photo."""
    similarity = Similarity(transform, region.shape[0])
    ends = np.pad(region, 1, mode="edge") & ~border.continued(region, similarity, size)
    return bool(ends.any())


def _votes(
    photo: Pixels, transform: NDArray[np.float64], side: int, parse: Parse
) -> NDArray[np.uint8]:
    """How often the parser sees each class of `LARGE` around a crop: uint8 (classes, T, T)."""
    left, top, total = (round(share * side) for share in (LEFT, ABOVE, SIDE))
    votes = np.zeros((len(LARGE), total, total), np.uint8)
    for size, to_left, above in SEEN:
        wide = Similarity(_wider(size, to_left * side, above * side) @ transform, side)
        row, column, width = top - round(above * side), left - round(to_left * side), size * side
        part = slice(row, row + round(width)), slice(column, column + round(width))
        picture = wide.crop(photo)
        mirrored = mirror(parse(np.ascontiguousarray(picture[:, ::-1])))
        for seen in (parse(picture), mirrored):
            seen = images.resize_labels(seen, (round(width), round(width)))
            for count, index in zip(votes, LARGE, strict=True):
                count[part] += seen == index
    return votes


def _told(
    shown: Surrounded,
    index: int,
    share: Floats,
    least: float,
    against: Collection[int],
    seen: Region,
) -> Region:
    """Where a class is, bool (T, T), by the share of votes for it (T, T), of which it needs a
    least, and by whether it looks like that in the crop, or like other classes there and what is
    beside it. seen: bool (T, T), what lies in the photo."""
    pixel = shown.side / FRAME
    inside, known = shown.inside, shown.labels
    part, near = known == index, regions.dilate(known == index, NEAR * pixel)
    behind = regions.erode(inside & member(known, against) & ~part, 2 * CORE * pixel)
    away = ~inside & ~regions.dilate(part, AWAY * pixel) & near
    own = regions.erode(part & inside, CORE * pixel)
    colours = evidence(shown.pixels, own, (behind | away) & seen)
    sure = np.clip(share, 1 - CERTAIN, CERTAIN)
    voted = gaussian(np.log(sure / (1 - sure)).astype(np.float32), BLUR * pixel)
    beyond = (voted + COLOURS * colours > DOUBT) & (share >= least) & near
    # What begins beyond the crop is a hedge, or somebody else's.
    begins, goes_on = regions.dilate(part & inside, EDGE * pixel), beyond & ~inside
    goes_on &= regions.touching(goes_on | begins, begins)
    return np.where(inside, part, goes_on)


def _wider(size: float, left: float, top: float) -> NDArray[np.float64]:
    """Crop pixel -> pixel of a picture of as many pixels that shows `size` times as much, so many
    crop pixels to the left of and above the crop as well. Float64 (3, 3)."""
    matrix: NDArray[np.float64] = (
        shift(-0.5, -0.5) @ np.diag([1 / size, 1 / size, 1]) @ shift(left + 0.5, top + 0.5)
    )
    return matrix


def _others(
    similarity: Similarity,
    transform: NDArray[np.float64],
    side: int,
    others: Sequence[Similarity],
) -> Region:
    """What is nearer to another face, by the size of either: bool (T, T)."""
    total = similarity.side
    grid = np.stack(np.meshgrid(np.arange(total), np.arange(total)), axis=2)
    own = Similarity(transform, side)
    away = np.full((total, total), np.inf)
    for face in others:
        middle = similarity.forward(face.backward((face.side / 2, face.side / 2)))
        # Crops of one face differ a little from one another.
        at = own.forward(face.backward((face.side / 2, face.side / 2))) / side
        if np.linalg.norm(at - 0.5) < 0.25:
            continue
        width = face.side * own.scale / face.scale
        away = np.minimum(away, np.linalg.norm(grid - middle, axis=2) / width)
    mine = similarity.forward(own.backward((side / 2, side / 2)))
    nearer: Region = away < np.linalg.norm(grid - mine, axis=2) / side
    return nearer
