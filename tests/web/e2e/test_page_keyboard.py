"""The keyboard alone: a class, the brush, a stroke, undo; every panel and dialog; and keys that are
text where text is written."""

from __future__ import annotations

import numpy as np
from editor_page import EditorPage
from playwright.sync_api import expect

from maskgan.labels import IDS

PANELS = ("sliders", "parts", "style", "history", "export")
FOCUSED = """() => {
  const at = document.activeElement;
  return at.dataset.testid ?? at.closest("[data-testid]")?.dataset.testid ?? at.tagName;
}"""


def walk_to(editor: EditorPage, testid: str) -> None:
    """Presses Tab until the focus is there."""
    for _ in range(120):
        editor.page.keyboard.press("Tab")
        if editor.page.evaluate(FOCUSED) == testid:
            return
    raise AssertionError(f"Tab never comes to {testid}")


def test_a_stroke_without_a_mouse(editor: EditorPage) -> None:
    keys = editor.page.keyboard
    source = editor.labels()
    editor.part("stage").focus()
    keys.press("Shift+Digit4")
    expect(editor.part("class-hat")).to_have_attribute("aria-checked", "true")
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft"):
        keys.press(f"Shift+{key}")
    keys.down("Space")
    for _ in range(6):
        keys.press("Shift+ArrowRight")
    keys.up("Space")
    editor.settled()
    painted = editor.labels() != source
    assert set(np.unique(editor.labels()[painted])) == {IDS["hat"]}
    rows, columns = np.nonzero(painted)
    assert columns.max() - columns.min() > 55 > rows.max() - rows.min()
    assert len(editor.steps()) == 2
    keys.press("Control+z")
    editor.settled()
    np.testing.assert_array_equal(editor.labels(), source)
    keys.press("Control+y")
    editor.settled()
    assert (editor.labels() != source).any()


def test_tab_comes_to_everything(editor: EditorPage) -> None:
    walk_to(editor, "open-photo")
    walk_to(editor, "tool-brush")
    editor.page.keyboard.press("ArrowDown")
    assert editor.page.evaluate(FOCUSED) == "tool-eraser"
    walk_to(editor, "tab-sliders")
    for panel in PANELS[1:]:
        editor.page.keyboard.press("ArrowRight")
        expect(editor.part(f"panel-{panel}")).to_be_visible()
    walk_to(editor, "export-photo")


def test_tools_and_views_have_keys(editor: EditorPage) -> None:
    keys = editor.page.keyboard
    editor.part("stage").focus()
    for key, tool in zip("eglui vb".replace(" ", ""), TOOLS, strict=True):
        keys.press(key)
        expect(editor.part(f"tool-{tool}")).to_have_attribute("aria-pressed", "true")
    keys.press("m")
    expect(editor.part("overlay")).to_have_attribute("aria-pressed", "true")
    keys.press("c")
    expect(editor.part("view-slider")).to_have_attribute("aria-checked", "true")
    keys.press("s")
    expect(editor.part("view-side")).to_have_attribute("aria-checked", "true")
    size = editor.part("brush-size").text_content()
    keys.press("BracketRight")
    expect(editor.part("brush-size")).not_to_have_text(size or "")
    keys.press("Comma")
    expect(editor.part("brush-size")).to_have_text(size or "")


TOOLS = ("eraser", "fill", "lasso", "polygon", "picker", "transform", "brush")


def test_dialogs_open_and_close_and_give_the_focus_back(editor: EditorPage) -> None:
    keys = editor.page.keyboard
    for button, dialog in (("help", "keys-dialog"), ("about", "about-dialog")):
        editor.part(button).focus()
        keys.press("Enter")
        expect(editor.part(dialog)).to_be_visible()
        keys.press("b")
        keys.press("Escape")
        expect(editor.part(dialog)).to_have_count(0)
        expect(editor.part(button)).to_be_focused()
    editor.part("stage").focus()
    keys.press("?")
    expect(editor.part("keys-dialog")).to_contain_text("Undo")
    keys.press("Escape")
    # While it is open, keys are its own.
    expect(editor.part("keys-dialog")).to_have_count(0)
    expect(editor.part("stage")).to_be_focused()
    with editor.page.expect_file_chooser():
        keys.press("Control+o")
    with editor.page.expect_download():
        keys.press("Control+s")
    editor.settled()


def test_a_slider_moves_by_arrows(editor: EditorPage) -> None:
    source = editor.labels()
    editor.part("slider-smile").focus()
    editor.page.keyboard.press("End")
    expect(editor.part("slider-smile")).to_have_value("1")
    editor.settled()
    assert (editor.labels() != source).any()
