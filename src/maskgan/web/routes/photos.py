"""Sessions, the photo of a session, and the face that is edited in it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from maskgan.labels import Labels
from maskgan.web import descriptions, pictures, schemas
from maskgan.web.problems import Refusal
from maskgan.web.services import OpenSession, Served, SessionId, unless_gone
from maskgan.web.session import OpenPhoto
from maskgan.web.uploads import RAW_BODY, body_of, plain_name, unpacked
from maskgan.web.worker import Wish

__all__ = ["Name", "SampleName", "router"]

router = APIRouter(tags=["photo and face"])

Name = Annotated[str, Query(max_length=200, description="Name of the file.")]
SampleName = Annotated[
    str | None, Query(max_length=64, description="Open this sample instead of a body.")
]
WEBP: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/webp": {}}, "description": "The picture."}
}


@router.post("/sessions", status_code=201, summary="Open a session")
async def open_session(services: Served) -> schemas.NewSession:
    """A session holds one photo, one face, labels and styles. Sessions that are not used expire."""
    return schemas.NewSession(id=services.sessions.open().id)


@router.delete("/sessions/{id}", status_code=204, summary="End a session")
async def close_session(name: SessionId, services: Served) -> None:
    """The server forgets all of it."""
    services.sessions.close(name)


@router.get("/sessions/{id}", summary="What is open in a session")
async def describe(session: OpenSession) -> schemas.SessionInfo:
    """Photo, faces, the chosen face, styles, and how many labels were changed."""
    return descriptions.of_session(session)


@router.post("/sessions/{id}/photo", summary="Open a photo", openapi_extra=RAW_BODY)
async def open_photo(
    request: Request,
    session: OpenSession,
    services: Served,
    aligned: Annotated[
        bool, Query(description="The photo is itself a crop in the CelebA-HQ frame.")
    ] = False,
    name: Name = "photo",
    sample: SampleName = None,
) -> schemas.PhotoInfo:
    """The body is the file: JPEG, PNG, WebP, HEIC and what else Pillow reads. Its faces are found;
    none is no error. The face, labels and result that were open before go."""
    photo: OpenPhoto
    data = await body_of(request, services.limits.upload_bytes)
    if sample is not None:
        work = services.worker.run(services.opening.sample, sample)
    else:
        if not data:
            raise Refusal(422, "photo-refused", "The body is empty; expected a photo's bytes.")
        shown = plain_name(name, "photo")
        work = services.worker.run(services.opening.photo, data, shown, aligned)
    photo = await unless_gone(request, work)
    session.take_photo(photo)
    services.sessions.tidy(session)
    return descriptions.of_photo(photo)


@router.get(
    "/sessions/{id}/photo",
    summary="The photo, made smaller",
    response_class=Response,
    responses=WEBP,
)
async def preview(
    request: Request,
    session: OpenSession,
    services: Served,
    side: Annotated[int, Query(ge=16, le=4096, description="Longest side in pixels.")] = 1600,
) -> Response:
    """The upright photo as WebP."""
    photo = session.need_photo()
    work = services.worker.run(services.opening.preview, photo, side)
    return Response(await unless_gone(request, work), media_type="image/webp")


@router.post("/sessions/{id}/face", summary="Choose the face")
async def choose_face(
    request: Request, session: OpenSession, services: Served, choice: schemas.FaceChoice
) -> schemas.FaceInfo:
    """The face is cut out, parsed and encoded; its labels are then the session's."""
    photo = session.need_photo()

    def known(side: int) -> Labels | None:
        return None if choice.labels is None else unpacked(choice.labels, side)

    points = None if choice.points is None else [(x, y) for x, y in choice.points]
    work = services.worker.run(services.opening.face, photo, choice.number, points, known)
    face = await unless_gone(request, work)
    session.take_face(photo, face, numbered=points is None)
    services.sessions.tidy(session)
    return descriptions.of_face(face, points is None)


@router.get(
    "/sessions/{id}/crop",
    summary="The face, as it was or edited",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The crop, exact."}},
)
async def crop(
    request: Request,
    session: OpenSession,
    services: Served,
    which: Annotated[str, Query(pattern="^(original|edited)$")] = "edited",
) -> Response:
    """The edited crop is that of the current labels and styles; what is not rendered yet is."""
    face, _ = session.need_face()
    pixels = face.crop
    if which == "edited":
        picture = await unless_gone(request, services.worker.render(session, Wish(quality="full")))
        pixels = picture.result.crop
    data = await services.worker.compute(pictures.png, pixels)
    return Response(data, media_type="image/png")
