"""The dice: a look of chance, and where the bundle has a MaskVAE, the face of whom it is.

Runs in the worker's thread for slow work. Knows no requests.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maskgan.editing.editor import Editor
from maskgan.editing.face import Face, Style
from maskgan.editing.label_space import LabelSpace
from maskgan.editing.sampling import random_style
from maskgan.labels import Labels
from maskgan.samples.drawing import SIZE, portrait
from maskgan.web import pictures
from maskgan.web.session import OpenStyle

__all__ = ["drawn", "roll"]


def roll(editor: Editor, seed: int, known: Sequence[Style], shown_on: Face) -> OpenStyle:
    """Somebody who does not exist, in a style between known ones; without a MaskVAE in the bundle
    the style alone, shown on a face. The same seed gives the same."""
    rng = np.random.default_rng(seed)
    style, labels = random_style(known, rng), None
    if editor.bundle.manifest.mask_vae is not None:
        labels = LabelSpace(editor.bundle).draw(rng, SIZE)
    return drawn(editor, f"Random {seed}", style, labels, shown_on)


def drawn(
    editor: Editor, name: str, style: Style, labels: Labels | None, shown_on: Face
) -> OpenStyle:
    """A style that was drawn, of somebody with these labels uint8 (512, 512), or of nobody."""
    if labels is None:
        crop = editor.render(shown_on, shown_on.labels, style).crop
    else:
        crop = portrait(editor, labels, style)
    thumbnail = pictures.thumbnail(crop)
    return OpenStyle(name=name, style=style, thumbnail=thumbnail, labels=labels)
