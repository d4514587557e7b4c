"""The sample faces that come with the package; of one of them, labels to edit it with as well.

    face.png        RGB, 512 x 512 px, an aligned crop in the CelebA-HQ frame
    labels.png      index PNG, the labels of `face.png`, values 0..18 in order A
    new_labels.png  index PNG, the same labels after an edit
    faces/          more such faces, NAME.png with NAME.labels.png
    styles.npz      the style codes they were drawn with

No real persons. `faces/sketch.png` is drawn by `maskgan.data.drawn`. Of the others the labels were
drawn by a MaskVAE of this project (preset `mask-vae`), and the picture by the default generator, in
a style mixed from several (`maskgan.editing.sampling`), with hair and a wall of our own:
`maskgan.samples.drawing` draws them anew. Holds the places of the files only and reads none of
them.
"""

from __future__ import annotations

import importlib.resources
from pathlib import Path

__all__ = ["FACE", "FOLDER", "LABELS", "NEW_LABELS"]

FOLDER = Path(str(importlib.resources.files("maskgan.samples")))
"""The folder of the sample files."""
FACE = FOLDER / "face.png"
"""The sample photo."""
LABELS = FOLDER / "labels.png"
"""Its labels."""
NEW_LABELS = FOLDER / "new_labels.png"
"""The labels to edit it with."""
