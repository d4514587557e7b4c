"""Styles: looks of other faces, drawn at random, or colours, that regions can take."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from maskgan.web import descriptions, schemas
from maskgan.web.problems import Refusal
from maskgan.web.routes.photos import WEBP, Name, SampleName
from maskgan.web.services import OpenSession, Served, unless_gone
from maskgan.web.session import OpenStyle, Session
from maskgan.web.uploads import RAW_BODY, body_of, plain_name

__all__ = ["router"]

router = APIRouter(tags=["styles"])

StyleId = Annotated[str, Path(max_length=64, description="Of the style.")]


@router.post("/sessions/{id}/styles", summary="Take the look of a photo", openapi_extra=RAW_BODY)
async def add_style(
    request: Request,
    session: OpenSession,
    services: Served,
    aligned: Annotated[bool, Query(description="The photo is itself a crop.")] = False,
    name: Name = "style",
    sample: SampleName = None,
    face: Annotated[
        int | None, Query(ge=1, le=10_000, description="Number of the face; null = the largest.")
    ] = None,
) -> schemas.StyleInfo:
    """The body is the photo's file."""
    data = await body_of(request, services.limits.upload_bytes)
    if sample is not None:
        work = services.worker.run(services.opening.sample_style, sample)
    else:
        if not data:
            raise Refusal(422, "photo-refused", "The body is empty; expected a photo's bytes.")
        shown = plain_name(name, "style")
        work = services.worker.run(services.opening.style, data, shown, aligned, face)
    return _added(session, services, await unless_gone(request, work))


@router.post("/sessions/{id}/styles/random", summary="Draw a look")
async def add_random_style(
    request: Request, session: OpenSession, services: Served, order: schemas.RandomStyle
) -> schemas.StyleInfo:
    """A look between those of the samples. The same seed gives the same one."""
    with session.lock:
        face = session.face
    work = services.worker.run(services.opening.random, order.seed, face)
    return _added(session, services, await unless_gone(request, work))


@router.post("/sessions/{id}/styles/colour", summary="Choose a colour")
async def add_colour(
    session: OpenSession, services: Served, order: schemas.ColourStyle
) -> schemas.StyleInfo:
    """A look that is nothing but a colour: hair, lips, brows, eyes, skin, clothes and hats that
    take it are dyed."""
    return _added(session, services, services.opening.colour(order.colour))


@router.get(
    "/sessions/{id}/styles/{style}/thumbnail",
    summary="A style's small picture",
    response_class=Response,
    responses=WEBP,
)
async def thumbnail(session: OpenSession, style: StyleId) -> Response:
    """128 pixels a side."""
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(session.find_style(style).thumbnail, 200, headers, "image/webp")


@router.delete("/sessions/{id}/styles/{style}", status_code=204, summary="Remove a style")
async def remove_style(session: OpenSession, style: StyleId) -> None:
    """Regions that had it have their own look again."""
    with session.lock:
        session.find_style(style)
        del session.styles[style]
        session.mixture = {
            region: portion for region, portion in session.mixture.items() if portion.style != style
        }


def _added(session: Session, services: Served, style: OpenStyle) -> schemas.StyleInfo:
    session.add_style(style)
    services.sessions.tidy(session)
    return descriptions.of_style(session, style)
