"""Reports what the editor puts right in its parser's labels before anybody sees them: specks of
brows, eyes and glasses (`plausible.without_specks`), leaves behind a head that are hair
(`foliage.seen_as_hair`), hats that are hair (`plausible.seen_as_hat`), pieces of skin within hair
(`plausible.seen_as_skin`), grey hair beside the forehead (`grey_hair.unseen`) and crumbs
(`plausible.without_crumbs`). On how many photos of a folder, opened as users open them; and, with
--data, what it does to accuracy and mean IoU on labelled faces, of the `val` split unless --split
says another.

--output writes the report and a sheet of the photos where something became hair or hair went, the
parser's labels and what was made of them, for the eye to judge: no figure says whether it is hair.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from maskgan import files, images
from maskgan.data.manifest import PHOTO_SUFFIXES
from maskgan.editing import foliage, grey_hair
from maskgan.editing.editor import Editor
from maskgan.editing.plausible import (
    BACKGROUND,
    HAIR,
    plausible,
    seen_as_hat,
    seen_as_skin,
    without_crumbs,
    without_specks,
)
from maskgan.errors import DatasetError, MaskganError, PhotoError
from maskgan.images import Pixels
from maskgan.labels import NUM_CLASSES, PALETTE_SCREEN, Labels, colorize

sys.path.insert(0, str(Path(__file__).resolve().parent))
from parser_accuracy import intersection_over_union
from unseen import UnseenFace, sheet, unseen_faces

KINDS = ("specks", "leaves", "hats", "pieces", "grey hair", "crumbs")
LOOKED_AT = KINDS[1:5]
"""Those of which the sheet shows all photos."""
SIDE = 256
"""At which labelled faces are parsed."""


def read(editor: Editor, crop: Pixels) -> Labels:
    """What the network says of an aligned crop, with nothing put right."""
    side = editor.bundle.manifest.parser_size
    image = images.to_float(images.resize(crop, (side, side)))
    size = np.asarray(crop.shape[:2], np.int64)
    labels: Labels = editor.bundle.run("parser", image=image, size=size)["labels"][0]
    return labels


def mended(labels: Labels, crop: Pixels) -> dict[str, int]:
    """Pixels that each of `KINDS` changes, one after the other as the editor does it."""
    found = {}
    clean = without_specks(labels)
    found["specks"] = int(np.count_nonzero(clean != labels))
    for name, rule, index in (
        ("leaves", foliage.seen_as_hair, BACKGROUND),
        ("hats", seen_as_hat, HAIR),
        ("pieces", seen_as_skin, HAIR),
        ("grey hair", grey_hair.unseen, HAIR),
    ):
        region = rule(clean, crop)
        found[name] = 0 if region is None else int(np.count_nonzero(region))
        if region is not None:
            clean = np.where(region, np.uint8(index), clean)
    found["crumbs"] = int(np.count_nonzero(without_crumbs(clean) != clean))
    return found


def photographs(editor: Editor, folder: Path) -> tuple[dict[str, Any], Pixels | None]:
    """How many photos of a folder (or of its images/) have each, and the sheet."""
    place = folder / "images" if (folder / "images").is_dir() else folder
    paths = sorted(path for path in place.glob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    if not paths:
        raise DatasetError(f"{place} holds no photo; expected jpg, png or webp files.")
    counts, without_face = dict.fromkeys(KINDS, 0), 0
    rows: list[tuple[str, tuple[Pixels, ...]]] = []
    for path in tqdm(paths, desc="photos", unit=" photos", disable=None):
        try:
            crop = editor.photo(path).crop
        except PhotoError:
            without_face += 1
            continue
        labels = read(editor, crop)
        found = mended(labels, crop)
        for name in KINDS:
            counts[name] += bool(found[name])
        if any(found[name] for name in LOOKED_AT):
            maps = (colorize(each, PALETTE_SCREEN) for each in (labels, plausible(labels, crop)))
            mixed = (np.rint(0.5 * crop + 0.5 * each).astype(np.uint8) for each in maps)
            caption = ", ".join(f"{name} {found[name]}" for name in LOOKED_AT)
            rows.append((f"{path.stem}: {caption}", (crop, *mixed)))
    report = {"photos": len(paths), "without_face": without_face, "with": counts}
    return report, sheet(rows, 256, 2) if rows else None


def accuracy(editor: Editor, faces: Sequence[UnseenFace]) -> dict[str, Any]:
    """Scores of the network's labels and of what was made of them, and on how many faces."""
    matrices = np.zeros((2, NUM_CLASSES, NUM_CLASSES), np.int64)
    counts = dict.fromkeys(KINDS, 0)
    for face in tqdm(faces, desc="labelled", unit=" faces", disable=None):
        labels = read(editor, face.photo)
        for name, pixels in mended(labels, face.photo).items():
            counts[name] += bool(pixels)
        for matrix, found in zip(matrices, (labels, plausible(labels, face.photo)), strict=True):
            pairs = face.labels.ravel() * np.int64(NUM_CLASSES) + found.ravel()
            matrix += np.bincount(pairs, minlength=NUM_CLASSES**2).reshape(matrix.shape)
    scores = {
        name: {
            "pixel_accuracy": round(float(matrix.trace() / matrix.sum()), 4),
            "mean_iou": round(float(np.nanmean(intersection_over_union(matrix))), 4),
        }
        for name, matrix in zip(("parser", "put right"), matrices, strict=True)
    }
    return {"faces": len(faces), "with": counts, **scores}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, help="folder of photos as users have them")
    parser.add_argument("--data", type=Path, nargs="+", help="dataset folders with labels")
    parser.add_argument("--split", choices=("val", "test"), default="val", help="of the datasets")
    parser.add_argument("--bundle", type=Path, help="bundle folder; default: maskgan's own")
    parser.add_argument("--output", type=Path, help="folder for the report and the sheet")
    options = parser.parse_args()
    if not options.photos and not options.data:
        parser.error("give --photos, --data, or both")
    report: dict[str, Any] = {}
    picture: Pixels | None = None
    try:
        editor = Editor.open(options.bundle)
        report["bundle"] = editor.bundle.manifest.name
        if options.photos:
            report["photos"], picture = photographs(editor, options.photos)
        if options.data:
            faces = unseen_faces(options.data, SIDE, split=options.split)
            report["labelled"] = accuracy(editor, faces)
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            text = json.dumps(report, indent=2) + "\n"
            files.write_text(options.output / "mended_labels.json", text)
            if picture is not None:
                images.write(options.output / "mended_labels.png", picture)
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
