"""Annotate mode: what lies on disk after every step, and what a second start makes of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from maskgan import images, samples
from maskgan.alignment.similarity import Similarity
from maskgan.data.dataset import FaceMaskDataset
from maskgan.data.drawn import draw_pair
from maskgan.data.prepare import prepare
from maskgan.data.verify import verify
from maskgan.errors import LabelsError, OutputError, PhotoError
from maskgan.labels import Labels
from maskgan.web.annotation import Annotation

SIDE = 64
NAMES = ("anna.png", "ben.png", "cleo.png")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed, name in enumerate(NAMES):
        images.write(folder / name, draw_pair(seed=seed, size=SIDE)[0][0])
    (folder / "notes.txt").write_text("no photo")
    (folder / ".hidden.png").write_bytes(b"no photo")
    return folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "labelled"


def drawn_labels(seed: int, size: int = SIDE) -> Labels:
    return draw_pair(seed=seed, size=size)[0][1]


def begin(photos: Path, output: Path) -> Annotation:
    return Annotation(photos, output, aligned=True)


def chosen(annotation: Annotation, *numbers: int, side: int = SIDE) -> Annotation:
    for number in numbers:
        annotation.choose(number, Similarity.identity(side))
    return annotation


def states(annotation: Annotation) -> list[str]:
    return [item.state for item in annotation.items()]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_only_photos_are_listed_and_nothing_is_done(photos: Path, output: Path) -> None:
    annotation = begin(photos, output)
    assert [(item.number, item.name) for item in annotation.items()] == list(enumerate(NAMES))
    assert states(annotation) == ["new"] * 3
    assert (len(annotation), annotation.done) == (3, 0)
    assert 2 in annotation
    assert 3 not in annotation


def test_done_faces_are_a_dataset_and_photos_stay_as_they_are(photos: Path, output: Path) -> None:
    before = files_of(photos)
    annotation = chosen(begin(photos, output), 0, 2)
    for number in (0, 2):
        item = annotation.save(number, drawn_labels(number).tobytes(), done=True)
        assert item.state == "done"
    assert states(annotation) == ["done", "new", "done"]
    dataset = FaceMaskDataset([output], SIDE, "all")
    assert dataset.stems == ["00000", "00002"]
    for index, number in enumerate((0, 2)):
        photo, labels = dataset[index]
        np.testing.assert_array_equal(photo, images.read(photos / NAMES[number]))
        np.testing.assert_array_equal(labels, drawn_labels(number))
    assert verify(output, progress=False, workers=1).ok
    assert not (output / "dataset.json").exists()
    annotation.set_state(1, "skipped")
    assert verify(output, progress=False, workers=1).ok
    assert (output / "dataset.json").exists()
    assert files_of(photos) == before


def test_a_second_start_goes_on_where_the_first_stopped(photos: Path, output: Path) -> None:
    first = chosen(begin(photos, output), 0, 1)
    first.save(0, drawn_labels(0).tobytes(), done=True)
    first.save(1, drawn_labels(1).tobytes())
    first.set_state(2, "skipped")
    second = begin(photos, output)
    assert second.id == first.id
    assert begin(photos, output.with_name("other")).id != first.id
    assert states(second) == ["done", "started", "skipped"]
    for number in (0, 1):
        opening = second.open(number)
        assert opening.labels is not None
        np.testing.assert_array_equal(opening.labels, drawn_labels(number))
        assert opening.frame is not None
        np.testing.assert_array_equal(opening.frame.matrix, np.eye(3))
    assert second.open(2).labels is None
    assert second.open(2).frame is None


def test_numbers_stay_when_photos_come_and_go(photos: Path, output: Path) -> None:
    first = chosen(begin(photos, output), 1)
    first.save(1, drawn_labels(1).tobytes(), done=True)
    (photos / NAMES[0]).unlink()
    shutil.copy(photos / NAMES[2], photos / "aaron.png")
    second = begin(photos, output)
    listed = [(item.number, item.name, item.state) for item in second.items()]
    assert listed == [(1, NAMES[1], "done"), (2, NAMES[2], "new"), (3, "aaron.png", "new")]
    assert 0 not in second


def test_saving_a_done_face_keeps_it_done(photos: Path, output: Path) -> None:
    annotation = chosen(begin(photos, output), 0)
    labels = drawn_labels(0)
    annotation.save(0, labels.tobytes(), done=True)
    changed = labels.copy()
    changed[:5] = 13
    assert annotation.save(0, changed.tobytes()).state == "done"
    np.testing.assert_array_equal(images.read_labels(output / "labels" / "00000.png"), changed)
    assert not (output / ".annotation" / "00000.png").exists()


@pytest.mark.parametrize("state", ["skipped", "started"])
def test_what_is_done_no_more_leaves_the_dataset_but_keeps_its_labels(
    photos: Path, output: Path, state: str
) -> None:
    annotation = chosen(begin(photos, output), 0)
    annotation.save(0, drawn_labels(0).tobytes(), done=True)
    annotation.set_state(0, "skipped" if state == "skipped" else "started")
    assert states(annotation)[0] == state
    assert not list((output / "images").iterdir())
    assert not list((output / "labels").iterdir())
    again = begin(photos, output)
    assert states(again)[0] == state
    assert again.set_state(0, "done").state == "done"
    np.testing.assert_array_equal(
        images.read_labels(output / "labels" / "00000.png"), drawn_labels(0)
    )


def test_a_skipped_photo_without_labels_is_new_again(photos: Path, output: Path) -> None:
    annotation = begin(photos, output)
    assert annotation.set_state(0, "skipped").state == "skipped"
    assert annotation.set_state(0, "started").state == "new"


def test_a_kill_while_a_face_becomes_done_is_mended(photos: Path, output: Path) -> None:
    whole = chosen(begin(photos, output), 0)
    whole.save(0, drawn_labels(0).tobytes(), done=True)
    wanted = files_of(output)
    draft = output / ".annotation" / "00000.png"
    # As after each step of the way from draft to dataset.
    for gone in (("labels", "images"), ("labels",), ()):
        shutil.copy(output / "labels" / "00000.png", draft)
        for folder in gone:
            (output / folder / "00000.png").unlink()
        assert states(begin(photos, output))[0] == "done"
        assert files_of(output) == wanted


def test_the_disk_is_believed_where_somebody_took_labels_away(photos: Path, output: Path) -> None:
    annotation = chosen(begin(photos, output), 0)
    annotation.save(0, drawn_labels(0).tobytes(), done=True)
    (output / "labels" / "00000.png").unlink()
    assert states(begin(photos, output))[0] == "new"
    assert not (output / "images" / "00000.png").exists()


def test_another_place_of_the_face_makes_the_labels_void(photos: Path, output: Path) -> None:
    large = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    images.write(photos / "group.png", large)
    annotation = Annotation(photos, output)
    frames = [
        Similarity.from_points((x + 80, 100), (x + 140, 104), (x + 110, 170)) for x in (0, 120)
    ]
    number = 3
    assert annotation.item(number).name == "group.png"
    labels = drawn_labels(1, 512)
    annotation.choose(number, frames[0])
    annotation.save(number, labels.tobytes(), done=True)
    written = output / "images" / f"{number:05d}.png"
    np.testing.assert_array_equal(images.read(written), frames[0].crop(large))
    assert annotation.choose(number, frames[0]).state == "done"
    assert annotation.choose(number, frames[1]).state == "new"
    assert annotation.open(number).labels is None
    assert not written.exists()
    annotation.save(number, labels.tobytes(), done=True)
    np.testing.assert_array_equal(images.read(written), frames[1].crop(large))


def test_parts_of_an_annotation_are_prepared_to_the_same_labels(
    photos: Path, output: Path, tmp_path: Path
) -> None:
    for path in photos.glob("*.png"):
        path.unlink()
    shutil.copy(samples.FACE, photos / "sample.png")
    (photo, labels), _ = draw_pair(seed=5, size=512)
    # Larger than the parts: the crop is scaled to them.
    images.write(photos / "large.png", images.resize(photo, (512, 512)).repeat(2, 0).repeat(2, 1))
    annotation = Annotation(photos, output, "parts", aligned=True)
    assert [item.name for item in annotation.items()] == ["large.png", "sample.png"]
    assert images.read(annotation.open(0).data).shape == (512, 512, 3)
    chosen(annotation, 0, 1, side=512)
    wanted = {0: labels, 1: images.read_labels(samples.LABELS)}
    for number, values in wanted.items():
        annotation.save(number, values.tobytes(), done=True)
    again = Annotation(photos, output, "parts", aligned=True)
    assert states(again) == ["done", "done"]
    prepare(output, tmp_path / "prepared", size=512, workers=1, progress=False)
    for number, values in wanted.items():
        read = images.read_labels(tmp_path / "prepared" / "labels" / f"{number:05d}.png")
        np.testing.assert_array_equal(read, values)
        saved = again.open(number).labels
        assert saved is not None
        np.testing.assert_array_equal(saved, values)


def test_aligned_photos_that_are_too_small_for_parts_are_refused(
    photos: Path, output: Path
) -> None:
    annotation = Annotation(photos, output, "parts", aligned=True)
    with pytest.raises(PhotoError, match=r"anna\.png has 64x64 pixels; expected an aligned square"):
        annotation.open(0)


def test_an_empty_map_is_kept_but_never_done(photos: Path, output: Path) -> None:
    annotation = chosen(begin(photos, output), 0)
    empty = bytes(SIDE * SIDE)
    with pytest.raises(LabelsError, match="nothing but background"):
        annotation.save(0, empty, done=True)
    assert states(annotation)[0] == "started"
    assert states(begin(photos, output))[0] == "started"
    annotation.save(0, drawn_labels(0).tobytes(), done=True)
    with pytest.raises(LabelsError, match="nothing but background"):
        annotation.save(0, empty)
    assert states(annotation)[0] == "started"
    assert not (output / "images" / "00000.png").exists()


def test_photos_without_a_face_can_be_pointed_at_later(photos: Path, output: Path) -> None:
    annotation = begin(photos, output)
    assert annotation.without_face(1).state == "no-face"
    assert states(begin(photos, output)) == ["new", "no-face", "new"]
    assert annotation.choose(1, Similarity.identity(SIDE)).state == "new"
    assert annotation.without_face(1).state == "new", "a face was pointed at"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "has 0 bytes; expected 64x64 = 4096"),
        (bytes(4095), "has 4095 bytes"),
        (bytes([19]) * 4096, "holds the value 19; expected 0 to 18"),
    ],
)
def test_damaged_labels_are_refused_and_change_nothing(
    photos: Path, output: Path, data: bytes, sentence: str
) -> None:
    annotation = chosen(begin(photos, output), 0)
    annotation.save(0, drawn_labels(0).tobytes())
    before = files_of(output)
    with pytest.raises(LabelsError, match=sentence):
        annotation.save(0, data)
    assert files_of(output) == before


def test_labels_need_a_face_and_done_needs_labels(photos: Path, output: Path) -> None:
    annotation = begin(photos, output)
    with pytest.raises(LabelsError, match="open the photo first"):
        annotation.save(0, drawn_labels(0).tobytes())
    with pytest.raises(LabelsError, match="has no labels yet"):
        annotation.set_state(0, "done")


def test_a_photo_that_was_exchanged_is_not_given_the_labels_of_the_former(
    photos: Path, output: Path
) -> None:
    annotation = chosen(begin(photos, output), 0)
    annotation.save(0, drawn_labels(0).tobytes())
    shutil.copy(photos / NAMES[1], photos / NAMES[0])
    with pytest.raises(PhotoError, match=r"anna.png is not the photo that was labelled"):
        annotation.open(0)
    with pytest.raises(PhotoError, match=r"anna.png is not the photo that was labelled"):
        annotation.save(0, drawn_labels(0).tobytes(), done=True)
    assert not (output / "images" / "00000.png").exists()


def test_outputs_that_hold_something_else_are_refused(
    photos: Path, output: Path, tmp_path: Path
) -> None:
    output.mkdir()
    (output / "thesis.doc").write_text("important")
    with pytest.raises(OutputError, match="is not empty and no annotation was begun"):
        begin(photos, output)
    (output / "thesis.doc").unlink()
    begin(photos, output)
    with pytest.raises(OutputError, match='begun with the layout "dataset"; now it is "parts"'):
        Annotation(photos, output, "parts", aligned=True)
    with pytest.raises(OutputError, match="begun with aligned true; now it is false"):
        Annotation(photos, output)
    for among in (photos, tmp_path):
        with pytest.raises(OutputError, match="lie inside"):
            begin(photos, among)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        begin(photos, tmp_path / "file")


def test_a_damaged_listing_is_told_and_nothing_is_overwritten(photos: Path, output: Path) -> None:
    begin(photos, output)
    listing = output / ".annotation" / "photos.json"
    listing.write_text('{"format": 1, "lay')
    with pytest.raises(OutputError, match=r"photos\.json is damaged"):
        begin(photos, output)
    assert listing.read_text() == '{"format": 1, "lay'


def test_folders_without_photos_are_refused(tmp_path: Path, output: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhotoError, match="holds no photo"):
        begin(tmp_path / "empty", output)
    with pytest.raises(PhotoError, match="is not a folder"):
        begin(tmp_path / "nowhere", output)
    assert not output.exists()
