"""The dice with a MaskVAE in the bundle: somebody who does not exist, with shapes to take."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from small_server import API, OpenFace, packed, served

from mask_vae_bundle import add_mask_vae
from maskgan import images
from maskgan.editing import masks, parts
from maskgan.editing.editor import Editor
from maskgan.editing.history import operations
from maskgan.editing.project import read
from maskgan.editing.repetition import repetition
from maskgan.labels import IDS, Labels
from maskgan.web.app import create_app
from tiny_bundle import face_labels, write_bundle, write_face


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return add_mask_vae(write_bundle(tmp_path_factory.mktemp("dice") / "bundle"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    with served(create_app(Editor.open(folder, threads=1))) as client:
        yield client


@pytest.fixture
def face(client: httpx.Client, tmp_path: Path) -> OpenFace:
    photo = write_face(tmp_path)[0].read_bytes()
    opened = OpenFace(client, client.post(f"{API}/sessions").json()["id"], photo)
    assert opened.post("photo?aligned=true&name=me.png", content=photo).status_code == 200
    answer = opened.post("face", json={"aligned": True, "labels": packed(bald())})
    assert answer.status_code == 200, answer.text
    return opened


def bald() -> Labels:
    return masks.erase(face_labels(), "hair")


def roll(face: OpenFace, seed: int) -> dict[str, str]:
    answer = face.post("styles/random", json={"seed": seed})
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def taken(face: OpenFace, style: str, part: str = "hair") -> Labels:
    answer = face.post("tools/take_part", json={"part": part, "style": style})
    assert answer.status_code == 200, answer.text
    return images.read_labels(answer.content)


def test_who_is_rolled_has_shapes_to_take(face: OpenFace) -> None:
    style = roll(face, 3)
    assert style["shapes"] is True
    found = taken(face, style["id"])
    assert (found == IDS["hair"]).any()
    assert not (bald() == IDS["hair"]).any()


def test_the_same_seed_is_the_same_person(face: OpenFace) -> None:
    first, again = (taken(face, roll(face, 8)["id"], "skin") for _ in range(2))
    np.testing.assert_array_equal(first, again)
    pictures = [face.client.get(roll(face, seed)["thumbnail"]).content for seed in (8, 8, 9)]
    assert pictures[0] == pictures[1] != pictures[2]
    with Image.open(io.BytesIO(pictures[0])) as picture:
        assert picture.size == (128, 128)


def test_a_project_keeps_the_person_for_batches(face: OpenFace, folder: Path) -> None:
    style = roll(face, 5)
    new = taken(face, style["id"])
    face.put(new)
    step = {"kind": "labels", "op": {"op": "take_part", "part": "hair", "style": "mine"}}
    state = {"steps": [step], "references": [{"key": "mine", "server": style["id"]}]}
    order = {"kind": "project", "state": state, "styles": {}}
    file = face.post("export", json=order)
    assert file.status_code == 200, file.text

    project = read(file.content)
    assert [one.labels is not None for one in project.styles] == [True]
    assert operations(project)[0]["style"] == project.styles[0].id
    editor = Editor.open(folder, threads=1)
    repeated = repetition(editor, project)
    own = editor.photo(face.photo, aligned=True, labels=bald())
    np.testing.assert_array_equal(repeated.labels(own), new)

    other = OpenFace(face.client, face.client.post(f"{API}/sessions").json()["id"], b"")
    answer = other.post("project", content=file.content)
    assert answer.status_code == 200, answer.text
    [opened] = answer.json()["styles"]
    assert opened["shapes"] is True
    again = other.post("tools/take_part", json={"part": "hair", "style": opened["id"]})
    np.testing.assert_array_equal(images.read_labels(again.content), taken(face, style["id"]))


def test_without_a_mask_vae_the_look_is_nobodys(tmp_path: Path) -> None:
    plain = Editor.open(write_bundle(tmp_path / "bundle"), threads=1)
    with served(create_app(plain)) as client:
        session = client.post(f"{API}/sessions").json()["id"]
        answer = client.post(f"{API}/sessions/{session}/styles/random", json={"seed": 3})
    assert json.loads(answer.content)["shapes"] is False


def test_what_is_taken_is_what_a_program_would_take(face: OpenFace, folder: Path) -> None:
    style = roll(face, 2)
    with_hat = face.post("tools/take_part", json={"part": "hat", "style": style["id"]})
    assert "The other face has no hat to take" in with_hat.json()["detail"]
    project = face.post(
        "export",
        json={
            "kind": "project",
            "state": {},
            "styles": {"hair": {"style": style["id"], "strength": 1.0}},
        },
    )
    [kept] = read(project.content).styles
    assert kept.labels is not None
    small = images.resize_labels(kept.labels, (64, 64))
    wanted = parts.take_part(bald(), small, "mouth", align=True)
    np.testing.assert_array_equal(taken(face, style["id"], "mouth"), wanted)
