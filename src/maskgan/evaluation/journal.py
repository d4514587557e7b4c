"""The verdicts of an evaluation on disk, so that one that was stopped goes on where it was.

`verdicts.jsonl` has a line per face with everything that was said of its pictures; a line that a
killed process left unfinished is dropped. `protocol.json` says what was asked; verdicts of another
protocol are never mixed with it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maskgan import files
from maskgan.errors import OutputError
from maskgan.evaluation.examiner import Verdict

Entry = tuple[str, str, Verdict]
"""Task, subject, verdict."""

PROTOCOL, VERDICTS = "protocol.json", "verdicts.jsonl"


class Journal:
    """Face -> entries of the verdicts on its pictures, in `folder`."""

    def __init__(self, folder: Path, protocol: Mapping[str, Any]) -> None:
        """Goes on with what the folder holds. Raises `OutputError` when that is of another protocol
        or cannot be written."""
        self._path, self._lock = folder / VERDICTS, threading.Lock()
        self.faces: dict[str, list[Entry]] = {}
        plain = json.loads(json.dumps(protocol))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"Cannot make {folder}: {error.strerror or error}.") from error
        described = folder / PROTOCOL
        if described.exists():
            _check(described, plain)
            self._read()
        elif any(folder.iterdir()):
            raise OutputError(
                f"{folder} is not empty and holds no evaluation; name a new folder for the report."
            )
        else:
            files.write_text(described, json.dumps(plain, indent=1) + "\n")

    def add(self, face: str, entries: list[Entry]) -> None:
        """Writes what was said of one face."""
        line = json.dumps({"face": face, "verdicts": entries}) + "\n"
        with self._lock, open(self._path, "a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self.faces[face] = entries

    def _read(self) -> None:
        if not self._path.exists():
            return
        text = self._path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:  # killed while it was writing
            files.write_text(self._path, whole)
        for line in whole.splitlines():
            entry = json.loads(line)
            self.faces[entry["face"]] = [tuple(each) for each in entry["verdicts"]]


def _check(path: Path, protocol: Mapping[str, Any]) -> None:
    try:
        before = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} is damaged ({error}); name a new folder.") from error
    other = [name for name in protocol if before.get(name) != protocol[name]]
    if other:
        raise OutputError(
            f"{path.parent} holds an evaluation with another {' and '.join(other)}; name a new "
            "folder, or give what it was started with to go on."
        )
