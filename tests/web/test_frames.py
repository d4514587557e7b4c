"""Frames of the live channel: read back as written, and everything else is a sentence."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest

from maskgan.editing.mixture import Portion
from maskgan.web import live_client
from maskgan.web.frames import MAX_HEADER, BadFrame, Message, pack, read

LABELS = {"type": "labels", "seq": 3, "rect": [1, 2, 2, 1]}


def test_labels() -> None:
    assert read(pack(LABELS, b"\1\2")) == Message(
        type="labels", seq=3, rect=(1, 2, 2, 1), payload=b"\1\2"
    )


def test_labels_that_ask_for_a_picture() -> None:
    styles = {"hair": {"style": "a", "strength": 0.5}, "all": {"style": "b"}}
    found = read(pack({**LABELS, "render": "full", "styles": styles}, b"\1\2"))
    assert found.quality == "full"
    assert found.mixture == {"hair": Portion(style="a", strength=0.5), "all": Portion(style="b")}


def test_render_and_reset() -> None:
    found = read(pack({"type": "render", "seq": 1, "quality": "preview", "styles": {}}))
    assert (found.quality, found.mixture) == ("preview", {})
    assert read(pack({"type": "render"})) == Message(type="render", quality="preview")
    assert read(pack({"type": "reset"})) == Message(type="reset")


def test_programs_write_the_same_frames() -> None:
    assert live_client.pack(LABELS, b"ab") == pack(LABELS, b"ab")
    assert live_client.unpack(pack(LABELS, b"ab")) == (LABELS, b"ab")


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (b"", "it has 0 bytes"),
        (b"\1\0\0", "it has 3 bytes"),
        (struct.pack("<I", 10) + b"{}", "announces a header of 10 bytes"),
        (struct.pack("<I", MAX_HEADER + 1) + bytes(MAX_HEADER + 1), "announces a header"),
        (struct.pack("<I", 2) + b"\xff\xfe", "no JSON in UTF-8"),
        (struct.pack("<I", 2) + b"[]", "no JSON object"),
        (struct.pack("<I", 40000) + b"[" * 40000, "no JSON in UTF-8"),
    ],
)
def test_what_is_no_frame(frame: bytes, sentence: str) -> None:
    with pytest.raises(BadFrame, match=sentence):
        read(frame)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"type": "paint"}, "its type is 'paint'"),
        ({"type": None}, "its type is None"),
        ({"rect": [1, 2, 3]}, "rect is"),
        ({"rect": [1, 2, 2, 1.0]}, "rect is"),
        ({"rect": [True, 2, 2, 1]}, "rect is"),
        ({"render": "best"}, "render is 'best'"),
        ({"seq": -1}, "seq is -1"),
        ({"seq": "1"}, "seq is '1'"),
        ({"seq": 2**60}, "seq is"),
        ({"render": "full", "styles": []}, "styles is not an object"),
        ({"render": "full", "styles": {"hair": "a"}}, "the style of 'hair'"),
        ({"render": "full", "styles": {"hair": {"style": 1}}}, "the style of 'hair'"),
        ({"render": "full", "styles": {"hair": {"style": "a", "strength": "1"}}}, "the style of"),
        ({"render": "full", "styles": {"hair": {"style": "a", "strength": 2}}}, "strength .* is 2"),
        ({"render": "full", "styles": {str(n): {} for n in range(40)}}, "styles is not"),
    ],
)
def test_what_means_nothing(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadFrame, match=sentence):
        read(pack({**LABELS, **change}, b"\1\2"))


def test_numbers_that_json_does_not_have() -> None:
    text = json.dumps({**LABELS, "render": "full", "styles": {"hair": {"style": "a"}}})
    for value in ("NaN", "Infinity", "1e999"):
        changed = text.replace('"style": "a"', f'"style": "a", "strength": {value}').encode()
        with pytest.raises(BadFrame, match="strength") as bad:
            read(struct.pack("<I", len(changed)) + changed)
        assert bad.value.seq == 3, "the page learns which message it was"


def test_damaged_frames_are_refused_or_read() -> None:
    """Whatever bytes are changed, there is a message or a sentence."""
    rng = np.random.default_rng(0)
    whole = np.frombuffer(pack({**LABELS, "render": "full", "styles": {}}, b"\1\2"), np.uint8)
    refused = 0
    for _ in range(1000):
        frame = whole.copy()
        places = rng.integers(0, frame.size, rng.integers(1, 4))
        frame[places] = rng.integers(0, 256, places.size)
        try:
            read(frame[: rng.integers(0, frame.size + 1)].tobytes())
        except BadFrame:
            refused += 1
    assert refused > 500
