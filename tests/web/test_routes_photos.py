"""Sessions, photos and faces over HTTP."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest
from PIL import Image
from small_server import API, OpenFace, packed, served

from maskgan import images, samples
from maskgan.editing.editor import Editor
from maskgan.labels import colorize
from maskgan.web.app import create_app
from maskgan.web.sessions import Limits
from tiny_bundle import SIDE, face_labels

SENTENCES = "application/problem+json"


def new_session(client: httpx.Client) -> str:
    answer = client.post(f"{API}/sessions")
    assert answer.status_code == 201
    return str(answer.json()["id"])


def jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 150)).save(buffer, "JPEG")
    return buffer.getvalue()


def test_a_session_from_beginning_to_end(new_face: OpenFace) -> None:
    found = new_face.client.get(f"{API}/sessions/{new_face.id}").json()
    assert found["photo"]["name"] == "me.png"
    assert (found["photo"]["width"], found["photo"]["format"]) == (SIDE, "PNG")
    assert found["face"]["size"] == SIDE
    assert found["face"]["matrix"] == np.eye(3).tolist()
    assert found["face"]["present"] == [int(n) for n in np.unique(face_labels())]
    assert (found["styles"], found["labels_changed"]) == ([], 0)
    ended = new_face.client.delete(f"{API}/sessions/{new_face.id}")
    assert (ended.status_code, ended.content) == (204, b"")
    for answer in (
        new_face.get("labels"),
        new_face.client.delete(f"{API}/sessions/{new_face.id}"),
        new_face.post("render", json={}),
    ):
        assert (answer.status_code, answer.json()["slug"]) == (404, "session-not-found")
        assert answer.headers["content-type"] == SENTENCES


def test_nothing_is_open_yet(client: httpx.Client) -> None:
    name = new_session(client)
    found = client.get(f"{API}/sessions/{name}").json()
    assert (found["photo"], found["faces"], found["face"]) == (None, [], None)
    base = f"{API}/sessions/{name}"
    for answer in (
        client.get(f"{base}/photo"),
        client.get(f"{base}/labels"),
        client.get(f"{base}/crop"),
        client.post(f"{base}/face", json={"number": 1}),
        client.post(f"{base}/render", json={}),
        client.post(f"{base}/tools/grow", json={"classes": [13], "radius": 2}),
        client.post(f"{base}/export", json={"kind": "photo"}),
        client.put(f"{base}/labels", content=b""),
    ):
        assert (answer.status_code, answer.json()["slug"]) == (409, "no-photo")


def test_a_sample_is_opened_with_its_labels(client: httpx.Client) -> None:
    base = f"{API}/sessions/{new_session(client)}"
    photo = client.post(f"{base}/photo?sample=face").json()
    assert (photo["width"], photo["height"], len(photo["faces"])) == (512, 512, 1)
    spot = photo["faces"][0]
    assert spot["box"] == [0, 0, 512, 512]
    assert spot["right_eye"][0] < spot["left_eye"][0] < 512
    face = client.post(f"{base}/face", json={"number": 1}).json()
    assert (face["size"], face["number"], face["count"]) == (512, 1, 1)
    raw = client.get(f"{base}/labels", headers={"Accept": "application/octet-stream"}).content
    np.testing.assert_array_equal(
        np.frombuffer(raw, np.uint8).reshape(512, 512), images.read_labels(samples.LABELS)
    )
    crop = images.read(client.get(f"{base}/crop?which=original").content)
    np.testing.assert_array_equal(crop, images.read(samples.FACE))


def test_a_face_is_found_and_cut_out(live_server: str) -> None:
    """A sample face on a larger canvas, with the package's own networks."""
    canvas = np.full((700, 900, 3), 128, np.uint8)
    canvas[120:632, 200:712] = images.read(samples.FACE)
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "JPEG", quality=92)
    with httpx.Client(base_url=live_server, timeout=60) as client:
        base = f"{API}/sessions/{new_session(client)}"
        photo = client.post(f"{base}/photo?name=../a/me.jpg", content=buffer.getvalue()).json()
        assert (photo["name"], photo["format"], len(photo["faces"])) == ("me.jpg", "JPEG", 1)
        x, y, width, height = photo["faces"][0]["box"]
        assert 200 < x < x + width < 712
        assert 120 < y < y + height < 700
        face = client.post(f"{base}/face", json={"number": 1}).json()
        assert (face["size"], face["number"], face["count"]) == (512, 1, 1)
        assert {1, 2, 4, 5, 11, 12, 13} <= set(face["present"])
        eye = np.array(face["matrix"]) @ [*photo["faces"][0]["right_eye"], 1]
        np.testing.assert_allclose(eye[:2], (191, 243), atol=25)
        points = [photo["faces"][0][name] for name in ("right_eye", "left_eye", "mouth")]
        pointed = client.post(f"{base}/face", json={"points": points}).json()
        assert (pointed["size"], pointed["number"]) == (512, None)
        missing = client.post(f"{base}/face", json={"number": 2})
        assert (missing.status_code, missing.json()["slug"]) == (422, "photo-refused")
        assert "There is no face 2" in missing.json()["detail"]
        client.delete(base)


def test_no_face_is_no_error(live_server: str) -> None:
    with httpx.Client(base_url=live_server, timeout=60) as client:
        base = f"{API}/sessions/{new_session(client)}"
        answer = client.post(f"{base}/photo?name=sky.jpg", content=jpeg(300, 200))
        assert (answer.status_code, answer.json()["faces"]) == (200, [])
        refused = client.post(f"{base}/face", json={"number": 1})
        assert refused.status_code == 422
        assert "No face was found in sky.jpg" in refused.json()["detail"]
        client.delete(base)


def test_the_photo_made_smaller(new_face: OpenFace) -> None:
    answer = new_face.get("photo?side=32")
    assert answer.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (32, 32)
    assert new_face.get("photo?side=5").status_code == 422


def test_known_labels_take_the_place_of_the_parser(new_face: OpenFace) -> None:
    known = np.roll(face_labels(), 3, axis=0)
    new_face.post("face", json={"number": 1, "labels": packed(known)})
    np.testing.assert_array_equal(new_face.labels("original"), known)
    np.testing.assert_array_equal(new_face.labels(), known)


def test_a_photo_that_is_not_the_crop_of_an_aligned_one(client: httpx.Client) -> None:
    base = f"{API}/sessions/{new_session(client)}"
    answer = client.post(f"{base}/photo?aligned=true", content=jpeg(100, 80))
    assert answer.status_code == 422
    assert "100x80 pixels; an aligned crop is a square" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({}, "give one of number, points and aligned"),
        ({"number": 1, "aligned": True}, "give one of"),
        ({"number": 0}, "The body's number is not as described"),
        ({"number": True}, "The body's number is not as described"),
        ({"points": [[1, 2], [3, 4]]}, "The body's points is not as described"),
        ({"points": [[1, 2], [3, 4], [5, "6"]]}, "The body's points.2.1 is not as described"),
        ({"number": 1, "face": 3}, "The body's face is not as described"),
        ({"number": 1, "labels": "####"}, "The label map cannot be decoded"),
        ({"number": 1, "labels": packed(np.zeros((8, 8), np.uint8))}, "expected 4096"),
        ({"number": 1, "labels": packed(np.full((64, 64), 30, np.uint8))}, "the value 30"),
        ({"points": [[1, 1], [1, 1], [1, 1]]}, "The points coincide"),
    ],
)
def test_choices_that_are_refused(new_face: OpenFace, choice: object, sentence: str) -> None:
    answer = new_face.post("face", json=choice)
    assert (answer.status_code, answer.headers["content-type"]) == (422, SENTENCES)
    assert sentence in answer.json()["detail"]
    np.testing.assert_array_equal(new_face.labels(), face_labels())


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is empty"),
        (b"no photo at all", "me.jpg is not a picture that can be read"),
        (jpeg(300, 200)[:-200], "damaged or cut short"),
        (jpeg(20, 20), "expected at least 32"),
    ],
)
def test_photos_that_are_refused(new_face: OpenFace, body: bytes, sentence: str) -> None:
    answer = new_face.post("photo?name=me.jpg", content=body)
    assert (answer.status_code, answer.json()["slug"]) == (422, "photo-refused")
    assert sentence in answer.json()["detail"]
    np.testing.assert_array_equal(new_face.labels(), face_labels())


def test_samples_that_are_not_there(new_face: OpenFace) -> None:
    for answer in (
        new_face.post("photo?sample=nobody"),
        new_face.post("styles?sample=nobody"),
        new_face.client.get(f"{API}/samples/nobody"),
    ):
        assert (answer.status_code, answer.json()["slug"]) == (404, "sample-not-found")


def test_forms_are_refused(new_face: OpenFace) -> None:
    answer = new_face.post("photo", files={"file": ("me.jpg", b"123")})
    assert (answer.status_code, answer.json()["slug"]) == (415, "media-type-refused")


def test_limits_of_size_and_pixels(small_editor: Editor) -> None:
    app = create_app(small_editor, limits=Limits(upload_bytes=2000, pixels=10_000))
    with served(app) as client:
        assert client.get(f"{API}/info").json()["limits"] == {
            "upload_bytes": 2000,
            "pixels": 10_000,
        }
        base = f"{API}/sessions/{new_session(client)}"
        photo = jpeg(101, 100)
        assert len(photo) < 2000
        many = client.post(f"{base}/photo?name=sky.jpg", content=photo)
        assert many.status_code == 422
        assert (
            "sky.jpg has 101x100 pixels; this server takes 0.01 megapixels"
            in (many.json()["detail"])
        )
        said = client.post(f"{base}/photo", content=bytes(2001))
        unsaid = client.post(f"{base}/photo", content=iter([bytes(1500), bytes(1500)]))
        for answer in (said, unsaid):
            assert (answer.status_code, answer.json()["slug"]) == (413, "too-large")
        assert "0.001907 MiB" in said.json()["detail"]


def test_another_photo_takes_the_place_of_the_first(new_face: OpenFace, small_photo: bytes) -> None:
    assert new_face.post("photo?aligned=true", content=small_photo).status_code == 200
    answer = new_face.get("labels")
    assert (answer.status_code, answer.json()["slug"]) == (409, "no-face")
    assert new_face.post("face", json={"aligned": True}).status_code == 200
    np.testing.assert_array_equal(new_face.labels(), face_labels())
    crop = images.read(new_face.get("crop").content)
    np.testing.assert_array_equal(crop, colorize(face_labels()))
