"""Draws the pictures of the editor for README and docs anew (`make screenshots`), from the sample
faces of the package. The states are those that people look at: wide, on a phone, dark."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from editor_page import EditorPage
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from server_process import ServerProcess
from watch import Watch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser import ARGUMENTS, find_chromium

OUTPUT = Path(__file__).resolve().parents[3] / "docs" / "images"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def shoot(editor: EditorPage, name: str) -> None:
    """Writes the window as it is, without pointer and messages."""
    editor.page.mouse.move(1, 1)
    editor.page.evaluate("() => document.getElementById('toasts').replaceChildren()")
    editor.settled()
    with Image.open(io.BytesIO(editor.page.screenshot())) as picture:
        OUTPUT.mkdir(parents=True, exist_ok=True)
        picture.convert("RGB").save(OUTPUT / name, optimize=True)
    print(OUTPUT / name)


def wide(editor: EditorPage) -> None:
    """A smile, half compared with the photo."""
    editor.slide("slider-smile", 0.8)
    editor.choose("l_lip")
    editor.press("view-slider")
    shoot(editor, "editor.png")


def phone(editor: EditorPage) -> None:
    """The sliders below the face."""
    editor.press("tab-sliders")
    editor.slide("slider-smile", 0.8)
    shoot(editor, "editor-phone.png")


def dark(editor: EditorPage) -> None:
    """The labels over the face, and a style of chance on its hair."""
    editor.choose("hair")
    editor.press("tab-style")
    editor.part("style-dice").click()
    editor.settled()
    editor.press("overlay")
    shoot(editor, "editor-dark.png")


def draw(browser: Browser, address: str) -> None:
    states: list[tuple[Any, dict[str, Any]]] = [
        (wide, {"viewport": WIDE, "color_scheme": "light"}),
        (dark, {"viewport": WIDE, "color_scheme": "dark"}),
        (phone, {"viewport": PHONE, "color_scheme": "light", "has_touch": True}),
    ]
    for state, options in states:
        context = browser.new_context(**options)
        # The dice fall the same way each time.
        context.add_init_script("crypto.getRandomValues = (numbers) => numbers.fill(7)")
        watch = Watch(context, address)
        editor = EditorPage(context.new_page(), address, watch)
        editor.open()
        state(editor)
        context.close()
        watch.check()


def main() -> int:
    """Returns the exit code: 0, or 2 after a sentence."""
    program = find_chromium()
    if program is None:
        print("No Chromium is here; `make browser` gets one.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = ServerProcess(Path(folder) / "log.txt")
        server.start()
        try:
            browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
            draw(browser, server.address)
            browser.close()
        finally:
            server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
