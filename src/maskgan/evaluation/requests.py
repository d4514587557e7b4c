"""What a system is asked for: one picture of one face.

Photos are uint8 (S, S, 3) and labels uint8 (S, S), all of one size. A `System` draws what a
`Request` asks for, or returns None for what it cannot do: an editor by attributes takes no labels.
The same requests can be written to a folder for an editor that this code cannot run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from maskgan import images
from maskgan.evaluation.faces import HeldOutFace
from maskgan.images import Pixels
from maskgan.labels import Labels

EVERYTHING = "all"
"""In `Request.look`: the donor's look for the whole face."""


@dataclass(frozen=True)
class Request:
    """One picture of one face."""

    task: str
    """What for, such as "style/hair"; pictures lie in folders of this name."""
    face: HeldOutFace
    """Who is drawn."""
    wanted: Labels = field(repr=False)
    """The labels that the picture shall show, uint8 (S, S)."""
    donor: HeldOutFace | None = None
    """Whose labels went into `wanted`, or whose look the picture shall have."""
    look: tuple[str, ...] = ()
    """Regions that take the donor's look: class names, or `EVERYTHING` alone; none = the own."""
    whole: bool = False
    """The whole face is drawn anew; otherwise what no edit touches may stay the photo's."""
    attributes: Mapping[str, float] = field(default_factory=dict)
    """What the face shall have, 1 or not 0; empty where nothing is said of attributes."""
    truth: Pixels | None = field(default=None, repr=False)
    """The picture that is right, uint8 (S, S, 3), where it is known."""
    number: int = 0
    """Counts the requests of one face in one task."""
    meant: Labels | None = field(default=None, repr=False)
    """The labels that the picture should show, where `wanted` are a bad drawing of them."""

    @property
    def name(self) -> str:
        """Of the picture within its task."""
        return f"{self.face.name}-{self.number}" if self.number else self.face.name

    @property
    def key(self) -> str:
        """One word for the picture: the path of its file without the suffix."""
        return f"{self.task}/{self.name}"

    @property
    def family(self) -> str:
        """The first part of the task."""
        return self.task.partition("/")[0]

    @property
    def kind(self) -> str:
        """The family, but the whole task where it copies the look of one region."""
        return self.task if self.family == "style" else self.family

    @property
    def shown(self) -> Labels:
        """The labels that the picture should show."""
        return self.wanted if self.meant is None else self.meant

    @property
    def photo(self) -> Pixels:
        """The photo to start from."""
        return self.face.photo

    @property
    def labels(self) -> Labels:
        """The labels of the photo."""
        return clean_labels(self.face)


System = Callable[[Request], Pixels | None]
"""Draws a picture uint8 (S, S, 3); None for what it cannot do."""


def clean_labels(face: HeldOutFace) -> Labels:
    """The face's labels at the size of its photo."""
    return images.resize_labels(face.labels, (face.photo.shape[0], face.photo.shape[1]))
