"""Crops that cut the sample face off, in photos that go on."""

from __future__ import annotations

import numpy as np

from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.editing.editor import Editor, Face

CUT = 60
"""Rows of the sample face above the crop."""


def cut_off(editor: Editor, face: Face) -> Face:
    """The sample face in a crop that begins further down than its photo."""
    labels = np.zeros_like(face.labels)
    labels[:-CUT] = face.labels[CUT:]
    return editor.framed(face.photo, Similarity(shift(0, -CUT), face.crop.shape[0]), labels)
