"""What a batch has finished and what failed, as two files in its folder of results.

`done.jsonl` gains a line whenever an edit is finished: the output, a hash of everything it was made
from and the hash of the file. A resumed batch believes a line only while both still hold, so a
crash at any moment costs a repetition at most. `errors.jsonl` holds the lines that failed in the
last run, one JSON object each. Knows nothing of how edits are made.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal

from maskgan.batch.manifest import DONE_FILE, ERRORS_FILE, PARTIAL_FOLDER
from maskgan.errors import OutputError

try:
    import fcntl
except ModuleNotFoundError:  # Windows: two batches in one folder are not noticed there.
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Record:
    """What the journal knows of a finished output."""

    inputs: str
    """Hex digest of everything the output was made from."""
    sha256: str
    """Hex digest of the output."""


@dataclass(frozen=True)
class Outcome:
    """What became of one line of the manifest."""

    line: int
    photo: str
    output: str
    status: Literal["done", "kept", "failed"]
    """kept = finished by an earlier run and still as it was."""
    record: Record | None = None
    """Of a finished output."""
    kind: str = ""
    """Of a failed one: the error's name."""
    error: str = ""
    """Of a failed one: a sentence."""


class Journal:
    """The record of one batch; `Journal.open` is the way to get one."""

    def __init__(self, output: Path, done: IO[str], records: dict[str, Record]) -> None:
        self.records = records
        """Output -> its record, as earlier runs left it; some hundred bytes each."""
        self._errors = output / ERRORS_FILE
        self._done = done

    @classmethod
    @contextlib.contextmanager
    def open(cls, output: Path, resume: bool) -> Iterator[Journal]:
        """Opens the journal of a folder of results, which is made if need be.

        Raises `OutputError` when the folder cannot be written, another batch is at work in it, or
        it holds a batch already and `resume` is False.
        """
        partial = output / PARTIAL_FOLDER
        with _open_locked(output) as done:
            records = _read(done)
            if records and not resume:
                raise OutputError(
                    f"{output} holds a batch with {len(records)} finished photos; go on with "
                    "--resume or name another folder."
                )
            (output / ERRORS_FILE).unlink(missing_ok=True)
            # What a killed run was writing is of no use to anybody.
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            try:
                yield cls(output, done, records)
            finally:
                shutil.rmtree(partial, ignore_errors=True)

    def add(self, outcome: Outcome) -> None:
        """Writes down what became of a line; it is on record when this returns."""
        if outcome.status == "done" and outcome.record is not None:
            line = {"output": outcome.output, **asdict(outcome.record)}
            self._done.write(json.dumps(line) + "\n")
            self._done.flush()
        elif outcome.status == "failed":
            names = ("line", "photo", "output", "kind", "error")
            with self._errors.open("a", encoding="utf-8") as file:
                file.write(json.dumps({name: getattr(outcome, name) for name in names}) + "\n")


def _read(done: IO[str]) -> dict[str, Record]:
    """The records of a journal; a later line for an output replaces an earlier one."""
    done.seek(0)
    records: dict[str, Record] = {}
    text = "\n"
    for text in done:
        # A crash may leave half a line at the end.
        with contextlib.suppress(ValueError, KeyError, TypeError):
            values = json.loads(text)
            records[str(values["output"])] = Record(str(values["inputs"]), str(values["sha256"]))
    if not text.endswith("\n"):
        done.write("\n")
    return records


def _open_locked(output: Path) -> IO[str]:
    """Opens the journal, and keeps a second batch out of the folder until it is closed."""
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output} is a file; name a folder for the results.")
    try:
        output.mkdir(parents=True, exist_ok=True)
        done = (output / DONE_FILE).open("a+", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"Cannot write into {output}: {error.strerror or error}.") from error
    if fcntl is not None:
        try:
            fcntl.flock(done, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            done.close()
            raise OutputError(
                f"Another batch is at work in {output}; wait for it or name another folder."
            ) from error
        except OSError:
            pass  # Some network file systems know no locks.
    return done
