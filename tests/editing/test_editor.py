"""The editor on real graphs whose answers are known: `tiny_bundle` renders flat colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from maskgan import config, files, images
from maskgan.editing import regions
from maskgan.editing.editor import Editor, Face
from maskgan.editing.rendering import _shrink
from maskgan.errors import LabelsError, OutputError, PhotoError
from maskgan.labels import IDS, NUM_CLASSES, PALETTE_A, Labels, colorize
from maskgan.manifest import GraphEntry, read_manifest
from tiny_bundle import DILATE, SIDE, change_manifest, face_labels, write_bundle, write_face

SIZES = (SIDE, 81, 128, 200)
OTHER_COLORS = tuple(reversed(PALETTE_A))


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Editor:
    return Editor.open(write_bundle(tmp_path_factory.mktemp("bundles") / "tiny"), threads=1)


@pytest.fixture(scope="module")
def face(editor: Editor) -> Face:
    return editor.photo(colorize(face_labels()), aligned=True)


@pytest.fixture(scope="module")
def faces(editor: Editor) -> dict[int, Face]:
    """A face of every size with noise in it, so that a pixel that is not copied shows."""
    noise = np.random.default_rng(0)
    found = {}
    for side in SIZES:
        colors = colorize(face_labels(side)).astype(int)
        pixels = np.clip(colors + noise.integers(-20, 21, colors.shape), 0, 255).astype(np.uint8)
        found[side] = editor.photo(pixels, aligned=True, labels=face_labels(side))
    return found


@pytest.fixture(scope="module")
def other(editor: Editor) -> Face:
    """The same build in other colours, and without a neck."""
    labels = face_labels()
    labels[labels == IDS["neck"]] = IDS["cloth"]
    return editor.photo(colorize(labels, OTHER_COLORS), aligned=True, labels=labels)


@st.composite
def strokes(draw: st.DrawFn) -> list[tuple[float, float, float, float, int]]:
    """Rectangles (x, y, width, height as shares of the side) and the class painted there."""
    share = st.floats(0, 1)
    stroke = st.tuples(share, share, share, share, st.integers(0, NUM_CLASSES - 1))
    return draw(st.lists(stroke, max_size=4))


def painted(labels: Labels, drawn: list[tuple[float, float, float, float, int]]) -> Labels:
    result = labels.copy()
    side = labels.shape[0]
    for x, y, width, height, value in drawn:
        left, top = int(x * (side - 1)), int(y * (side - 1))
        right, bottom = left + 1 + int(width * side), top + 1 + int(height * side)
        result[top:bottom, left:right] = value
    return result


def mouth_to_nose(labels: Labels) -> Labels:
    result = labels.copy()
    result[labels == IDS["u_lip"]] = IDS["nose"]
    return result


def reach(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return regions.dilate(mask, DILATE * mask.shape[0] / SIDE)


@settings(deadline=None, max_examples=60)
@given(side=st.sampled_from(SIZES), drawn=strokes())
def test_pixels_outside_the_edit_are_the_photos(
    editor: Editor,
    faces: dict[int, Face],
    side: int,
    drawn: list[tuple[float, float, float, float, int]],
) -> None:
    face = faces[side]
    wanted = painted(face.labels, drawn)
    result = editor.render(face, wanted)
    edited = face.labels != wanted
    np.testing.assert_array_equal(result.changed, reach(edited))
    np.testing.assert_array_equal(result.crop[~result.changed], face.crop[~result.changed])
    assert result.changed_fraction == pytest.approx(result.changed.mean())


@pytest.mark.parametrize("side", SIZES)
def test_png_keeps_every_pixel_outside_the_edit(
    editor: Editor, faces: dict[int, Face], tmp_path: Path, side: int
) -> None:
    source, target = tmp_path / "photo.png", tmp_path / "edited.png"
    images.write(source, faces[side].crop)
    face = editor.photo(source, aligned=True, labels=face_labels(side))
    result = editor.render(face, mouth_to_nose(face.labels))
    result.save(target)
    before, after = np.asarray(Image.open(source)), np.asarray(Image.open(target))
    np.testing.assert_array_equal(before[~result.changed], after[~result.changed])
    assert (before != after).any()
    np.testing.assert_array_equal(after, result.photo)


def test_render_paints_the_wanted_labels_exactly(editor: Editor, face: Face) -> None:
    wanted = mouth_to_nose(face.labels)
    np.testing.assert_array_equal(editor.render(face, wanted).crop, colorize(wanted))


@pytest.mark.parametrize("side", SIZES[1:])
def test_render_follows_the_labels_at_other_sizes(editor: Editor, side: int) -> None:
    labels = face_labels(side)
    face = editor.photo(colorize(labels), aligned=True, labels=labels)
    result = editor.render(face, mouth_to_nose(labels))
    # Scaling blurs a few pixels along borders; the middle of the mouth must be nose.
    middle = regions.erode(labels == IDS["u_lip"], side / SIDE)
    assert middle.sum() > 5
    difference = np.abs(result.crop[middle].astype(int) - PALETTE_A[IDS["nose"]])
    assert np.median(difference) < 25


def test_no_change_returns_the_photo_without_rendering(editor: Editor, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle")
    generator = folder / "generator.onnx"
    generator.write_bytes(b"never read")
    entries = dict(read_manifest(folder).graphs)
    entries["generator"] = GraphEntry(file=generator.name, sha256=files.sha256(generator))
    change_manifest(folder, graphs={name: config.to_dict(e) for name, e in entries.items()})
    unable = Editor.open(folder, threads=1)
    face = unable.photo(colorize(face_labels()), aligned=True)
    result = unable.render(face, face.labels.copy())
    np.testing.assert_array_equal(result.photo, face.photo)
    assert result.changed_fraction == 0


def test_same_input_same_output(editor: Editor, faces: dict[int, Face]) -> None:
    face = faces[200]
    wanted = mouth_to_nose(face.labels)
    again = Editor.open(editor.bundle.folder, threads=2)
    twin = again.photo(face.photo, aligned=True, labels=face.labels)
    first = editor.render(face, wanted).crop
    np.testing.assert_array_equal(first, editor.render(face, wanted).crop)
    np.testing.assert_array_equal(first, again.render(twin, wanted).crop)


def test_style_of_one_region_changes_only_that_region(
    editor: Editor, face: Face, other: Face
) -> None:
    result = editor.render(face, face.labels, style={"hair": other})
    expected = colorize(face.labels)
    hair = face.labels == IDS["hair"]
    expected[hair] = OTHER_COLORS[IDS["hair"]]
    # The fade lies in the margin around the hair, so all of the hair has the new colour.
    np.testing.assert_array_equal(result.crop, expected)
    np.testing.assert_array_equal(result.changed, reach(hair))


def test_style_and_labels_together(editor: Editor, face: Face, other: Face) -> None:
    wanted = mouth_to_nose(face.labels)
    result = editor.render(face, wanted, style={"hair": other.style, "nose": other})
    expected = colorize(wanted)
    for name in ("hair", "nose"):
        expected[wanted == IDS[name]] = OTHER_COLORS[IDS[name]]
    np.testing.assert_array_equal(result.crop, expected)


def test_whole_style_renders_everything(editor: Editor, face: Face, other: Face) -> None:
    expected = colorize(face.labels, OTHER_COLORS)
    neck = face.labels == IDS["neck"]
    expected[neck] = PALETTE_A[IDS["neck"]]  # the other face shows none, so it keeps its own
    for style in (other, other.style):
        result = editor.render(face, face.labels, style=style)
        np.testing.assert_array_equal(result.crop, expected)
        assert result.changed.all()


def test_a_region_counts_as_changed(editor: Editor, face: Face) -> None:
    region = np.zeros(face.labels.shape, np.bool_)
    region[20:24, 30:40] = True
    result = editor.render(face, face.labels, region=region)
    np.testing.assert_array_equal(result.changed, regions.dilate(region, DILATE))
    with pytest.raises(LabelsError, match=r"region"):
        editor.render(face, face.labels, region=region[:-1])


def test_style_never_changes_the_faces_own(editor: Editor, face: Face, other: Face) -> None:
    before = face.style.codes.copy()
    editor.render(face, face.labels, style={"hair": other})
    np.testing.assert_array_equal(face.style.codes, before)


def test_style_of_an_unknown_region(editor: Editor, face: Face, other: Face) -> None:
    with pytest.raises(LabelsError, match="no region 'beard'; the regions are background, skin"):
        editor.render(face, face.labels, style={"beard": other})


def test_style_of_a_region_the_other_lacks(editor: Editor, face: Face, other: Face) -> None:
    with pytest.raises(PhotoError, match="shows no 'neck'; it shows background, skin"):
        editor.render(face, face.labels, style={"neck": other})


@pytest.mark.parametrize("kind", ["path", "text", "bytes", "picture", "array"])
def test_every_kind_of_source_is_the_same_face(
    editor: Editor, face: Face, tmp_path: Path, kind: str
) -> None:
    path, _ = write_face(tmp_path)
    with Image.open(path) as picture:
        picture.load()
    sources = {
        "path": path,
        "text": str(path),
        "bytes": path.read_bytes(),
        "picture": picture,
        "array": colorize(face_labels()),
    }
    found = editor.photo(sources[kind], aligned=True)
    np.testing.assert_array_equal(found.crop, face.crop)
    np.testing.assert_array_equal(found.labels, face_labels())
    np.testing.assert_array_equal(found.transform, np.eye(3))


def test_given_labels_replace_the_parsers(editor: Editor) -> None:
    labels = face_labels()
    labels[:4] = IDS["hat"]
    face = editor.photo(colorize(face_labels()), aligned=True, labels=labels)
    np.testing.assert_array_equal(face.labels, labels)
    assert face.style.present[IDS["hat"]] == 1


def test_given_labels_must_fit(editor: Editor) -> None:
    with pytest.raises(LabelsError, match="65x65 pixels; expected 64x64"):
        editor.photo(colorize(face_labels()), aligned=True, labels=np.zeros((65, 65), np.uint8))


def test_face_cannot_be_painted_on_by_mistake(editor: Editor) -> None:
    pixels = colorize(face_labels())
    face = editor.photo(pixels, aligned=True)
    with pytest.raises(ValueError, match="read-only"):
        face.labels[0, 0] = 1
    pixels[:] = 0
    assert face.crop.any()


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.zeros((64, 65), np.uint8), "65x64 pixels; expected 64x64"),
        (np.full((64, 64), 19, np.uint8), "holds the value 19; expected 0..18"),
        (np.full((64, 64), -1), "holds the value -1"),
        (np.zeros((64, 64), np.float32), "array of float32"),
        (np.zeros((64, 64, 3), np.uint8), r"shape \(64, 64, 3\)"),
    ],
)
def test_impossible_labels(
    editor: Editor, face: Face, labels: NDArray[np.uint8], sentence: str
) -> None:
    with pytest.raises(LabelsError, match=sentence):
        editor.render(face, labels)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ((63, 63, 3), "63x63 pixels; an aligned crop needs at least 64 on each side"),
        ((100, 80, 3), "80x100 pixels; an aligned crop must be square"),
    ],
)
def test_impossible_crops(editor: Editor, shape: tuple[int, int, int], sentence: str) -> None:
    with pytest.raises(PhotoError, match=sentence):
        editor.photo(np.zeros(shape, np.uint8), aligned=True)


def test_save_refuses_an_unknown_suffix(editor: Editor, face: Face, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"suffix \.gif is not known"):
        editor.render(face, face.labels).save(tmp_path / "out.gif")
    assert list(tmp_path.iterdir()) == []


@settings(deadline=None)
@given(side=st.integers(1, 40), target=st.integers(1, 40), seed=st.integers(0, 999))
def test_scaled_region_loses_nothing(side: int, target: int, seed: int) -> None:
    mask = np.random.default_rng(seed).random((side, side)) < 0.05
    whole = slice(0, target)
    small = _shrink(mask, target, (whole, whole))
    half = slice(target // 3, target)
    np.testing.assert_array_equal(_shrink(mask, target, (half, whole)), small[half])
    assert small.shape == (target, target)
    # Pixel edges in units of 1 / (side * target) of the picture, so that all is whole numbers.
    for row, column in np.argwhere(mask):
        rows = slice(row * target // side, -(-(row + 1) * target // side))
        columns = slice(column * target // side, -(-(column + 1) * target // side))
        assert small[rows, columns].all()
    assert small.any() == mask.any()


def test_detail_renders_a_small_edit_at_the_crops_own_size(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "tiny")
    change_manifest(bundle, detail_size=2 * SIDE)
    editor = Editor.open(bundle, threads=1)
    face = editor.photo(colorize(face_labels(2 * SIDE)), aligned=True)
    labels = face.labels.copy()
    labels[60:66, 60:70:2] = IDS["hair"]  # stripes that half the size cannot hold
    inside = (slice(60, 66), slice(60, 70))
    fine, coarse = editor.render(face, labels), editor.render(face, labels, detail=False)
    assert np.array_equal(nearest_classes(fine.crop[inside]), labels[inside])
    assert not np.array_equal(nearest_classes(coarse.crop[inside]), labels[inside])
    assert np.array_equal(fine.changed, coarse.changed)
    assert np.array_equal(fine.crop[~fine.changed], face.crop[~fine.changed])


def test_what_was_edited_before_changes_nothing(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "tiny")
    used, fresh = Editor.open(bundle, threads=1), Editor.open(bundle, threads=1)
    face = used.photo(colorize(face_labels()), aligned=True)
    labels = face.labels.copy()
    for column in range(8, 48, 8):
        labels[20:24, column : column + 4] = IDS["hair"]
        result = used.render(face, labels)
    np.testing.assert_array_equal(used.render(face, labels).crop, result.crop)
    np.testing.assert_array_equal(fresh.render(face, labels).crop, result.crop)


def nearest_classes(pixels: images.Pixels) -> NDArray[np.intp]:
    """The classes whose colours in palette A are nearest."""
    gaps = np.abs(pixels[:, :, None].astype(int) - np.array(PALETTE_A)).sum(-1)
    found: NDArray[np.intp] = gaps.argmin(-1)
    return found
