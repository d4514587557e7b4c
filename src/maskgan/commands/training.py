"""Commands on networks: train, export, import."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from maskgan.commands.extras import extra


def train(
    preset: str,
    data: Sequence[Path],
    run: Path,
    resume: bool = False,
    dry_run: bool = False,
    options: dict[str, str] | None = None,
) -> int:
    """Trains a preset."""
    with extra("train"):
        from maskgan.training.run import train as fit
    fit(preset, data=data, run=run, resume=resume, dry_run=dry_run, options=options or {})
    return 0


def export(
    runs: Sequence[Path],
    output: Path,
    training_data: str,
    licence: str,
    quantize: bool = False,
    directions: Sequence[Path] = (),
) -> int:
    """Writes trained runs as a bundle."""
    with extra("train"):
        from maskgan.export.bundle import export as write
    write(
        runs,
        output,
        directions=directions or (),
        training_data=training_data,
        licence=licence,
        quantize=quantize,
    )
    print(f"Wrote the bundle {output}.")
    return 0


def import_authors(weights: Path, output: Path) -> int:
    """Writes the paper's authors' published generator as a bundle."""
    with extra("train"):
        from maskgan.export.authors import import_authors as write
    write(weights, output)
    print(
        f"Wrote the bundle {output}. The authors' terms hold for it: non-commercial research and "
        "education only."
    )
    return 0
