"""The labels of a session, and the tools that make new ones of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from starlette.responses import Response

from maskgan.editing.replay import TOOLS, apply_tool
from maskgan.errors import ConfigError
from maskgan.labels import Labels
from maskgan.web import raw_labels, schemas
from maskgan.web.problems import Refusal
from maskgan.web.services import OpenSession, Served, unless_gone
from maskgan.web.uploads import LABELS, RAW_BODY, body_of, label_response, unpacked

__all__ = ["router"]

router = APIRouter(tags=["labels"])

Params = Annotated[
    dict[str, Any],
    Body(
        description="The tool's parameters; `labels`, base64 of zlib of S x S bytes, is what it "
        "works on, else the session's current labels. "
        + "; ".join(f"{name}: {', '.join(tool.parameters)}" for name, tool in TOOLS.items())
        + ". Classes are ids or names; only = classes that may be covered; locked = classes that "
        "never change; radius in pixels; matrix 2 x 3 maps points.",
        examples=[{"strengths": {"smile": 0.6}}, {"classes": ["hair"], "radius": 4}],
    ),
]


@router.get(
    "/sessions/{id}/labels", summary="The labels", response_class=Response, responses=LABELS
)
async def get_labels(
    request: Request,
    session: OpenSession,
    which: Annotated[str, Query(pattern="^(original|current)$")] = "current",
) -> Response:
    """As raw bytes where Accept names octet-stream, else as an index PNG."""
    face, labels = session.need_face()
    return label_response(request, face.labels if which == "original" else labels)


@router.put("/sessions/{id}/labels", summary="Replace the labels", openapi_extra=RAW_BODY)
async def put_labels(request: Request, session: OpenSession, services: Served) -> schemas.Changed:
    """The body is S x S raw bytes, row after row, or an index PNG."""
    data = await body_of(request, services.limits.upload_bytes)
    face, _ = session.need_face()
    labels = await services.worker.compute(raw_labels.read, data, face.crop.shape[0])
    return schemas.Changed(changed_pixels=session.set_labels(labels))


@router.post(
    "/sessions/{id}/tools/{tool}",
    summary="New labels from a tool",
    response_class=Response,
    responses=LABELS,
)
async def use_tool(
    request: Request,
    session: OpenSession,
    services: Served,
    tool: Annotated[str, Path(max_length=40, description="One of " + ", ".join(TOOLS))],
    params: Params,
) -> Response:
    """The session's own labels stay as they are; put them back to make them current."""
    if tool not in TOOLS:
        raise Refusal(
            404,
            "tool-not-found",
            f"There is no tool {tool!r:.60}; the tools are {', '.join(TOOLS)}.",
        )
    face, current = session.need_face()
    known = session.references(), face.goes_on
    labels = await unless_gone(
        request, services.worker.compute(_apply, current, tool, params, *known)
    )
    return label_response(request, labels)


def _apply(
    current: Labels,
    tool: str,
    params: dict[str, Any],
    references: dict[str, Labels],
    goes_on: bool,
) -> Labels:
    given = params.pop("labels", None)
    if given is not None:
        if not isinstance(given, str):
            raise ConfigError("labels is no text; expected base64 of zlib of S x S bytes.")
        current = unpacked(given, current.shape[0])
    return apply_tool(current, tool, params, references, goes_on)
