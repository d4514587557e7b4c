"""Draws the sample faces anew: `python -m maskgan.samples.drawing [FOLDER]`.

The default generator draws a whole face from kept labels and kept style codes (styles.npz, arrays
(19, S) by the names of the faces). What a small generator cannot draw is ours: hair gets strands
and ends like that of an edit (`maskgan.editing.strands`), behind the head is an even wall, and all
of it has the grain of a camera.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from maskgan import images, samples
from maskgan.alignment.filters import gaussian
from maskgan.editing import regions
from maskgan.editing.editor import Editor
from maskgan.editing.face import Style
from maskgan.editing.strands import comb
from maskgan.images import Floats, Pixels
from maskgan.labels import IDS, Labels

OUTPUT = Path("out") / "samples"
"""Where they go unless it is said."""
SIZE = 512
"""Side of the pictures."""
WALL = 60.0
"""Standard deviation of the filter that makes a wall of the drawn background."""
LAMP, FALLOFF = (0.35, 0.4), 0.16
"""Where light falls on the wall, as shares of the picture, and how much of it is lost farther
away."""
SHARPER, GRAIN = 0.4, 1.4
"""Unsharp mask after enlarging, and standard deviation of the grain in grey levels."""

BACKGROUND, HAIR, SKIN = IDS["background"], IDS["hair"], IDS["skin"]
BROWS = (IDS["l_brow"], IDS["r_brow"])


def portrait(editor: Editor, labels: Labels, style: Style) -> Pixels:
    """A face uint8 (512, 512, 3) with labels uint8 (512, 512) in a style."""
    blank = np.full((SIZE, SIZE, 3), 127, np.uint8)
    drawn = editor.render(editor.photo(blank, aligned=True, labels=labels), labels, style).crop
    everywhere = np.ones(labels.shape, np.bool_)
    behind, hair = labels == BACKGROUND, labels == HAIR
    wall = _wall(drawn, regions.erode(behind, 12))
    empty = np.where((behind | hair)[:, :, None], wall, drawn)
    # Where hair ends is for its strands to say; other outlines are as soft as a lens draws them.
    soft = 1 - np.minimum(2 * gaussian(_plane(hair), 2), 1)
    edge = soft * gaussian(_plane(behind), 1)
    drawn = _pixels(drawn.astype(np.float32) + edge[:, :, None] * (wall - drawn))
    # Hair keeps the colour that was drawn when there are no brows to take it from.
    browless = _without(labels, BROWS, SKIN)
    bald = _without(browless, HAIR, BACKGROUND)
    combed = comb(drawn, _pixels(empty), bald, browless, everywhere)
    return _photographed(combed.astype(np.float32))


def main(folder: Path) -> None:
    """Writes all sample faces with a style into a folder, as they lie in the package."""
    editor = Editor.open()
    with np.load(samples.FOLDER / "styles.npz") as styles:
        for name, codes in styles.items():
            place = Path("face.png") if name == "face" else Path("faces") / f"{name}.png"
            own = (samples.FOLDER / place).with_suffix(".labels.png")
            labels = images.read_labels(samples.LABELS if name == "face" else own)
            present = np.isin(np.arange(len(codes)), labels).astype(np.float32)
            picture = portrait(editor, labels, Style(codes.astype(np.float32), present))
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            images.write(folder / place, picture)


def _without(labels: Labels, ids: int | tuple[int, ...], instead: int) -> Labels:
    """The labels with another class in place of some."""
    return np.where(np.isin(labels, ids), np.uint8(instead), labels)


def _wall(drawn: Pixels, seen: regions.Region) -> Floats:
    """An even wall in the colours of the drawn one where that is seen, float32 (S, S, 3)."""
    weight = np.maximum(gaussian(_plane(seen), WALL), 1e-4)[:, :, None]
    wall = gaussian((drawn * seen[:, :, None]).astype(np.float32), WALL) / weight
    down, across = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    light = 1.05 - FALLOFF * np.hypot(down - LAMP[0], across - LAMP[1])
    lit: Floats = (wall * light[:, :, None]).astype(np.float32)
    return lit


def _photographed(picture: Floats) -> Pixels:
    grain = gaussian(np.random.default_rng(0).standard_normal((SIZE, SIZE)).astype(np.float32), 0.7)
    sharp = picture + SHARPER * (picture - gaussian(picture, 1.5))
    return _pixels(sharp + (GRAIN / grain.std() * grain)[:, :, None])


def _plane(region: regions.Region) -> Floats:
    return region.astype(np.float32)


def _pixels(values: Floats) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT)
