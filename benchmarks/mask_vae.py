"""Reports what a bundle's MaskVAE can do, on faces that no network was trained on.

reconstruction   pixel accuracy and IoU of label maps that went through the code and back, at the
                 MaskVAE's own size
sliders          for each direction of the bundle and for the slider of geometry of the same name:
                 the mean change of what it moves (`maskgan.editing.measures`, in distances between
                 the eyes) at strengths of -0.8, -0.4, 0.4 and 0.8; the share of faces on which it
                 grows from each of these to the next (`monotone`); and how far the other measures
                 change at 0.8, in their own standard deviations over faces
new faces        how many of the label maps that are drawn have the build of a face, by the rule of
                 benchmarks/parser_accuracy.py; with --output a sheet of them and of portraits in
                 the looks of the sample faces

Without --data the label maps are those of faces drawn by code.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from maskgan import files, images
from maskgan.editing import attributes
from maskgan.editing.editor import Editor
from maskgan.editing.label_space import LabelSpace
from maskgan.editing.measures import MEASURES
from maskgan.editing.sampling import random_style
from maskgan.errors import MaskganError
from maskgan.labels import LABELS, NUM_CLASSES, PALETTE_SCREEN, Labels, colorize
from maskgan.samples import FOLDER
from maskgan.samples.drawing import portrait

sys.path.insert(0, str(Path(__file__).resolve().parent))
from parser_accuracy import implausible, intersection_over_union
from unseen import UnseenFace, drawn_faces, interval, sheet, unseen_faces

SIZE = 256
STRENGTHS = (-0.8, -0.4, 0.0, 0.4, 0.8)
SHEET_FACES = 24
FACES = FOLDER / "faces"
SLACK = 1e-3
"""Measures are made of pixels: smaller steps back are none."""

Move = Callable[[Labels, float], Labels]


def reconstruction(space: LabelSpace, faces: Sequence[UnseenFace]) -> dict[str, Any]:
    """How much of a label map comes back."""
    matrix = np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
    shares = []
    for face in faces:
        labels = images.resize_labels(face.labels, (space.size, space.size))
        found = space.decode(space.encode(labels), space.size)
        pairs = labels.ravel() * np.int64(NUM_CLASSES) + found.ravel()
        matrix += np.bincount(pairs, minlength=NUM_CLASSES**2).reshape(matrix.shape)
        shares.append(float((found == labels).mean()))
    iou = intersection_over_union(matrix)
    return {
        "faces": len(faces),
        "size": space.size,
        "pixel_accuracy": round(float(matrix.trace() / matrix.sum()), 4),
        "pixel_accuracy_95": interval(np.asarray(shares)),
        "mean_iou": round(float(np.nanmean(iou)), 4),
        "iou": {
            name: None if np.isnan(value) else round(float(value), 3)
            for name, value in zip(LABELS, iou, strict=True)
        },
    }


def effect(move: Move, name: str, faces: Sequence[UnseenFace]) -> dict[str, Any]:
    """What a slider does to what it is named for, and to the rest."""
    found = np.array(
        [
            [measured(move(face.labels, step) if step else face.labels) for step in STRENGTHS]
            for face in faces
        ]
    )  # (F, strengths, measures)
    at, still = list(MEASURES).index(name), STRENGTHS.index(0.0)
    own = found[:, :, at]
    own = own[np.isfinite(own).all(axis=1)]
    grows = (np.diff(own, axis=1) >= -SLACK).all(axis=1)
    spread = np.nanstd(found[:, still], axis=0)
    beside = np.nanmean(np.abs(found[:, -1] - found[:, still]), axis=0) / spread
    return {
        "faces": len(own),
        "spread_of_faces": round(float(spread[at]), 4),
        "change": {
            str(step): round(float((own[:, index] - own[:, still]).mean()), 4)
            for index, step in enumerate(STRENGTHS)
            if step
        },
        "monotone": round(float(grows.mean()), 3),
        "beside": {
            other: round(float(value), 3)
            for other, value in zip(MEASURES, beside, strict=True)
            if other != name
        },
    }


def measured(labels: Labels) -> list[float]:
    return [measure(labels) for measure in MEASURES.values()]


def new_faces(space: LabelSpace, count: int) -> tuple[dict[str, Any], list[NDArray[np.uint8]]]:
    """How plausible drawn label maps are, and the first of them."""
    wrong: Counter[str] = Counter()
    bad, kept = 0, []
    for seed in tqdm(range(count), desc="draw", unit=" faces", disable=None):
        labels = space.draw(np.random.default_rng(seed), 512)
        reasons = implausible(images.resize_labels(labels, (SIZE, SIZE)))
        wrong.update(reasons)
        bad += bool(reasons)
        if len(kept) < SHEET_FACES:
            kept.append(labels)
    return {"faces": count, "plausible": round(1 - bad / count, 4), "wrong": dict(wrong)}, kept


def portraits(editor: Editor, maps: Sequence[Labels]) -> NDArray[np.uint8]:
    """A sheet of label maps and of faces with them."""
    paths = [path for path in sorted(FACES.glob("*.png")) if ".labels" not in path.name]
    known = [editor.photo(path, aligned=True).style for path in paths]
    rows = []
    for number, labels in enumerate(tqdm(maps, desc="portraits", unit=" faces", disable=None)):
        style = random_style(known, np.random.default_rng(number))
        rows.append(
            (str(number), (colorize(labels, PALETTE_SCREEN), portrait(editor, labels, style)))
        )
    return sheet(rows, side=256, columns=3)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", action="extend", help="dataset folders")
    parser.add_argument("--bundle", type=Path, help="bundle folder; default: maskgan's own")
    parser.add_argument("--faces", type=int, default=100, help="most faces (default: 100)")
    parser.add_argument("--new", type=int, default=200, help="faces to draw (default: 200)")
    parser.add_argument("--output", type=Path, help="folder for the report and the sheet")
    options = parser.parse_args()
    if options.faces < 2 or options.new < 1:
        parser.error("expected at least 2 faces and 1 new one")
    try:
        editor = Editor.open(options.bundle)
        space = LabelSpace(editor.bundle)
        faces = (
            unseen_faces(options.data, SIZE, options.faces)
            if options.data
            else drawn_faces(options.faces, SIZE)
        )
        sliders = {}
        for name in tqdm(space.sliders, desc="sliders", disable=None):
            sliders[name] = {
                "direction": effect(space.sliders[name], name, faces),
                "geometry": effect(attributes.SLIDERS[name], name, faces),
            }
        drawn, maps = new_faces(space, options.new)
        report = {
            "bundle": editor.bundle.manifest.name,
            "data": [str(path) for path in options.data] if options.data else "drawn by code",
            "reconstruction": reconstruction(space, faces),
            "sliders": sliders,
            "new_faces": drawn,
        }
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            text = json.dumps(report, indent=2) + "\n"
            files.write_text(options.output / "mask_vae.json", text)
            images.write(options.output / "mask_vae.png", portraits(editor, maps))
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
