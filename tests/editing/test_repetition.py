"""Steps of a project done again: on its own face they give its labels, on others they apply."""

from __future__ import annotations

import base64
import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_face import style

from maskgan import images
from maskgan.alignment.similarity import Similarity
from maskgan.editing import attributes, masks, shapes
from maskgan.editing.editor import Editor, Face
from maskgan.editing.history import operations
from maskgan.editing.mixture import Portion
from maskgan.editing.packed import encode_region
from maskgan.editing.project import Project, ProjectStyle
from maskgan.editing.repetition import open_face, repetition
from maskgan.editing.replay import replay
from maskgan.errors import ConfigError, MaskganError, ProjectError
from maskgan.labels import PALETTE_A, colorize
from tiny_bundle import SIDE, face_labels, write_bundle

STROKE = shapes.disc((SIDE, SIDE), (32, 45), 4)
PAINT = {"op": "paint", "class": 10, "region": encode_region(STROKE)}


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Editor:
    return Editor.open(write_bundle(tmp_path_factory.mktemp("bundles") / "tiny"), threads=1)


@pytest.fixture(scope="module")
def face(editor: Editor) -> Face:
    return editor.photo(colorize(face_labels()), aligned=True)


def png(colors: tuple[tuple[int, int, int], ...] = PALETTE_A) -> bytes:
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.fromarray(colorize(face_labels(), colors)).save(buffer, "PNG")
    return buffer.getvalue()


def project(steps: list[dict[str, Any]] | None = None, **changes: Any) -> Project:
    state: dict[str, Any] = {} if steps is None else {"steps": steps, "cursor": len(steps)}
    values: dict[str, Any] = {
        "photo": png(),
        "name": "me.png",
        "similarity": Similarity.identity(SIDE),
        "source_labels": face_labels(),
        "labels": masks.paint(face_labels(), STROKE, 10),
        "state": state,
    }
    return Project(**values | changes)


def slide(**strengths: float) -> dict[str, Any]:
    """Sliders as a program records them that has no panel with their values."""
    return {"kind": "tool", "op": {"op": "attributes", "strengths": strengths}}


def done(one: Project) -> np.ndarray:
    return replay(face_labels(), operations(one), size=SIDE)


def test_steps_are_done_in_order_up_to_the_cursor() -> None:
    steps = [{"kind": "paint", "op": PAINT}, slide(smile=1.0)]
    painted = masks.paint(face_labels(), STROKE, 10)
    np.testing.assert_array_equal(done(project(steps)), attributes.apply(painted, "smile", 1.0))
    undone = project(state={"steps": steps, "cursor": 1})
    np.testing.assert_array_equal(done(undone), painted)


def moved(before: dict[str, float], after: dict[str, float], **op: float) -> dict[str, Any]:
    """A slider step as the page records it."""
    extra = {"sliders": {"before": before, "after": after}}
    return slide(**op) | {"kind": "sliders", "extra": extra}


def test_sliders_that_follow_each_other_start_from_the_same_labels() -> None:
    styles = {"kind": "styles", "op": {"op": "styles", "styles": {}}}
    first = moved({}, {"smile": 1.0}, smile=1.0)
    one = project([first, styles, moved({"smile": 1.0}, {"smile": 0.5, "brow_height": 1})])
    assert len(operations(one)) == 1
    expected = attributes.apply_all(face_labels(), {"smile": 0.5, "brow_height": 1})
    np.testing.assert_array_equal(done(one), expected)
    paint = {"kind": "paint", "op": PAINT}
    between = project([first, paint, moved({"smile": 1.0}, {})])
    assert [one["op"] for one in operations(between)] == ["attributes", "paint", "attributes"]
    assert operations(between)[2]["strengths"] == {"smile": -1.0}


def test_values_of_sliders_say_more_than_what_was_done_for_one_step() -> None:
    first = moved({"smile": 0.25}, {"smile": 1.0}, smile=0.75)
    second = moved({"smile": 1.0}, {"smile": 1.0, "brow_height": 0.5}, smile=0.75, brow_height=0.5)
    # The page empties the first where the second follows, even if that was undone.
    emptied = first | {"op": {"op": "attributes", "strengths": {}}}
    undone = project(state={"steps": [emptied, second], "cursor": 1})
    expected = attributes.apply(face_labels(), "smile", 0.75)
    np.testing.assert_array_equal(done(undone), expected)
    both = attributes.apply_all(face_labels(), {"smile": 0.75, "brow_height": 0.5})
    np.testing.assert_array_equal(done(project([emptied, second])), both)
    back = project([first, moved({"smile": 1.0}, {"smile": 0.25})])
    np.testing.assert_array_equal(done(back), face_labels())


def test_a_taken_part_names_the_style_as_the_project_does() -> None:
    taken = {"kind": "tool", "op": {"op": "take_part", "style": "of the page", "part": "nose"}}
    listed = [{"key": "of the page", "server": "s1"}, {"key": "other"}, 7]
    (one,) = operations(project(state={"steps": [taken], "references": listed}))
    assert one == {"op": "take_part", "style": "s1", "part": "nose"}
    (one,) = operations(project(state={"steps": [taken], "references": "none"}))
    assert one == taken["op"]


def test_a_step_may_hold_several_operations() -> None:
    other = shapes.disc((SIDE, SIDE), (20, 20), 3)
    ops = [PAINT, {"op": "paint", "class": 3, "region": encode_region(other)}]
    expected = masks.paint(masks.paint(face_labels(), STROKE, 10), other, 3)
    np.testing.assert_array_equal(done(project([{"kind": "paint", "op": ops}])), expected)
    nothing = {"kind": "tool", "op": None, "rect": None}
    np.testing.assert_array_equal(done(project([nothing])), face_labels())


def test_starting_over_forgets_what_was_before() -> None:
    one = project([slide(smile=1.0), {"kind": "tool", "op": {"op": "reset"}}])
    np.testing.assert_array_equal(done(one), face_labels())


def test_imported_labels_are_painted_where_they_differ() -> None:
    before = face_labels()[40:50, 20:44]
    after = before.copy()
    after[2:5, 3:9], after[6, 20] = 3, 1
    step = {
        "kind": "import",
        "op": {"op": "import"},
        "rect": {"x": 20, "y": 40, "w": 24, "h": 10},
        "before": base64.b64encode(zlib.compress(before.tobytes())).decode(),
        "after": base64.b64encode(zlib.compress(after.tobytes())).decode(),
    }
    expected = face_labels()
    expected[40:50, 20:44] = after
    assert (expected != face_labels()).any()
    np.testing.assert_array_equal(done(project([step])), expected)
    for change in ({"rect": [0, 0, 99, 1]}, {"after": None}, {"before": "x"}):
        with pytest.raises(ConfigError, match=r"^Step 1 of the project cannot be read"):
            operations(project([step | change]))
    wrong = base64.b64encode(zlib.compress(bytes([99]) * 240)).decode()
    with pytest.raises(ConfigError, match="class 99"):
        operations(project([step | {"after": wrong}]))


def test_without_steps_the_difference_of_the_labels_is_painted() -> None:
    np.testing.assert_array_equal(done(project()), project().labels)


@pytest.mark.parametrize("state", [{"steps": 3}, {"steps": [3]}, {"steps": [], "cursor": "1"}])
def test_steps_that_are_none_are_refused(state: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"steps|Step 1"):
        operations(project(state=state))


def test_a_project_opens_its_own_face(editor: Editor, face: Face) -> None:
    opened = open_face(editor, project())
    np.testing.assert_array_equal(opened.crop, face.crop)
    np.testing.assert_array_equal(opened.labels, face.labels)
    assert opened.original.name == "me.png"
    assert opened.original.format == "PNG"


def test_styles_and_shapes_of_other_photos_come_along(editor: Editor, face: Face) -> None:
    others = tuple(reversed(PALETTE_A))
    shape = masks.grow(face_labels(), 2, 2)
    reference = ProjectStyle(
        id="r",
        name="ref.png",
        photo=png(others),
        similarity=Similarity.identity(SIDE),
        labels=shape,
    )
    take = {"kind": "tool", "op": {"op": "take_part", "part": "nose", "style": "r"}}
    one = project([take], styles=(reference,), mixture={"hair": Portion(style="r")})
    again = repetition(editor, one)
    labels = again.labels(face)
    assert (labels == 2).sum() > (face.labels == 2).sum()
    choice = again.style(face)
    assert isinstance(choice, dict)
    result = editor.render(face, labels, choice)
    hair = labels == 13
    assert np.abs(result.crop[hair].astype(int) - others[13]).mean() < 20
    assert np.abs(face.crop[hair].astype(int) - others[13]).mean() > 60


def test_drawn_styles_fit_their_own_model_only(editor: Editor, face: Face) -> None:
    dice = ProjectStyle(id="d", name="dice", codes=style(1))
    with pytest.raises(ProjectError, match="have 5 numbers instead of 3"):
        repetition(editor, project(styles=(dice,)))
    fitting = ProjectStyle(id="d", name="dice", codes=face.style)
    again = repetition(editor, project(styles=(fitting,), mixture={"hair": Portion(style="d")}))
    assert again.style(face) is not None
    lost = repetition(editor, project(mixture={"hair": Portion(style="d")}))
    with pytest.raises(MaskganError, match="no style 'd'"):
        lost.style(face)


def test_faces_of_other_sizes_take_the_same_steps(editor: Editor, tmp_path: Path) -> None:
    large = editor.photo(colorize(face_labels(128)), aligned=True, labels=face_labels(128))
    labels = repetition(editor, project([{"kind": "paint", "op": PAINT}])).labels(large)
    changed = images.resize_labels(STROKE.astype(np.uint8), (128, 128)) > 0
    np.testing.assert_array_equal(labels != large.labels, changed)
