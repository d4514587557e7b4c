"""Rough, wrong and edited label maps, made from good ones.

Of *noise* the clean labels stay the truth: a map drawn coarsely or labelled badly, from which the
face that it means should come out all the same. Of an *edit* the new labels are the truth.

Labels uint8 (H, H) with values 0..18 in, a new map out, the same for the same generator. Amounts in
pixels are those of a face of 512 px and scale with the side of the map. A pixel that loses its
label becomes background, which is what a map of CelebAMask-HQ holds where nobody labelled anything,
and the only class that says nothing of a face. Knows no network and no photo.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from maskgan import images
from maskgan.editing import masks, parts, regions
from maskgan.editing.layers import PARTS, member, part_ids
from maskgan.editing.regions import Region
from maskgan.errors import ConfigError
from maskgan.evaluation.outlines import simplified
from maskgan.labels import Labels

FRAME = 512
"""Side in pixels of the face to which amounts in pixels refer."""
UNLABELLED = 0
"""What a pixel without a label becomes."""
DRAWN_ROUGHLY = ("hair", "ears", "nose", "brows", "eyes", "mouth")
"""Parts that are dilated or eroded, one after the other."""
MOVED = ("eyes", "brows", "nose", "mouth", "hair")
"""Parts of which one is shifted, scaled or turned."""
TAKEN = ("eyes", "brows", "nose", "mouth", "hair")
"""Parts that are taken from another person."""
REMOVED = ("hair", "brows", "glasses", "ears", "earrings", "hat", "necklace")
"""Parts that a face may lack and still be one."""
STROKE_RADIUS = 12.0
"""Of a random stroke, in pixels."""
STROKE_LENGTH = 80.0
"""Longest, in pixels."""

Change = Callable[[Labels, float, Generator, Labels], Labels]
"""Labels, severity, generator, another person's labels of the same size -> new labels."""


@dataclass(frozen=True)
class Perturbation:
    """One way in which label maps are worse than, or other than, those of the photo."""

    kind: Literal["noise", "edit"]
    """Whether the clean labels or the new ones are the truth."""
    severities: tuple[float, ...]
    """Ascending."""
    unit: str
    """What a severity counts."""
    change: Change
    none: float = 0.0
    """The severity at which nothing changes."""
    at_render: bool = False
    """Done to labels of the size that is rendered, since the severity has no size of its own."""


def perturb(
    name: str,
    severity: float,
    labels: Labels,
    rng: Generator,
    *,
    other: Labels,
    size: int | None = None,
) -> Labels:
    """Labels uint8 (H, H) perturbed as `PERTURBATIONS[name]` says, scaled to `size` pixels a side
    (None: H).

    `other` are another person's labels of the same size. Generators of the same seed make the
    severities of a perturbation comparable: the same part, direction and pixels, only more. A face
    that shows nothing to perturb comes back as it is. Raises `ConfigError` for an unknown name.
    """
    if name not in PERTURBATIONS:
        raise ConfigError(f"Unknown perturbation {name!r}; there are: {', '.join(PERTURBATIONS)}.")
    perturbation = PERTURBATIONS[name]
    side = size or labels.shape[0]
    if perturbation.at_render:
        labels = images.resize_labels(labels, (side, side))
    if severity != perturbation.none:
        labels = perturbation.change(labels, severity, rng, other)
    return images.resize_labels(labels, (side, side))


def _pixels(amount: float, labels: Labels) -> float:
    scale: float = labels.shape[0] / FRAME
    return amount * scale


def _downsampled(labels: Labels, factor: float, rng: Generator, other: Labels) -> Labels:
    small = max(1, round(labels.shape[0] / factor))
    return images.resize_labels(images.resize_labels(labels, (small, small)), labels.shape)


def _unlabelled_edges(labels: Labels, width: float, rng: Generator, other: Labels) -> Labels:
    """Pixels at most `width` from one of another class."""
    reach = _pixels(width, labels)
    if reach < 1:
        return labels
    return np.where(regions.dilate(_edges(labels), reach - 1), np.uint8(UNLABELLED), labels)


def _edges(labels: Labels) -> Region:
    """Pixels with a neighbour of another class."""
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    edges = np.zeros(labels.shape, np.bool_)
    edges[:, 1:] |= across
    edges[:, :-1] |= across
    edges[1:] |= down
    edges[:-1] |= down
    return edges


def _unlabelled_at_random(labels: Labels, share: float, rng: Generator, other: Labels) -> Labels:
    return np.where(rng.random(labels.shape) < share, np.uint8(UNLABELLED), labels)


def _polygons(labels: Labels, tolerance: float, rng: Generator, other: Labels) -> Labels:
    return simplified(labels, _pixels(tolerance, labels))


def _dilated(labels: Labels, radius: float, rng: Generator, other: Labels) -> Labels:
    for part in DRAWN_ROUGHLY:
        if _shown(labels, (part,)):  # a thin ear may lie beneath the larger hair by now
            labels = masks.grow(labels, PARTS[part], _pixels(radius, labels))
    return labels


def _eroded(labels: Labels, radius: float, rng: Generator, other: Labels) -> Labels:
    for part in DRAWN_ROUGHLY:
        if _shown(labels, (part,)):
            labels = masks.shrink(labels, PARTS[part], _pixels(radius, labels))
    return labels


def _shifted(labels: Labels, share: float, rng: Generator, other: Labels) -> Labels:
    """One part by a share of the side, in a random direction."""
    angle = rng.uniform(0, 2 * math.pi)
    reach = share * labels.shape[0]
    for part in _drawn(labels, MOVED, 1, rng):
        labels = parts.move_part(labels, part, reach * math.cos(angle), reach * math.sin(angle))
    return labels


def _scaled(labels: Labels, factor: float, rng: Generator, other: Labels) -> Labels:
    """One part by the factor or its inverse."""
    factor = factor if rng.random() < 0.5 else 1 / factor
    for part in _drawn(labels, MOVED, 1, rng):
        labels = parts.scale_part(labels, part, factor)
    return labels


def _rotated(labels: Labels, degrees: float, rng: Generator, other: Labels) -> Labels:
    """One part, to either side."""
    degrees = degrees if rng.random() < 0.5 else -degrees
    for part in _drawn(labels, MOVED, 1, rng):
        labels = parts.rotate_part(labels, part, degrees)
    return labels


def _taken(labels: Labels, count: float, rng: Generator, other: Labels) -> Labels:
    """Parts of the other person, each laid on the face's own."""
    both = [part for part in _shown(labels, TAKEN) if _shown(other, (part,))]
    for part in _drawn(labels, both, int(count), rng):
        labels = parts.take_part(labels, other, part, align=True)
    return labels


def _removed(labels: Labels, count: float, rng: Generator, other: Labels) -> Labels:
    for part in _drawn(labels, REMOVED, int(count), rng):
        labels = masks.erase(labels, part)
    return labels


def _strokes(labels: Labels, count: float, rng: Generator, other: Labels) -> Labels:
    """Strokes of the class they begin on, from its edge outwards or inwards as it comes."""
    rows, columns = np.nonzero(_edges(labels))
    result = labels
    for _ in range(int(count)):
        place, angle, length = rng.random(), rng.uniform(0, 2 * math.pi), rng.uniform(0.3, 1)
        if not rows.size:
            continue
        index = int(place * rows.size)
        x, y = float(columns[index]), float(rows[index])
        reach = length * _pixels(STROKE_LENGTH, labels)
        end = (x + reach * math.cos(angle), y + reach * math.sin(angle))
        cls = int(labels[rows[index], columns[index]])
        result = masks.paint_stroke(result, [(x, y), end], _pixels(STROKE_RADIUS, labels), cls)
    return result


def _shown(labels: Labels, names: Sequence[str]) -> list[str]:
    """Of the parts those that are in the map, in their order."""
    return [name for name in names if member(labels, part_ids(name)).any()]


def _drawn(labels: Labels, names: Sequence[str], count: int, rng: Generator) -> list[str]:
    """At most `count` of the parts in the map, by lot; more go on where fewer stopped."""
    shown = _shown(labels, names)
    return [shown[index] for index in rng.permutation(len(shown))[:count].tolist()]


PERTURBATIONS: dict[str, Perturbation] = {
    "downsampled": Perturbation(
        "noise", (2, 4, 8), "times smaller", _downsampled, none=1, at_render=True
    ),
    "unlabelled edges": Perturbation("noise", (2, 5, 8), "px", _unlabelled_edges),
    "unlabelled at random": Perturbation(
        "noise", (0.1, 0.3), "of the pixels", _unlabelled_at_random, at_render=True
    ),
    "polygons": Perturbation("noise", (2, 5, 10), "px", _polygons),
    "dilated": Perturbation("noise", (2, 5, 8), "px", _dilated),
    "eroded": Perturbation("noise", (2, 5, 8), "px", _eroded),
    "shifted": Perturbation("edit", (0.03, 0.08), "of the side", _shifted),
    "scaled": Perturbation("edit", (1.1, 1.25), "times, or its inverse", _scaled, none=1),
    "rotated": Perturbation("edit", (7.5, 15), "degrees", _rotated),
    "taken": Perturbation("edit", (1, 2, 4), "parts of another person", _taken),
    "removed": Perturbation("edit", (1, 2), "parts", _removed),
    "strokes": Perturbation("edit", (1, 2, 4), "strokes", _strokes),
}
"""Name -> what it does. Severities ascend from `none`, at which nothing changes."""
