"""Fingers and pens: one finger paints, two zoom and move and paint nothing, a pen's pressure is its
width."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from editor_page import EditorPage, Point
from playwright.sync_api import CDPSession

from maskgan.labels import IDS

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(new_editor: Callable[..., EditorPage]) -> EditorPage:
    return new_editor(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


def channel(editor: EditorPage) -> CDPSession:
    return editor.page.context.new_cdp_session(editor.page)


def touch(editor: EditorPage, session: CDPSession, kind: str, points: Sequence[Point]) -> None:
    """Fingers at pixels of the crop."""
    places = [editor.point(*point) for point in points]
    fingers = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_one_finger_paints(phone: EditorPage) -> None:
    source = phone.labels()
    phone.part("tab-palette").tap()
    phone.choose("hat")
    session = channel(phone)
    touch(phone, session, "touchStart", [(200, 60)])
    for x in range(210, 310, 10):
        touch(phone, session, "touchMove", [(x, 60)])
    touch(phone, session, "touchEnd", [])
    phone.settled()
    painted = phone.labels() != source
    assert painted[60, 200:300].all()
    assert len(phone.steps()) == 2
    phone.part("undo").tap()
    phone.settled()
    np.testing.assert_array_equal(phone.labels(), source)


def test_two_fingers_zoom_and_paint_nothing(phone: EditorPage) -> None:
    source = phone.labels()
    scale = phone.viewport()[0]
    # In places of the window: the crop moves beneath the fingers.
    left, right = phone.point(200, 256), phone.point(300, 256)
    session = channel(phone)

    def fingers(kind: str, apart: float) -> None:
        points = [
            {"x": left[0] - apart, "y": left[1], "id": 0},
            {"x": right[0] + apart, "y": right[1], "id": 1},
        ]
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if kind == "touchEnd" else points},
        )

    session.send(
        "Input.dispatchTouchEvent",
        {"type": "touchStart", "touchPoints": [{"x": left[0], "y": left[1], "id": 0}]},
    )
    fingers("touchStart", 0)
    for apart in range(5, 65, 5):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    phone.settled()
    assert phone.viewport()[0] > 1.5 * scale
    np.testing.assert_array_equal(phone.labels(), source)
    assert len(phone.steps()) == 1


def test_a_pen_pressed_harder_paints_wider(editor: EditorPage) -> None:
    editor.choose("hat")
    editor.part("brush-range").fill("5")
    session = channel(editor)

    def pen(kind: str, point: Point, force: float) -> None:
        x, y = editor.point(*point)
        session.send(
            "Input.dispatchMouseEvent",
            {
                "type": kind,
                "x": x,
                "y": y,
                "button": "left",
                "buttons": 0 if kind == "mouseReleased" else 1,
                "clickCount": 1,
                "force": force,
                "pointerType": "pen",
            },
        )

    heights = []
    for y, force in ((60, 0.1), (180, 1.0)):
        pen("mousePressed", (200, y), force)
        for x in range(210, 310, 10):
            pen("mouseMoved", (x, y), force)
        pen("mouseReleased", (300, y), 0)
        editor.settled()
        heights.append(int((editor.labels()[y - 50 : y + 50, 250] == IDS["hat"]).sum()))
    assert 0 < heights[0] < heights[1]
