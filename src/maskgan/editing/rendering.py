"""What the editor asks of a bundle's generator: one renderer per kind of bundle.

A renderer is given a crop, the wanted labels, a style and the region to render anew, and returns
the crop with that region rendered; to fade it in is the editor's. A generator that knows no labels
is asked for attributes instead (`AttributeTransfer`). Sizes and ranges of the networks stay in
here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.alignment.filters import edged
from maskgan.bundle import Bundle
from maskgan.editing import regions, window
from maskgan.editing.face import Style
from maskgan.editing.recent import Recent
from maskgan.editing.regions import Box, Region
from maskgan.editing.sketch import Given, Sketch
from maskgan.editing.window import Care, Window
from maskgan.errors import ConfigError
from maskgan.images import Floats, Pixels
from maskgan.labels import Labels

NOISE = np.float32(0.5)
"""Standard deviation of the noise that stands for the erased part, as in training."""

KEPT = 24
"""Windows that a renderer remembers."""

TAPS = tuple(np.float32(weight / 64) for weight in (44, 15, -6, 1))
"""Of `_without_grid`, from the middle outwards."""


class Renderer(Protocol):
    """Runs the generator of one kind of bundle."""

    def render(
        self,
        crop: Pixels,
        labels: Labels,
        style: Style,
        changed: Region,
        finest: int,
        care: Care = window.FULL,
    ) -> tuple[Pixels, int]:
        """A crop uint8 (S, S, 3) with labels uint8 (S, S) -> uint8 (S, S, 3), new inside `changed`,
        bool (S, S) with a True pixel, and the side in pixels at which the crop was rendered: the
        finer the smaller the region is, at most `finest`, where the generator has a choice. `care`
        says how much around the region it sees."""


def renderer_of(bundle: Bundle) -> Renderer:
    """The renderer for a bundle's kind. Raises `ConfigError` where its generator knows no
    labels."""
    manifest = bundle.manifest
    if manifest.kind == "attributes":
        raise ConfigError(
            f"{bundle.folder} changes attributes ({', '.join(manifest.attributes)}) and takes no "
            "labels; use Editor.transfer or `maskgan attribute`, or another bundle."
        )
    return WholeRenderer(bundle) if manifest.kind == "whole" else RegionalRenderer(bundle)


class RegionalRenderer:
    """Erases the region and has it painted in windows around it, each class with its code."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._recent: Recent[Pixels] = Recent(KEPT)
        self._sketches: dict[int, Sketch] = {}

    def render(
        self,
        crop: Pixels,
        labels: Labels,
        style: Style,
        changed: Region,
        finest: int,
        care: Care = window.FULL,
    ) -> tuple[Pixels, int]:
        size = min(self._bundle.manifest.generator_size, finest)
        result, sides = crop.copy(), Counter[int]()
        for view, region in window.plan(changed, size, finest, care):
            box, patch = self._patch(crop, labels, style, changed, view, care.sketched)
            np.copyto(result[box], patch, where=region[box][:, :, None])
            sides[view.side] += int(np.count_nonzero(region))
        return result, max(sides, key=sides.__getitem__)

    def _patch(
        self,
        crop: Pixels,
        labels: Labels,
        style: Style,
        changed: Region,
        view: Window,
        sketched: bool,
    ) -> tuple[Box, Pixels]:
        """What a window shows when all that changed in it is new: rows and columns of the crop, and
        their pixels uint8 (h, w, 3)."""
        scale = crop.shape[0] / view.side
        extent = regions.extent(view.box)
        part = _edges(view.box, scale)
        given = Given(
            images.resize(crop, extent, part),
            _shrink(changed, view.side, view.box),
            images.resize_labels(labels, extent, part),
        )
        make = self._sketch if sketched else self._anew
        drawn = make(view, given, style)
        # All pixels of the crop that lie in the window whole.
        rows, columns = (
            slice(math.ceil(each.start * scale), math.floor(each.stop * scale)) for each in view.box
        )
        box = rows, columns
        inside = _edges(box, 1 / scale, (view.box[0].start, view.box[1].start))
        return box, images.resize(drawn, regions.extent(box), inside)

    def _anew(self, view: Window, given: Given, style: Style) -> Pixels:
        """A window uint8 (h, w, 3), drawn whole unless it was just so."""
        photo = np.where(given.erase[:, :, None], np.uint8(0), given.photo)
        return self._recent.get(
            (view.side, view.box[0].start, view.box[1].start),
            (photo, given.erase, given.wanted, style.codes, style.present),
            lambda: self._draw(view, given, style),
        )

    def _sketch(self, view: Window, given: Given, style: Style) -> Pixels:
        """A window uint8 (h, w, 3), drawn where it has changed."""
        if view.side not in self._sketches:
            self._sketches[view.side] = Sketch(view.side)
        size, draw = self._bundle.manifest.generator_size, partial(self._draw, style=style)
        return self._sketches[view.side].draw(view, given, style, size, draw)

    def _draw(self, view: Window, given: Given, style: Style) -> Pixels:
        """The window uint8 (h, w, 3) as the generator draws it."""
        photo, new = images.to_float(given.photo), given.erase[None, None]
        outputs = self._bundle.run(
            "generator",
            photo=np.where(new, _grain(view.side)[:, :, *view.box], photo),
            erase=new.astype(np.float32),
            labels=given.wanted.astype(np.int64)[None],
            codes=style.codes[None],
            present=style.present[None],
        )
        # The photo around the region keeps ringing out when the render is scaled back.
        render: Floats = np.where(new, outputs["render"], photo)  # (1, 3, h, w)
        if self._bundle.manifest.edit.smooth:
            render = np.where(new, _without_grid(render), photo)
        drawn: Pixels = images.to_uint8(render)[0]
        return drawn


class WholeRenderer:
    """Has the whole face drawn, once per code that the region needs, and takes each class from the
    drawing with its own code. Details finer than the generator's size it cannot draw."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def render(
        self,
        crop: Pixels,
        labels: Labels,
        style: Style,
        changed: Region,
        finest: int,
        care: Care = window.FULL,
    ) -> tuple[Pixels, int]:
        side = self._bundle.manifest.generator_size
        wanted = images.resize_labels(labels, (side, side))
        inside = _shrink(changed, side, (slice(0, side), slice(0, side)))
        picture = images.to_float(images.resize(crop, (side, side)))  # (1, 3, side, side)
        for code, ids in _by_code(style, np.unique(wanted[inside])):
            outputs = self._bundle.run(
                "generator", labels=wanted.astype(np.int64)[None], code=code[None]
            )
            picture = np.where(inside & np.isin(wanted, ids), outputs["render"], picture)
        return images.resize(images.to_uint8(picture)[0], crop.shape[:2]), side


class AttributeTransfer:
    """Has the whole photo changed into attributes."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def check(self, wanted: Mapping[str, float]) -> None:
        """Raises `ConfigError` unless exactly the bundle's attributes are named, each with a number
        from 0 to 1."""
        manifest = self._bundle.manifest
        names = manifest.attributes
        if not names:
            raise ConfigError(
                f"{self._bundle.folder} edits by labels and changes no attributes of its own; "
                "render new labels, for which maskgan.editing.attributes has sliders."
            )
        if set(wanted) != set(names):
            raise ConfigError(
                f"The attributes are {', '.join(wanted) or 'none'}; {self._bundle.folder} needs "
                f"a value for each of {', '.join(names)}."
            )
        for name, value in wanted.items():
            if not 0 <= value <= 1:  # written so that NaN is refused too
                raise ConfigError(f"{name} is {value}; expected a number from 0 to 1.")

    def run(self, crop: Pixels, wanted: Mapping[str, float]) -> tuple[Pixels, int]:
        """A crop uint8 (S, S, 3) -> the changed one, and the side at which it was rendered."""
        manifest = self._bundle.manifest
        side = manifest.generator_size
        values = np.asarray([[wanted[name] for name in manifest.attributes]], np.float32)
        outputs = self._bundle.run(
            "generator", photo=images.to_float(images.resize(crop, (side, side))), attributes=values
        )
        return images.resize(images.to_uint8(outputs["render"])[0], crop.shape[:2]), side


def _by_code(style: Style, ids: NDArray[np.uint8]) -> Iterator[tuple[Floats, list[int]]]:
    """Each code float32 (S,) that one of the classes has, and all of `ids` that have it."""
    rest = ids.tolist()
    while rest:
        code = style.codes[rest[0]]
        same = [index for index in rest if np.array_equal(style.codes[index], code)]
        yield code, same
        rest = [index for index in rest if index not in same]


@lru_cache(maxsize=8)
def _grain(side: int) -> Floats:
    """Noise float32 (1, 3, side, side) for the new part to grow from, the same for every edit: same
    input, same output."""
    noise = NOISE * np.random.default_rng(0).standard_normal((1, 3, side, side), np.float32)
    noise.flags.writeable = False
    return noise


def _without_grid(render: Floats) -> Floats:
    """A render float32 (1, 3, h, w) without the pattern of one pixel dark and one bright that
    networks with strides leave: along both axes a filter that is zero for it and, of all with seven
    taps, the flattest for what is coarser."""
    for axis in (2, 3):
        padded, size = edged(render, 3, axis), render.shape[axis]
        render = TAPS[0] * render
        for step, weight in enumerate(TAPS[1:], 1):
            for start in (3 - step, 3 + step):
                part = [slice(None)] * 4
                part[axis] = slice(start, start + size)
                render += weight * padded[tuple(part)]
    return render


def _edges(box: Box, scale: float, corner: tuple[int, int] = (0, 0)) -> images.Part:
    """Left, top, right and bottom of a box in a picture that is scaled, and begins at a corner
    (row, column) of that."""
    (rows, columns), (top, left) = box, corner
    return (
        columns.start * scale - left,
        rows.start * scale - top,
        columns.stop * scale - left,
        rows.stop * scale - top,
    )


def _shrink(mask: Region, side: int, box: Box) -> Region:
    """bool (S, S) -> a box of bool (side, side): True where the pixel touches any True pixel, so
    that nothing of the region is lost in either direction of scaling."""
    size = mask.shape[0]
    if size == side:
        return mask[box]
    for axis, part in enumerate(box):
        first = np.arange(part.start, part.stop) * size
        starts, ends = first // side, -(-(first + size) // side)
        sums = np.cumsum(mask, axis=axis, dtype=np.int32)
        sums = np.concatenate([np.zeros_like(sums.take([0], axis)), sums], axis)
        mask = sums.take(ends, axis) > sums.take(starts, axis)
    return mask
