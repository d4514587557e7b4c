"""Tools for whole parts: move, scale, rotate, mirror, take from another face.

Labels uint8 (H, W) with values 0..18 in, a new map out; the input is never changed. A part is a
name of `layers.PARTS` ("mouth", "eyes", "hair", ...), a class, or several classes. Where the part
was, what lies underneath comes to light; where it goes it covers everything but what lies in front
of it (hair stays before the brows, the eyes before hair: `layers.IN_FRONT`) - or, with `only`,
exactly those classes - and never `locked` ones. Wrong input raises `LabelsError`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from maskgan.editing import affine, ears, head, underneath
from maskgan.editing.affine import ABSENT, Matrix
from maskgan.editing.layers import (
    IN_FRONT,
    PAIRED,
    PARTS,
    Classes,
    alone,
    check,
    class_ids,
    member,
    open_to,
    part_ids,
    title,
)
from maskgan.editing.shapes import Point
from maskgan.errors import LabelsError
from maskgan.labels import LABELS, MIRROR, SWAP_PAIRS, Labels


def transform_part(
    labels: Labels,
    part: Classes,
    matrix: Matrix,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Moves a part by an affine map (2, 3) of points (x, y), about the picture's origin. What
    leaves the picture is lost."""
    ids = _movable(labels, part, locked)
    return _put(labels, [affine.warp(alone(labels, ids), affine.check(matrix))], ids, only, locked)


def move_part(
    labels: Labels,
    part: Classes,
    dx: float,
    dy: float,
    *,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Moves a part by (dx, dy) pixels, right and down; whole numbers move it exactly."""
    return transform_part(labels, part, affine.matrix(shift=(dx, dy)), only=only, locked=locked)


def scale_part(
    labels: Labels,
    part: Classes,
    sx: float,
    sy: float | None = None,
    *,
    center: Point | None = None,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Scales a part by `sx` across and `sy` down (None: the same) about `center`; None: about its
    own centre, each of the two eyes, brows or ears about its own."""
    scale = (sx, sx if sy is None else sy)
    if not all(0 < factor <= 100 for factor in scale):
        raise LabelsError(f"The scale is {scale}; expected factors above 0 and at most 100.")
    return _turned(labels, part, np.diag(scale), center, only, locked)


def rotate_part(
    labels: Labels,
    part: Classes,
    degrees: float,
    *,
    center: Point | None = None,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Rotates a part clockwise on the screen about `center`; None: about its own centre, each of
    the two eyes, brows or ears about its own."""
    if not math.isfinite(degrees):
        raise LabelsError(f"The angle is {degrees}; expected a number of degrees.")
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return _turned(labels, part, np.array([[cos, -sin], [sin, cos]]), center, only, locked)


def mirror_part(
    labels: Labels,
    part: Classes,
    *,
    source: Literal["left", "right"] = "left",
    axis: float | None = None,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Replaces the eye, brow or ear of one side by the mirror image of the other side's.

    `part` is "eyes", "brows", "ears" or one class such as "l_brow", which is then the source;
    `source` is the person's own side. `axis` is the x of the mirror, midway between the eyes'
    centres when None (to half a pixel, so that the image is exact).
    """
    ids = part_ids(part)
    if not set(ids) <= set(PAIRED):
        raise LabelsError(
            f"The part {title(part)} has no left and right side; mirror eyes, brows or ears."
        )
    side = 0 if source == "left" else 1
    chosen = ids if len(ids) == 1 else tuple(p[side] for p in SWAP_PAIRS if set(p) & set(ids))
    _movable(labels, chosen, ())
    if axis is None:
        left, right = _center(labels, (4,)), _center(labels, (5,))
        if left is None or right is None:
            raise LabelsError("The label map does not have both eyes; give the axis to mirror at.")
        axis = round(left[0] + right[0]) / 2
    images = tuple(MIRROR[index] for index in chosen)
    flip = affine.matrix(np.diag((-1.0, 1.0)), shift=(2 * axis, 0))
    mirrored = affine.warp(alone(labels, chosen), affine.check(flip))
    present = mirrored != ABSENT
    mirrored[present] = np.asarray(MIRROR, np.uint8)[mirrored[present]]
    _refuse_locked(images, locked)
    return _put(labels, [mirrored], images, only, locked)


def take_part(
    labels: Labels,
    other: Labels,
    part: Classes,
    *,
    align: bool = False,
    only: Classes | None = None,
    locked: Classes = (),
) -> Labels:
    """Gives the face a part of another face, whose labels are in the same frame and size.

    The own part is erased to what lies underneath, then the other's is put in its place, behind
    what lies in front. With `align` it is scaled by the ratio of the eyes' distances and its centre
    laid on that of the own part (each eye, brow and ear for itself), or where the own face has no
    such part, and for skin, glasses and clothes, the eyes' midpoint on the own one. Hair and hats
    are scaled as heads are wide and high, what hair covers behind the other's face stays covered,
    and ears come to light where the other's do (`head.laid_on`, `underneath`).
    """
    ids = part_ids(part)
    check(other, "The other face's label map")
    if check(labels).shape != other.shape:
        raise LabelsError(
            f"The other face's labels have {other.shape[1]}x{other.shape[0]} pixels, this face's "
            f"{labels.shape[1]}x{labels.shape[0]}; scale them with nearest neighbour."
        )
    if not member(other, ids).any():
        raise LabelsError(f"The other face has no {title(part)} to take.")
    _refuse_locked(ids, locked)
    taken = []
    for piece in _pieces(ids):
        its = alone(other, piece)
        taken.append(_laid(its, _alignment(labels, other, piece)) if align else its)
    # Ears show where the other's do.
    result = _put(labels, taken, ids, only, locked, ears.shown(other))
    if head.HAIR in ids and only is None:
        person, face = _person(other), alone(other, (*head.FACE, *PARTS["ears"]))
        if align:
            matrix = _alignment(labels, other, ids)
            person, face = affine.warp(person, matrix), affine.warp(face, matrix)
        held = member(labels, class_ids(locked))
        result = underneath.still_covered(result, labels, face != ABSENT, held)
        result = underneath.close_gaps(result, labels, person != ABSENT, held)
        # Ears that are higher than the other's leave tips of hair below them, and earrings fall.
        loose = underneath.crumbs(result, labels) | underneath.fallen(result, labels)
        result = underneath.reveal(result, loose & ~held)
    return result


def _laid(part: Labels, matrix: Matrix) -> Labels:
    """A part alone laid on another head; hair that its picture cut off above is closed."""
    laid = affine.warp(part, matrix)
    if (part[0] == head.HAIR).any():
        hair = laid == head.HAIR
        laid[hair & ~head.rounded(hair, float(matrix[1, 2]))] = ABSENT
    return laid


def _turned(
    labels: Labels,
    part: Classes,
    linear: Matrix,
    center: Point | None,
    only: Classes | None,
    locked: Classes,
) -> Labels:
    ids = _movable(labels, part, locked)
    moved = []
    for piece in _pieces(ids):
        about = center if center is not None else _center(labels, piece)
        matrix = affine.check(affine.matrix(linear, about or (0, 0)))
        moved.append(affine.warp(alone(labels, piece), matrix))
    result = _put(labels, moved, ids, only, locked)
    if head.HAIR in ids and only is None:
        result = _close_gaps(result, labels, affine.warp(_person(labels), matrix), locked)
    return result


def _person(labels: Labels) -> Labels:
    """A person but for the hair, as a part alone."""
    return np.where((labels == 0) | (labels == head.HAIR), ABSENT, 1).astype(np.uint8)


def _close_gaps(labels: Labels, before: Labels, person: Labels, locked: Classes) -> Labels:
    held = member(before, class_ids(locked))
    return underneath.close_gaps(labels, before, person != ABSENT, held)


def _put(
    labels: Labels,
    pieces: Iterable[Labels],
    ids: Sequence[int],
    only: Classes | None,
    locked: Classes,
    shown: Sequence[int] = (),
) -> Labels:
    """Erases the classes `ids` and puts the pieces in their place. shown: the ears that come to
    light where hair does not get again."""
    own = member(labels, ids)
    placed = np.full_like(labels, ABSENT)
    for piece in pieces:
        writable = own | (
            ~member(labels, _in_front(piece)) if only is None else member(labels, class_ids(only))
        )
        covered = (piece != ABSENT) & writable & open_to(labels, None, locked)
        placed[covered] = piece[covered]
    covered = placed != ABSENT
    result = underneath.reveal(labels, own & ~covered, hidden=own, shown=shown)
    result[covered] = placed[covered]
    return result


def _in_front(piece: Labels) -> set[int]:
    ids = set(np.unique(piece).tolist()) - {ABSENT}
    return {front for index in ids for front in IN_FRONT[index]} - ids


def _alignment(labels: Labels, other: Labels, piece: Sequence[int]) -> Matrix:
    """The map that lays the other face's part on this face: see `take_part`."""
    own_left, own_right = _center(labels, (4,)), _center(labels, (5,))
    left, right = _center(other, (4,)), _center(other, (5,))
    eyes = own_left and own_right and left and right
    if {head.HAIR, head.HAT} & set(piece):
        own, theirs = head.find(labels), head.find(other)
        if own and theirs:
            return head.laid_on(theirs, own)
    scale = 1.0
    if own_left and own_right and left and right:
        scale = min(max(math.dist(own_left, own_right) / max(math.dist(left, right), 1), 0.5), 2)
    anchored = set(piece) <= {2, 10, 11, 12, *PAIRED}
    target, origin = _center(labels, piece), _center(other, piece)
    if not (anchored and target and origin):
        target, origin = (_center(labels, (4, 5)), _center(other, (4, 5))) if eyes else (None, None)
    if target is None or origin is None:
        return affine.matrix()
    linear = np.diag((scale, scale))
    offset = np.asarray(target) - linear @ np.asarray(origin)
    # Whole pixels where nothing is scaled: the shape is copied as it is.
    return affine.matrix(linear, shift=tuple(np.rint(offset) if scale == 1 else offset))


def _pieces(ids: Sequence[int]) -> list[tuple[int, ...]]:
    """Sides of pairs move each for itself, other classes of a part together."""
    if set(ids) <= set(PAIRED):
        return [(index,) for index in ids]
    return [tuple(ids)]


def _center(labels: Labels, ids: Sequence[int]) -> Point | None:
    """Mean (x, y) of a part's pixels; of two sides the point midway between their centres."""
    if len(ids) == 2 and tuple(ids) in SWAP_PAIRS:
        sides = [_center(labels, (index,)) for index in ids]
        if sides[0] is not None and sides[1] is not None:
            return (sides[0][0] + sides[1][0]) / 2, (sides[0][1] + sides[1][1]) / 2
    rows, columns = np.nonzero(member(labels, ids))
    return (float(columns.mean()), float(rows.mean())) if rows.size else None


def _movable(labels: Labels, part: Classes, locked: Classes) -> tuple[int, ...]:
    ids = part_ids(part)
    if not member(check(labels), ids).any():
        raise LabelsError(f"The label map has no {title(part)}; paint some first.")
    _refuse_locked(ids, locked)
    return ids


def _refuse_locked(ids: Sequence[int], locked: Classes) -> None:
    both = set(ids) & set(class_ids(locked))
    if both:
        raise LabelsError(f"The class {LABELS[min(both)]} is locked; unlock it to move it.")
