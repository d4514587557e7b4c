"""What `animate` writes, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_lines import pixels
from PIL import Image

from finding_bundle import FACE, photo_of
from maskgan import cli, images
from maskgan.provenance import read_provenance

Refuses = Callable[..., str]

ANIMATE = ("animate", "face.png", "--labels", "new.png", "--aligned")


def size(path: str) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_a_file_holds_the_way_and_the_mark(
    place: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    assert cli.main([*ANIMATE, "--output", f"way.{suffix}", "--frames", "4"]) == 0
    assert capsys.readouterr().out.startswith(f"Wrote way.{suffix}: 4 frames in ")
    with Image.open(f"way.{suffix}") as file:
        assert file.n_frames == 6
    assert read_provenance(f"way.{suffix}").by_model
    words = ["--output", f"plain.{suffix}", "--frames", "2", "--no-provenance"]
    assert cli.main([*ANIMATE, *words]) == 0
    assert not read_provenance(f"plain.{suffix}").by_model


def test_a_folder_begins_with_the_photo_and_ends_with_the_edit(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--output", "frames", "--frames", "3", "--json"]
    assert cli.main([*ANIMATE, *words]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["output"], report["frames"]) == ("frames", 3)
    assert cli.main(["edit", *ANIMATE[1:], "--output", "edited.png"]) == 0
    np.testing.assert_array_equal(pixels("frames/0001.png"), pixels("face.png"))
    np.testing.assert_array_equal(pixels("frames/0003.png"), pixels("edited.png"))


def test_the_crop_or_the_whole_photo_at_a_size(place: Path) -> None:
    images.write(place / "photo.png", photo_of([(10, 8)], FACE + 40, FACE + 90))
    height, width = FACE + 40, FACE + 90
    assert cli.main(["parse", "photo.png", "--output", "is.png"]) == 0
    labels = images.read_labels("is.png", order="A").copy()
    labels[300:320, 200:300] = 10
    images.write_labels("want.png", labels)
    words = ["animate", "photo.png", "--labels", "want.png", "--frames", "2"]
    assert cli.main([*words, "--output", "crop.gif", "--size", "128"]) == 0
    assert size("crop.gif") == (128, 128)
    assert cli.main([*words, "--output", "whole", "--photo"]) == 0
    assert size("whole/0001.png") == (width, height)
    assert cli.main(["edit", *words[1:4], "--output", "edited.png"]) == 0
    np.testing.assert_array_equal(pixels("whole/0002.png"), pixels("edited.png"))


def test_styles_are_animated_too(place: Path) -> None:
    words = ["animate", "face.png", "--labels", "labels.png", "--aligned", "--frames", "2"]
    style = ["--style", "face.png", "--regions", "hair,skin"]
    assert cli.main([*words, *style, "--output", "way.gif"]) == 0
    assert Path("way.gif").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--output", "way.avi"], "the suffix .avi is not known; use .gif, .webp, .mp4"),
        (["--output", "way.gif", "--frames", "1"], "1 frames were asked for"),
        (["--output", "way.gif", "--size", "4"], "--size is 4; expected 16 to 4096"),
        (["--output", "none/way"], "the folder around it does not exist"),
        (["--output", "none/way.gif", "--frames", "2"], "the folder does not exist"),
        (["--output", "."], "there already"),
        (["--output", "way.gif", "--regions", "hair"], "give it with --style"),
    ],
)
def test_what_cannot_be_is_said(refuses: Refuses, words: list[str], sentence: str) -> None:
    assert sentence in refuses(*ANIMATE, *words)


def test_mp4_without_pyav_names_the_extra(place: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['av'] = None\n"
        "from maskgan import cli\n"
        f"sys.exit(cli.main({[*ANIMATE, '--output', 'way.mp4']!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'maskgan[video]'" in done.stderr
    assert not Path("way.mp4").exists()
