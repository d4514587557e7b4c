"""Claim: an edit does what the labels ask and leaves the rest alone. On faces it has not seen, of
the pixels whose label an edit changes, the judge finds the wanted label in the result for at least
0.75 (mouth), 0.88 (eyes and brows), 0.60 (nose) and 0.90 (hair) of them; no pixel differs from the
photo where the editor says that none does.

For every test face and part, the part of another test face (seeded pairing) is put into the face's
labels and rendered at 256 px (--size). Reported per part, as means over faces with 95 % bootstrap
intervals:

  following         share of the changed pixels that the judge labels as wanted in the result
  unchanged_photo   the same for the photo before the edit: what following is worth without an edit
  judge_on_photo    share of these pixels that the judge labels in the photo as people did: about
                    the most that any result could reach
  sharpness         gradient energy of the result inside the changed pixels, over that of the
                    donor's real photo at the same place: 1 = as sharp as a photo
  touched_outside   pixels beyond the edit's margin, and beyond what is bent along with an outline,
                    that differ from the photo, and the PSNR there: the cheeks of smiles
  touched_unsaid    pixels that differ from the photo outside of what the editor says it changed

The judge is the bundle's own parser; --judge names another one, which is stricter. The labels are
the dataset's; with --parsed they are the bundle's parser's, which is what a user paints on, so that
judge and wanted labels mean the same by an eye or a brow. Without --data
faces drawn by code are edited, to which the floors do not apply.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from maskgan import files, images
from maskgan.editing import parts, regions
from maskgan.editing.editor import Editor
from maskgan.editing.layers import part_ids
from maskgan.errors import BundleError, MaskganError, MissingExtraError
from maskgan.images import Pixels
from maskgan.labels import PALETTE_SCREEN, Labels, colorize
from maskgan.manifest import MANIFEST

sys.path.insert(0, str(Path(__file__).resolve().parent))
from unseen import UnseenFace, drawn_faces, interval, sheet, unseen_faces

SIZE = 256
"""Side in pixels of the faces for which the floors hold."""
PARTS: dict[str, tuple[str, ...]] = {
    "mouth": ("mouth", "u_lip", "l_lip"),
    "eyes and brows": ("l_eye", "r_eye", "l_brow", "r_brow"),
    "nose": ("nose",),
    "hair": ("hair",),
}
NEEDED: dict[str, tuple[str, ...]] = {**PARTS, "mouth": ("u_lip", "l_lip")}
"""Classes that both faces must show; a closed mouth shows no inside."""
FLOORS = {"mouth": 0.75, "eyes and brows": 0.88, "nose": 0.60, "hair": 0.90}
LEAST_CHANGED = 40
"""Edits of fewer pixels say nothing; another donor is taken."""
SHEET_EDITS = 24

Judge = Callable[[Pixels], Labels]


@dataclass(frozen=True)
class Edit:
    """One edit and what came of it."""

    part: str
    face: str
    donor: str
    changed: int
    """Pixels whose label the edit changes."""
    following: float
    unchanged_photo: float
    judge_on_photo: float
    energy: float
    """Gradient energy of the result inside the changed pixels."""
    donor_energy: float
    touched_outside: int
    touched_unsaid: int
    squared_error_outside: float
    pictures: tuple[Pixels, ...] = field(repr=False)
    """Photo, new labels, result."""


def open_judge(path: Path | None, editor: Editor) -> tuple[str, Judge]:
    """Name and function photo uint8 (S, S, 3) -> labels (S, S), from a bundle or a run folder."""
    if path is None:
        return f"parser of the bundle {editor.bundle.manifest.name}", editor.parse
    if (path / MANIFEST).is_file():
        return f"parser of the bundle {path.name}", Editor.open(path).parse
    if not (path / "parser.safetensors").is_file():
        raise BundleError(
            f"{path} is no judge; expected a bundle or a run folder with parser.safetensors."
        )
    try:
        import torch

        from maskgan.training.checkpoint import load_model
    except ImportError as error:
        raise MissingExtraError(
            "A run folder as judge needs PyTorch: pip install 'maskgan[train]'."
        ) from error
    network: Any = load_model(path / "parser.safetensors")
    side = network.config.size

    def judge(photo: Pixels) -> Labels:
        values = torch.from_numpy(images.to_float(images.resize(photo, (side, side))))
        found: Labels = network.labels(values, photo.shape[:2])[0].numpy()
        return found

    return f"parser of the run {path.name}", judge


def shows(labels: Labels, part: str) -> bool:
    return all((labels == index).any() for name in NEEDED[part] for index in part_ids((name,)))


def pair(
    face: UnseenFace, others: Sequence[UnseenFace], part: str, seed: Sequence[int], align: bool
) -> tuple[UnseenFace, Labels] | None:
    """A donor of the part, by a seeded draw, and the face's labels with its part; None when the
    face does not show the part or no donor changes enough."""
    if not shows(face.labels, part):
        return None
    for index in np.random.default_rng(list(seed)).permutation(len(others)).tolist():
        donor = others[index]
        if donor is face or not shows(donor.labels, part):
            continue
        wanted = parts.take_part(face.labels, donor.labels, PARTS[part], align=align)
        if np.count_nonzero(wanted != face.labels) >= LEAST_CHANGED:
            return donor, wanted
    return None


def gradient_energy(photo: Pixels, where: NDArray[np.bool_]) -> float:
    """Mean squared gradient of the brightness (0..255) over the pixels of `where`."""
    luma = photo.astype(np.float64) @ np.array((0.299, 0.587, 0.114))
    down, across = np.gradient(luma)
    return float((down**2 + across**2)[where].mean())


def run_edit(
    editor: Editor,
    judge: Judge,
    opened: Any,
    seen: Labels,
    part: str,
    face: UnseenFace,
    donor: UnseenFace,
    wanted: Labels,
) -> Edit:
    """Renders one edit and judges it; `seen` are the judge's labels of the photo."""
    changed = wanted != face.labels
    result = editor.render(opened, wanted)
    found = judge(result.crop)
    # The margin by the manifest, not by what the editor says it changed.
    manifest = editor.bundle.manifest
    margin = max(manifest.edit.dilate, manifest.edit.reach)
    reach = margin * face.photo.shape[0] / manifest.generator_size
    outside = ~regions.dilate(changed, reach)
    if result.bent is not None:  # goes along with an outline that moved
        outside &= ~result.bent.region
    gap = (result.crop.astype(np.int64) - face.photo)[outside]
    unlike = (result.crop != face.photo).any(axis=-1)
    return Edit(
        part=part,
        face=face.name,
        donor=donor.name,
        changed=int(changed.sum()),
        following=float((found == wanted)[changed].mean()),
        unchanged_photo=float((seen == wanted)[changed].mean()),
        judge_on_photo=float((seen == face.labels)[changed].mean()),
        energy=gradient_energy(result.crop, changed),
        donor_energy=gradient_energy(donor.photo, changed),
        touched_outside=int((unlike & outside).sum()),
        touched_unsaid=int((unlike & ~result.changed).sum()),
        squared_error_outside=float((gap**2).mean()) if gap.size else 0.0,
        pictures=(face.photo, colorize(wanted, PALETTE_SCREEN), result.crop),
    )


def run_edits(
    editor: Editor, judge: Judge, faces: Sequence[UnseenFace], seed: int, align: bool
) -> list[Edit]:
    """Every part of every face, where a donor is found."""
    edits = []
    for index, face in enumerate(tqdm(faces, desc="edit", unit=" faces", disable=None)):
        opened = editor.photo(face.photo, aligned=True, labels=face.labels)
        seen = judge(face.photo)
        for number, part in enumerate(PARTS):
            found = pair(face, faces, part, (seed, index, number), align)
            if found is not None:
                edits.append(run_edit(editor, judge, opened, seen, part, face, *found))
    return edits


def summary(edits: Sequence[Edit], part: str) -> dict[str, Any]:
    """The figures of one part."""
    chosen = [edit for edit in edits if edit.part == part]
    if not chosen:
        return {"edits": 0}

    def values(name: str) -> NDArray[np.float64]:
        return np.asarray([getattr(edit, name) for edit in chosen], np.float64)

    changed, following = values("changed"), values("following")
    report: dict[str, Any] = {"edits": len(chosen), "changed_pixels": round(changed.mean(), 1)}
    for name in ("following", "unchanged_photo", "judge_on_photo"):
        report[name] = round(float(values(name).mean()), 4)
        report[f"{name}_95"] = interval(values(name))
    report["following_of_all_pixels"] = round(float((following * changed).sum() / changed.sum()), 4)
    energy, donor_energy = values("energy") * changed, values("donor_energy") * changed
    report["sharpness"] = round(float(energy.sum() / donor_energy.sum()), 4)
    report["sharpness_95"] = interval(energy, donor_energy)
    for name in ("touched_outside", "touched_unsaid"):
        report[name] = int(values(name).sum())
    error = float(values("squared_error_outside").mean())
    report["psnr_outside"] = "infinite" if error == 0 else round(10 * np.log10(255**2 / error), 2)
    report["floor"] = FLOORS[part]
    report["met"] = bool(report["following"] >= FLOORS[part] and not report["touched_unsaid"])
    return report


def contact_sheet(edits: Sequence[Edit], worst: bool, seed: int) -> Pixels:
    """`SHEET_EDITS` edits, as many of each part: photo, new labels, result."""
    rng = np.random.default_rng(seed)
    shown = []
    for part in PARTS:
        chosen = [edit for edit in edits if edit.part == part]
        order = (
            sorted(range(len(chosen)), key=lambda index: chosen[index].following)
            if worst
            else rng.permutation(len(chosen)).tolist()
        )
        shown += [chosen[index] for index in order[: SHEET_EDITS // len(PARTS)]]
    rows = [(f"{e.part} {e.following:.2f}  {e.face} <- {e.donor}"[:60], e.pictures) for e in shown]
    return sheet(rows, side=192, columns=3)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", action="extend", help="dataset folders")
    parser.add_argument("--bundle", type=Path, help="bundle folder; default: maskgan's own")
    parser.add_argument("--faces", type=int, default=200, help="most faces to edit")
    parser.add_argument("--size", type=int, default=SIZE, help="side of the faces in pixels")
    parser.add_argument("--judge", type=Path, help="run folder of a parser, or a bundle")
    parser.add_argument("--output", type=Path, help="folder for the report and a sheet of edits")
    parser.add_argument("--worst", action="store_true", help="the sheet shows the worst edits")
    parser.add_argument("--align", action="store_true", help="lay donors' parts on the face's own")
    parser.add_argument("--parsed", action="store_true", help="labels as the bundle's parser sees")
    parser.add_argument("--split", choices=("test", "val"), default="test", help="of the datasets")
    parser.add_argument("--seed", type=int, default=0, help="of the pairing")
    options = parser.parse_args()
    if options.faces < 2 or options.seed < 0 or options.size < 64:
        parser.error("expected at least 2 faces, a seed of 0 or more and a size of 64 or more")
    try:
        editor = Editor.open(options.bundle)
        name, judge = open_judge(options.judge, editor)
        if options.data:
            faces = unseen_faces(options.data, options.size, options.faces, options.split)
        else:
            faces = drawn_faces(min(options.faces, 40), options.size)
        if options.parsed:
            faces = [replace(face, labels=editor.parse(face.photo)) for face in faces]
        edits = run_edits(editor, judge, faces, options.seed, options.align)
        report = {
            "data": [str(path) for path in options.data] if options.data else "drawn by code",
            "split": options.split if options.data else None,
            "bundle": editor.bundle.manifest.name,
            "judge": name,
            "labels": "the bundle's parser" if options.parsed else "the dataset's",
            "size": options.size,
            "faces": len(faces),
            "sides_fixed": sum(face.sides_fixed for face in faces),
            "seed": options.seed,
            "align": options.align,
            "parts": {part: summary(edits, part) for part in PARTS},
        }
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            files.write_text(
                options.output / "edit_following.json", json.dumps(report, indent=2) + "\n"
            )
            if edits:
                picture = contact_sheet(edits, options.worst, options.seed)
                images.write(options.output / "edit_following.png", picture)
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
