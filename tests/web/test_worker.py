"""The worker: pictures of everybody, slow work beside them, and callers that go away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import pytest

from maskgan.editing.editor import Editor
from maskgan.editing.face import Face
from maskgan.editing.mixture import Portion
from maskgan.editing.result import Result
from maskgan.errors import ConfigError
from maskgan.labels import Labels, colorize
from maskgan.web.session import OpenPhoto, OpenStyle, Session, without_photo
from maskgan.web.worker import Wish, Worker
from tiny_bundle import SIDE, face_labels

T = TypeVar("T")

FULL, PREVIEW = Wish(quality="full"), Wish(quality="preview")


class GatedEditor(Editor):
    """An editor that renders when the test lets it; notes what it rendered."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor.bundle)
        self.started = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)
        self.rendered: list[Labels] = []

    def render(self, face: Face, labels: Labels, *style: Any, **options: Any) -> Result:
        self.started.release()
        assert self.gate.acquire(timeout=60)
        self.rendered.append(labels)
        return super().render(face, labels, *style, **options)


@pytest.fixture
def editor(small_editor: Editor) -> GatedEditor:
    return GatedEditor(small_editor)


def served(editor: GatedEditor, lanes: int) -> Iterator[Worker]:
    worker = Worker(editor, lanes)
    yield worker
    for _ in range(100):
        editor.gate.release()
    worker.close()


@pytest.fixture
def worker(editor: GatedEditor) -> Iterator[Worker]:
    """Makes one picture at a time."""
    yield from served(editor, 1)


@pytest.fixture
def two_lanes(editor: GatedEditor) -> Iterator[Worker]:
    yield from served(editor, 2)


@pytest.fixture
def new_session(small_editor: Editor) -> Callable[[], Session]:
    labels = face_labels()
    face = without_photo(small_editor.photo(colorize(labels), aligned=True, labels=labels))

    def make() -> Session:
        session = Session(id="a")
        photo = OpenPhoto(
            data=b"",
            name="me",
            width=SIDE,
            height=SIDE,
            format="PNG",
            suffix=".png",
            faces=(),
            aligned=True,
        )
        session.take_photo(photo)
        session.take_face(photo, face, numbered=True)
        return session

    return make


async def begun(editor: GatedEditor) -> None:
    """Waits until a render has begun."""
    assert await asyncio.to_thread(editor.started.acquire, timeout=60)


def run(program: Callable[[], Awaitable[T]]) -> T:
    async def main() -> T:
        return await asyncio.wait_for(program(), 60)

    return asyncio.run(main())


def test_a_picture_shows_the_labels_of_its_turn(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session], small_editor: Editor
) -> None:
    first, second = new_session(), new_session()

    async def program() -> None:
        one = asyncio.ensure_future(worker.render(first, FULL))
        await begun(editor)
        two = asyncio.ensure_future(worker.render(second, PREVIEW))
        await asyncio.sleep(0)
        second.put((20, 46, 20, 2), bytes([12] * 40))
        editor.gate.release()
        editor.gate.release()
        shown = (await two).result
        assert not (await one).result.changed.any()
        expected = small_editor.render(shown.face, second.need_face()[1], detail=False)
        np.testing.assert_array_equal(shown.crop, expected.crop)
        assert shown.changed.any()

    run(program)


def test_a_wish_may_be_made_when_its_turn_comes(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    first, second = new_session(), new_session()
    wishes = [PREVIEW]

    async def program() -> None:
        one = asyncio.ensure_future(worker.render(first, FULL))
        await begun(editor)
        two = asyncio.ensure_future(worker.render(second, lambda: wishes[-1]))
        await asyncio.sleep(0)
        wishes.append(FULL)
        editor.gate.release()
        editor.gate.release()
        await one
        shown = await two
        assert second.known_result(shown.snapshot) is shown.result, "it is a full one"

    run(program)


def test_two_sessions_are_served_at_a_time(
    two_lanes: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    async def program() -> None:
        pictures = [asyncio.ensure_future(two_lanes.render(new_session(), FULL)) for _ in range(3)]
        for _ in range(2):
            await begun(editor)
        assert not editor.started.acquire(blocking=False)
        for _ in range(3):
            editor.gate.release()
        await asyncio.gather(*pictures)

    run(program)


def test_a_session_s_pictures_come_one_after_the_other(
    two_lanes: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    session, other = new_session(), new_session()

    async def program() -> None:
        first = asyncio.ensure_future(two_lanes.render(session, PREVIEW))
        await begun(editor)
        second = asyncio.ensure_future(two_lanes.render(session, PREVIEW))
        third = asyncio.ensure_future(two_lanes.render(other, PREVIEW))
        await begun(editor)
        session.put((20, 46, 20, 2), bytes([12] * 40))
        for _ in range(3):
            editor.gate.release()
        await asyncio.gather(first, third)
        assert (await second).result.changed.any(), "it was begun when the first was there"

    run(program)


def test_what_is_encoded_comes_along(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    async def program() -> None:
        editor.gate.release()
        wish = Wish(quality="full", encode=lambda result, snapshot: (result, snapshot.revision))
        picture = await worker.render(new_session(), wish)
        assert picture.encoded == (picture.result, 1)

    run(program)


def test_pictures_of_full_quality_are_made_once(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    session = new_session()

    async def program() -> None:
        editor.gate.release()
        first = await worker.render(session, FULL)
        assert (await worker.render(session, FULL)).result is first.result
        assert len(editor.rendered) == 1

    run(program)


def test_who_goes_away_is_not_rendered(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    sessions = [new_session() for _ in range(3)]

    async def program() -> None:
        blocking = asyncio.ensure_future(worker.render(sessions[0], FULL))
        await begun(editor)
        leaving = asyncio.ensure_future(worker.render(sessions[1], FULL))
        staying = asyncio.ensure_future(worker.render(sessions[2], FULL))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving  # only then is it out of the queue
        blocking.cancel()
        for _ in range(3):
            editor.gate.release()
        assert (await staying).result.crop.shape == (SIDE, SIDE, 3)
        assert len(editor.rendered) == 2

    run(program)


def test_an_error_belongs_to_its_caller(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    async def program() -> None:
        wrong = worker.render(
            new_session(), Wish(quality="full", mixture={"hair": Portion(style="nobody")})
        )
        right = worker.render(new_session(), FULL)
        editor.gate.release()
        found = await asyncio.gather(wrong, right, return_exceptions=True)
        assert isinstance(found[0], ConfigError)
        assert not isinstance(found[1], BaseException)

    run(program)


def test_styles_are_those_of_the_session(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    session = new_session()
    face, labels = session.need_face()
    red = small_red(editor, labels)
    session.add_style(OpenStyle(id="red", name="red", style=red.style, thumbnail=b""))

    async def program() -> None:
        editor.gate.release()
        mixture = {"hair": Portion(style="red", strength=1)}
        shown = await worker.render(session, Wish(quality="full", mixture=mixture))
        changed = (shown.result.crop != face.crop).any(axis=2)
        assert changed[labels == 13].mean() > 0.5
        assert not changed[labels == 12].any()

    run(program)


def small_red(editor: Editor, labels: Labels) -> Face:
    """A face of the same shape, whose hair is red."""
    crop = colorize(labels).copy()
    crop[labels == 13] = (250, 10, 10)
    return editor.photo(crop, aligned=True, labels=labels)


def test_slow_work_does_not_keep_pictures_waiting(
    worker: Worker, editor: GatedEditor, new_session: Callable[[], Session]
) -> None:
    done = threading.Event()

    async def program() -> None:
        slow = asyncio.ensure_future(worker.run(done.wait, 60))
        queued = asyncio.ensure_future(worker.run(int, "7"))
        tool = await worker.compute(max, 1, 2)
        editor.gate.release()
        await worker.render(new_session(), FULL)
        assert (tool, slow.done()) == (2, False)
        left = asyncio.ensure_future(worker.run(done.clear))
        await asyncio.sleep(0)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left  # only then is it out of the queue
        done.set()
        assert await slow
        assert await queued == 7
        await worker.run(int)
        assert done.is_set(), "what was cancelled is not called"

    run(program)


def test_a_closed_worker_says_so(editor: GatedEditor, new_session: Callable[[], Session]) -> None:
    worker = Worker(editor)
    worker.close()

    async def program() -> None:
        with pytest.raises(RuntimeError, match="closed"):
            await worker.render(new_session(), FULL)

    run(program)
