"""Photos in, pictures out: faces to choose from, a face to be shown, files refused with a sentence,
and a saved photo that is the photo but for the edit."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from composed_photos import PLACES, SIDE, landscape, two_faces, with_more_below, write
from editor_page import EditorPage, changed, extent
from PIL import Image
from playwright.sync_api import expect

from maskgan import images
from maskgan.labels import IDS
from maskgan.provenance import read_provenance


def open_second_face(editor: EditorPage, photo: Path) -> None:
    editor.bring("open-photo", photo)
    expect(editor.part("faces-dialog")).to_be_visible()
    expect(editor.page.locator(".face-box")).to_have_count(2)
    editor.part("face-2").click()
    editor.settled()


def test_the_saved_photo_is_the_photo_but_for_the_edit(editor: EditorPage, tmp_path: Path) -> None:
    before = two_faces()
    open_second_face(editor, write(before, tmp_path / "both.png"))
    expect(editor.page.locator("#photo-name")).to_have_text("both.png, 1040 x 600")
    editor.choose("l_lip")
    editor.paint([(250, 400), (290, 400), (310, 390)])
    saved = editor.save("export-photo", tmp_path / "saved.png")
    after = images.read(saved)
    assert after.shape == before.shape
    left, top, right, bottom = extent(changed(before, after))
    x, y = PLACES[1]
    assert x < left < right < x + SIDE
    assert y + SIDE / 2 < top < bottom < y + SIDE
    assert read_provenance(saved).by_model


def test_everything_else_can_be_saved_too(editor: EditorPage, tmp_path: Path) -> None:
    editor.choose("l_lip")
    editor.paint([(280, 385), (310, 375)])
    labels = images.read_labels(editor.save("export-labels", tmp_path / "labels.png"))
    np.testing.assert_array_equal(labels, editor.labels())
    crop = images.read(editor.save("export-crop", tmp_path / "crop.png"))
    np.testing.assert_array_equal(crop, editor.crop())
    both = images.read(editor.save("export-comparison", tmp_path / "both.png"))
    assert both.shape[1] >= 2 * crop.shape[1]
    with Image.open(editor.save("export-gif", tmp_path / "film.gif")) as film:
        assert getattr(film, "n_frames", 1) > 2


def test_without_a_face_three_points_show_where_it_is(editor: EditorPage, tmp_path: Path) -> None:
    editor.bring("open-photo", write(landscape(), tmp_path / "hills.png"))
    dialog = editor.part("points-dialog")
    expect(dialog).to_contain_text("No face was found")
    expect(editor.part("points-done")).to_be_disabled()
    editor.point_at_face(((0.4, 0.4), (0.6, 0.4), (0.5, 0.7)))
    editor.press("points-done")
    expect(dialog).to_have_count(0)
    assert editor.labels().shape == (512, 512)
    expect(editor.page.locator("#photo-name")).to_have_text("hills.png, 720 x 480")


def test_hair_that_goes_on_below_the_frame_is_cut(editor: EditorPage, tmp_path: Path) -> None:
    editor.bring("open-photo", write(with_more_below(), tmp_path / "long.png"))
    expect(editor.page.locator("#photo-name")).to_have_text("long.png, 640 x 768")
    editor.settled()
    labels = editor.labels()
    editor.slide("slider-hair_length", -1)
    assert (editor.labels()[-1] == IDS["hair"]).sum() < (labels[-1] == IDS["hair"]).sum() / 2
    saved = images.read(editor.save("export-photo", tmp_path / "cut.png"))
    photo = images.read(tmp_path / "long.png")
    assert saved.shape == photo.shape
    # Its ends, below the frame, go with it.
    assert (saved[-180:] != photo[-180:]).any()


def test_a_slider_that_finds_nothing_to_move_says_so(editor: EditorPage, tmp_path: Path) -> None:
    labels = editor.labels()
    path = tmp_path / "blind.png"
    eyes = np.isin(labels, [IDS["l_eye"], IDS["r_eye"]])
    images.write_labels(path, np.where(eyes, np.uint8(IDS["skin"]), labels))
    editor.press("tab-export")
    editor.bring("import-labels", path)
    editor.press("tab-sliders")
    news = editor.part("toast-news")
    editor.slide("slider-smile", 0.8)
    expect(news.filter(has_text="changed nothing")).to_have_count(0)
    editor.slide("slider-eye_opening", 0.8)
    expect(news.filter(has_text="Eye opening changed nothing")).to_have_count(1)


def test_a_closed_dialog_leaves_what_is_open(editor: EditorPage, tmp_path: Path) -> None:
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    labels = editor.labels()
    editor.bring("open-photo", write(landscape(), tmp_path / "hills.png"))
    expect(editor.part("points-dialog")).to_be_visible()
    editor.page.keyboard.press("Escape")
    editor.settled()
    np.testing.assert_array_equal(editor.labels(), labels)
    assert len(editor.steps()) == 2


def test_labels_of_another_size_are_refused_and_the_drawing_stays(
    editor: EditorPage, tmp_path: Path
) -> None:
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    labels = editor.labels()
    path = tmp_path / "small.png"
    images.write_labels(path, labels[::2, ::2].copy())
    editor.watch.expect("422")
    editor.part("tab-export").click()
    editor.bring("import-labels", path)
    expect(editor.part("toast-problem")).to_contain_text("256")
    expect(editor.part("toast-problem")).to_contain_text("512")
    np.testing.assert_array_equal(editor.labels(), labels)
    assert len(editor.steps()) == 2
    editor.paint([(200, 100), (300, 100)])
    assert len(editor.steps()) == 3


def test_labels_come_back_from_their_file(editor: EditorPage, tmp_path: Path) -> None:
    editor.choose("hat")
    editor.paint([(200, 60), (300, 60)])
    labels = editor.labels()
    path = editor.save("export-labels", tmp_path / "labels.png")
    editor.press("undo")
    editor.part("tab-export").click()
    editor.bring("import-labels", path)
    editor.settled()
    np.testing.assert_array_equal(editor.labels(), labels)
    assert "labels.png" in editor.steps()[-1]


@pytest.mark.parametrize("data", [b"no picture at all", b""])
def test_a_file_that_is_no_photo_is_refused_with_a_sentence(
    editor: EditorPage, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "notes.png"
    path.write_bytes(data)
    editor.watch.expect("answer 4")
    editor.watch.expect("the server responded with a status of 4")
    original = editor.crop("original")
    editor.bring("open-photo", path)
    expect(editor.part("toast-problem")).to_be_visible()
    np.testing.assert_array_equal(editor.crop("original"), original)


def test_a_photo_is_dropped_or_pasted(editor: EditorPage, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(two_faces()).save(buffer, "JPEG")
    for gesture in ("drop", "paste"):
        transfer = editor.page.evaluate_handle(
            """(data) => {
              const transfer = new DataTransfer();
              const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
              const file = new File([bytes], "both.jpg", { type: "image/jpeg" });
              transfer.items.add(file);
              return transfer;
            }""",
            base64.b64encode(buffer.getvalue()).decode(),
        )
        field = "dataTransfer" if gesture == "drop" else "clipboardData"
        if gesture == "drop":
            editor.part("stage").dispatch_event(gesture, {field: transfer})
        else:
            editor.page.evaluate(
                """(clipboardData) => window.dispatchEvent(
                  new ClipboardEvent("paste", { clipboardData, cancelable: true }))""",
                transfer,
            )
        expect(editor.part("faces-dialog")).to_be_visible()
        editor.page.keyboard.press("Escape")
        expect(editor.part("faces-dialog")).to_have_count(0)
