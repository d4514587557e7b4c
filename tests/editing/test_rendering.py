"""Bundles that draw the whole face: only the edit gets into the photo, each class by its code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maskgan import images
from maskgan.bundle import Bundle
from maskgan.editing import regions
from maskgan.editing.animation import frames
from maskgan.editing.editor import Editor, Face, Style
from maskgan.editing.rendering import RegionalRenderer, WholeRenderer, renderer_of
from maskgan.editing.sampling import random_style
from maskgan.labels import IDS, PALETTE_A, Labels, colorize
from tiny_bundle import DILATE, SIDE, face_labels, write_bundle
from whole_bundle import drawing, write_whole_bundle

OTHER_COLORS = tuple(reversed(PALETTE_A))
SIZES = (SIDE, 81, 128)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Editor:
    folder = tmp_path_factory.mktemp("bundles") / "whole"
    return Editor.open(write_whole_bundle(folder), threads=1)


@pytest.fixture(scope="module")
def face(editor: Editor) -> Face:
    return editor.photo(colorize(face_labels()), aligned=True)


@pytest.fixture(scope="module")
def other(editor: Editor) -> Face:
    labels = np.where(face_labels() == IDS["neck"], IDS["cloth"], face_labels()).astype(np.uint8)
    return editor.photo(colorize(labels, OTHER_COLORS), aligned=True, labels=labels)


def mouth_to_nose(labels: Labels) -> Labels:
    return np.where(labels == IDS["u_lip"], IDS["nose"], labels).astype(np.uint8)


def shown(labels: Labels, style: Style) -> images.Pixels:
    """What a drawing with the first code of a style looks like."""
    return images.to_uint8(drawing(labels, style.codes[0]).transpose(2, 0, 1)[None])[0]


def test_the_kind_of_the_bundle_chooses(editor: Editor, tmp_path: Path) -> None:
    assert isinstance(renderer_of(editor.bundle), WholeRenderer)
    regional = Bundle.open(write_bundle(tmp_path / "tiny"))
    assert isinstance(renderer_of(regional), RegionalRenderer)


def test_a_face_has_one_code_which_says_how_any_class_looks(face: Face) -> None:
    assert (face.style.codes == face.style.codes[0]).all()
    mean = images.to_float(face.crop).mean((0, 2, 3))
    np.testing.assert_allclose(face.style.codes[0], mean, atol=1e-6)
    assert (face.style.present == 1).all()


def test_an_edit_is_drawn_and_everything_else_stays(editor: Editor, face: Face) -> None:
    labels = mouth_to_nose(face.labels)
    result = editor.render(face, labels)
    wide = regions.dilate(labels != face.labels, DILATE)
    np.testing.assert_array_equal(result.changed, wide)
    np.testing.assert_array_equal(result.crop[~wide], face.crop[~wide])
    edit = labels != face.labels
    np.testing.assert_array_equal(result.crop[edit], shown(labels, face.style)[edit])
    assert result.rendered == SIDE


@pytest.mark.parametrize("side", SIZES)
@pytest.mark.parametrize("detail", [True, False])
def test_pixels_outside_are_the_photos_at_every_size(
    editor: Editor, side: int, detail: bool
) -> None:
    noise = np.random.default_rng(side).integers(-20, 21, (side, side, 3))
    pixels = np.clip(colorize(face_labels(side)) + noise, 0, 255).astype(np.uint8)
    opened = editor.photo(pixels, aligned=True, labels=face_labels(side))
    result = editor.render(opened, mouth_to_nose(opened.labels), detail=detail)
    assert 0 < result.changed_fraction < 0.5
    np.testing.assert_array_equal(result.crop[~result.changed], pixels[~result.changed])
    assert (result.crop != pixels).any()


def test_nothing_changed_is_the_photo(editor: Editor, face: Face) -> None:
    result = editor.render(face, face.labels)
    assert not result.changed.any()
    np.testing.assert_array_equal(result.crop, face.crop)


def test_another_face_gives_the_whole_drawing(editor: Editor, face: Face, other: Face) -> None:
    labels = mouth_to_nose(face.labels)
    for style in (other, other.style):
        result = editor.render(face, labels, style)
        np.testing.assert_array_equal(result.crop, shown(labels, other.style))
        assert result.changed.all()


def test_each_region_is_drawn_with_its_own_code(editor: Editor, face: Face, other: Face) -> None:
    labels = mouth_to_nose(face.labels)
    result = editor.render(face, labels, {"hair": other, "neck": other})
    own, its = shown(labels, face.style), shown(labels, other.style)
    borrowed = np.isin(labels, [IDS["hair"], IDS["neck"]])
    inner = ~regions.dilate(~result.changed, 3)
    assert (inner & borrowed).any()
    assert (inner & ~borrowed).any()
    np.testing.assert_array_equal(result.crop[inner & borrowed], its[inner & borrowed])
    np.testing.assert_array_equal(result.crop[inner & ~borrowed], own[inner & ~borrowed])


def test_the_generator_runs_once_per_code(
    editor: Editor, face: Face, other: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs: list[str] = []
    run = editor.bundle.run

    def counted(graph: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        graphs.append(graph)
        return run(graph, **inputs)

    monkeypatch.setattr(editor.bundle, "run", counted)
    half = face.style.mixed("nose", other.style, 0.5)
    for style, times in (
        (None, 1),
        (other, 1),
        ({"hair": other}, 2),
        ({"hair": other, "skin": other.style}, 2),
        ({"hair": other, "nose": half}, 3),
        (random_style([face.style, other.style], np.random.default_rng(0)), 1),
    ):
        editor.render(face, mouth_to_nose(face.labels), style)
        assert graphs == ["generator"] * times
        graphs.clear()


def test_a_random_style_is_one_code_between_the_known_ones(face: Face, other: Face) -> None:
    drawn = random_style([face.style, other.style], np.random.default_rng(1), spread=0.0)
    assert (drawn.codes == drawn.codes[0]).all()
    assert (drawn.present == 1).all()
    between = (drawn.codes[0] - face.style.codes[0]) / (other.style.codes[0] - face.style.codes[0])
    assert between.std() < 1e-4
    assert 0 <= between.mean() <= 1


def test_an_edit_can_be_animated(editor: Editor, face: Face, other: Face, tmp_path: Path) -> None:
    result = editor.render(face, mouth_to_nose(face.labels), other)
    way = list(frames(editor, face, result.labels, other, count=3))
    np.testing.assert_array_equal(way[0], face.crop)
    np.testing.assert_array_equal(way[-1], result.crop)
