"""Labels and tools over HTTP."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image
from small_server import API, RAW, OpenFace, packed

from maskgan import images
from maskgan.editing import attributes, masks, parts
from maskgan.editing.replay import TOOLS
from maskgan.labels import Labels
from tiny_bundle import SIDE, face_labels


def use(opened: OpenFace, tool: str, params: dict[str, Any]) -> Labels:
    answer = opened.post(f"tools/{tool}", json=params, headers=RAW)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    return np.frombuffer(answer.content, np.uint8).reshape(SIDE, SIDE)


def test_labels_as_png(new_face: OpenFace) -> None:
    answer = new_face.get("labels")
    assert answer.headers["content-type"] == "image/png"
    np.testing.assert_array_equal(images.read_labels(answer.content), face_labels())


def test_labels_are_replaced(new_face: OpenFace, stroke: Labels) -> None:
    assert new_face.put(stroke) == np.count_nonzero(stroke != face_labels())
    np.testing.assert_array_equal(new_face.labels(), stroke)
    np.testing.assert_array_equal(new_face.labels("original"), face_labels())
    assert new_face.put(stroke) == 0
    png = images.encode_labels(face_labels())
    answer = new_face.client.put(new_face.at("labels"), content=png)
    assert answer.json()["changed_pixels"] > 0
    np.testing.assert_array_equal(new_face.labels(), face_labels())


def colored() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "have 0 bytes; expected 64x64"),
        (bytes(SIDE * SIDE - 1), "have 4095 bytes"),
        (bytes([99]) * SIDE * SIDE, "the value 99"),
        (images.encode_labels(np.zeros((32, 32), np.uint8)), "expected 64x64"),
        (colored(), "is a colour or 16-bit picture"),
    ],
)
def test_labels_that_are_refused(new_face: OpenFace, body: bytes, sentence: str) -> None:
    answer = new_face.client.put(new_face.at("labels"), content=body)
    assert (answer.status_code, answer.json()["slug"]) == (422, "labels-refused")
    assert sentence in answer.json()["detail"]
    np.testing.assert_array_equal(new_face.labels(), face_labels())


def test_tools_give_labels_and_set_none(new_face: OpenFace) -> None:
    labels = face_labels()
    grown = use(new_face, "grow", {"classes": ["hair"], "radius": 2})
    np.testing.assert_array_equal(grown, masks.grow(labels, "hair", 2))
    smiling = use(new_face, "attributes", {"strengths": {"smile": 1}})
    np.testing.assert_array_equal(smiling, attributes.apply(labels, "smile", 1))
    moved = use(new_face, "transform", {"part": "nose", "matrix": [[1, 0, 3], [0, 1, 0]]})
    np.testing.assert_array_equal(moved, parts.move_part(labels, "nose", 3, 0))
    np.testing.assert_array_equal(new_face.labels(), labels)


def test_tools_work_on_the_labels_they_are_given(new_face: OpenFace, stroke: Labels) -> None:
    cleaned = use(new_face, "erase", {"classes": [12], "labels": packed(stroke)})
    np.testing.assert_array_equal(cleaned, masks.erase(stroke, 12))
    new_face.put(stroke)
    np.testing.assert_array_equal(use(new_face, "erase", {"classes": [12]}), cleaned)


def test_a_region_is_erased(new_face: OpenFace) -> None:
    region = np.zeros((SIDE, SIDE), np.bool_)
    region[40:50, 20:44] = True
    bits = base64.b64encode(zlib.compress(np.packbits(region).tobytes())).decode()
    found = use(new_face, "erase", {"region": bits})
    np.testing.assert_array_equal(found, masks.erase(face_labels(), region))
    assert (found != face_labels()).any()


def test_a_part_of_another_face(new_face: OpenFace) -> None:
    sample = new_face.post("styles?sample=face").json()["id"]
    found = use(new_face, "take_part", {"part": "mouth", "style": sample})
    assert (found != face_labels()).any()
    drawn = new_face.post("styles/random", json={"seed": 1}).json()["id"]
    answer = new_face.post("tools/take_part", json={"part": "mouth", "style": drawn})
    assert "There is no reference face" in answer.json()["detail"]


def test_new_labels_as_png(new_face: OpenFace) -> None:
    answer = new_face.post("tools/shrink", json={"classes": [13], "radius": 1})
    np.testing.assert_array_equal(
        images.read_labels(answer.content), masks.shrink(face_labels(), 13, 1)
    )


@pytest.mark.parametrize(
    ("tool", "params", "status", "sentence"),
    [
        ("blur", {}, 404, "There is no tool 'blur'; the tools are paint"),
        ("grow", {"classes": [13]}, 422, "needs the parameter 'radius'"),
        ("grow", {"classes": [13], "radius": "2"}, 422, "radius is '2'"),
        ("grow", {"classes": [40], "radius": 2}, 422, "There is no class 40"),
        ("grow", {"classes": [14], "radius": 2}, 422, "The label map has no hat"),
        ("attributes", {"strengths": {"smile": 2}}, 422, "smile is 2; expected a number"),
        ("attributes", {"strengths": {"grin": 1}}, 422, "'grin'"),
        ("erase", {"classes": [12], "labels": 5}, 422, "labels is no text"),
        ("erase", {"classes": [12], "labels": "AAAA"}, 422, "cannot be decoded"),
    ],
)
def test_tools_that_are_refused(
    new_face: OpenFace, tool: str, params: dict[str, Any], status: int, sentence: str
) -> None:
    answer = new_face.post(f"tools/{tool}", json=params)
    assert answer.status_code == status
    assert sentence in answer.json()["detail"]


def test_text_that_cannot_be_encoded(new_face: OpenFace) -> None:
    json = {"Content-Type": "application/json"}
    answer = new_face.post("tools/mirror", content=b'{"part": "eyes", "\\ud800": 1}', headers=json)
    assert answer.status_code == 422
    assert "has no parameter '\\ud800'" in answer.json()["detail"]
    order = b'{"styles": {"\\ud800": {"style": "\\ud800"}}}'
    answer = new_face.post("render", content=order, headers=json)
    assert answer.status_code == 422
    state = new_face.client.get(f"{API}/sessions/{new_face.id}")
    assert (state.status_code, state.json()["mixture"]) == (200, {})


@pytest.mark.parametrize("tool", TOOLS)
def test_no_tool_fails_for_nothing(new_face: OpenFace, tool: str) -> None:
    answer = new_face.post(f"tools/{tool}", json={})
    assert answer.status_code in (200, 422), answer.text
