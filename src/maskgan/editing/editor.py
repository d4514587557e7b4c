"""The editor: open a photo once, render an edit often.

Photos are uint8 (H, W, 3) and labels uint8 (S, S) in the crop's own size outside; the sizes and
ranges of the networks stay in here. A pixel outside the dilated edit comes back bit for bit. Knows
ONNX graphs through `maskgan.bundle` only, and no PyTorch.
"""

from __future__ import annotations

import os
import time

import numpy as np

from maskgan import images
from maskgan.bundle import Bundle
from maskgan.editing import regions
from maskgan.editing.face import Face, Result, Style, StyleChoice, read_crop
from maskgan.editing.regions import Region
from maskgan.images import Floats, Pixels, Source
from maskgan.labels import IDS, Labels

__all__ = ["Editor", "Face", "Result", "Style"]


class Editor:
    """Edits faces with the networks of one bundle.

    editor = Editor.open()                               # the bundle in the package
    face = editor.photo("me.png")                        # slow part, once
    result = editor.render(face, new_labels)             # fast part, every stroke
    result = editor.render(face, face.labels, style={"hair": other_face})
    result.save("me-edited.png")
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @classmethod
    def open(
        cls, bundle: str | os.PathLike[str] | None = None, threads: int | None = None
    ) -> Editor:
        """Opens a bundle folder (None = the one in the package); `threads` is the number one
        network may use, None = one per core. Raises `BundleError`."""
        return cls(Bundle.open(bundle, threads))

    def photo(self, source: Source, aligned: bool = False, labels: Source | None = None) -> Face:
        """Opens a photo: finds its face, parses it and encodes its style.

        source: path, bytes, PIL image or uint8 (H, W, 3) array. It must be a square aligned crop.
        aligned: it is one for certain.
        labels: the photo's label map, if known better than the parser would see it; a path, bytes,
        PIL image or array (S, S) of the crop's size.
        Raises `PhotoError`, `LabelsError`, `BundleError`.
        """
        crop = read_crop(source, aligned).copy()
        known = self.parse(crop) if labels is None else images.read_labels(labels, _size(crop))
        style = self.encode(crop, known)
        # Painting on the face's own arrays would make the edit invisible to `render`.
        for array in (crop, known):
            array.flags.writeable = False
        return Face(crop, crop, known, style, np.eye(3))

    def parse(self, crop: Pixels) -> Labels:
        """The labels of an aligned crop: uint8 (S, S, 3) -> uint8 (S, S), values 0..18."""
        side = self.bundle.manifest.parser_size
        outputs = self.bundle.run(
            "parser",
            image=images.to_float(images.resize(crop, (side, side))),
            size=np.asarray(_size(crop), np.int64),
        )
        labels: Labels = outputs["labels"][0]
        return labels

    def encode(self, crop: Pixels, labels: Labels) -> Style:
        """The style of an aligned crop uint8 (S, S, 3) with labels uint8 (S, S)."""
        side = self.bundle.manifest.encoder_size
        outputs = self.bundle.run(
            "encoder",
            image=images.to_float(images.resize(crop, (side, side))),
            labels=images.resize_labels(labels, (side, side)).astype(np.int64)[None],
        )
        return Style(outputs["codes"][0], outputs["present"][0])

    def render(self, face: Face, labels: Labels, style: StyleChoice = None) -> Result:
        """The face with new labels, a new style, or both.

        labels: integers (S, S) of the crop's size, values 0..18 in order A.
        style: None = the face's own, and only what the labels change is rendered; a `Style` or
        `Face` = all of its codes (regions it lacks keep their own), and the whole crop is rendered;
        a dict of region name -> `Style` or `Face` = those regions get its codes and are rendered.
        Raises `LabelsError`, `PhotoError` for a region the style lacks, `BundleError`.
        """
        start = time.perf_counter()
        wanted = images.read_labels(labels, _size(face.crop), order="A")
        mixed, changed = self._plan(face, wanted, style)
        crop = self._composite(face, wanted, mixed, changed)
        return Result(crop, crop, wanted, changed, time.perf_counter() - start)

    def _plan(self, face: Face, labels: Labels, style: StyleChoice) -> tuple[Style, Region]:
        """The style to render with and the region to render, bool (S, S)."""
        if isinstance(style, (Style, Face)):
            return _style_of(style).filled(face.style), np.ones(labels.shape, np.bool_)
        edited, mixed = face.labels != labels, face.style
        for region, other in (style or {}).items():
            mixed = mixed.replaced(region, _style_of(other))
            edited |= labels == IDS[region]
        return mixed, regions.dilate(edited, self._pixels(self.bundle.manifest.edit.dilate, labels))

    def _composite(self, face: Face, labels: Labels, style: Style, changed: Region) -> Pixels:
        """Renders the region `changed` and fades it into a copy of the crop from within."""
        result = face.crop.copy()
        box = regions.bounding_box(changed)
        if box is None:
            return result
        render = self._generate(face.crop, labels, style, changed)[box].astype(np.float32)
        radius = self._pixels(self.bundle.manifest.edit.feather, labels)
        alpha = regions.feather(changed, radius)[box][:, :, None]
        blend = np.rint(alpha * render + (1 - alpha) * result[box].astype(np.float32))
        np.copyto(result[box], blend.astype(np.uint8), where=alpha > 0)
        return result

    def _generate(self, crop: Pixels, labels: Labels, style: Style, changed: Region) -> Pixels:
        """Runs the generator in its own size: uint8 (S, S, 3), new inside `changed`."""
        side = self.bundle.manifest.generator_size
        photo = images.to_float(images.resize(crop, (side, side)))  # (1, 3, G, G)
        erase = _shrink(changed, side)[None, None]  # (1, 1, G, G)
        outputs = self.bundle.run(
            "generator",
            photo=photo,
            erase=erase.astype(np.float32),
            labels=images.resize_labels(labels, (side, side)).astype(np.int64)[None],
            codes=style.codes[None],
            present=style.present[None],
        )
        # The photo around the region keeps ringing out when the render is scaled back.
        render: Floats = np.where(erase, outputs["render"], photo)
        return images.resize(images.to_uint8(render)[0], _size(crop))

    def _pixels(self, length: float, labels: Labels) -> float:
        """A length in pixels at the generator's size -> the same in pixels of this crop."""
        scale: float = labels.shape[0] / self.bundle.manifest.generator_size
        return length * scale


def _size(crop: Pixels) -> tuple[int, int]:
    return crop.shape[0], crop.shape[1]


def _style_of(source: Style | Face) -> Style:
    return source.style if isinstance(source, Face) else source


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
