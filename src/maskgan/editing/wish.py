"""What an edit asks for: labels and looks, and where they are others than the photo's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from maskgan import images
from maskgan.editing.face import Face, Style, StyleChoice, style_of
from maskgan.editing.layers import member
from maskgan.editing.regions import Region
from maskgan.errors import ConfigError
from maskgan.labels import IDS, NUM_CLASSES, Labels


@dataclass(frozen=True, eq=False)
class Wish:
    """An edit of one face; S is the side of its crop."""

    labels: Labels
    """uint8 (S, S)."""
    style: Style
    """The codes to render with."""
    edited: Region
    """bool (S, S), where labels or looks are others than the photo's."""
    drawn: Collection[int]
    """Ids of the classes that get another look."""

    def without(self, labels: Labels, looks: Collection[int]) -> Wish:
        """What is left of it for a crop with labels uint8 (S, S), some of whose classes have got
        their look already."""
        drawn = [index for index in self.drawn if index not in looks]
        edited = (labels != self.labels) | member(self.labels, drawn)
        return replace(self, edited=edited, drawn=drawn)


def wish_for(face: Face, labels: Labels, style: StyleChoice) -> Wish:
    """The wish for labels and styles as `Editor.render` takes them. Raises `LabelsError`, and
    `PhotoError` for a region that a style lacks."""
    height, width = face.labels.shape
    wanted = images.read_labels(labels, (height, width), order="A")
    if isinstance(style, (Style, Face)):
        everything = np.ones(wanted.shape, np.bool_)
        return Wish(wanted, style_of(style).filled(face.style), everything, range(NUM_CLASSES))
    edited, mixed = face.labels != wanted, face.style
    for region, other in (style or {}).items():
        mixed = mixed.replaced(region, style_of(other))
        edited |= wanted == IDS[region]
    return Wish(wanted, mixed, edited, [IDS[region] for region in style or {}])


def check_colours(style: StyleChoice, dyed: Collection[int]) -> None:
    """Raises `ConfigError` for a region that is given a colour, but is none of the ids that are
    dyed."""
    known = [name for name, index in IDS.items() if index in dyed]
    chosen = style.items() if isinstance(style, Mapping) else ()
    for name, each in chosen:
        if style_of(each).is_colour and name not in known:
            raise ConfigError(
                f"A colour can be chosen for {', '.join(known)}, not for {name}."
                if known
                else "This bundle draws looks of other faces only; no colour can be chosen."
            )
