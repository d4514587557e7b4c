"""One picture against what was asked for: everything that judges say of it, as plain numbers.

A `Verdict` is what `maskgan.evaluation.figures` averages; docs/evaluation.md says what each number
means. Numbers that no judge at hand can tell, or that mean nothing for a task, are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.editing import regions
from maskgan.evaluation import colors, pixels
from maskgan.evaluation.confusion import confusion
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.judges import AttributeJudge, Judge
from maskgan.evaluation.likeness import Eyes, Look
from maskgan.evaluation.perturbations import FRAME
from maskgan.evaluation.pixels import difference
from maskgan.evaluation.requests import EVERYTHING, Request, clean_labels
from maskgan.evaluation.robustness import MARGIN
from maskgan.evaluation.tasks import LOOKS, NOT
from maskgan.images import Pixels
from maskgan.labels import IDS, NUM_CLASSES, Labels

Verdict = dict[str, Any]
"""Name -> number, or list of numbers."""

AS_SETS = ("reconstruction", "transfer", "direction", "style")
"""Tasks whose pictures are compared with the photos as sets."""
OF_PEOPLE = (*AS_SETS, "slider")
"""Tasks in which the picture shall show the same person as the photo. An edit of one part or the
look of one region leaves the rest of the face as it is and says little of either."""
COPIES = tuple(f"style/{name}" for name in LOOKS)
"""Tasks that change no shape: no judge of shapes is asked."""


@dataclass(frozen=True)
class Judges:
    """Who judges."""

    parser: Judge
    attributes: AttributeJudge | None
    eyes: Eyes


class _Photo:
    """What judges see in a real photo, once it is asked for."""

    def __init__(self, face: HeldOutFace, judges: Judges) -> None:
        self._face, self._judges = face, judges

    @cached_property
    def labels(self) -> Labels:
        return self._judges.parser(self._face.photo)

    @cached_property
    def look(self) -> Look:
        return self._judges.eyes.look(self._face.photo)

    @cached_property
    def colors(self) -> colors.RegionLooks:
        return colors.looks(self._face.photo, clean_labels(self._face))

    @cached_property
    def attributes(self) -> dict[str, float]:
        told = self._judges.attributes
        return {} if told is None else told(self._face.photo)


class Examiner:
    """Judges the pictures of one face after the other; at its photo it looks once for all."""

    def __init__(self, judges: Judges) -> None:
        self.judges = judges
        self._photos: dict[str, _Photo] = {}

    def photo(self, face: HeldOutFace) -> _Photo:
        """What judges see in a face's photo."""
        if face.name not in self._photos:
            self._photos[face.name] = _Photo(face, self.judges)
        return self._photos[face.name]

    def forget(self, face: HeldOutFace) -> None:
        """Lets go of what it saw in the photo of a face whose own pictures are done: megabytes, of
        which a donor is asked for little, again."""
        self._photos.pop(face.name, None)

    def examine(self, request: Request, picture: Pixels, base: Pixels | None) -> Verdict:
        """The verdict on a picture uint8 (S, S, 3); `base` is what the same system made of the
        labels as they are, where it is asked for labels."""
        unchanged = np.array_equal(picture, request.photo)
        seen = self.photo(request.face)
        changed = request.shown != request.labels
        verdict: Verdict = {}
        if request.kind not in COPIES:
            found = seen.labels if unchanged else self.judges.parser(picture)
            verdict["counts"] = _sparse(confusion(request.shown, found))
            verdict |= self._edit(request, picture, base, found, changed)
        if request.family == "robustness":
            return verdict
        if request.kind in OF_PEOPLE or request.truth is not None:
            look = seen.look if unchanged else self.judges.eyes.look(picture)
            verdict |= self._truth(request, picture, look, changed)
            if request.kind in OF_PEOPLE:
                verdict["identity"] = self.judges.eyes.identity(seen.look, look)
            if request.kind in AS_SETS and look.features is not None:
                verdict["features"] = [round(float(value), 6) for value in look.features]
        verdict |= self._attribute(request, picture, unchanged)
        if request.look and request.donor is not request.face:
            verdict |= self._style(request, picture, base)
        return {name: value for name, value in verdict.items() if not _unknown(value)}

    def _edit(
        self,
        request: Request,
        picture: Pixels,
        base: Pixels | None,
        found: Labels,
        changed: NDArray[np.bool_],
    ) -> Verdict:
        """Where the labels change: are they followed, is it sharp; and elsewhere: what moved?"""
        if request.look or not (changed.any() or request.family in ("robustness", "unedited")):
            return {}
        side = picture.shape[0]
        outside = ~regions.dilate(changed, MARGIN * side / FRAME)
        verdict: Verdict = {
            "changed": int(changed.sum()),
            "followed": int((found == request.shown)[changed].sum()),
            "from_photo": difference(picture, request.photo, outside),
            "psnr_outside": pixels.psnr(picture, request.photo, outside),
        }
        if base is not None:
            verdict["from_render"] = difference(picture, base, outside)
        sharp = request.truth
        if sharp is None and request.donor is not None:
            sharp = request.donor.photo
        if sharp is not None and changed.any():
            verdict["sharp"] = pixels.gradient_energy(picture, changed)
            verdict["sharp_photo"] = pixels.gradient_energy(sharp, changed)
        return verdict

    def _truth(
        self, request: Request, picture: Pixels, look: Look, changed: NDArray[np.bool_]
    ) -> Verdict:
        """How far from the picture that is right."""
        if request.truth is None:
            return {}
        truth = request.truth
        seen = (
            self.photo(request.face).look
            if truth is request.photo
            else self.judges.eyes.look(truth)
        )
        verdict: Verdict = {
            "psnr": pixels.psnr(picture, truth),
            "ssim": pixels.ssim(picture, truth),
            "ms_ssim": pixels.ms_ssim(picture, truth),
            "perceptual": self.judges.eyes.perceptual(look, seen, (picture, truth)),
        }
        if changed.any():
            verdict["error"] = difference(picture, truth, changed)
        return verdict

    def _attribute(self, request: Request, picture: Pixels, unchanged: bool) -> Verdict:
        """Does it have the attribute that was asked for? Of the donor's photo likewise."""
        name = request.task.partition("/")[2]
        wanted = not name.startswith(NOT)
        name = "Smiling" if request.task == "slider/smile" else name.removeprefix(NOT)
        told = self.judges.attributes
        if told is None or name not in told.names:
            return {}
        if request.family not in ("transfer", "direction", "slider"):
            return {}
        probabilities = self.photo(request.face).attributes if unchanged else told(picture)
        verdict: Verdict = {"attribute": float((probabilities[name] > 0.5) == wanted)}
        if request.donor is not None:
            its = self.photo(request.donor).attributes[name]
            verdict["attribute_donor"] = float((its > 0.5) == wanted)
        return verdict

    def _style(self, request: Request, picture: Pixels, base: Pixels | None) -> Verdict:
        """How near the look came to the donor's, and what happened to other regions."""
        assert request.donor is not None
        own, its = self.photo(request.face).colors, self.photo(request.donor).colors

        def looks(pixels: Pixels) -> colors.RegionLooks:
            same = np.array_equal(pixels, request.photo)
            return own if same else colors.looks(pixels, request.wanted)

        drawn = looks(picture)
        everything = request.look == (EVERYTHING,)
        chosen = list(range(NUM_CLASSES)) if everything else [IDS[name] for name in request.look]
        verdict: Verdict = {
            "color": colors.color_distance(drawn, its, chosen),
            "color_photo": colors.color_distance(own, its, chosen),
            "texture": colors.texture_distance(drawn, its, chosen),
            "texture_photo": colors.texture_distance(own, its, chosen),
        }
        if not everything and base is not None:
            before = looks(base)
            others = [index for index in range(NUM_CLASSES) if index not in chosen]
            verdict["leak"] = colors.color_distance(drawn, before, others)
        return verdict


def spread(pictures: list[Pixels]) -> float:
    """Mean absolute difference, 0 to 255, between every two of several pictures; NaN for less than
    two."""
    gaps = [
        np.abs(first.astype(np.int16) - second).mean()
        for number, first in enumerate(pictures)
        for second in pictures[number + 1 :]
    ]
    return float(np.mean(gaps)) if gaps else math.nan


def dense(counts: list[list[int]]) -> NDArray[np.int64]:
    """A verdict's `counts` as a confusion matrix (K, K)."""
    matrix = np.zeros(NUM_CLASSES**2, np.int64)
    places, values = counts
    matrix[places] = values
    return matrix.reshape(NUM_CLASSES, NUM_CLASSES)


def _sparse(matrix: NDArray[np.int64]) -> list[list[int]]:
    """The entries of a confusion matrix that are not 0: their places and values."""
    places = np.flatnonzero(matrix)
    return [places.tolist(), matrix.ravel()[places].tolist()]


def _unknown(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
