"""Commands on photos of several faces: parse, edit, attribute, batch, verify."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_lines import EDIT, pixels

from finding_bundle import FACE, photo_of, points_of
from maskgan import cli, images
from maskgan.alignment.similarity import Similarity
from maskgan.labels import IDS

Refuses = Callable[..., str]

CORNERS = ((10, 8), (FACE + 20, 20))
"""Of the two faces of two.png."""
MIDDLE = FACE + 15
"""x between the two."""
SMILE = ("attribute", "two.png", "--name", "smile", "--output", "out.png")


@pytest.fixture
def two(place: Path) -> Path:
    """The folder with two.png, a photo of two faces."""
    images.write(place / "two.png", photo_of(CORNERS, FACE + 40, 2 * FACE + 30))
    return place


def points(corner: tuple[int, int]) -> str:
    return ",".join(f"{number:g}" for spot in points_of(corner) for number in spot)


def spot(corner: tuple[int, int]) -> str:
    return f"{corner[0] + FACE // 2},{corner[1] + FACE // 2}"


def halves() -> tuple[bool, bool]:
    """Whether out.png differs from two.png left and right of the middle."""
    different = (pixels("out.png") != pixels("two.png")).any(axis=2)
    return bool(different[:, :MIDDLE].any()), bool(different[:, MIDDLE:].any())


# Which face


def test_parse_says_which_face_it_took(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["parse", "two.png", "--output", "found.png", "--face", "2"]) == 0
    assert capsys.readouterr().out == (
        "Face 2 of 2, in reading order; --face N takes another.\nWrote found.png: 512x512 labels.\n"
    )
    words = ["--output", "at.png", "--point", spot(CORNERS[1]), "--json"]
    assert cli.main(["parse", "two.png", *words]) == 0
    report = json.loads(capsys.readouterr().out)
    transform = report.pop("transform")
    assert report == {"output": "at.png", "size": [512, 512], "face": 2, "faces_found": 2}
    x, y = points_of(CORNERS[1])[2]
    mouth = Similarity(np.asarray(transform), 512).forward((x, y))
    assert np.abs(mouth - (253.4, 381.5)).max() < 30
    np.testing.assert_array_equal(pixels("at.png"), pixels("found.png"))


def test_labels_of_a_found_face_can_be_painted_on(
    two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--points", points(CORNERS[1])]
    assert cli.main(["parse", "two.png", "--output", "new.png", *where]) == 0
    labels = images.read_labels("new.png")
    labels = np.where(labels == IDS["l_lip"], np.uint8(IDS["nose"]), labels)
    images.write_labels("new.png", labels)
    words = ["edit", "two.png", "--labels", "new.png", "--output", "out.png", *where, "--json"]
    capsys.readouterr()
    assert cli.main(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["size"] == [2 * FACE + 30, FACE + 40]
    assert (report["face"], report["faces_found"]) == (1, 1)
    np.testing.assert_allclose(
        report["transform"], Similarity.from_points(*points_of(CORNERS[1])).matrix
    )
    assert halves() == (False, True)


def test_points_may_lie_outside_the_photo(two: Path) -> None:
    images.write("cut.png", pixels("two.png")[:, 90:])
    words = ["parse", "cut.png", "--output", "found.png"]
    assert cli.main([*words, f"--points={points((CORNERS[0][0] - 90, CORNERS[0][1]))}"]) == 0


def test_parse_of_a_folder_as_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "photos").mkdir()
    images.write(place / "photos" / "a.png", pixels("face.png"))
    assert cli.main(["parse", "photos", "--output", "maps", "--aligned", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"output": "maps", "label_maps": 1}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--point", "5"], "argument --point: '5' is not a point such as 120,80"),
        (["--point", "1,2,3"], "argument --point: '1,2,3' is not a point such as 120,80"),
        (["--point", "left,top"], "argument --point: 'left,top' is not a point such as 120,80"),
        (["--points", "1,2,3,4"], "'1,2,3,4' is not right eye, left eye and mouth such as 120,80,"),
        (["--points", "1,2,3,4,5,x"], "argument --points: '1,2,3,4,5,x' is not right eye, left"),
        (["--points", "9,9,9,9,9,9"], "The points coincide"),
        (["--points", "nan,0,9,0,5,9"], "expected three points (x, y) of the photo"),
        (["--points", "60,10,10,10,35,60"], "The eyes are exchanged"),
        (["--face", "1", "--point", "5,5"], "Give one of --aligned, --face, --point and --points"),
    ],
)
def test_places_that_make_no_sense(
    refuses: Refuses, two: Path, words: list[str], sentence: str
) -> None:
    assert sentence in refuses("parse", "two.png", "--output", "out.png", *words)


def test_faces_that_are_not_there(refuses: Refuses, two: Path) -> None:
    said = refuses("parse", "two.png", "--output", "out.png", "--face", "3")
    assert "There is no face 3 in two.png. Found 2 faces (number: box in pixels): 1: " in said
    said = refuses("parse", "two.png", "--output", "out.png", "--point", "2,2")
    assert "No face was found at (2, 2) in two.png. Found 2 faces" in said


# Attributes


def test_attribute_moves_a_slider_of_one_face(
    two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*SMILE, "--strength", "-1", "--face", "2"]) == 0
    assert halves() == (False, True)
    said = capsys.readouterr().out
    assert said.startswith("Face 2 of 2, in reading order; --face N takes another.\nWrote out.png")


def test_attribute_of_every_face(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*SMILE, "--all-faces", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["faces_edited"], report["faces_found"]) == (2, 2)
    assert report["changed_fraction"] == report["changed_pixels"] / 2 / 512**2
    assert halves() == (True, True)


def test_strength_zero_changes_nothing(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--strength", "0", "--points", points(CORNERS[0])]
    assert cli.main([*SMILE, *words]) == 0
    assert halves() == (False, False)
    assert "change nothing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--name", "frown"], "There is no attribute 'frown'; the attributes are smile, mouth"),
        (["--strength", "1.5"], "The strength of smile is 1.5; expected a number from -1 to 1"),
        (["--strength", "nan"], "The strength of smile is nan; expected a number from -1 to 1"),
        (["--strength", "much"], "argument --strength: invalid float value: 'much'"),
        (["--all-faces", "--face", "1"], "--all-faces edits every face that is found; leave out"),
        (["--all-faces", "--aligned"], "--all-faces edits every face that is found; leave out"),
    ],
)
def test_impossible_attributes(
    refuses: Refuses, two: Path, words: list[str], sentence: str
) -> None:
    where = [] if "--all-faces" in words else ["--points", points(CORNERS[0])]
    assert sentence in refuses(*SMILE, *where, *words)


def test_all_faces_of_a_photo_without_one(refuses: Refuses, two: Path) -> None:
    images.write("two.png", photo_of([], 90, 90))
    assert "No face was found in two.png" in refuses(*SMILE, "--all-faces")


# Batches


def test_batch(two: Path, written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"photo": "face.png", "aligned": True, "labels": "new.png", "output": "a.png"},
        {"photo": "two.png", "face": 2, "attribute": {"name": "smile", "strength": 1.0}}
        | {"output": "b.png"},
    ]
    Path("jobs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    words = ["jobs.jsonl", "--output", "done", "--workers", "1", "--bundle", str(written)]
    assert cli.main(["batch", *words]) == 0
    assert capsys.readouterr().out.startswith("Wrote 2 photos into done in ")
    assert cli.main(EDIT) == 0
    np.testing.assert_array_equal(pixels("done/a.png"), pixels("out.png"))
    assert cli.main([*SMILE, "--face", "2"]) == 0
    np.testing.assert_array_equal(pixels("done/b.png"), pixels("out.png"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"photo": "face.png", "output": "a.png"}, "line 1: it asks for no edit; give labels"),
        ({"photo": "face.png", "labels": "new.png"}, "line 1: "),
        (None, "The manifest jobs.jsonl cannot be read: No such file"),
    ],
)
def test_manifests_that_make_no_sense(
    refuses: Refuses, place: Path, line: dict[str, str] | None, sentence: str
) -> None:
    if line is not None:
        Path("jobs.jsonl").write_text(json.dumps(line))
    assert sentence in refuses("batch", "jobs.jsonl", "--output", "done")


# Marks


def test_verify_tells_an_edit_from_a_photo(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unmarked = "No mark says that a trained model had part in it."
    assert cli.main(EDIT) == 0
    capsys.readouterr()
    assert cli.main(["verify", "out.png"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("out.png is a PNG picture of 64x64 pixels.\nIts digital source type is ")
    assert "Its history names maskgan " in said
    assert unmarked not in said
    assert cli.main([*EDIT, "--no-provenance"]) == 0
    for name in ("out.png", "face.png"):
        capsys.readouterr()
        assert cli.main(["verify", name]) == 0
        assert unmarked in capsys.readouterr().out


def test_attribute_without_provenance(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*SMILE, "--points", points(CORNERS[0]), "--no-provenance"]) == 0
    assert halves() == (True, False)
    capsys.readouterr()
    assert cli.main(["verify", "out.png"]) == 0
    assert "No mark says" in capsys.readouterr().out


def test_verify_of_no_picture(refuses: Refuses, place: Path) -> None:
    Path("text.txt").write_text("hello")
    assert "text.txt is not a picture" in refuses("verify", "text.txt")
    assert "none.png cannot be read: No such file" in refuses("verify", "none.png")
