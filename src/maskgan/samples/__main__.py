"""`python -m maskgan.samples`: edits sample faces and writes what happened as two pictures, the way
of one edit and a sheet of sliders (the one in the README)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maskgan import images, samples
from maskgan.editing import attributes
from maskgan.editing.accessories import put_on_cap, put_on_necklace
from maskgan.editing.editor import Editor, Face
from maskgan.editing.spectacles import put_on
from maskgan.errors import MaskganError, OutputError
from maskgan.images import Pixels
from maskgan.labels import colorize

OUTPUT = Path("out") / "sample-edit.png"
"""Before, labels, new labels and after of one edit, in the current folder."""
SHEET = Path("out") / "sliders.jpg"
"""Sample faces, and what sliders make of them."""
SHOWN = ("face.png", "faces/face-3.png", "faces/face-2.png", "faces/face-5.png")
"""The faces of the sheet."""
MOVES = (
    ("smile", 0.8),
    ("mouth_open", 0.6),
    ("eye_opening", -0.6),
    ("brow_height", 0.7),
    ("hair_length", -0.8),
)
"""Its columns, after the face as it is: slider and strength."""
DYED = ("hair", "u_lip", "l_lip")
"""What has the look of the next face in the column after them; spectacles, and a cap with a
necklace, are the last."""
SMALL = 256
"""Side of a picture of the sheet in pixels."""
GAP = 8
"""White pixels between two pictures."""


def main() -> int:
    """Edits the sample face into `OUTPUT`; returns the exit code: 0, or 2 after one sentence on
    standard error."""
    try:
        seconds = edit_sample(OUTPUT)
        slider_sheet(SHEET)
    except MaskganError as error:
        print(f"maskgan: error: {error}", file=sys.stderr)
        return 2
    print(f"Wrote {OUTPUT.resolve()}: before, labels, new labels, after.")
    print(f"The edit took {seconds:.2f} s.")
    moves = ", ".join(f"{name} {strength:+}" for name, strength in MOVES)
    print(f"Wrote {SHEET.resolve()}: sample faces, and with {moves}, dyed, in glasses, in a cap.")
    return 0


def edit_sample(output: Path) -> float:
    """Writes before | labels | new labels | after into `output`, whose folder is made, and returns
    the seconds the edit took. Raises `BundleError`, `PhotoError`, `LabelsError`, `OutputError`."""
    editor = Editor.open()
    face = editor.photo(samples.FACE, aligned=True, labels=samples.LABELS)
    result = editor.render(face, images.read_labels(samples.NEW_LABELS))
    pictures = (face.crop, colorize(face.labels), colorize(result.labels), result.crop)
    _write(output, side_by_side(pictures))
    return result.seconds


def slider_sheet(output: Path) -> None:
    """Writes a row of pictures per face of `SHOWN` into `output`. Raises as `edit_sample`."""
    editor, rows = Editor.open(), []
    faces = [_opened(editor, name) for name in SHOWN]
    for face, donor in zip(faces, faces[1:] + faces[:1], strict=True):
        crops = [face.crop]
        for slider, strength in MOVES:
            crops.append(editor.render(face, attributes.apply(face.labels, slider, strength)).crop)
        crops.append(editor.render(face, face.labels, dict.fromkeys(DYED, donor)).crop)
        crops.append(editor.render(face, put_on(face.labels)).crop)
        crops.append(editor.render(face, put_on_cap(put_on_necklace(face.labels))).crop)
        rows.append(side_by_side([images.resize(crop, (SMALL, SMALL)) for crop in crops]))
    gap = np.full((GAP, *rows[0].shape[1:]), 255, np.uint8)
    _write(output, np.vstack([piece for row in rows for piece in (gap, row)][1:]))


def _opened(editor: Editor, name: str) -> Face:
    photo = samples.FOLDER / name
    labels = samples.LABELS if photo == samples.FACE else photo.with_suffix(".labels.png")
    return editor.photo(photo, aligned=True, labels=labels)


def _write(output: Path, picture: Pixels) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make {output.parent}: {error.strerror or error}.") from error
    images.write(output, picture)


def side_by_side(pictures: Sequence[Pixels]) -> Pixels:
    """Pictures uint8 (H, W, 3) of one height -> one picture, white gaps of `GAP` between them."""
    gap = np.full((pictures[0].shape[0], GAP, 3), 255, np.uint8)
    spaced = [piece for picture in pictures for piece in (gap, picture)][1:]
    return np.hstack(spaced)


if __name__ == "__main__":
    sys.exit(main())
