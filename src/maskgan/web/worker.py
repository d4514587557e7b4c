"""The worker: the one owner of the networks, between requests that wait and threads that compute.

Three ways to be served. `render` joins the queue of pictures: a few are made at a time, of as many
sessions, since half of what a picture costs keeps one core busy and no more. `run` is for what
takes long, opening photos and writing files: one thread, one job after the other, so that one large
photo at a time is in memory. `compute` is for label tools, which need no network. A caller that
goes away takes its job along while it has not begun. Knows sessions, but no requests.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec, TypeVar

from maskgan.editing.editor import Editor
from maskgan.editing.mixture import Mixture, blend
from maskgan.editing.result import Result
from maskgan.web.frames import Quality
from maskgan.web.session import Session, Snapshot
from maskgan.web.turns import PatientBundle, Turns

__all__ = ["Picture", "Wish", "Worker"]

FINE: Final[dict[Quality, bool]] = {"preview": False, "full": True}
"""Whether small edits are rendered at the crop's own size and the skin around them follows."""

LANES: Final = min(os.cpu_count() or 1, 4)
"""Pictures that are made at a time."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """What a render gives."""

    result: Result
    snapshot: Snapshot
    """What it shows."""
    encoded: Any = None
    """What the wish's `encode` made of it."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which picture of a session is wanted."""

    quality: Quality
    mixture: Mixture | None = None
    """The styles; None = those that were last asked for."""
    encode: Callable[[Result, Snapshot], Any] | None = None
    """Called in the worker's thread."""


@dataclass(frozen=True, eq=False)
class _Order:
    """A picture somebody waits for."""

    session: Session
    wish: Wish | Callable[[], Wish]
    future: Future[Picture] = field(default_factory=Future)


class Worker:
    """Runs one editor for everybody; call `close` at the end."""

    def __init__(self, editor: Editor, lanes: int = LANES) -> None:
        self._turns = Turns()
        self._painter = editor
        self.editor = Editor(PatientBundle(editor.bundle, self._turns))
        """For jobs of `run` only."""
        self._lock = threading.Lock()
        self._waiting: list[_Order] = []
        self._begun: list[_Order] = []
        self._closed = False
        self._lanes = ThreadPoolExecutor(lanes, "maskgan-render")
        self._slow = ThreadPoolExecutor(1, "maskgan-open")
        self._quick = ThreadPoolExecutor(2, "maskgan-tool")

    async def render(self, session: Session, wish: Wish | Callable[[], Wish]) -> Picture:
        """A picture of a session as it is when its turn comes; a `wish` that is a function is
        called then, in the worker's thread. Raises what `Session.snapshot`, `blend` and
        `Editor.render` raise."""
        order = _Order(session, wish)
        with self._lock:
            if self._closed:
                raise RuntimeError("the worker is closed")
            self._waiting.append(order)
            self._lanes.submit(self._paint)
        return await asyncio.wrap_future(order.future)

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Calls a function that takes long."""
        return await asyncio.wrap_future(self._slow.submit(function, *args, **kwargs))

    async def compute(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Calls a function that somebody waits for and that runs no network."""
        return await asyncio.wrap_future(self._quick.submit(function, *args, **kwargs))

    def prepare(self, function: Callable[[], object]) -> Future[object]:
        """Calls a function that takes long and for which nobody waits."""
        return self._slow.submit(function)

    def close(self) -> None:
        """Ends the threads; what has not begun is cancelled."""
        with self._lock:
            self._closed = True
            orders, self._waiting = self._waiting, []
        for order in orders:
            order.future.cancel()
        for pool in (self._lanes, self._slow, self._quick):
            pool.shutdown(wait=True, cancel_futures=True)

    def _paint(self) -> None:
        """Makes pictures until none is left to begin with; called once for every order, so that
        none is left behind."""
        while (order := self._next()) is not None:
            try:
                if order.future.set_running_or_notify_cancel():
                    order.future.set_result(self._render(order))
            # Whatever it is, it belongs to whom ordered it, and the next one is served.
            except Exception as error:
                order.future.set_exception(error)
            finally:
                with self._lock:
                    self._begun.remove(order)

    def _next(self) -> _Order | None:
        """What was ordered first of a session of which no picture is being made: a session's
        pictures come one after the other."""
        with self._lock:
            busy = [order.session for order in self._begun]
            free = (order for order in self._waiting if order.session not in busy)
            order = next(free, None)
            if order is not None:
                self._waiting.remove(order)
                self._begun.append(order)
            return order

    def _render(self, order: _Order) -> Picture:
        session = order.session
        wish = order.wish if isinstance(order.wish, Wish) else order.wish()
        snapshot = session.snapshot(wish.mixture)
        result = session.known_result(snapshot)
        if result is None:
            style = blend(snapshot.face.style, snapshot.styles, snapshot.mixture)
            fine = FINE[wish.quality]
            with self._turns.urgent():
                result = self._painter.render(
                    snapshot.face, snapshot.labels, style, detail=fine, surroundings=fine
                )
            if wish.quality == "full":
                session.keep_result(snapshot, result)
        session.keep_mixture(snapshot)
        encoded = None if wish.encode is None else wish.encode(result, snapshot)
        return Picture(result=result, snapshot=snapshot, encoded=encoded)
