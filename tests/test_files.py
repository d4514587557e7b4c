"""Whole or not at all."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from maskgan import files
from maskgan.errors import OutputError


def test_write_replaces_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    files.write_text(path, "n\u00e9w")
    assert path.read_bytes() == b"n\xc3\xa9w"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with files.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        assert path.read_bytes() == b"old"
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".bin")
        temporary.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_failure_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def write_half() -> None:
        with files.replacing(path) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    files.write_bytes(tmp_path / "ours", b"")
    (tmp_path / "plain").write_bytes(b"")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the folder does not exist"):
        files.write_text(tmp_path / "no" / "a.txt", "x")
    with pytest.raises(OutputError, match="it is a folder; give a file name"):
        files.write_text(tmp_path, "x")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="the folder does not exist"):
        files.write_text(tmp_path / "file" / "a.txt", "x")


def test_disk_errors_become_a_sentence(tmp_path: Path) -> None:
    def fail() -> None:
        with files.replacing(tmp_path / "a.txt"):
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"Cannot write .*a\.txt: No space left on device"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_sha256(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    (tmp_path / "a").write_bytes(data)
    assert files.sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()
