"""`maskgan serve` as a process of its own: what it prints, whom it answers, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from maskgan import __version__
from maskgan.errors import ServerError
from maskgan.web.client import Client

PATIENCE = 120
"""Seconds; only a process that hangs takes so long."""


@contextmanager
def served(*words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its first line, which it prints once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "maskgan", "serve", "--port", "0", "--threads", "1", *words],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


def address(line: str) -> str:
    """The first address of a line."""
    return next(word for word in line.split() if word.startswith("http://"))


def test_it_answers_and_ends_cleanly() -> None:
    with served("--no-browser") as (process, line):
        assert line.startswith("The editor is at http://127.0.0.1:")
        assert line.endswith("/ (Ctrl+C stops it).\n")
        with Client(address(line)) as client:
            assert client.info()["version"] == __version__
            client.photo(sample=client.info()["samples"][0]["name"], aligned=True)
            client.face(aligned=True)
            with client.live():  # stopping does not wait for connections that are open
                process.send_signal(signal.SIGINT)
                rest, errors = process.communicate(timeout=PATIENCE)
            client._session = None
    assert (process.returncode, rest, errors) == (0, "Stopped.\n", "")


def test_elsewhere_it_asks_for_a_token() -> None:
    with served("--no-browser", "--host", "0.0.0.0") as (process, line):
        assert process.stdout is not None
        others, warning = process.stdout.readline(), process.stdout.readline()
        assert "/?token=" in line
        assert others.startswith("From other machines: http://")
        assert line.split("?token=")[1].split()[0] == others.split("?token=")[1].strip()
        assert "not encrypted" in warning
        url = address(line)
        with Client(url) as client:
            assert client.info()["version"] == __version__
        with pytest.raises(ServerError, match="asks for its token"):
            Client(url.split("?")[0]).info()


@pytest.mark.skipif(sys.platform != "linux", reason="says by its environment what a browser is")
def test_the_browser_is_opened_where_there_is_a_display(tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    os.mkfifo(opened)
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}\n')
    browser.chmod(0o755)
    surroundings = {"BROWSER": str(browser), "DISPLAY": ":99"}
    with served("--token", "a-token-of-the-test", **surroundings) as (_, line):
        assert opened.read_text() == address(line)
        assert address(line).endswith("/?token=a-token-of-the-test")
