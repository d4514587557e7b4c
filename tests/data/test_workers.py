"""Jobs over several processes: order, failure, and what happens when a process is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from maskgan.data.workers import JOBS_PER_WORKER, as_completed
from maskgan.errors import DatasetError


def square(number: int) -> int:
    return number * number


def fail_at_three(number: int) -> int:
    if number == 3:
        raise DatasetError("three")
    return number


def kill_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_comes_back_once(workers: int) -> None:
    results = as_completed(square, range(40), workers)
    assert sorted(results) == [number * number for number in range(40)]


def test_no_more_jobs_are_taken_than_are_needed() -> None:
    taken = 0

    def count() -> Iterator[int]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield number

    results = as_completed(square, count(), 2)
    next(results)
    results.close()
    assert taken <= 2 * JOBS_PER_WORKER


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_arrives_after_what_was_under_way(workers: int) -> None:
    back: list[int] = []
    with pytest.raises(DatasetError, match="three"):
        back.extend(as_completed(fail_at_three, range(1000), workers))
    assert {0, 1, 2} <= set(back)
    assert 3 not in back
    assert len(back) < 1000


def test_a_killed_worker_is_one_sentence() -> None:
    with pytest.raises(DatasetError, match="worker process was ended from outside"):
        list(as_completed(kill_at_three, range(1000), 2))
