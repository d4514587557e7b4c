"""Reports how well a bundle's parser labels faces it has not seen, at 256 px: pixel accuracy, mean
IoU and a table of the classes on the test split of labelled datasets; and, with --plausible, on how
many photos of an unlabelled folder its labels have the build of a face.

Accuracy is the share of pixels labelled as people did, background included; IoU of a class is
|both| / |either| over all pixels of all faces; mean IoU is over the classes that occur.

A plausible face, with sides of 1, has all of: skin on 5 to 65 % of the picture; hair, or a hat, on
at least 0.3 %, its centre above the mouth's height (0.745) or at most 0.1 below; both eyes, each on
0.02 to 2 %, its centre within 0.12 of the frame's eye, the left one at the larger x, or else hidden
by glasses on at least 1 %; a nose on 0.4 to 7 %, its centre within 0.12 of the midline (0.495) and
between the eyes' and the lips' heights; two lips, each on 0.03 to 3.5 %, centres within 0.15 of the
frame's mouth, the upper one higher. `plausible_truth` is the share of the labelled faces whose
labels, as people painted them, pass: the bald, and eyes behind hair, do not.

Without --data faces drawn by code are parsed.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from maskgan import files, images
from maskgan.data.manifest import PHOTO_SUFFIXES
from maskgan.editing.editor import Editor
from maskgan.errors import DatasetError, MaskganError
from maskgan.images import Pixels
from maskgan.labels import IDS, LABELS, NUM_CLASSES, PALETTE_SCREEN, Labels, colorize
from maskgan.manifest import Frame

sys.path.insert(0, str(Path(__file__).resolve().parent))
from unseen import UnseenFace, drawn_faces, interval, sheet, unseen_faces

SIZE = 256
SHEET_FACES = 48
FRAME = Frame()
MOUTH = FRAME.mouth[0] / FRAME.size, FRAME.mouth[1] / FRAME.size
EYES = {
    "l_eye": (FRAME.left_eye[0] / FRAME.size, FRAME.left_eye[1] / FRAME.size),
    "r_eye": (FRAME.right_eye[0] / FRAME.size, FRAME.right_eye[1] / FRAME.size),
}


def implausible(labels: Labels) -> list[str]:
    """What is wrong with a label map (S, S) as a face, by the rule of the module's docstring."""
    side = labels.shape[0]
    area = np.bincount(labels.ravel(), minlength=NUM_CLASSES) / labels.size
    centre: dict[str, tuple[float, float]] = {}
    for name, index in IDS.items():
        rows, columns = np.nonzero(labels == index)
        if rows.size:
            centre[name] = ((columns.mean() + 0.5) / side, (rows.mean() + 0.5) / side)
    wrong = []
    if not 0.05 <= area[IDS["skin"]] <= 0.65:
        wrong.append("skin")
    if not any(
        area[IDS[name]] >= 0.003 and centre[name][1] <= MOUTH[1] + 0.1 for name in ("hair", "hat")
    ):
        wrong.append("hair")
    for name, place in EYES.items():
        near = name in centre and math.dist(centre[name], place) <= 0.12
        seen = near and 0.0002 <= area[IDS[name]] <= 0.02
        if not (seen or (name not in centre and area[IDS["eye_g"]] >= 0.01)):
            wrong.append(name)
    if set(EYES) <= centre.keys() and centre["l_eye"][0] <= centre["r_eye"][0]:
        wrong.append("sides")
    for name in ("u_lip", "l_lip"):
        near = name in centre and math.dist(centre[name], MOUTH) <= 0.15
        if not (near and 0.0003 <= area[IDS[name]] <= 0.035):
            wrong.append(name)
    lips = [centre[name][1] for name in ("u_lip", "l_lip") if name in centre]
    if lips != sorted(lips):
        wrong.append("lips upside down")
    eyes = [centre[name][1] for name in EYES if name in centre]
    x, y = centre.get("nose", (0.0, 0.0))
    between = max(eyes, default=0) < y < min(lips, default=1)
    if not (0.004 <= area[IDS["nose"]] <= 0.07 and abs(x - MOUTH[0]) <= 0.12 and between):
        wrong.append("nose")
    return wrong


def accuracy(editor: Editor, faces: Sequence[UnseenFace]) -> dict[str, Any]:
    """Scores of the parser on labelled faces."""
    matrix = np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
    shares, found_wrong, true_wrong = [], 0, 0
    shown: Counter[str] = Counter()
    for face in tqdm(faces, desc="parse", unit=" faces", disable=None):
        found = editor.parse(face.photo)
        pairs = face.labels.ravel() * np.int64(NUM_CLASSES) + found.ravel()
        matrix += np.bincount(pairs, minlength=NUM_CLASSES**2).reshape(matrix.shape)
        shares.append(float((found == face.labels).mean()))
        shown.update(LABELS[index] for index in np.unique(face.labels).tolist())
        found_wrong += bool(implausible(found))
        true_wrong += bool(implausible(face.labels))
    iou = intersection_over_union(matrix)
    hit, true, predicted = matrix.diagonal(), matrix.sum(1), matrix.sum(0)
    table = {
        name: {
            "iou": _ratio(hit[index], true[index] + predicted[index] - hit[index]),
            "recall": _ratio(hit[index], true[index]),
            "precision": _ratio(hit[index], predicted[index]),
            "faces": shown[name],
            "share_of_pixels": round(float(true[index] / matrix.sum()), 6),
        }
        for index, name in enumerate(LABELS)
    }
    return {
        "faces": len(faces),
        "sides_fixed": sum(face.sides_fixed for face in faces),
        "pixel_accuracy": round(float(hit.sum() / matrix.sum()), 4),
        "pixel_accuracy_95": interval(np.asarray(shares)),
        "mean_iou": round(float(np.nanmean(iou)), 4),
        "classes": table,
        "plausible": round(1 - found_wrong / len(faces), 4),
        "plausible_truth": round(1 - true_wrong / len(faces), 4),
    }


def intersection_over_union(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """IoU (K,) of a confusion matrix; NaN for classes that occur in no map."""
    hit = matrix.diagonal()
    union = (matrix.sum(0) + matrix.sum(1) - hit).astype(np.float64)
    union[union == 0] = np.nan
    shares: NDArray[np.float64] = hit / union
    return shares


def _ratio(part: int, whole: int) -> float | None:
    return round(float(part / whole), 4) if whole else None


def plausibility(editor: Editor, folder: Path, limit: int | None) -> tuple[dict[str, Any], Pixels]:
    """Share of the photos of a folder (or of its images/) with a plausible label map, and a sheet
    of photos and maps, the failures first."""
    place = folder / "images" if (folder / "images").is_dir() else folder
    paths = sorted(path for path in place.glob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    if not paths:
        raise DatasetError(f"{place} holds no photo; expected jpg, png or webp files.")
    if limit is not None and limit < len(paths):
        chosen = np.random.default_rng(0).choice(len(paths), limit, replace=False)
        paths = [paths[index] for index in sorted(chosen.tolist())]
    bad: list[tuple[str, tuple[Pixels, Pixels]]] = []
    good: list[tuple[str, tuple[Pixels, Pixels]]] = []
    reasons: Counter[str] = Counter()
    for path in tqdm(paths, desc="plausible", unit=" photos", disable=None):
        photo = images.resize(images.read(path), (SIZE, SIZE))
        labels = editor.parse(photo)
        wrong = implausible(labels)
        reasons.update(wrong)
        row = (f"{path.stem} {', '.join(wrong)}"[:50], (photo, _overlay(photo, labels)))
        kept = bad if wrong else good
        if len(kept) < SHEET_FACES or wrong:
            kept.append(row)
    share = 1 - len(bad) / len(paths)
    report = {
        "photos": len(paths),
        "plausible": round(share, 4),
        "plausible_95": interval(np.arange(len(paths)) >= len(bad)),
        "wrong": dict(reasons.most_common()),
    }
    return report, sheet((bad + good)[:SHEET_FACES], side=144, columns=6)


def _overlay(photo: Pixels, labels: Labels) -> Pixels:
    mixed = 0.35 * photo + 0.65 * colorize(labels, PALETTE_SCREEN)
    return np.rint(mixed).astype(np.uint8)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", action="extend", help="dataset folders")
    parser.add_argument("--bundle", type=Path, help="bundle folder; default: maskgan's own")
    parser.add_argument("--faces", type=int, help="most faces to parse; default: all")
    parser.add_argument("--plausible", type=Path, help="folder of aligned photos without labels")
    parser.add_argument("--output", type=Path, help="folder for the report and a sheet of photos")
    options = parser.parse_args()
    if options.faces is not None and options.faces < 1:
        parser.error("expected at least 1 face")
    report: dict[str, Any] = {"size": SIZE}
    picture: Pixels | None = None
    try:
        editor = Editor.open(options.bundle)
        report["bundle"] = editor.bundle.manifest.name
        if options.data or not options.plausible:
            report["data"] = (
                [str(path) for path in options.data] if options.data else "drawn by code"
            )
            faces = (
                unseen_faces(options.data, SIZE, options.faces)
                if options.data
                else drawn_faces(options.faces or 40, SIZE)
            )
            report["labelled"] = accuracy(editor, faces)
        if options.plausible:
            report["unlabelled"], picture = plausibility(editor, options.plausible, options.faces)
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            text = json.dumps(report, indent=2) + "\n"
            files.write_text(options.output / "parser_accuracy.json", text)
            if picture is not None:
                images.write(options.output / "parser_accuracy.png", picture)
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
