"""The editor's server as one ASGI app: operations, live channel, the page, and who may call.

`create_app` puts together what the other modules define. The page and its description of the
operations at `/docs` are files of this package; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from maskgan import __version__
from maskgan.editing.editor import Editor
from maskgan.web import live, problems, schemas
from maskgan.web import security as guard
from maskgan.web.annotation import Annotation
from maskgan.web.descriptions import PREFIX
from maskgan.web.routes import annotation as annotating
from maskgan.web.routes import exports, info, labels, photos, projects, render, styles
from maskgan.web.security import SecurityConfig
from maskgan.web.services import Services
from maskgan.web.sessions import Limits

__all__ = ["create_app"]

STATIC: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Suffix -> type: not the machine's own table, which may be wrong."""
PAGES: Final = {"/": "index.html", "/docs": "docs/index.html"}
"""Address -> file of the page."""
FRESH: Final = {"Cache-Control": "no-cache"}
"""Asked for again each time, so that an update is seen at once."""
SILENT: Final[Any] = dict.fromkeys(
    ("tracing", "metrics", "logs", "operation_spans", "auto_configure"), False
)
"""FastAPI would report to an OpenTelemetry collector that the environment names; we never do."""
PROBLEM: Final[dict[int | str, dict[str, Any]]] = {
    code: {
        "description": said,
        "content": {
            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
        },
    }
    for code, said in (
        (422, "What was sent cannot be used."),
        ("4XX", "What was asked cannot be done; `detail` says why."),
    )
}


def create_app(
    editor: Editor,
    *,
    limits: Limits | None = None,
    security: SecurityConfig | None = None,
    annotation: Annotation | None = None,
) -> FastAPI:
    """The app for one editor.

    limits: what is taken and kept. security: whom it answers, None = this machine alone.
    annotation: the folder that is labelled, None = no annotate mode.
    """
    services = Services.of(editor, limits or Limits())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services.worker.prepare(services.opening.warm)
        yield
        services.worker.close()

    app = FastAPI(
        title="maskgan",
        version=__version__,
        description=(
            "Open a face photo, repaint its label map, and get the photo back with only that "
            "change. Open a session, a photo, a face; change labels or take styles; render and "
            "export. Errors are application/problem+json with a sentence. Labels and pictures also "
            f"travel over a WebSocket, {PREFIX}/sessions/{{id}}/live; docs/web-api.md describes it."
        ),
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry=SILENT,
    )
    app.state.services = services
    app.state.annotation = annotation
    problems.install(app)
    for module in (info, photos, labels, styles, render, exports, projects, annotating):
        app.include_router(module.router, prefix=PREFIX, responses=PROBLEM)
    app.include_router(live.router, prefix=PREFIX)
    _describe_problems(app)

    for path, file in PAGES.items():
        app.add_route(path, _page(STATIC / file), methods=["GET"], include_in_schema=False)
    app.mount("/static", _Static(directory=STATIC), name="static")
    guard.install(app, security or SecurityConfig())
    # FastAPI makes its validators when they are first asked for, and turns warnings off for that
    # moment, which no other thread may do then; so they are made now.
    app.openapi()
    return app


def _describe_problems(app: FastAPI) -> None:
    """Adds to the description what no operation returns by its type."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        schema = describe()
        known = schema.setdefault("components", {}).setdefault("schemas", {})
        known["Problem"] = schemas.Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            known.pop(unused, None)
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _page(file: Path) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return FileResponse(file, headers=FRESH, media_type=TYPES[file.suffix])

    return page


class _Static(StaticFiles):
    """The page's files, with their types."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(FRESH)
        known = TYPES.get(Path(full_path).suffix)
        if known is not None and isinstance(response, FileResponse):
            response.headers["Content-Type"] = known
        return response
