"""What a stroke has drawn so far: of the next preview only what lies near its new part is drawn.

The generator is local, so a pixel whose neighbourhood is as it was when it was drawn may stay. An
edit that has grown over half a face then costs under the brush what the brush covers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from maskgan.editing import regions, window
from maskgan.editing.face import Style
from maskgan.editing.regions import Box, Region
from maskgan.editing.window import Window
from maskgan.images import Pixels
from maskgan.labels import Labels

MOST: Final = 0.75
"""Share of a window from which all of it is drawn."""
REACH: Final = 8 / 256
"""How far what has changed is seen in a drawing, as a share of the generator's size: beyond, a
pixel is a grey level away on average, as docs/experiments.md says."""


@dataclass(frozen=True, eq=False)
class Given:
    """What the generator is given for a window of h x w pixels."""

    photo: Pixels
    """uint8 (h, w, 3)."""
    erase: Region
    """bool (h, w), True where it shall draw."""
    wanted: Labels
    """uint8 (h, w)."""

    def part(self, box: Box) -> Given:
        """Of a part of the window."""
        return Given(self.photo[box], self.erase[box], self.wanted[box])


Draw = Callable[[Window, Given], Pixels]
"""Draws a window uint8 (h, w, 3)."""


class Sketch:
    """The newest drawing of each pixel of a crop that was scaled to `side` pixels a side, and what
    it was drawn from. May be used by several threads."""

    def __init__(self, side: int) -> None:
        self._photo = np.zeros((side, side, 3), np.uint8)
        self._erase = np.zeros((side, side), np.bool_)
        self._wanted = np.zeros((side, side), np.uint8)
        self._drawn = np.zeros((side, side, 3), np.uint8)
        self._known = np.zeros((side, side), np.bool_)
        self._codes = b""
        self._lock = threading.Lock()

    def draw(self, view: Window, given: Given, style: Style, size: int, draw: Draw) -> Pixels:
        """A window uint8 (h, w, 3), of which `draw` draws what is not known; `size` is the
        generator's."""
        with self._lock:
            codes = style.contents
            if codes != self._codes:
                self._codes, self._known[:] = codes, False
            near = regions.dilate(self._stale(view.box, given), REACH * size) & given.erase
            piece = regions.bounding_box(near)
            if piece is not None:
                self._add(view, given, near, window.within(view, piece, size), draw)
            drawn = self._drawn[view.box].copy()
        np.copyto(drawn, given.photo, where=~given.erase[:, :, None])
        return drawn

    def _stale(self, box: Box, given: Given) -> Region:
        """What has changed in a window since it was drawn, or never was, bool (h, w)."""
        stale: Region = (self._photo[box] != given.photo).any(axis=2) & ~given.erase
        stale |= self._wanted[box] != given.wanted
        stale |= self._erase[box] != given.erase
        stale |= given.erase & ~self._known[box]
        return stale

    def _add(self, view: Window, given: Given, near: Region, part: Window, draw: Draw) -> None:
        """Draws a part of a window, or the whole where that is hardly more, and keeps what is
        near a change."""
        if part.area > MOST * view.area:
            part, near = view, given.erase
        own = regions.within(part.box, view.box)
        drawn = draw(part, given.part(own))
        for kept, new in (
            (self._photo, given.photo),
            (self._erase, given.erase),
            (self._wanted, given.wanted),
        ):
            kept[view.box] = new
        np.copyto(self._drawn[part.box], drawn, where=near[own][:, :, None])
        self._known[view.box] &= given.erase
        self._known[view.box] |= near
