"""`python -m maskgan.samples`: edits the sample face and writes what happened as one picture."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maskgan import images, samples
from maskgan.editing.editor import Editor
from maskgan.errors import MaskganError, OutputError
from maskgan.images import Pixels
from maskgan.labels import colorize

OUTPUT = Path("out") / "sample-edit.png"
"""The picture, in the current folder."""
GAP = 8
"""White pixels between two pictures."""


def main() -> int:
    """Edits the sample face into `OUTPUT`; returns the exit code: 0, or 2 after one sentence on
    standard error."""
    try:
        seconds = edit_sample(OUTPUT)
    except MaskganError as error:
        print(f"maskgan: error: {error}", file=sys.stderr)
        return 2
    print(f"Wrote {OUTPUT.resolve()}: before, labels, new labels, after.")
    print(f"The edit took {seconds:.2f} s.")
    return 0


def edit_sample(output: Path) -> float:
    """Writes before | labels | new labels | after into `output`, whose folder is made, and returns
    the seconds the edit took. Raises `BundleError`, `PhotoError`, `LabelsError`, `OutputError`."""
    editor = Editor.open()
    face = editor.photo(samples.FACE, aligned=True, labels=samples.LABELS)
    result = editor.render(face, images.read_labels(samples.NEW_LABELS))
    pictures = (face.crop, colorize(face.labels), colorize(result.labels), result.crop)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make {output.parent}: {error.strerror or error}.") from error
    images.write(output, side_by_side(pictures))
    return result.seconds


def side_by_side(pictures: Sequence[Pixels]) -> Pixels:
    """Pictures uint8 (H, W, 3) of one height -> one picture, white gaps of `GAP` between them."""
    gap = np.full((pictures[0].shape[0], GAP, 3), 255, np.uint8)
    spaced = [piece for picture in pictures for piece in (gap, picture)][1:]
    return np.hstack(spaced)


if __name__ == "__main__":
    sys.exit(main())
