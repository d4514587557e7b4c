"""How tests call the server: an app on a free port, and a session with a small face."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI

from maskgan.labels import Labels
from maskgan.web.listener import listen, serving
from tiny_bundle import SIDE

API = "/api/v1"
RAW = {"Accept": "application/octet-stream"}


def packed(labels: Labels) -> str:
    """Labels as JSON carries them."""
    return base64.b64encode(zlib.compress(labels.tobytes())).decode()


@dataclass(frozen=True)
class OpenFace:
    """A session in which a face of 64 px is open, whose colours are those of its labels."""

    client: httpx.Client
    id: str
    photo: bytes

    def at(self, name: str) -> str:
        return f"{API}/sessions/{self.id}/{name}"

    def get(self, name: str, **options: Any) -> Any:
        return self.client.get(self.at(name), **options)

    def post(self, name: str, **options: Any) -> Any:
        return self.client.post(self.at(name), **options)

    def labels(self, which: str = "current") -> Labels:
        answer = self.get(f"labels?which={which}", headers=RAW)
        assert answer.status_code == 200, answer.text
        return np.frombuffer(answer.content, np.uint8).reshape(SIDE, SIDE)

    def put(self, labels: Labels) -> int:
        answer = self.client.put(self.at("labels"), content=labels.tobytes())
        assert answer.status_code == 200, answer.text
        return int(answer.json()["changed_pixels"])


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of an app that is served on a free port."""
    with listen("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with serving(app, listening), httpx.Client(base_url=url, timeout=60) as client:
            yield client
