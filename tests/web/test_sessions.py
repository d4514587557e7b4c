"""Sessions: what they keep, who goes when there are too many, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.similarity import Similarity
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face
from maskgan.editing.mixture import Portion
from maskgan.errors import ConfigError, LabelsError
from maskgan.labels import colorize
from maskgan.web import raw_labels
from maskgan.web.problems import Refusal
from maskgan.web.session import OpenPhoto, OpenStyle, Session, without_photo
from maskgan.web.sessions import Limits, Sessions
from tiny_bundle import SIDE, face_labels


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def open_photo(size: int = 10) -> OpenPhoto:
    return OpenPhoto(
        data=bytes(size),
        name="me.png",
        width=SIDE,
        height=SIDE,
        format="PNG",
        suffix=".png",
        faces=(),
        aligned=True,
    )


@pytest.fixture
def face(small_editor: Editor) -> Face:
    labels = face_labels()
    return without_photo(small_editor.photo(colorize(labels), aligned=True, labels=labels))


@pytest.fixture
def session(face: Face) -> Session:
    session = Session(id="a")
    photo = open_photo()
    session.take_photo(photo)
    session.take_face(photo, face, numbered=True)
    return session


def test_the_one_idle_longest_makes_room() -> None:
    sessions = Sessions(Limits(sessions=3), Clock())
    first, second, third = (sessions.open() for _ in range(3))
    sessions.get(first.id)
    fourth = sessions.open()
    assert [s in sessions for s in (first, second, third, fourth)] == [True, False, True, True]
    with pytest.raises(Refusal, match="Open a new one and send the photo") as refused:
        sessions.get(second.id)
    assert (refused.value.status, refused.value.slug) == (404, "session-not-found")


def test_those_that_a_page_shows_go_last() -> None:
    sessions = Sessions(Limits(sessions=2), Clock())
    shown, idle = sessions.open(), sessions.open()
    shown.watchers = 1
    sessions.get(idle.id)
    sessions.open()
    assert shown in sessions
    assert idle not in sessions


def test_sessions_that_nobody_uses_expire() -> None:
    clock = Clock()
    sessions = Sessions(Limits(idle_seconds=60), clock)
    used, idle, shown = (sessions.open() for _ in range(3))
    shown.watchers = 1
    clock.now += 50
    sessions.get(used.id)
    clock.now += 50
    sessions.get(used.id)
    assert idle not in sessions
    assert shown in sessions
    assert len(sessions) == 2


def test_memory_is_bounded_but_for_the_newest() -> None:
    sessions = Sessions(Limits(memory_bytes=1000), Clock())
    first, second = sessions.open(), sessions.open()
    first.take_photo(open_photo(600))
    sessions.tidy(first)
    second.take_photo(open_photo(300))
    sessions.tidy(second)
    assert len(sessions) == 2
    second.take_photo(open_photo(5000))
    sessions.tidy(second)
    assert first not in sessions
    assert second in sessions


def test_what_a_session_takes(session: Session, face: Face) -> None:
    before = session.bytes
    assert before >= face.crop.nbytes + 2 * face.labels.nbytes
    style = OpenStyle(
        id="s",
        name="s",
        style=face.style,
        thumbnail=bytes(100),
        photo=bytes(900),
        face=face,
        labels=face.labels,
    )
    session.add_style(style)
    assert session.bytes >= before + 1000 + face.crop.nbytes


def test_closing() -> None:
    sessions = Sessions()
    session = sessions.open()
    sessions.close(session.id)
    with pytest.raises(Refusal):
        sessions.close(session.id)


def test_limits_that_cannot_be() -> None:
    for wrong in ({"sessions": 0}, {"idle_seconds": float("nan")}, {"pixels": 10**9}):
        with pytest.raises(ConfigError):
            Limits(**wrong)  # type: ignore[arg-type]


def test_faces_keep_their_crop_but_not_the_photo(small_editor: Editor) -> None:
    labels = face_labels()
    wide = np.pad(colorize(labels), ((0, 0), (0, 200), (0, 0)))
    opened = small_editor.framed(wide, Similarity(np.eye(3), SIDE), labels)
    kept = without_photo(opened)
    assert kept.photo.size == 3
    np.testing.assert_array_equal(kept.crop, opened.crop)


def test_changes_of_a_rectangle(session: Session) -> None:
    session.put((2, 3, 4, 2), bytes([13] * 8))
    _, labels = session.need_face()
    expected = face_labels().copy()
    expected[3:5, 2:6] = 13
    np.testing.assert_array_equal(labels, expected)
    session.put((0, 0, 0, 0), b"")
    revision = session.revision
    assert session.set_labels(face_labels()) == np.count_nonzero(expected != face_labels())
    assert session.revision == revision + 1


@pytest.mark.parametrize(
    ("rect", "data", "sentence"),
    [
        ((60, 0, 5, 1), bytes(5), "reaches beyond the crop of 64x64"),
        ((-1, 0, 2, 1), bytes(2), "reaches beyond"),
        ((0, 0, 2, 2), bytes(3), "came with 3 bytes"),
        ((0, 0, 2, 1), bytes([0, 19]), "hold the value 19"),
        ((0, 0, -1, -1), bytes(1), "reaches beyond"),
        ((0, 10**12, 1, 1), bytes(1), "reaches beyond"),
    ],
)
def test_changes_that_are_refused_change_nothing(
    session: Session, rect: tuple[int, int, int, int], data: bytes, sentence: str
) -> None:
    with pytest.raises(LabelsError, match=sentence):
        session.put(rect, data)
    np.testing.assert_array_equal(session.need_face()[1], face_labels())


def test_labels_from_bytes(session: Session) -> None:
    labels = face_labels()
    np.testing.assert_array_equal(raw_labels.read(labels.tobytes(), SIDE), labels)
    with pytest.raises(LabelsError, match="have 5 bytes; expected 64x64 = 4096"):
        raw_labels.read(bytes(5), SIDE)
    with pytest.raises(LabelsError, match="value 255"):
        raw_labels.read(bytes([255]) * SIDE * SIDE, SIDE)
    with pytest.raises(LabelsError, match="expected 64x64"):
        session.set_labels(np.zeros((3, 3), np.uint8))


def test_nothing_is_open_yet() -> None:
    session = Session(id="a")
    for call in (session.need_photo, session.need_face, session.snapshot):
        with pytest.raises(Refusal, match="No photo is open") as refused:
            call()
        assert (refused.value.status, refused.value.slug) == (409, "no-photo")
    session.take_photo(open_photo())
    with pytest.raises(Refusal, match="No face is chosen"):
        session.put((0, 0, 1, 1), bytes(1))


def test_a_face_of_a_photo_that_is_not_open_any_more(session: Session, face: Face) -> None:
    late = open_photo()
    session.take_photo(open_photo())
    with pytest.raises(Refusal, match="Another photo was opened"):
        session.take_face(late, face, numbered=True)
    assert session.face is None


def test_results_are_known_until_something_changes(session: Session, small_editor: Editor) -> None:
    snapshot = session.snapshot()
    result = small_editor.render(snapshot.face, snapshot.labels)
    session.keep_result(snapshot, result)
    assert session.known_result(session.snapshot()) is result
    session.add_style(OpenStyle(id="s", name="s", style=result.face.style, thumbnail=b""))
    mixture = {"hair": Portion(style="s")}
    styled = session.snapshot(mixture)
    assert session.known_result(styled) is None
    assert session.snapshot().mixture == {}, "only what could be rendered is remembered"
    session.keep_mixture(styled)
    assert session.snapshot().mixture == mixture
    assert session.known_result(session.snapshot({})) is result
    session.put((0, 0, 1, 1), bytes(1))
    assert session.known_result(session.snapshot()) is None
    session.take_photo(open_photo())
    session.keep_result(snapshot, result)
    assert session.rendered is None, "the face is another one"
