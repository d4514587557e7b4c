"""Claim: 20 people edit at the same time for a minute through one `maskgan serve` on two cores
without an error, without a lost edit, and while the server's memory stays flat.

Starts the command as its own process and talks to it over real sockets. Every session opens the
sample and does what a person does: strokes of a few moves over the WebSocket, with a preview after
each move and full quality at the end, a pause, now and then an undo, a file, and a look whether the
server's labels are the ones painted. A stroke is counted when the picture for its last message has
arrived; its latency is measured from that message. An edit is lost where no such picture comes, or
labels differ. Memory is that of the server process, read twice a second; flat means that the median
of the last quarter of the time is at most a tenth above that of the second. Each session then ends,
and a new one opens in its place, every `ROUND` strokes, so that memory of ended sessions is seen.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maskgan.errors import MaskganError
from maskgan.labels import IDS
from maskgan.web.client import Client
from maskgan.web.live_client import Live

CLASSES = ("u_lip", "l_lip", "hair", "skin", "nose", "l_brow", "r_brow")
"""What is painted."""
MOVES = 4
"""Pieces of a stroke, each with a preview but the last."""
RADII = (2, 14)
"""Pixels."""
PAUSE = (0.3, 1.2)
"""Seconds between strokes."""
ROUND = 8
"""Strokes until a session is ended and another one opened."""
EXPORT_EVERY, UNDO_EVERY, LOOK_EVERY = 4, 3, 2
"""Strokes."""
FLAT = 1.1
"""How far the last quarter's memory may lie above the second's."""
PATIENCE = 60.0
"""Seconds for a picture or the start of the server; then something is lost."""


@dataclass
class Record:
    """What all sessions saw; lists are only ever appended to."""

    latencies: list[float] = field(default_factory=list)
    """Milliseconds."""
    previews: int = 0
    undos: int = 0
    exports: int = 0
    sessions: int = 0
    lost: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, name: str) -> None:
        with self.lock:
            setattr(self, name, getattr(self, name) + 1)


@contextmanager
def server(threads: int | None, bundle: Path | None) -> Iterator[tuple[str, int]]:
    """Address and process id of `maskgan serve`."""
    words = [sys.executable, "-m", "maskgan", "serve", "--no-browser", "--port", "0"]
    words += [] if threads is None else ["--threads", str(threads)]
    words += [] if bundle is None else ["--bundle", str(bundle)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        found = [word for word in greeting.split() if word.startswith("http://")]
        if not found:
            raise SystemExit(f"The server did not start: {greeting!r}")
        yield found[0], process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def memory(pid: int) -> float:
    """MiB that a process holds in memory."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(said.stdout) / 1024


class Person:
    """One of the people: draws by a generator of its own."""

    def __init__(self, url: str, seed: int, end: float, record: Record) -> None:
        self.url, self.end, self.record = url, end, record
        self.rng = random.Random(seed)

    def work(self) -> None:
        try:
            while time.monotonic() < self.end:
                self.edit()
        except MaskganError as error:
            with self.record.lock:
                self.record.errors.append(str(error))
        except Exception as error:
            with self.record.lock:
                self.record.errors.append(repr(error))

    def edit(self) -> None:
        """A session from its start to its end."""
        with Client(self.url, timeout=PATIENCE) as client:
            client.photo(sample=client.info()["samples"][0]["name"], aligned=True)
            client.face(aligned=True)
            self.record.count("sessions")
            labels = client.labels()
            with client.live() as live:
                for number in range(1, ROUND + 1):
                    if time.monotonic() >= self.end:
                        break
                    before = labels.copy()
                    self.stroke(live, labels)
                    if number % UNDO_EVERY == 0:
                        labels = before
                        live.result(live.paint(0, 0, labels, "full"))
                        self.record.count("undos")
                    if number % LOOK_EVERY == 0 or time.monotonic() >= self.end:
                        wrong = int((client.labels() != labels).sum())
                        if wrong:
                            self.record.lost.append(f"{wrong} labels differ after stroke {number}")
                    if number % EXPORT_EVERY == 0:
                        client.export("photo")
                        self.record.count("exports")
                    time.sleep(self.rng.uniform(*PAUSE))

    def stroke(self, live: Live, labels: np.ndarray) -> None:
        """Paints discs along a line, and waits for the picture of the last."""
        size = labels.shape[0]
        radius = self.rng.randint(*RADII)
        painted = IDS[self.rng.choice(CLASSES)]
        x, y = (self.rng.randint(size // 4, 3 * size // 4) for _ in range(2))
        seq, start = 0, 0.0
        for move in range(MOVES):
            box = disc(labels, x + move * radius, y, radius, painted)
            last = move == MOVES - 1
            start = time.perf_counter()
            left, top, right, bottom = box
            piece = labels[top:bottom, left:right]
            seq = live.paint(left, top, piece, "full" if last else "preview")
        try:
            while (found := live.receive()).seq < seq:
                self.record.count("previews")
        except MaskganError as error:
            self.record.lost.append(f"no picture for stroke: {error}")
            raise
        if found.quality != "full":
            self.record.lost.append(f"the last picture is a {found.quality}")
        self.record.latencies.append(1000 * (time.perf_counter() - start))


def disc(
    labels: np.ndarray, x: int, y: int, radius: int, painted: int
) -> tuple[int, int, int, int]:
    """Paints a disc; gives left, top, right, bottom of what it touches."""
    size = labels.shape[0]
    left, right = max(0, x - radius), min(size, x + radius + 1)
    top, bottom = max(0, y - radius), min(size, y + radius + 1)
    rows, columns = np.ogrid[top:bottom, left:right]
    inside = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    labels[top:bottom, left:right][inside] = painted
    return left, top, right, bottom


def quarters(samples: list[float]) -> dict[str, Any]:
    """Memory over time -> whether it is flat."""
    cuts = [len(samples) * part // 4 for part in range(5)]
    parts = [samples[a:b] for a, b in itertools.pairwise(cuts)]
    medians = [round(statistics.median(part), 1) for part in parts]
    ratio = medians[3] / medians[1]
    return {
        "quarters_mib": medians,
        "peak_mib": round(max(samples), 1),
        "last_over_second": round(ratio, 3),
        "flat": ratio <= FLAT,
    }


def measure(sessions: int, seconds: float, url: str, pid: int) -> dict[str, Any]:
    """Lets people edit, and says what came of it."""
    record, start = Record(), time.monotonic()
    people = [Person(url, seed, start + seconds, record) for seed in range(sessions)]
    threads = [threading.Thread(target=person.work, daemon=True) for person in people]
    for thread in threads:
        thread.start()
    samples = []
    while any(thread.is_alive() for thread in threads):
        samples.append(memory(pid))
        time.sleep(0.5)
    taken = time.monotonic() - start
    latencies = record.latencies or [float("nan")]
    found = {f"p{p}": round(float(np.percentile(latencies, p)), 1) for p in (50, 95, 99)}
    memories = quarters(samples)
    return {
        "seconds": round(taken, 1),
        "sessions_opened": record.sessions,
        "strokes": len(record.latencies),
        "strokes_per_second": round(len(record.latencies) / taken, 2),
        "stroke_to_full_picture_ms": found | {"max": round(max(latencies), 1)},
        "previews": record.previews,
        "undos": record.undos,
        "exports": record.exports,
        "errors": record.errors,
        "lost_edits": record.lost,
        "server_memory": memories,
        "holds": not record.errors
        and not record.lost
        and bool(record.latencies)
        and memories["flat"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=20, help="people at the same time")
    parser.add_argument("--seconds", type=float, default=60, help="how long they edit")
    parser.add_argument("--threads", type=int, help="threads of a network in the server")
    parser.add_argument("--bundle", type=Path)
    options = parser.parse_args()
    if options.sessions < 1 or options.seconds < 4:
        parser.error("expected at least 1 session and 4 seconds")
    with server(options.threads, options.bundle) as (url, pid):
        result = measure(options.sessions, options.seconds, url, pid)
    report = {
        "sessions": options.sessions,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "machine": platform.machine(),
        **result,
    }
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
