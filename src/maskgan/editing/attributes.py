"""Sliders that move labels, not pixels: a smile, wider eyes, longer hair.

`apply(labels, name, strength)` takes labels uint8 (S, S) in the CelebA-HQ frame, any S, and returns
a new map. Strength 0 is the identity to the bit, 1 and -1 are strong but believable; what a slider
moves grows with its strength. Classes outside what it moves stay as they are, and a face without
the part stays as it is. These sliders are geometry: no photo, no network. A learned direction is
a `Slider` too and takes the place of one of the same name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from maskgan.editing import deformation, mouth, silhouette
from maskgan.editing.affine import ABSENT
from maskgan.editing.deformation import Floats, Frame
from maskgan.editing.layers import check
from maskgan.editing.mouth import Motion
from maskgan.editing.regions import Box
from maskgan.errors import ConfigError
from maskgan.labels import Labels

Slider = Callable[[Labels, float], Labels]
"""Labels uint8 (S, S) and a strength -1..1 other than 0 -> a new label map of the same size."""

SKIN, NOSE, GLASSES = 1, 2, 3
SIDES = ((4, 6), (5, 7))
"""Eye and brow of each side."""
WINGS = 0.75
"""Where the wings of a nose are, as a share of its height."""


ATTRIBUTES: dict[str, str] = {
    "smile": "Corners of the mouth up and outwards, with teeth when strong; negative is sad.",
    "mouth_open": "Opens the mouth; negative closes an open one.",
    "lip_fullness": "Makes the lips fuller or thinner.",
    "eye_opening": "Opens the eyes wider or narrows them.",
    "brow_height": "Raises or lowers the eyebrows.",
    "nose_width": "Makes the wings of the nose wider or narrower.",
    "face_width": "Makes cheeks and jaw wider or narrower.",
    "hair_volume": "Moves the outline of the hair outwards or inwards.",
    "hair_length": "Makes the hair longer or shorter.",
}
"""Name -> what the slider does, for users; the order in which several are applied."""


def apply(
    labels: Labels, name: str, strength: float, own: Mapping[str, Slider] | None = None
) -> Labels:
    """Moves one slider of a face.

    labels: uint8 (S, S), values 0..18 in order A, never changed.
    name: one of `ATTRIBUTES` or of `own`, whose sliders come first: learned ones, or those of a
    photo's crop (`sliders`).
    strength: -1..1; 0 gives an equal copy.
    Returns new labels of the same size. Raises `LabelsError` for a wrong map and `ConfigError` for
    an unknown name or an impossible strength.
    """
    return apply_all(labels, {name: strength}, own)


def apply_all(
    labels: Labels,
    strengths: Mapping[str, float],
    own: Mapping[str, Slider] | None = None,
) -> Labels:
    """Moves several sliders, name -> strength, in the order of `ATTRIBUTES` whatever the order of
    the mapping; `apply` describes the rest."""
    known = {**SLIDERS, **(own or {})}
    check(labels)
    check_strengths(strengths, known)
    result = labels.copy()
    for name, slider in known.items():
        if strengths.get(name, 0) != 0:
            result = slider(result, float(strengths[name]))
    return result


def check_strengths(strengths: Mapping[str, float], sliders: Collection[str] = ATTRIBUTES) -> None:
    """Raises `ConfigError` for the name of no slider and for a strength outside -1..1."""
    for name, strength in strengths.items():
        if name not in sliders:
            raise ConfigError(
                f"There is no attribute {name!r}; the attributes are {', '.join(sliders)}."
            )
        if not -1 <= strength <= 1:
            raise ConfigError(
                f"The strength of {name} is {strength}; expected a number from -1 to 1."
            )


def _smile(labels: Labels, strength: float) -> Labels:
    found = mouth.find(labels)
    if found is None:
        return labels.copy()
    if strength < 0:
        return mouth.bend(
            labels,
            found,
            Motion(
                stretch=0.08 * strength,
                lift=0.18 * strength,
                thickness=1 - 0.04 * strength,
                keep=1 + strength,
            ),
        )
    # Teeth show in a broad smile; a mouth that is open already opens little more.
    onset = max((strength - 0.2) / 0.8, 0)
    teeth = 0.3 * onset * onset * (3 - 2 * onset) * max(0.25, 1 - found.opening / 0.4)
    return mouth.bend(
        labels,
        found,
        Motion(
            stretch=0.22 * strength,
            lift=0.24 * strength,
            thickness=1 - 0.15 * strength,
            gap=teeth,
            upper=0.5,
            roundness=0.8,
        ),
    )


def _mouth_open(labels: Labels, strength: float) -> Labels:
    found = mouth.find(labels)
    if found is None:
        return labels.copy()
    if strength < 0:
        return mouth.bend(labels, found, Motion(keep=1 + strength, stretch=0.04 * strength))
    # The chin stays, so the lower lip may take only some of the skin above it.
    gap = min(0.5, 0.65 * mouth.room_below(labels, found)) * strength
    return mouth.bend(
        labels,
        found,
        Motion(gap=gap, stretch=-0.06 * strength, upper=0.2, thickness=1 - 0.05 * strength),
    )


def _lip_fullness(labels: Labels, strength: float) -> Labels:
    found = mouth.find(labels)
    if found is None:
        return labels.copy()
    thickness = 1 + (0.5 if strength > 0 else 0.4) * strength
    return mouth.bend(labels, found, Motion(thickness=thickness))


def _eye_opening(labels: Labels, strength: float) -> Labels:
    frame = deformation.find(labels)
    result = labels
    for eye, _ in SIDES:
        result = _open_eye(result, frame, eye, strength)
    return result


def _open_eye(labels: Labels, frame: Frame, eye: int, strength: float) -> Labels:
    box = deformation.around(labels == eye, 0.2 * frame.unit)
    if box is None:
        return labels.copy()
    own = labels[box] == eye
    across, down = frame.grid(box)
    low, high = math.floor(across[own].min()), math.ceil(across[own].max())
    top, bottom = deformation.edges(across[own], down[own], low, high)
    height = float(np.nanmax(bottom - top))
    if strength > 0:
        # Narrow eyes gain as many pixels as others, wide ones fewer.
        gain = min(max(0.28 * frame.unit - height, 0.015 * frame.unit), 0.055 * frame.unit)
        factor = 1 + strength * min(gain / height, 0.8)
    else:
        factor = 1 + 0.5 * strength
    # The upper lid does most of the way.
    still = deformation.filled(top + np.float32(0.8) * (bottom - top), max((high - low) // 8, 1))
    level = still[deformation.places(across, low, high)]
    return _warped(labels, box, frame, eye, across, level + (down - level) / np.float32(factor))


def _brow_height(labels: Labels, strength: float) -> Labels:
    frame = deformation.find(labels)
    result = labels
    rooms = [_clearance(labels, frame, eye, brow) for eye, brow in SIDES]
    for (_, brow), room in zip(SIDES, rooms, strict=True):
        box = deformation.around(result == brow, 0.2 * frame.unit)
        if box is None:
            continue
        across, down = frame.grid(box)
        # Both rise alike, and hardly further than the skin below them can be drawn out.
        way = min(0.12 * frame.unit, max(0.9 * min(rooms), 0.03 * frame.unit))
        if strength < 0:
            way = min(0.09 * frame.unit, 0.7 * room)
        result = _warped(result, box, frame, brow, across, down + np.float32(way * strength))
    return result.copy()


def _clearance(labels: Labels, frame: Frame, eye: int, brow: int) -> float:
    """Pixels between a brow and the eye below it, on average; large without an eye."""
    curves = []
    reach = math.ceil(2 * frame.unit)
    for index in (eye, brow):
        rows, columns = np.nonzero(labels == index)
        across, down = frame.inside(columns.astype(np.float32), rows.astype(np.float32))
        curves.append(deformation.edges(across, down, -reach, reach))
    between = curves[0][0] - curves[1][1]
    known = np.isfinite(between)
    return max(float(between[known].mean()), 0.0) if known.any() else frame.unit


def _nose_width(labels: Labels, strength: float) -> Labels:
    frame = deformation.find(labels)
    box = deformation.around(labels == NOSE, 0.25 * frame.unit)
    if box is None:
        return labels.copy()
    own = labels[box] == NOSE
    across, down = frame.grid(box)
    middle = np.float32(across[own].mean())
    top, bottom = float(down[own].min()), float(down[own].max())
    # The bridge keeps its width, the wings change most.
    lower = np.clip((down - top) / max(WINGS * (bottom - top), 1), 0, 1)
    factor = 1 + np.float32((0.35 if strength > 0 else 0.28) * strength) * lower
    return _warped(labels, box, frame, NOSE, middle + (across - middle) / factor, down)


def _warped(
    labels: Labels, box: Box, frame: Frame, index: int, across: Floats, down: Floats
) -> Labels:
    """One class within a box, sampled at the points (across, down) it comes from."""
    x, y = frame.outside(across, down)
    share = deformation.coverage(
        labels[box] == index, x - np.float32(box[1].start), y - np.float32(box[0].start)
    )
    moved = np.where(share >= 0.5, index, ABSENT).astype(np.uint8)
    over = (SKIN, GLASSES) if index in (4, 5) else (SKIN,)
    return deformation.put(labels, box, moved, (index,), over)


def _hair_volume(labels: Labels, strength: float) -> Labels:
    return silhouette.thicken_hair(labels, 0.22 * strength)


def _hair_length(labels: Labels, strength: float, goes_on: bool = False) -> Labels:
    return silhouette.lengthen_hair(
        labels, (silhouette.LONGEST if strength > 0 else 1.1) * strength, goes_on
    )


def _face_width(labels: Labels, strength: float) -> Labels:
    return silhouette.widen_face(labels, 0.1 * strength)


SLIDERS: Mapping[str, Slider] = MappingProxyType(
    {
        "smile": _smile,
        "mouth_open": _mouth_open,
        "lip_fullness": _lip_fullness,
        "eye_opening": _eye_opening,
        "brow_height": _brow_height,
        "nose_width": _nose_width,
        "face_width": _face_width,
        "hair_volume": _hair_volume,
        "hair_length": _hair_length,
    }
)
"""Name -> the slider made of geometry."""


def sliders(goes_on: bool, learned: Mapping[str, Slider] | None = None) -> Mapping[str, Slider]:
    """The same, or those of a MaskVAE, for a crop below which its photo goes on (`Face.goes_on`),
    or not: hair that grows ends above its border there."""
    if learned is not None:
        return learned
    return {**SLIDERS, "hair_length": partial(_hair_length, goes_on=goes_on)}
