"""Annotate mode as a person goes through a folder: correct, next, done, skip, show a face; and what
lies on disk then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from composed_photos import landscape, two_faces, write
from editor_page import EditorPage
from playwright.sync_api import expect
from server_process import ServerProcess
from test_page_looks import serious

from conftest import OpenEditor
from maskgan import images, samples
from maskgan.data.verify import verify
from maskgan.labels import IDS

PATIENCE = 30_000
"""Milliseconds for a photo to be parsed."""
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos: a face, a landscape, two faces."""
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(samples.FACE, photos / "1-face.png")
    write(landscape(), photos / "2-hills.png")
    write(two_faces(), photos / "3-both.png")
    return tmp_path


@pytest.fixture
def annotating(folder: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(
        folder / "log.txt", "--annotate", str(folder / "photos"), "--output", str(folder / "out")
    )
    process.start()
    yield process
    process.kill()


# Here and below the server comes before the tabs: it then ends after they are closed. A page gives
# its session back when it has gone on to another photo, while the test may already be over.
@pytest.fixture
def page(annotating: ServerProcess, new_editor: OpenEditor) -> EditorPage:
    editor = new_editor(address=annotating.address, opened=False)
    load(editor)
    return editor


def load(editor: EditorPage) -> None:
    editor.page.goto(f"{editor.address}/")
    editor.page.locator("html[data-ready=true]").wait_for(state="attached", timeout=PATIENCE)


def at(editor: EditorPage, text: str) -> None:
    """Waits until the bar says which photo is open, and that its labels are safe."""
    expect(editor.part("annotate-place")).to_have_text(text, timeout=PATIENCE)
    expect(editor.part("annotate-saving")).not_to_have_text("Saving")


def paint_hat(editor: EditorPage) -> None:
    editor.choose("hat")
    editor.stroke([(60, 40), (200, 40)])
    expect(editor.part("annotate-saving")).to_have_text("Saved")


def test_a_folder_is_gone_through(page: EditorPage, folder: Path) -> None:
    at(page, "1 of 3: 1-face.png, new")
    expect(page.part("annotate-progress")).to_have_text("0 of 3 done")
    paint_hat(page)
    at(page, "1 of 3: 1-face.png, started")
    assert (folder / "out" / ".annotation" / "00000.png").is_file()
    page.page.keyboard.press("d")
    # The hills show no face; the two faces come next, of which the larger is open.
    at(page, "3 of 3: 3-both.png, new")
    expect(page.part("toast-news").first).to_contain_text("No face was found in 2-hills.png")
    expect(page.part("annotate-progress")).to_have_text("1 of 2 done")
    page.page.keyboard.press("k")
    expect(page.part("toast-news").last).to_contain_text("Nothing is left to do: 1 photo is done")
    at(page, "3 of 3: 3-both.png, skipped")
    assert verify(folder / "out", progress=False, workers=1).ok
    written = images.read_labels(folder / "out" / "labels" / "00000.png")
    assert (written[40, 70:190] == IDS["hat"]).all()
    assert sorted(path.name for path in (folder / "out" / "images").iterdir()) == ["00000.png"]
    assert (folder / "out" / "dataset.json").is_file()


def test_nothing_is_rendered_until_somebody_asks_and_a_reload_finds_all_again(
    page: EditorPage,
) -> None:
    paint_hat(page)
    assert not page.session, "the live channel is open"
    page.part("annotate-renderPhoto").click()
    page.settled()
    assert (page.crop() != page.crop("original")).any()
    page.part("annotate-renderPhoto").click()
    expect(page.part("annotate-renderPhoto")).to_have_attribute("aria-pressed", "false")
    page.page.keyboard.press("PageUp")
    expect(page.part("toast-news").last).to_contain_text("This is the first photo")
    page.page.wait_for_function("() => window.maskgan.kept")
    load(page)
    at(page, "1 of 3: 1-face.png, started")
    expect(page.part("undo")).to_be_enabled()
    page.part("undo").click()
    expect(page.part("annotate-saving")).to_have_text("Saved")


def test_another_start_and_browser_go_on(
    page: EditorPage, annotating: ServerProcess, new_editor: OpenEditor, folder: Path
) -> None:
    paint_hat(page)
    page.part("annotate-donePhoto").click()
    at(page, "3 of 3: 3-both.png, new")
    paint_hat(page)
    page.page.goto("about:blank")
    page.watch.expect("net::ERR_CONNECTION_")  # the session is being given back
    annotating.kill()
    annotating.start()
    other = new_editor(address=annotating.address, opened=False)
    load(other)
    at(other, "3 of 3: 3-both.png, started")
    expect(other.part("annotate-progress")).to_have_text("1 of 2 done")
    other.part("photo-0").click()
    at(other, "1 of 3: 1-face.png, done")


def test_a_face_is_shown_by_three_points(page: EditorPage, folder: Path) -> None:
    page.part("photo-1").click()
    expect(page.part("points-dialog")).to_be_visible(timeout=PATIENCE)
    page.point_at_face(((0.4, 0.4), (0.6, 0.4), (0.5, 0.6)))
    page.part("points-done").click()
    at(page, "2 of 3: 2-hills.png, new")
    paint_hat(page)
    page.page.keyboard.press("d")
    at(page, "3 of 3: 3-both.png, new")
    crop = images.read(folder / "out" / "images" / "00001.png")
    assert crop.shape == (512, 512, 3)


def test_the_other_face_is_chosen_and_the_filter_keeps_to_what_is_left(page: EditorPage) -> None:
    page.part("photo-2").click()
    at(page, "3 of 3: 3-both.png, new")
    page.page.keyboard.press("w")
    expect(page.part("faces-dialog")).to_be_visible(timeout=PATIENCE)
    page.part("face-2").click()
    expect(page.part("faces-dialog")).to_be_hidden()
    at(page, "3 of 3: 3-both.png, new")
    page.part("annotate-donePhoto").click()
    at(page, "1 of 3: 1-face.png, new")
    page.part("annotate-filter").select_option("done")
    expect(page.part("photo-2")).to_be_visible()
    expect(page.part("photo-0")).to_be_hidden()


def test_the_page_says_so_when_labels_cannot_be_saved_and_keeps_them(
    page: EditorPage, annotating: ServerProcess, folder: Path
) -> None:
    page.watch.expect("net::ERR_CONNECTION_")  # reset, then refused
    page.watch.expect("/sessions/")  # the new server does not know the old one's
    annotating.kill()
    page.choose("hat")
    page.stroke([(60, 40), (200, 40)])
    expect(page.part("annotate-saving")).to_have_text("Not saved", timeout=PATIENCE)
    page.part("annotate-nextPhoto").click()
    at(page, "1 of 3: 1-face.png, new")
    annotating.start()
    page.part("annotate-donePhoto").click()
    at(page, "3 of 3: 3-both.png, new")
    labels = images.read_labels(folder / "out" / "labels" / "00000.png")
    assert np.count_nonzero(labels == IDS["hat"]) > 500


def test_the_bar_fits_into_the_window(annotating: ServerProcess, new_editor: OpenEditor) -> None:
    editor = new_editor(address=annotating.address, opened=False)
    load(editor)
    for width, height in ((360, 844), (390, 844), (1440, 900), (3840, 900)):
        editor.page.set_viewport_size({"width": width, "height": height})
        editor.page.evaluate(NEXT_FRAME)
        for name in ("previousPhoto", "nextPhoto", "skipPhoto", "donePhoto", "filter"):
            box = editor.part(f"annotate-{name}").bounding_box()
            assert box, (width, name)
            assert box["x"] >= 0, (width, name)
            assert box["x"] + box["width"] <= width, (width, name)
            assert box["y"] + box["height"] <= height, (width, name)
        stage = editor.part("stage").bounding_box()
        assert stage, width
        assert min(stage["width"], stage["height"]) >= 150, width


def test_axe_finds_nothing_serious_in_the_bar(page: EditorPage) -> None:
    page.part("annotate-skipPhoto").click()
    at(page, "3 of 3: 3-both.png, new")
    assert serious(page) == []
    page.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert serious(page, "color-contrast") == []
