"""The editor: open a photo once, render an edit often.

Photos are uint8 (H, W, 3) and labels uint8 (S, S) in the crop's own size outside; the sizes and
ranges of the networks stay in here. A pixel outside the dilated edit comes back bit for bit. Knows
ONNX graphs through `maskgan.bundle` only, and no PyTorch.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.alignment.finder import Candidate, FoundFace, find_faces
from maskgan.alignment.network import candidates
from maskgan.alignment.similarity import Similarity
from maskgan.bundle import Bundle
from maskgan.editing.bending import Bent
from maskgan.editing.beyond import Surrounded
from maskgan.editing.choice import Spot, choose
from maskgan.editing.face import Face, Style, StyleChoice, colours_of
from maskgan.editing.painter import Painter
from maskgan.editing.plausible import plausible, without_specks
from maskgan.editing.regions import Region
from maskgan.editing.rendering import AttributeTransfer
from maskgan.editing.result import Result
from maskgan.editing.surroundings import Surroundings
from maskgan.errors import ConfigError, PhotoError
from maskgan.images import Pixels, Source
from maskgan.labels import NUM_CLASSES, Labels
from maskgan.photo import Photo, read_photo

MIN_CROP = 64
"""Smallest side of a face crop in pixels."""

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
        self._detector: Bundle | None = None

    @cached_property
    def _painter(self) -> Painter:
        return Painter(self.bundle, self._surrounded)

    @classmethod
    def open(
        cls,
        bundle: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        runtime: str | None = None,
    ) -> Editor:
        """Opens a bundle folder (None = the one in the package); `threads` is the number one
        network may use; it and `runtime` as for `Bundle.open`. Raises `BundleError`, and
        `ConfigError` for a runtime that there is not and a number of threads that is none."""
        return cls(Bundle.open(bundle, threads, runtime))

    def photo(
        self,
        source: Source,
        aligned: bool = False,
        labels: Source | None = None,
        *,
        face: int | None = None,
        point: Spot | None = None,
        points: Sequence[Spot] | None = None,
    ) -> Face:
        """Opens a photo: finds a face, aligns and parses it, and encodes its style.

        source: path, bytes, PIL image or uint8 (H, W, 3) array.
        aligned: the photo is itself a square crop in the CelebA-HQ frame; nothing is searched for,
        and the crop has the photo's own size. Otherwise it has 512 pixels a side.
        labels: the crop's label map, if known better than the parser would see it; a path, bytes,
        PIL image or array (S, S).
        face: number of the face in reading order, from 1. point: (x, y) on the face. points: the
        person's right eye, left eye and mouth, for a face that is not found. Without any of these
        the largest face is taken.
        Raises `PhotoError`, `LabelsError`, `BundleError`, and `ConfigError` for more than one of
        aligned, face, point and points.
        """
        _check_choice(aligned, face, point, points)
        original = _read(source)
        if aligned:
            _check_aligned(original)
            return self._open(original, Similarity.identity(original.pixels.shape[0]), labels)
        if points is not None:
            if len(points) != 3:
                raise PhotoError(
                    f"{len(points)} points were given; expected 3: the person's right eye, left "
                    "eye and mouth."
                )
            right_eye, left_eye, mouth = points
            similarity = Similarity.from_points(right_eye, left_eye, mouth)
            return self._open(original, similarity, labels)
        faces = self.faces(original.pixels)
        chosen = choose(faces, original.name, face, point)
        opened = self._open(original, faces[chosen].similarity, labels)
        return replace(opened, number=chosen + 1, count=len(faces))

    def photos(self, source: Source) -> list[Face]:
        """Every face of a photo, in reading order. Raises `PhotoError`, also when none is found."""
        original = _read(source)
        faces = self.faces(original.pixels)
        choose(faces, original.name)
        return [
            replace(self._open(original, found.similarity), number=number, count=len(faces))
            for number, found in enumerate(faces, 1)
        ]

    def faces(self, source: Source) -> list[FoundFace]:
        """Where the faces of a photo are, in reading order; none is no error."""
        return find_faces(images.read(source), self._seen, self._candidates)

    def framed(
        self, source: Source | Photo, similarity: Similarity, labels: Source | None = None
    ) -> Face:
        """Opens a photo whose face is known to lie where `similarity` says, as one that was opened
        before: nothing is searched for. The rest is as for `photo`."""
        return self._open(_read(source), similarity, labels)

    def _candidates(self, pixels: Pixels) -> Sequence[Candidate]:
        # Bundles without a detector, as of the paper's networks, use the package's own.
        if self._detector is None:
            own = "detector" in self.bundle.manifest.graphs
            self._detector = (
                self.bundle if own else Bundle.open(None, self.bundle.threads, self.bundle.runtime)
            )
        return candidates(pixels, partial(self._detector.run, "detector"))

    def _open(self, original: Photo, similarity: Similarity, labels: Source | None = None) -> Face:
        """The face that a similarity cuts out of a photo."""
        pixels = original.pixels
        side = similarity.side
        aligned = np.array_equal(similarity.matrix, np.eye(3)) and pixels.shape[:2] == (side, side)
        crop = pixels if aligned else similarity.crop(pixels)
        known = self.parse(crop) if labels is None else images.read_labels(labels, _size(crop))
        style = self.encode(crop, known)
        # Painting on the face's own arrays would make the edit invisible to `render`.
        original = replace(original, pixels=_frozen(pixels))
        goes_on = similarity.goes_on(*pixels.shape[:2])
        return Face(
            original, _frozen(crop), _frozen(known), style, similarity.matrix, goes_on=goes_on
        )

    def _surrounded(self, face: Face) -> Surrounded:
        """The crop of a face with what its photo shows around it."""
        others = [found.similarity for found in self.faces(face.photo)]
        return Surrounded.of(face.photo, face.transform, face.labels, self.parse, others)

    def parse(self, crop: Pixels) -> Labels:
        """The labels of an aligned crop: uint8 (S, S, 3) -> uint8 (S, S), values 0..18, without
        what no face has (`plausible`)."""
        return plausible(self._seen(crop), crop)

    def _seen(self, crop: Pixels) -> Labels:
        """The labels that the parser sees, without specks. That is all that finding a face takes,
        which looks at eyes and mouth; it is done several times a photo."""
        side = self.bundle.manifest.parser_size
        outputs = self.bundle.run(
            "parser",
            image=images.to_float(images.resize(crop, (side, side))),
            size=np.asarray(_size(crop), np.int64),
        )
        return without_specks(outputs["labels"][0])

    def encode(self, crop: Pixels, labels: Labels) -> Style:
        """The style of an aligned crop uint8 (S, S, 3) with labels uint8 (S, S); an empty one where
        the bundle's generator takes none."""
        if "encoder" not in self.bundle.manifest.graphs:
            return Style(np.zeros((NUM_CLASSES, 0), np.float32), np.zeros(NUM_CLASSES, np.float32))
        side = self.bundle.manifest.encoder_size
        outputs = self.bundle.run(
            "encoder",
            image=images.to_float(images.resize(crop, (side, side))),
            labels=images.resize_labels(labels, (side, side)).astype(np.int64)[None],
        )
        return Style(outputs["codes"][0], outputs["present"][0], colours_of(crop, labels))

    def render(
        self,
        face: Face,
        labels: Labels,
        style: StyleChoice = None,
        *,
        detail: bool = True,
        surroundings: bool | Surroundings = True,
        bending: bool = True,
        region: Region | None = None,
    ) -> Result:
        """The face with new labels, a new style, or both.

        labels: integers (S, S) of the crop's size, values 0..18 in order A.
        style: None = the face's own, and only what the labels change is rendered; a `Style` or
        `Face` = all of its codes (regions it lacks keep their own), and the whole crop is rendered;
        a dict of region name -> `Style` or `Face` = those regions get its codes and are rendered.
        detail: render small edits at the crop's own size where the bundle can; False is faster.
        surroundings: let the skin around eyes, brows, nose and mouth follow what changes there, as
        cheeks follow a smile, where the bundle can; False leaves it alone and is faster, and what
        `Editor.surroundings` found is taken as it is.
        bending: bend the photo where outlines of hair or head move, where the bundle can; False
        draws them anew.
        region: bool (S, S), pixels that count as changed whatever their labels are.
        A bundle whose generator draws the whole face gives each region the drawing with its code.
        Raises `LabelsError`, `PhotoError` for a region the style lacks, `BundleError`, and
        `ConfigError` for a bundle that takes no labels.
        """
        return self._painter.render(face, labels, style, detail, surroundings, bending, region)

    def bend(self, face: Face, labels: Labels, detail: bool = True) -> Bent | None:
        """The photo bent towards new labels, as `render` does it first; None where no outline moves
        that can be followed, or the bundle's rules leave it out. Without `detail` a little softer
        and faster. Raises `LabelsError`."""
        return self._painter.bend(face, labels, detail)

    def surroundings(
        self, face: Face, labels: Labels, style: StyleChoice = None
    ) -> Surroundings | None:
        """What the skin around features does when the face gets new labels; None where nothing
        does, or where the whole crop is rendered anyway. Arguments and errors as for `render`."""
        return self._painter.surroundings(face, labels, style)

    def forget(self) -> None:
        """Drops what the last edits left behind to make the next ones faster: as with a new editor,
        each is made from scratch then."""
        self.__dict__.pop("_painter", None)

    def transfer(self, face: Face, attributes: Mapping[str, float]) -> Result:
        """The face with other attributes, by a bundle whose generator changes whole photos into
        named attributes and takes no labels: each of its attributes with a number from 0 (without)
        to 1 (with). The whole crop is rendered. Raises `ConfigError` and `BundleError`."""
        start = time.perf_counter()
        transfer = AttributeTransfer(self.bundle)
        transfer.check(attributes)
        crop, rendered = transfer.run(face.crop, attributes)
        everything = np.ones(face.labels.shape, np.bool_)
        seconds = time.perf_counter() - start
        return Result(face, crop, face.labels, everything, seconds, rendered=rendered)


def _read(source: Source | Photo) -> Photo:
    """The photo of a source. Of an array a copy: its owner may go on painting on it."""
    if isinstance(source, Photo):
        return source
    return read_photo(source.copy() if isinstance(source, np.ndarray) else source)


def _check_choice(aligned: bool, *places: object) -> None:
    if aligned + sum(place is not None for place in places) > 1:
        raise ConfigError(
            "Give one of --aligned, --face, --point and --points (aligned, face, point, points): "
            "each says in its own way where the face is."
        )


def _check_aligned(photo: Photo) -> None:
    height, width = photo.pixels.shape[:2]
    if height != width:
        raise PhotoError(
            f"{photo.name} has {width}x{height} pixels; an aligned crop must be square. Cut it to "
            "the CelebA-HQ frame, or leave out --aligned (aligned=True) to have the face found."
        )
    if height < MIN_CROP:
        raise PhotoError(
            f"{photo.name} has {width}x{height} pixels; an aligned crop needs at least {MIN_CROP} "
            "on each side."
        )


def _frozen(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A read-only view: the caller's own array stays as it is."""
    view = array.view()
    view.flags.writeable = False
    return view


def _size(crop: Pixels) -> tuple[int, int]:
    return crop.shape[0], crop.shape[1]
