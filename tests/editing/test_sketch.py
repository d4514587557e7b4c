"""What a stroke has drawn stays, and only what is near its new part is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maskgan.editing import regions, window
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face, Style
from maskgan.editing.sketch import Given, Sketch
from maskgan.editing.window import Window
from maskgan.images import Pixels
from maskgan.labels import IDS, NUM_CLASSES

SIDE = 256
STYLE = Style(np.zeros((NUM_CLASSES, 4), np.float32), np.ones(NUM_CLASSES, np.float32))
WHOLE = (slice(0, SIDE), slice(0, SIDE))


class Generator:
    """Draws what is nearby and keeps account of what it was asked for."""

    def __init__(self) -> None:
        self.views: list[Window] = []

    def __call__(self, view: Window, given: Given) -> Pixels:
        self.views.append(view)
        assert given.erase.shape == regions.extent(view.box)
        near = regions.dilate(given.wanted == IDS["hair"], 8)
        grey = np.where(near, 200, 50) + given.wanted
        return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)

    @property
    def area(self) -> int:
        return sum(view.area for view in self.views)


def given(*strokes: tuple[int, int, int]) -> Given:
    """A face of skin on which dabs of hair (row, column, radius) were painted."""
    y, x = np.mgrid[:SIDE, :SIDE]
    wanted = np.full((SIDE, SIDE), IDS["skin"], np.uint8)
    for row, column, radius in strokes:
        wanted[(y - row) ** 2 + (x - column) ** 2 <= radius**2] = IDS["hair"]
    photo = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    return Given(photo, regions.dilate(wanted == IDS["hair"], 3), wanted)


def view(asked: Given) -> tuple[Window, Given]:
    """The window of an edit, and what the generator is given for it."""
    piece = regions.bounding_box(asked.erase)
    assert piece is not None
    found = window.around(piece, SIDE, SIDE, SIDE, window.PREVIEW)
    return found, asked.part(found.box)


def test_a_stroke_that_goes_on_is_drawn_where_it_is_new() -> None:
    sketch, generator, dabs = Sketch(SIDE), Generator(), []
    for step in range(10):
        dabs.append((60 + 12 * step, 128, 8))
        found, asked = view(given(*dabs))
        generator.views.clear()
        drawn = sketch.draw(found, asked, STYLE, SIDE, generator)
        anew = Generator()(found, asked)
        # As drawn from scratch, and the photo's own pixels beside it.
        assert (drawn == np.where(asked.erase[:, :, None], anew, asked.photo)).all()
    assert len(generator.views) == 1
    assert generator.area < 0.5 * found.area


def test_what_is_known_is_not_drawn_again() -> None:
    sketch, generator = Sketch(SIDE), Generator()
    found, asked = view(given((100, 100, 20)))
    first = sketch.draw(found, asked, STYLE, SIDE, generator)
    again = sketch.draw(found, asked, STYLE, SIDE, generator)
    assert len(generator.views) == 1
    assert (first == again).all()
    # The photo under what is drawn has no say; that beside it has.
    under = replace(asked, photo=np.where(asked.erase[:, :, None], 7, asked.photo).astype(np.uint8))
    sketch.draw(found, under, STYLE, SIDE, generator)
    assert len(generator.views) == 1
    sketch.draw(found, replace(asked, photo=255 - asked.photo), STYLE, SIDE, generator)
    assert generator.views[1] == found


def test_another_style_or_face_is_drawn_whole() -> None:
    sketch, generator = Sketch(SIDE), Generator()
    found, asked = view(given((100, 100, 20), (140, 110, 20)))
    sketch.draw(found, asked, STYLE, SIDE, generator)
    other = replace(STYLE, codes=STYLE.codes + 1)
    sketch.draw(found, asked, other, SIDE, generator)
    assert generator.views == [found, found]


def test_what_could_not_be_drawn_is_drawn_the_next_time() -> None:
    sketch, generator = Sketch(SIDE), Generator()
    found, first = view(given((100, 100, 20)))
    sketch.draw(found, first, STYLE, SIDE, generator)
    found, second = view(given((100, 100, 20), (125, 100, 8)))

    def fail(view: Window, given: Given) -> Pixels:
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError):
        sketch.draw(found, second, STYLE, SIDE, fail)
    drawn = sketch.draw(found, second, STYLE, SIDE, generator)
    anew = Generator()(found, second)
    assert (drawn == np.where(second.erase[:, :, None], anew, second.photo)).all()


def test_what_is_taken_back_is_the_photo_and_drawn_again_later() -> None:
    sketch, generator = Sketch(SIDE), Generator()
    both, one = given((90, 100, 10), (150, 100, 10)), given((90, 100, 10))
    sketch.draw(Window(SIDE, WHOLE, WHOLE), both, STYLE, SIDE, generator)
    drawn = sketch.draw(Window(SIDE, WHOLE, WHOLE), one, STYLE, SIDE, generator)
    assert (drawn[150, 100] == one.photo[150, 100]).all()
    drawn = sketch.draw(Window(SIDE, WHOLE, WHOLE), both, STYLE, SIDE, generator)
    assert drawn[150, 100, 0] == 200 + IDS["hair"]


@pytest.mark.parametrize("part", ["u_lip", "hair"])
def test_previews_of_a_stroke_are_nearly_those_from_scratch(
    editor: Editor, face: Face, part: str
) -> None:
    labels, side = face.labels, face.labels.shape[0]
    rows, columns = np.nonzero(labels == IDS[part])
    y, x = np.mgrid[:side, :side]
    editor.forget()
    for step in range(0, side // 8, side // 64):
        row, column = int(np.median(rows)) + step, int(np.median(columns)) + step
        dab = (y - row) ** 2 + (x - column) ** 2 <= (side / 50) ** 2
        labels = np.where(dab, np.uint8(IDS[part]), labels)
        preview = editor.render(face, labels, detail=False, surroundings=False)
    editor.forget()
    fresh = editor.render(face, labels, detail=False, surroundings=False)
    assert (preview.drawn == fresh.drawn).all()
    apart = np.abs(preview.crop.astype(np.float32) - fresh.crop)
    assert apart[~fresh.drawn].max() == 0
    assert apart[fresh.drawn].mean() < 3
    # A finished picture owes nothing to what was drawn before it.
    full = editor.render(face, labels)
    editor.forget()
    assert (editor.render(face, labels).crop == full.crop).all()
