"""Whose turn it is to run the networks: those who paint first, those who open photos after them.

The networks run once at a time. A render takes its turn before any other work that waits, but not
for ever: after a few renders a waiting photo gets the next turn. Opening a photo takes a turn for
each network it runs, so that a render waits for one of them at most.
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
    """A lock with two kinds of waiting; neither may be taken twice by one thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._busy = False
        self._urgent = 0
        self._patient = 0
        self._passed = 0

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """A turn for somebody who watches the screen."""
        with self._condition:
            self._urgent += 1
            try:
                self._condition.wait_for(lambda: not self._busy and not self._overdue)
                self._busy = True
            finally:
                self._urgent -= 1
            self._passed += self._patient > 0
        yield from self._hold()

    @contextmanager
    def patient(self) -> Iterator[None]:
        """A turn for work that may wait a little."""
        with self._condition:
            self._patient += 1
            try:
                self._condition.wait_for(
                    lambda: not self._busy and (self._overdue or not self._urgent)
                )
                self._busy = True
            finally:
                self._patient -= 1
            self._passed = 0
        yield from self._hold()

    @property
    def _overdue(self) -> bool:
        return self._patient > 0 and self._passed >= MOST_PASSED

    def _hold(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._condition:
                self._busy = False
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
