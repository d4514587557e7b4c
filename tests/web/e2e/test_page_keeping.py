"""Nothing that was drawn is lost: a reload finds everything, a server that was killed and started
again is told everything, a project file brings everything back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from composed_photos import two_faces, write
from editor_page import EditorPage
from playwright.sync_api import expect
from server_process import ServerProcess


def edit(editor: EditorPage) -> None:
    """Two strokes, one undone, and a slider."""
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    editor.paint([(200, 90), (300, 90)])
    editor.press("undo")
    editor.slide("slider-smile", 0.5)


def test_a_reload_finds_everything(editor: EditorPage) -> None:
    edit(editor)
    editor.part("lock-hair").click()
    labels, picture, steps = editor.labels(), editor.crop(), editor.steps()
    session = editor.session
    editor.reload()
    assert editor.session != session
    np.testing.assert_array_equal(editor.labels(), labels)
    np.testing.assert_array_equal(editor.crop(), picture)
    assert editor.steps() == steps
    expect(editor.part("slider-smile")).to_have_value("0.5")
    expect(editor.part("class-hat")).to_have_attribute("aria-checked", "true")
    expect(editor.part("lock-hair")).to_have_attribute("aria-pressed", "true")
    editor.press("undo", "undo")
    np.testing.assert_array_equal(editor.labels(), editor.labels("original"))


def test_a_reload_finds_an_own_photo(editor: EditorPage, tmp_path: Path) -> None:
    photo = write(two_faces(), tmp_path / "both.png")
    editor.bring("open-photo", photo)
    editor.part("face-2").click()
    editor.settled()
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    labels, original = editor.labels(), editor.crop("original")
    editor.reload()
    np.testing.assert_array_equal(editor.crop("original"), original)
    np.testing.assert_array_equal(editor.labels(), labels)
    expect(editor.page.locator("#photo-name")).to_contain_text("both.png")


def test_a_second_tab_does_not_disturb_the_first(
    editor: EditorPage, new_editor: Callable[..., EditorPage]
) -> None:
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    editor.kept()
    other = EditorPage(editor.page.context.new_page(), editor.address, editor.watch)
    other.open()
    assert other.session != editor.session
    other.choose("hair")
    other.paint([(60, 400), (90, 400)])
    other.kept()
    labels = editor.labels()
    editor.reload()
    np.testing.assert_array_equal(editor.labels(), labels)


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that tests may end; asked for before tabs, it outlives them."""
    process = ServerProcess(tmp_path / "log.txt")
    process.start()
    yield process
    process.kill()


def test_a_server_started_again_goes_on_with_the_drawing(
    mortal: ServerProcess, new_editor: Callable[..., EditorPage]
) -> None:
    editor = new_editor(address=mortal.address)
    edit(editor)
    labels, picture, session = editor.labels(), editor.crop(), editor.session
    editor.watch.expect("net::ERR_CONNECTION_")  # reset, then refused
    editor.watch.expect("WebSocket connection to")
    editor.watch.expect("404")
    mortal.kill()
    expect(editor.part("connection")).to_contain_text("your drawing is safe")
    editor.stroke([(100, 60), (140, 60)])
    mortal.start()
    expect(editor.part("connection")).to_be_empty()
    editor.settled()
    assert editor.session != session
    assert (editor.labels() != labels).any()
    editor.press("undo")
    np.testing.assert_array_equal(editor.labels(), labels)
    np.testing.assert_array_equal(editor.crop(), picture)
    editor.paint([(200, 90), (300, 90)])
    assert (editor.labels() != labels).any()


def test_a_project_comes_back_whole_in_an_empty_browser(
    editor: EditorPage, new_editor: Callable[..., EditorPage], tmp_path: Path
) -> None:
    edit(editor)
    editor.press("tab-style")
    editor.part("style-dice").click()
    editor.settled()
    labels, picture, steps = editor.labels(), editor.crop(), editor.steps()
    project = editor.save("export-project", tmp_path / "face.mgp")
    other = new_editor()
    other.part("tab-export").click()
    other.bring("import-project", project)
    other.settled()
    np.testing.assert_array_equal(other.labels(), labels)
    np.testing.assert_array_equal(other.crop(), picture)
    assert other.steps() == steps
    other.press("undo", "undo")
    assert (other.labels() != labels).any()
