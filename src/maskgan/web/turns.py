"""Whose turn it is to run the networks: those who paint first, those who open photos after them.

Renders go on beside each other, or one network of other work alone. A render takes its turn before
any other work that waits, but not for ever: after a few renders a waiting photo gets the next turn.
Opening a photo takes a turn for each network it runs, so that a render waits for one of them at
most.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from numpy.typing import NDArray

from maskgan.bundle import Bundle

__all__ = ["PatientBundle", "Turns"]

MOST_PASSED: Final = 4
"""Urgent turns after which one that is patient comes first."""


class Turns:
    """A lock that those in a hurry share, and that anybody else has alone; neither may be taken
    twice by one thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._held = {"urgent": 0, "patient": 0}
        self._urgent = 0
        self._patient = 0
        self._passed = 0

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """A turn for somebody who watches the screen."""
        with self._condition:
            self._urgent += 1
            try:
                self._condition.wait_for(lambda: not self._held["patient"] and not self._overdue)
                self._held["urgent"] += 1
            finally:
                self._urgent -= 1
            self._passed += self._patient > 0
        yield from self._hold("urgent")

    @contextmanager
    def patient(self) -> Iterator[None]:
        """A turn for work that may wait a little."""
        with self._condition:
            self._patient += 1
            try:
                self._condition.wait_for(
                    lambda: not any(self._held.values()) and (self._overdue or not self._urgent)
                )
                self._held["patient"] += 1
            finally:
                self._patient -= 1
            self._passed = 0
        yield from self._hold("patient")

    @property
    def _overdue(self) -> bool:
        return self._patient > 0 and self._passed >= MOST_PASSED

    def _hold(self, kind: str) -> Iterator[None]:
        try:
            yield
        finally:
            with self._condition:
                self._held[kind] -= 1
                self._condition.notify_all()


class PatientBundle(Bundle):
    """An open bundle whose networks run when it is their turn."""

    def __init__(self, bundle: Bundle, turns: Turns) -> None:
        super().__init__(bundle.folder, bundle.manifest, bundle.threads, bundle.runtime)
        self._bundle = bundle
        self._turns = turns

    def run(self, graph: str, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """As `Bundle.run`."""
        with self._turns.patient():
            return self._bundle.run(graph, **inputs)
