"""The live channel of a session: label changes come in, pictures of what is new go out.

Changes of the labels are applied as they come. Of pictures the newest question wins: one is on its
way at a time, and what is asked until it is begun is one question with it, afterwards another one.
A frame that cannot be read is answered with a problem; a channel that sends nothing else is closed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from maskgan.editing.mixture import Mixture
from maskgan.editing.result import Result
from maskgan.errors import MaskganError
from maskgan.web import frames
from maskgan.web.frames import BadFrame, Message, Quality
from maskgan.web.pictures import Update, Viewer
from maskgan.web.problems import Refusal, slug_of
from maskgan.web.services import Served, Services, SessionId
from maskgan.web.session import Session, Snapshot
from maskgan.web.worker import Wish

__all__ = ["router"]

router = APIRouter()

PATIENCE: Final = 200
"""Bad frames in a row, about, after which a channel is closed."""
MAX_FRAME: Final = (4096 * 4096) + (128 << 10)
"""Bytes of the longest frame that can mean something."""
FLOOD, GONE = 1008, 4404
"""Codes with which a channel is closed: too many bad frames, no such session."""


@router.websocket("/sessions/{id}/live")
async def live(socket: WebSocket, name: SessionId, services: Served) -> None:
    """Serves one channel until the page goes."""
    await socket.accept()
    channel = _Channel(socket, services, name)
    with suppress(WebSocketDisconnect, OSError):
        await channel.serve()


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A picture that is asked for."""

    seq: int | None
    quality: Quality
    mixture: Mixture | None


class _Channel:
    def __init__(self, socket: WebSocket, services: Services, name: str) -> None:
        self._socket = socket
        self._services = services
        self._name = name
        self._viewer = Viewer()
        self._reset = False
        self._newest: deque[_Question] = deque(maxlen=1)
        """What is not being answered yet; put in by one thread and taken out by another."""
        self._answering = _Question(seq=None, quality="full", mixture=None)
        self._asked = asyncio.Event()
        self._patience = PATIENCE

    async def serve(self) -> None:
        """Until either side ends it."""
        try:
            session = self._services.sessions.get(self._name)
        except Refusal as refusal:
            await self._end(refusal)
            return
        with session.lock:
            session.watchers += 1
            if session.face is not None:
                self._viewer.begin(session.face.crop, session.opened)
        painting = asyncio.ensure_future(self._answer(session))
        reading = asyncio.ensure_future(self._listen())
        try:
            done, _ = await asyncio.wait({painting, reading}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            with session.lock:
                session.watchers -= 1
            for task in (painting, reading):
                task.cancel()
            await asyncio.gather(painting, reading, return_exceptions=True)

    async def _listen(self) -> None:
        """Takes what comes in."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            seq = None
            try:
                session = self._services.sessions.get(self._name)
                data = message.get("bytes")
                if data is None or len(data) > MAX_FRAME:
                    raise BadFrame(
                        "A message on the live channel is a text or too long; expected a binary "
                        "frame. Send the labels as they changed."
                    )
                read = frames.read(data)
                seq = read.seq
                self._take(session, read)
                self._patience = min(self._patience + 1, PATIENCE)
            except MaskganError as error:
                if isinstance(error, Refusal) and error.slug == "session-not-found":
                    await self._end(error)
                    return
                if isinstance(error, BadFrame):
                    seq = error.seq
                await self._tell(error, seq)
                self._patience -= 1
                if self._patience <= 0:
                    await self._socket.close(FLOOD, "too many frames that cannot be read")
                    return

    def _take(self, session: Session, message: Message) -> None:
        if message.type == "reset":
            self._reset = True
            return
        if message.rect is not None:
            session.put(message.rect, message.payload)
        else:
            session.need_face()
        if message.quality is not None:
            self._newest.append(
                _Question(seq=message.seq, quality=message.quality, mixture=message.mixture)
            )
            self._asked.set()

    async def _answer(self, session: Session) -> None:
        """Sends pictures, one after the other."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            if not self._newest:
                continue
            try:
                picture = await self._services.worker.render(session, self._take_newest)
            except MaskganError as error:
                await self._tell(error, self._answering.seq)
                continue
            update: Update = picture.encoded
            header = {
                "type": "result",
                "seq": self._answering.seq,
                "quality": self._answering.quality,
                "rect": list(update.rect),
                "seconds": round(picture.result.seconds, 4),
                "changed_fraction": round(picture.result.changed_fraction, 6),
            }
            await self._socket.send_bytes(frames.pack(header, update.payload))

    # The next two run in the worker's thread, while `_answer` waits for them.

    def _take_newest(self) -> Wish:
        """What the page asked last: with many at work a stroke may end before its turn comes."""
        self._answering = asked = self._newest.pop()
        if self._reset:
            self._reset = False
            self._viewer.reset()
        return Wish(quality=asked.quality, mixture=asked.mixture, encode=self._encode)

    def _encode(self, result: Result, snapshot: Snapshot) -> Update:
        return self._viewer.update(result.crop, snapshot.opened, self._answering.quality)

    async def _tell(self, error: MaskganError, seq: int | None) -> None:
        header = {"type": "problem", "seq": seq, "detail": str(error), "slug": slug_of(error)}
        await self._socket.send_bytes(frames.pack(header))

    async def _end(self, error: Refusal) -> None:
        await self._tell(error, None)
        await self._socket.close(GONE, error.slug)
