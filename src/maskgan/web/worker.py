"""The worker: the one owner of the networks, between requests that wait and threads that compute.

Three ways to be served. `render` joins the queue of pictures: one thread takes everything that
waits, of all sessions, in one turn. `run` is for what takes long, opening photos and writing
files: one thread, one job after the other, so that one large photo at a time is in memory.
`compute` is for label tools, which need no network. A caller that goes away takes its job along
while it has not begun. Knows sessions, but no requests.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec, TypeVar

from maskgan.editing.editor import Editor
from maskgan.editing.mixture import Mixture, blend
from maskgan.editing.result import Result
from maskgan.web.frames import Quality
from maskgan.web.sessions import Session, Snapshot
from maskgan.web.turns import PatientBundle, Turns

__all__ = ["Picture", "Worker"]

FINE: Final[dict[Quality, bool]] = {"preview": False, "full": True}
"""Whether small edits are rendered at the crop's own size and the skin around them follows."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """What a render gives."""

    result: Result
    snapshot: Snapshot
    """What it shows."""
    encoded: Any = None
    """What the order's `encode` made of it."""


@dataclass(frozen=True, eq=False)
class _Order:
    """A picture somebody waits for."""

    session: Session
    quality: Quality
    mixture: Mixture | None
    encode: Callable[[Result, Snapshot], Any] | None
    future: Future[Picture] = field(default_factory=Future)


class Worker:
    """Runs one editor for everybody; call `close` at the end."""

    def __init__(self, editor: Editor) -> None:
        self._turns = Turns()
        self._painter = editor
        self.editor = Editor(PatientBundle(editor.bundle, self._turns))
        """For jobs of `run` only."""
        self._waiting = threading.Condition()
        self._orders: list[_Order] = []
        self._closed = False
        self._thread: threading.Thread | None = None
        self._slow = ThreadPoolExecutor(1, "maskgan-open")
        self._quick = ThreadPoolExecutor(2, "maskgan-tool")

    async def render(
        self,
        session: Session,
        quality: Quality,
        mixture: Mixture | None = None,
        encode: Callable[[Result, Snapshot], Any] | None = None,
    ) -> Picture:
        """A picture of a session as it is when its turn comes. `encode` is called in the worker's
        thread. Raises what `Session.snapshot`, `blend` and `Editor.render` raise."""
        order = _Order(session, quality, mixture, encode)
        with self._waiting:
            if self._closed:
                raise RuntimeError("the worker is closed")
            self._orders.append(order)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._paint, name="maskgan-render", daemon=True
                )
                self._thread.start()
            self._waiting.notify()
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
        with self._waiting:
            self._closed = True
            orders, self._orders = self._orders, []
            self._waiting.notify()
        for order in orders:
            order.future.cancel()
        for pool in (self._slow, self._quick):
            pool.shutdown(wait=True, cancel_futures=True)
        if self._thread is not None:
            self._thread.join()

    def _paint(self) -> None:
        """The thread of the pictures."""
        while True:
            with self._waiting:
                self._waiting.wait_for(lambda: self._orders or self._closed)
                if self._closed:
                    return
                orders, self._orders = self._orders, []
            begun = [order for order in orders if order.future.set_running_or_notify_cancel()]
            for order, picture in self._render_all(begun):
                if isinstance(picture, Picture):
                    order.future.set_result(picture)
                else:
                    order.future.set_exception(picture)

    def _render_all(
        self, orders: Sequence[_Order]
    ) -> Iterator[tuple[_Order, Picture | BaseException]]:
        """The pictures of all that waits, each as soon as it is there. The graphs take one face at
        a time, so they come one after the other."""
        for order in orders:
            try:
                yield order, self._render(order)
            # Whatever it is, it belongs to whom ordered it, and the next one is served.
            except Exception as error:
                yield order, error

    def _render(self, order: _Order) -> Picture:
        session = order.session
        snapshot = session.snapshot(order.mixture)
        result = session.known_result(snapshot)
        if result is None:
            style = blend(snapshot.face.style, snapshot.styles, snapshot.mixture)
            fine = FINE[order.quality]
            with self._turns.urgent():
                result = self._painter.render(
                    snapshot.face, snapshot.labels, style, detail=fine, surroundings=fine
                )
            if order.quality == "full":
                session.keep_result(snapshot, result)
        session.keep_mixture(snapshot)
        encoded = None if order.encode is None else order.encode(result, snapshot)
        return Picture(result=result, snapshot=snapshot, encoded=encoded)
