"""How well an editor follows rough, wrong and edited label maps.

Every face's labels are perturbed (`maskgan.evaluation.perturbations`), every system draws the face
from them, and a judge tells what the pictures show. Against noise the picture should show the clean
labels, after an edit the new ones. All systems and severities see the same faces with the same
perturbations, and their figures are resampled alike, so differences are of the systems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tqdm import tqdm

from maskgan import images
from maskgan.editing import regions
from maskgan.errors import ConfigError
from maskgan.evaluation.confusion import (
    Counts,
    Floats,
    accuracy,
    confusion,
    interval,
    mean_iou,
    redrawn,
    resampled,
    whole,
)
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.judges import Judge
from maskgan.evaluation.perturbations import FRAME, PERTURBATIONS, perturb
from maskgan.evaluation.pixels import difference
from maskgan.evaluation.requests import Request, System, clean_labels
from maskgan.evaluation.systems import unchanged
from maskgan.images import Pixels
from maskgan.labels import Labels

PHOTO = "photo"
"""The system beside those that are measured: it leaves the photo as it is."""
MARGIN = 32
"""Pixels around an edit, at 512 px, in which the picture may change."""


@dataclass(frozen=True)
class Case:
    """One face with one perturbation."""

    face: HeldOutFace
    name: str
    """Of `PERTURBATIONS`; empty for the labels as they are."""
    severity: float
    wanted: Labels
    """What the system is given, uint8 (S, S)."""
    truth: Labels
    """What its picture should show, uint8 (S, S)."""

    @property
    def request(self) -> Request:
        """What a system is asked for."""
        severity = f"-{self.severity:g}" if self.name else ""
        task = f"robustness/{self.name.replace(' ', '-') or 'none'}{severity}"
        return Request(task, self.face, self.wanted, meant=self.truth)


@dataclass
class Record:
    """What one system did at one severity, an entry per face."""

    counts: list[Counts] = field(default_factory=list)
    """Truth against what the judge found, (K, K)."""
    followed: list[int] = field(default_factory=list)
    """Of the pixels whose label the edit changed, those where the judge found the wanted one."""
    changed: list[int] = field(default_factory=list)
    """The pixels whose label the edit changed."""
    from_photo: list[float] = field(default_factory=list)
    """Mean absolute difference to the photo outside the edit and its margin, 0 to 255."""
    from_render: list[float] = field(default_factory=list)
    """Likewise to what the system makes of the labels as they are."""


Records = dict[tuple[str, str, float], Record]
"""(system, perturbation, severity) -> what happened; ("...", "", 0.0) is without one."""


def cases(
    faces: Sequence[HeldOutFace],
    index: int,
    seed: int,
    names: Sequence[str] | None = None,
    worst: bool = False,
) -> Iterator[Case]:
    """The cases of face number `index`: first without a perturbation, then all of `names` (None:
    all there are) at every severity, or only the highest with `worst`. Other people's parts come
    from `faces`, of which there are two at least. The same seed gives the same cases."""
    face = faces[index]
    clean, size = clean_labels(face), face.photo.shape[0]
    yield Case(face, "", 0.0, clean, clean)
    step = int(np.random.default_rng([seed, index]).integers(1, len(faces)))
    other = images.resize_labels(faces[(index + step) % len(faces)].labels, face.labels.shape)
    for number, (name, perturbation) in enumerate(PERTURBATIONS.items()):
        if names is not None and name not in names:
            continue
        for severity in perturbation.severities[-1:] if worst else perturbation.severities:
            rng = np.random.default_rng([seed, index, number])
            wanted = perturb(name, severity, face.labels, rng, other=other, size=size)
            yield Case(
                face, name, severity, wanted, clean if perturbation.kind == "noise" else wanted
            )


def measure(
    systems: Mapping[str, System],
    judge: Judge,
    faces: Sequence[HeldOutFace],
    *,
    seed: int = 0,
    names: Sequence[str] | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Measures systems by name on faces of one size; the figures as plain values for JSON.

    `names` are the perturbations to use (None: all). docs/evaluation.md says what the figures mean.
    Raises `ConfigError` for fewer than two faces, an unknown perturbation, a system called "photo",
    and one that takes no labels.
    """
    if len(faces) < 2 or len({face.photo.shape for face in faces}) > 1:
        raise ConfigError(
            f"{len(faces)} faces of {len({face.photo.shape for face in faces})} sizes; expected at "
            "least 2 faces of one size."
        )
    unknown = [name for name in names or () if name not in PERTURBATIONS]
    if unknown:
        raise ConfigError(
            f"Unknown perturbation {unknown[0]!r}; there are: {', '.join(PERTURBATIONS)}."
        )
    if PHOTO in systems:
        raise ConfigError(f"{PHOTO!r} is the photo as it is; call the system something else.")
    measured: dict[str, System] = {PHOTO: unchanged, **systems}
    records: Records = {}
    for index in tqdm(
        range(len(faces)), "measure", unit="face", disable=None if progress else True
    ):
        plain: dict[str, Pixels] = {}
        seen = judge(faces[index].photo)
        for case in cases(faces, index, seed, names):
            for system, draw in measured.items():
                picture = draw(case.request)
                if picture is None:
                    raise ConfigError(f"{system} takes no labels; there is nothing to measure.")
                found = seen if system == PHOTO else judge(picture)
                base = plain.setdefault(system, picture)
                record = records.setdefault((system, case.name, case.severity), Record())
                _enter(record, case, picture, base, found)
    return {
        "faces": len(faces),
        "size": faces[0].photo.shape[0],
        "seed": seed,
        "systems": report(records, list(measured), seed),
    }


def _enter(record: Record, case: Case, picture: Pixels, base: Pixels, found: Labels) -> None:
    """Puts one picture of a case into a record: `base` is the system's picture of the labels as
    they are, `found` what the judge sees in the picture."""
    record.counts.append(confusion(case.truth, found))
    changed = case.truth != clean_labels(case.face)
    record.changed.append(int(changed.sum()))
    record.followed.append(int((found == case.truth)[changed].sum()))
    outside = ~regions.dilate(changed, MARGIN * picture.shape[0] / FRAME)
    record.from_photo.append(difference(picture, case.face.photo, outside))
    record.from_render.append(difference(picture, base, outside))


def report(records: Records, systems: Sequence[str], seed: int) -> dict[str, Any]:
    """Figures per system, and areas under its curves with the same draws of faces for all. The
    second system is the one that later ones are compared with."""
    found: dict[str, Any] = {}
    areas: dict[str, dict[str, Floats]] = {}
    names = list(dict.fromkeys(name for _, name, _ in records if name))
    for system in systems:
        start = records[system, "", 0.0]
        curves: dict[str, Any] = {}
        samples: dict[str, Floats] = {}
        for name in names:
            perturbation = PERTURBATIONS[name]
            followed = {s: records[system, name, s] for s in perturbation.severities}
            stages = [start, *followed.values()]
            samples[name] = _area(name, [_samples(stage, seed) for stage in stages])
            curves[name] = {
                "kind": perturbation.kind,
                "unit": perturbation.unit,
                "none": perturbation.none,
                "severities": [
                    {"severity": severity, **_figures(record, seed, perturbation.kind == "edit")}
                    for severity, record in followed.items()
                ],
                **_estimate("area", samples[name]),
            }
        areas[system] = _means(samples)
        found[system] = {
            "unperturbed": _figures(start, seed, False) | {"from_photo": _mean(start.from_photo)},
            "perturbations": curves,
            "areas": {kind: _estimate("area", values) for kind, values in areas[system].items()},
        }
    for system in systems[2:]:
        # Drawn alike, so the interval is of the difference, not of two figures beside each other.
        found[system]["areas_above"] = {
            systems[1]: {
                kind: _estimate("area", values - areas[systems[1]][kind])
                for kind, values in areas[system].items()
            }
        }
    return found


def _samples(record: Record, seed: int) -> Floats:
    """Mean IoU of all faces, then of every draw of them, (1 + R,)."""
    counts = np.stack(record.counts)
    return np.concatenate([[whole(counts, mean_iou)], resampled(counts, mean_iou, seed)])


def _area(name: str, stages: Sequence[Floats]) -> Floats:
    """Area under mean IoU from no perturbation (0) to the highest severity (1), per draw."""
    perturbation = PERTURBATIONS[name]
    severities = np.asarray([perturbation.none, *perturbation.severities], np.float64)
    place = (severities - severities[0]) / (severities[-1] - severities[0])
    heights = np.stack(stages)
    area: Floats = (np.diff(place)[:, None] * (heights[1:] + heights[:-1]) / 2).sum(0)
    return area


def _means(samples: Mapping[str, Floats]) -> dict[str, Floats]:
    """Mean areas over the perturbations of a kind, and over all."""
    groups = {"noise": ("noise",), "edit": ("edit",), "all": ("noise", "edit")}
    chosen = {
        group: [values for name, values in samples.items() if PERTURBATIONS[name].kind in kinds]
        for group, kinds in groups.items()
    }
    return {group: np.mean(values, axis=0) for group, values in chosen.items() if values}


def _figures(record: Record, seed: int, edit: bool) -> dict[str, Any]:
    counts = np.stack(record.counts)
    sums = redrawn(counts, seed)
    figures: dict[str, Any] = {}
    for name, figure in (("miou", mean_iou), ("accuracy", accuracy)):
        values = np.concatenate([[whole(counts, figure)], figure(sums)])
        figures |= _estimate(name, values)
    if edit:
        changed = sum(record.changed)
        figures |= {
            "changed": round(changed / sum(int(each.sum()) for each in record.counts), 5),
            "following": round(sum(record.followed) / changed, 5) if changed else None,
            "from_photo": _mean(record.from_photo),
            "from_render": _mean(record.from_render),
        }
    return figures


def _estimate(name: str, values: Floats) -> dict[str, Any]:
    """A figure, first of `values`, with the interval of the draws that follow it."""
    low, high = interval(values[1:])
    return {name: round(float(values[0]), 5), f"{name}_95": [round(low, 5), round(high, 5)]}


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)
