"""One edit of a sample through a running server, as a program and as the page would do it.

Over HTTP: session, photo, face, slider, labels, render, picture, file. Over the WebSocket: the same
labels taken back and painted again, with a picture after each stroke. Checks what comes back, and
measures it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskgan.errors import MaskganError, ServerError
from maskgan.images import Pixels
from maskgan.labels import Labels
from maskgan.web.client import Client
from maskgan.web.live_client import Live

Mask = NDArray[np.bool_]

STROKES = 8
"""Painted over the WebSocket."""
SLIDER = {"smile": 1.0}
ELSEWHERE = 0.5
"""Share of the crop that a smile must leave as it was."""


@dataclass
class Report:
    """What was done and how long it took."""

    server: str = ""
    """Version of the package that answered."""
    bundle: str = ""
    """Name and version of the model."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Step -> wall time, in the order of the steps."""
    strokes_ms: list[float] = field(default_factory=list)
    """From a stroke to its picture, over the WebSocket, in milliseconds."""
    failure: str | None = None
    """The sentence that says what went wrong."""

    @property
    def ok(self) -> bool:
        """Whether everything came back as it must."""
        return self.failure is None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"ok": self.ok, **asdict(self)}

    def lines(self) -> list[str]:
        """For people."""
        said = [f"maskgan {self.server}, model {self.bundle}"] if self.server else []
        said += [f"{1000 * seconds:8.0f} ms  {step}" for step, seconds in self.seconds.items()]
        if self.strokes_ms:
            median, worst = statistics.median(self.strokes_ms), max(self.strokes_ms)
            said.append(f"{median:8.0f} ms  from a stroke to its picture (longest {worst:.0f} ms)")
        if self.failure is not None:
            return [*said, f"The self-test failed: {self.failure}"]
        return [*said, "The self-test passed: the sample was edited over HTTP and the WebSocket."]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measures a step."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def check(url: str, token: str | None = None) -> Report:
    """Edits the first sample of the server at `url`; what goes wrong stands in the report."""
    report = Report()
    try:
        with Client(url, token) as client:
            _edit(client, report)
    except MaskganError as error:
        report.failure = str(error)
    return report


def _edit(client: Client, report: Report) -> None:
    with report.step("ask what the server is"):
        info = client.info()
    report.server = info["version"]
    report.bundle = "{name} {version}".format(**info["bundle"])
    with report.step("open the sample and find its face"):
        client.photo(sample=info["samples"][0]["name"], aligned=True)
        size = client.face(aligned=True).size
    original, before = client.crop("original"), client.labels()
    _expect(original.shape == (size, size, 3), f"the crop is {original.shape}, not {size} px")
    with report.step("move a slider"):
        wanted = client.tool("attributes", strengths=SLIDER)
    moved = wanted != before
    _expect(bool(moved.any()), "the slider moved no label")
    with report.step("set the labels"):
        count = client.set_labels(wanted)
    _expect(count == int(moved.sum()), f"{count} pixels were set, not {int(moved.sum())}")
    with report.step("render over HTTP"):
        client.render()
    with report.step("fetch the picture"):
        edited = client.crop("edited")
    _expect_edit(original, edited, moved)
    with report.step("write the photo"):
        exported = client.export("photo", "png")
    _expect(exported.data[:4] == b"\x89PNG", f"{exported.name} is no PNG")
    with report.step("open the WebSocket"):
        live = client.live()
    with live:
        _paint(live, before, wanted, moved, report)
    _expect(bool(np.array_equal(client.labels(), wanted)), "the labels painted did not arrive")


def _paint(live: Live, before: Labels, wanted: Labels, moved: Mask, report: Report) -> None:
    """Takes the edit back and paints it again, rows by rows; then all of it at full quality."""
    original = live.picture.copy()
    rows, columns = (np.flatnonzero(moved.any(axis=axis)) for axis in (1, 0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    live.result(live.paint(left, top, before[top:bottom, left:right], "preview"))
    edges = np.linspace(top, bottom, STROKES + 1).round().astype(int)
    for upper, lower in pairwise(edges):
        if upper < lower:
            start = time.perf_counter()
            stroke = wanted[upper:lower, left:right]
            live.result(live.paint(left, int(upper), stroke, "preview"))
            report.strokes_ms.append(1000 * (time.perf_counter() - start))
    with report.step("render over the WebSocket"):
        found = live.result(live.render("full"))
    _expect(found.quality == "full", f"the last picture is a {found.quality}")
    _expect_edit(original, live.picture, moved)


def _expect_edit(original: Pixels, edited: Pixels, moved: Mask) -> None:
    """Something changed where labels moved, and most of the crop is as it was."""
    _expect(edited.shape == original.shape, f"the picture is {edited.shape}")
    changed = (edited != original).any(axis=2)
    _expect(bool(changed[moved].any()), "the picture did not change where the labels did")
    share = float(changed.mean())
    _expect(share < ELSEWHERE, f"{share:.0%} of the picture changed for a smile")


def _expect(held: bool, otherwise: str) -> None:
    if not held:
        raise ServerError(f"{otherwise[0].upper()}{otherwise[1:]}.")
