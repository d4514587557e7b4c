"""The live channel over a real connection: strokes in, pictures of what is new out."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from PIL import Image
from small_server import API, OpenFace, served
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from maskgan import images
from maskgan.editing.editor import Editor
from maskgan.labels import Labels
from maskgan.web.app import create_app
from maskgan.web.frames import pack
from maskgan.web.live import FLOOD, GONE, PATIENCE
from maskgan.web.sessions import Limits
from maskgan.web.worker import Wish
from tiny_bundle import SIDE, face_labels

LIP = {"type": "labels", "rect": [22, 46, 20, 3]}
PAINT = bytes([12] * 60)


class Page:
    """What a page does with the channel."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        self.socket.send(pack(header, payload))

    def receive(self) -> tuple[dict[str, Any], bytes]:
        frame = self.socket.recv(60)
        assert isinstance(frame, bytes)
        (length,) = struct.unpack_from("<I", frame)
        return json.loads(frame[4 : 4 + length]), frame[4 + length :]

    def problem(self) -> dict[str, Any]:
        header, payload = self.receive()
        assert (header["type"], payload) == ("problem", b""), header
        return header

    def result(self) -> tuple[dict[str, Any], bytes]:
        header, payload = self.receive()
        assert header["type"] == "result", header
        return header, payload


def address(opened: OpenFace, name: str | None = None) -> str:
    base = str(opened.client.base_url).rstrip("/").replace("http", "ws", 1)
    return f"{base}{API}/sessions/{name or opened.id}/live"


@pytest.fixture
def page(new_face: OpenFace) -> Iterator[Page]:
    with connect(address(new_face), compression=None, proxy=None) as socket:
        yield Page(socket)


def edited(opened: OpenFace) -> images.Pixels:
    return images.read(opened.get("crop?which=edited").content)


def test_a_stroke_and_its_picture(new_face: OpenFace, page: Page, stroke: Labels) -> None:
    page.send({**LIP, "seq": 5, "render": "full", "styles": {}}, PAINT)
    header, payload = page.result()
    assert (header["seq"], header["quality"]) == (5, "full")
    assert header["seconds"] > 0
    assert 0 < header["changed_fraction"] < 0.5
    np.testing.assert_array_equal(new_face.labels(), stroke)
    original = images.read(new_face.get("crop?which=original").content)
    x, y, width, height = header["rect"]
    shown = original.copy()
    with Image.open(io.BytesIO(payload)) as picture:
        shown[y : y + height, x : x + width] = picture
    np.testing.assert_array_equal(shown, edited(new_face))
    assert (shown != original).any()


def test_labels_are_applied_without_a_picture(new_face: OpenFace, page: Page) -> None:
    for number in range(20):
        page.send({"type": "labels", "seq": number, "rect": [number, 0, 1, 64]}, bytes([13] * 64))
    page.send({"type": "render", "seq": 20, "quality": "preview", "styles": {}})
    assert page.result()[0]["seq"] == 20
    expected = face_labels().copy()
    expected[:, :20] = 13
    np.testing.assert_array_equal(new_face.labels(), expected)


def test_nothing_is_sent_where_nothing_is_new(page: Page) -> None:
    page.send({"type": "render", "seq": 1, "quality": "full"})
    header, payload = page.result()
    assert (header["rect"], payload) == ([0, 0, 0, 0], b"")


def test_after_a_preview_the_same_comes_in_full(page: Page) -> None:
    page.send({**LIP, "seq": 1, "render": "preview"}, PAINT)
    preview = page.result()[0]["rect"]
    page.send({"type": "render", "seq": 2, "quality": "full"})
    assert page.result()[0]["rect"] == preview
    page.send({"type": "render", "seq": 3, "quality": "full"})
    assert page.result()[0]["rect"] == [0, 0, 0, 0]


def test_after_a_reset_the_whole_crop_comes(page: Page) -> None:
    page.send({"type": "reset"})
    page.send({"type": "render", "seq": 1, "quality": "preview"})
    assert page.result()[0]["rect"] == [0, 0, SIDE, SIDE]


def test_of_pictures_the_newest_question_wins(page: Page) -> None:
    """Of many questions in a row only some are answered, the last one always, in order."""
    for number in range(1, 101):
        page.send({**LIP, "seq": number, "render": "preview"}, PAINT)
    seen = [0]
    while seen[-1] < 100:
        seen.append(page.result()[0]["seq"])
    assert seen == sorted(set(seen))


def test_a_stroke_that_ends_before_its_turn_needs_no_preview(
    app: FastAPI, new_face: OpenFace, page: Page
) -> None:
    services = app.state.services
    busy, free = threading.Event(), threading.Event()

    def hold() -> Wish:
        busy.set()
        assert free.wait(60)
        return Wish(quality="full")

    with ThreadPoolExecutor(1) as somebody:
        session = services.sessions.get(new_face.id)
        held = somebody.submit(asyncio.run, services.worker.render(session, hold))
        assert busy.wait(60)
        page.send({**LIP, "seq": 1, "render": "preview"}, PAINT)
        page.send({**LIP, "seq": 2, "render": "full"}, bytes([13] * 60))
        tries = iter(range(1000))
        while (new_face.labels() == 13).sum() < 60:
            assert next(tries) < 999
        free.set()
        held.result()
    header, _ = page.result()
    assert (header["seq"], header["quality"]) == (2, "full")
    page.send({"type": "render", "seq": 3, "quality": "full"})
    assert page.result()[0]["seq"] == 3


def test_styles_over_the_channel(new_face: OpenFace, page: Page, small_photo: bytes) -> None:
    style = new_face.post("styles?aligned=true", content=small_photo).json()["id"]
    styles = {"hair": {"style": style, "strength": 0.5}}
    page.send({"type": "render", "seq": 1, "quality": "full", "styles": styles})
    assert page.result()[0]["changed_fraction"] > 0
    assert new_face.client.get(f"{API}/sessions/{new_face.id}").json()["mixture"] == styles
    page.send({"type": "render", "seq": 2, "quality": "full", "styles": {"hair": {"style": "x"}}})
    problem = page.problem()
    assert (problem["seq"], problem["slug"]) == (2, "option-refused")
    assert "There is no style 'x'" in problem["detail"]


def test_bad_frames_are_told_and_the_channel_stays_open(new_face: OpenFace, page: Page) -> None:
    page.socket.send("text")
    assert page.problem()["slug"] == "bad-frame"
    page.socket.send(b"\1\2")
    assert "it has 2 bytes" in page.problem()["detail"]
    page.send({**LIP, "seq": 9}, PAINT[:-1])
    problem = page.problem()
    assert (problem["seq"], problem["slug"]) == (9, "labels-refused")
    page.send({**LIP, "seq": 10}, bytes([40] * 60))
    assert "the value 40" in page.problem()["detail"]
    np.testing.assert_array_equal(new_face.labels(), face_labels())
    page.send({**LIP, "seq": 11, "render": "full"}, PAINT)
    assert page.result()[0]["seq"] == 11


def test_nothing_but_bad_frames_ends_the_channel(page: Page) -> None:
    for _ in range(PATIENCE):
        page.socket.send(b"")
    for _ in range(PATIENCE):
        page.problem()
    with pytest.raises(ConnectionClosed):
        page.receive()
    assert page.socket.close_code == FLOOD


def test_a_session_that_is_not_there(new_face: OpenFace) -> None:
    with connect(address(new_face, "nobody"), compression=None, proxy=None) as socket:
        page = Page(socket)
        assert page.problem()["slug"] == "session-not-found"
        with pytest.raises(ConnectionClosed):
            page.receive()
        assert socket.close_code == GONE


def test_a_session_that_ends_meanwhile(new_face: OpenFace, page: Page) -> None:
    new_face.client.delete(f"{API}/sessions/{new_face.id}")
    page.send({**LIP, "seq": 1}, PAINT)
    assert page.problem()["slug"] == "session-not-found"
    with pytest.raises(ConnectionClosed):
        page.receive()


def test_before_a_face_is_chosen(new_face: OpenFace) -> None:
    name = new_face.client.post(f"{API}/sessions").json()["id"]
    with connect(address(new_face, name), compression=None, proxy=None) as socket:
        page = Page(socket)
        page.send({**LIP, "seq": 1}, PAINT)
        assert page.problem()["slug"] == "no-photo"
        page.send({"type": "render", "seq": 2, "quality": "full"})
        assert page.problem()["seq"] == 2


def test_another_face_is_sent_whole(new_face: OpenFace, page: Page) -> None:
    page.send({**LIP, "seq": 1, "render": "full"}, PAINT)
    page.result()
    new_face.post("face", json={"aligned": True})
    page.send({"type": "render", "seq": 2, "quality": "preview"})
    assert page.result()[0]["rect"] == [0, 0, SIDE, SIDE]


def test_sessions_know_who_watches(app: FastAPI, new_face: OpenFace) -> None:
    session = app.state.services.sessions.get(new_face.id)
    with connect(address(new_face), compression=None, proxy=None) as socket:
        page = Page(socket)
        page.send({"type": "render", "seq": 1, "quality": "preview"})
        page.result()
        assert session.watchers == 1


def test_a_watched_session_stays_when_others_come(small_editor: Editor, small_photo: bytes) -> None:
    app = create_app(small_editor, limits=Limits(sessions=2))
    with served(app) as client:
        opened = OpenFace(client, client.post(f"{API}/sessions").json()["id"], small_photo)
        with connect(address(opened), compression=None, proxy=None) as socket:
            Page(socket).send({"type": "render", "seq": 1})
            Page(socket).problem()
            others = [client.post(f"{API}/sessions").json()["id"] for _ in range(3)]
            assert client.get(f"{API}/sessions/{opened.id}").status_code == 200
            assert client.get(f"{API}/sessions/{others[0]}").status_code == 404
