"""Binary frames of the live channel, as the server reads and writes them.

A frame is the length of a JSON object as uint32, little-endian, the object in UTF-8, and a payload
of raw bytes. What comes in may come from anybody: sizes, types and numbers are checked, and what is
wrong is a `Refusal` with a sentence. Knows no session.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from maskgan.editing.mixture import Mixture, Portion
from maskgan.errors import ConfigError
from maskgan.web.problems import Refusal

__all__ = ["Message", "Quality", "Rect", "pack", "read"]

Quality = Literal["preview", "full"]
Rect = tuple[int, int, int, int]
"""x, y, width, height in pixels of the crop."""

MAX_HEADER: Final = 64 << 10
"""Most bytes of the JSON object."""
MAX_PORTIONS: Final = 32
"""Most regions with a style."""
MAX_SEQ: Final = 2**53
"""Numbers from here on are not exact in a page."""

_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a page sends."""

    type: Literal["labels", "render", "reset"]
    seq: int | None = None
    rect: Rect | None = None
    """Of labels."""
    payload: bytes = b""
    quality: Quality | None = None
    """Of the picture that is asked for; None = none is."""
    mixture: Mixture | None = None
    """Which region takes which style; None = as before."""


def pack(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """A frame from its JSON object and its raw bytes."""
    text = json.dumps(header).encode()
    return b"".join((_LENGTH.pack(len(text)), text, payload))


def read(frame: bytes) -> Message:
    """The message of a frame. Raises `Refusal`, which knows the number where there was one."""
    header, payload = _split(frame)
    seq = header.get("seq")
    if seq is not None and (type(seq) is not int or not 0 <= seq < MAX_SEQ):
        raise _bad(f"seq is {seq!r:.40}, not a whole number from 0")
    try:
        return _message(header, payload, seq)
    except ConfigError as error:
        raise BadFrame(str(error), seq) from error
    except BadFrame as error:
        error.seq = seq
        raise


class BadFrame(Refusal):
    """A frame that is none."""

    def __init__(self, detail: str, seq: int | None = None) -> None:
        super().__init__(400, "bad-frame", detail)
        self.seq = seq


def _message(header: dict[str, Any], payload: bytes, seq: int | None) -> Message:
    kind = header.get("type")
    if kind == "reset":
        return Message(type="reset", seq=seq)
    if kind == "render":
        wanted = _quality(header.get("quality", "preview"), "quality")
        return Message(type="render", seq=seq, quality=wanted, mixture=_mixture(header))
    if kind != "labels":
        raise _bad(f"its type is {kind!r:.40}, not labels, render or reset")
    rect = header.get("rect")
    if not isinstance(rect, list) or [type(n) for n in rect] != [int] * 4:
        raise _bad(f"rect is {rect!r:.80}, not [x, y, width, height] in whole pixels")
    asked = header.get("render")
    quality = None if asked is None else _quality(asked, "render")
    x, y, width, height = rect
    return Message(
        type="labels",
        seq=seq,
        rect=(x, y, width, height),
        payload=payload,
        quality=quality,
        mixture=_mixture(header) if quality else None,
    )


def _split(frame: bytes) -> tuple[dict[str, Any], bytes]:
    if len(frame) < _LENGTH.size:
        raise _bad(f"it has {len(frame)} bytes, not even the length of its header")
    (length,) = _LENGTH.unpack_from(frame)
    end = _LENGTH.size + length
    if length > MAX_HEADER or end > len(frame):
        raise _bad(f"it announces a header of {length} bytes and has {len(frame) - 4} in all")
    try:
        header = json.loads(frame[_LENGTH.size : end].decode())
    except (ValueError, RecursionError) as error:
        raise _bad("its header is no JSON in UTF-8") from error
    if not isinstance(header, dict):
        raise _bad("its header is no JSON object")
    return header, frame[end:]


def _quality(value: Any, name: str) -> Quality:
    if value not in ("preview", "full"):
        raise _bad(f"{name} is {value!r:.40}, not preview or full")
    return "full" if value == "full" else "preview"


def _mixture(header: Mapping[str, Any]) -> Mixture | None:
    styles = header.get("styles")
    if styles is None:
        return None
    if not isinstance(styles, dict) or len(styles) > MAX_PORTIONS:
        raise _bad('styles is not an object such as {"hair": {"style": ID, "strength": 1}}')
    found: dict[str, Portion] = {}
    for region, value in styles.items():
        portion = value if isinstance(value, dict) else {}
        style, strength = portion.get("style"), portion.get("strength", 1.0)
        if not isinstance(style, str) or type(strength) not in (int, float):
            raise _bad(f'the style of {region!r:.40} is not {{"style": ID, "strength": 0 to 1}}')
        found[region] = Portion(style=style, strength=strength)
    return found


def _bad(what: str) -> BadFrame:
    return BadFrame(f"A message on the live channel cannot be read: {what}. Send it again.")
