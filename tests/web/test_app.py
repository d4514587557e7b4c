"""The app as a whole: its page and files, its description, and mistakes nobody expected."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest
from asgi_calls import request
from fastapi import FastAPI
from small_server import API, OpenFace, served

from maskgan import __version__
from maskgan.editing.attributes import ATTRIBUTES
from maskgan.editing.editor import Editor
from maskgan.labels import LABELS, NUM_CLASSES
from maskgan.web import gallery
from maskgan.web.app import STATIC, create_app
from maskgan.web.security import SecurityConfig

SENTENCES = "application/problem+json"


def test_what_the_server_is(client: httpx.Client) -> None:
    info = client.get(f"{API}/info").json()
    assert info["version"] == __version__
    assert info["bundle"]["name"] == "tiny"
    assert [found["name"] for found in info["classes"]] == list(LABELS)
    assert [found["id"] for found in info["classes"]] == list(range(NUM_CLASSES))
    colors = {found["color"] for found in info["classes"]}
    assert len(colors) == NUM_CLASSES
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)
    assert info["classes"][1]["file_color"] == "#cc0000"
    assert [found["name"] for found in info["attributes"]] == list(ATTRIBUTES)
    assert info["parts"]["mouth"] == [10, 11, 12]
    assert info["annotation"] is None
    assert info["samples"][0] == {"name": "face", "title": "Face 1", "url": f"{API}/samples/face"}
    for sample in info["samples"]:
        answer = client.get(sample["url"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.content[:4] == b"\x89PNG"


def test_samples_of_a_folder(tmp_path: Path) -> None:
    for name in ("old-man.png", "old-man.labels.png", "woman.png"):
        (tmp_path / name).touch()
    found = gallery.samples_in(tmp_path)
    assert list(found) == ["face", "old-man", "woman"]
    assert found["old-man"].title == "Old man"
    assert found["old-man"].labels == tmp_path / "old-man.labels.png"
    assert found["woman"].labels is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/static/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/static/docs/docs.css", "text/css; charset=utf-8"),
    ],
)
def test_files_of_the_page(client: httpx.Client, path: str, kind: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_files_that_did_not_change_are_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/static/docs/docs.js")
    again = client.get("/static/docs/docs.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_nothing_beside_the_page_can_be_read(client: httpx.Client) -> None:
    (STATIC / "docs").stat()
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, SENTENCES)


def test_pages_refer_to_what_is_there(client: httpx.Client) -> None:
    for page in ("/", "/docs"):
        for name in re.findall(r'(?:src|href)="([^"#]+)"', client.get(page).text):
            assert client.get(f"/{name.lstrip('./')}").status_code == 200, name


def test_the_description_is_whole(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()
    text = json.dumps(description)
    for reference in set(re.findall(r'"#/components/schemas/(\w+)"', text)):
        assert reference in description["components"]["schemas"]
    for path, methods in description["paths"].items():
        assert path.startswith(API)
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]
            assert "4XX" in operation["responses"]


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/nothing", 404, "There is nothing at /nothing; see /docs"),
        ("GET", f"{API}/nothing", 404, "There is nothing at /api/v1/nothing"),
        ("PATCH", f"{API}/info", 405, "/api/v1/info does not take PATCH"),
        ("GET", f"{API}/sessions/{'x' * 300}", 422, "The address's id is not as described"),
        ("GET", "/%ff%00", 404, "There is nothing at "),
    ],
)
def test_addresses_that_are_not_there(
    client: httpx.Client, method: str, path: str, status: int, sentence: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, SENTENCES)
    problem = answer.json()
    assert problem["status"] == status
    assert sentence in problem["detail"]
    assert problem["type"] == f"/problems/{problem['slug']}"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", "GET"),
        (f"{API}/info", "GET"),
        (f"{API}/sessions/a", "DELETE, GET"),
        (f"{API}/sessions/a/labels", "GET, PUT"),
        (f"{API}/sessions/a/tools/grow", "POST"),
    ],
)
def test_what_an_address_takes_instead(client: httpx.Client, path: str, methods: str) -> None:
    answer = client.patch(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_bodies_that_are_no_json(new_face: OpenFace) -> None:
    kind = {"Content-Type": "application/json"}
    for body in (b"{", b"[1]", b"5", b"\xff", b"", b"[" * 5000, b'{"a": ' + b"9" * 5000 + b"}"):
        answer = new_face.post("render", content=body, headers=kind)
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == SENTENCES


def test_mistakes_of_our_own_are_a_problem_too(
    small_editor: Editor, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(small_editor)

    @app.get("/mistake")
    async def mistake() -> None:
        raise ZeroDivisionError("secret")

    with caplog.at_level(logging.ERROR), served(app) as client:
        answer = client.get("/mistake", headers={"Connection": "close"})
        assert (answer.status_code, answer.headers["content-type"]) == (500, SENTENCES)
        assert "The server made a mistake" in answer.json()["detail"]
        assert "secret" not in answer.text
        assert client.get(f"{API}/info").status_code == 200


def test_only_this_machine_is_answered(small_editor: Editor) -> None:
    app = create_app(small_editor)
    assert request(app, "GET", f"{API}/info", host="localhost:1").status == 200
    assert request(app, "GET", f"{API}/info", host="evil.example").status == 403
    open_app = create_app(
        small_editor, security=SecurityConfig(hosts=frozenset({"good.example"}), token="t" * 32)
    )
    path = f"{API}/info"
    assert request(open_app, "GET", path, host="good.example").status == 401
    bearer = {"host": "good.example", "authorization": "Bearer " + "t" * 32}
    assert request(open_app, "GET", path, bearer).status == 200


def test_networks_are_loaded_before_somebody_needs_them(small_editor: Editor) -> None:
    editor = Editor.open(small_editor.bundle.folder, threads=1)
    app = create_app(editor)
    with served(app):
        app.state.services.worker.prepare(int).result(60)
        assert set(editor.bundle._graphs) == {"parser", "encoder", "generator"}


def test_nothing_is_reported_to_anybody(app: FastAPI) -> None:
    config = getattr(app, "_telemetry", {})
    assert not any(config.values())


def test_callers_that_go_away_take_their_work_along(small_editor: Editor) -> None:
    """What waits behind slow work is not done for a caller who has closed the connection."""
    app = create_app(small_editor)
    services = app.state.services
    done, queued, cancelled = threading.Event(), threading.Event(), threading.Event()
    called: list[str] = []
    submit = services.worker._slow.submit

    def watched(*job: object) -> Future[object]:
        future = submit(*job)
        future.add_done_callback(lambda job: cancelled.set() if job.cancelled() else None)
        queued.set()
        return future

    with served(app) as client:
        session = client.post(f"{API}/sessions").json()["id"]
        submit(int).result(60)
        services.opening.sample = called.append
        blocked = submit(done.wait, 60)
        services.worker._slow.submit = watched
        with socket.create_connection((client.base_url.host, client.base_url.port)) as raw:
            raw.sendall(
                f"POST {API}/sessions/{session}/photo?sample=face HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{client.base_url.port}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            assert queued.wait(60)
        assert cancelled.wait(60)
        done.set()
        assert blocked.result(60)
        submit(int).result(60)
        assert called == []
