"""What an edit gives back: the photo when it is asked for, the file with what it came with."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from finding_bundle import FACE, lips_to_nose, photo_of, points_of
from maskgan import __version__
from maskgan.editing import result as results
from maskgan.editing.editor import Editor, Face
from maskgan.editing.result import Result, save_results
from maskgan.errors import OutputError
from maskgan.images import Pixels
from maskgan.labels import IDS
from maskgan.provenance import EDITED_BY_MODEL, read_provenance
from photo_files import camera_exif
from tiny_bundle import face_labels

CORNERS = ((10, 8), (FACE, 8))
"""Of two faces side by side."""


@pytest.fixture(scope="module")
def photo() -> Pixels:
    return photo_of(CORNERS, FACE + 16, 2 * FACE + 10)


@pytest.fixture(scope="module")
def source(photo: Pixels) -> bytes:
    """The photo as a JPEG with a profile and what a camera writes."""
    buffer = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    block = camera_exif(thumbnail=False)
    Image.fromarray(photo).save(buffer, "JPEG", quality=90, icc_profile=profile, exif=block)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def faces(finder: Editor, source: bytes) -> list[Face]:
    """Both faces, pointed at."""
    return [finder.photo(source, points=points_of(corner)) for corner in CORNERS]


@pytest.fixture(scope="module")
def edits(finder: Editor, faces: list[Face]) -> list[Result]:
    """An edit of each face."""
    return [finder.render(face, lips_to_nose(face.labels)) for face in faces]


@pytest.fixture(scope="module")
def unchanged(finder: Editor, faces: list[Face]) -> Result:
    return finder.render(faces[0], faces[0].labels)


def pixels(path: Path) -> Pixels:
    with Image.open(path) as picture:
        return np.asarray(picture)


def halves(different: np.ndarray) -> tuple[bool, bool]:
    """Whether anything is different left and right of the middle."""
    middle = different.shape[1] // 2
    return bool(different[:, :middle].any()), bool(different[:, middle:].any())


def test_the_photo_is_pasted_once_and_only_when_asked_for(
    finder: Editor, faces: list[Face], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    paste = results.paste

    def counted(*arguments: Any) -> Pixels:
        calls.append(arguments)
        return paste(*arguments)

    monkeypatch.setattr(results, "paste", counted)
    result = finder.render(faces[0], lips_to_nose(faces[0].labels))
    assert result.crop.shape == (512, 512, 3)
    assert 0 < result.changed_fraction < 0.2
    assert calls == []
    first = result.photo
    assert result.photo is first
    assert len(calls) == 1


def test_photo_of_an_aligned_crop_is_the_crop(finder: Editor) -> None:
    face = finder.photo(photo_of([(0, 0)], FACE, FACE), aligned=True)
    result = finder.render(face, np.zeros_like(face.labels))
    np.testing.assert_array_equal(result.photo, result.crop)


def test_an_edit_is_pasted_onto_what_was_edited_before(edits: list[Result]) -> None:
    left, right = edits
    both = right.onto(left.photo)
    before = left.face.photo
    assert halves((left.photo != before).any(axis=2)) == (True, False)
    assert halves((right.photo != before).any(axis=2)) == (False, True)
    middle = before.shape[1] // 2
    np.testing.assert_array_equal(both[:, :middle], left.photo[:, :middle])
    np.testing.assert_array_equal(both[:, middle:], right.photo[:, middle:])
    np.testing.assert_array_equal(before, left.face.original.pixels)


def test_summary_names_what_was_changed(finder: Editor) -> None:
    known = face_labels(FACE)
    face = finder.photo(photo_of([(0, 0)], FACE, FACE), aligned=True, labels=known)
    wanted = np.where(known == IDS["u_lip"], np.uint8(IDS["nose"]), known)
    result = finder.render(face, wanted)
    share = f"{result.changed_fraction:.1%}"
    assert result.summary == f"changed: {share} of the face (skin, nose, l_lip)"


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_save_keeps_what_the_photo_came_with(
    edits: list[Result], source: bytes, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    edits[0].save(path)
    with Image.open(path) as picture, Image.open(io.BytesIO(source)) as before:
        assert picture.size == before.size
        assert picture.info["icc_profile"] == before.info["icc_profile"]
        for tag in (ExifTags.Base.Make, ExifTags.Base.DateTime):
            assert picture.getexif()[tag] == before.getexif()[tag]
    if suffix != ".jpg":
        np.testing.assert_array_equal(pixels(path), edits[0].photo)
    marks = read_provenance(path)
    assert marks.source_type == EDITED_BY_MODEL
    assert [event.agent for event in marks.history] == [f"maskgan {__version__}"]
    assert marks.history[0].parameters == edits[0].summary


def test_save_without_provenance_writes_no_mark(edits: list[Result], tmp_path: Path) -> None:
    edits[0].save(tmp_path / "out.png", provenance=False)
    marks = read_provenance(tmp_path / "out.png")
    assert (marks.source_type, marks.history, marks.by_model) == (None, (), False)
    np.testing.assert_array_equal(pixels(tmp_path / "out.png"), edits[0].photo)


def test_an_edit_that_changes_nothing_leaves_no_mark(unchanged: Result, tmp_path: Path) -> None:
    np.testing.assert_array_equal(unchanged.photo, unchanged.face.photo)
    unchanged.save(tmp_path / "out.png")
    assert not read_provenance(tmp_path / "out.png").by_model
    np.testing.assert_array_equal(pixels(tmp_path / "out.png"), unchanged.face.photo)


def test_two_faces_of_a_photo_are_written_together(edits: list[Result], tmp_path: Path) -> None:
    save_results(edits, tmp_path / "out.png")
    np.testing.assert_array_equal(pixels(tmp_path / "out.png"), edits[1].onto(edits[0].photo))
    (event,) = read_provenance(tmp_path / "out.png").history
    assert event.parameters == f"{edits[0].summary}; {edits[1].summary}"


def test_of_two_faces_only_what_changed_is_told(
    edits: list[Result], unchanged: Result, tmp_path: Path
) -> None:
    save_results([unchanged, edits[1]], tmp_path / "out.png")
    np.testing.assert_array_equal(pixels(tmp_path / "out.png"), edits[1].photo)
    (event,) = read_provenance(tmp_path / "out.png").history
    assert event.parameters == edits[1].summary
    save_results([unchanged, unchanged], tmp_path / "same.png")
    assert not read_provenance(tmp_path / "same.png").by_model


def test_alpha_survives(finder: Editor, photo: Pixels, tmp_path: Path) -> None:
    picture = Image.fromarray(photo)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    face = finder.photo(picture, points=points_of(CORNERS[0]))
    finder.render(face, lips_to_nose(face.labels)).save(tmp_path / "out.png")
    written = pixels(tmp_path / "out.png")
    np.testing.assert_array_equal(written[:, :, 3], np.asarray(picture)[:, :, 3])


def test_nothing_is_written_where_it_cannot_be(edits: list[Result], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"suffix \.gif is not known"):
        edits[0].save(tmp_path / "out.gif")
    with pytest.raises(OutputError, match="the folder does not exist"):
        edits[0].save(tmp_path / "none" / "out.png")
    assert list(tmp_path.iterdir()) == []
