"""The real app with the real networks on a real socket of this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from maskgan.editing.editor import Editor
from maskgan.web.app import create_app
from maskgan.web.listener import listen, serving
from maskgan.web.security import SecurityConfig


class _Faults(logging.Handler):
    """Keeps what a server says of its own mistakes."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


@contextmanager
def running(token: str | None = None) -> Iterator[str]:
    """Serves beside the block, and fails where the server has made a mistake; gives the address."""
    faults = _Faults()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "maskgan", "asyncio")]
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        security = SecurityConfig.bound_to("127.0.0.1", port, token)
        app = create_app(Editor.open(threads=1), security=security)
        with serving(app, listening):
            for logger in loggers:
                logger.addHandler(faults)
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                for logger in loggers:
                    logger.removeHandler(faults)
    assert not faults.said, "\n".join(faults.said)
