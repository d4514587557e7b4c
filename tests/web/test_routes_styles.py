"""Styles and rendering over HTTP."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from small_server import API, OpenFace

from maskgan import images
from maskgan.labels import Labels, colorize
from tiny_bundle import face_labels


def crop_of(opened: OpenFace) -> images.Pixels:
    return images.read(opened.get("crop").content)


def red_hair() -> bytes:
    crop = colorize(face_labels()).copy()
    crop[face_labels() == 13] = (250, 10, 10)
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_edit_is_rendered(new_face: OpenFace, stroke: Labels) -> None:
    original = crop_of(new_face)
    new_face.put(stroke)
    answer = new_face.post("render", json={})
    assert 0 < answer.json()["changed_fraction"] < 0.5
    edited = crop_of(new_face)
    changed = (edited != original).any(axis=2)
    assert changed[stroke != face_labels()].all()
    assert not changed[:30].any()
    new_face.put(face_labels())
    np.testing.assert_array_equal(crop_of(new_face), original)


def test_the_look_of_a_photo(new_face: OpenFace) -> None:
    answer = new_face.post("styles?name=red.png&aligned=true", content=red_hair())
    style = answer.json()
    assert style["name"] == "red.png"
    assert set(style["present"]) >= {1, 4, 5, 12}
    thumbnail = new_face.client.get(style["thumbnail"])
    with Image.open(io.BytesIO(thumbnail.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (64, 64))
    before = crop_of(new_face)
    shares = []
    for strength in (0, 0.5, 1):
        portion = {"style": style["id"], "strength": strength}
        order = {"styles": {"skin": portion}}
        assert new_face.post("render", json=order).status_code == 200
        change = crop_of(new_face).astype(int) - before
        shares.append(np.abs(change[face_labels() == 1]).mean())
    assert shares[0] == 0
    assert shares == sorted(shares)


def test_styles_that_are_not_there_or_lack_the_region(new_face: OpenFace) -> None:
    unknown = new_face.post("render", json={"styles": {"hair": {"style": "nobody"}}})
    assert (unknown.status_code, unknown.json()["slug"]) == (422, "option-refused")
    style = new_face.post("styles?aligned=true", content=red_hair()).json()["id"]
    hat = new_face.post("render", json={"styles": {"hat": {"style": style}}})
    assert (hat.status_code, hat.json()["slug"]) == (422, "photo-refused")
    tail = new_face.post("render", json={"styles": {"tail": {"style": style}}})
    assert (tail.status_code, tail.json()["slug"]) == (422, "labels-refused")
    wrong = new_face.post("render", json={"styles": {"hair": {"style": style, "strength": 2}}})
    assert "The body's styles.hair.strength is not as described" in wrong.json()["detail"]
    assert new_face.post("render", json={"styles": {}}).status_code == 200


def test_random_styles(new_face: OpenFace) -> None:
    first, again, other = (
        new_face.post("styles/random", json={"seed": seed}).json() for seed in (3, 3, 4)
    )
    assert first["id"] != again["id"]
    assert first["name"] == again["name"] != other["name"]
    pictures = []
    for style in (first, again):
        new_face.post("render", json={"styles": {"all": {"style": style["id"]}}})
        pictures.append(crop_of(new_face))
    np.testing.assert_array_equal(*pictures)
    assert new_face.post("styles/random", json={"seed": -1}).status_code == 422
    for wrong in (1.5, True, "1", None):
        assert new_face.post("styles/random", json={"seed": wrong}).status_code == 422
    assert new_face.post("styles/random", json={"seed": 3.0}).json()["name"] == first["name"]


def test_a_colour(new_face: OpenFace) -> None:
    style = new_face.post("styles/colour", json={"colour": "#b5651d"}).json()
    assert (style["name"], style["shapes"]) == ("#b5651d", False)
    swatch = images.read(new_face.client.get(style["thumbnail"]).content)
    assert np.abs(swatch.astype(int) - (0xB5, 0x65, 0x1D)).max() < 12
    use = {"hair": {"style": style["id"], "strength": 0.5}}
    assert new_face.post("render", json={"styles": use}).status_code == 200
    for wrong in ("b5651d", "#b5651", "#b5651dd", "red", 1, None):
        refused = new_face.post("styles/colour", json={"colour": wrong})
        assert "The body's colour is not as described" in refused.json()["detail"]


def test_removing_a_style(new_face: OpenFace) -> None:
    style = new_face.post("styles?sample=face").json()
    assert style["name"] == "Face 1"
    new_face.post("render", json={"styles": {"hair": {"style": style["id"]}}})
    assert new_face.client.delete(new_face.at(f"styles/{style['id']}")).status_code == 204
    assert new_face.client.get(style["thumbnail"]).json()["slug"] == "style-not-found"
    assert new_face.client.delete(new_face.at(f"styles/{style['id']}")).status_code == 404
    found = new_face.client.get(f"{API}/sessions/{new_face.id}").json()
    assert (found["styles"], found["mixture"]) == ([], {})
    assert new_face.post("render", json={}).json()["changed_fraction"] == 0


def test_styles_without_a_face_of_ones_own(new_face: OpenFace) -> None:
    base = new_face.client.post(f"{API}/sessions").json()["id"]
    address = f"{API}/sessions/{base}/styles"
    assert new_face.client.post(f"{address}/random", json={"seed": 1}).status_code == 200
    assert new_face.client.post(f"{address}?sample=face").status_code == 200
    empty = new_face.client.post(address, content=b"")
    assert (empty.status_code, empty.json()["slug"]) == (422, "photo-refused")
    number = new_face.client.post(f"{address}?aligned=true&face=3", content=red_hair())
    assert "There is no face 3" in number.json()["detail"]
