"""The original CelebAMask-HQ tree, read from trees drawn in its exact layout."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from original_tree import draw_tree, merge_slowly, part_path
from PIL import Image

from maskgan.data import celebamask
from maskgan.errors import DatasetError
from maskgan.labels import ALL_PARTS, IDS

FACES = (0, 7, 1999, 2000, 29999)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_tree(tmp_path_factory.mktemp("celebamask") / "CelebAMask-HQ", FACES)


@pytest.fixture
def tree(drawn: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return shutil.copytree(drawn, tmp_path / "CelebAMask-HQ")


@pytest.mark.parametrize(
    ("file_number", "split"),
    [
        (1, "train"),
        (162_770, "train"),
        (162_771, "val"),
        (182_637, "val"),
        (182_638, "test"),
        (202_599, "test"),
    ],
)
def test_the_partition_is_the_published_one_by_file_number(file_number: int, split: str) -> None:
    assert celebamask.celeba_split(file_number - 1) == split


def test_scan_lists_every_face_with_its_parts(drawn: Path) -> None:
    tree = celebamask.scan(drawn)
    assert tree.photos == set(FACES)
    assert tree.parts[0] == ALL_PARTS
    tree.check_pairs()
    for face in FACES:
        assert tree.photo_path(face).is_file()
        there = {part for part in ALL_PARTS if part_path(drawn, face, part).is_file()}
        assert set(tree.parts[face]) == there
    assert any(len(parts) < 18 for parts in tree.parts.values())


@pytest.mark.parametrize("face", FACES)
def test_merging_equals_an_independent_slow_merge(drawn: Path, face: int) -> None:
    tree = celebamask.scan(drawn)
    merged = celebamask.merge_parts(tree.part_folder(face), face, tree.parts[face])
    assert merged.dtype == np.uint8
    np.testing.assert_array_equal(merged, merge_slowly(drawn, face))


def test_later_parts_lie_on_top_whatever_order_they_are_named_in(tree: Path) -> None:
    merged = celebamask.merge_parts(part_path(tree, 0, "skin").parent, 0, ("hair", "skin"))
    hair = np.asarray(Image.open(part_path(tree, 0, "hair")))[..., 0] > 0
    skin = np.asarray(Image.open(part_path(tree, 0, "skin")))[..., 0] > 0
    assert (hair & skin).any()
    assert (merged[hair] == IDS["hair"]).all()
    assert (merged[skin & ~hair] == IDS["skin"]).all()
    assert (merged[~skin & ~hair] == 0).all()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_parts_of_any_mode_read_alike(tree: Path, mode: str) -> None:
    path = part_path(tree, 0, "nose")
    nose = np.asarray(Image.open(path))[..., 0] > 0
    if mode == "P":  # index 0 is white: the indices are the opposite of the colours
        picture = Image.fromarray((~nose).astype(np.uint8), "L").convert("P")
        picture.putpalette([255, 255, 255, 0, 0, 0])
        picture.frombytes((~nose).astype(np.uint8).tobytes())
    elif mode == "I;16":
        picture = Image.fromarray(nose.astype(np.uint16) * 65535)
    else:
        picture = Image.fromarray(nose.astype(np.uint8) * 255).convert(mode)
    picture.save(path)
    merged = celebamask.merge_parts(path.parent, 0, ("nose",))
    np.testing.assert_array_equal(merged, nose * IDS["nose"])


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-60])


def _make_small(path: Path) -> None:
    Image.new("L", (256, 512)).save(path)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_truncate, "damaged or cut short"),
        (_make_small, "has 256x512 pixels; expected 512x512"),
        (lambda path: path.write_text("no picture"), "is not a picture"),
        (lambda path: path.write_bytes(b""), "is not a picture"),
        (Path.unlink, "cannot be read"),
    ],
)
def test_a_bad_part_is_named(tree: Path, damage, sentence: str) -> None:
    path = part_path(tree, 7, "skin")
    damage(path)
    with pytest.raises(DatasetError, match=sentence) as caught:
        celebamask.merge_parts(path.parent, 7, ("skin", "nose"))
    assert str(path) in str(caught.value)


def test_a_face_without_parts_is_never_a_black_map(tree: Path) -> None:
    folder = tree / celebamask.PART_FOLDER / "0"
    with pytest.raises(DatasetError, match="Face 00007 has no part files") as caught:
        celebamask.merge_parts(folder, 7, ())
    assert str(folder) in str(caught.value)


def test_a_part_without_a_photo_is_named(tree: Path) -> None:
    (tree / celebamask.PHOTO_FOLDER / "7.jpg").unlink()
    with pytest.raises(DatasetError, match=r"00007_skin\.png has no photo"):
        celebamask.scan(tree).check_pairs()


def test_a_photo_without_parts_is_named_with_the_folder_searched(tree: Path) -> None:
    folder = tree / celebamask.PART_FOLDER / "1"
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match=r"2000\.jpg has no part files") as caught:
        celebamask.scan(tree).check_pairs()
    assert str(folder) in str(caught.value)


def test_unknown_and_misplaced_parts_are_named(tree: Path) -> None:
    nose = part_path(tree, 7, "nose")
    stray = nose.rename(nose.with_name("00007_noze.png"))
    with pytest.raises(DatasetError, match=r"00007_noze\.png is not the name of a part"):
        celebamask.scan(tree)
    stray.rename(tree / celebamask.PART_FOLDER / "3" / nose.name)
    with pytest.raises(DatasetError, match=r"the parts of face 7 belong in folder 0"):
        celebamask.scan(tree)


def test_files_that_unpackers_leave_do_not_count(tree: Path) -> None:
    before = celebamask.scan(tree)
    (tree / celebamask.PHOTO_FOLDER / "Thumbs.db").write_bytes(b"x")
    (tree / celebamask.PART_FOLDER / ".DS_Store").write_bytes(b"x")
    (tree / celebamask.PART_FOLDER / "0" / "._00000_skin.png").write_bytes(b"x")
    assert celebamask.scan(tree) == before


def test_the_root_is_found_from_itself_and_its_parent(tree: Path, tmp_path: Path) -> None:
    assert celebamask.find_root(tree) == tree
    assert celebamask.find_root(tmp_path) == tree
    assert celebamask.find_root(tree / celebamask.PHOTO_FOLDER) is None
    assert celebamask.find_root(tmp_path / "absent") is None


def test_half_a_tree_and_two_trees_are_told(tree: Path, tmp_path: Path) -> None:
    second = shutil.copytree(tree, tmp_path / "second")
    with pytest.raises(DatasetError, match="several CelebAMask-HQ trees"):
        celebamask.find_root(tmp_path)
    (second / celebamask.PART_FOLDER).rename(second / "CelebAMaskHQ-mask-anno")
    with pytest.raises(DatasetError, match="but no folder CelebAMask-HQ-mask-anno"):
        celebamask.find_root(second)


def test_the_mapping_is_read_with_and_without_its_header(tree: Path) -> None:
    path = tree / celebamask.MAPPING_FILE
    lines = ["idx     orig_idx        orig_file", "0       119613          119614.jpg"]
    path.write_text("\n".join(lines))
    origin = celebamask.Origin(119613, "119614.jpg")
    assert celebamask.read_mapping(tree) == {0: origin}
    path.write_text(lines[1] + "\n\n")
    assert celebamask.read_mapping(tree) == {0: origin}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0 119613", "line 1: expected an id"),
        ("idx orig_idx orig_file\nx 1 000002.jpg", "line 2: expected an id"),
        ("0 202599 202600.jpg", "line 1: expected an index in CelebA below 202599"),
        ("0 1 000002.jpg\n0 2 000003.jpg", "line 2: face 0 is there a second time"),
    ],
)
def test_a_bad_line_of_the_mapping_is_named(tree: Path, text: str, sentence: str) -> None:
    (tree / celebamask.MAPPING_FILE).write_text(text)
    with pytest.raises(DatasetError, match=sentence):
        celebamask.read_mapping(tree)


def test_a_missing_mapping_is_named(tree: Path) -> None:
    (tree / celebamask.MAPPING_FILE).unlink()
    with pytest.raises(DatasetError, match=r"CelebA-HQ-to-CelebA-mapping\.txt is missing"):
        celebamask.read_mapping(tree)


def test_attributes_become_zeros_and_ones(tree: Path) -> None:
    path = tree / celebamask.ATTRIBUTE_FILE
    values = ["1", "-1"] * 20
    header = " ".join(f"A{n}" for n in range(40))
    path.write_text(f"30000\n{header}\n3.jpg  {' '.join(values)}\n")
    names, attributes = celebamask.read_attributes(tree)
    assert names[0] == "A0"
    assert attributes == {3: (1, 0) * 20}
    for row in (f"3.jpg {' '.join(values[:39])}", f"3.jpg {' '.join(['0', *values[1:]])}"):
        path.write_text(f"30000\n{header}\n{row}\n")
        with pytest.raises(DatasetError, match="line 3: expected a file name and 40 values"):
            celebamask.read_attributes(tree)
    path.unlink()
    assert celebamask.read_attributes(tree) == ((), {})


def test_poses_are_three_numbers(tree: Path) -> None:
    path = tree / celebamask.POSE_FILE
    path.write_text("30000\nYaw Pitch Raw\n0.jpg -2.5 1e-2 3\n")
    assert celebamask.read_poses(tree) == {0: (-2.5, 0.01, 3.0)}
    path.write_text("30000\nYaw Pitch Raw\n0.jpg -2.5 1e-2\n")
    with pytest.raises(DatasetError, match="line 3: expected a file name and 3 numbers"):
        celebamask.read_poses(tree)
