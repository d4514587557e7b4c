"""`python -m maskgan.samples`: the pictures that show what an edit is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from maskgan import images, samples
from maskgan.bundle import default_folder
from maskgan.samples import drawing
from maskgan.samples.__main__ import GAP, MOVES, OUTPUT, SHEET, SHOWN, SMALL

COLUMNS = 4 + len(MOVES)
"""The face, what sliders make of it, dyed, with spectacles, and in a cap."""


@pytest.mark.skipif(
    not (default_folder() / "manifest.json").is_file(), reason="the package has no bundle"
)
def test_two_pictures_are_written(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "maskgan.samples"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str((tmp_path / SHEET).resolve()) in done.stdout
    assert images.read(tmp_path / OUTPUT).shape == (512, 4 * 512 + 3 * GAP, 3)
    sheet = images.read(tmp_path / SHEET).astype(int)
    step = SMALL + GAP
    assert sheet.shape == (len(SHOWN) * step - GAP, COLUMNS * step - GAP, 3)
    for row in range(len(SHOWN)):
        pictures = [
            sheet[row * step :, column * step :][:SMALL, :SMALL] for column in range(COLUMNS)
        ]
        gaps = [np.abs(moved - pictures[0]).max(axis=2) for moved in pictures[1:]]
        # Each moves something, but for short hair, which gets no shorter, and hair as dark as that
        # whose look it gets; none the whole face.
        assert sum(gap.max() > 30 for gap in gaps) >= len(gaps) - 2
        assert max((gap > 12).mean() for gap in gaps) < 0.45


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / OUTPUT.parent).write_text("a file where the folder would be")
    words = [sys.executable, "-m", "maskgan.samples"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 2
    assert done.stderr.startswith("maskgan: error: ")
    assert "Traceback" not in done.stderr


def test_the_sample_faces_can_be_drawn_again(tmp_path: Path) -> None:
    drawing.main(tmp_path)
    drawn = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.png"))
    kept = samples.FOLDER.rglob("*face*.png")
    names = sorted(path.relative_to(samples.FOLDER) for path in kept if "labels" not in path.name)
    assert drawn == names
    for name in names:
        gap = np.abs(images.read(tmp_path / name).astype(int) - images.read(samples.FOLDER / name))
        # To what processors round differently.
        assert gap.mean() < 1, name
