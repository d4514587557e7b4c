"""Claim: an editor that was trained on simulated edits follows rough, wrong and edited label maps
better than one that only ever saw the labels of its photos. The paper says so of its second stage
and measures it nowhere.

The label maps of held-out faces are made coarser, lose labels, are drawn too large or too small, or
are edited (`maskgan.evaluation.perturbations`); every system draws the faces from them, and a judge
tells what its pictures show. docs/evaluation.md says what each figure means and what it does not.

Systems are bundles, and runs with a generator of whole faces; NAME=PATH names one. Where there are
several, `areas_above` compares each with the first. With --output also robustness.png, a panel per
perturbation with all systems, and SYSTEM.png, faces with every perturbation at its worst.

Without arguments the bundle in the package edits faces drawn by code, judged by its own parser:
that shows that the measurement runs, and no more.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maskgan import files, images
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing.editor import Editor
from maskgan.errors import ConfigError, MaskganError
from maskgan.evaluation.faces import HeldOutFace, held_out_faces
from maskgan.evaluation.judges import Judge, open_judge
from maskgan.evaluation.perturbations import FRAME, PERTURBATIONS
from maskgan.evaluation.requests import System
from maskgan.evaluation.robustness import PHOTO, cases, measure
from maskgan.evaluation.systems import BundleSystem, open_system
from maskgan.images import Pixels
from maskgan.labels import PALETTE_SCREEN, colorize

GRID_FACES = 4
"""Faces on a sheet."""
COLUMNS = 4
"""Panels beside one another in robustness.png."""


def drawn_faces(count: int, size: int) -> list[HeldOutFace]:
    """`count` people drawn by code, with labels of 512 px."""
    faces = []
    for seed in range(count):
        rng = np.random.default_rng([1_000_003, seed])
        photo, labels = draw_face(random_identity(rng), random_expression(rng), FRAME)
        photo = images.resize(photo, (size, size))
        faces.append(HeldOutFace(f"drawn-{seed}", photo, labels))
    return faces


def open_systems(sources: Sequence[str], whole: bool) -> dict[str, System]:
    """Name -> system of PATH or NAME=PATH."""
    if not sources:
        return {"bundle of the package": BundleSystem(Editor.open(), whole)}
    systems: dict[str, System] = {}
    for source in sources:
        name, given, path = source.rpartition("=")
        name = name if given else Path(path).name
        if name in systems:
            raise ConfigError(
                f"Two systems are called {name!r}; give one another name: NAME={path}."
            )
        systems[name] = open_system(path, whole=whole)
    return systems


def draw_curves(report: Mapping[str, Any], path: Path) -> None:
    """robustness.png: mean IoU of every system against severity, a panel per perturbation; dashed
    the photo left as it is."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    systems: Mapping[str, Any] = report["systems"]
    names = list(systems[PHOTO]["perturbations"])
    rows = -(-len(names) // COLUMNS)
    figure = Figure((3.2 * COLUMNS, 2.6 * rows), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, COLUMNS, squeeze=False, sharey=True).flat
    for axes, name in zip(panels, names, strict=False):
        for number, (system, found) in enumerate(systems.items()):
            curve = found["perturbations"][name]
            stages = [found["unperturbed"], *curve["severities"]]
            place = [curve["none"], *(stage["severity"] for stage in curve["severities"])]
            color = "0.5" if system == PHOTO else f"C{number - 1}"
            style = "--" if system == PHOTO else "-"
            axes.plot(place, [each["miou"] for each in stages], style, color=color, label=system)
            low, high = zip(*(each["miou_95"] for each in stages), strict=True)
            axes.fill_between(place, low, high, color=color, alpha=0.15, linewidth=0)
        axes.set_title(f"{name} ({curve['kind']})", fontsize=9)
        axes.set_xlabel(curve["unit"], fontsize=8)
        axes.tick_params(labelsize=7)
    for axes in figure.axes[len(names) :]:
        axes.set_visible(False)
    for row in range(rows):
        figure.axes[row * COLUMNS].set_ylabel("mean IoU", fontsize=8)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=8)
    with files.replacing(path) as temporary:
        figure.savefig(temporary, format="png")


def sheet(system: System, judge: Judge, faces: Sequence[HeldOutFace], seed: int) -> Pixels:
    """Three rows per face: wanted labels, picture, what the judge sees in it; columns: the photo,
    the labels as they are, then every perturbation at its worst."""
    rows = []
    for index in range(min(GRID_FACES, len(faces))):
        photo = faces[index].photo
        blank = np.full_like(photo, 255)
        columns = [np.concatenate([blank, photo, colorize(judge(photo), PALETTE_SCREEN)])]
        for case in cases(faces, index, seed, worst=True):
            picture = system(case.request)
            assert picture is not None, "measured before"
            seen = colorize(judge(picture), PALETTE_SCREEN)
            columns.append(np.concatenate([colorize(case.wanted, PALETTE_SCREEN), picture, seen]))
        rows.append(np.concatenate(columns, axis=1))
    return np.concatenate(rows)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("systems", nargs="*", help="bundles or runs; NAME=PATH names one")
    parser.add_argument("--data", type=Path, nargs="+", action="extend", help="dataset folders")
    parser.add_argument("--judge", type=Path, help="a parser's file or run, or a bundle")
    parser.add_argument("--size", type=int, default=64, help="side of the faces in pixels")
    parser.add_argument("--faces", type=int, default=90, help="most faces to measure on")
    parser.add_argument("--names", nargs="+", choices=list(PERTURBATIONS), help="which of them")
    parser.add_argument("--whole", action="store_true", help="bundles draw the whole face anew")
    parser.add_argument("--output", type=Path, help="folder for the report and the pictures")
    parser.add_argument("--seed", type=int, default=0, help="of the perturbations")
    options = parser.parse_args()
    if options.faces < 2 or options.seed < 0 or options.size < 64:
        parser.error("expected at least 2 faces, a seed of 0 or more and a size of 64 or more")
    try:
        systems = open_systems(options.systems, options.whole)
        judge = open_judge(options.judge) if options.judge else Editor.open().parse
        if options.data:
            faces = held_out_faces(options.data, options.size, options.faces)
        else:
            faces = drawn_faces(min(options.faces, 8), options.size)
        report = {
            "data": [str(path) for path in options.data] if options.data else "drawn by code",
            "judge": str(options.judge) if options.judge else "parser of the package's bundle",
            "paths": options.systems,
            "whole": options.whole,
            **measure(systems, judge, faces, seed=options.seed, names=options.names),
        }
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            text = json.dumps(report, indent=2) + "\n"
            files.write_text(options.output / "robustness.json", text)
            draw_curves(report, options.output / "robustness.png")
            for name, render in systems.items():
                picture = sheet(render, judge, faces, options.seed)
                images.write(options.output / f"{name.replace('/', '-')}.png", picture)
    except MaskganError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
