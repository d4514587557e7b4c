"""A server with a small bundle, a session with a small face in it, and one with the real bundle."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from small_server import API, OpenFace, packed, served

from maskgan.editing.editor import Editor
from maskgan.labels import Labels
from maskgan.web.app import create_app
from tiny_bundle import face_labels, write_bundle, write_face


@pytest.fixture(scope="session")
def small_editor(tmp_path_factory: pytest.TempPathFactory) -> Editor:
    """An editor whose networks can be worked out by hand; 64 px."""
    return Editor.open(write_bundle(tmp_path_factory.mktemp("web") / "bundle"), threads=1)


@pytest.fixture(scope="session")
def app(small_editor: Editor) -> FastAPI:
    """Served by `client`; tests open their own sessions in it."""
    return create_app(small_editor)


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Calls the app as a program on this machine does."""
    with served(app) as client:
        yield client


@pytest.fixture(scope="session")
def small_photo(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a face of 64 px in the colours of its labels."""
    photo, _ = write_face(tmp_path_factory.mktemp("photo"))
    return photo.read_bytes()


@pytest.fixture
def new_face(client: httpx.Client, small_photo: bytes) -> OpenFace:
    """A session with that face, chosen."""
    opened = OpenFace(client, client.post(f"{API}/sessions").json()["id"], small_photo)
    answer = opened.post("photo?aligned=true&name=me.png", content=small_photo)
    assert answer.status_code == 200, answer.text
    answer = opened.post("face", json={"aligned": True, "labels": packed(face_labels())})
    assert answer.status_code == 200, answer.text
    return opened


@pytest.fixture(scope="session")
def live_server() -> Iterator[str]:
    """The address of a server with the package's own bundle."""
    with served(create_app(Editor.open(threads=1))) as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture
def stroke() -> Labels:
    """The small face's labels with a wider lower lip."""
    labels = face_labels().copy()
    labels[46:49, 22:42] = 12
    return labels
