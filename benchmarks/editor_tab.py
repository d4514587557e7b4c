"""The editor in a real Chromium with its server beside it, and strokes to paint there, for the
benchmarks that measure in the page. Not a benchmark of its own.
"""

from __future__ import annotations

import io
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from maskgan import samples
from maskgan.labels import IDS, Labels

TESTS = Path(__file__).resolve().parents[1] / "tests" / "web"
sys.path[:0] = [str(TESTS), str(TESTS / "e2e")]

Point = tuple[float, float]

PARTS = ("u_lip", "l_lip", "l_brow", "r_brow", "l_eye", "r_eye", "nose", "hair", "skin")
"""What is painted, in turns."""


@contextmanager
def open_tab(threads: int | None, side: int | None = None) -> Iterator[Any]:
    """A tab (`EditorPage`) of 1440 x 900 px that shows the sample face, as an aligned photo of
    `side` pixels where that is given. Raises `SystemExit` with a sentence where there is no
    Chromium."""
    from browser import ARGUMENTS, find_chromium
    from editor_page import EditorPage
    from playwright.sync_api import sync_playwright
    from server_process import ServerProcess
    from watch import Watch

    program = find_chromium()
    if program is None:
        raise SystemExit("No Chromium is here; `make browser` gets one.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        words = [] if threads is None else ["--threads", str(threads)]
        server = ServerProcess(Path(folder) / "log.txt", *words)
        server.start()
        try:
            chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            watch = Watch(context, server.address)
            tab = EditorPage(context.new_page(), server.address, watch)
            if side is not None:
                # In place of the sample that the page asks for when it begins.
                tab.page.route("**/photo?*sample=*", partial(_bring, scaled_sample(side)))
            tab.open()
            yield tab
            watch.check()
            chromium.close()
        finally:
            server.kill()


def scaled_sample(side: int) -> bytes:
    """The sample face as a PNG of `side` x `side` pixels."""
    file = io.BytesIO()
    with Image.open(samples.FACE) as photo:
        photo.convert("RGB").resize((side, side), Image.Resampling.BOX).save(file, "PNG")
    return file.getvalue()


def _bring(photo: bytes, route: Any) -> None:
    address = route.request.url.split("?")[0]
    headers = {**route.request.headers, "content-type": "image/png"}
    url = f"{address}?aligned=true&name=sample.png"
    route.continue_(url=url, post_data=photo, headers=headers)


def strokes(labels: Labels, count: int, seed: int = 0) -> list[tuple[str, list[Point]]]:
    """Strokes (class, points in crop pixels), 24 to 72 of 512 px long, each from its part outwards,
    as people extend lips and brows."""
    rng = np.random.default_rng(seed)
    size = labels.shape[0]
    made = []
    for at in range(count):
        name = PARTS[at % len(PARTS)]
        rows, columns = np.nonzero(labels == IDS[name])
        if not rows.size:
            rows, columns = np.nonzero(labels == IDS["skin"])
        chosen = int(rng.integers(rows.size))
        start = np.array([columns[chosen], rows[chosen]], np.float64)
        turn = float(rng.uniform(0, 2 * np.pi))
        length = float(rng.uniform(24, 72)) * size / 512
        bend = float(rng.uniform(-0.6, 0.6))
        steps = np.linspace(0, 1, 9)
        angles = turn + bend * steps
        path = start + length * steps[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        path = np.clip(path, 4, size - 5)
        made.append((name, [(float(x), float(y)) for x, y in path]))
    return made


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load_average": round(os.getloadavg()[0], 1),
        "machine": platform.machine(),
    }
