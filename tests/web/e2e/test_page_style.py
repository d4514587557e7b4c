"""Style: colours of another photo on one region, by a drop, a sample or the dice, with a strength;
the shape stays."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from editor_page import EditorPage, changed
from PIL import Image
from playwright.sync_api import expect

from maskgan import images, samples
from maskgan.labels import IDS

DROP = """([region, data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "red.png", { type: "image/png" }));
  const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.querySelector(region).dispatchEvent(new DragEvent(kind, options));
  }
}"""


def red_haired() -> str:
    """The sample face with red hair, a PNG in base64."""
    face = images.read(samples.FACE).copy()
    hair = images.read_labels(samples.LABELS) == IDS["hair"]
    face[hair] = face[hair] // 4 + np.array([150, 10, 10], np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(face).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def painted(editor: EditorPage) -> EditorPage:
    """The style panel, hair dropped with red."""
    editor.part("tab-style").click()
    editor.page.evaluate(DROP, ["[data-testid=panel-style]", red_haired()])
    expect(editor.part("style-hair")).to_have_attribute("aria-pressed", "true")
    editor.settled()
    return editor


def redness(editor: EditorPage) -> float:
    """Of the hair as it is shown."""
    hair = editor.labels("original") == IDS["hair"]
    colours = editor.crop()[hair].astype(np.float64)
    return float((colours[:, 0] - colours[:, 1:].mean(axis=1)).mean())


def test_a_photo_dropped_colours_the_hair_and_keeps_the_shape(painted: EditorPage) -> None:
    editor = painted
    np.testing.assert_array_equal(editor.labels(), editor.labels("original"))
    mask = changed(editor.crop("original"), editor.crop())
    hair = editor.labels() == IDS["hair"]
    assert mask[hair].mean() > 0.5
    eyes = np.isin(editor.labels(), [IDS["l_eye"], IDS["r_eye"], IDS["mouth"], IDS["nose"]])
    assert not mask[eyes].any()
    red = redness(editor)
    editor.press("undo")
    assert redness(editor) < red - 10
    np.testing.assert_array_equal(editor.crop(), editor.crop("original"))
    editor.press("redo")
    assert redness(editor) == red


def test_less_strength_is_less_of_it(painted: EditorPage) -> None:
    full = redness(painted)
    painted.slide("style-strength", 0.4)
    some = redness(painted)
    painted.slide("style-strength", 0)
    assert redness(painted) < some < full


def test_the_dice_give_a_style_that_can_be_taken_off(editor: EditorPage) -> None:
    editor.part("tab-style").click()
    editor.part("style-dice").click()
    expect(editor.part("style-card")).to_have_count(1)
    editor.settled()
    assert changed(editor.crop("original"), editor.crop()).any()
    editor.press("style-hair")
    np.testing.assert_array_equal(editor.crop(), editor.crop("original"))
    # Whom the dice gave has shapes as well.
    editor.press("shape-hair")
    assert (editor.labels() != editor.labels("original")).any()


def test_hair_and_lips_are_dyed_in_colours_that_are_chosen(editor: EditorPage) -> None:
    editor.part("tab-style").click()
    for region, colour in (("hair", "#3c5abe"), ("lips", "#8a1030")):
        editor.part("dye-region").select_option(region)
        editor.part("dye-colour").fill(colour)
        editor.press("dye")
    assert editor.steps()[-2:] == ["Hair in #3c5abe", "Lips in #8a1030"]
    expect(editor.part("style-card")).to_have_count(2)
    expect(editor.part("style-background")).to_be_hidden()
    hair = editor.labels() == IDS["hair"]
    red, _, blue = editor.crop()[hair].mean(axis=0)
    assert blue > red + 60
    dyed = editor.crop()
    # The same colour again is the same reference, and one that nothing has goes.
    editor.part("dye-region").select_option("brows")
    editor.press("dye")
    expect(editor.part("style-card")).to_have_count(2)
    editor.press("undo")
    np.testing.assert_array_equal(editor.crop(), dyed)
    editor.kept()
    editor.reload()
    np.testing.assert_array_equal(editor.crop(), dyed)
    editor.part("tab-style").click()
    editor.press("style-lips")
    expect(editor.part("style-card")).to_have_count(2)


def test_the_shape_of_a_part_is_taken_in_the_own_colours(editor: EditorPage) -> None:
    editor.part("tab-style").click()
    editor.part("panel-style").get_by_role("button", name="Style of Face 6").click()
    expect(editor.part("style-card")).to_have_count(1)
    editor.settled()
    editor.press("style-hair", "shape-mouth")
    labels, before = editor.labels(), editor.labels("original")
    # Face 6 laughs.
    assert np.count_nonzero(labels == IDS["mouth"]) > np.count_nonzero(before == IDS["mouth"]) + 300
    lips = [IDS["mouth"], IDS["u_lip"], IDS["l_lip"]]
    moved = labels != before
    assert np.isin(labels[moved], lips).any()
    mask = changed(editor.crop("original"), editor.crop())
    assert mask[moved].mean() > 0.7
    assert not mask[:200].any()
    editor.press("undo")
    np.testing.assert_array_equal(editor.labels(), before)
    editor.press("redo")
    editor.kept()
    editor.reload()
    np.testing.assert_array_equal(editor.labels(), labels)
    editor.part("tab-style").click()
    editor.press("shape-nose")
    assert (editor.labels() != labels).any(), "the reference is known after a reload"
