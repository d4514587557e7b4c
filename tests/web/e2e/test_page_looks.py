"""How the page stands: on a phone, dark, small and large; readable for everybody by axe's rules;
and with nothing from another host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from composed_photos import landscape, two_faces, write
from editor_page import EditorPage
from playwright.sync_api import expect

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async (rules) => {
  const runOnly = rules ? { runOnly: rules } : {};
  const { violations, passes } = await axe.run(document, runOnly);
  if (!passes.length) throw new Error("axe looked at nothing");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) =>
      [id, help, ...nodes.map(({ html, any }) => html + " " + any[0]?.message)].join("\\n  "));
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHADE = r"() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number)"
SIZES = [(360, 740), (390, 844), (844, 390), (1024, 768), (1440, 900), (3840, 2160)]


def serious(editor: EditorPage, *rules: str) -> list[str]:
    """What axe finds serious or critical in the page as it is, by all of its rules or by some. It
    is run by the debugger, which the page's security policy does not bind."""
    if not AXE.is_file():
        pytest.skip("axe-core is not here; `make page` installs it")
    if not editor.page.evaluate("() => 'axe' in window"):
        editor.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = editor.page.evaluate(RUN_AXE, list(rules) or None)
    return found


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_wider_than_the_window(
    new_editor: Callable[..., EditorPage], width: int, height: int
) -> None:
    editor = new_editor(viewport={"width": width, "height": height})
    assert editor.page.evaluate(SIDEWAYS) <= 0
    box = editor.part("stage").bounding_box()
    assert box
    assert box["width"] >= min(width, height) * 0.45
    assert box["height"] >= height * 0.3
    for tab in ("style", "parts", "history", "export"):
        editor.part(f"tab-{tab}").click()
        assert editor.page.evaluate(SIDEWAYS) <= 0, tab


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_axe_finds_nothing_serious(
    new_editor: Callable[..., EditorPage], size: tuple[int, int], tmp_path: Path
) -> None:
    # Without motion colours change at once.
    editor = new_editor(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        found[state] = serious(editor)
        # In the dark, colours alone are others.
        editor.page.emulate_media(color_scheme="dark")
        assert max(editor.page.evaluate(SHADE)[:3]) < 80
        found[f"{state}, dark"] = serious(editor, "color-contrast")
        editor.page.emulate_media(color_scheme="light")

    look("opened")
    if size[0] < 861:
        editor.part("tab-palette").click()
        look("palette")
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    for tab in ("style", "parts", "history", "export"):
        editor.part(f"tab-{tab}").click()
        if tab == "style":
            editor.part("style-dice").click()
            editor.settled()
        look(tab)
    editor.part("help").click()
    look("keys")
    editor.page.keyboard.press("Escape")
    for name, photo in (("faces", two_faces()), ("points", landscape())):
        editor.bring("open-photo", write(photo, tmp_path / f"{name}.png"))
        expect(editor.part(f"{name}-dialog")).to_be_visible()
        look(name)
        editor.page.keyboard.press("Escape")
    assert {state: sentences for state, sentences in found.items() if sentences} == {}


def test_dark_is_dark_and_stays_so(new_editor: Callable[..., EditorPage]) -> None:
    editor = new_editor(color_scheme="dark")
    assert max(editor.page.evaluate(SHADE)[:3]) < 80
    editor.press("theme")
    expect(editor.page.locator("html")).to_have_attribute("data-theme", "light")
    assert min(editor.page.evaluate(SHADE)[:3]) > 180
    editor.reload()
    expect(editor.page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_page_asks_nobody_else_and_says_so(editor: EditorPage) -> None:
    expect(editor.part("private")).to_contain_text("Nothing leaves this machine")
    editor.part("about").click()
    expect(editor.part("about-dialog")).to_contain_text("Trained on")
    editor.page.keyboard.press("Escape")
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    hosts = {url.split("/")[2] for url in editor.watch.requests if "://" in url[:8]}
    assert hosts == {editor.address.split("/")[2]}
