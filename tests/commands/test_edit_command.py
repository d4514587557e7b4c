"""What `edit` and `parse` write for aligned crops, whatever the form of the photo."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_lines import EDIT, edit, pixels, wanted
from PIL import Image

from maskgan import cli, images
from maskgan.bundle import default_folder
from maskgan.labels import IDS, PALETTE_A, colorize
from maskgan.samples import FACE, LABELS
from tiny_bundle import SIDE, face_labels

Refuses = Callable[..., str]


def test_edit_writes_the_photo_with_only_that_change(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(EDIT) == 0
    np.testing.assert_array_equal(pixels("out.png"), colorize(wanted()))
    assert capsys.readouterr().out.startswith("Wrote out.png: ")


def test_edit_as_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*EDIT, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {
        "output",
        "size",
        "changed_pixels",
        "changed_fraction",
        "seconds",
        "faces_edited",
        "face",
        "faces_found",
        "transform",
    }
    assert report["transform"] == np.eye(3).tolist()
    assert (report["faces_edited"], report["face"], report["faces_found"]) == (1, 1, 1)
    assert report["output"] == "out.png"
    assert report["size"] == [SIDE, SIDE]
    assert report["changed_fraction"] == report["changed_pixels"] / SIDE**2
    assert 0 < report["changed_fraction"] < 0.2
    assert report["seconds"] > 0


def test_edit_without_a_change_equals_the_photo(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(edit(labels="labels.png")) == 0
    np.testing.assert_array_equal(pixels("out.png"), pixels("face.png"))
    assert "change nothing" in capsys.readouterr().out


def test_source_labels_decide_what_changed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*EDIT, "--source-labels", "new.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed_pixels"] == 0
    np.testing.assert_array_equal(pixels("out.png"), pixels("face.png"))


@pytest.mark.skipif(
    not (default_folder() / "manifest.json").is_file(), reason="the package has no bundle"
)
def test_regions_are_dyed(tmp_path: Path) -> None:
    output = tmp_path / "dyed.png"
    words = ["edit", str(FACE), "--aligned", "--output", str(output)]
    assert cli.main([*words, "--colour", "hair=#3c5abe,lips=crimson"]) == 0
    labels, edited = images.read_labels(LABELS), images.read(output)
    hair, lips = labels == IDS["hair"], np.isin(labels, [IDS["u_lip"], IDS["l_lip"]])
    assert edited[hair][:, 2].mean() > edited[hair][:, 0].mean() + 60
    assert edited[lips][:, 0].mean() > edited[lips][:, 2].mean() + 80


@pytest.mark.parametrize("text", ["hair", "hair=", "=red", "hair=redd", "hair=#12", ""])
def test_colours_that_are_none(refuses: Refuses, place: Path, text: str) -> None:
    said = refuses(*edit(labels="labels.png"), "--colour", text)
    assert "is not a region and its colour such as hair=#b5651d" in said


def test_a_style_of_everything_leaves_nothing_to_dye(refuses: Refuses, place: Path) -> None:
    said = refuses(*EDIT, "--style", "face.png", "--colour", "hair=red")
    assert "--style without --regions takes everything" in said


def test_style_of_regions(place: Path) -> None:
    # The tiny parser knows classes by colour, so the reference is only a little darker.
    darker = np.maximum(pixels("face.png"), 10) - 10
    images.write("style.png", darker)
    reference = ["--style", "style.png", "--regions", "skin"]
    assert cli.main([*edit(labels="labels.png"), *reference]) == 0
    skin = face_labels() == IDS["skin"]
    changed = (pixels("out.png") != pixels("face.png")).any(axis=2)
    np.testing.assert_array_equal(changed, skin)
    np.testing.assert_array_equal(pixels("out.png")[skin], darker[skin])


def test_a_style_needs_no_labels(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images.write("style.png", np.maximum(pixels("face.png"), 10) - 10)
    words = ["face.png", "--output", "out.png", "--aligned"]
    reference = ["--style", "style.png", "--regions", "skin"]
    own = ["--source-labels", "labels.png"]
    assert cli.main(["edit", *words, *own, *reference]) == 0
    skin = face_labels() == IDS["skin"]
    changed = (pixels("out.png") != pixels("face.png")).any(axis=2)
    np.testing.assert_array_equal(changed, skin)
    capsys.readouterr()
    for command, output in (("edit", "none.png"), ("animate", "none.gif")):
        assert cli.main([command, "face.png", "--output", output, "--aligned"]) == 2
        said = capsys.readouterr().err
        assert "Nothing is asked for; give the wanted labels (--labels), another photo's" in said


def test_style_of_everything(place: Path) -> None:
    shutil.copy("face.png", "style.png")
    assert cli.main([*EDIT, "--style", "style.png", "--json"]) == 0
    np.testing.assert_array_equal(pixels("out.png"), colorize(wanted()))


def test_another_bundle(place: Path, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maskgan.bundle.default_folder", lambda: place / "absent")
    assert cli.main([*EDIT, "--bundle", str(written)]) == 0
    np.testing.assert_array_equal(pixels("out.png"), colorize(wanted()))


def test_parse_writes_an_index_png(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["parse", "face.png", "--output", "found.png", "--aligned"]) == 0
    with Image.open("found.png") as picture:
        assert picture.mode == "P"
        assert picture.info[images.ORDER_KEY] == "A"
        assert picture.getpalette()[: 3 * len(PALETTE_A)] == [c for rgb in PALETTE_A for c in rgb]
    np.testing.assert_array_equal(images.read_labels("found.png"), face_labels())
    assert capsys.readouterr().out == "Wrote found.png: 64x64 labels.\n"


# Photos of every kind


UNUSUAL = ("cmyk", "16 bit", "rgba", "grey", "palette", "exif")


def write_unusual(kind: str) -> tuple[str, np.ndarray]:
    """Saves face.png in another form; returns the file's name and the RGB pixels one sees."""
    with Image.open("face.png") as picture:
        plain = picture.convert("RGB")
    grey = plain.convert("L")
    if kind == "16 bit":
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save("photo.png")
        return "photo.png", np.asarray(grey.convert("RGB"))
    if kind == "exif":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned 90 degrees clockwise for viewing
        plain.transpose(Image.Transpose.ROTATE_90).save("photo.png", exif=exif)
        return "photo.png", np.asarray(plain)
    if kind == "rgba":
        plain.putalpha(Image.new("L", plain.size, 90))
        plain.save("photo.png")
        return "photo.png", np.asarray(plain.convert("RGB"))
    changed = {"cmyk": plain.convert("CMYK"), "grey": grey, "palette": plain.quantize(32)}[kind]
    changed.save("photo.tif")
    return "photo.tif", np.asarray(changed.convert("RGB"))


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_photos_are_edited(place: Path, kind: str) -> None:
    name, expected = write_unusual(kind)
    assert cli.main([*edit(photo=name), "--source-labels", "labels.png"]) == 0
    result = pixels("out.png")
    if kind == "rgba":
        assert (result[:, :, 3] == 90).all()
        result = result[:, :, :3]
    assert result.shape == (SIDE, SIDE, 3)
    # Far from the mouth the photo is there to the bit, upright and in RGB.
    np.testing.assert_array_equal(result[:32], expected[:32])
    np.testing.assert_array_equal(result[55:], expected[55:])
    assert (result != expected).any()
