"""Files of an edit over HTTP, and projects there and back."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
import zlib
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from small_server import API, OpenFace

from maskgan import images, samples
from maskgan.labels import Labels, colorize
from maskgan.provenance import read_provenance
from tiny_bundle import SIDE, face_labels


def export(opened: OpenFace, kind: str, **order: Any) -> httpx.Response:
    answer: httpx.Response = opened.post("export", json={"kind": kind, **order})
    assert answer.status_code == 200, answer.text
    return answer


def name_of(answer: httpx.Response) -> str:
    found = re.fullmatch(
        r"attachment; filename=\"(.+)\"; filename\*=UTF-8''.+",
        answer.headers["content-disposition"],
    )
    assert found
    return found[1]


def test_the_photo_changes_only_where_it_was_edited(new_face: OpenFace, stroke: Labels) -> None:
    new_face.put(stroke)
    answer = export(new_face, "photo")
    assert (name_of(answer), answer.headers["content-type"]) == ("me-edited.png", "image/png")
    before, after = images.read(new_face.photo), images.read(answer.content)
    changed = (before != after).any(axis=2)
    assert changed[stroke != face_labels()].all()
    assert not changed[:36].any()
    assert read_provenance(answer.content).by_model
    unmarked = export(new_face, "photo", provenance=False)
    assert not read_provenance(unmarked.content).by_model


def test_a_photo_that_is_larger_than_its_crop(live_server: str) -> None:
    """The edit of a found face comes back in the photo's own size; elsewhere nothing changes."""
    canvas = np.full((700, 900, 3), 128, np.uint8)
    canvas[120:632, 200:712] = images.read(samples.FACE)
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "PNG")
    with httpx.Client(base_url=live_server, timeout=60) as client:
        opened = OpenFace(client, client.post(f"{API}/sessions").json()["id"], buffer.getvalue())
        opened.post("photo?name=b%C3%A9b%C3%A9.png", content=opened.photo)
        opened.post("face", json={"number": 1})
        raw = opened.post(
            "tools/attributes",
            json={"strengths": {"mouth_open": 1}},
            headers={"Accept": "application/octet-stream"},
        ).content
        client.put(opened.at("labels"), content=raw)
        answer = export(opened, "photo")
        assert (
            "filename*=UTF-8''b%C3%A9b%C3%A9-edited.png" in (answer.headers["content-disposition"])
        )
        changed = (images.read(answer.content) != canvas).any(axis=2)
        assert changed.shape == (700, 900)
        rows, columns = np.nonzero(changed)
        assert rows.size
        assert rows.min() > 350, "the eyes are above"
        assert columns.min() > 300
        assert columns.max() < 620
        client.delete(f"{API}/sessions/{opened.id}")


@pytest.mark.parametrize(
    ("kind", "format", "name", "width"),
    [
        ("crop", None, "me-crop.png", SIDE),
        ("crop", "webp", "me-crop.webp", SIDE),
        ("photo", "jpg", "me-edited.jpg", SIDE),
        ("comparison", None, "me-before-after.png", 2 * SIDE + 8),
        ("comparison", "jpg", "me-before-after.jpg", 2 * SIDE + 8),
        ("labels", None, "me-labels.png", SIDE),
        ("animation", None, "me-transition.gif", SIDE),
        ("animation", "webp", "me-transition.webp", SIDE),
    ],
)
def test_pictures(
    new_face: OpenFace, stroke: Labels, kind: str, format: str | None, name: str, width: int
) -> None:
    new_face.put(stroke)
    answer = export(new_face, kind, format=format, frames=3)
    assert name_of(answer) == name
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (width, SIDE)
        assert getattr(picture, "n_frames", 1) == (4 if kind == "animation" else 1)


def test_a_video(new_face: OpenFace, stroke: Labels) -> None:
    new_face.put(stroke)
    answer = export(new_face, "animation", format="mp4", frames=2)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content[4:8] == b"ftyp"


def test_labels_are_those_that_were_set(new_face: OpenFace, stroke: Labels) -> None:
    new_face.put(stroke)
    np.testing.assert_array_equal(images.read_labels(export(new_face, "labels").content), stroke)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"kind": "labels", "format": "jpg"}, "A labels cannot be written as jpg"),
        ({"kind": "crop", "format": "mp4"}, "expected one of png, jpg, webp"),
        ({"kind": "film"}, "The body's kind is not as described"),
        ({"kind": "animation", "frames": 1}, "The body's frames is not as described"),
        ({"kind": "photo", "styles": {"hair": {"style": "nobody"}}}, "There is no style 'nobody'"),
        ({}, "The body's kind is not as described"),
    ],
)
def test_files_that_are_refused(new_face: OpenFace, order: object, sentence: str) -> None:
    answer = new_face.post("export", json=order)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


def test_a_project_there_and_back(new_face: OpenFace, stroke: Labels) -> None:
    new_face.put(stroke)
    photo = new_face.post("styles?name=look.png&aligned=true", content=new_face.photo).json()
    drawn = new_face.post("styles/random", json={"seed": 5}).json()
    styles = {
        "skin": {"style": photo["id"], "strength": 0.5},
        "hair": {"style": drawn["id"], "strength": 1.0},
    }
    state = {"steps": [], "note": "\u00e9", "deep": [[1]]}
    file = export(new_face, "project", styles=styles, state=state)
    assert name_of(file) == "me-project.mgp"
    edited = new_face.get("crop").content

    other = OpenFace(new_face.client, new_face.client.post(f"{API}/sessions").json()["id"], b"")
    answer = other.post("project", content=file.content)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["state"] == state
    assert found["photo"]["name"] == "me.png"
    assert len(found["photo"]["faces"]) == 1
    assert found["face"]["size"] == SIDE
    raw = np.frombuffer(zlib.decompress(base64.b64decode(found["labels"])), np.uint8)
    np.testing.assert_array_equal(raw.reshape(SIDE, SIDE), stroke)
    np.testing.assert_array_equal(other.labels(), stroke)
    np.testing.assert_array_equal(other.labels("original"), face_labels())
    assert [style["was"] for style in found["styles"]] == [photo["id"], drawn["id"]]
    assert found["mixture"]["skin"] == {"style": found["styles"][0]["id"], "strength": 0.5}
    assert other.client.get(found["styles"][1]["thumbnail"]).status_code == 200
    assert other.get("crop").content == edited, "the same picture"
    again = export(other, "photo", styles={})
    assert images.read(again.content).shape == (SIDE, SIDE, 3)


def test_a_state_that_cannot_be_encoded(new_face: OpenFace) -> None:
    order = b'{"kind": "project", "state": {"a": "\\ud800"}}'
    file = new_face.post("export", content=order, headers={"Content-Type": "application/json"})
    assert file.status_code == 200
    answer = new_face.post("project", content=file.content)
    assert answer.status_code == 200
    assert answer.json()["state"] == {"a": "\ud800"}


def damaged(file: bytes) -> bytes:
    """A project whose face lies nowhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry == "project.json":
                data = json.dumps(json.loads(data) | {"matrix": [[1, 2, 3]] * 3}).encode()
            new.writestr(entry, data)
    return buffer.getvalue()


def test_projects_that_are_refused(new_face: OpenFace) -> None:
    file = export(new_face, "project").content
    for body in (b"", b"nothing", file[:100], file[:-30], damaged(file)):
        answer = new_face.post("project", content=body)
        assert (answer.status_code, answer.json()["slug"]) == (422, "project-refused")
    np.testing.assert_array_equal(new_face.labels(), face_labels())
    crop = images.read(new_face.get("crop").content)
    np.testing.assert_array_equal(crop, colorize(face_labels()))
