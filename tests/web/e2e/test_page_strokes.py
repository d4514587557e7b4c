"""Painting in the page: a wider smile changes the face around the mouth and nowhere else, every
step comes back and goes again, sliders and tools are steps like strokes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from composed_photos import two_faces, write
from editor_page import EditorPage, Point, changed, extent, extent_of
from playwright.sync_api import Page, Route, expect

from maskgan.editing import attributes
from maskgan.images import Pixels
from maskgan.labels import IDS

MOUTH = [IDS[name] for name in ("mouth", "u_lip", "l_lip")]
EYES = [IDS[name] for name in ("l_eye", "r_eye")]
REACH = 88
"""Crop pixels around the mouth that a wider smile may change; the networks see 256 px."""


class HeldAnswers:
    """What sliders ask the server for, held back until it is let go."""

    def __init__(self, page: Page) -> None:
        self._waiting: list[Route] | None = []
        page.route("**/tools/attributes", self._answer)

    def let_go(self) -> None:
        waiting, self._waiting = self._waiting or [], None
        for route in waiting:
            route.continue_()

    def _answer(self, route: Route) -> None:
        if self._waiting is None:
            route.continue_()
        else:
            self._waiting.append(route)


def smile(editor: EditorPage) -> list[Point]:
    """A stroke from the corner of the lips outwards and up."""
    _, top, right, bottom = extent_of(editor.labels(), MOUTH)
    middle = (top + bottom) / 2
    return [(right - 12, middle), (right + 6, middle - 8), (right + 16, middle - 18)]


def around_mouth(editor: EditorPage, mask: np.ndarray) -> bool:
    """Whether all of a mask (S, S) lies close to the mouth."""
    left, top, right, bottom = extent_of(editor.labels("original"), MOUTH)
    found = extent(mask)
    return (
        found[0] >= left - REACH
        and found[1] >= top - REACH
        and found[2] <= right + REACH
        and found[3] <= bottom + REACH
    )


def in_crop(editor: EditorPage, picture: Pixels) -> Pixels:
    """The crop's part of a picture of the stage at 100 %."""
    scale, left, top = editor.viewport()
    assert scale == 1, "look at 100 %"
    size = editor.labels().shape[0]
    x, y = round(left), round(top)
    return picture[y : y + size, x : x + size]


def test_the_sample_is_open_and_shows_its_photo(editor: EditorPage) -> None:
    np.testing.assert_array_equal(editor.crop("edited"), editor.crop("original"))
    editor.page.keyboard.press("Control+1")
    shown = in_crop(editor, editor.picture())
    np.testing.assert_array_equal(shown, editor.crop("original"))
    expect(editor.part("undo")).to_be_disabled()


def test_a_wider_smile_changes_the_face_around_the_mouth_only(editor: EditorPage) -> None:
    editor.page.keyboard.press("Control+1")
    before = in_crop(editor, editor.picture())
    source = editor.labels()
    editor.choose("l_lip")
    editor.paint(smile(editor))

    painted = editor.labels() != source
    assert set(np.unique(editor.labels()[painted])) == {IDS["l_lip"]}
    on_server = changed(editor.crop("original"), editor.crop("edited"))
    assert on_server.sum() > 300
    assert around_mouth(editor, on_server)
    on_screen = changed(before, in_crop(editor, editor.picture()))
    assert on_screen.sum() > 300
    assert around_mouth(editor, on_screen)
    assert not on_screen[: extent_of(source, EYES)[3]].any()


def test_undo_and_redo_walk_through_every_step(editor: EditorPage) -> None:
    source = editor.labels()
    states = [source]
    editor.choose("u_lip")
    for shift in range(3):
        editor.paint([(x, y - 14 * shift) for x, y in smile(editor)])
        states.append(editor.labels())
    assert len(editor.steps()) == 4
    edited = editor.crop()
    for labels in reversed(states[:-1]):
        editor.press("undo")
        np.testing.assert_array_equal(editor.labels(), labels)
    np.testing.assert_array_equal(editor.crop(), editor.crop("original"))
    expect(editor.part("undo")).to_be_disabled()
    for labels in states[1:]:
        editor.page.keyboard.press("Control+Shift+Z")
        editor.settled()
        np.testing.assert_array_equal(editor.labels(), labels)
    np.testing.assert_array_equal(editor.crop(), edited)
    expect(editor.part("redo")).to_be_disabled()


def test_the_history_jumps_and_a_new_stroke_ends_what_was_undone(editor: EditorPage) -> None:
    editor.choose("hat")
    for x in (60, 100, 140):
        editor.paint([(x, 60), (x + 20, 70)])
    first = editor.labels()
    editor.press("tab-history", "step-1")
    assert (editor.labels() != first).any()
    assert len(editor.steps()) == 4
    editor.paint([(200, 160), (230, 160)])
    assert len(editor.steps()) == 3
    expect(editor.part("redo")).to_be_disabled()


def test_the_smile_slider_is_one_step_and_zero_is_the_way_back(editor: EditorPage) -> None:
    source = editor.labels()
    editor.slide("slider-smile", 0.8)
    assert (editor.labels() != source).any()
    assert around_mouth(editor, changed(editor.crop("original"), editor.crop()))
    assert len(editor.steps()) == 2
    editor.slide("slider-smile", 0)
    np.testing.assert_array_equal(editor.labels(), source)
    editor.press("undo")
    assert (editor.labels() != source).any()
    expect(editor.part("slider-smile")).to_have_value("0.8")


def test_keys_may_be_tapped_faster_than_the_server_answers(editor: EditorPage) -> None:
    """Every tap counts, and every tap is a step."""
    source = editor.labels()
    answers = HeldAnswers(editor.page)
    slider = editor.part("slider-smile")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    editor.part("slider-brow_height").press("ArrowRight")
    expect(slider).to_have_value("0.2")
    answers.let_go()
    editor.settled()
    expect(slider).to_have_value("0.2")
    expect(editor.part("slider-brow_height")).to_have_value("0.05")
    assert len(editor.steps()) == 1 + 5
    smile = attributes.apply(source, "smile", 0.2)
    np.testing.assert_array_equal(editor.labels(), attributes.apply(smile, "brow_height", 0.05))
    for _ in range(5):
        editor.press("undo")
    editor.settled()
    np.testing.assert_array_equal(editor.labels(), source)


def test_a_slider_let_go_before_another_photo_opens_does_not_move_that(
    editor: EditorPage, tmp_path: Path
) -> None:
    editor.watch.expect("404")  # by then the first photo's session is gone
    answers = HeldAnswers(editor.page)
    editor.part("slider-smile").fill("0.8")
    editor.part("slider-smile").dispatch_event("change")
    editor.bring("open-photo", write(two_faces()[120:480, 60:420], tmp_path / "other.png"))
    expect(editor.page.locator("#photo-name")).to_have_text("other.png, 360 x 360")
    answers.let_go()
    editor.settled()
    expect(editor.part("slider-smile")).to_have_value("0")
    assert len(editor.steps()) == 1
    np.testing.assert_array_equal(editor.labels(), editor.labels("original"))


def test_a_double_click_takes_a_slider_back_in_one_step(editor: EditorPage) -> None:
    editor.slide("slider-smile", 0.8)
    slider = editor.part("slider-smile")
    box = slider.bounding_box()
    assert box is not None
    slider.dblclick(position={"x": 0.3 * box["width"], "y": box["height"] / 2})
    expect(slider).to_have_value("0")
    editor.settled()
    assert len(editor.steps()) == 3
    editor.press("undo")
    expect(slider).to_have_value("0.8")


@pytest.mark.parametrize(
    ("name", "tool", "worn"),
    [
        ("glasses", "spectacles", "eye_g"),
        ("cap", "cap", "hat"),
        ("earrings", "earrings", "ear_r"),
        ("necklace", "necklace", "neck_l"),
    ],
)
def test_what_is_worn_goes_on_and_off(editor: EditorPage, name: str, tool: str, worn: str) -> None:
    source, photo = editor.labels(), editor.crop("original")
    assert not (source == IDS[worn]).any()
    editor.press("tab-parts", f"{name}-{tool}")
    labels = editor.labels()
    assert IDS[worn] in labels[labels != source]
    assert changed(photo, editor.crop()).any()
    assert editor.steps()[-1] == f"Put on {name}"
    editor.press(f"{name}-erase")
    assert not (editor.labels() == IDS[worn]).any()
    assert editor.steps()[-1] == f"Take off {name}"


def test_the_right_button_erases_to_what_lies_underneath(editor: EditorPage) -> None:
    source = editor.labels()
    left, _, right, top = extent_of(source, [IDS["nose"]])
    cheek = (right + 24, top - 20)
    size = 12
    x, y = cheek
    assert (source[y - size : y + size, x - size : x + size + 8] == IDS["skin"]).all(), left
    editor.choose("hat")
    editor.paint([cheek, (x + 8, y)])
    assert (editor.labels() == IDS["hat"]).any()
    editor.page.keyboard.press("BracketRight")
    editor.stroke([cheek, (x + 8, y)], button="right")
    editor.settled()
    np.testing.assert_array_equal(editor.labels(), source)
    assert len(editor.steps()) == 3


def test_locked_classes_are_not_painted_over(editor: EditorPage) -> None:
    source = editor.labels()
    editor.choose("hair")
    editor.part("lock-skin").click()
    left, top, right, bottom = extent_of(source, MOUTH)
    editor.paint([(left - 20, top - 10), (right + 20, bottom + 10)])
    now = editor.labels()
    np.testing.assert_array_equal(now[source == IDS["skin"]], IDS["skin"])
    assert (now != source).any()


@pytest.mark.parametrize("tool", ["fill", "lasso", "polygon"])
def test_areas_are_painted_too(editor: EditorPage, tool: str) -> None:
    source = editor.labels()
    editor.choose("hat")
    editor.part(f"tool-{tool}").click()
    corners: list[Point] = [(200, 200), (300, 200), (300, 260), (200, 260)]
    if tool == "fill":
        rows, columns = np.nonzero(source == IDS["hair"])
        editor.paint([(float(columns[len(columns) // 2]), float(rows[len(rows) // 2]))])
        expected = 400
    elif tool == "lasso":
        editor.paint([*corners, corners[0]])
        expected = 5000
    else:
        for corner in corners:
            editor.page.mouse.click(*editor.point(*corner))
        editor.page.keyboard.press("Enter")
        editor.settled()
        expected = 5000
    assert (editor.labels() == IDS["hat"]).sum() > expected
    editor.press("undo")
    np.testing.assert_array_equal(editor.labels(), source)


def test_the_original_is_seen_while_tab_is_held(editor: EditorPage) -> None:
    editor.page.keyboard.press("Control+1")
    original = in_crop(editor, editor.picture())
    editor.choose("l_lip")
    editor.paint(smile(editor))
    edited = in_crop(editor, editor.picture())
    editor.part("stage").focus()
    editor.page.mouse.move(*editor.point(256, 100))
    editor.page.keyboard.down("\\")
    editor.page.mouse.move(*editor.point(5000, 5000))
    np.testing.assert_array_equal(in_crop(editor, editor.picture()), original)
    editor.page.keyboard.up("\\")
    np.testing.assert_array_equal(in_crop(editor, editor.picture()), edited)


def test_the_face_follows_while_the_pointer_is_down(editor: EditorPage) -> None:
    editor.choose("l_lip")
    shown = editor.page.evaluate("() => window.maskgan.shown")
    mouse = editor.page.mouse
    start, *others = smile(editor)
    mouse.move(*editor.point(*start))
    mouse.down()
    for point in others:
        mouse.move(*editor.point(*point), steps=4)
    editor.settled()
    assert editor.page.evaluate("() => window.maskgan.shown") > shown
    assert changed(editor.crop("original"), editor.crop()).any()
    assert len(editor.steps()) == 1
    editor.page.keyboard.press("Escape")
    mouse.up()
    editor.settled()
    np.testing.assert_array_equal(editor.labels(), editor.labels("original"))
    assert len(editor.steps()) == 1


def test_original_and_result_share_the_stage_at_a_line(editor: EditorPage) -> None:
    editor.slide("slider-smile", 1)
    editor.page.keyboard.press("Control+1")
    editor.press("view-slider")
    shown = in_crop(editor, editor.picture())
    line, clear = shown.shape[1] // 2, 40
    left, right = np.s_[:, : line - clear], np.s_[:, line + clear :]
    middle = extent_of(editor.labels("original"), MOUTH)
    assert middle[0] < line - clear < line + clear < middle[2]
    wrong = changed(shown[left], editor.crop("original")[left])
    assert not wrong[: shown.shape[0] - 48].any()
    result = in_crop(editor, (editor.press("view-result"), editor.picture())[1])
    wrong = changed(shown[right], result[right])
    assert not wrong[: shown.shape[0] - 48].any()


def test_pointing_names_what_is_there(editor: EditorPage) -> None:
    left, top, right, bottom = extent_of(editor.labels(), [IDS["nose"]])
    editor.page.mouse.move(*editor.point((left + right) / 2, (top + bottom) / 2))
    expect(editor.part("under")).to_have_text("Nose")
