"""Results that are remembered: by what they were made of, the last ones, for all threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from maskgan.editing.recent import Recent, digest


def test_a_result_is_made_once_for_the_same_contents() -> None:
    recent: Recent[int] = Recent(4)
    one, two = np.arange(6), np.arange(6)
    made = []
    for array in (one, two, one.reshape(2, 3), one.astype(np.int16), one[::-1], two):
        recent.get("name", [array], lambda: made.append(0) or len(made))
    assert len(made) == 4
    recent.get("other name", [one], lambda: made.append(0) or len(made))
    assert len(made) == 5


def test_the_last_ones_are_kept() -> None:
    recent: Recent[int] = Recent(2)
    made: list[int] = []

    def ask(number: int) -> int:
        return recent.get(number, (), lambda: made.append(number) or number)

    for number in (1, 2, 1, 3, 1, 2):
        assert ask(number) == number
    assert made == [1, 2, 3, 2]
    nothing: Recent[int] = Recent(0)
    assert [nothing.get(1, (), lambda: 5), nothing.get(1, (), lambda: 6)] == [5, 6]


def test_an_error_is_not_remembered() -> None:
    recent: Recent[float] = Recent(2)
    for value in (0, 2):
        try:
            assert recent.get("share", (), lambda value=value: 1 / value) == 0.5
        except ZeroDivisionError:
            assert value == 0


def test_threads_get_their_own_results() -> None:
    recent: Recent[int] = Recent(8)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: recent.get(n % 16, (), lambda: n % 16), range(4000)))
    assert found == [n % 16 for n in range(4000)]


def test_a_view_counts_by_what_it_shows() -> None:
    plane = np.arange(64).reshape(8, 8)
    assert digest(plane[::2, 1:3]) == digest(plane[::2, 1:3].copy())
    assert digest(plane, plane) != digest(plane)
