"""`prepare`: trees and folders into dataset folders, interruptions, every kind of bad input."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from original_tree import BORDERS, draw_tree, merge_slowly, part_path
from PIL import Image

from maskgan import files, images, labels
from maskgan.data import celebamask, manifest
from maskgan.data.prepare import JOURNAL, prepare
from maskgan.errors import ConfigError, DatasetError, LabelsError, MaskganError, OutputError

MANY = range(0, 30_000, 100)
FEW = (0, 1, 5, 1999, 2000, 2001, 4790, 20_000, 20_001, 29_998, 29_999)
EXCHANGED = (5, 2001)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_tree(tmp_path_factory.mktemp("few") / "CelebAMask-HQ", FEW, exchanged=EXCHANGED)


@pytest.fixture(scope="module")
def whole(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of `few`, made without interruption."""
    output = tmp_path_factory.mktemp("whole") / "dataset"
    prepare(few, output, size=64, workers=1, progress=False)
    return output


@pytest.fixture
def tree(few: Path, tmp_path: Path) -> Path:
    """A copy of `few` to break."""
    return shutil.copytree(few, tmp_path / "CelebAMask-HQ")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under `folder`, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_three_hundred_faces_of_the_original_layout(tmp_path: Path) -> None:
    root = draw_tree(tmp_path / "CelebAMask-HQ", MANY)
    output = tmp_path / "dataset"
    made = prepare(tmp_path, output, size=128, progress=False)
    stems = [f"{face:05d}" for face in MANY]
    assert list(made.faces) == stems
    assert manifest.load(output) == made
    assert contents(output).keys() == {
        "dataset.json",
        *(f"images/{stem}.jpg" for stem in stems),
        *(f"labels/{stem}.png" for stem in stems),
    }
    assert (made.size, made.source, made.partition) == (128, "CelebAMask-HQ", "celeba")
    splits = [made.faces[stem].split for stem in stems]
    assert splits[: len(BORDERS)] == ["train", "val", "val", "val", "test", "test"]
    assert Counter(splits)["train"] > 200
    poses = celebamask.read_poses(root)
    names, attributes = celebamask.read_attributes(root)
    assert made.attribute_names == names
    for face, stem in zip(MANY, stems, strict=True):
        record = made.faces[stem]
        assert record.orig_file == f"{record.orig_index + 1:06d}.jpg"
        assert record.attributes == attributes[face]
        assert record.pose == poses[face]
        assert not record.sides_fixed
    for face in MANY[::25]:
        expected = images.resize_labels(merge_slowly(root, face), (128, 128))
        np.testing.assert_array_equal(
            images.read_labels(output / "labels" / f"{face:05d}.png"), expected
        )
        with Image.open(root / celebamask.PHOTO_FOLDER / f"{face}.jpg") as photo:
            scaled = np.asarray(photo.resize((128, 128), Image.Resampling.LANCZOS), int)
        stored = images.read(output / "images" / f"{face:05d}.jpg").astype(int)
        assert np.abs(stored - scaled).mean() < 2


def test_the_manifest_holds_the_checksums_of_the_files(whole: Path) -> None:
    for stem, record in manifest.load(whole).faces.items():
        assert files.sha256(whole / "images" / f"{stem}.jpg") == record.image_sha256
        assert files.sha256(whole / "labels" / f"{stem}.png") == record.labels_sha256


def test_workers_make_no_difference(few: Path, whole: Path, tmp_path: Path) -> None:
    prepare(few, tmp_path / "dataset", size=64, workers=3, progress=False)
    assert contents(tmp_path / "dataset") == contents(whole)


KILLED_BETWEEN_FACES = """
import os, signal, sys
from maskgan.data import prepare as module
as_completed = module.as_completed
def killed(function, jobs, workers):
    for number, result in enumerate(as_completed(function, jobs, workers)):
        if number == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        yield result
module.as_completed = killed
module.prepare(sys.argv[1], sys.argv[2], size=64, workers=2, progress=False)
"""
KILLED_BETWEEN_THE_FILES_OF_A_FACE = """
import os, signal, sys
from pathlib import Path
from maskgan import files
from maskgan.data import prepare as module
write_labels = module.images.write_labels
def killed(path, values):
    if Path(path).stem == "04790":
        with files.replacing(path) as temporary:
            temporary.write_bytes(b"half a PNG")
            os.kill(os.getpid(), signal.SIGKILL)
    write_labels(path, values)
module.images.write_labels = killed
module.prepare(sys.argv[1], sys.argv[2], size=64, workers=1, progress=False)
"""


@pytest.mark.parametrize("script", [KILLED_BETWEEN_FACES, KILLED_BETWEEN_THE_FILES_OF_A_FACE])
def test_a_killed_run_resumes_to_the_same_dataset(
    few: Path, whole: Path, tmp_path: Path, script: str
) -> None:
    output = tmp_path / "dataset"
    # Returns only when the workers are gone too: they hold the other end of the pipe.
    killed = subprocess.run(
        [sys.executable, "-c", script, few, output], capture_output=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not (output / "dataset.json").exists()
    # Workers finish in any order.
    journal = [json.loads(line) for line in (output / JOURNAL).read_text().splitlines()[1:]]
    assert 1 < len(journal) < len(FEW)
    done = [face["stem"] for face in journal if face.get("image_sha256")]
    kept, torn = (output / "images" / f"{stem}.jpg" for stem in done[:2])
    before = kept.stat().st_mtime_ns
    # A file that is no longer whole, as after a power cut, is not trusted either.
    torn.write_bytes(torn.read_bytes()[:-100])
    prepare(few, output, size=64, resume=True, workers=1, progress=False)
    assert contents(output) == contents(whole)
    assert kept.stat().st_mtime_ns == before


def test_resuming_a_complete_dataset_keeps_it(few: Path, whole: Path, tmp_path: Path) -> None:
    output = shutil.copytree(whole, tmp_path / "dataset")
    times = {path: path.stat().st_mtime_ns for path in output.glob("*/*")}
    prepare(few, output, size=64, resume=True, workers=1, progress=False)
    assert contents(output) == contents(whole)
    assert {path: path.stat().st_mtime_ns for path in output.glob("*/*")} == times


def test_resuming_with_other_options_is_refused(few: Path, whole: Path, tmp_path: Path) -> None:
    output = shutil.copytree(whole, tmp_path / "dataset")
    with pytest.raises(OutputError, match=r"begun with .* size 64, .* now it is .* 32"):
        prepare(few, output, size=32, resume=True, workers=1, progress=False)
    assert contents(output) == contents(whole)


def test_resuming_from_another_source_is_refused(tree: Path, whole: Path, tmp_path: Path) -> None:
    output = shutil.copytree(whole, tmp_path / "dataset")
    remove_face(tree, 29_999)
    with pytest.raises(OutputError, match="complete dataset made from another source"):
        prepare(tree, output, size=64, resume=True, workers=1, progress=False)
    assert contents(output) == contents(whole)


def remove_face(tree: Path, face: int) -> None:
    (tree / celebamask.PHOTO_FOLDER / f"{face}.jpg").unlink()
    for path in part_path(tree, face, "skin").parent.glob(f"{face:05d}_*"):
        path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def drop_last_line(path: Path) -> None:
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))


PART = "CelebAMask-HQ-mask-anno/10/20001_skin.png"
PHOTO = "CelebA-HQ-img/20001.jpg"


@pytest.mark.parametrize(
    ("file", "damage", "sentence"),
    [
        (celebamask.MAPPING_FILE, Path.unlink, "is missing"),
        (celebamask.MAPPING_FILE, drop_last_line, r"has no line for .*29999\.jpg"),
        (celebamask.ATTRIBUTE_FILE, drop_last_line, r"has no line for .*29999\.jpg"),
        (celebamask.ATTRIBUTE_FILE, cut, "expected a file name and 40 values"),
        (celebamask.POSE_FILE, drop_last_line, r"has no line for .*29999\.jpg"),
        (PART, cut, "damaged or cut short"),
        (PART, lambda path: Image.new("L", (500, 512)).save(path), "500x512 pixels; expected 512"),
        (PHOTO, cut, "damaged or cut short"),
        (PHOTO, lambda path: path.write_bytes(b""), "is empty"),
        (PHOTO, lambda path: path.write_text("text"), "is not a picture"),
        (PHOTO, lambda path: Image.new("RGB", (1024, 900)).save(path), "1024x900 pixels; expected"),
        (PHOTO, lambda path: Image.new("RGB", (60, 60)).save(path), "60x60 pixels; expected"),
        (PHOTO, Path.unlink, "20001_skin.png has no photo"),
    ],
)
def test_bad_input_is_one_sentence_and_resumes_once_put_right(
    tree: Path,
    few: Path,
    whole: Path,
    tmp_path: Path,
    file: str,
    damage: Callable[[Path], None],
    sentence: str,
) -> None:
    output = tmp_path / "dataset"
    damage(tree / file)
    with pytest.raises(MaskganError, match=sentence) as caught:
        prepare(tree, output, size=64, workers=1, progress=False)
    assert Path(file).name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (output / "dataset.json").exists()
    good = contents(whole)
    for name, content in contents(output).items() if output.exists() else ():
        assert name == JOURNAL or content == good[name], name
    shutil.copyfile(few / file, tree / file)
    prepare(tree, output, size=64, resume=True, workers=1, progress=False)
    assert contents(output) == good


def test_an_error_in_a_worker_keeps_the_finished_faces(tree: Path, tmp_path: Path) -> None:
    output = tmp_path / "dataset"
    cut(tree / PART)
    with pytest.raises(DatasetError, match=r"20001_skin\.png.*\((\d+) of 11 .* --resume") as caught:
        prepare(tree, output, size=64, workers=2, progress=False)
    finished = re.search(r"\((\d+) of 11", str(caught.value))
    assert finished
    assert int(finished[1]) == len(list((output / "images").iterdir())) > 0
    assert len((output / JOURNAL).read_text().splitlines()) == int(finished[1]) + 1


def test_a_photo_without_parts_stops_before_anything_is_written(tree: Path, tmp_path: Path) -> None:
    for path in (tree / celebamask.PART_FOLDER / "2").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match=r"4790\.jpg has no part files.*mask-anno/2\."):
        prepare(tree, tmp_path / "dataset", progress=False)
    assert not (tmp_path / "dataset").exists()


def test_the_folder_name_that_made_black_masks_is_an_error(tree: Path, tmp_path: Path) -> None:
    (tree / celebamask.PART_FOLDER).rename(tree / "CelebAMaskHQ-mask-anno")
    with pytest.raises(DatasetError, match="but no folder CelebAMask-HQ-mask-anno"):
        prepare(tree, tmp_path / "dataset", progress=False)
    (tree / celebamask.PART_FOLDER).mkdir()
    with pytest.raises(DatasetError, match="has no part files"):
        prepare(tree, tmp_path / "dataset", progress=False)
    assert not (tmp_path / "dataset").exists()


@pytest.mark.parametrize("place", [".", "absent", "file.txt"])
def test_a_wrong_source_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file.txt").write_text("text")
    (tmp_path / "empty").mkdir()
    source = tmp_path / "empty" if place == "." else tmp_path / place
    with pytest.raises(DatasetError, match=re.escape(str(source))):
        prepare(source, tmp_path / "dataset", progress=False)
    assert not (tmp_path / "dataset").exists()


def test_a_face_whose_parts_are_all_empty_is_left_out_and_named(tree: Path, tmp_path: Path) -> None:
    for path in (tree / celebamask.PART_FOLDER / "2").iterdir():
        Image.new("RGB", (512, 512)).save(path)
    made = prepare(tree, tmp_path / "dataset", size=64, workers=1, progress=False)
    assert made.left_out == ("04790",)
    assert "04790" not in made.faces
    assert not (tmp_path / "dataset" / "images" / "04790.jpg").exists()
    assert any("04790" in sentence for sentence in made.sentences())


def test_a_face_taken_out_of_the_source_leaves_with_its_files(tree: Path, tmp_path: Path) -> None:
    output = tmp_path / "dataset"
    cut(tree / PART)
    with pytest.raises(DatasetError, match="cut short"):
        prepare(tree, output, size=64, workers=1, progress=False)
    remove_face(tree, 20_001)
    remove_face(tree, 0)
    made = prepare(tree, output, size=64, resume=True, workers=1, progress=False)
    assert len(made.faces) == len(FEW) - 2
    assert {path.stem for path in output.glob("*/*")} == made.faces.keys()


def test_attributes_and_poses_may_be_absent(tree: Path, tmp_path: Path) -> None:
    (tree / celebamask.ATTRIBUTE_FILE).unlink()
    (tree / celebamask.POSE_FILE).unlink()
    made = prepare(tree, tmp_path / "dataset", size=64, workers=1, progress=False)
    assert made.attribute_names == ()
    assert {(face.attributes, face.pose) for face in made.faces.values()} == {((), None)}


def test_sides_change_only_where_they_are_exchanged_and_only_on_request(
    few: Path, whole: Path, tmp_path: Path
) -> None:
    output = tmp_path / "dataset"
    made = prepare(few, output, size=64, fix_sides=True, workers=1, progress=False)
    assert {int(stem) for stem, face in made.faces.items() if face.sides_fixed} == set(EXCHANGED)
    for stem, face in made.faces.items():
        before = images.read_labels(whole / "labels" / f"{stem}.png")
        after = images.read_labels(output / "labels" / f"{stem}.png")
        expected = labels.exchange_sides(before) if face.sides_fixed else before
        np.testing.assert_array_equal(after, expected)
        assert not labels.sides_exchanged(after)


def test_a_dataset_folder_can_be_prepared_again(few: Path, whole: Path, tmp_path: Path) -> None:
    known = manifest.load(whole)
    fixed = prepare(whole, tmp_path / "fixed", size=64, fix_sides=True, workers=1, progress=False)
    assert {int(stem) for stem, face in fixed.faces.items() if face.sides_fixed} == set(EXCHANGED)
    # Photos of the right size are copied: encoding them again would cost quality.
    for stem, face in fixed.faces.items():
        assert face.image_sha256 == known.faces[stem].image_sha256
        assert (face.split, face.attributes, face.pose, face.orig_file) == (
            known.faces[stem].split,
            known.faces[stem].attributes,
            known.faces[stem].pose,
            known.faces[stem].orig_file,
        )
    small = prepare(tmp_path / "fixed", tmp_path / "small", size=32, workers=1, progress=False)
    assert small.partition == "celeba"
    assert small.faces["00005"].sides_fixed
    assert images.read(tmp_path / "small" / "images" / "00005.jpg").shape == (32, 32, 3)
    with pytest.raises(MaskganError, match="64x64 pixels; expected a square of at least 128x128"):
        prepare(whole, tmp_path / "large", size=128, workers=1, progress=False)


def test_a_folder_of_other_formats_is_divided_by_name(whole: Path, tmp_path: Path) -> None:
    source = tmp_path / "mine"
    shutil.copytree(whole / "labels", source / "labels")
    (source / "images").mkdir()
    for number, path in enumerate(sorted((whole / "images").iterdir())):
        suffix = (".png", ".webp", ".jpeg")[number % 3]
        images.write(source / "images" / (path.stem + suffix), images.read(path))
    made = prepare(source, tmp_path / "dataset", size=64, workers=1, progress=False)
    assert (made.source, made.partition) == ("mine", "by-name")
    assert {stem: face.split for stem, face in made.faces.items()} == {
        stem: manifest.split_by_name(stem) for stem in made.faces
    }
    assert {path.suffix for path in (tmp_path / "dataset" / "images").iterdir()} == {".jpg"}


def test_faults_of_a_dataset_folder_are_named(whole: Path, tmp_path: Path) -> None:
    source = shutil.copytree(whole, tmp_path / "source")
    bad = images.read_labels(source / "labels" / "00001.png")
    Image.fromarray(np.where(bad == 1, 19, bad)).save(source / "labels" / "00001.png")
    with pytest.raises(LabelsError, match=r"00001\.png holds the value 19"):
        prepare(source, tmp_path / "dataset", size=64, workers=1, progress=False)
    (source / "images" / "00001.jpg").unlink()
    with pytest.raises(DatasetError, match=r"00001\.png has no photo"):
        prepare(source, tmp_path / "other", size=64, workers=1, progress=False)
    (source / "labels" / "00001.png").unlink()
    with pytest.raises(DatasetError, match=r"dataset\.json and the folder disagree .* 00001"):
        prepare(source, tmp_path / "other", size=64, workers=1, progress=False)
    (source / "labels" / "00005.png").unlink()
    with pytest.raises(DatasetError, match=r"00005\.jpg has no label map"):
        prepare(source, tmp_path / "other", size=64, workers=1, progress=False)
    assert not (tmp_path / "other").exists()


def test_an_output_in_use_is_refused(few: Path, whole: Path, tmp_path: Path) -> None:
    used = tmp_path / "used"
    used.mkdir()
    (used / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"used is not empty\. .* --resume"):
        prepare(few, used, progress=False)
    with pytest.raises(OutputError, match="no interrupted run is recorded"):
        prepare(few, used, resume=True, progress=False)
    with pytest.raises(OutputError, match="is a file"):
        prepare(few, used / "letter.txt", progress=False)
    with pytest.raises(OutputError, match="is the source itself"):
        prepare(whole, whole, resume=True, progress=False)
    assert contents(used) == {"letter.txt": b"mine"}


@pytest.mark.parametrize("options", [{"size": 31}, {"size": 2048}, {"workers": 0}])
def test_impossible_options_are_refused(few: Path, tmp_path: Path, options: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=str(*options.values())):
        prepare(few, tmp_path / "dataset", progress=False, **options)
    assert not (tmp_path / "dataset").exists()
