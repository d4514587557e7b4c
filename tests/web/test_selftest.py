"""The self-test: passes on the real server, and says what is wrong with others."""

from __future__ import annotations

import socket

import pytest
from running_server import running

from maskgan import __version__
from maskgan.web.selftest import STROKES, Report, check

TOKEN = "a-token-of-the-test"


def test_a_server_that_works() -> None:
    with running(TOKEN) as url:
        report = check(url, TOKEN)
        assert (report.ok, report.failure) == (True, None)
        assert report.server == __version__
        assert 1 <= len(report.strokes_ms) <= STROKES
        assert {"render over HTTP", "render over the WebSocket"} <= report.seconds.keys()
        refused = check(url)
    assert not refused.ok
    assert refused.lines()[-1].startswith("The self-test failed: This server asks for its token.")


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    report = check(f"http://127.0.0.1:{port}")
    assert not report.ok
    assert report.as_dict()["ok"] is False
    assert len(report.lines()) == 1
    assert f"Nothing answers at 127.0.0.1:{port}" in report.lines()[0]


@pytest.mark.parametrize("failure", [None, "The picture did not change."])
def test_what_people_read(failure: str | None) -> None:
    report = Report(
        server="1", bundle="b 2", seconds={"a": 0.5}, strokes_ms=[10, 30, 20], failure=failure
    )
    lines = report.lines()
    assert lines[:3] == [
        "maskgan 1, model b 2",
        "     500 ms  a",
        "      20 ms  from a stroke to its picture (longest 30 ms)",
    ]
    assert lines[3].startswith("The self-test failed" if failure else "The self-test passed")
