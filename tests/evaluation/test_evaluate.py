"""Whole evaluations, with systems and a judge of which it is known what they must score."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from painted_faces import follow, ignore, painted_faces, read_colors

from maskgan import images
from maskgan.errors import ConfigError, OutputError
from maskgan.evaluation.compare import COLUMNS, MEANINGS, read_report, table
from maskgan.evaluation.evaluate import Evaluation, evaluate
from maskgan.evaluation.examiner import Judges, spread
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.journal import VERDICTS
from maskgan.evaluation.likeness import Eyes
from maskgan.evaluation.perturbations import PERTURBATIONS
from maskgan.evaluation.requests import EVERYTHING, Request, System
from maskgan.evaluation.robustness import measure as measure_robustness
from maskgan.evaluation.systems import open_system
from maskgan.evaluation.tasks import Plan
from maskgan.evaluation.written import write_requests
from maskgan.images import Pixels
from maskgan.labels import IDS, colorize

PLAN = Plan(robustness_faces=2, diversity_faces=2, drawn=2)
BRIEF = replace(PLAN, robustness_faces=0, diversity_faces=0, drawn=0)
JUDGES = Judges(read_colors, None, Eyes())


@pytest.fixture(scope="module")
def faces() -> list[HeldOutFace]:
    return [
        replace(face, attributes={"Smiling": number % 2})
        for number, face in enumerate(painted_faces(12))
    ]


def evaluation(
    faces: list[HeldOutFace], system: System, name: str, plan: Plan = PLAN, **more: Any
) -> Evaluation:
    described = {"name": name, "kind": "function"}
    return Evaluation(system, described, faces, JUDGES, {"parser": "colours"}, plan, **more)


def run(
    faces: list[HeldOutFace], system: System, name: str, folder: Path, plan: Plan = PLAN
) -> dict[str, Any]:
    return evaluate(evaluation(faces, system, name, plan), folder, progress=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def perfect(faces: list[HeldOutFace], folder: Path) -> dict[str, Any]:
    return run(faces, follow, "perfect", folder / "perfect")


@pytest.fixture(scope="module")
def idle(faces: list[HeldOutFace], folder: Path) -> dict[str, Any]:
    return run(faces, ignore, "idle", folder / "idle")


def tasks(report: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    found = [each for task, each in report["tasks"].items() if task.startswith(prefix)]
    assert found, prefix
    return found


def test_who_draws_what_is_asked_scores_exactly(perfect: dict[str, Any]) -> None:
    for task in tasks(perfect, "edit/") + tasks(perfect, "transfer/"):
        for name in ("following", "miou", "accuracy"):
            assert task["system"][name]["value"] == 1
        assert task["system"]["from_photo"]["value"] == 0
        assert task["system"]["from_render"]["value"] == 0
    (anew,) = tasks(perfect, "reconstruction")
    assert anew["system"]["psnr"]["value"] == 100
    assert anew["system"]["ssim"]["value"] == 1
    assert "ms_ssim" not in anew["system"]  # 64 px are too few for five scales
    assert perfect["edits"]["system"]["following"]["value"] == 1
    assert perfect["robustness"]["system"]["areas"]["edit"]["area"] == 1


def test_who_does_nothing_scores_as_the_photo_left_as_it_is(idle: dict[str, Any]) -> None:
    """The floor: it follows no edit, and loses nothing."""
    for task in tasks(idle, "edit/") + tasks(idle, "transfer/"):
        assert task["system"]["following"]["value"] == 0
        assert task["system"] == task["photo"]
    assert idle["robustness"]["system"]["areas"] == idle["robustness"]["photo"]["areas"]
    (style,) = (idle["tasks"]["style"],)
    assert style["system"]["color_left"]["value"] == style["photo"]["color_left"]["value"] == 1
    assert idle["tasks"]["diversity"]["system"]["spread"]["value"] == 0


def test_the_donor_s_pixels_follow_but_are_no_system(perfect: dict[str, Any]) -> None:
    for task in tasks(perfect, "transfer/"):
        assert 0 < task["paste"]["following"]["value"] < 1
    assert "paste" not in perfect["tasks"]["edit/mouth"]


def test_wrong_labels_score_the_floor(faces: list[HeldOutFace], tmp_path: Path) -> None:
    def wrong(request: Request) -> Pixels:
        return colorize(((request.wanted.astype(int) + 7) % 19).astype(np.uint8))

    report = run(faces, wrong, "wrong", tmp_path / "report", BRIEF)
    for task in tasks(report, "edit/") + tasks(report, "reconstruction"):
        assert task["system"]["accuracy"]["value"] == 0
        assert task["system"]["miou"]["value"] == 0
    assert report["edits"]["system"]["following"]["value"] == 0
    assert tasks(report, "reconstruction")[0]["system"]["psnr"]["value"] < 12


def test_a_look_that_is_taken_comes_near_and_leaks_nowhere(
    faces: list[HeldOutFace], tmp_path: Path
) -> None:
    """Photos in two lights: an editor that takes the light of the donor for the regions asked."""
    lit = [
        replace(face, photo=face.photo // (2 if number % 2 else 1))
        for number, face in enumerate(faces)
    ]

    def relight(request: Request) -> Pixels:
        picture = colorize(request.wanted)
        dark = picture // 2
        own = dark if request.face.photo.max() < 128 else picture
        if not request.look or request.donor is None:
            return own
        theirs = dark if request.donor.photo.max() < 128 else picture
        if request.look == (EVERYTHING,):
            return theirs
        chosen = np.isin(request.wanted, [IDS[name] for name in request.look])
        return np.where(chosen[:, :, None], theirs, own)

    report = run(lit, relight, "relight", tmp_path / "report", replace(BRIEF, diversity_faces=2))
    for task in ("style", "style/hair", "style/lips", "style/skin"):
        found = report["tasks"][task]
        assert found["system"]["color"]["value"] < 1
        assert found["system"]["color_left"]["value"] < 0.05
        assert found["photo"]["color_left"]["value"] == 1
        if task != "style":
            assert found["system"]["leak"]["value"] == 0
    assert report["tasks"]["diversity"]["system"]["spread"]["value"] > 5


def test_robustness_is_what_its_own_measurement_says(
    faces: list[HeldOutFace], perfect: dict[str, Any]
) -> None:
    """The same figures from the verdicts as from the pictures."""
    found = perfect["robustness"]["system"]["perturbations"]
    assert list(found) == list(PERTURBATIONS)
    names = ["eroded", "strokes"]  # which take nothing of other faces
    measured = measure_robustness(
        {"system": follow}, read_colors, faces[:2], names=names, progress=False
    )
    for name in names:
        assert found[name] == measured["systems"]["system"]["perturbations"][name]


def test_the_report_is_plain_and_says_what_it_is_of(
    faces: list[HeldOutFace], perfect: dict[str, Any], folder: Path
) -> None:
    assert read_report(folder / "perfect") == json.loads(json.dumps(perfect))
    assert perfect["system"] == {"name": "perfect", "kind": "function"}
    protocol = perfect["protocol"]
    assert (protocol["faces"], protocol["size"], protocol["seed"]) == (12, 64, 0)
    assert len(protocol["faces_sha256"]) == 64
    assert set(perfect) >= {"tasks", "edits", "distances", "robustness", "groups", "worst"}
    place = folder / "perfect" / "pictures" / "edit" / "mouth"
    assert {path.stem for path in place.iterdir()} <= {face.name for face in faces}


def test_a_killed_evaluation_goes_on_to_the_same_report(
    faces: list[HeldOutFace], perfect: dict[str, Any], tmp_path: Path
) -> None:
    class Killed(Exception):
        pass

    drawn: list[str] = []

    def dies(request: Request) -> Pixels:
        drawn.append(request.face.name)
        if len(set(drawn)) > 4:
            raise Killed
        return follow(request)

    folder = tmp_path / "report"
    with pytest.raises(Killed):
        run(faces, dies, "perfect", folder)
    assert not (folder / "report.json").exists()
    lines = (folder / VERDICTS).read_text().splitlines()
    assert len(lines) == 4
    with open(folder / VERDICTS, "a") as file:
        file.write('{"face": "painted-4", "verd')  # what a killed process leaves
    asked: list[str] = []

    def goes_on(request: Request) -> Pixels:
        asked.append(request.face.name)
        return follow(request)

    report = run(faces, goes_on, "perfect", folder)
    assert not {"painted-0", "painted-3"} & set(asked)
    assert "painted-4" in asked
    for part in ("tasks", "edits", "robustness", "worst", "protocol"):
        assert report[part] == perfect[part]


def test_faces_side_by_side_say_the_same(
    faces: list[HeldOutFace], perfect: dict[str, Any], tmp_path: Path
) -> None:
    report = evaluate(
        evaluation(faces, follow, "perfect"), tmp_path / "report", workers=3, progress=False
    )
    for part in ("tasks", "edits", "robustness"):
        assert report[part] == perfect[part]


def test_verdicts_of_another_protocol_are_not_mixed(
    faces: list[HeldOutFace], perfect: dict[str, Any], folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match=r"holds an evaluation with another system; name a new"):
        run(faces, follow, "another", folder / "perfect")
    with pytest.raises(OutputError, match=r"with another faces and faces_sha256; name a new"):
        run(faces[:11], follow, "perfect", folder / "perfect")
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"is not empty and holds no evaluation"):
        run(faces, follow, "perfect", tmp_path)
    with pytest.raises(ConfigError, match=r"1 faces of 1 sizes; expected at least 2"):
        run(faces[:1], follow, "perfect", tmp_path / "new")


def test_groups_are_compared(faces: list[HeldOutFace], tmp_path: Path) -> None:
    """An editor that works for the first half of the people alone."""
    half = {face.name for face in faces[:6]}

    def unfair(request: Request) -> Pixels:
        return follow(request) if request.face.name in half else ignore(request)

    groups = {"these": sorted(half), "those": [face.name for face in faces[6:]]}
    found = evaluate(
        evaluation(faces, unfair, "unfair", BRIEF, groups=groups),
        tmp_path / "report",
        progress=False,
    )["groups"]["edits followed"]
    assert found["groups"]["these"]["value"] == 1
    assert found["groups"]["those"]["value"] == 0
    assert (found["gap"], found["between"]) == (1, ["those", "these"])


def test_what_a_system_cannot_do_is_left_out(faces: list[HeldOutFace], tmp_path: Path) -> None:
    """As one that changes attributes and takes no labels."""

    def attributes_alone(request: Request) -> Pixels | None:
        return request.face.photo if request.attributes else None

    report = run(faces, attributes_alone, "attributes", tmp_path / "report", BRIEF)
    assert {task for task, found in report["tasks"].items() if "system" in found} == {
        "transfer/Smiling",
        "transfer/not-Smiling",
        "slider/smile",
    }
    assert report["robustness"] == {}
    assert "system" not in report["edits"]
    line = table([report]).splitlines()[-1]
    assert line.startswith("| attributes |")


def test_pictures_of_another_editor_score_as_it_would_itself(
    faces: list[HeldOutFace], perfect: dict[str, Any], tmp_path: Path
) -> None:
    """Requests are written, an editor that this code does not run draws them, its folder is
    measured."""
    asked, made = tmp_path / "asked", tmp_path / "made"
    count = write_requests(faces, PLAN, asked, progress=False)
    described = json.loads((asked / "requests.json").read_text())
    assert (len(described["requests"]), described["size"]) == (count, 64)
    for request in described["requests"]:
        wanted = images.read_labels(asked / request["wanted"])
        assert (asked / request["photo"]).is_file()
        assert (asked / request["labels"]).is_file()
        if "donor_photo" in request:
            assert (asked / request["donor_photo"]).is_file()
        path = made / request["picture"]
        path.parent.mkdir(parents=True, exist_ok=True)
        images.write(path, colorize(wanted))
    (made / "system.json").write_text('{"name": "perfect", "size": 64}')
    report = run(faces, open_system(made), "perfect", tmp_path / "report")
    for part in ("tasks", "edits", "robustness"):
        assert report[part] == perfect[part]
    with pytest.raises(OutputError, match=r"is not empty; name a new folder for the requests"):
        write_requests(faces, PLAN, asked, progress=False)


def test_reports_stand_beside_one_another(perfect: dict[str, Any], idle: dict[str, Any]) -> None:
    lines = table([perfect, idle]).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| perfect", "| idle"]
    assert lines[0].split(" | ")[2] == "edits followed"
    assert [line.split(" | ")[2] for line in lines[2:]] == ["1.000", "0.000"]
    assert COLUMNS.keys() == MEANINGS.keys()
    stranger = {**idle, "protocol": {**idle["protocol"], "seed": 5}}
    with pytest.raises(ConfigError, match=r"reports of perfect and idle differ in seed; only"):
        table([perfect, stranger])


def test_what_is_no_report_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"report.json is no report of `maskgan evaluate`"):
        read_report(tmp_path)
    (tmp_path / "report.json").write_text('{"format": 2}')
    with pytest.raises(ConfigError, match=r"has format 2; this version of maskgan reads format 1"):
        read_report(tmp_path)


def test_spread_is_between_every_two() -> None:
    pictures = [np.full((4, 4, 3), value, np.uint8) for value in (0, 10, 40)]
    assert spread(pictures) == pytest.approx((10 + 40 + 30) / 3)
    assert spread([pictures[0]] * 3) == 0
    assert math.isnan(spread(pictures[:1]))
