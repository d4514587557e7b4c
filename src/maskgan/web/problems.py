"""What goes wrong, as the answer that pages and programs read: a problem with a sentence.

Every error of the package has a status and a slug here; so have requests that are not as described
and what nobody expected. Text of users never reaches an answer unescaped. Knows no operation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from maskgan.errors import (
    BundleError,
    ConfigError,
    LabelsError,
    MaskganError,
    MissingExtraError,
    OutputError,
    PhotoError,
    ProjectError,
)

__all__ = ["MEDIA_TYPE", "Refusal", "answer", "install", "no_face", "no_session", "slug_of"]

MEDIA_TYPE: Final = "application/problem+json"

_KINDS: Final[tuple[tuple[type[MaskganError], int, str], ...]] = (
    (MissingExtraError, 415, "extra-missing"),
    (PhotoError, 422, "photo-refused"),
    (LabelsError, 422, "labels-refused"),
    (ProjectError, 422, "project-refused"),
    (ConfigError, 422, "option-refused"),
    (OutputError, 422, "output-refused"),
    (BundleError, 500, "model-failed"),
)
_SENTENCES: Final[Mapping[int, str]] = {
    404: "There is nothing at {path}; see /docs for what there is.",
    405: "{path} does not take {method}; see /docs for what it takes.",
}


class Refusal(MaskganError):
    """A request that is not answered as wished, with the status and the slug that say why."""

    def __init__(self, status: int, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug


def no_session(name: str) -> Refusal:
    """The session is not there, or not there any more."""
    return Refusal(
        404,
        "session-not-found",
        f"There is no session {name[:40]!r}; it expired or the server was started again. Open a "
        "new one and send the photo again.",
    )


def no_face(photo: bool) -> Refusal:
    """The session has no face yet that could be worked on."""
    if not photo:
        return Refusal(409, "no-photo", "No photo is open in this session yet; open one first.")
    return Refusal(409, "no-face", "No face is chosen in this session yet; choose one first.")


def status_of(error: MaskganError) -> int:
    """The status an error is answered with."""
    if isinstance(error, Refusal):
        return error.status
    return next((status for kind, status, _ in _KINDS if isinstance(error, kind)), 422)


def slug_of(error: MaskganError) -> str:
    """The name of an error, for programs."""
    if isinstance(error, Refusal):
        return error.slug
    return next((slug for kind, _, slug in _KINDS if isinstance(error, kind)), "refused")


def answer(
    status: int, slug: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem as it goes over the wire."""
    body = {
        "type": f"/problems/{slug}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "slug": slug,
    }
    # ASCII: half a surrogate pair in what a user sent could not be encoded otherwise.
    return Response(json.dumps(body), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answers everything that goes wrong in `app` with a problem."""
    app.add_exception_handler(MaskganError, _refused)
    app.add_exception_handler(RequestValidationError, _not_as_described)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, MaskganError)
    return answer(status_of(error), slug_of(error), str(error))


async def _not_as_described(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(422, "request-invalid", _sentence(error.errors()))


async def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path, known = request.url.path[:100], _SENTENCES.get(error.status_code)
    if known is not None and error.detail == HTTPStatus(error.status_code).phrase:
        detail = known.format(path=ascii(path)[1:-1], method=request.method)
    else:
        detail = f"The request cannot be answered: {error.detail}."
    slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else None
    return answer(error.status_code, slug, detail, headers)


def _allowed(request: Request) -> str:
    """What an address takes. Operations of one address are several routes, each with its own."""
    found = {"GET"}
    for template, methods in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), request.url.path):
            found = {method.upper() for method in methods}
    return ", ".join(sorted(found))


async def _unexpected(request: Request, error: Exception) -> Response:
    """The traceback is logged by the server; the user gets a sentence."""
    return answer(
        500,
        "unexpected",
        "The server made a mistake; its messages say more. The drawing is not lost: try again, or "
        "open the photo once more.",
    )


def _sentence(errors: Any) -> str:
    """The first of a request's mistakes."""
    first = errors[0] if errors else {"loc": (), "msg": "it is not as described"}
    where = [str(part)[:40] for part in first["loc"]]
    reason = str(first["msg"]).split("\n")[0][:200].rstrip(".")
    if first.get("type") == "json_invalid":
        return f"The body is no JSON: {reason}. See /docs for what is expected."
    place = {"query": "The option", "path": "The address's", "body": "The body's"}
    name = ".".join(where[1:])
    said = f"{place.get(where[0], 'The')} {name}" if where and name else "The request"
    if where == ["body"]:
        said = "The body"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{said} is not as described: {reason}{more}. See /docs for what is expected."
