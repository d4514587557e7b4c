"""A session's WebSocket as programs use it: labels go out, pictures of what changed come back.

Binary frames: the length of a JSON object as uint32, little-endian; the object; raw bytes. Labels
are applied at once, renders newest first, so that not every number sent comes back in a result.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from maskgan.errors import MissingExtraError, PhotoError, ServerError
from maskgan.images import Pixels
from maskgan.labels import Labels
from maskgan.picture import decoded, opened
from maskgan.web.caller import problem

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

__all__ = ["Live", "LiveResult", "pack", "unpack"]

Quality = Literal["preview", "full"]
Styles = Mapping[str, Mapping[str, Any]]
"""Class name or "all" -> {"style": id, "strength": 0 to 1}."""

_LENGTH = struct.Struct("<I")
_LARGEST = 256 << 20
"""Bytes of the longest frame taken."""


@dataclass(frozen=True, kw_only=True)
class LiveResult:
    """One picture from the server."""

    seq: int
    """Number of the message it answers; results of older ones are not sent any more."""
    quality: Quality
    rect: tuple[int, int, int, int]
    """x, y, width, height of what differs from what came before; all 0 where nothing does."""
    picture: Pixels | None
    """The rectangle of the edited crop, uint8 (height, width, 3)."""
    seconds: float
    """The server's work."""
    changed_fraction: float
    """Share of the crop that differs from the original."""


class Live:
    """The connection; a context manager that closes it. `picture` is what a page would show."""

    def __init__(
        self, address: str, headers: Mapping[str, str], original: Pixels, timeout: float
    ) -> None:
        """Connects to a `ws://` address; `original` is the crop, `timeout` in seconds. Raises
        `ServerError`, and `MissingExtraError` without the package websockets."""
        try:
            from websockets.exceptions import InvalidHandshake, InvalidStatus
            from websockets.sync.client import connect
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                "live needs the package websockets; install it with: pip install 'maskgan[web]'."
            ) from error
        self.picture = original.copy()
        self.timeout = timeout
        self._seq = 0
        self._open = ExitStack()
        try:
            connecting = connect(
                address,
                additional_headers=dict(headers),
                compression=None,
                proxy=None,
                open_timeout=timeout,
                max_size=_LARGEST,
            )
            self._connection: ClientConnection = self._open.enter_context(connecting)
        except InvalidStatus as error:
            response = error.response
            raise problem(response.status_code, bytes(response.body or b""), address) from error
        except (OSError, TimeoutError, InvalidHandshake) as error:
            raise ServerError(
                f"The server did not open the WebSocket ({error}); see whether the session is "
                "still there, and the token right."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; the session stays."""
        self._open.close()

    def paint(
        self,
        x: int,
        y: int,
        labels: Labels,
        render: Quality | None = None,
        styles: Styles | None = None,
    ) -> int:
        """Sets the labels of a rectangle, uint8 (height, width), whose corner is at x, y, and asks
        for a picture if `render` says so. Gives the message's number."""
        height, width = labels.shape
        header: dict[str, Any] = {"type": "labels", "rect": [x, y, width, height]}
        if render is not None:
            header |= {"render": render, "styles": dict(styles or {})}
        return self._send(header, np.ascontiguousarray(labels, np.uint8).tobytes())

    def render(self, quality: Quality = "full", styles: Styles | None = None) -> int:
        """Asks for a picture of the labels as they are. Gives the message's number."""
        return self._send({"type": "render", "quality": quality, "styles": dict(styles or {})})

    def reset(self) -> None:
        """Makes the server send the whole crop next time."""
        self.send(pack({"type": "reset"}))

    def send(self, frame: bytes) -> None:
        """Sends a frame as it is. Raises `ServerError` where the connection is closed."""
        from websockets.exceptions import ConnectionClosed

        try:
            self._connection.send(frame)
        except ConnectionClosed as error:
            raise ServerError(f"The server closed the WebSocket ({error}).") from error

    def receive(self, timeout: float | None = None) -> LiveResult:
        """The next picture, which is also laid into `picture`; waits for `timeout` seconds at most
        (default: the connection's). A problem, or silence, is a `ServerError`."""
        from websockets.exceptions import ConnectionClosed

        waited = self.timeout if timeout is None else timeout
        try:
            frame = self._connection.recv(waited)
        except TimeoutError as error:
            raise ServerError(
                f"The server sent nothing over the WebSocket for {waited:g} s.", slug="silence"
            ) from error
        except ConnectionClosed as error:
            raise ServerError(f"The server closed the WebSocket ({error}).") from error
        header, payload = unpack(frame)
        if header.get("type") == "problem":
            raise ServerError(str(header.get("detail")), slug=str(header.get("slug", "")))
        x, y, width, height = header["rect"]
        picture = None
        if payload:
            picture = _picture(payload)
            self.picture[y : y + height, x : x + width] = picture
        return LiveResult(
            seq=header["seq"],
            quality=header["quality"],
            rect=(x, y, width, height),
            picture=picture,
            seconds=header["seconds"],
            changed_fraction=header["changed_fraction"],
        )

    def result(self, seq: int, timeout: float | None = None) -> LiveResult:
        """The first picture that shows message `seq` or a later one; lays those before it too."""
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            found = self.receive(max(0.0, end - time.monotonic()))
            if found.seq >= seq:
                return found

    def _send(self, header: dict[str, Any], payload: bytes = b"") -> int:
        self._seq += 1
        self.send(pack(header | {"seq": self._seq}, payload))
        return self._seq


def pack(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """A frame from its JSON object and its raw bytes."""
    text = json.dumps(header).encode()
    return _LENGTH.pack(len(text)) + text + payload


def unpack(frame: bytes | str) -> tuple[dict[str, Any], bytes]:
    """JSON object and raw bytes of a frame. Raises `ServerError` where it is none."""
    if isinstance(frame, bytes) and len(frame) >= _LENGTH.size:
        end = _LENGTH.size + _LENGTH.unpack_from(frame)[0]
        try:
            header = json.loads(frame[_LENGTH.size : end])
        except ValueError:
            header = None
        if end <= len(frame) and isinstance(header, dict):
            return header, frame[end:]
    raise ServerError("The server sent something over the WebSocket that is no frame.")


def _picture(data: bytes) -> Pixels:
    """A picture of any size, as uint8 (H, W, 3)."""
    with opened(data, PhotoError, 1) as picture:
        return decoded(picture, "The result")[0]
