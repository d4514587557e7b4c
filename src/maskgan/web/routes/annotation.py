"""Annotate mode: the photos of the folder, their faces and labels, and what is done with each.

A photo is its number; no name that a program sends is ever a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from maskgan.alignment.similarity import Similarity
from maskgan.editing.choice import choose
from maskgan.editing.face import Face
from maskgan.errors import PhotoError
from maskgan.labels import Labels
from maskgan.web import descriptions, schemas
from maskgan.web.annotation import Annotation, Choice, Item
from maskgan.web.drafts import Layout, State
from maskgan.web.opening import Opening
from maskgan.web.problems import Refusal
from maskgan.web.services import Served, unless_gone
from maskgan.web.session import OpenPhoto
from maskgan.web.uploads import RAW, RAW_BODY, body_of

__all__ = ["router"]

router = APIRouter(tags=["annotation"])

FRESH = "private, max-age=600"
"""How long a browser keeps thumbnails, which take long for thousands of photos."""


class PhotoItem(BaseModel):
    """One photo of the folder."""

    number: int = Field(description="Names its face in the dataset.")
    name: str = Field(examples=["me.jpg"])
    state: State


class PhotoList(BaseModel):
    """The folder."""

    id: str = Field(description="Tells this annotation from every other one.")
    layout: Layout
    aligned: bool = Field(description="Whether the photos are crops in the CelebA-HQ frame.")
    count: int
    done: int
    items: list[PhotoItem]


class Where(BaseModel):
    """The session that a photo is opened in, and which face: by number, by three points, or the
    photo as it is; without any of these the one chosen before, else the largest."""

    model_config = ConfigDict(extra="forbid")
    session: str = Field(max_length=64, description="Id of an open session.")
    number: int | None = Field(default=None, ge=1, le=10_000, strict=True)
    points: list[schemas.Point] | None = Field(
        default=None,
        min_length=3,
        max_length=3,
        description="The person's right eye, left eye and mouth.",
    )
    aligned: bool | None = Field(
        default=None, strict=True, description="The photo is itself a crop in the CelebA-HQ frame."
    )
    find: bool = Field(
        default=False, strict=True, description="Look for all faces and choose none of them."
    )

    @model_validator(mode="after")
    def _one(self) -> Where:
        given = (self.number is not None) + (self.points is not None) + bool(self.aligned)
        if given + self.find > 1:
            raise ValueError("give at most one of number, points, aligned (true) and find (true)")
        return self


class ChosenFace(BaseModel):
    """What chooses the same face again in any session that has the photo."""

    points: list[list[float]] | None = None
    aligned: bool | None = None


class OpenedItem(BaseModel):
    """A photo that was opened."""

    item: PhotoItem
    photo: schemas.PhotoInfo
    face: schemas.FaceInfo | None = Field(description="null where none was found, or with find.")
    choice: ChosenFace | None


class NewState(BaseModel):
    """What a person makes of a photo."""

    model_config = ConfigDict(extra="forbid")
    state: Choice = Field(
        description='"started" = neither done nor skipped; without saved labels it is new again.'
    )


@dataclass(frozen=True, eq=False)
class _Opened:
    photo: OpenPhoto
    face: Face | None = None
    frame: Similarity | None = None
    choice: ChosenFace | None = None


async def _annotation(request: Request) -> Annotation:
    annotation: Annotation | None = request.app.state.annotation
    if annotation is None:
        raise Refusal(
            404,
            "annotation-off",
            "This server has no folder to annotate; start it with --annotate DIR --output DIR.",
        )
    return annotation


Folder = Annotated[Annotation, Depends(_annotation)]


async def _number(
    annotation: Folder,
    number: Annotated[int, Path(ge=0, lt=100_000, description="Of a photo, as listed.")],
) -> int:
    if number not in annotation:
        raise Refusal(
            404, "photo-not-listed", f"There is no photo {number} in this annotation; list them."
        )
    return number


Number = Annotated[int, Depends(_number)]


@router.get("/annotation", summary="The photos of the folder")
async def listed(annotation: Folder) -> PhotoList:
    """All photos and what is done with each."""
    return PhotoList(
        id=annotation.id,
        layout=annotation.layout,
        aligned=annotation.aligned,
        count=len(annotation),
        done=annotation.done,
        items=[_of_item(item) for item in annotation.items()],
    )


@router.get(
    "/annotation/{number}/thumbnail",
    summary="A photo of the folder, small",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}, "description": "The picture."}},
)
async def thumbnail(
    request: Request,
    annotation: Folder,
    number: Number,
    services: Served,
    side: Annotated[int, Query(ge=16, le=512, description="Longest side in pixels.")] = 128,
) -> Response:
    """The upright photo as WebP."""
    work = services.worker.compute(annotation.thumbnail, number, side)
    data = await unless_gone(request, work)
    return Response(data, 200, {"Cache-Control": FRESH}, "image/webp")


@router.get(
    "/annotation/{number}/photo",
    summary="The file of a photo",
    response_class=Response,
    responses={200: {"content": {RAW: {}}, "description": "The file."}},
)
async def photo_file(annotation: Folder, number: Number, services: Served) -> Response:
    """As sessions open it: an aligned photo at the size that the layout asks for."""
    opening = await services.worker.compute(annotation.open, number)
    return Response(opening.data, 200, {"Cache-Control": "no-store"}, RAW)


@router.post("/annotation/{number}/open", summary="Open a photo of the folder in a session")
async def open_item(
    request: Request, annotation: Folder, number: Number, services: Served, where: Where
) -> OpenedItem:
    """The session then has the photo, its face, and the labels that were saved, else the parser's.
    Another face than before makes what was saved void."""
    session = services.sessions.get(where.session)
    work = services.worker.run(_open, services.opening, annotation, number, where)
    opened = await unless_gone(request, work)
    session.take_photo(opened.photo)
    if opened.face is not None and opened.frame is not None:
        item = annotation.choose(number, opened.frame)
        session.take_face(opened.photo, opened.face, numbered=where.points is None)
    else:
        item = annotation.item(number) if where.find else annotation.without_face(number)
    services.sessions.tidy(session)
    face = None
    if opened.face is not None:
        face = descriptions.of_face(opened.face, where.points is None)
    return OpenedItem(
        item=_of_item(item),
        photo=descriptions.of_photo(opened.photo),
        face=face,
        choice=opened.choice,
    )


@router.put(
    "/annotation/{number}/labels", summary="Save the labels of a photo", openapi_extra=RAW_BODY
)
async def save_labels(
    request: Request,
    annotation: Folder,
    number: Number,
    services: Served,
    done: Annotated[
        bool | None, Query(description="Whether they are what they shall be; absent = as before.")
    ] = None,
) -> PhotoItem:
    """The body is S x S raw bytes, row after row. They are on disk when the answer comes; labels
    that are done are in the dataset."""
    data = await body_of(request, services.limits.upload_bytes)
    item = await services.worker.compute(annotation.save, number, data, done)
    return _of_item(item)


@router.post("/annotation/{number}/state", summary="Mark a photo as done or skipped")
async def set_state(
    annotation: Folder, number: Number, services: Served, wanted: NewState
) -> PhotoItem:
    """What is skipped, or done no more, leaves the dataset; its labels are kept."""
    item = await services.worker.compute(annotation.set_state, number, wanted.state)
    return _of_item(item)


def _open(opening: Opening, annotation: Annotation, number: int, where: Where) -> _Opened:
    """Opens a photo and the face that is meant; runs in the worker's thread."""
    kept = annotation.open(number)
    name, data, labels = kept.name, kept.data, kept.labels
    chosen = where.number is not None or where.points is not None
    if kept.aligned and (chosen or where.aligned is False):
        raise PhotoError(f"{name} is a crop already, as all photos here: it has no other face.")
    if where.points is not None:
        right_eye, left_eye, mouth = ((x, y) for x, y in where.points)
        photo = opening.framed(data, name, Similarity.from_points(right_eye, left_eye, mouth))
    elif kept.frame is not None and not (chosen or where.aligned or where.find):
        photo = opening.framed(data, name, kept.frame)
    else:
        photo = opening.photo(data, name, bool(where.aligned) or kept.aligned)
        if where.find or (not photo.faces and where.number is None):
            return _Opened(photo)
    index = choose(photo.faces, name, where.number)
    frame = photo.faces[index].similarity
    if kept.frame is None or not np.array_equal(frame.matrix, kept.frame.matrix):
        labels = None

    def known(side: int) -> Labels | None:
        return labels if labels is not None and labels.shape[0] == side else None

    face = opening.face(photo, index + 1, None, known)
    if photo.aligned:
        return _Opened(photo, face, frame, ChosenFace(aligned=True))
    spots = opening.framed(data, name, frame).faces[0]
    points = [list(spots.right_eye), list(spots.left_eye), list(spots.mouth)]
    return _Opened(photo, face, frame, ChosenFace(points=points))


def _of_item(item: Item) -> PhotoItem:
    return PhotoItem(number=item.number, name=item.name, state=item.state)
