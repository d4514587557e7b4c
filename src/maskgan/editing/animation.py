"""The way from a face to its edit as a moving picture.

`frames` renders the labels between the face's own and the wanted ones (`maskgan.editing.tween`),
slow at both ends; the first frame is the original to the bit and the last the whole edit. `encode`
(`maskgan.editing.film`) makes a GIF, WebP or MP4 of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from maskgan import __version__, images
from maskgan.editing.dye import KEEPS
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face, Style, StyleChoice, style_of
from maskgan.editing.film import FORMATS as FORMATS
from maskgan.editing.film import Format as Format
from maskgan.editing.film import encode as encode
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.editing.result import Result
from maskgan.editing.tween import Tween
from maskgan.errors import ConfigError
from maskgan.images import Pixels
from maskgan.labels import IDS, LABELS, Labels
from maskgan.provenance import Provenance

MIN_COUNT, MAX_COUNT = 2, 240
"""Fewest and most frames of one way."""
SAMPLES = 12
"""Most places of the way at which it is looked up what will change."""
WORN = tuple(IDS[name] for name in ("eye_g", "hat", "ear_r", "neck_l"))
"""What can be put on and taken off."""
FADE = 0.6
"""Share of the time after which nothing of the photo's own grain is left in what is rendered."""


def frames(
    editor: Editor,
    face: Face,
    labels: Labels,
    style: StyleChoice = None,
    count: int = 24,
    picture: Callable[[Result], Pixels] | None = None,
) -> Iterator[Pixels]:
    """The crops uint8 (S, S, 3) from a face to its edit, `count` of them, rendered one at a time.

    labels, style: as for `Editor.render`. picture: what to take of a result in place of its crop,
    for instance the whole photo. Raises `ConfigError` for an impossible count, and what
    `Editor.render` raises, before the first frame.
    """
    if not MIN_COUNT <= count <= MAX_COUNT:
        raise ConfigError(f"{count} frames were asked for; expected {MIN_COUNT} to {MAX_COUNT}.")
    last = editor.render(face, labels, style)
    places = [ease(time) for time in np.linspace(0, 1, min(count, SAMPLES + 1))[1:].tolist()]
    way = _Way(editor, face, style, last, places)
    take = picture or _crop
    return (take(way.at(number / (count - 1))) for number in range(count))


class _Way:
    """Renders one face at any time of its way.

    Every frame renders the same region, all that any of them changes: otherwise parts of it would
    switch from photo to render one after the other. The skin around it moves in step. What the
    render lacks of the photo at the beginning, and of the whole edit at the end, is added and
    fades. What is put on or taken off is so from the first frame on, and fades like it: it neither
    grows nor shrinks.
    """

    def __init__(
        self,
        editor: Editor,
        face: Face,
        style: StyleChoice,
        last: Result,
        places: Iterable[float],
    ) -> None:
        """`places` are the shares of the way at which it is looked up what changes."""
        self._editor, self._face, self._style = editor, face, style
        self._first, self._last = editor.render(face, face.labels), last
        worn = _exchanged(face.labels, last.labels)
        self._tween = Tween(np.where(worn, last.labels, face.labels), last.labels)
        self._around = editor.surroundings(face, last.labels, style)
        self._region = np.zeros(face.labels.shape, np.bool_)
        for share in places:
            labels = self._tween.at(share)
            bent = editor.bend(face, labels)
            self._region |= labels != (face.labels if bent is None else bent.labels)
        self._region &= ~worn
        # What is dyed changes by and by, and is not drawn.
        dyed = KEEPS if editor.bundle.manifest.edit.carry else frozenset()
        names = style if isinstance(style, Mapping) else ()
        self._styled = [IDS[name] for name in names if IDS[name] not in dyed]
        for labels in (face.labels, last.labels):
            self._region |= member(labels, self._styled)
        self._missing = [
            end.crop.astype(np.float32) - self._render(share).crop
            for end, share in ((self._first, 0.0), (last, 1.0))
        ]

    def at(self, time: float) -> Result:
        """The result at a time 0..1."""
        if time <= 0 or time >= 1:
            return self._first if time <= 0 else self._last
        result = self._render(ease(time))
        kept = 1 - ease(time / FADE)
        rest = ease((time - 1 + FADE) / FADE)
        crop = result.crop + kept * self._missing[0] + rest * self._missing[1]
        whole = np.clip(np.rint(crop), 0, 255).astype(np.uint8)
        return replace(result, crop=np.where(result.changed[:, :, None], whole, result.crop))

    def _render(self, share: float) -> Result:
        labels = self._tween.at(share)
        return self._editor.render(
            self._face,
            labels,
            _share_of(self._face.style, self._style, share),
            surroundings=self._around is not None and self._around.times(share),
            region=self._region | member(labels, self._styled),
        )


def _exchanged(first: Labels, last: Labels) -> Region:
    """Where something is worn of which only one of two label maps uint8 (S, S) has any, bool
    (S, S)."""
    exchanged = np.zeros(first.shape, np.bool_)
    for index in WORN:
        before, after = first == index, last == index
        if before.any() != after.any():
            exchanged |= before | after
    return exchanged


def _share_of(own: Style, style: StyleChoice, share: float) -> StyleChoice:
    """A choice of styles at a share 0..1 of the way."""
    if style is None:
        return None
    if isinstance(style, Mapping):
        mixed = {name: own.mixed(name, style_of(other), share) for name, other in style.items()}
        return {name: one for name, one in mixed.items() if one.present[IDS[name]]}
    other = style_of(style)
    for name in LABELS:
        if other.present[IDS[name]]:
            own = own.mixed(name, other, share)
    return own


def _crop(result: Result) -> Pixels:
    return result.crop


def shrunk(pixels: Pixels, side: int | None) -> Pixels:
    """A picture uint8 (H, W, 3) with at most `side` pixels on its longest side; None = as it is."""
    height, width = pixels.shape[:2]
    if side is None or max(height, width) <= side:
        return pixels
    scale = side / max(height, width)
    return images.resize(pixels, (max(round(height * scale), 1), max(round(width * scale), 1)))


def mark_of(last: Result) -> Provenance | None:
    """The mark of the way to an edit; None where nothing changes."""
    if not last.changed.any():
        return None
    return Provenance("maskgan", __version__, f"animated; {last.summary}")


def ease(share: float) -> float:
    """Time 0..1 -> share of the way 0..1, slow at both ends."""
    return (1 - math.cos(math.pi * min(max(share, 0.0), 1.0))) / 2
