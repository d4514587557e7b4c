"""The journal of a batch: what a crash may do to it, and who may write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_jobs import read_lines

from maskgan.batch.journal import Journal, Outcome, Record
from maskgan.errors import OutputError

FIRST, SECOND = Record("ab", "cd"), Record("ef", "01")


def done(output: str, record: Record) -> Outcome:
    return Outcome(1, "a.jpg", output, "done", record)


def test_what_is_added_is_there_after_a_crash(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "new" / "folder", resume=False) as journal:
        journal.add(done("a.png", FIRST))
        journal.add(Outcome(2, "b.jpg", "b.png", "failed", kind="PhotoError", error="It is so."))
        journal.add(Outcome(3, "c.jpg", "c.png", "kept", SECOND))
        # Read while the batch is at work: nothing waits in memory.
        assert [line["output"] for line in read_lines(tmp_path / "new/folder/done.jsonl")] == [
            "a.png"
        ]
        assert read_lines(tmp_path / "new/folder/errors.jsonl") == [
            {
                "line": 2,
                "photo": "b.jpg",
                "output": "b.png",
                "kind": "PhotoError",
                "error": "It is so.",
            }
        ]
    with Journal.open(tmp_path / "new" / "folder", resume=True) as journal:
        assert journal.records == {"a.png": FIRST}
        assert not (tmp_path / "new/folder/errors.jsonl").exists()


def test_half_a_line_costs_that_line(tmp_path: Path) -> None:
    with Journal.open(tmp_path, resume=False) as journal:
        journal.add(done("a.png", FIRST))
        journal.add(done("b.png", FIRST))
    path = tmp_path / "done.jsonl"
    path.write_text(path.read_text()[:-20])
    with Journal.open(tmp_path, resume=True) as journal:
        assert journal.records == {"a.png": FIRST}
        journal.add(done("c.png", SECOND))
    with Journal.open(tmp_path, resume=True) as journal:
        assert journal.records == {"a.png": FIRST, "c.png": SECOND}


def test_the_last_word_counts(tmp_path: Path) -> None:
    with Journal.open(tmp_path, resume=False) as journal:
        journal.add(done("a.png", FIRST))
        journal.add(done("a.png", SECOND))
    with Journal.open(tmp_path, resume=True) as journal:
        assert journal.records == {"a.png": SECOND}


def test_a_batch_is_not_overwritten_by_mistake(tmp_path: Path) -> None:
    with Journal.open(tmp_path, resume=False) as journal:
        journal.add(done("a.png", FIRST))
    with (
        pytest.raises(OutputError, match="1 finished photos; go on with --resume"),
        Journal.open(tmp_path, resume=False),
    ):
        pass


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="locks are for systems with fcntl")
    with (
        Journal.open(tmp_path, resume=False),
        pytest.raises(OutputError, match="Another batch is at work"),
        Journal.open(tmp_path, resume=True),
    ):
        pass
    with Journal.open(tmp_path, resume=True) as journal:
        assert journal.records == {}


def test_half_written_pictures_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".partial").mkdir()
    (tmp_path / ".partial" / "7.png").write_bytes(b"half")
    with Journal.open(tmp_path, resume=True):
        assert list((tmp_path / ".partial").iterdir()) == []
    assert not (tmp_path / ".partial").exists()


def test_results_need_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"), Journal.open(tmp_path / "file", False):
        pass
    with (
        pytest.raises(OutputError, match=r"Cannot write into .*Not a directory"),
        Journal.open(tmp_path / "file" / "folder", False),
    ):
        pass
