"""All sessions of the server, within bounds of number, memory and time.

Sessions that nobody used for long go; where there are too many, or they take too much memory, those
idle longest do. Safe to use from several threads.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from maskgan.errors import ConfigError
from maskgan.picture import MAX_PIXELS
from maskgan.web.problems import no_session
from maskgan.web.session import Session

__all__ = ["Limits", "Sessions"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much the server takes and keeps."""

    upload_bytes: int = 64 << 20
    """Largest photo file."""
    pixels: int = MAX_PIXELS
    """Largest photo."""
    sessions: int = 64
    """Most sessions; the one idle longest makes room for a new one."""
    memory_bytes: int = 1 << 30
    """What all sessions may take together, but for one that takes more alone."""
    idle_seconds: float = 12 * 3600
    """After so long a session that no page shows expires."""

    def __post_init__(self) -> None:
        numbers = (self.upload_bytes, self.pixels, self.sessions, self.memory_bytes)
        if min(numbers) < 1 or not self.idle_seconds > 0 or self.pixels > MAX_PIXELS:
            raise ConfigError(f"{self} cannot be; expected numbers from 1 and {MAX_PIXELS} pixels.")


class Sessions:
    """All sessions."""

    def __init__(
        self, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits or Limits()
        self._clock = clock
        self._lock = threading.RLock()
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        with self._lock:
            return len(self._open)

    def open(self) -> Session:
        """A new session; where there are too many, the one idle longest goes."""
        with self._lock:
            session = Session(id=secrets.token_urlsafe(16), used=self._clock())
            self._open[session.id] = session
            self.tidy(session)
            return session

    def get(self, name: str) -> Session:
        """A session by its id, which is in use now. Raises `Refusal`."""
        with self._lock:
            self._expire()
            session = self._open.get(name)
            if session is None:
                raise no_session(name)
            session.used = self._clock()
            return session

    def close(self, name: str) -> None:
        """Forgets a session. Raises `Refusal` where there is none."""
        with self._lock:
            if self._open.pop(name, None) is None:
                raise no_session(name)

    def __contains__(self, session: object) -> bool:
        with self._lock:
            return isinstance(session, Session) and self._open.get(session.id) is session

    def tidy(self, kept: Session) -> None:
        """Makes room after `kept` has grown: it stays, others go, those that a page shows last."""
        with self._lock:
            self._expire()
            others = [session for session in self._open.values() if session is not kept]
            others.sort(key=lambda session: (session.watchers > 0, session.used))
            total = sum(session.bytes for session in self._open.values())
            for session in others:
                if len(self._open) <= self.limits.sessions and total <= self.limits.memory_bytes:
                    return
                total -= session.bytes
                del self._open[session.id]

    def _expire(self) -> None:
        oldest = self._clock() - self.limits.idle_seconds
        for session in list(self._open.values()):
            if session.used < oldest and not session.watchers:
                del self._open[session.id]
