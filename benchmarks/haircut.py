"""Claim: a head that is made bald has ears, and none of its hair is left in the photo, also where
the crop of the face cuts it off.

Photos of the test split at 512 px, as of people further away: the crop that is edited shows
1 / `ZOOM` of their width, and cuts the hair off that people labelled. It is erased in the crop, and
a judge looks at the photo that is saved. Means over faces with 95 % bootstrap intervals:

  ears   of the ears that hair hides whole, how many the judge sees
  left   of the pixels of hair beside and below the crop, where at least `LEAST` lie there, how
         many it still takes for hair
  photo  the same in the photo before the edit: what left would be if nothing went

The judge is the bundle's own parser; --judge names another one, which is stricter. Without --data
faces drawn by code are cut.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from maskgan import files, images
from maskgan.alignment.similarity import Similarity
from maskgan.editing import masks
from maskgan.editing.editor import Editor
from maskgan.errors import MaskganError
from maskgan.images import Pixels
from maskgan.labels import IDS, PALETTE_SCREEN, colorize

sys.path.insert(0, str(Path(__file__).resolve().parent))
from edit_following import Judge, open_judge
from unseen import UnseenFace, drawn_faces, interval, sheet, unseen_faces

SIZE, ZOOM = 512, 1.3
HAIR, EARS = IDS["hair"], (IDS["l_ear"], IDS["r_ear"])
LEAST = 2000
"""Pixels of hair beyond the crop that tell how much is left of it."""
EAR = 150
"""Pixels of an ear that is seen."""
SHOWN = 24
"""Faces on the sheet."""


@dataclass(frozen=True)
class Outcome:
    name: str
    hidden: int
    """Ears that hair hides whole."""
    ears: int
    """Those that are seen when it is gone."""
    beyond: int
    """Pixels of hair beside and below the crop."""
    left: float
    photo: float
    pictures: tuple[Pixels, ...] = field(repr=False)
    """Photo, photo that is saved, what the judge sees in it."""


def cut(editor: Editor, judge: Judge, who: UnseenFace) -> Outcome | None:
    """One face, without its hair; None for one whose eyes do not show, and who has none."""
    names = ("l_eye", "r_eye", "nose", "hair")
    if not all((who.labels == IDS[name]).any() for name in names):
        return None
    away = (SIZE - SIZE / ZOOM) / 2
    matrix = np.array([[ZOOM, 0, -ZOOM * away], [0, ZOOM, -ZOOM * away], [0, 0, 1.0]])
    similarity = Similarity(matrix, SIZE)
    inner = slice(round(away), SIZE - round(away))
    labels = images.resize_labels(who.labels[inner, inner], (SIZE, SIZE))
    face = editor.framed(who.photo, similarity, labels)
    result = editor.render(face, masks.erase(labels, "hair"))
    seen, before = judge(result.photo), judge(who.photo)
    beyond = who.labels == HAIR
    beyond[:, inner][: SIZE - round(away)] = False
    hidden = [index for index in EARS if not (who.labels == index).any()]
    return Outcome(
        name=who.name,
        hidden=len(hidden),
        ears=sum(np.count_nonzero(seen == index) >= EAR for index in hidden),
        beyond=np.count_nonzero(beyond),
        left=float((seen[beyond] == HAIR).mean()) if beyond.any() else 0.0,
        photo=float((before[beyond] == HAIR).mean()) if beyond.any() else 0.0,
        pictures=(who.photo, result.photo, colorize(seen, PALETTE_SCREEN)),
    )


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    hidden, ears = (np.array([getattr(o, name) for o in outcomes]) for name in ("hidden", "ears"))
    crossing = [outcome for outcome in outcomes if outcome.beyond >= LEAST]
    report: dict[str, Any] = {"faces": len(outcomes), "hidden": int(hidden.sum())}
    if hidden.any():
        some = hidden > 0
        report["ears"] = round(float(ears.sum() / hidden.sum()), 4)
        report["ears_95"] = interval(ears[some], hidden[some])
    report["crossing"] = len(crossing)
    for name in ("left", "photo") if crossing else ():
        values = np.array([getattr(outcome, name) for outcome in crossing])
        report[name] = round(float(values.mean()), 4)
        report[f"{name}_95"] = interval(values)
    return report


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, help="bundle folder; default: maskgan's own")
    parser.add_argument("--data", type=Path, nargs="+", help="dataset folders; default: drawn")
    parser.add_argument("--faces", type=int, default=100, help="how many at most")
    parser.add_argument("--split", default="test", help="split of the data")
    parser.add_argument("--judge", type=Path, help="run folder of a parser, or a bundle")
    parser.add_argument("--output", type=Path, help="folder for the report and a sheet")
    options = parser.parse_args()
    try:
        editor = Editor.open(options.bundle)
        name, judge = open_judge(options.judge, editor)
        faces = (
            unseen_faces(options.data, SIZE, options.faces, options.split)
            if options.data
            else drawn_faces(options.faces, SIZE)
        )
        found = [
            cut(editor, judge, who) for who in tqdm(faces, desc="cut", unit=" faces", disable=None)
        ]
        outcomes = [outcome for outcome in found if outcome is not None]
        if not outcomes:
            print("No face shows eyes, a nose and hair; expected some that do.", file=sys.stderr)
            return 2
        report = {"bundle": editor.bundle.manifest.name, "judge": name, **summary(outcomes)}
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            files.write_text(options.output / "haircut.json", json.dumps(report, indent=2) + "\n")
            most = sorted(outcomes, key=lambda outcome: -outcome.beyond)[:SHOWN]
            rows = [(f"{each.name}  left {each.left:.2f}", each.pictures) for each in most]
            images.write(options.output / "haircut.png", sheet(rows, side=256, columns=2))
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
