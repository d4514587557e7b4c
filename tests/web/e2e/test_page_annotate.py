"""Annotate mode: photos of a folder come parsed, what is painted is in the files of the dataset,
keys go on to the next photo, and a reload finds it all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from editor_page import EditorPage
from playwright.sync_api import expect
from server_process import ServerProcess

from maskgan import images, samples
from maskgan.labels import IDS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos to annotate."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("anna.png", "bert.png"):
        shutil.copy(samples.FACE, photos / name)
    return photos


@pytest.fixture
def annotating(folder: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    output = tmp_path / "dataset"
    words = ("--annotate", str(folder), "--output", str(output), "--aligned")
    process = ServerProcess(tmp_path / "log.txt", *words)
    process.start()
    yield process
    process.kill()


def test_what_is_painted_is_in_the_dataset(
    annotating: ServerProcess, new_editor: Callable[..., EditorPage], tmp_path: Path
) -> None:
    editor = new_editor(address=annotating.address)
    place, saving = editor.part("annotate-place"), editor.part("annotate-saving")
    expect(place).to_contain_text("anna.png")
    expect(editor.part("annotate-progress")).to_have_text("0 of 2 done")
    editor.choose("eye_g")
    editor.paint([(200, 300), (300, 300)])
    expect(saving).to_have_text("Saved")
    editor.part("stage").focus()
    editor.page.keyboard.press("d")
    expect(place).to_contain_text("bert.png")
    expect(editor.part("annotate-progress")).to_have_text("1 of 2 done")

    (path,) = (tmp_path / "dataset" / "labels").glob("*.png")
    saved = images.read_labels(path)
    assert (saved[300, 200:300] == IDS["eye_g"]).all()
    assert (saved == IDS["skin"]).any()

    editor.settled()
    editor.page.reload()
    expect(editor.part("annotate-progress")).to_have_text("1 of 2 done")
    editor.part("annotate-previousPhoto").click()
    expect(place).to_contain_text("anna.png")
