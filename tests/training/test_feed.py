"""Batches made ahead: their order, and how many at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from threading import Event

import pytest
import torch

from maskgan.training.feed import MOST, makers, prefetched

PATIENCE = 30.0
"""Seconds after which a thread that should have run is given up."""


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_batches_come_in_their_order_whoever_is_finished_first() -> None:
    later = Event()

    def make(start: int, count: int) -> list[int]:
        if start == 4:  # is finished after the second, which another thread makes meanwhile
            assert later.wait(PATIENCE)
        if start == 10:
            later.set()
        return list(range(start, start + count))

    with prefetched(make, 4, 3, 6, workers=2) as batches:
        found = list(islice(batches, 5))
    assert found == [[start, start + 1, start + 2] for start in range(4, 34, 6)]


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_are_made_ahead_than_there_are_workers(workers: int) -> None:
    made: list[int] = []

    def make(start: int, count: int) -> int:
        made.append(start)
        return start

    with prefetched(make, 0, 2, 2, workers) as batches:
        assert next(batches) == 0
    assert sorted(made) == [2 * number for number in range(workers + 1)]


def test_what_fails_fails_where_the_batch_is_asked_for() -> None:
    def make(start: int, count: int) -> int:
        if start == 8:
            raise ValueError("a broken face")
        return start

    with prefetched(make, 0, 4, 4, workers=3) as batches:
        assert [next(batches), next(batches)] == [0, 4]
        with pytest.raises(ValueError, match="a broken face"):
            next(batches)


def test_a_gpu_is_fed_by_several_threads_of_one_core_each() -> None:
    assert makers(torch.device("cpu")) == makers(torch.device("mps")) == 1
    assert makers(torch.device("cuda")) == min(MOST, os.cpu_count() or 1)
    torch.set_num_threads(2)
    with prefetched(lambda start, count: torch.get_num_threads(), 0, 1, 1, workers=1) as batches:
        assert next(batches) == 2
    with prefetched(lambda start, count: torch.get_num_threads(), 0, 1, 1, workers=2) as batches:
        assert next(batches) == 1
