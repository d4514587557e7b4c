"""Turns: renders first, but nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from maskgan.editing.editor import Editor
from maskgan.web.turns import MOST_PASSED, PatientBundle, Turns


class Queue:
    """Threads that wait for a turn while the test holds one; notes who came when."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.came: list[str] = []
        self.threads: list[threading.Thread] = []

    def join(self, name: str, waiting: Callable[[], bool]) -> None:
        kind = self.turns.urgent if name == "urgent" else self.turns.patient

        def work() -> None:
            with kind():
                self.came.append(name)

        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()
        with self.turns._condition:
            while not waiting():
                self.turns._condition.wait(0.001)

    def fill(self, urgent: int, patient: int) -> None:
        for number in range(patient):
            self.join("patient", lambda n=number: self.turns._patient == n + 1)  # type: ignore[misc]
        for number in range(urgent):
            self.join("urgent", lambda n=number: self.turns._urgent == n + 1)  # type: ignore[misc]

    def end(self) -> list[str]:
        for thread in self.threads:
            thread.join()
        return self.came


def test_renders_come_first() -> None:
    queue = Queue()
    with queue.turns.patient():
        queue.fill(urgent=3, patient=2)
    assert queue.end() == ["urgent"] * 3 + ["patient"] * 2


def test_after_a_few_renders_the_others_get_a_turn() -> None:
    queue = Queue()
    with queue.turns.patient():
        queue.fill(urgent=MOST_PASSED + 3, patient=1)
    came = queue.end()
    assert came.index("patient") == MOST_PASSED


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns()
    for kind in (turns.urgent, turns.patient):
        try:
            with kind():
                raise ValueError
        except ValueError:
            pass
    for kind in (turns.urgent, turns.patient):
        with kind():
            assert any(turns._held.values())
        assert not any(turns._held.values())


def test_renders_go_on_beside_each_other_and_nothing_else_with_them() -> None:
    queue = Queue()
    with queue.turns.urgent():
        queue.join("urgent", lambda: queue.came == ["urgent"])
        queue.join("patient", lambda: queue.turns._patient == 1)
        assert queue.came == ["urgent"]
    assert queue.end() == ["urgent", "patient"]


def test_networks_of_a_patient_bundle_wait(small_editor: Editor) -> None:
    turns = Turns()
    patient = Editor(PatientBundle(small_editor.bundle, turns))
    crop = np.zeros((64, 64, 3), np.uint8)
    found: list[object] = []
    with turns.urgent():
        thread = threading.Thread(target=lambda: found.append(patient.parse(crop)))
        thread.start()
        with turns._condition:
            while turns._patient == 0:
                turns._condition.wait(0.001)
        assert not found
    thread.join()
    np.testing.assert_array_equal(found[0], small_editor.parse(crop))  # type: ignore[arg-type]
