"""One function over many faces in several processes, with bounded memory.

Knows nothing of faces: a job goes out, a result comes back as soon as it is there. Workers are
started afresh instead of forked, so they inherit no threads, and end when their parent is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from maskgan.errors import DatasetError

Job = TypeVar("Job")
Result = TypeVar("Result")

JOBS_PER_WORKER = 4
"""Jobs handed out and not yet back, per worker: enough to keep it busy, few to keep in memory."""


def as_completed(
    function: Callable[[Job], Result], jobs: Iterable[Job], workers: int
) -> Generator[Result]:
    """Yields `function(job)` for every job, in the order of completion; with one worker, in this
    process. `function` must be importable by name.

    When a job fails, no new ones start, those under way still come back, and then its error is
    raised. Raises `DatasetError` when a worker process is killed.
    """
    if workers == 1:
        yield from map(function, jobs)
        return
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_begin_worker
    )
    queue = iter(jobs)
    failure: BaseException | None = None
    try:
        running: set[Future[Result]] = {
            pool.submit(function, job) for job in islice(queue, workers * JOBS_PER_WORKER)
        }
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                if (error := future.exception()) is None:
                    yield future.result()
                else:
                    failure = failure or error
            if failure is None:
                running |= {pool.submit(function, job) for job in islice(queue, len(done))}
        if failure is not None:
            raise failure
    except BrokenProcessPool as error:
        raise DatasetError(
            "A worker process was ended from outside, perhaps for want of memory. What is finished "
            "is kept; go on with fewer workers."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    """The parent alone answers Ctrl-C, and a worker does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
