"""Manifests of drawn faces, and photos that hold a worker up until a test lets go of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from maskgan import images
from maskgan.data.drawn import draw_pair

PATIENCE = 300.0
"""Seconds after which a test gives up waiting for another process."""


def draw_jobs(folder: Path, count: int, size: int = 64) -> list[dict[str, Any]]:
    """Writes `count` photos and their labels before and after another expression into `folder`;
    returns a manifest line for each."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(count):
        (photo, labels), (_, wanted) = draw_pair(number, size)
        images.write(folder / f"{number}.png", photo)
        images.write_labels(folder / f"{number}-is.png", labels)
        images.write_labels(folder / f"{number}-new.png", wanted)
        line = {"photo": f"{number}.png", "source_labels": f"{number}-is.png", "aligned": True}
        lines.append(line | {"labels": f"{number}-new.png", "output": f"{number}-edited.png"})
    return lines


def write_manifest(folder: Path, lines: list[dict[str, Any]]) -> Path:
    path = folder / "jobs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@contextmanager
def started(program: str, *arguments: Path) -> Iterator[subprocess.Popen[str]]:
    """A Python program at work in a session of its own; it ends with the block at the latest."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


class Trap:
    """Replaces a photo by a pipe: whoever reads it stands still until `release`, or until the end
    of the block."""

    def __init__(self, photo: Path) -> None:
        self.photo = photo
        self._real = photo.with_suffix(".real")
        self._pens: list[int] = []
        photo.rename(self._real)
        os.mkfifo(photo)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._real.exists():
            self.release()

    def wait(self, but: int = 0) -> int:
        """Waits for a process other than `but` to read the photo and returns its id."""
        if not self._pens:
            opener = threading.Thread(
                target=lambda: self._pens.append(os.open(self.photo, os.O_WRONLY)), daemon=True
            )
            opener.start()
            opener.join(PATIENCE)
            assert self._pens, "nobody reads the photo"
        return self._reader(but)

    def release(self) -> None:
        """Puts the photo back; whoever still reads or opens the pipe finds nothing in it."""
        both_ends = os.open(self.photo, os.O_RDWR | os.O_NONBLOCK)
        self._real.replace(self.photo)
        os.close(both_ends)
        while self._pens:
            os.close(self._pens.pop())

    def _reader(self, but: int) -> int:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for process in Path("/proc").iterdir():
                if process.name.isdigit() and int(process.name) not in (os.getpid(), but):
                    try:
                        if any(self._reads(link) for link in (process / "fd").iterdir()):
                            return int(process.name)
                    except OSError:
                        continue
        raise AssertionError("no process has the photo open")

    def _reads(self, link: Path) -> bool:
        """Whether a file of a process is the pipe, open for reading. A process that is just being
        started may for a moment hold a copy of our own end, which is for writing."""
        if link.readlink() != self.photo:
            return False
        described = (link.parent.with_name("fdinfo") / link.name).read_text()
        flags = int(described.split("flags:")[1].split()[0], 8)
        return flags & os.O_ACCMODE == os.O_RDONLY
