"""Claim: edits of a face leave its spectacles alone, and spectacles come off and leave the person's
own eyes.

On people drawn by code, each with and without clear spectacles, at 512 px (--size), so that what
they hide and where their frame is are known. Means over people with 95 % bootstrap intervals:

  off    spectacles are erased: how much of what they changed is gone, 1 = the bare face
  eyes   correlation of the details of the eyes with the photo's then (brightness less its slow
         part), 1 = the person's own
  frame  grey levels by which the frame changes where a slider moves what is behind it: each of
         `SLIDERS` at 1 and at -1

Photos are harder: frames are shiny, and lenses reflect. They are for the eye to judge (--output).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from maskgan import files, images
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing import attributes
from maskgan.editing.editor import Editor
from maskgan.editing.regions import dilate
from maskgan.editing.replay import apply_tool
from maskgan.errors import MaskganError
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

sys.path.insert(0, str(Path(__file__).resolve().parent))
from looks import details_kept
from unseen import interval, sheet

SLIDERS = ("brow_height", "eye_opening", "nose_width")
AROUND = 6.0
"""How far beyond their labels spectacles change a face of 512 px."""
FRAME = 25.0
"""Grey levels by which a frame differs from what it hides."""
SHOWN = 16
"""People on the sheet."""


@dataclass(frozen=True)
class Wearer:
    """Somebody with spectacles and without."""

    photo: Pixels
    bare: Pixels
    labels: Labels
    """Of the photo."""


@dataclass(frozen=True)
class Outcome:
    off: float
    eyes: float
    frame: float
    pictures: tuple[Pixels, ...] = field(repr=False)
    """Photo, brows raised, spectacles off, the bare face."""


def wearers(count: int, size: int) -> list[Wearer]:
    """`count` different drawn people."""
    found = []
    for seed in range(count):
        rng = np.random.default_rng([1_000_007, seed])
        identity, expression = random_identity(rng), random_expression(rng)
        worn = replace(identity, glasses="round" if seed % 2 else "square")
        photo, labels = draw_face(worn, expression, size)
        bare, _ = draw_face(replace(identity, glasses="none"), expression, size)
        found.append(Wearer(photo, bare, labels))
    return found


def apart(one: Pixels, other: Pixels) -> NDArray[np.float32]:
    """How far two pictures are apart in grey levels, (S, S)."""
    apart: NDArray[np.float32] = np.abs(one.astype(np.float32) - other).mean(axis=2)
    return apart


def outcome(editor: Editor, who: Wearer) -> Outcome:
    face = editor.photo(who.photo, aligned=True, labels=who.labels)
    spectacles = face.labels == IDS["eye_g"]
    covered = dilate(spectacles, AROUND * spectacles.shape[0] / 512)
    off = editor.render(face, apply_tool(face.labels, "erase", {"part": "glasses"})).crop
    before, after = (apart(each, who.bare)[covered].mean() for each in (who.photo, off))
    frame = covered & (apart(who.photo, who.bare) > FRAME)
    moved = {
        (name, strength): editor.render(face, attributes.apply(face.labels, name, strength)).crop
        for name in SLIDERS
        for strength in (-1.0, 1.0)
    }
    eyes = np.isin(face.labels, (IDS["l_eye"], IDS["r_eye"]))
    return Outcome(
        off=1 - float(after / before),
        eyes=details_kept(who.photo, off, eyes),
        frame=float(np.mean([apart(crop, who.photo)[frame].mean() for crop in moved.values()])),
        pictures=(who.photo, moved[SLIDERS[0], 1.0], off, who.bare),
    )


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    report: dict[str, Any] = {"people": len(outcomes)}
    for name in ("off", "eyes", "frame"):
        values = np.asarray([getattr(each, name) for each in outcomes], np.float64)
        report[name] = round(float(values.mean()), 4)
        report[f"{name}_95"] = interval(values)
    return report


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, help="bundle folder; default: maskgan's own")
    parser.add_argument("--people", type=int, default=60, help="how many are drawn")
    parser.add_argument("--size", type=int, default=512, help="side of the faces in pixels")
    parser.add_argument("--output", type=Path, help="folder for the report and a sheet of edits")
    options = parser.parse_args()
    if options.people < 2 or options.size < 64:
        parser.error("expected at least 2 people and a size of 64 or more")
    try:
        editor = Editor.open(options.bundle)
        outcomes = [
            outcome(editor, who)
            for who in tqdm(
                wearers(options.people, options.size), desc="edit", unit=" faces", disable=None
            )
        ]
        report = {
            "data": "drawn by code",
            "bundle": editor.bundle.manifest.name,
            "size": options.size,
            **summary(outcomes),
        }
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            files.write_text(
                options.output / "spectacles.json", json.dumps(report, indent=2) + "\n"
            )
            rows = [
                (f"off {each.off:.2f}  eyes {each.eyes:.2f}  frame {each.frame:.1f}", each.pictures)
                for each in outcomes[:SHOWN]
            ]
            images.write(options.output / "spectacles.png", sheet(rows, side=256, columns=2))
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
