"""The page as a person uses it: by mouse, keys and names, in pixels of the crop."""

from __future__ import annotations

import io
import re
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, WebSocket, expect
from watch import Watch

from maskgan.images import Pixels
from maskgan.labels import Labels

Point = tuple[float, float]

SETTLED = "() => window.maskgan?.open && !window.maskgan.busy"
KEPT = "() => window.maskgan.kept"
PATIENCE = 15_000
"""Milliseconds after which a page that does not settle is given up."""
expect.set_options(timeout=PATIENCE)

DOWNLOAD = 60_000
"""Milliseconds that a file may take: a film is rendered first, on one core or two."""


class EditorPage:
    """One tab with the editor."""

    def __init__(self, page: Page, address: str, watch: Watch) -> None:
        self.page = page
        self.address = address
        self.watch = watch
        self.session = ""
        """Of the server, as the page's newest WebSocket names it."""
        page.set_default_timeout(PATIENCE)
        page.on("websocket", self._connected)
        # While nobody listens, the browser shows its own dialog, and a key that follows the first
        # listener at once may still meet that.
        page.on("filechooser", lambda _: None)

    def open(self) -> None:
        """Loads the page and waits for the face."""
        self.page.goto(f"{self.address}/")
        self.settled()

    def reload(self) -> None:
        """Waits until all is kept, then loads the page again."""
        self.kept()
        self.page.reload()
        self.settled()

    def settled(self) -> None:
        """Waits until a face is open and everything that was asked for is drawn."""
        self.page.wait_for_function(SETTLED)

    def kept(self) -> None:
        """Waits until the browser keeps the last state."""
        self.settled()
        self.page.wait_for_function(KEPT)

    def part(self, testid: str) -> Locator:
        """What the page calls so."""
        return self.page.get_by_test_id(testid)

    def point_at_face(self, spots: Iterable[tuple[float, float]]) -> None:
        """Clicks the photo of the points dialog, at shares of its width and height, once it is
        there: before, it has no size."""
        photo = self.part("points-photo").locator("img")
        expect(photo).not_to_have_js_property("naturalWidth", 0)
        box = photo.bounding_box()
        assert box
        for x, y in spots:
            photo.click(position={"x": x * box["width"], "y": y * box["height"]}, force=True)

    def press(self, *testids: str) -> None:
        """Presses one after the other, then waits for what follows."""
        for testid in testids:
            self.part(testid).click()
        self.settled()

    def choose(self, name: str) -> None:
        """Chooses the class that is painted."""
        self.part(f"class-{name}").click()
        expect(self.part(f"class-{name}")).to_have_attribute("aria-checked", "true")

    def slide(self, testid: str, value: float) -> None:
        """Moves a slider and lets go."""
        self.part(testid).fill(str(value))
        self.part(testid).dispatch_event("change")
        self.settled()

    def bring(self, testid: str, path: Path) -> None:
        """Presses what asks for a file and gives it one; does not wait for what follows."""
        with self.page.expect_file_chooser() as chooser:
            self.part(testid).click()
        chooser.value.set_files(path)

    def save(self, testid: str, path: Path) -> Path:
        """Presses what saves a file and keeps it as `path`."""
        self.part("tab-export").click()
        with self.page.expect_download(timeout=DOWNLOAD) as download:
            self.part(testid).click()
        download.value.save_as(path)
        self.settled()
        return path

    def viewport(self) -> tuple[float, float, float]:
        """Window pixels per crop pixel, and where the crop's corner lies on the stage."""
        scale, left, top = self.page.evaluate("() => window.maskgan.viewport")
        return float(scale), float(left), float(top)

    def point(self, x: float, y: float) -> Point:
        """Where a pixel of the crop lies in the window."""
        box = self.part("stage").bounding_box()
        assert box
        scale, left, top = self.viewport()
        return box["x"] + left + (x + 0.5) * scale, box["y"] + top + (y + 0.5) * scale

    def stroke(self, points: Sequence[Point], button: str = "left") -> None:
        """Draws with the mouse through pixels of the crop; does not wait for the picture."""
        mouse = self.page.mouse
        mouse.move(*self.point(*points[0]))
        mouse.down(button="right" if button == "right" else "left")
        for point in points[1:]:
            mouse.move(*self.point(*point), steps=4)
        mouse.up(button="right" if button == "right" else "left")

    def paint(self, points: Sequence[Point]) -> None:
        """A stroke and its picture."""
        self.stroke(points)
        self.settled()

    def labels(self, which: str = "current") -> Labels:
        """uint8 (S, S), as the server has them."""
        data = self._get(f"labels?which={which}", "application/octet-stream")
        side = int(len(data) ** 0.5)
        return np.frombuffer(data, np.uint8).reshape(side, side)

    def crop(self, which: str = "edited") -> Pixels:
        """uint8 (S, S, 3), as the server has it."""
        return decoded(self._get(f"crop?which={which}", "image/png"))

    def picture(self) -> Pixels:
        """What the stage shows, uint8 (H, W, 3), without the pointer."""
        self.page.mouse.move(1, 1)
        self.settled()
        return decoded(self.part("stage").screenshot())

    def steps(self) -> list[str]:
        """Titles of the history, oldest first, the photo included."""
        return [
            title.strip() for title in self.page.locator(".history .step-title").all_text_contents()
        ]

    def _get(self, operation: str, accept: str) -> bytes:
        address = f"{self.address}/api/v1/sessions/{self.session}/{operation}"
        request = urllib.request.Request(address, headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def _connected(self, socket: WebSocket) -> None:
        found = re.search(r"/sessions/([^/]+)/live", socket.url)
        if found:
            self.session = found[1]


def decoded(data: bytes) -> Pixels:
    """The pixels of a picture file, uint8 (H, W, 3)."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def changed(before: Pixels, after: Pixels) -> NDArray[np.bool_]:
    """Where two pictures differ, (H, W)."""
    assert before.shape == after.shape
    return (before != after).any(axis=-1)


def extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is True; the last two are beside it."""
    rows, columns = np.nonzero(mask)
    assert rows.size, "nothing is there"
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def extent_of(labels: Labels, classes: Iterable[int]) -> tuple[int, int, int, int]:
    """The rectangle around classes."""
    return extent(np.isin(labels, list(classes)))
