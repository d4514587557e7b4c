"""The client against the real server: what programs do, and what goes wrong for them."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running_server import running

from maskgan import __version__, samples
from maskgan.editing import attributes, masks
from maskgan.errors import ConfigError, PhotoError, ServerError
from maskgan.images import read_labels
from maskgan.labels import IDS
from maskgan.provenance import read_provenance
from maskgan.web.client import Client
from maskgan.web.live_client import Live, pack, unpack

TOKEN = "a-token-of-the-test"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(TOKEN) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url, TOKEN) as opened:
        yield opened


@pytest.fixture
def editing(client: Client) -> Client:
    """A client with the sample face open."""
    client.photo(samples.FACE, aligned=True)
    client.face(aligned=True, labels=read_labels(samples.LABELS))
    return client


def test_what_the_server_is(client: Client) -> None:
    info = client.info()
    assert info["version"] == __version__
    assert len(info["classes"]) == 19
    assert info["samples"]


def test_photo_and_face(client: Client) -> None:
    photo = client.photo(samples.FACE)
    assert (photo.name, photo.width, photo.height, photo.format) == ("face.png", 512, 512, "PNG")
    (found,) = photo.faces
    assert found.number == 1
    assert found.right_eye[0] < found.left_eye[0]
    face = client.face()
    assert (face.size, face.number, face.count) == (512, 1, 1)
    eye = face.matrix @ (*found.right_eye, 1.0)
    assert np.abs(eye[:2] - (191.0, 242.8)).max() < 5
    assert IDS["u_lip"] in face.present
    face = client.face(points=[(191, 243), (316, 243), (253, 381)])
    assert np.abs(face.matrix - np.eye(3)).max() < 5


def test_samples_are_opened_by_name(client: Client) -> None:
    name = client.info()["samples"][0]["name"]
    assert client.photo(sample=name, aligned=True).width == 512
    assert client.face(aligned=True).size == 512
    assert client.crop("original").shape == (512, 512, 3)


def test_labels_go_out_and_come_in(editing: Client) -> None:
    known = read_labels(samples.LABELS)
    np.testing.assert_array_equal(editing.labels(), known)
    wanted = masks.paint_disc(known, (256, 380), 30, "mouth")
    assert editing.set_labels(wanted) == int((wanted != known).sum())
    np.testing.assert_array_equal(editing.labels(), wanted)
    np.testing.assert_array_equal(editing.labels("original"), known)


def test_tools_change_no_labels_of_the_session(editing: Client) -> None:
    known = editing.labels()
    smiling = editing.tool("attributes", strengths={"smile": 0.7})
    np.testing.assert_array_equal(smiling, attributes.apply(known, "smile", 0.7))
    np.testing.assert_array_equal(editing.labels(), known)
    both = editing.tool("attributes", smiling, strengths={"hair_length": 0.5})
    np.testing.assert_array_equal(both, attributes.apply(smiling, "hair_length", 0.5))


def test_an_edit_to_the_file(editing: Client, tmp_path: Path) -> None:
    editing.set_labels(editing.tool("attributes", strengths={"smile": 1}))
    share = editing.render()
    assert 0 < share < 0.5
    changed = (editing.crop() != editing.crop("original")).any(axis=2)
    assert 0 < changed.mean() < 0.5
    assert not changed[:100].any()
    exported = editing.export("photo", "png")
    path = exported.save(tmp_path)
    assert (path.parent, path.suffix) == (tmp_path, ".png")
    assert read_provenance(path) is not None
    with Image.open(io.BytesIO(editing.export("labels").data)) as picture:
        np.testing.assert_array_equal(np.asarray(picture), editing.labels())


def test_styles(editing: Client) -> None:
    style = editing.style(samples.FACE, aligned=True)
    assert IDS["hair"] in style.present
    assert editing.colour_style("#b5651d").name == "#b5651d"
    dice = editing.random_style(7)
    assert dice.id != style.id
    assert editing.render({"hair": {"style": dice.id, "strength": 1}}) > 0


def test_strokes_over_the_web_socket(editing: Client) -> None:
    before = editing.labels()
    with editing.live() as live:
        original = live.picture.copy()
        stroke = np.full((12, 60), IDS["u_lip"], np.uint8)
        first = live.result(live.paint(226, 380, stroke, "preview"))
        assert first.quality == "preview"
        last = live.result(live.render("full"))
        assert (last.quality, last.seq) == ("full", 2)
        assert last.changed_fraction > 0
        changed = (live.picture != original).any(axis=2)
        assert changed[380:392, 226:286].any()
        assert not changed[:100].any()
        assert (editing.labels()[380:392, 226:286] == IDS["u_lip"]).all()
        undone = live.paint(226, 380, before[380:392, 226:286], "full")
        back = live.result(undone)
        assert back.changed_fraction == 0
        np.testing.assert_array_equal(editing.labels(), before)
        live.reset()
        whole = live.result(live.render("full"))
        assert whole.seq == 4


def test_a_bad_stroke_is_a_problem_and_the_connection_stays(editing: Client) -> None:
    with editing.live() as live:
        live.paint(500, 500, np.zeros((100, 100), np.uint8))
        with pytest.raises(ServerError) as caught:
            live.receive()
        assert str(caught.value).endswith(".")
        assert caught.value.slug
        assert live.result(live.render("preview")).quality == "preview"


def test_a_project_comes_back(editing: Client, url: str) -> None:
    wanted = masks.paint_disc(editing.labels(), (256, 380), 30, "mouth")
    editing.set_labels(wanted)
    project = editing.export("project", state={"note": "kept"})
    with Client(url, TOKEN) as other:
        found = other.open_project(project.data)
        assert found["state"] == {"note": "kept"}
        np.testing.assert_array_equal(other.labels(), wanted)


def test_the_token_is_asked_for(url: str) -> None:
    with pytest.raises(ServerError, match="asks for its token") as caught, Client(url) as client:
        client.info()
    assert (caught.value.status, caught.value.slug) == (401, "token-missing")
    with Client(f"{url}/?token={TOKEN}") as client:
        assert client.info()["version"] == __version__


def test_what_goes_wrong_is_the_server_s_sentence(client: Client) -> None:
    with pytest.raises(ServerError) as caught:
        client.face()
    assert caught.value.status == 409
    with pytest.raises(ServerError) as caught:
        client.photo(b"not a picture")
    assert caught.value.status in (415, 422)
    with pytest.raises(ServerError) as caught:
        client.photo(sample="nobody")
    assert caught.value.status in (404, 422)
    client.photo(samples.FACE, aligned=True)
    client.face(aligned=True)
    with pytest.raises(ServerError) as caught:
        client.tool("attributes", strengths={"frown": 1})
    assert "frown" in str(caught.value)


def test_a_session_ends_with_its_client(url: str) -> None:
    with Client(url, TOKEN) as client:
        ended = client.session
    with Client(url, TOKEN) as other:
        other._session = ended
        with pytest.raises(ServerError) as caught:
            other.labels()
        assert (caught.value.status, caught.value.slug) == (404, "session-not-found")
        with pytest.raises(ServerError) as caught:
            other.live()
        assert caught.value.slug == "session-not-found"


def test_a_web_socket_that_is_not_opened(editing: Client, url: str) -> None:
    address = f"{url.replace('http', 'ws')}/api/v1/sessions/{editing.session}/live"
    picture = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(ServerError, match="asks for its token") as caught:
        Live(address, {}, picture, 30)
    assert (caught.value.status, caught.value.slug) == (401, "token-missing")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with pytest.raises(ServerError, match=r"A page of 'http://attacker.example' sent this"):
        Live(address, headers | {"Origin": "http://attacker.example"}, picture, 30)
    with pytest.raises(ServerError) as caught:
        Live(address.replace(editing.session, "nothing"), headers, picture, 30).receive()
    assert caught.value.slug == "session-not-found"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ServerError, match="did not open the WebSocket"):
        Live(f"ws://127.0.0.1:{port}/", {}, picture, 30)


def test_sources(tmp_path: Path) -> None:
    client = Client()
    with pytest.raises(ConfigError, match="one of them"):
        client.photo()
    with pytest.raises(ConfigError, match="one of them"):
        client.photo(b"", sample="a")
    with pytest.raises(PhotoError, match=r"Cannot read .*nowhere.jpg"):
        client.photo(tmp_path / "nowhere.jpg")


def test_frames() -> None:
    assert unpack(pack({"type": "reset"}, b"\x00{}")) == ({"type": "reset"}, b"\x00{}")
    for damaged in (b"", b"\x01\x00\x00", b"\xff\xff\xff\xff{}", b"\x02\x00\x00\x00[]", "text"):
        with pytest.raises(ServerError, match="no frame"):
            unpack(damaged)
