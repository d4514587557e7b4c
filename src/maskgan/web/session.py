"""A session: what the server keeps for one open page, in memory only.

Kept are the photo's file as it was brought, the face's crop, labels and codes, a mirror of the
current labels, the styles and the last result. The photo's pixels are not: they are decoded again
from the file when it is pasted into. Safe to use from several threads. Knows neither networks nor
requests.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from maskgan.alignment.finder import FoundFace
from maskgan.editing.face import Face, Style
from maskgan.editing.mixture import Mixture
from maskgan.editing.result import Result
from maskgan.errors import LabelsError
from maskgan.labels import Labels
from maskgan.web import raw_labels
from maskgan.web.frames import Rect
from maskgan.web.problems import Refusal, no_face

__all__ = ["OpenPhoto", "OpenStyle", "Session", "Snapshot"]

MAX_STYLES = 64
"""Most styles of one session; a project holds no more."""


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenPhoto:
    """The photo of a session, as it was brought."""

    data: bytes
    """Its file."""
    name: str
    width: int
    """Pixels, upright."""
    height: int
    format: str
    """Pillow's name of the file's format."""
    suffix: str
    """Of files of that format."""
    faces: tuple[FoundFace, ...]
    aligned: bool
    labels: Labels | None = None
    """Of an aligned sample."""


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenStyle:
    """A style that regions can take."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    name: str
    style: Style
    thumbnail: bytes
    """WebP."""
    colour: str | None = None
    """A style that is a colour, such as #b5651d."""
    photo: bytes | None = None
    """The file it was taken from; None when it was drawn at random, or is a colour."""
    face: Face | None = None
    """The face it was taken from, without its photo."""
    labels: Labels | None = None
    """Of whom it is: that face, or somebody drawn along with the style; None = of nobody."""

    @property
    def present(self) -> list[int]:
        """Classes it has a look for."""
        return [int(index) for index in np.flatnonzero(self.style.present)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """What is rendered: a session at one moment."""

    face: Face
    labels: Labels
    """A copy."""
    styles: Mapping[str, Style]
    mixture: Mixture
    opened: int
    """Number of the face in this session; another one has another number."""
    revision: int
    """Number of the labels."""

    def same_as(self, other: Snapshot) -> bool:
        """Whether both give the same picture."""
        return (self.opened, self.revision) == (other.opened, other.revision) and dict(
            self.mixture
        ) == dict(other.mixture)


@dataclass(kw_only=True, eq=False)
class Session:
    """One open page. Read and changed under its lock, which its methods take."""

    id: str
    lock: threading.RLock = field(default_factory=threading.RLock)
    used: float = 0.0
    """When it was last asked for, on the clock of `Sessions`."""
    watchers: int = 0
    """Live channels that are open."""
    photo: OpenPhoto | None = None
    face: Face | None = None
    """Its `original` has no pixels but, for an aligned photo, the crop's."""
    numbered: bool = False
    """Whether the face was found, and so has a number."""
    labels: Labels | None = None
    """The current labels, uint8 (S, S)."""
    opened: int = 0
    revision: int = 0
    styles: dict[str, OpenStyle] = field(default_factory=dict)
    mixture: Mixture = field(default_factory=dict)
    """The styles that were last asked for."""
    rendered: tuple[Snapshot, Result] | None = None
    """The last picture of full quality."""

    def take_photo(self, photo: OpenPhoto) -> None:
        """Begins with a photo; the face and what was done to it go."""
        with self.lock:
            self.photo, self.face, self.labels, self.rendered = photo, None, None, None
            self.opened += 1

    def take_face(self, photo: OpenPhoto, face: Face, numbered: bool) -> None:
        """Begins with a face of `photo`; what was done to another one goes. Raises `Refusal` when
        another photo was opened meanwhile."""
        with self.lock:
            if self.photo is not photo:
                raise Refusal(409, "photo-changed", "Another photo was opened meanwhile.")
            self.face, self.numbered, self.labels = face, numbered, face.labels.copy()
            self.rendered = None
            self.opened += 1
            self.revision += 1

    def need_photo(self) -> OpenPhoto:
        """The photo. Raises `Refusal` where none is open."""
        photo = self.photo
        if photo is None:
            raise no_face(photo=False)
        return photo

    def need_face(self) -> tuple[Face, Labels]:
        """The face and a copy of its current labels. Raises `Refusal` where none is chosen."""
        with self.lock:
            if self.face is None or self.labels is None:
                raise no_face(photo=self.photo is not None)
            return self.face, self.labels.copy()

    def snapshot(self, mixture: Mixture | None = None) -> Snapshot:
        """What would be rendered now; `mixture` None = the styles that were last asked for."""
        with self.lock:
            face, labels = self.need_face()
            styles = {name: style.style for name, style in self.styles.items()}
            return Snapshot(
                face=face,
                labels=labels,
                styles=styles,
                mixture=dict(self.mixture if mixture is None else mixture),
                opened=self.opened,
                revision=self.revision,
            )

    def keep_mixture(self, snapshot: Snapshot) -> None:
        """Remembers styles that could be rendered, for whoever asks without any."""
        with self.lock:
            if all(portion.style in self.styles for portion in snapshot.mixture.values()):
                self.mixture = dict(snapshot.mixture)

    def keep_result(self, snapshot: Snapshot, result: Result) -> None:
        """Keeps a picture of full quality, unless another face was opened meanwhile."""
        with self.lock:
            if snapshot.opened == self.opened:
                self.rendered = snapshot, result

    def known_result(self, snapshot: Snapshot) -> Result | None:
        """The last picture of full quality where it shows the same."""
        with self.lock:
            if self.rendered is not None and self.rendered[0].same_as(snapshot):
                return self.rendered[1]
            return None

    def set_labels(self, labels: Labels) -> int:
        """Replaces the labels, uint8 (S, S); gives how many pixels changed."""
        with self.lock:
            _, before = self.need_face()
            if labels.shape != before.shape:
                raise raw_labels.wrong_size(labels.size, before.shape[0])
            self.labels = labels.copy()
            self.revision += 1
            return int(np.count_nonzero(before != labels))

    def put(self, rect: Rect, data: bytes) -> None:
        """Replaces the labels inside a rectangle: raw bytes, row after row. Raises `LabelsError`
        and `Refusal`; then nothing has changed."""
        x, y, width, height = rect
        with self.lock:
            if self.labels is None:
                raise no_face(photo=self.photo is not None)
            side = self.labels.shape[0]
            if min(rect) < 0 or x + width > side or y + height > side:
                raise LabelsError(
                    f"The rectangle {list(rect)} reaches beyond the crop of {side}x{side} pixels."
                )
            if len(data) != width * height:
                raise LabelsError(
                    f"The rectangle of {width}x{height} pixels came with {len(data)} bytes; "
                    "expected one per pixel."
                )
            if not data:
                return
            values = raw_labels.checked(np.frombuffer(data, np.uint8))
            self.labels[y : y + height, x : x + width] = values.reshape(height, width)
            self.revision += 1

    def add_style(self, style: OpenStyle) -> None:
        """Adds a style. Raises `Refusal` when there are too many."""
        with self.lock:
            if len(self.styles) >= MAX_STYLES and style.id not in self.styles:
                raise Refusal(
                    409,
                    "too-many-styles",
                    f"The session has {MAX_STYLES} styles, the most it can; remove one first.",
                )
            self.styles[style.id] = style

    def find_style(self, name: str) -> OpenStyle:
        """A style by its id. Raises `Refusal`."""
        with self.lock:
            if name not in self.styles:
                raise Refusal(
                    404, "style-not-found", f"There is no style {name[:40]!r} in this session."
                )
            return self.styles[name]

    def references(self) -> dict[str, Labels]:
        """Id -> labels of those whose styles they are."""
        with self.lock:
            found = self.styles.values()
            return {style.id: style.labels for style in found if style.labels is not None}

    @property
    def bytes(self) -> int:
        """What it takes, about."""
        with self.lock:
            total = len(self.photo.data) if self.photo else 0
            if self.face is not None:
                # Crop, result and what the page shows, three channels each; five maps of labels.
                total += 14 * self.face.labels.size
            for style in self.styles.values():
                total += len(style.photo or b"") + len(style.thumbnail)
                total += 4 * style.labels.size if style.labels is not None else 0
            return total


def without_photo(face: Face) -> Face:
    """A face that keeps its crop and codes, but not the photo's pixels."""
    pixels = face.crop if face.crop.shape == face.photo.shape else np.zeros((1, 1, 3), np.uint8)
    original = replace(face.original, pixels=pixels, alpha=None, exif=None, xmp=None, icc=None)
    return replace(face, original=original)
