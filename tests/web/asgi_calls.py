"""Requests and WebSockets to an ASGI app in this process, byte for byte as they are given: clients
would not send half of what an app must refuse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    pieces_read: int
    """Pieces of the body that the app has taken."""

    def all(self, name: str) -> list[str]:
        return [text for key, text in self.headers if key == name]

    def one(self, name: str) -> str:
        (text,) = self.all(name)
        return text

    def json(self) -> Any:
        return json.loads(self.body)


class Refused(Exception):
    """A WebSocket was not opened."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.messages = messages


def request(
    app: Any,
    method: str,
    path: str,
    headers: Headers = (),
    body: Iterable[bytes] = (b"",),
    host: str = "localhost",
) -> Answer:
    """One request; `headers` may hold another host."""
    pieces: Iterator[bytes] = iter(body)
    sent: list[dict[str, Any]] = []
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        piece = next(pieces, None)
        if piece is None:
            return {"type": "http.request", "body": b"", "more_body": False}
        read += 1
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = _scope("http", path, headers, host) | {"method": method}
    asyncio.run(app(scope, receive, send))
    starts = [message for message in sent if message["type"] == "http.response.start"]
    assert len(starts) == 1, "an app answers once"
    found = [(name.decode(), text.decode()) for name, text in starts[0]["headers"]]
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(starts[0]["status"], found, content, read)


def talk(
    app: Any, path: str, text: str, headers: Headers = (), host: str = "localhost", **scope: Any
) -> str:
    """Opens a WebSocket, sends one text and gives the answer. Raises `Refused`."""
    waiting = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": text},
        {"type": "websocket.disconnect", "code": 1000},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(_scope("websocket", path, headers, host) | scope, receive, send))
    if sent[0]["type"] != "websocket.accept":
        raise Refused(sent)
    (answer,) = (message["text"] for message in sent if message["type"] == "websocket.send")
    return str(answer)


def _scope(kind: str, path: str, headers: Headers, host: str) -> dict[str, Any]:
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    if not any(name == "host" for name, _ in pairs):
        pairs.insert(0, ("host", host))
    path, _, query = path.partition("?")
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), text.encode("latin-1")) for name, text in pairs],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 7860),
        "subprotocols": [],
    }
