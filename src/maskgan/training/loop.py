"""The one training loop. It knows order and intervals; a task knows losses, data and pictures.

All intervals are counted in images, so a batch size changes no meaning. Randomness and data depend
on (seed, images seen) only: a run killed at any moment and resumed gives the same numbers as an
uninterrupted one, and several processes together see the examples that one would.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sized
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm

from maskgan.training.curves import draw_curves
from maskgan.training.distributed import ALONE, Processes
from maskgan.training.failures import Failure, stopped, writing
from maskgan.training.feed import makers, prefetched
from maskgan.training.journal import Journal
from maskgan.training.state import RunState

Stats = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How long and how often; every interval in images."""

    total_images: int
    """Images to see in all."""
    batch_size: int
    """Images per step, over all processes together."""
    seed: int = 0
    """Fixes initial weights, order of the data and every random draw."""
    bf16: bool = True
    """Run the networks in bfloat16 where the device is fast at it; losses stay in float32."""
    ema_halflife: int = 10_000
    """Half-life of the averaged weights."""
    stats_every: int = 1_000
    """Between two lines of stats.jsonl."""
    checkpoint_every: int = 10_000
    """Between two writes of state.pt and model files."""
    samples_every: int = 10_000
    """Between two sample grids."""
    gradient_limit: float = 10.0
    """Largest norm of a phase's gradient; larger ones are scaled down."""
    loss_limit: float = 1e6
    """Largest loss of a phase, by magnitude; the run stops at a larger one."""
    compile: bool = True
    """Compile the networks by torch.compile on CUDA; other devices never do."""
    warmup_images: int = 2_000
    """Images over which the learning rate rises from zero."""
    decay_share: float = 0.3
    """Last part of the run over which the learning rate falls to zero along a cosine."""
    start: str = ""
    """Folder of a run of the same networks whose averaged weights this run starts from."""

    def __post_init__(self) -> None:
        counts = ("total_images", "batch_size", "ema_halflife", "stats_every")
        for name in (*counts, "checkpoint_every", "samples_every", "gradient_limit", "loss_limit"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0.")
        for name in ("seed", "warmup_images"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 0 or more.")
        if not 0 <= self.decay_share <= 1:
            raise ValueError(f"decay_share is {self.decay_share}; expected 0 to 1.")


@dataclass(frozen=True)
class Phase:
    """One optimiser step within an iteration: who learns, from what."""

    name: str
    trains: tuple[str, ...]
    """Names of the modules whose parameters this phase updates."""
    learning_rate: float
    loss: Callable[[Any], tuple[Tensor, Stats]]
    """Batch -> scalar loss and numbers to log."""
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0
    optimizer: str = ""
    """Phases that name the same optimiser share its moments; each has its own by default."""
    second_order: bool = False
    """Whether the loss differentiates a gradient with respect to the weights that it trains, as
    gradient penalties do; torch.compile cannot, so these networks are left as they are."""

    @property
    def optimizer_name(self) -> str:
        return self.optimizer or self.name


class Task(Protocol):
    """What a run trains. `modules` are saved; those named in `averaged` also as EMA."""

    name: str
    modules: dict[str, nn.Module]
    averaged: tuple[str, ...]
    phases: list[Phase]

    @property
    def train(self) -> Sized:
        """The faces that are trained on."""

    def batch(self, start: int, count: int) -> Any:
        """Training examples number `start` to `start + count`; the same call gives the same."""

    def names(self, start: int, count: int) -> list[str]:
        """ "folder/stem" of the faces of these examples, for messages."""

    def samples(self, averaged: dict[str, nn.Module], path: Path) -> None:
        """Draws a grid of examples of the averaged models into `path`."""

    def validate(self, averaged: dict[str, nn.Module]) -> dict[str, float]:
        """Measures the averaged models on faces that are not trained on."""


def fit(
    task: Task,
    config: TrainingConfig,
    run: Path,
    *,
    device: torch.device,
    resume: bool = False,
    progress: bool = True,
    group: Processes = ALONE,
) -> dict[str, float]:
    """Trains `task` into the folder `run` and returns the last validation figures.

    Writes state.pt, NAME.safetensors of each averaged module, stats.jsonl, curves.png and samples/.
    Of several processes each sees its share of every batch; the first one writes, validates and has
    figures to return. Raises `TrainingError` when a loss is not finite or too large, with the state
    before that step in failed.pt, and `OutputError` when a file cannot be written; neither changes
    the last good state. Raises `CheckpointError` when the state to resume from does not fit.
    """
    share = group.share(config.batch_size)
    for module in task.modules.values():
        module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    journal = Journal(run, group)
    state = RunState(task.modules, task.averaged, _optimizers(task), journal)
    if resume:
        state.resume(run)
    elif config.start:
        taken = state.start_from(Path(config.start))
        if group.first:
            new = [name for name in task.modules if name not in taken]
            print(f"Started from {config.start}: {', '.join(taken)}.", file=sys.stderr)
            print(f"New: {', '.join(new) or 'nothing'}.", file=sys.stderr)
    state.spread(group)
    # On CUDA the compiler writes Triton, which not every installation of PyTorch brings along.
    if config.compile and device.type == "cuda" and find_spec("triton"):
        _compile(task)

    bar = tqdm(
        total=config.total_images,
        initial=state.images,
        unit="img",
        disable=None if progress and group.first else True,
    )
    first = state.images + group.rank * share
    with prefetched(task.batch, first, share, config.batch_size, makers(device)) as batches:
        while state.images < config.total_images:
            seen = state.images
            batch = next(batches)
            torch.manual_seed(_mix(config.seed, seen + group.rank * share))

            # One optimiser step per phase.
            rate = _rate(config, seen)
            for phase in task.phases:
                train_only(task, phase)
                optimizer = state.optimizers[phase.optimizer_name]
                for values in optimizer.param_groups:
                    values["lr"] = phase.learning_rate * rate
                with torch.autocast(device.type, torch.bfloat16, enabled=config.bf16):
                    loss, stats = phase.loss(batch)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                parameters = [p for values in optimizer.param_groups for p in values["params"]]
                value = float(group.average_gradients(loss, parameters))
                norm = float(nn.utils.clip_grad_norm_(parameters, config.gradient_limit))
                if not (abs(value) <= config.loss_limit and math.isfinite(norm)):
                    failure = Failure(
                        phase=phase.name,
                        step=seen // config.batch_size + 1,
                        loss=value,
                        gradient_norm=norm,
                        limit=config.loss_limit,
                        faces=_names(task, config, seen, group),
                    )
                    raise stopped(failure, state, run, group)
                optimizer.step()
                journal.add({f"{phase.name}/{name}": value for name, value in stats.items()})
            seen += config.batch_size
            state.images = seen
            bar.update(config.batch_size)

            # Averaged weights.
            pictured = _due(seen, config.samples_every, config)
            saved = _due(seen, config.checkpoint_every, config)
            if pictured or saved:
                state.average_buffers(group)
            state.average(0.5 ** (config.batch_size / min(config.ema_halflife, max(seen / 4, 1))))

            # Record, pictures, state.
            with writing(run):
                if _due(seen, config.stats_every, config):
                    numbers = journal.write(seen)
                    bar.set_postfix({k: f"{v:.3f}" for k, v in list(numbers.items())[:5]})
                if pictured and group.first:
                    _show(task, state, run)
                if saved:
                    state.save(run, group)
    bar.close()
    journal.close()
    return state.figures


def _show(task: Task, state: RunState, run: Path) -> None:
    """Draws samples and curves, and measures."""
    picture = run / "samples" / f"{state.images:09d}.png"
    picture.parent.mkdir(exist_ok=True)
    task.samples(state.averaged, picture)
    state.journal.write_picture(state.images, picture)
    state.figures = task.validate(state.averaged)
    state.journal.write_figures(state.images, state.figures)
    draw_curves(run)


def _names(task: Task, config: TrainingConfig, seen: int, group: Processes) -> list[str]:
    """The faces of a step, of all processes."""
    share = group.share(config.batch_size)
    starts = range(seen, seen + config.batch_size, share)
    return [name for start in starts for name in task.names(start, share)]


def _compile(task: Task) -> None:
    """Compiles the networks in place, so that their weights keep their names."""
    plain = {name for phase in task.phases if phase.second_order for name in phase.trains}
    for name, module in task.modules.items():
        if name not in plain:
            # A few sizes come again and again; each gets a program of its own.
            module.compile(dynamic=False)


def _due(seen: int, interval: int, config: TrainingConfig) -> bool:
    """Whether the step that just ended crossed a multiple of `interval` or ended the run."""
    crossed = seen // interval != (seen - config.batch_size) // interval
    return crossed or seen >= config.total_images


def _rate(config: TrainingConfig, seen: int) -> float:
    """Factor of the learning rate: linear warm-up, flat, cosine to zero."""
    warm = min(1.0, (seen + config.batch_size) / max(config.warmup_images, 1))
    start = config.total_images * (1 - config.decay_share)
    if seen <= start or config.decay_share == 0:
        return warm
    return warm * 0.5 * (1 + math.cos(math.pi * (seen - start) / (config.total_images - start)))


def _optimizers(task: Task) -> dict[str, torch.optim.Optimizer]:
    """The optimisers by name; learning rates are set in every step."""
    owners: dict[str, Phase] = {}
    for phase in task.phases:
        owner = owners.setdefault(phase.optimizer_name, phase)
        for name in ("trains", "betas", "weight_decay"):
            if getattr(phase, name) != getattr(owner, name):
                raise ValueError(
                    f"Phases {owner.name!r} and {phase.name!r} share the optimiser "
                    f"{phase.optimizer_name!r}, but {name} is {getattr(owner, name)} and "
                    f"{getattr(phase, name)}; they must be the same."
                )
    return {
        name: torch.optim.AdamW(
            [p for module in owner.trains for p in task.modules[module].parameters()],
            owner.learning_rate,
            owner.betas,
            weight_decay=owner.weight_decay,
        )
        for name, owner in owners.items()
    }


def train_only(task: Task, phase: Phase) -> None:
    """Gradients for the modules of this phase only: the others are constants in its graph."""
    for name, module in task.modules.items():
        module.requires_grad_(name in phase.trains)


def _mix(seed: int, seen: int) -> int:
    """One number from two, so that neighbouring steps share no random stream."""
    return (seed * 0x9E3779B97F4A7C15 + seen * 0xBF58476D1CE4E5B9) % 2**63
