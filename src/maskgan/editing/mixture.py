"""Which region takes which style and how strongly: what a page's style panel or a project says.

A mixture names, for regions or for `ALL` of the face, one of several open styles and a strength; it
becomes what `Editor.render` takes. Knows codes only: no photo, no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maskgan.editing.face import Style, StyleChoice
from maskgan.errors import ConfigError
from maskgan.labels import IDS, LABELS

ALL = "all"
"""In place of a region's name: every region that the other face shows."""


@dataclass(frozen=True, kw_only=True)
class Portion:
    """How much of which style."""

    style: str
    """Id of an open style."""
    strength: float = 1.0
    """0 = the face's own look, 1 = the style's."""

    def __post_init__(self) -> None:
        # Written so that NaN is refused too.
        if not 0 <= self.strength <= 1:
            raise ConfigError(
                f"The strength of a style is {self.strength}; expected a number from 0 to 1."
            )


Mixture = Mapping[str, Portion]
"""Region, or `ALL`, -> portion. A region's own entry comes before that of `ALL`."""


def blend(own: Style, styles: Mapping[str, Style], mixture: Mixture) -> StyleChoice:
    """What to render a face with: None where nothing changes, else as `Editor.render` takes it.

    own: the face's own style. styles: id -> style. Raises `ConfigError` for an id that is not among
    them, `LabelsError` for an unknown region, `PhotoError` for one that its style lacks.
    """
    whole = mixture.get(ALL)
    result = own
    if whole is not None and whole.strength > 0:
        other = _find(styles, whole.style)
        for name in LABELS:
            if other.present[IDS[name]]:
                result = result.mixed(name, other, whole.strength)
    regions: dict[str, Style] = {}
    for name, portion in mixture.items():
        if name != ALL:
            # The strength counts from the face's own look, not from the look of the whole.
            taken = own.mixed(name, _find(styles, portion.style), portion.strength)
            if portion.strength > 0:
                regions[name] = taken
            if taken.present[IDS[name]]:
                result = result.replaced(name, taken)
    if whole is not None and whole.strength > 0:
        return result
    return dict(regions) or None


def _find(styles: Mapping[str, Style], name: str) -> Style:
    if name not in styles:
        raise ConfigError(f"There is no style {name!r:.60}; open it first.")
    return styles[name]
