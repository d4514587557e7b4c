"""Reading a zip file that may come from anybody, within bounds.

Entries are asked for by name and given as bytes; nothing is written anywhere, so names in the file
are never paths. What all entries of one archive may take together is counted before anything is
inflated or decoded. What is wrong is a `ProjectError`, a `MaskganError` of `images`, or one of
`DAMAGE`. Knows zip files and label PNGs, not what they are for.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from maskgan import images
from maskgan.errors import ProjectError
from maskgan.labels import Labels

MAX_BYTES = 512 << 20
"""Largest file, and most bytes that its entries may take in memory."""
MAX_DIRECTORY = 1 << 16
"""Most bytes of a zip's table of contents."""
ENDING = 22
"""Bytes of a zip's last record, when no comment follows it."""
LOCATOR = 20
"""Bytes of the record before it in zips with more files or bytes than the old form can count."""

DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, LookupError),
    *(struct.error, OverflowError, TypeError, NotImplementedError),
)
"""What the readers of zip, JSON and pictures raise on files that are damaged."""


class Archive:
    """An opened zip file; `opened` makes it."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._entries = {info.filename: info for info in archive.infolist()}
        self._name = name
        self._left = MAX_BYTES

    def read(self, entry: str, limit: int = MAX_BYTES) -> bytes:
        """The bytes of an entry, at most `limit`."""
        info = self._entries.get(entry)
        if info is None:
            raise ProjectError(f"{self._name} holds no {entry[:60]!r}; it is not whole.")
        if info.file_size > limit:
            raise ProjectError(
                f"{entry[:60]} in {self._name} has {info.file_size} bytes; expected at most "
                f"{limit}."
            )
        self._take(info.file_size)
        with self._archive.open(info) as file:
            # With a number, so that a lying entry inflates no more than it said.
            data = file.read(info.file_size + 1)
        if len(data) != info.file_size:
            raise ProjectError(f"{entry[:60]} in {self._name} is cut short.")
        return data

    def labels(self, entry: str, side: int, limit: int) -> Labels:
        """The label map uint8 (side, side) of a PNG of at most `limit` bytes."""
        data = self.read(entry, limit)
        if images.size(data) != (side, side):
            raise ProjectError(f"{entry[:60]} in {self._name} has not {side}x{side} pixels.")
        self._take(side * side)
        return images.read_labels(data, (side, side))

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ProjectError(
                f"{self._name} needs more than {MAX_BYTES >> 20} MiB of memory; that is too much."
            )


@contextmanager
def opened(file: Path | BinaryIO, name: str) -> Iterator[Archive]:
    """The zip file of a path or of an open binary file. `name` is its own, for sentences."""
    if isinstance(file, Path):
        with file.open("rb") as handle:
            _check_ending(handle, name)
    else:
        _check_ending(file, name)
    with zipfile.ZipFile(file) as archive:
        yield Archive(archive, name)


def _check_ending(file: BinaryIO, name: str) -> None:
    """Refuses what is no plain zip, or has a table of contents that would fill the memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - ENDING - LOCATOR, 0))
    tail = file.read()
    file.seek(0)
    if size > MAX_BYTES:
        raise ProjectError(f"{name} has {size >> 20} MiB; expected at most {MAX_BYTES >> 20}.")
    ending = tail[-ENDING:]
    if len(tail) < ENDING or ending[:4] != b"PK\5\6" or ending[-2:] != b"\0\0":
        raise ProjectError(f"{name} is not a project file, or is cut short.")
    if tail[:4] == b"PK\6\7" or struct.unpack("<I", ending[12:16])[0] > MAX_DIRECTORY:
        raise ProjectError(f"{name} holds far more files than a project has.")
