"""Opening a project file in a session."""

from __future__ import annotations

import base64
import json
import zlib

from fastapi import APIRouter, Request
from starlette.responses import Response

from maskgan.web import descriptions, schemas
from maskgan.web.opening import OpenProject
from maskgan.web.services import OpenSession, Served, unless_gone
from maskgan.web.session import Session
from maskgan.web.uploads import RAW_BODY, body_of

__all__ = ["router"]

router = APIRouter(tags=["render and export"])


@router.post(
    "/sessions/{id}/project",
    summary="Open a project",
    openapi_extra=RAW_BODY,
    response_class=Response,
    responses={200: {"model": schemas.OpenedProject, "description": "What was opened."}},
)
async def open_project(request: Request, session: OpenSession, services: Served) -> Response:
    """The body is a project file (.mgp). What was open in the session goes."""
    data = await body_of(request, 2 * services.limits.upload_bytes)
    project = await unless_gone(request, services.worker.run(services.opening.project, data))
    with session.lock:
        session.take_photo(project.photo)
        session.take_face(project.photo, project.face, numbered=False)
        session.set_labels(project.labels)
        session.styles.clear()
        for style in project.styles:
            session.add_style(style)
        session.mixture = dict(project.mixture)
        answer = _answer(session, project)
    services.sessions.tidy(session)
    return Response(answer, media_type="application/json")


def _answer(session: Session, project: OpenProject) -> bytes:
    described = schemas.OpenedProject(
        photo=descriptions.of_photo(project.photo),
        face=descriptions.of_face(project.face, numbered=False),
        labels=base64.b64encode(zlib.compress(project.labels.tobytes())).decode(),
        state={},
        styles=[
            descriptions.of_style(session, style, was)
            for style, was in zip(project.styles, project.was, strict=True)
        ],
        mixture=schemas.uses(project.mixture),
    )
    # The state is anybody's JSON, with text that may not be encoded otherwise than escaped.
    return json.dumps(described.model_dump() | {"state": project.state}).encode()
