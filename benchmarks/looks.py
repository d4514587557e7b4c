"""Claim: a region that gets the look of another photo comes at least 0.70 of the way to its colour,
keeps its own details, and no other region shifts by more than 0.05 of the way.

On faces it has not seen, at 512 px (--size): lips, skin, brows, eyes, hair and clothes of every
test face get the look of another test face (seeded pairing) whose mean colour there differs by at
least `LEAST` in CIELAB. Reported per group of regions, as means over faces with 95 % bootstrap
intervals:

  moved      the shift of the region's mean colour along the way to the donor's, over that way
  nearer     the share of the way that is gone: 1 = the donor's colour; less than `moved` where the
             colour also goes another way
  elsewhere  the shift of the mean colour of the rest of the crop, over the way
  details    correlation of the region's details (brightness less its slow part) with the photo's:
             1 = strands, wrinkles and folds are the person's own

The labels are the dataset's. Without --data faces drawn by code are dyed, to which the floors do
not apply.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from maskgan import files, images
from maskgan.alignment.filters import gaussian, luma
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face
from maskgan.errors import MaskganError
from maskgan.evaluation.colors import lab
from maskgan.images import Pixels
from maskgan.labels import IDS

sys.path.insert(0, str(Path(__file__).resolve().parent))
from unseen import drawn_faces, interval, sheet, unseen_faces

GROUPS: dict[str, tuple[str, ...]] = {
    "lips": ("u_lip", "l_lip"),
    "skin": ("skin", "nose", "neck", "l_ear", "r_ear"),
    "brows": ("l_brow", "r_brow"),
    "eyes": ("l_eye", "r_eye"),
    "hair": ("hair",),
    "cloth": ("cloth",),
}
LEAST, LEAST_PIXELS = 8.0, 300
"""Distance in CIELAB of two looks, and pixels of either, below which a pair says nothing."""
MOVED, ELSEWHERE = 0.70, 0.05
"""The floor and the ceiling."""
DETAILS = 4.0
"""Standard deviation in pixels of a crop of 512 px of the filter that takes the slow part away."""
SHEET_EDITS = 4
"""Edits of each group on the sheet."""


@dataclass(frozen=True)
class Look:
    """One region of one face with the look of another's."""

    group: str
    face: str
    donor: str
    moved: float
    nearer: float
    elsewhere: float
    details: float
    pictures: tuple[Pixels, ...] = field(repr=False)
    """Photo, donor, result."""


def region(face: Face, names: Sequence[str]) -> NDArray[np.bool_]:
    return np.isin(face.labels, [IDS[name] for name in names])


def details_kept(photo: Pixels, result: Pixels, where: NDArray[np.bool_]) -> float:
    """Correlation of the details of two crops uint8 (S, S, 3) in a region."""
    width = DETAILS * photo.shape[0] / 512
    first, second = (luma(each.astype(np.float32)) for each in (photo, result))
    first, second = (
        (each - gaussian(each[:, :, None], width)[:, :, 0])[where] for each in (first, second)
    )
    return float(np.corrcoef(first, second)[0, 1])


def looks_of(
    editor: Editor, opened: Sequence[tuple[str, Face]], number: int, seed: int
) -> Iterator[Look]:
    """One face with one look after the other."""
    name, face = opened[number]
    for place, (group, classes) in enumerate(GROUPS.items()):
        where, colours = region(face, classes), lab(face.crop)
        if np.count_nonzero(where) < LEAST_PIXELS:
            continue
        old, rest = colours[where].mean(0), colours[~where].mean(0)
        for other in np.random.default_rng([seed, number, place]).permutation(len(opened)).tolist():
            donor_name, donor = opened[other]
            there = region(donor, classes)
            if other == number or np.count_nonzero(there) < LEAST_PIXELS:
                continue
            wanted = lab(donor.crop)[there].mean(0)
            way = float(np.linalg.norm(wanted - old))
            shown = [each for each in classes if donor.style.present[IDS[each]]]
            if way < LEAST or not region(face, shown).any():
                continue
            crop = editor.render(face, face.labels, dict.fromkeys(shown, donor)).crop
            new = lab(crop)
            now = new[where].mean(0)
            yield Look(
                group=group,
                face=name,
                donor=donor_name,
                moved=float((now - old) @ (wanted - old)) / way**2,
                nearer=1 - float(np.linalg.norm(now - wanted)) / way,
                elsewhere=float(np.linalg.norm(new[~where].mean(0) - rest)) / way,
                details=details_kept(face.crop, crop, where),
                pictures=(face.crop, donor.crop, crop),
            )
            break


def summary(looks: Sequence[Look]) -> dict[str, Any]:
    """The figures of one group."""
    report: dict[str, Any] = {"faces": len(looks)}
    if len(looks) < 2:
        return report
    for name in ("moved", "nearer", "elsewhere", "details"):
        values = np.asarray([getattr(look, name) for look in looks], np.float64)
        report[name] = round(float(values.mean()), 4)
        report[f"{name}_95"] = interval(values)
    report["met"] = report["moved"] >= MOVED and report["elsewhere"] <= ELSEWHERE
    return report


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", action="extend", help="dataset folders")
    parser.add_argument("--bundle", type=Path, help="bundle folder; default: maskgan's own")
    parser.add_argument("--faces", type=int, default=100, help="most faces to dye")
    parser.add_argument("--size", type=int, default=512, help="side of the faces in pixels")
    parser.add_argument("--output", type=Path, help="folder for the report and a sheet of looks")
    parser.add_argument("--split", choices=("test", "val"), default="test", help="of the datasets")
    parser.add_argument("--seed", type=int, default=0, help="of the pairing")
    options = parser.parse_args()
    if options.faces < 2 or options.seed < 0 or options.size < 64:
        parser.error("expected at least 2 faces, a seed of 0 or more and a size of 64 or more")
    try:
        editor = Editor.open(options.bundle)
        if options.data:
            faces = unseen_faces(options.data, options.size, options.faces, options.split)
        else:
            faces = drawn_faces(min(options.faces, 20), options.size)
        opened = [
            (face.name, editor.photo(face.photo, aligned=True, labels=face.labels))
            for face in tqdm(faces, desc="open", unit=" faces", disable=None)
        ]
        looks: list[Look] = []
        for number in tqdm(range(len(opened)), desc="dye", unit=" faces", disable=None):
            looks += looks_of(editor, opened, number, options.seed)
        of = {group: [look for look in looks if look.group == group] for group in GROUPS}
        report = {
            "data": [str(path) for path in options.data] if options.data else "drawn by code",
            "split": options.split if options.data else None,
            "bundle": editor.bundle.manifest.name,
            "size": options.size,
            "seed": options.seed,
            "floors": {"moved": MOVED, "elsewhere": ELSEWHERE},
            "groups": {group: summary(found) for group, found in of.items()},
        }
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            files.write_text(options.output / "looks.json", json.dumps(report, indent=2) + "\n")
            rows = [
                (f"{look.group} {look.moved:.2f}  {look.face} <- {look.donor}"[:60], look.pictures)
                for found in of.values()
                for look in found[:SHEET_EDITS]
            ]
            if rows:
                images.write(options.output / "looks.png", sheet(rows, side=256, columns=2))
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
