"""Commands on networks: train, export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from maskgan.errors import MissingExtraError


def train(
    preset: str,
    data: Sequence[Path],
    run: Path,
    resume: bool = False,
    dry_run: bool = False,
    options: dict[str, str] | None = None,
) -> int:
    """Trains a preset."""
    with _extra("train"):
        from maskgan.training.run import train as fit
    fit(preset, data=data, run=run, resume=resume, dry_run=dry_run, options=options or {})
    return 0


def export(
    runs: Sequence[Path], output: Path, training_data: str, licence: str, quantize: bool = False
) -> int:
    """Writes trained runs as a bundle."""
    with _extra("train"):
        from maskgan.export.bundle import export as write
    write(runs, output, training_data=training_data, licence=licence, quantize=quantize)
    print(f"Wrote the bundle {output}.")
    return 0


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """A package of an extra that is not installed becomes a sentence that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("maskgan"):
            raise
        raise MissingExtraError(
            f"This command needs {error.name}; install it with: pip install 'maskgan[{name}]'."
        ) from error
