"""Batches made ahead of the step that uses them.

Knows nothing of faces: `make(start, count)` gives the same batch whenever and in whichever thread
it is called, so how many threads there are changes no number of a run.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Batch = TypeVar("Batch")

MOST = 8
"""Threads that make batches for a GPU; with more of them Python itself is what they wait for."""


def makers(device: torch.device) -> int:
    """How many threads make batches for networks on `device`: one where networks run on the same
    cores; a GPU is quick enough to wait for one."""
    return min(MOST, os.cpu_count() or 1) if device.type == "cuda" else 1


@contextmanager
def prefetched(
    make: Callable[[int, int], Batch], start: int, count: int, stride: int, workers: int
) -> Iterator[Iterator[Batch]]:
    """Batches of `count` from `start` on, one every `stride` examples, in this order; while one is
    used, as many of the next ones as there are workers are being made, each on a core of its own:
    several batches at a time come sooner than one after the other on all cores."""
    if workers > 1:
        torch.set_num_threads(1)
    with ThreadPoolExecutor(workers) as pool:

        def batches() -> Iterator[Batch]:
            starts = itertools.count(start, stride)
            following = deque(pool.submit(make, next(starts), count) for _ in range(workers))
            while True:
                following.append(pool.submit(make, next(starts), count))
                yield following.popleft().result()

        yield batches()
