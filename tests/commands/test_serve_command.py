"""The command line of the server: what it refuses before anything runs, and the self-test."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from maskgan import __version__, cli

Refuses = Callable[..., str]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--annotate", "photos"], "--annotate names the folder of photos and --output the folder"),
        (["--output", "labelled"], "give both or neither."),
        (["--aligned"], "--aligned tells about the photos of --annotate; give both or neither."),
        (["--json"], "--json is the form of a report; give it with --self-test."),
        (["--port", "70000"], "--port is 70000; expected 0 to 65535, 0 for any that is free."),
        (["--port", "http"], "argument --port: invalid int value: 'http'; see `maskgan serve"),
        (["--host", "203.0.113.7"], "203.0.113.7 is no address of this machine; leave out --host"),
        (["--host", "a b"], "--host a b is no known name or address; leave it out to serve on"),
        (["--port", "0", "--token", "short"], "The token has 5 characters or some that do not fit"),
        (["--layout", "folder"], "argument --layout: invalid choice: 'folder'"),
        (["--port", "0", "--bundle", "nowhere"], "nowhere"),
        (["--port", "0", "--annotate", "nowhere", "--output", "labelled"], "nowhere"),
    ],
)
def test_refusals(refuses: Refuses, words: list[str], sentence: str) -> None:
    assert sentence in refuses("serve", "--no-browser", *words)


def test_a_port_in_use(refuses: Refuses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refuses("serve", "--no-browser", "--port", str(port))
    assert f"Port {port} of 127.0.0.1 is taken by another program" in said
    assert f"try --port {port + 1}." in said


@pytest.mark.parametrize("missing", ["uvicorn", "fastapi", "websockets"])
def test_without_the_extra_it_is_named(missing: str, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] == {missing!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "from maskgan.cli import main\n"
        "sys.exit(main(['serve', '--no-browser', '--port', '0']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"maskgan: error: This command needs {missing}")
    assert done.stderr.endswith("install it with: pip install 'maskgan[web]'.\n")


def test_the_self_test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--self-test", "--threads", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"maskgan {__version__}, model ")
    assert lines[-1] == "The self-test passed: the sample was edited over HTTP and the WebSocket."
    assert all(" ms  " in line for line in lines[1:-1])
    assert "render over HTTP" in "\n".join(lines)


def test_the_self_test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--self-test", "--json", "--threads", "1"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["failure"], report["server"]) == (True, None, __version__)
    assert report["strokes_ms"]
    assert min(report["seconds"].values()) > 0
