"""Project files: what goes in comes out, and whatever comes from elsewhere is a sentence."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from face_maps import face
from test_face import style

from maskgan import images
from maskgan.alignment.similarity import Similarity
from maskgan.editing import archive
from maskgan.editing.face import Style
from maskgan.editing.mixture import Portion
from maskgan.editing.project import Project, ProjectStyle, read, write
from maskgan.errors import OutputError, ProjectError
from maskgan.labels import NUM_CLASSES, colorize

SOURCE, WANTED = face(), face(mouth=1.3)
PLACE = Similarity.from_points((30, 40), (60, 42), (45, 70), side=96)


def project(**changes: Any) -> Project:
    values: dict[str, Any] = {
        "photo": b"the photo's own bytes \x00\xff",
        "name": "me.JPG",
        "similarity": PLACE,
        "source_labels": SOURCE,
        "labels": WANTED,
        "styles": (
            ProjectStyle(
                id="a", name="other.png", photo=b"another", similarity=PLACE, labels=WANTED
            ),
            ProjectStyle(id="b", name="bare", photo=b"more", similarity=Similarity.identity(64)),
            ProjectStyle(id="c", name="dice 7", codes=style(7, "hat")),
        ),
        "mixture": {"hair": Portion(style="a", strength=0.5), "all": Portion(style="c")},
        "state": {"steps": [], "cursor": 0, "note": "\u00e9 \ud800", "deep": [[{"x": 1.5}]]},
    }
    return Project(**values | changes)


def packed(one: Project) -> bytes:
    buffer = io.BytesIO()
    write(buffer, one)
    return buffer.getvalue()


def rewritten(data: bytes, change: Callable[[dict[str, bytes]], None], **options: Any) -> bytes:
    """A project's file with its entries changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    change(entries)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as new:
        for name, content in entries.items():
            new.writestr(name, content)
    return buffer.getvalue()


def with_values(data: bytes, **values: Any) -> bytes:
    """A project's file with entries of project.json changed; None removes one."""

    def change(entries: dict[str, bytes]) -> None:
        found = json.loads(entries["project.json"]) | values
        found = {name: value for name, value in found.items() if value is not None}
        entries["project.json"] = json.dumps(found).encode()

    return rewritten(data, change)


def assert_same(found: Project, expected: Project) -> None:
    for name in ("photo", "name", "aligned", "mixture", "state", "size"):
        assert getattr(found, name) == getattr(expected, name), name
    np.testing.assert_array_equal(found.similarity.matrix, expected.similarity.matrix)
    np.testing.assert_array_equal(found.source_labels, expected.source_labels)
    np.testing.assert_array_equal(found.labels, expected.labels)
    assert len(found.styles) == len(expected.styles)
    for one, other in zip(found.styles, expected.styles, strict=True):
        assert (one.id, one.name, one.photo) == (other.id, other.name, other.photo)
        if other.similarity is not None:
            assert one.similarity is not None
            np.testing.assert_array_equal(one.similarity.matrix, other.similarity.matrix)
            assert one.similarity.side == other.similarity.side
        if other.labels is not None:
            np.testing.assert_array_equal(one.labels, other.labels)
        if other.codes is not None:
            assert one.codes is not None
            np.testing.assert_array_equal(one.codes.codes, other.codes.codes)
            np.testing.assert_array_equal(one.codes.present, other.codes.present)


def test_a_project_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "edit.mgp"
    write(path, project())
    assert_same(read(path), project())
    assert path.read_bytes() == packed(project())
    with zipfile.ZipFile(path) as file:
        assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_STORED}
        assert file.read("photo.jpg") == project().photo
    assert [one.name for one in tmp_path.iterdir()] == ["edit.mgp"]


def test_an_aligned_project_without_styles_comes_back() -> None:
    one = project(similarity=Similarity.identity(96), aligned=True, styles=(), mixture={}, state={})
    assert_same(read(packed(one)), one)


def test_a_project_that_another_program_packed_tighter_is_read() -> None:
    tight = rewritten(packed(project()), lambda _: None, compression=zipfile.ZIP_DEFLATED)
    assert_same(read(tight), project())


def test_nothing_half_written_stays(tmp_path: Path) -> None:
    large = Style(np.zeros((NUM_CLASSES, 5000), np.float32), np.ones(NUM_CLASSES, np.float32))
    for broken in (
        project(state={"x": float("nan")}),
        project(state={"x": object()}),
        project(styles=(ProjectStyle(id="a", name="a"),)),
        project(styles=(ProjectStyle(id="a", name="a", codes=large),)),
    ):
        with pytest.raises(ProjectError, match=r"no JSON|neither a photo nor codes|5000 numbers"):
            write(tmp_path / "edit.mgp", broken)
    with pytest.raises(OutputError, match="the folder does not exist"):
        write(tmp_path / "none" / "edit.mgp", project())
    assert list(tmp_path.iterdir()) == []


def test_names_lead_nowhere() -> None:
    for name, expected in (
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("a\nb\ud800.png", "a?b?.png"),
        ("", "photo"),
    ):
        contents = with_values(packed(project()), photo={"name": name, "file": "photo.jpg"})
        assert read(contents).name == expected


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"format": 2}, "project of format 2; this version of maskgan reads format 1"),
        ({"format": None}, "names no format"),
        ({"format": "1"}, "names no format"),
        ({"photo": None}, "Option photo is required"),
        ({"photo": {"name": "a.jpg", "file": "b.jpg"}}, "holds no 'b.jpg'"),
        ({"size": "96"}, "size got '96'; expected int"),
        ({"size": 32}, "expected 64 to 4096"),
        ({"size": 10**9}, "expected 64 to 4096"),
        ({"size": 128}, "source_labels.png .* has not 128x128 pixels"),
        ({"matrix": [[1, 0], [0, 1]]}, "three rows of three"),
        ({"matrix": [[1, 0, 0], [0, 2, 0], [0, 0, 1]]}, "no similarity"),
        ({"matrix": [[0, 0, 0], [0, 0, 0], [0, 0, 1]]}, "no similarity"),
        ({"matrix": [[1, 0, 1e300], [0, 1, 0], [0, 0, 1]]}, "no similarity"),
        ({"matrix": [[10**400, 0, 0], [0, 1, 0], [0, 0, 1]]}, "damaged or not a project"),
        ({"state": []}, "state got"),
        ({"mixture": {"hair": {"style": "a", "strength": 2}}}, "from 0 to 1"),
        ({"surprise": 1}, "Unknown option surprise"),
        ({"styles": [{"id": "a", "name": "a"}]}, "holds no 'codes'"),
        ({"styles": [{"id": "a", "name": "a", "file": "photo.jpg"}]}, "three rows of three"),
        ({"styles": [{"id": "a", "name": "a", "codes": "photo.jpg", "width": 5}]}, "19 rows of 5"),
        ({"styles": [{"id": "a", "name": "a", "codes": "photo.jpg"}] * 65}, "more than 64"),
    ],
)
def test_contents_that_are_not_as_they_must_be(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ProjectError, match=sentence):
        read(with_values(packed(project()), **values))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("project.json", b"[]", "names no format"),
        ("project.json", b"{", "damaged or not a project"),
        ("project.json", b"\xff\xfe", "damaged or not a project"),
        ("project.json", b"[" * 100_000, "nested too deeply"),
        ("project.json", b'{"format": NaN}', "NaN is no number"),
        ("labels.png", b"no picture", "not a picture"),
        ("labels.png", None, "holds no 'labels.png'"),
        ("styles/3.f32", np.full(19 * 6, np.nan, "<f4").tobytes(), "no numbers"),
    ],
)
def test_entries_that_are_not_as_they_must_be(
    name: str, content: bytes | None, sentence: str
) -> None:
    def change(entries: dict[str, bytes]) -> None:
        if content is None:
            del entries[name]
        else:
            entries[name] = content

    with pytest.raises(ProjectError, match=sentence):
        read(rewritten(packed(project()), change))


def test_pictures_that_are_no_labels_are_refused(tmp_path: Path) -> None:
    images.write(tmp_path / "colors.png", colorize(WANTED))
    colors = (tmp_path / "colors.png").read_bytes()
    with pytest.raises(ProjectError, match="colour"):
        read(rewritten(packed(project()), lambda entries: entries.update({"labels.png": colors})))


def test_what_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = rewritten(
        packed(project()),
        lambda entries: entries.update({"project.json": bytes(200 << 20)}),
        compression=zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 1 << 20
    with pytest.raises(ProjectError, match=r"project.json .* expected at most 134217728"):
        read(bomb)
    monkeypatch.setattr(archive, "MAX_BYTES", 30_000)
    # One small entry that is asked for again and again.
    entry = {"id": "a", "name": "a", "file": "photo.jpg", "size": 96, "labels": "labels.png"}
    entry["matrix"] = PLACE.matrix.tolist()
    with pytest.raises(ProjectError, match="of memory"):
        read(with_values(packed(project()), styles=[entry] * 64))
    with pytest.raises(ProjectError, match="expected at most 0"):
        read(packed(project(photo=bytes(40_000))))


def test_an_entry_that_inflates_to_more_than_it_says_is_refused() -> None:
    data = bytearray(rewritten(packed(project()), lambda _: None, compression=zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        before = {info.filename: info.file_size for info in file.infolist()}
    # The table of contents says that project.json has 100 bytes.
    at = data.rindex(b"PK\1\2", 0, data.rindex(b"project.json"))
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    assert before["project.json"] > 100
    with pytest.raises(ProjectError):
        read(bytes(data))


def test_files_that_are_no_projects(tmp_path: Path) -> None:
    for content in (b"", b"PK", b"no project", b"PK\5\6" + bytes(18)):
        (tmp_path / "x.mgp").write_bytes(content)
        with pytest.raises(ProjectError, match=r"x\.mgp"):
            read(tmp_path / "x.mgp")
    with pytest.raises(ProjectError, match="cannot be read: No such file"):
        read(tmp_path / "none.mgp")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for number in range(2000):
            file.writestr(f"some-long-name-{number}", b"")
    with pytest.raises(ProjectError, match="far more files"):
        read(buffer.getvalue())


def test_damaged_files_are_read_or_refused_with_a_sentence() -> None:
    data, noise = packed(project()), np.random.default_rng(0)
    refused = 0
    for number in range(1500):
        broken = bytearray(data)
        if number % 3 == 0:
            del broken[int(noise.integers(0, len(data))) :]
        else:
            for place in noise.integers(0, len(data), 1 + number % 4):
                broken[place] ^= 1 << int(noise.integers(0, 8))
        try:
            found = read(bytes(broken))
        except ProjectError:
            refused += 1
        else:
            assert found.labels.shape == (96, 96)
    assert refused > 1000


def test_a_colour_comes_back_and_must_be_one() -> None:
    one = project(styles=(ProjectStyle(id="c", name="#b5651d", colour="#b5651d"),), mixture={})
    (found,) = read(packed(one)).styles
    assert (found.id, found.name, found.colour) == ("c", "#b5651d", "#b5651d")
    wrong = [{"id": "c", "name": "pink", "colour": "pink"}]
    with pytest.raises(ProjectError, match="The colour 'pink' is none such as #b5651d"):
        read(with_values(packed(one), styles=wrong))
