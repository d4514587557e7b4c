"""A client of the editor's server for programs: photo, labels, styles, render, export.

    with Client("http://127.0.0.1:7860") as client:
        client.photo("me.jpg")
        face = client.face()
        client.set_labels(client.tool("attributes", strengths={"smile": 1}))
        client.render()
        client.export("photo").save("smiling.jpg")

A client has one session, opened when first needed and closed at the end. Labels are uint8 (S, S),
pictures uint8 (H, W, 3). Whatever goes wrong is a `ServerError` with the server's own sentence.
Needs nothing but what the package needs, and `websockets` for `live`.
"""

from __future__ import annotations

import base64
import math
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from maskgan import files, images
from maskgan.errors import ConfigError, PhotoError, ServerError
from maskgan.images import Pixels
from maskgan.labels import Labels
from maskgan.web.caller import PREFIX, RAW, Caller, Query
from maskgan.web.live_client import Live, Styles

__all__ = ["Client", "Exported", "FoundFace", "OpenedFace", "OpenedPhoto", "OpenedStyle"]

Spot = tuple[float, float]
Source = str | os.PathLike[str] | bytes


@dataclass(frozen=True, kw_only=True)
class FoundFace:
    """A face of a photo, in pixels of the upright photo."""

    number: int
    """In reading order, from 1."""
    box: tuple[float, float, float, float]
    """x, y, width, height."""
    right_eye: Spot
    """The person's own right."""
    left_eye: Spot
    mouth: Spot


@dataclass(frozen=True, kw_only=True)
class OpenedPhoto:
    """A photo that the server has opened."""

    name: str
    width: int
    """Pixels, upright."""
    height: int
    format: str
    faces: tuple[FoundFace, ...]
    """Empty where none was found; give `Client.face` three points then."""


@dataclass(frozen=True, kw_only=True)
class OpenedFace:
    """The face that is edited."""

    size: int
    """Side of the crop in pixels."""
    number: int
    count: int
    matrix: NDArray[np.float64]
    """Photo pixel (x, y, 1) to crop pixel, (3, 3)."""
    present: tuple[int, ...]
    """Classes that the labels show."""


@dataclass(frozen=True, kw_only=True)
class OpenedStyle:
    """A look that regions can take."""

    id: str
    name: str
    present: tuple[int, ...]
    """Classes it has a look for."""
    shapes: bool
    """Whether the tool `take_part` can take its parts."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A finished file."""

    name: str
    """As the server would call it."""
    data: bytes

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes it to a file, or under its own name into a folder; gives the file's path."""
        target = Path(path)
        if target.is_dir():
            target = target / self.name
        files.write_bytes(target, self.data)
        return target


class Client:
    """Talks to one server; a context manager that closes its session."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:7860",
        token: str | None = None,
        *,
        timeout: float = 120.0,
    ) -> None:
        """`url` as `maskgan serve` prints it, also with its token; `timeout` in seconds. Raises
        `ConfigError` where that is no address."""
        self._caller = Caller(url, token, timeout)
        self._session: str | None = None

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
        """Ends the session, of which the server then keeps nothing."""
        if self._session is None:
            return
        path, self._session = f"/sessions/{self._session}", None
        try:
            self._caller.call("DELETE", path)
        except ServerError as error:
            if error.slug != "session-not-found":  # then there is nothing to end
                raise

    @property
    def session(self) -> str:
        """The session's id; the first use opens one."""
        if self._session is None:
            self._session = str(self._caller.json("POST", "/sessions")["id"])
        return self._session

    def info(self) -> dict[str, Any]:
        """What the server is: version, model, classes, attributes, samples, limits."""
        return self._caller.json("GET", "/info")

    def photo(
        self, source: Source | None = None, *, sample: str | None = None, aligned: bool = False
    ) -> OpenedPhoto:
        """Opens a photo from a path or bytes, or a sample of the server by name."""
        data, name = _upload(source, sample)
        query = {"name": name, "sample": sample, "aligned": aligned}
        found = self._json("POST", "photo", data, query)
        faces = tuple(
            FoundFace(
                number=face["number"],
                box=tuple(face["box"]),
                right_eye=tuple(face["right_eye"]),
                left_eye=tuple(face["left_eye"]),
                mouth=tuple(face["mouth"]),
            )
            for face in found["faces"]
        )
        names = ("name", "width", "height", "format")
        return OpenedPhoto(**{name: found[name] for name in names}, faces=faces)

    def face(
        self,
        number: int = 1,
        *,
        points: Sequence[Spot] | None = None,
        aligned: bool = False,
        labels: Labels | None = None,
    ) -> OpenedFace:
        """Chooses the face: by number, by the person's right eye, left eye and mouth, or the photo
        as it is; with known `labels` instead of the parser's."""
        wanted: dict[str, Any] = {"number": number}
        if aligned:
            wanted = {"aligned": True}
        elif points is not None:
            wanted = {"points": [list(point) for point in points]}
        if labels is not None:
            wanted["labels"] = _packed(labels)
        found = self._json("POST", "face", wanted)
        return OpenedFace(
            size=found["size"],
            number=found["number"],
            count=found["count"],
            matrix=np.asarray(found["matrix"], np.float64),
            present=tuple(found["present"]),
        )

    def labels(self, which: Literal["current", "original"] = "current") -> Labels:
        """The labels as they are, or as they were when the face was chosen."""
        return _square(self._raw("GET", "labels", query={"which": which}))

    def set_labels(self, labels: Labels) -> int:
        """Replaces the labels; gives the number of pixels that changed."""
        raw = np.ascontiguousarray(labels, np.uint8).tobytes()
        return int(self._json("PUT", "labels", raw)["changed_pixels"])

    def tool(self, name: str, labels: Labels | None = None, **params: Any) -> Labels:
        """New labels from a tool, which does not set them: `tool("grow", classes=[13], radius=4)`.
        Works on the given labels, else on the session's."""
        if labels is not None:
            params["labels"] = _packed(labels)
        return _square(self._raw("POST", f"tools/{name}", params))

    def style(
        self,
        source: Source | None = None,
        *,
        sample: str | None = None,
        face: int | None = None,
        aligned: bool = False,
    ) -> OpenedStyle:
        """Takes the look of another photo, or of a sample."""
        data, name = _upload(source, sample)
        query = {"name": name, "sample": sample, "face": face, "aligned": aligned}
        return _style(self._json("POST", "styles", data, query))

    def random_style(self, seed: int) -> OpenedStyle:
        """A look that is nobody's; the same seed gives the same one."""
        return _style(self._json("POST", "styles/random", {"seed": seed}))

    def colour_style(self, colour: str) -> OpenedStyle:
        """A look that is a colour such as "#b5651d": regions that take it are dyed."""
        return _style(self._json("POST", "styles/colour", {"colour": colour}))

    def render(self, styles: Styles | None = None) -> float:
        """Renders the labels at full quality; gives the share of the crop that is new."""
        found = self._json("POST", "render", {"styles": dict(styles or {})})
        return float(found["changed_fraction"])

    def crop(self, which: Literal["edited", "original"] = "edited") -> Pixels:
        """The face as it was last rendered, or as it was."""
        return images.read(self._raw("GET", "crop", query={"which": which}, accept="image/png"))

    def export(self, kind: str = "photo", format: str | None = None, **options: Any) -> Exported:
        """A file: `kind` is photo, crop, labels, comparison, animation or project."""
        wanted = {"kind": kind, **options} | ({"format": format} if format else {})
        data, headers = self._caller.call("POST", self._at("export"), wanted)
        name = headers.get_filename() or f"{kind}.{format or 'bin'}"
        return Exported(name=Path(name).name, data=data)

    def open_project(self, source: Source) -> dict[str, Any]:
        """Opens a project file: photo, face, labels, styles and the page's own state."""
        return self._json("POST", "project", _upload(source, None)[0])

    def live(self) -> Live:
        """Opens the session's WebSocket, over which labels go out and pictures come back."""
        caller = self._caller
        scheme = "wss" if caller.secure else "ws"
        address = f"{scheme}://{caller.authority}{PREFIX}{self._at('live')}"
        return Live(address, caller.headers(), self.crop("original"), caller.timeout)

    def _at(self, name: str) -> str:
        return f"/sessions/{self.session}/{name}"

    def _json(
        self, method: str, name: str, body: object = None, query: Query | None = None
    ) -> dict[str, Any]:
        return self._caller.json(method, self._at(name), body, query)

    def _raw(
        self,
        method: str,
        name: str,
        body: object = None,
        query: Query | None = None,
        accept: str = RAW,
    ) -> bytes:
        return self._caller.call(method, self._at(name), body, query, accept)[0]


def _upload(source: Source | None, sample: str | None) -> tuple[bytes | None, str | None]:
    """Bytes and name of a photo to send; nothing for a sample, of which the server has its own."""
    if (source is None) == (sample is None):
        raise ConfigError("Give a photo, as a path or bytes, or the name of a sample; one of them.")
    if source is None or isinstance(source, bytes):
        return source, None
    try:
        return Path(source).read_bytes(), Path(source).name
    except OSError as error:
        raise PhotoError(f"Cannot read {source}: {error.strerror or error}.") from error


def _packed(labels: Labels) -> str:
    """Labels as JSON carries them."""
    raw = np.ascontiguousarray(labels, np.uint8).tobytes()
    return base64.b64encode(zlib.compress(raw)).decode()


def _square(raw: bytes) -> Labels:
    """Raw bytes -> uint8 (S, S)."""
    side = math.isqrt(len(raw))
    if side * side != len(raw):
        raise ServerError(f"The server sent {len(raw)} bytes of labels, which are no square.")
    return np.frombuffer(raw, np.uint8).reshape(side, side).copy()


def _style(found: dict[str, Any]) -> OpenedStyle:
    return OpenedStyle(
        id=found["id"],
        name=found["name"],
        present=tuple(found["present"]),
        shapes=found["shapes"],
    )
