"""The one training loop. It knows order and intervals; a task knows losses, data and pictures.

All intervals are counted in images, so a batch size changes no meaning. Randomness and data depend
on (seed, images seen) only: a run killed at any moment and resumed gives the same numbers as an
uninterrupted one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm

from maskgan.errors import CheckpointError, TrainingError
from maskgan.training import checkpoint
from maskgan.training.journal import Journal

Stats = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How long and how often; every interval in images."""

    total_images: int
    """Images to see in all."""
    batch_size: int
    """Images per step."""
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
    warmup_images: int = 2_000
    """Images over which the learning rate rises from zero."""
    decay_share: float = 0.3
    """Last part of the run over which the learning rate falls to zero along a cosine."""
    start: str = ""
    """Folder of a run of the same networks whose averaged weights this run starts from."""

    def __post_init__(self) -> None:
        counts = ("total_images", "batch_size", "ema_halflife", "stats_every")
        for name in (*counts, "checkpoint_every", "samples_every", "gradient_limit"):
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

    @property
    def optimizer_name(self) -> str:
        return self.optimizer or self.name


class Task(Protocol):
    """What a run trains. `modules` are saved; those named in `averaged` also as EMA."""

    name: str
    modules: dict[str, nn.Module]
    averaged: tuple[str, ...]
    phases: list[Phase]

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
) -> dict[str, float]:
    """Trains `task` into the folder `run` and returns the last validation figures.

    Writes state.pt, NAME.safetensors of each averaged module, stats.jsonl and samples/. Raises
    `TrainingError` when a loss is not finite, after saving nothing over the last good state, and
    `CheckpointError` when the state to resume from does not fit.
    """
    for module in task.modules.values():
        module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = {
        name: deepcopy(task.modules[name]).eval().requires_grad_(False) for name in task.averaged
    }
    optimizers = _optimizers(task)
    journal = Journal(run)
    seen = 0
    if config.start and not resume:
        _start_from(Path(config.start), task, averaged)
    figures: dict[str, float] = {}
    if resume:
        state = checkpoint.load_state(run / "state.pt")
        try:
            seen, figures = state["images"], state.get("figures", {})
            for name, module in task.modules.items():
                module.load_state_dict(state["modules"][name])
            for name, module in averaged.items():
                module.load_state_dict(state["averaged"][name])
            for name, optimizer in optimizers.items():
                optimizer.load_state_dict(state["optimizers"][name])
            journal.load_state(state["journal"], seen)
        except (KeyError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise CheckpointError(
                f"{run / 'state.pt'} does not fit this run ({reason}); resume with the preset and "
                "the options of the networks that it was started with."
            ) from error

    def save() -> None:
        state = {
            "images": seen,
            "modules": {name: module.state_dict() for name, module in task.modules.items()},
            "averaged": {name: module.state_dict() for name, module in averaged.items()},
            "optimizers": {name: each.state_dict() for name, each in optimizers.items()},
            "journal": journal.state(),
            "figures": figures,
        }
        for name, module in averaged.items():
            checkpoint.save_model(run / f"{name}.safetensors", module, {"images": seen})
        checkpoint.save_state(run / "state.pt", state)

    bar = tqdm(
        total=config.total_images, initial=seen, unit="img", disable=None if progress else True
    )
    with _prefetched(task, seen, config) as batches:
        while seen < config.total_images:
            batch = next(batches)
            torch.manual_seed(_mix(config.seed, seen))

            # One optimiser step per phase.
            rate = _rate(config, seen)
            for phase in task.phases:
                _train_only(task, phase)
                optimizer = optimizers[phase.optimizer_name]
                for group in optimizer.param_groups:
                    group["lr"] = phase.learning_rate * rate
                with torch.autocast(device.type, torch.bfloat16, enabled=config.bf16):
                    loss, stats = phase.loss(batch)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                parameters = [p for group in optimizer.param_groups for p in group["params"]]
                norm = nn.utils.clip_grad_norm_(parameters, config.gradient_limit)
                if not math.isfinite(float(loss.detach())) or not math.isfinite(float(norm)):
                    raise TrainingError(
                        f"The loss of phase {phase.name} is {float(loss.detach())} (gradient norm "
                        f"{float(norm)}) after {seen} images, examples {seen} to "
                        f"{seen + config.batch_size} of the seeded order. {_way_out(run)}"
                    )
                optimizer.step()
                journal.add({f"{phase.name}/{name}": value for name, value in stats.items()})
            seen += config.batch_size
            bar.update(config.batch_size)

            # Averaged weights.
            decay = 0.5 ** (config.batch_size / min(config.ema_halflife, max(seen / 4, 1)))
            for name, module in averaged.items():
                _average(module, task.modules[name], decay)

            # Record, pictures, state.
            if _due(seen, config.stats_every, config):
                numbers = journal.write(seen)
                bar.set_postfix({k: f"{v:.3f}" for k, v in list(numbers.items())[:5]})
            if _due(seen, config.samples_every, config):
                (run / "samples").mkdir(exist_ok=True)
                task.samples(averaged, run / "samples" / f"{seen:09d}.png")
                figures = task.validate(averaged)
                journal.write_figures(seen, figures)
            if _due(seen, config.checkpoint_every, config):
                save()
    bar.close()
    journal.close()
    return figures


def _way_out(run: Path) -> str:
    """What to do after a loss that is not finite."""
    if (run / "state.pt").exists():
        return f"The last good state is in {run / 'state.pt'}; resume with a lower learning rate."
    return "No state had been saved yet; start again with a lower learning rate."


def _start_from(folder: Path, task: Task, averaged: dict[str, nn.Module]) -> None:
    """Copies the averaged weights of another run into this one's networks and averages."""
    for name in task.averaged:
        weights = checkpoint.load_model(folder / f"{name}.safetensors").state_dict()
        for module in (task.modules[name], averaged[name]):
            try:
                module.load_state_dict(weights)
            except RuntimeError as error:
                reason = " ".join(str(error).split())
                raise TrainingError(
                    f"{folder / name}.safetensors has another shape than this run's {name}: "
                    f"{reason}. Start from a run of the same networks."
                ) from error


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


def _train_only(task: Task, phase: Phase) -> None:
    """Gradients for the modules of this phase only: the others are constants in its graph."""
    for name, module in task.modules.items():
        module.requires_grad_(name in phase.trains)


@torch.no_grad()
def _average(target: nn.Module, source: nn.Module, decay: float) -> None:
    targets: list[Tensor] = list(target.parameters())
    sources: list[Tensor] = list(source.parameters())
    torch._foreach_lerp_(targets, sources, 1 - decay)
    for own, other in zip(target.buffers(), source.buffers(), strict=True):
        own.copy_(other)


def _mix(seed: int, seen: int) -> int:
    """One number from two, so that neighbouring steps share no random stream."""
    return (seed * 0x9E3779B97F4A7C15 + seen * 0xBF58476D1CE4E5B9) % 2**63


@contextmanager
def _prefetched(task: Task, start: int, config: TrainingConfig) -> Iterator[Iterator[Any]]:
    """Batches from `start` on, the next one being made while the current one is used."""
    with ThreadPoolExecutor(1) as pool:

        def batches() -> Iterator[Any]:
            position = start
            following = pool.submit(task.batch, position, config.batch_size)
            while True:
                current = following
                position += config.batch_size
                following = pool.submit(task.batch, position, config.batch_size)
                yield current.result()

        yield batches()
