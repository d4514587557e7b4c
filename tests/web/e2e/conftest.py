"""The editor in a real Chromium: one server for all, one browser for each file of tests, fresh
storage for each test. Whatever the console says and whatever fails is a failure of the test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from editor_page import EditorPage
from playwright.sync_api import Browser, sync_playwright
from server_process import ServerProcess
from watch import Watch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser import ARGUMENTS, find_chromium

OpenEditor = Callable[..., EditorPage]

DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running server; tests must not end it."""
    process = ServerProcess(tmp_path_factory.mktemp("server") / "log.txt")
    process.start()
    yield process
    process.kill()


# Not for the whole session: Playwright runs an event loop, in which others cannot run theirs.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium without a window."""
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is here; `make browser` gets one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def new_editor(chromium: Browser, server: ServerProcess) -> Iterator[OpenEditor]:
    """A function that makes a tab with empty storage; its keywords are those of Playwright's
    `new_context`, `address` and `opened` (False: nothing is loaded yet) apart."""
    made: list[tuple[Any, Watch]] = []

    def make(*, address: str = server.address, opened: bool = True, **options: Any) -> EditorPage:
        context = chromium.new_context(**{"viewport": DESKTOP, **options})
        watch = Watch(context, address)
        made.append((context, watch))
        editor = EditorPage(context.new_page(), address, watch)
        if opened:
            editor.open()
        return editor

    yield make
    for context, _ in made:
        context.close()
    for _, watch in made:
        watch.check()


@pytest.fixture
def editor(new_editor: OpenEditor) -> EditorPage:
    """A tab that shows the sample face."""
    return new_editor()
