"""The measurement, with systems and a judge of which it is known what they must score."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from painted_faces import SIDE, follow, ignore, painted_faces, read_colors

from maskgan.editing import regions
from maskgan.errors import ConfigError
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.perturbations import PERTURBATIONS
from maskgan.evaluation.requests import Request, clean_labels
from maskgan.evaluation.robustness import MARGIN, cases, measure
from maskgan.images import Pixels

EDITS = [name for name, each in PERTURBATIONS.items() if each.kind == "edit"]
NOISE = [name for name, each in PERTURBATIONS.items() if each.kind == "noise"]


@pytest.fixture(scope="module")
def faces() -> list[HeldOutFace]:
    return painted_faces(4)


@pytest.fixture(scope="module")
def report(faces: list[HeldOutFace]) -> dict[str, Any]:
    systems = {"follows": follow, "ignores": ignore}
    return measure(systems, read_colors, faces, seed=2, progress=False)


def test_the_report_is_plain_and_covers_everything(report: dict[str, Any]) -> None:
    assert json.loads(json.dumps(report)) == report
    assert (report["faces"], report["size"], report["seed"]) == (4, SIDE, 2)
    assert list(report["systems"]) == ["photo", "follows", "ignores"]
    for system in report["systems"].values():
        assert list(system["perturbations"]) == list(PERTURBATIONS)
        for name, curve in system["perturbations"].items():
            found = [stage["severity"] for stage in curve["severities"]]
            assert found == list(PERTURBATIONS[name].severities)
            for stage in curve["severities"]:
                low, high = stage["miou_95"]
                assert 0 <= low <= high <= 1


def test_who_draws_what_is_wanted_is_perfect_on_edits(report: dict[str, Any]) -> None:
    system = report["systems"]["follows"]
    assert system["unperturbed"]["miou"] == system["unperturbed"]["accuracy"] == 1
    for name in EDITS:
        curve = system["perturbations"][name]
        assert (curve["area"], curve["area_95"]) == (1, [1, 1])
        for stage in curve["severities"]:
            assert (stage["miou"], stage["accuracy"], stage["following"]) == (1, 1, 1)
            assert stage["from_photo"] == stage["from_render"] == 0
            assert stage["changed"] > 0
    assert system["areas"]["edit"] == {"area": 1, "area_95": [1, 1]}
    for name in NOISE:
        assert system["perturbations"][name]["area"] < 1, name
        assert "following" not in system["perturbations"][name]["severities"][0]


def test_who_ignores_the_labels_is_the_photo_unchanged(report: dict[str, Any]) -> None:
    """Perfect against noise, which the photo never heard of, and wrong about every edit."""
    photo, ignores = report["systems"]["photo"], report["systems"]["ignores"]
    for key in ("unperturbed", "perturbations", "areas"):
        assert ignores[key] == photo[key]
    assert photo["areas"]["noise"]["area"] == 1
    for name in EDITS:
        for stage in photo["perturbations"][name]["severities"]:
            assert stage["miou"] < 1
            assert stage["following"] == 0
    assert photo["areas"]["all"]["area"] == pytest.approx(
        np.mean([curve["area"] for curve in photo["perturbations"].values()]), abs=1e-5
    )


def test_systems_are_compared_draw_by_draw(report: dict[str, Any]) -> None:
    systems = report["systems"]
    assert "areas_above" not in systems["follows"]
    above = systems["ignores"]["areas_above"]["follows"]
    for kind in ("noise", "edit", "all"):
        gap = systems["ignores"]["areas"][kind]["area"] - systems["follows"]["areas"][kind]["area"]
        assert above[kind]["area"] == pytest.approx(gap, abs=2e-5)
    assert above["edit"]["area_95"][1] < 0 < above["noise"]["area_95"][0]


def test_an_area_is_that_under_the_curve(report: dict[str, Any]) -> None:
    system = report["systems"]["follows"]
    stages = system["perturbations"]["unlabelled edges"]["severities"]
    x = np.asarray([0, 2, 5, 8]) / 8
    y = np.asarray([system["unperturbed"]["miou"], *(stage["miou"] for stage in stages)])
    expected = float(np.trapezoid(y, x))
    found = system["perturbations"]["unlabelled edges"]["area"]
    assert found == pytest.approx(expected, abs=2e-5)


def test_the_same_seed_gives_the_same_figures(
    faces: list[HeldOutFace], report: dict[str, Any]
) -> None:
    names = ["strokes", "unlabelled at random"]
    part = measure({"f": follow}, read_colors, faces, seed=2, names=names, progress=False)
    for name in names:
        before = report["systems"]["follows"]["perturbations"][name]
        assert part["systems"]["f"]["perturbations"][name] == before
    other = measure({"f": follow}, read_colors, faces, seed=3, names=names, progress=False)
    assert other["systems"]["f"]["perturbations"] != part["systems"]["f"]["perturbations"]
    assert list(part["systems"]["f"]["areas"]) == ["noise", "edit", "all"]


def test_what_changes_outside_an_edit_is_counted_there_only(faces: list[HeldOutFace]) -> None:
    """A system that adds 3 everywhere once the labels change, and 50 near the edit."""

    def brighter(request: Request) -> Pixels:
        changed = request.labels != request.wanted
        near = regions.dilate(changed, MARGIN * SIDE / 512)
        steps = np.where(near[..., None], 50, 3 if changed.any() else 2)
        return (request.photo // 2 + steps).astype(np.uint8)

    found = measure({"b": brighter}, read_colors, faces, names=["strokes"], progress=False)
    for stage in found["systems"]["b"]["perturbations"]["strokes"]["severities"]:
        assert stage["from_render"] == 1
        assert stage["from_photo"] > 1


def test_noise_keeps_the_truth_and_an_edit_is_the_truth(faces: list[HeldOutFace]) -> None:
    clean = clean_labels(faces[1])
    first, *others = cases(faces, 1, seed=0)
    assert first.name == ""
    assert np.array_equal(first.wanted, clean)
    assert len(others) == sum(len(each.severities) for each in PERTURBATIONS.values())
    for case in others:
        truth = clean if PERTURBATIONS[case.name].kind == "noise" else case.wanted
        assert np.array_equal(case.truth, truth)
    worst = list(cases(faces, 1, seed=0, worst=True))[1:]
    assert [case.name for case in worst] == list(PERTURBATIONS)
    for case in worst:
        assert case.severity == PERTURBATIONS[case.name].severities[-1]
        same = [each for each in others if (each.name, each.severity) == (case.name, case.severity)]
        assert np.array_equal(case.wanted, same[0].wanted)


def test_what_cannot_be_measured_is_a_sentence(faces: list[HeldOutFace]) -> None:
    with pytest.raises(ConfigError, match=r"1 faces of 1 sizes; expected at least 2 faces"):
        measure({"f": follow}, read_colors, faces[:1])
    with pytest.raises(ConfigError, match=r"'photo' is the photo as it is; call the system"):
        measure({"photo": follow}, read_colors, faces)
    with pytest.raises(ConfigError, match="Unknown perturbation 'bent'; there are: downsampled"):
        measure({"f": follow}, read_colors, faces, names=["bent"])
