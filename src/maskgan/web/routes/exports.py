"""Files of an edit: the whole photo, the crop, the labels, before and after, a transition, a
project."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import Response

from maskgan import __version__, images
from maskgan.editing import animation
from maskgan.editing import project as projects
from maskgan.editing.mixture import blend
from maskgan.editing.result import Result
from maskgan.errors import ConfigError
from maskgan.images import Pixels
from maskgan.photo import Photo, save_photo
from maskgan.provenance import Provenance
from maskgan.web import schemas
from maskgan.web.opening import project_of
from maskgan.web.services import OpenSession, Served, Services, unless_gone
from maskgan.web.session import OpenPhoto, OpenStyle, Snapshot
from maskgan.web.worker import Wish

__all__ = ["router"]

router = APIRouter(tags=["render and export"])

GAP: Final = 8
"""White pixels between before and after."""
TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    projects.SUFFIX: "application/zip",
}
CHOICES: Final[dict[schemas.Kind, tuple[str, ...]]] = {
    "photo": (".png", ".jpg", ".webp", ".heic"),
    "crop": (".png", ".jpg", ".webp"),
    "labels": (".png",),
    "comparison": (".png", ".jpg", ".webp"),
    "animation": (".gif", ".mp4", ".webp"),
    "project": (projects.SUFFIX,),
}
"""Suffixes of the files of each kind; the first is the usual one."""
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file, with its name in Content-Disposition.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES.values()
        },
    }
}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Edit:
    """What a file is made of."""

    services: Services
    photo: OpenPhoto
    snapshot: Snapshot
    styles: tuple[OpenStyle, ...]
    result: Result
    order: schemas.ExportOrder
    suffix: str


@router.post(
    "/sessions/{id}/export", summary="Write a file", response_class=Response, responses=FILE
)
async def export(
    request: Request, session: OpenSession, services: Served, order: schemas.ExportOrder
) -> Response:
    """Renders the current labels at full quality first."""
    with session.lock:
        photo = session.need_photo()
        suffix = _suffix(order, photo)
    wish = Wish(quality="full", mixture=schemas.portions(order.styles))
    picture = await unless_gone(request, services.worker.render(session, wish))
    with session.lock:
        edit = _Edit(
            services=services,
            photo=photo,
            snapshot=picture.snapshot,
            styles=tuple(session.styles.values()),
            result=picture.result,
            order=order,
            suffix=suffix,
        )
    data = await unless_gone(request, services.worker.run(_WRITERS[order.kind], edit))
    name = f"{Path(photo.name).stem}-{_WORDS[order.kind]}{suffix}"
    return Response(data, 200, {"Content-Disposition": _disposition(name)}, TYPES[suffix])


def _suffix(order: schemas.ExportOrder, photo: OpenPhoto) -> str:
    """Suffix of the file. Raises `ConfigError` for a format that the kind does not have."""
    known = CHOICES[order.kind]
    if order.format is not None:
        wanted = f".{order.format}"
    else:
        wanted = photo.suffix if order.kind == "photo" and photo.suffix in known else known[0]
    if wanted not in known:
        raise ConfigError(
            f"A {order.kind} cannot be written as {order.format}; expected one of "
            f"{', '.join(suffix[1:] for suffix in known)}."
        )
    return wanted


def _mark(edit: _Edit) -> Provenance | None:
    if not edit.order.provenance or not edit.result.changed.any():
        return None
    return Provenance("maskgan", __version__, edit.result.summary)


def _photo(edit: _Edit) -> bytes:
    face = edit.services.opening.whole(edit.photo, edit.result.face)
    pixels = replace(edit.result, face=face).photo
    return _saved(replace(face.original, pixels=pixels), edit)


def _crop(edit: _Edit) -> bytes:
    return _saved(Photo(edit.result.crop), edit)


def _comparison(edit: _Edit) -> bytes:
    before, after = edit.result.face.crop, edit.result.crop
    gap: Pixels = np.full((before.shape[0], GAP, 3), 255, np.uint8)
    return _saved(Photo(np.hstack([before, gap, after])), edit)


def _labels(edit: _Edit) -> bytes:
    return images.encode_labels(edit.snapshot.labels)


def _animation(edit: _Edit) -> bytes:
    snapshot = edit.snapshot
    style = blend(snapshot.face.style, snapshot.styles, snapshot.mixture)
    frames = animation.frames(
        edit.services.worker.editor, snapshot.face, snapshot.labels, style, edit.order.frames
    )
    format: animation.Format = next(f for f in animation.FORMATS if f".{f}" == edit.suffix)
    return animation.encode(frames, format, provenance=_mark(edit))


def _project(edit: _Edit) -> bytes:
    snapshot = edit.snapshot
    project = project_of(
        edit.photo,
        snapshot.face,
        snapshot.labels,
        edit.styles,
        snapshot.mixture,
        edit.order.state,
    )
    buffer = io.BytesIO()
    projects.write(buffer, project)
    return buffer.getvalue()


def _saved(photo: Photo, edit: _Edit) -> bytes:
    """The bytes of a picture's file, which for a moment lies in a folder that only we can read."""
    with tempfile.TemporaryDirectory(prefix="maskgan-") as folder:
        path = Path(folder) / f"picture{edit.suffix}"
        save_photo(photo, path, provenance=_mark(edit))
        return path.read_bytes()


_WRITERS: Final[dict[schemas.Kind, Callable[[_Edit], bytes]]] = {
    "photo": _photo,
    "crop": _crop,
    "labels": _labels,
    "comparison": _comparison,
    "animation": _animation,
    "project": _project,
}
_WORDS: Final[dict[schemas.Kind, str]] = {
    "photo": "edited",
    "crop": "crop",
    "labels": "labels",
    "comparison": "before-after",
    "animation": "transition",
    "project": "project",
}


def _disposition(name: str) -> str:
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
