"""How a run ends that cannot go on: what is kept, and the sentence about it.

A step with an impossible loss leaves the state that it found in failed.pt; a file that cannot be
written leaves the last checkpoint as it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from maskgan.errors import OutputError, TrainingError
from maskgan.training.distributed import Processes
from maskgan.training.state import FAILED, STATE, RunState

NAMED = 32
"""Most faces that a message names."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A step whose loss or gradient is not finite or too large."""

    phase: str
    step: int
    """Counted from 1."""
    loss: float
    gradient_norm: float
    limit: float
    """Largest loss, by magnitude."""
    faces: list[str]
    """"folder/stem" of the batch."""


def stopped(failure: Failure, state: RunState, run: Path, group: Processes) -> TrainingError:
    """Saves the state that the failing phase found and returns what to raise. All processes must
    call it."""
    try:
        state.save_failed(run, group, dataclasses.asdict(failure))
        kept = f"The state before this step is in {run / FAILED}"
    except OutputError as error:
        kept = f"The state before this step could not be saved ({str(error).rstrip('.')})"
    group.gather(None)  # or torchrun would stop the first process while it writes
    names, more = failure.faces[:NAMED], len(failure.faces) - NAMED
    faces = ", ".join(names) + (f" and {more} more" if more > 0 else "")
    remedy = "no checkpoint had been written yet: start again with a lower learning rate."
    if (run / STATE).exists():
        remedy = (
            f"the last good checkpoint in {run / STATE}: go on from that with --resume and a lower "
            "learning rate."
        )
    return TrainingError(
        f"The loss of phase {failure.phase} is {failure.loss:g} (gradient norm "
        f"{failure.gradient_norm:g}) in step {failure.step}, after {state.images} images, with the "
        f"faces {faces}; expected finite numbers and a loss of at most {failure.limit:g}. {kept}, "
        f"{remedy}"
    )


@contextmanager
def writing(run: Path) -> Iterator[None]:
    """Where a file of a run cannot be written, on a full disk above all, the sentence also says
    what is left and how to go on. Raises `OutputError`."""
    try:
        yield
    except (OSError, OutputError) as error:
        found = str(error)
        if isinstance(error, OSError):
            found = f"Cannot write {error.filename or run}: {error.strerror or error}"
        way = "No checkpoint had been written yet: free some space there and start again."
        if (run / STATE).exists():
            way = (
                f"{run / STATE} and the model files of the last checkpoint are whole: free some "
                "space there, then go on with the same command and --resume."
            )
        raise OutputError(f"{found.rstrip('.')}. {way}") from error
