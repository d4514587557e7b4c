"""One worker in this process: what it writes, when it does it again, what a failure is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maskgan import images
from maskgan.alignment.similarity import Similarity
from maskgan.batch.manifest import AttributeEdit, Entry, Job
from maskgan.batch.worker import MAX_ATTEMPTS, Worker, WorkerConfig, identify
from maskgan.bundle import Bundle
from maskgan.editing import attributes, masks, shapes
from maskgan.editing.mixture import Portion
from maskgan.editing.packed import encode_region
from maskgan.editing.project import Project, ProjectStyle, write
from maskgan.errors import BundleError
from maskgan.labels import LABELS
from tiny_bundle import change_manifest, face_labels, write_bundle


def entry(photos: Path, line: dict[str, Any], number: int = 1) -> Entry:
    return Entry(line=number, folder=str(photos), job=Job(**line))


def result(worker: Worker, one: Entry) -> images.Pixels:
    return images.read(Path(worker.config.output) / one.job.output)


def test_it_writes_what_the_editor_renders(
    worker: Worker, photos: Path, lines: list[dict[str, Any]]
) -> None:
    one = entry(photos, lines[0] | {"output": "some/where/a.png"})
    outcome = worker.work(one, None)
    assert (outcome.status, outcome.output) == ("done", "some/where/a.png")
    face = worker.editor.photo(photos / "0.png", aligned=True, labels=photos / "0-is.png")
    expected = worker.editor.render(face, images.read_labels(photos / "0-new.png"))
    assert expected.changed.any()
    np.testing.assert_array_equal(result(worker, one), expected.photo)
    assert list((Path(worker.config.output) / ".partial").iterdir()) == []


def test_it_copies_styles(worker: Worker, photos: Path) -> None:
    face = worker.editor.photo(photos / "0.png", aligned=True, labels=photos / "0-is.png")
    other = worker.editor.photo(photos / "1.png", aligned=True)
    shared = other.style.present * face.style.present
    region = LABELS[int(np.flatnonzero(shared)[-1])]
    job = {"photo": "0.png", "source_labels": "0-is.png", "aligned": True, "style": "1.png"}
    whole = entry(photos, job | {"output": "whole.png"}, 1)
    part = entry(photos, job | {"output": "part.png", "regions": (region,)}, 2)
    assert [worker.work(one, None).error for one in (whole, part)] == ["", ""]
    for one, choice in ((whole, other), (part, {region: other})):
        expected = worker.editor.render(face, face.labels, choice)
        assert expected.changed.any()
        np.testing.assert_array_equal(result(worker, one), expected.photo)


def test_a_style_photo_that_changes_is_read_again(worker: Worker, photos: Path) -> None:
    job = {"photo": "0.png", "source_labels": "0-is.png", "aligned": True, "style": "1.png"}
    one = entry(photos, job | {"output": "a.png"})
    worker.work(one, None)
    first = result(worker, one)
    (photos / "2.png").replace(photos / "1.png")
    assert worker.work(one, None).status == "done"
    assert not np.array_equal(result(worker, one), first)


def test_it_applies_attributes(worker: Worker, photos: Path, lines: list[dict[str, Any]]) -> None:
    line = lines[0] | {"attribute": AttributeEdit(name="smile", strength=1)}
    del line["labels"]
    one = entry(photos, line)
    assert worker.work(one, None).status == "done"
    face = worker.editor.photo(photos / "0.png", aligned=True, labels=photos / "0-is.png")
    expected = worker.editor.render(face, attributes.apply(face.labels, "smile", 1))
    assert expected.changed.any()
    np.testing.assert_array_equal(result(worker, one), expected.photo)


def write_project(photos: Path, strength: float = 1.0) -> None:
    """`edit.mgp`: on the first face the mouth was painted wider and hair taken from the third."""
    labels = images.read_labels(photos / "0-is.png")
    stroke = shapes.stroke((64, 64), [(22, 47), (42, 47)], 2)
    steps = [
        {"kind": "paint", "op": {"op": "paint", "class": 12, "region": encode_region(stroke)}},
        {"kind": "sliders", "op": {"op": "attributes", "strengths": {"nose_width": strength}}},
    ]
    place = Similarity.identity(64)
    style = ProjectStyle(
        id="s",
        name="2.png",
        photo=(photos / "2.png").read_bytes(),
        similarity=place,
        labels=images.read_labels(photos / "2-is.png"),
    )
    edited = Project(
        photo=(photos / "0.png").read_bytes(),
        name="0.png",
        similarity=place,
        source_labels=labels,
        labels=masks.paint(labels, stroke, 12),
        styles=(style,),
        mixture={"hair": Portion(style="s", strength=0.5)},
        state={"steps": steps, "cursor": 2},
    )
    write(photos / "edit.mgp", edited)


def test_a_project_is_done_again_on_another_photo(worker: Worker, photos: Path) -> None:
    write_project(photos)
    job = {"photo": "1.png", "source_labels": "1-is.png", "aligned": True, "project": "edit.mgp"}
    one = entry(photos, job | {"output": "a.png"})
    outcome = worker.work(one, None)
    assert outcome.status == "done", outcome.error
    face = worker.editor.photo(photos / "1.png", aligned=True, labels=photos / "1-is.png")
    other = worker.editor.photo(photos / "2.png", aligned=True, labels=photos / "2-is.png")
    hair = face.style.mixed("hair", other.style, 0.5)
    stroke = shapes.stroke((64, 64), [(22, 47), (42, 47)], 2)
    labels = attributes.apply(masks.paint(face.labels, stroke, 12), "nose_width", 1)
    expected = worker.editor.render(face, labels, {"hair": hair})
    assert 0 < expected.changed.mean() < 1
    np.testing.assert_array_equal(result(worker, one), expected.photo)
    assert worker.work(one, outcome.record).status == "kept"
    write_project(photos, strength=0.5)
    again = worker.work(one, outcome.record)
    assert (again.status, again.error) == ("done", "")
    assert not np.array_equal(result(worker, one), expected.photo)


def test_projects_that_cannot_be_read_are_failures(worker: Worker, photos: Path) -> None:
    job = {"photo": "1.png", "aligned": True, "project": "edit.mgp", "output": "a.png"}
    missing = worker.work(entry(photos, job), None)
    assert (missing.kind, missing.status) == ("ProjectError", "failed")
    assert "edit.mgp cannot be read: No such file" in missing.error
    (photos / "edit.mgp").write_text("this is no project")
    broken = worker.work(entry(photos, job), None)
    assert broken.kind == "ProjectError"
    assert "edit.mgp is not a project file" in broken.error


def test_points_say_where_the_face_is(worker: Worker, photos: Path) -> None:
    spots = ((20.0, 30.0), (40.0, 31.0), (30.0, 48.0))
    images.write_labels(photos / "crop.png", face_labels(512))
    job = {"photo": "0.png", "source_labels": "crop.png", "points": spots, "output": "a.png"}
    one = entry(photos, job | {"attribute": AttributeEdit(name="face_width", strength=1)})
    outcome = worker.work(one, None)
    assert outcome.status == "done", outcome.error
    face = worker.editor.photo(photos / "0.png", labels=face_labels(512), points=spots)
    labels = attributes.apply(face.labels, "face_width", 1)
    expected = worker.editor.render(face, labels)
    assert expected.changed.any()
    np.testing.assert_array_equal(result(worker, one), expected.photo)
    moved = replace(one, job=replace(one.job, points=(spots[0], spots[1], (30.0, 50.0))))
    assert worker.work(moved, outcome.record).status == "done"


def test_finished_work_is_kept_until_something_changes(
    worker: Worker, photos: Path, lines: list[dict[str, Any]]
) -> None:
    one = entry(photos, lines[0])
    record = worker.work(one, None).record
    assert record is not None
    again = worker.work(one, record)
    assert (again.status, again.record) == ("kept", record)
    # Another folder or line number is the same work, another time stamp too.
    moved = Path(photos.rename(photos.with_name("moved")))
    (moved / "0.png").write_bytes((moved / "0.png").read_bytes())
    assert worker.work(entry(moved, lines[0], 5), record).status == "kept"
    target = Path(worker.config.output) / one.job.output
    whole = target.read_bytes()
    target.write_bytes(whole[:-1])
    assert worker.work(entry(moved, lines[0]), record).status == "done"
    assert target.read_bytes() == whole
    target.unlink()
    assert worker.work(entry(moved, lines[0]), record).status == "done"


@pytest.mark.parametrize(
    "change",
    [
        {"photo": "1.png"},
        {"labels": "1-new.png"},
        {"source_labels": "1-is.png"},
        {"aligned": False},
        {"style": "1.png"},
        {"style": "1.png", "regions": ("hair",)},
        {"attribute": AttributeEdit(name="smile", strength=0.5)},
    ],
    ids=lambda change: "-".join(change),
)
def test_whatever_an_edit_depends_on_makes_it_anew(
    worker: Worker, photos: Path, lines: list[dict[str, Any]], change: dict[str, Any]
) -> None:
    record = worker.work(entry(photos, lines[0]), None).record
    assert worker.work(entry(photos, lines[0]), record).status == "kept"
    assert worker.work(entry(photos, lines[0] | change), record).status != "kept"


def test_another_bundle_makes_it_anew(
    worker: Worker, photos: Path, lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    record = worker.work(entry(photos, lines[0]), None).record
    folder = write_bundle(tmp_path / "other")
    assert identify(Bundle.open(folder)) == worker.config.identity
    change_manifest(folder, version="2")
    config = replace(worker.config, bundle=str(folder), identity=identify(Bundle.open(folder)))
    assert Worker(config).work(entry(photos, lines[0]), record).status == "done"


def test_a_worker_wants_the_bundle_of_the_batch(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="not the one the batch was started with"):
        Worker(WorkerConfig(str(tmp_path), str(bundle), "0" * 64))


def test_failures_are_sentences(
    worker: Worker, photos: Path, lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    (photos / "text.jpg").write_text("this is no photo")
    (photos / "small.png").write_bytes((photos / "1.png").read_bytes())
    images.write_labels(photos / "small.png", np.zeros((32, 32), np.uint8))
    cases = {
        "none.png cannot be read: No such file or directory.": {"photo": "none.png"},
        "text.jpg is not a picture": {"photo": "text.jpg"},
        "small.png has 32x32 pixels; expected 64x64": {"labels": "small.png"},
        "the suffix .txt is not known": {"output": "a.txt"},
    }
    for sentence, change in cases.items():
        outcome = worker.work(entry(photos, lines[0] | change), None)
        assert outcome.status == "failed"
        assert sentence in outcome.error
        assert outcome.kind in ("PhotoError", "LabelsError", "OutputError")
    kept = [path.name for path in Path(worker.config.output).iterdir()]
    assert kept == [".partial"]
    assert list((Path(worker.config.output) / ".partial").iterdir()) == []


def test_an_output_that_is_a_folder_is_a_failure(
    worker: Worker, photos: Path, lines: list[dict[str, Any]]
) -> None:
    (Path(worker.config.output) / "0-edited.png" / "full").mkdir(parents=True)
    outcome = worker.work(entry(photos, lines[0]), None)
    assert outcome.status == "failed"
    assert "directory" in outcome.error


def test_a_photo_that_ends_workers_is_given_up(
    worker: Worker, photos: Path, lines: list[dict[str, Any]]
) -> None:
    trace = Path(worker.config.output) / ".partial" / "1.attempts"
    trace.write_bytes(b"." * (MAX_ATTEMPTS - 1))
    assert worker.work(entry(photos, lines[0]), None).status == "done"
    trace.write_bytes(b"." * MAX_ATTEMPTS)
    outcome = worker.work(entry(photos, lines[0]), None)
    assert outcome.status == "failed"
    assert "worker processes ended" in outcome.error
