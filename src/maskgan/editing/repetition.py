"""A project opened with an editor: its own face again, and its edit on other faces.

Projects are read by `maskgan.editing.project`, which knows no networks; here its photos are decoded
and its styles encoded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from maskgan.editing.editor import Editor
from maskgan.editing.face import Face, Style, StyleChoice
from maskgan.editing.history import operations
from maskgan.editing.mixture import Mixture, blend
from maskgan.editing.project import Project
from maskgan.editing.replay import Operation, replay
from maskgan.errors import ProjectError
from maskgan.labels import Labels


@dataclass(frozen=True, eq=False)
class Repetition:
    """What was done in a project, ready to be done on other faces."""

    operations: Sequence[Operation]
    size: int
    """Side in pixels of the maps on which they were recorded."""
    references: Mapping[str, Labels]
    """Id of a style -> labels of its face."""
    styles: Mapping[str, Style]
    mixture: Mixture

    def labels(self, face: Face) -> Labels:
        """The labels of another face after the project's steps. Raises `LabelsError`,
        `ConfigError`."""
        steps = self.operations
        return replay(face.labels, steps, self.references, self.size, face.goes_on)

    def style(self, face: Face) -> StyleChoice:
        """The project's styles for another face."""
        return blend(face.style, self.styles, self.mixture)


def open_face(editor: Editor, project: Project) -> Face:
    """The face of a project, where it was found then and with the labels it had. Raises
    `PhotoError`."""
    face = editor.framed(project.photo, project.similarity, project.source_labels)
    return replace(face, original=replace(face.original, name=project.name))


def repetition(editor: Editor, project: Project) -> Repetition:
    """Encodes the styles of a project. Raises `ProjectError` for codes of another bundle,
    `PhotoError` for a style's photo that cannot be read."""
    styles: dict[str, Style] = {}
    references: dict[str, Labels] = {}
    for style in project.styles:
        if style.photo is not None and style.similarity is not None:
            face = editor.framed(style.photo, style.similarity, style.labels)
            styles[style.id], references[style.id] = face.style, face.labels
        elif style.colour is not None:
            width = editor.bundle.manifest.code_width
            styles[style.id] = Style.of_colour(style.colour, width)
        elif style.codes is not None:
            styles[style.id] = style.codes
            _check_width(editor, style.codes, style.name)
            if style.labels is not None:
                references[style.id] = style.labels
    return Repetition(operations(project), project.size, references, styles, project.mixture)


def _check_width(editor: Editor, style: Style, name: str) -> None:
    """Codes that were drawn at random fit the bundle they were drawn with only."""
    width = editor.bundle.manifest.code_width
    if style.codes.shape[1] != width:
        raise ProjectError(
            f"The random style {name!r:.60} was drawn with another model, whose codes have "
            f"{style.codes.shape[1]} numbers instead of {width}; draw it again."
        )
