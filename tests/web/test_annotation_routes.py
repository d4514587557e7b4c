"""Annotate mode over HTTP: a folder opened photo by photo, labels saved, states, refusals."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from small_server import API, RAW, served

from maskgan import images
from maskgan.data.verify import verify
from maskgan.editing.editor import Editor
from maskgan.labels import Labels, colorize
from maskgan.web.annotation import Annotation
from maskgan.web.app import create_app
from tiny_bundle import SIDE, face_labels, write_face

POINTS = [[96.0, 116.0], [160.0, 116.0], [128.0, 182.0]]
"""Right eye, left eye and mouth of a face of 256 px."""


@dataclass(frozen=True)
class Folder:
    """A folder that is annotated, and a session."""

    client: httpx.Client
    session: str
    output: Path

    def open(self, photo: int, **where: Any) -> httpx.Response:
        body = {"session": self.session, **where}
        return self.client.post(f"{API}/annotation/{photo}/open", json=body)

    def save(self, number: int, labels: Labels, query: str = "") -> httpx.Response:
        address = f"{API}/annotation/{number}/labels{query}"
        return self.client.put(address, content=labels.tobytes())

    def states(self) -> list[str]:
        return [item["state"] for item in self.client.get(f"{API}/annotation").json()["items"]]

    def labels(self, side: int) -> Labels:
        address = f"{API}/sessions/{self.session}/labels"
        data = self.client.get(address, headers=RAW).content
        return np.frombuffer(data, np.uint8).reshape(side, side)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two faces, and something that shows none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b"):
        images.write(folder / f"{name}.png", colorize(face_labels(256)))
    images.write(folder / "wall.png", np.full((200, 300, 3), 128, np.uint8))
    return folder


def annotated(editor: Editor, annotation: Annotation) -> Iterator[Folder]:
    with served(create_app(editor, annotation=annotation)) as client:
        session = client.post(f"{API}/sessions").json()["id"]
        yield Folder(client, session, annotation.output)


@pytest.fixture
def folder(small_editor: Editor, photos: Path, tmp_path: Path) -> Iterator[Folder]:
    yield from annotated(small_editor, Annotation(photos, tmp_path / "out"))


@pytest.fixture
def crops(small_editor: Editor, tmp_path: Path) -> Iterator[Folder]:
    """Of one aligned crop."""
    (tmp_path / "crops").mkdir()
    write_face(tmp_path / "crops")
    (tmp_path / "crops" / "labels.png").unlink()
    yield from annotated(
        small_editor, Annotation(tmp_path / "crops", tmp_path / "out", aligned=True)
    )


def test_a_crop_is_parsed_corrected_and_done(crops: Folder) -> None:
    listed = crops.client.get(f"{API}/annotation").json()
    assert listed["items"] == [{"number": 0, "name": "face.png", "state": "new"}]
    assert (listed["count"], listed["done"], listed["aligned"]) == (1, 0, True)
    opened = crops.open(0).json()
    assert opened["face"]["size"] == SIDE
    assert opened["choice"] == {"points": None, "aligned": True}
    labels = crops.labels(SIDE).copy()
    np.testing.assert_array_equal(labels, face_labels())
    labels[:4] = 14
    assert crops.save(0, labels).json()["state"] == "started"
    again = crops.client.post(f"{API}/sessions").json()["id"]
    other = Folder(crops.client, again, crops.output)
    assert other.open(0).json()["item"]["state"] == "started"
    np.testing.assert_array_equal(other.labels(SIDE), labels)
    assert crops.save(0, labels, "?done=true").json()["state"] == "done"
    written = images.read_labels(crops.output / "labels" / "00000.png")
    np.testing.assert_array_equal(written, labels)
    assert crops.client.get(f"{API}/annotation").json()["done"] == 1
    assert verify(crops.output, progress=False, workers=1).ok


def test_a_face_that_is_pointed_at_is_remembered(folder: Folder) -> None:
    assert folder.open(2).json()["face"] is None
    assert folder.states() == ["new", "new", "no-face"]
    pointed = folder.open(0, points=POINTS).json()
    assert pointed["face"]["size"] == 512
    side = 512
    labels = folder.labels(side).copy()
    assert {4, 5, 11, 12} <= set(pointed["face"]["present"])
    labels[:9] = 14
    folder.save(0, labels, "?done=true")
    opened = folder.open(0).json()
    np.testing.assert_allclose(opened["face"]["matrix"], pointed["face"]["matrix"])
    np.testing.assert_array_equal(folder.labels(side), labels)
    # The points that come back choose the same face in any other session.
    np.testing.assert_allclose(opened["choice"]["points"], pointed["choice"]["points"])
    session = folder.client.post(f"{API}/sessions").json()["id"]
    data = folder.client.get(f"{API}/annotation/0/photo").content
    folder.client.post(f"{API}/sessions/{session}/photo?name=a.png", content=data)
    points = {"points": opened["choice"]["points"]}
    chosen = folder.client.post(f"{API}/sessions/{session}/face", json=points).json()
    np.testing.assert_allclose(chosen["matrix"], opened["face"]["matrix"], atol=1e-9)
    moved = [[x + 8, y] for x, y in POINTS]
    assert folder.open(0, points=moved).json()["item"]["state"] == "new"
    assert not (folder.output / "labels" / "00000.png").exists()


def test_looking_for_faces_again_changes_nothing(folder: Folder) -> None:
    folder.open(1, points=POINTS)
    labels = folder.labels(512)
    folder.save(1, labels, "?done=true")
    answer = folder.open(1, find=True).json()
    assert answer["face"] is None
    assert answer["choice"] is None
    assert answer["item"]["state"] == "done"
    assert folder.open(1).json()["item"]["state"] == "done"
    np.testing.assert_array_equal(folder.labels(512), labels)


def test_photos_can_be_skipped_and_taken_back(folder: Folder) -> None:
    address = f"{API}/annotation/1/state"
    skipped = folder.client.post(address, json={"state": "skipped"})
    assert skipped.json() == {"number": 1, "name": "b.png", "state": "skipped"}
    assert folder.client.post(address, json={"state": "started"}).json()["state"] == "new"
    answer = folder.client.post(address, json={"state": "done"})
    assert answer.status_code == 422
    assert "has no labels yet" in answer.json()["detail"]


def test_thumbnails_are_small_and_upright(
    small_editor: Editor, photos: Path, tmp_path: Path
) -> None:
    wide = Image.fromarray(np.full((900, 1600, 3), (200, 30, 30), np.uint8))
    turned = wide.getexif()
    turned[274] = 6  # Shown upright it stands: a quarter turn.
    wide.save(photos / "phone.jpg", exif=turned)
    (photos / "zero.jpg").write_bytes(b"")
    annotation = Annotation(photos, tmp_path / "out")
    numbers = {item.name: item.number for item in annotation.items()}
    for folder in annotated(small_editor, annotation):
        address = f"{API}/annotation/{numbers['phone.jpg']}/thumbnail?side=96"
        answer = folder.client.get(address)
        assert answer.headers["content-type"] == "image/webp"
        with Image.open(io.BytesIO(answer.content)) as small:
            assert small.size == (54, 96)
            red, green, _ = np.asarray(small.convert("RGB"))[48, 27]
            assert red > 150 > 60 > green
        broken = folder.client.get(f"{API}/annotation/{numbers['zero.jpg']}/thumbnail")
        assert broken.status_code == 422
        assert "zero.jpg" in broken.json()["detail"]


@pytest.mark.parametrize(
    ("where", "status", "sentence"),
    [
        ({"points": POINTS[:2]}, 422, "points"),
        ({"points": POINTS, "find": True}, 422, "at most one of"),
        ({"number": 3}, 422, "face"),
        ({"session": "nobody"}, 404, "no session"),
        ({"path": "/etc/passwd"}, 422, "path"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_a_sentence(
    folder: Folder, where: dict[str, Any], status: int, sentence: str
) -> None:
    answer = folder.open(0, **where)
    assert answer.status_code == status
    assert sentence in answer.json()["detail"].lower()
    assert folder.states() == ["new"] * 3


@pytest.mark.parametrize("number", ["3", "-1", "99999999999999999999", "..%2F..%2Fetc", "a.png"])
def test_only_listed_numbers_name_photos(folder: Folder, number: str) -> None:
    before = sorted(path for path in folder.output.rglob("*"))
    for method, end in (
        ("GET", "thumbnail"),
        ("GET", "photo"),
        ("PUT", "labels"),
        ("POST", "state"),
    ):
        answer = folder.client.request(
            method, f"{API}/annotation/{number}/{end}", json={"state": "done"}
        )
        assert answer.status_code in (404, 422)
        assert answer.json()["detail"]
    assert sorted(path for path in folder.output.rglob("*")) == before


def test_aligned_photos_have_no_other_face(crops: Folder) -> None:
    answer = crops.open(0, points=[[20, 20], [40, 20], [30, 40]])
    assert answer.status_code == 422
    assert "is a crop already" in answer.json()["detail"]


def test_without_a_folder_there_is_no_annotation(client: httpx.Client) -> None:
    answer = client.get(f"{API}/annotation")
    assert (answer.status_code, answer.json()["slug"]) == (404, "annotation-off")
    assert client.get(f"{API}/info").json()["annotation"] is None
