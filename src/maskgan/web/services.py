"""What the operations stand on: one worker, one store of sessions, one opener; and how an operation
gets at them and at its session."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path
from starlette.requests import HTTPConnection, Request

from maskgan.editing.editor import Editor
from maskgan.manifest import BundleManifest
from maskgan.web.opening import Opening
from maskgan.web.problems import Refusal
from maskgan.web.session import Session
from maskgan.web.sessions import Limits, Sessions
from maskgan.web.worker import Worker

__all__ = ["OpenSession", "Served", "Services", "SessionId", "unless_gone"]

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Services:
    """Everything that lasts as long as the app."""

    limits: Limits
    sessions: Sessions
    worker: Worker
    opening: Opening
    """For jobs of `worker.run`."""
    manifest: BundleManifest

    @classmethod
    def of(cls, editor: Editor, limits: Limits) -> Services:
        """For one editor."""
        worker = Worker(editor)
        return cls(
            limits,
            Sessions(limits),
            worker,
            Opening(worker.editor, limits),
            editor.bundle.manifest,
        )


async def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


Served = Annotated[Services, Depends(_services)]
SessionId = Annotated[
    str, Path(alias="id", max_length=64, description="Of the session, as opening it gave it.")
]


async def _session(name: SessionId, services: Served) -> Session:
    return services.sessions.get(name)


OpenSession = Annotated[Session, Depends(_session)]


async def unless_gone(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """Waits for work until it is done or the caller has gone; then it is cancelled. The request's
    body must have been read."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Refusal(408, "caller-gone", "The caller did not wait for the answer.")
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    message = await request.receive()
    if message["type"] != "http.disconnect":
        await asyncio.Event().wait()
