"""The sample face that comes with the package: a photo, its labels, and labels to edit it with.

    face.png        RGB, 512 x 512 px, an aligned crop in the CelebA-HQ frame
    labels.png      index PNG, the labels of `face.png`, values 0..18 in order A
    new_labels.png  index PNG, the same labels after an edit

No real person: such faces are drawn by our code or rendered by our own model. Holds the places of
the files only and reads none of them.
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
