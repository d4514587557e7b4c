"""Worker processes of this machine, each with a pipe of its own.

Nothing is shared between them, so one that is killed holds up nobody: what it had been given and
not yet reported goes to the others, and a new process takes its place. Only plain descriptions
travel through the pipes, never pixels, and only a few lines wait in each.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TypeAlias

from maskgan.batch.journal import Outcome
from maskgan.batch.worker import Assignment, Worker, WorkerConfig
from maskgan.errors import BundleError, MaskganError, OutputError

BATCH = 4
"""Lines given to a worker and not yet reported: enough to keep it busy."""

Message: TypeAlias = "Outcome | str"
"""From a worker: what became of a line, or why it cannot open its bundle."""


@dataclass(eq=False)
class _Member:
    """A worker process as its parent sees it."""

    process: SpawnProcess
    connection: Connection
    given: deque[Assignment] = field(default_factory=deque)
    """Lines it has and has not reported, in the order it does them."""


class Pool:
    """Does lines with several processes: `for outcome in pool.outcomes(assignments)`, and in the
    end `pool.close()`."""

    def __init__(self, config: WorkerConfig, workers: int) -> None:
        self.config = config
        self.workers = workers
        self.replaced = 0
        """Processes that ended from outside and were replaced."""
        self._members: list[_Member] = []
        self._returned: deque[Assignment] = deque()
        """Lines that ended processes had been given."""
        self._setbacks = 0
        """Processes that ended since the last outcome."""

    def outcomes(self, assignments: Iterable[Assignment]) -> Generator[Outcome]:
        """What becomes of every line, in the order of completion. Raises `BundleError` when a
        worker cannot open the bundle and `OutputError` when no process stays alive."""
        source = iter(assignments)
        while self._hand_out(source):
            for ready in wait([member.connection for member in self._members]):
                member = next(one for one in self._members if one.connection is ready)
                try:
                    message: Message = member.connection.recv()
                except (EOFError, OSError):
                    self._bury(member)
                    continue
                if isinstance(message, str):
                    raise BundleError(message)
                self._setbacks = 0
                member.given.popleft()
                yield message

    def close(self) -> list[Outcome]:
        """Ends the processes; returns what they had reported and `outcomes` has not yielded."""
        late: list[Outcome] = []
        for member in self._members:
            member.process.terminate()
        for member in self._members:
            member.process.join()
            with contextlib.suppress(EOFError, OSError), member.connection as connection:
                while True:
                    message: Message = connection.recv()
                    late += [message] if isinstance(message, Outcome) else []
        self._members.clear()
        return late

    def _hand_out(self, source: Iterator[Assignment]) -> bool:
        """Fills up what each worker has to do, starting processes as needed; False when all is
        done."""
        for place in range(self.workers):
            if place == len(self._members):
                first = self._next(source)
                if first is None:
                    break
                self._members.append(self._start())
                self._give(self._members[place], first)
            member = self._members[place]
            while len(member.given) < BATCH and (assignment := self._next(source)) is not None:
                self._give(member, assignment)
        return any(member.given for member in self._members)

    def _next(self, source: Iterator[Assignment]) -> Assignment | None:
        return self._returned.popleft() if self._returned else next(source, None)

    def _give(self, member: _Member, assignment: Assignment) -> None:
        member.given.append(assignment)
        # A process that ended meanwhile is found when its end is read.
        with contextlib.suppress(OSError):
            member.connection.send(assignment)

    def _start(self) -> _Member:
        # Started afresh instead of forked, a worker inherits no threads, locks or pipes.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.config), daemon=True)
        with _interrupts_held():
            process.start()
        theirs.close()
        return _Member(process, ours)

    def _bury(self, member: _Member) -> None:
        """Takes back what an ended process had been given."""
        member.process.join()
        member.connection.close()
        self._members.remove(member)
        self._returned.extend(member.given)
        self.replaced += 1
        self._setbacks += 1
        # A line that ends its process is given up after some attempts, which counts as an outcome.
        if self._setbacks > 2 * self.workers + 2:
            raise OutputError(
                "The worker processes end before they finish a photo, perhaps for want of memory. "
                "What is finished is kept; go on with --resume and fewer workers."
            )


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process started in here never sees Ctrl-C: its parent alone answers it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, config: WorkerConfig) -> None:
    """A worker process: reads lines, reports outcomes, until its parent closes the pipe."""
    # For systems where `_interrupts_held` can do nothing.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        try:
            worker = Worker(config)
        except MaskganError as error:
            connection.send(str(error))
            return
        while True:
            connection.send(worker.work(*connection.recv()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
