"""Commands that measure: evaluate, compare, requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from maskgan.commands.extras import extra


def evaluate(
    system: Path,
    data: Sequence[Path],
    output: Path,
    judge: Path | None = None,
    classifier: Path | None = None,
    mask_vae: Path | None = None,
    vgg: Path | None = None,
    inception: Path | None = None,
    identity: Path | None = None,
    lpips: Path | None = None,
    groups: Path | None = None,
    name: str | None = None,
    size: int | None = None,
    faces: int | None = None,
    robustness: int = 50,
    whole: bool = False,
    seed: int = 0,
    as_json: bool = False,
) -> int:
    """Measures an editor on faces that no training saw."""
    with extra("train"), extra("eval"):
        from maskgan.evaluation.report import measure
    report = measure(
        system,
        data,
        output,
        judge=judge,
        classifier=classifier,
        mask_vae=mask_vae,
        eyes={"vgg": vgg, "inception": inception, "identity": identity, "lpips": lpips},
        groups=groups,
        name=name,
        size=size,
        limit=faces,
        robustness=robustness,
        whole=whole,
        seed=seed,
    )
    if as_json:
        print(json.dumps(report))
    else:
        from maskgan.evaluation.compare import table

        print(table([report]))
        print(f"Wrote {output / 'report.html'}.")
    return 0


def compare(reports: Sequence[Path], output: Path | None = None) -> int:
    """Puts reports beside one another."""
    with extra("eval"):
        from maskgan.evaluation.compare import read_report, table
    found = [read_report(path) for path in reports]
    text = table(found)
    if output is not None:
        from maskgan import files

        files.write_text(output, text + "\n")
    print(text)
    return 0


def requests(
    data: Sequence[Path],
    output: Path,
    size: int = 256,
    faces: int | None = None,
    robustness: int = 50,
    seed: int = 0,
) -> int:
    """Writes what an editor is asked for, for one that is not ours."""
    with extra("train"), extra("eval"):
        from maskgan.evaluation.faces import held_out_faces
        from maskgan.evaluation.tasks import Plan
        from maskgan.evaluation.written import write_requests
    found = held_out_faces(data, size, faces)
    count = write_requests(found, Plan.of(len(found), seed, robustness), output)
    print(f"Wrote {count:,} requests into {output}.")
    return 0
