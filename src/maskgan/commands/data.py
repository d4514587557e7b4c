"""Commands on datasets: prepare, verify, draw, pack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def prepare(
    source: Path,
    output: Path,
    size: int = 512,
    fix_sides: bool = False,
    resume: bool = False,
    workers: int = 2,
) -> int:
    """Turns the original CelebAMask-HQ tree into a dataset folder."""
    from maskgan.data.prepare import prepare

    manifest = prepare(
        source, output, size=size, fix_sides=fix_sides, resume=resume, workers=workers
    )
    print(f"Wrote the dataset {output}.", *manifest.sentences(), sep="\n")
    return 0


def verify(folder: Path) -> int:
    """Says what is wrong with a dataset folder; exit code 1 if anything is."""
    from maskgan.data.verify import verify

    report = verify(folder)
    for sentence in report.sentences():
        print(sentence)
    return 0 if report.ok else 1


def draw(output: Path, count: int, size: int = 256, seed: int = 0) -> int:
    """Draws a dataset of faces with exact labels."""
    from maskgan.data.drawn import draw_dataset

    draw_dataset(count, output, size=size, seed=seed)
    print(f"Wrote the dataset {output}: {count} drawn faces.")
    return 0


def pack(
    folders: Sequence[Path], output: Path, size: int = 256, max_mib: float | None = None
) -> int:
    """Packs dataset folders into one file."""
    from maskgan.data.pack import pack

    count = pack(folders, output, size=size, max_mib=max_mib)
    print(f"Wrote the pack {output}: {count} faces.")
    return 0
