"""Bodies of requests, and labels on their way in and out: bounded, checked, in a known form."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from maskgan import images
from maskgan.editing.packed import inflate
from maskgan.errors import ConfigError, LabelsError
from maskgan.labels import Labels
from maskgan.web import raw_labels
from maskgan.web.problems import Refusal

__all__ = ["LABELS", "RAW_BODY", "body_of", "label_response", "plain_name", "unpacked"]

RAW: Final = "application/octet-stream"
LABELS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Labels: S x S raw bytes where Accept names octet-stream, else index PNG.",
        "content": {
            RAW: {"schema": {"type": "string", "format": "binary"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
"""How operations that answer with labels describe it."""
RAW_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "description": "The bytes of the file.",
        "content": {RAW: {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""How operations that take a file describe it."""


async def body_of(request: Request, limit: int) -> bytes:
    """The whole body. Raises `Refusal` where it is longer than `limit` bytes, or a form."""
    kind = request.headers.get("content-type", "")
    if kind.startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise Refusal(
            415,
            "media-type-refused",
            f"The body is a form ({kind[:40]}); send the file's bytes themselves as the body, with "
            f"the type {RAW}.",
        )
    said = request.headers.get("content-length", "")
    if said.isdecimal() and len(said) < 20 and int(said) > limit:
        raise _too_large(limit)
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            pieces.append(piece)
    except ClientDisconnect as error:
        raise Refusal(400, "body-incomplete", "The body broke off; send it again.") from error
    return b"".join(pieces)


def unpacked(text: str, side: int) -> Labels:
    """Labels uint8 (S, S) from base64 of zlib. Raises `LabelsError`."""
    try:
        data = inflate(text, side * side, "The label map")
    except ConfigError as error:
        raise LabelsError(str(error)) from error
    return raw_labels.read(data, side)


def label_response(request: Request, labels: Labels) -> Response:
    """Labels in the form that the caller accepts."""
    headers = {"Vary": "Accept"}
    if RAW in request.headers.get("accept", ""):
        return Response(labels.tobytes(), 200, headers, RAW)
    return Response(images.encode_labels(labels), 200, headers, "image/png")


def plain_name(name: str | None, otherwise: str) -> str:
    """A file's name without folders and without what cannot be shown."""
    last = re.split(r"[/\\]", name or "")[-1][:120]
    return "".join(c if c.isprintable() else "?" for c in last).strip() or otherwise


def _too_large(limit: int) -> Refusal:
    return Refusal(
        413,
        "too-large",
        f"The file is larger than {limit / 2**20:.4g} MiB, the most this server takes. Scale the "
        "photo down or save it with more compression.",
    )
