"""Where the server listens: the socket, and uvicorn on it, in the foreground or beside a program.

The socket is taken before a model is loaded, so that a port in use is told at once. Knows an ASGI
app and nothing of what it does.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from maskgan.errors import ConfigError, ServerError

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from uvicorn._types import ASGISendEvent

__all__ = ["listen", "run", "serving"]

FRAME_BYTES: Final = 128 << 20
"""The longest WebSocket message taken."""
PATIENCE: Final = 3
"""Seconds that open connections have when the server stops."""

_SENTENCES = {
    errno.EADDRINUSE: "Port {port} of {host} is taken by another program, perhaps by another "
    "maskgan serve; try --port {other}.",
    errno.EACCES: "Port {port} is kept for the system; try --port 7860.",
    errno.EADDRNOTAVAIL: "{host} is no address of this machine; leave out --host to serve on this "
    "machine alone, or give 0.0.0.0 for its network.",
}


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at an address or name of this machine; port 0 takes a free one. Raises
    `ConfigError` and `ServerError`."""
    if not 0 <= port <= 65535:
        raise ConfigError(f"--port is {port}; expected 0 to 65535, 0 for any that is free.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4][:2]
        found = socket.create_server(address, family=family, dualstack_ipv6=both, backlog=128)
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(
            f"--host {host} is no known name or address; leave it out to serve on this machine "
            "alone, or give 0.0.0.0 for its network."
        ) from error
    except OSError as error:
        sentence = _SENTENCES.get(error.errno or 0, "Cannot listen at {host}, port {port}: {why}.")
        other = port + 1 if port < 65535 else 7860
        raise ServerError(
            sentence.format(host=host, port=port, other=other, why=os.strerror(error.errno or 0))
        ) from error
    # Only of a socket that says so does asyncio know that it is TCP's, and sends at once: a body
    # would wait 40 ms until the other side has acknowledged the headers.
    return socket.socket(found.family, found.type, socket.IPPROTO_TCP, fileno=found.detach())


def run(app: ASGIApp, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serves until Ctrl+C, which then is a `KeyboardInterrupt`; calls `ready` once requests are
    answered. Raises `ServerError` when the app does not start."""
    server = _Server(app, ready)
    server.run([listening])
    if not server.started:
        raise ServerError("The server did not start; the lines above say why.")


@contextmanager
def serving(app: ASGIApp, listening: socket.socket) -> Iterator[None]:
    """Serves beside the block, in a thread, until the block ends."""
    answering = threading.Event()
    server = _Server(app, answering.set)

    def work() -> None:
        try:
            server.run([listening])
        finally:
            answering.set()  # also where it ended before it began

    thread = threading.Thread(target=work, name="maskgan-server", daemon=True)
    thread.start()
    answering.wait()
    try:
        if not server.started:
            raise ServerError("The server did not start; its messages say why.")
        yield
    finally:
        server.should_exit = True
        thread.join()


class _Channel(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which takes a refusal that the app has answered in full for none and
    would complain."""

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True


class _Server(uvicorn.Server):
    """uvicorn as this package runs it: silent but for warnings, and telling when it answers."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws=_Channel,
                ws_max_size=FRAME_BYTES,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=PATIENCE,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # how uvicorn ends where the app does not start; it has said why
            self.should_exit = True
        if self.started:
            self._ready()
