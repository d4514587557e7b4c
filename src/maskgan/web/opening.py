"""Opening photos, faces, styles and projects for sessions: the slow part, one at a time.

Bytes in, what sessions keep out. The pixels of the last photo are remembered, since a photo is
asked for several times while its face is chosen. Runs in the worker's thread for slow work. Knows
no requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from maskgan import images
from maskgan.alignment.finder import FoundFace
from maskgan.alignment.similarity import Similarity
from maskgan.editing import project as projects
from maskgan.editing.choice import Spot, choose
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face, Style
from maskgan.editing.layers import MAX_SIDE
from maskgan.editing.mixture import Mixture, Portion
from maskgan.editing.project import Project
from maskgan.editing.repetition import open_face
from maskgan.errors import MissingExtraError, PhotoError, ProjectError
from maskgan.labels import Labels
from maskgan.manifest import Frame
from maskgan.photo import Photo, read_photo
from maskgan.picture import name_of
from maskgan.web import dice, gallery, pictures
from maskgan.web.session import OpenPhoto, OpenStyle, without_photo
from maskgan.web.sessions import Limits

__all__ = ["OpenProject", "Opening"]

REMEMBERED: Final = 24_000_000
"""Larger photos are decoded anew each time."""
UNNAMED: Final = name_of(b"")


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenProject:
    """A project, opened."""

    photo: OpenPhoto
    face: Face
    labels: Labels
    """The wanted ones."""
    styles: tuple[OpenStyle, ...]
    was: tuple[str, ...]
    """What the project called each of the styles."""
    mixture: Mixture
    state: dict[str, Any]


class Opening:
    """Opens with one editor; for one thread."""

    def __init__(self, editor: Editor, limits: Limits) -> None:
        self._editor = editor
        self._limits = limits
        self._last: tuple[bytes, Photo] | None = None
        self._known: list[Face] = []

    def warm(self) -> None:
        """Loads the networks that every face needs, so that the first one does not wait."""
        face = self.face(self.sample(next(iter(gallery.samples_in()))), 1, None, _unknown)
        self._editor.parse(face.crop)
        self._editor.render(face, face.labels, face.style)

    def photo(
        self, data: bytes, name: str, aligned: bool, labels: Labels | None = None
    ) -> OpenPhoto:
        """Decodes a photo and finds its faces. Raises `PhotoError`."""
        photo = self._decoded(data, name)
        height, width = photo.pixels.shape[:2]
        if aligned:
            _check_aligned(width, height)
            faces: Sequence[FoundFace] = [_known_face(Similarity.identity(width), width, height)]
        else:
            faces = self._editor.faces(photo.pixels)
        return _open_photo(data, name, photo, faces, aligned, labels)

    def framed(self, data: bytes, name: str, similarity: Similarity) -> OpenPhoto:
        """A photo whose one face is known to lie where `similarity` says; none is searched for."""
        photo = self._decoded(data, name)
        height, width = photo.pixels.shape[:2]
        aligned = similarity.side == width == height and not (similarity.matrix - np.eye(3)).any()
        found = _known_face(similarity, width, height)
        return _open_photo(data, name, photo, [found], aligned)

    def sample(self, name: str) -> OpenPhoto:
        """Opens one of the sample faces."""
        sample = gallery.find(name)
        labels = None if sample.labels is None else images.read_labels(sample.labels)
        return self.photo(sample.photo.read_bytes(), sample.photo.name, True, labels)

    def preview(self, photo: OpenPhoto, side: int) -> bytes:
        """The upright photo, no side longer than `side`, as WebP."""
        return pictures.webp(pictures.fitted(self._decoded(photo.data, photo.name).pixels, side))

    def face(
        self,
        photo: OpenPhoto,
        number: int | None,
        points: Sequence[Spot] | None,
        labels: Callable[[int], Labels | None],
    ) -> Face:
        """Cuts out and parses a face: by number, by the person's right eye, left eye and mouth, or
        with neither the photo as it is. `labels` gives the known ones for the crop's side, or None
        for the parser's. Raises `PhotoError` and `LabelsError`."""
        original = self._decoded(photo.data, photo.name)
        if points is not None:
            right_eye, left_eye, mouth = points
            similarity = Similarity.from_points(right_eye, left_eye, mouth)
        elif photo.aligned or number is None:
            height, width = original.pixels.shape[:2]
            _check_aligned(width, height)
            known = labels(width)
            opened = self._editor.photo(
                original.pixels, aligned=True, labels=photo.labels if known is None else known
            )
            return without_photo(replace(opened, original=original))
        else:
            found = choose(photo.faces, photo.name, number)
            similarity = photo.faces[found].similarity
        face = self._cut(original, similarity, labels(similarity.side))
        return replace(face, number=number or 1, count=max(1, len(photo.faces)))

    def whole(self, photo: OpenPhoto, face: Face) -> Face:
        """A face of a session with its photo again."""
        return replace(face, original=self._decoded(photo.data, photo.name))

    def style(self, data: bytes, name: str, aligned: bool, number: int | None) -> OpenStyle:
        """The style of a face of a photo; without a number, of the largest."""
        photo = self.photo(data, name, aligned)
        chosen = choose(photo.faces, name, number)
        return _style(name, self.face(photo, chosen + 1, None, _unknown), data)

    def sample_style(self, name: str) -> OpenStyle:
        """The style of one of the sample faces."""
        photo = self.sample(name)
        return _style(gallery.find(name).title, self.face(photo, 1, None, _unknown), photo.data)

    def random(self, seed: int, shown_on: Face | None) -> OpenStyle:
        """A style drawn between those of the samples, as `dice.roll` does it; shown on a face, None
        = on a sample, where it is nobody's. The same seed gives the same."""
        if not self._known:
            self._known = [
                self.face(self.sample(name), 1, None, _unknown) for name in gallery.samples_in()
            ]
        styles = [face.style for face in self._known]
        return dice.roll(self._editor, seed, styles, shown_on or self._known[0])

    def colour(self, text: str) -> OpenStyle:
        """A style that is a colour such as #b5651d."""
        style = Style.of_colour(text, self._editor.bundle.manifest.code_width)
        swatch = np.full((pictures.THUMBNAIL, pictures.THUMBNAIL, 3), style.colours[0], np.uint8)
        return OpenStyle(name=text, style=style, thumbnail=pictures.webp(swatch), colour=text)

    def project(self, data: bytes) -> OpenProject:
        """Opens a project file. Raises `ProjectError`, `PhotoError`."""
        project = projects.read(data)
        name = project.name
        photo = self._decoded(project.photo, name)
        height, width = photo.pixels.shape[:2]
        found = _known_face(project.similarity, width, height)
        face = without_photo(open_face(self._editor, project))
        styles = tuple(self._project_style(style, face) for style in project.styles)
        was = tuple(style.id for style in project.styles)
        named = dict(zip(was, (style.id for style in styles), strict=True))
        return OpenProject(
            photo=_open_photo(project.photo, name, photo, [found], project.aligned),
            face=face,
            labels=project.labels,
            styles=styles,
            was=was,
            mixture={
                region: Portion(style=named[portion.style], strength=portion.strength)
                for region, portion in project.mixture.items()
                if portion.style in named
            },
            state=dict(project.state),
        )

    def _project_style(self, style: projects.ProjectStyle, shown_on: Face) -> OpenStyle:
        name = _printable(style.name)
        if style.photo is not None and style.similarity is not None:
            original = self._decoded(style.photo, name)
            face = self._cut(original, style.similarity, style.labels)
            return _style(name, face, style.photo)
        if style.colour is not None:
            return self.colour(style.colour)
        width = self._editor.bundle.manifest.code_width
        if style.codes is None or style.codes.codes.shape[1] != width:
            raise ProjectError(
                f"The random style {name[:60]!r} was drawn with another model; draw it again."
            )
        return dice.drawn(self._editor, name, style.codes, style.labels, shown_on)

    def _cut(self, photo: Photo, similarity: Similarity, labels: Labels | None) -> Face:
        """The face that a similarity cuts out of a photo, without that photo."""
        return without_photo(self._editor.framed(photo, similarity, labels))

    def _decoded(self, data: bytes, name: str) -> Photo:
        if self._last is not None and self._last[0] is data:
            return self._last[1]
        self._last = None
        with _named(name):
            photo = self._read(data, name)
        if photo.pixels.size <= 3 * REMEMBERED:
            self._last = data, photo
        return photo

    def _read(self, data: bytes, name: str) -> Photo:
        width, height = images.size(data)
        if width * height > self._limits.pixels:
            raise PhotoError(
                f"{name} has {width}x{height} pixels; this server takes "
                f"{self._limits.pixels / 1e6:.4g} megapixels. Scale it down."
            )
        return replace(read_photo(data), name=name)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Sentences about a file of which only the bytes were known name it."""
    try:
        yield
    except (PhotoError, MissingExtraError) as error:
        raise type(error)(str(error).replace(UNNAMED, name, 1)) from error


def project_of(
    photo: OpenPhoto,
    face: Face,
    labels: Labels,
    styles: Sequence[OpenStyle],
    mixture: Mixture,
    state: dict[str, Any],
) -> Project:
    """A session as a project."""
    return Project(
        photo=photo.data,
        name=photo.name,
        similarity=Similarity(face.transform, face.crop.shape[0]),
        source_labels=face.labels,
        labels=labels,
        aligned=photo.aligned,
        styles=tuple(_kept_style(style) for style in styles),
        mixture=mixture,
        state=state,
    )


def _kept_style(style: OpenStyle) -> projects.ProjectStyle:
    if style.colour is not None:
        return projects.ProjectStyle(id=style.id, name=style.name, colour=style.colour)
    if style.photo is None or style.face is None:
        return projects.ProjectStyle(
            id=style.id, name=style.name, codes=style.style, labels=style.labels
        )
    return projects.ProjectStyle(
        id=style.id,
        name=style.name,
        photo=style.photo,
        similarity=Similarity(style.face.transform, style.face.crop.shape[0]),
        labels=style.face.labels,
    )


def _open_photo(
    data: bytes,
    name: str,
    photo: Photo,
    faces: Sequence[FoundFace],
    aligned: bool,
    labels: Labels | None = None,
) -> OpenPhoto:
    height, width = photo.pixels.shape[:2]
    return OpenPhoto(
        data=data,
        name=name,
        width=width,
        height=height,
        format=photo.format or "PNG",
        suffix=photo.suffix,
        faces=tuple(faces),
        aligned=aligned,
        labels=labels,
    )


def _known_face(similarity: Similarity, width: int, height: int) -> FoundFace:
    """A face that need not be searched for, where the frame has it."""
    frame, side = Frame(), similarity.side
    scale = side / frame.size
    spots = (np.array([frame.right_eye, frame.left_eye, frame.mouth]) + 0.5) * scale - 0.5
    right_eye, left_eye, mouth = ((float(x), float(y)) for x, y in similarity.backward(spots))
    left, top, right, bottom = similarity.box
    box = (max(0, left), max(0, top), min(width, right), min(height, bottom))
    return FoundFace(similarity, right_eye, left_eye, mouth, box, 1.0)


def _check_aligned(width: int, height: int) -> None:
    if width != height or width > MAX_SIDE:
        raise PhotoError(
            f"The photo has {width}x{height} pixels; an aligned crop is a square of at most "
            f"{MAX_SIDE} pixels a side. Have the face found instead."
        )


def _style(name: str, face: Face, data: bytes) -> OpenStyle:
    return OpenStyle(
        name=name,
        style=face.style,
        thumbnail=pictures.thumbnail(face.crop),
        photo=data,
        face=face,
        labels=face.labels,
    )


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name[:200]) or "style"


def _unknown(side: int) -> Labels | None:
    return None
