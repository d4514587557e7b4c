"""What the editor asks of a bundle's generator: one renderer per kind of bundle.

A renderer is given a crop, the wanted labels, a style and the region to render anew, and returns
the crop with that region rendered; to fade it in is the editor's. A generator that knows no labels
is asked for attributes instead (`AttributeTransfer`). Sizes and ranges of the networks stay in
here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.bundle import Bundle
from maskgan.editing import window
from maskgan.editing.face import Style
from maskgan.editing.regions import Region
from maskgan.errors import ConfigError
from maskgan.images import Floats, Pixels
from maskgan.labels import Labels

NOISE = np.float32(0.5)
"""Standard deviation of the noise that stands for the erased part, as in training."""

TAPS = tuple(np.float32(weight / 64) for weight in (44, 15, -6, 1))
"""Of `_without_grid`, from the middle outwards."""


class Renderer(Protocol):
    """Runs the generator of one kind of bundle."""

    def render(
        self, crop: Pixels, labels: Labels, style: Style, changed: Region, finest: int
    ) -> tuple[Pixels, int]:
        """A crop uint8 (S, S, 3) with labels uint8 (S, S) -> uint8 (S, S, 3), new inside `changed`,
        bool (S, S) with a True pixel, and the side in pixels at which the crop was rendered: the
        finer the smaller the region is, at most `finest`, where the generator has a choice."""


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
    """Erases the region and has it painted in a window around it, each class with its code."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def render(
        self, crop: Pixels, labels: Labels, style: Style, changed: Region, finest: int
    ) -> tuple[Pixels, int]:
        manifest = self._bundle.manifest
        view = window.around(changed, min(manifest.generator_size, finest), finest)
        side, box = view.side, view.box
        scaled = images.resize(crop, (side, side))
        photo = images.to_float(scaled[box])  # (1, 3, h, w)
        erase = _shrink(changed, side)[box][None, None]  # (1, 1, h, w)
        outputs = self._bundle.run(
            "generator",
            photo=np.where(erase, _grain(side)[:, :, *box], photo),
            erase=erase.astype(np.float32),
            labels=images.resize_labels(labels, (side, side))[box].astype(np.int64)[None],
            codes=style.codes[None],
            present=style.present[None],
        )
        # The photo around the region keeps ringing out when the render is scaled back.
        render: Floats = np.where(erase, outputs["render"], photo)
        if manifest.edit.smooth:
            render = np.where(erase, _without_grid(render), photo)
        scaled = scaled.copy()
        scaled[box] = images.to_uint8(render)[0]
        return images.resize(scaled, crop.shape[:2]), side


class WholeRenderer:
    """Has the whole face drawn, once per code that the region needs, and takes each class from the
    drawing with its own code. Details finer than the generator's size it cannot draw."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def render(
        self, crop: Pixels, labels: Labels, style: Style, changed: Region, finest: int
    ) -> tuple[Pixels, int]:
        side = self._bundle.manifest.generator_size
        wanted = images.resize_labels(labels, (side, side))
        inside = _shrink(changed, side)
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
        width = [(0, 0)] * 4
        width[axis] = (3, 3)
        padded, size = np.pad(render, width, mode="edge"), render.shape[axis]
        render = TAPS[0] * render
        for step, weight in enumerate(TAPS[1:], 1):
            for start in (3 - step, 3 + step):
                part = [slice(None)] * 4
                part[axis] = slice(start, start + size)
                render += weight * padded[tuple(part)]
    return render


def _shrink(mask: Region, side: int) -> Region:
    """bool (S, S) -> bool (side, side): True where the pixel touches any True pixel, so that
    nothing of the region is lost in either direction of scaling."""
    first = np.arange(side) * mask.shape[0]
    starts, ends = first // side, -(-(first + mask.shape[0]) // side)
    for axis in (0, 1):
        sums = np.cumsum(mask, axis=axis, dtype=np.int32)
        sums = np.concatenate([np.zeros_like(sums.take([0], axis)), sums], axis)
        mask = sums.take(ends, axis) > sums.take(starts, axis)
    return mask
