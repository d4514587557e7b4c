"""Rendering over HTTP, for programs; pages render over the live channel."""

from __future__ import annotations

from fastapi import APIRouter, Request

from maskgan.web import schemas
from maskgan.web.services import OpenSession, Served, unless_gone
from maskgan.web.worker import Wish

__all__ = ["router"]

router = APIRouter(tags=["render and export"])


@router.post("/sessions/{id}/render", summary="Render the current labels")
async def render(
    request: Request, session: OpenSession, services: Served, order: schemas.RenderOrder
) -> schemas.Rendered:
    """At full quality; the crop `edited` then is that picture."""
    wish = Wish(quality="full", mixture=schemas.portions(order.styles))
    work = services.worker.render(session, wish)
    result = (await unless_gone(request, work)).result
    return schemas.Rendered(changed_fraction=result.changed_fraction, seconds=result.seconds)
