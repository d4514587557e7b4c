"""How much memory a run takes, before it takes it.

What networks, gradients, Adam and averages take is counted. What a phase keeps for its backward
pass is found by running its loss on tensors that have shapes and no values, so that nothing is
computed or allocated. What single operations take in passing is not in it, nor are the faces that a
dataset keeps decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode, unset_fake_temporarily
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from maskgan.training.feed import makers
from maskgan.training.loop import Task, TrainingConfig, train_only


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Of one process, in bytes."""

    weights: int
    """Of all networks, also of those that only judge."""
    gradients: int
    optimizers: int
    """Adam's two moments."""
    averaged: int
    """Averaged copies."""
    batches: int
    activations: int | None
    """What the largest phase keeps for its backward pass; None where a loss depends on values."""

    @property
    def total(self) -> int:
        counted = self.weights + self.gradients + self.optimizers + self.averaged + self.batches
        return counted + (self.activations or 0)

    def __str__(self) -> str:
        parts = {
            "weights": self.weights,
            "gradients": self.gradients,
            "Adam": self.optimizers,
            "averaged copies": self.averaged,
            "batches": self.batches,
            "activations": self.activations,
        }
        words = [
            f"{name} not estimated" if size is None else f"{name} {_mib(size)}"
            for name, size in parts.items()
        ]
        least = "at least" if self.activations is None else "about"
        return f"memory of a process {least} {_mib(self.total)} MiB: {', '.join(words)}"


def estimate(task: Task, config: TrainingConfig, device: torch.device, count: int) -> Memory:
    """What a run takes on `device` in a process that sees `count` images per step. Makes one batch,
    and leaves the networks as they are."""
    batch = task.batch(0, count)
    ready = 1 + makers(device)  # the one in use and the next ones
    networks = _networks(task, [])
    fixed = [each for each in networks if not any(each is one for one in task.modules.values())]
    trained = {phase.optimizer_name: phase.trains for phase in task.phases}
    return Memory(
        weights=_bytes(_tensors([*task.modules.values(), *fixed])),
        gradients=_bytes(_parameters(task, {name for names in trained.values() for name in names})),
        optimizers=2 * sum(_bytes(_parameters(task, names)) for names in trained.values()),
        averaged=_bytes(_tensors([task.modules[name] for name in task.averaged])),
        batches=ready * _bytes(each for each in tree_leaves(batch) if isinstance(each, Tensor)),
        activations=_activations(task, config, device, batch, networks),
    )


class _Unvalued(TorchFunctionMode):
    """What depends on values where there are none: small draws are made, counts are all 1, and a
    choice of elements takes all of them."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in (torch.randint, torch.rand, torch.randperm):
            with unset_fake_temporarily():
                return func(*args, **kwargs)
        if func is torch.bincount:
            return torch.ones(kwargs["minlength"], dtype=torch.int64, device=args[0].device)
        if func is Tensor.__getitem__ and isinstance(args[1], Tensor):
            values, chosen = args
            if chosen.dtype == torch.bool:
                return values.flatten(0, chosen.ndim - 1)
        return func(*args, **kwargs)


def _activations(
    task: Task, config: TrainingConfig, device: torch.device, batch: Any, networks: list[nn.Module]
) -> int | None:
    """Bytes that the phase which keeps most for its backward pass keeps, beside networks and
    batch."""
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    known = [*_tensors(networks), *(x for x in tree_leaves(batch) if isinstance(x, Tensor))]
    own = {fake.from_tensor(each).untyped_storage()._cdata for each in known}
    flags = [(each, each.requires_grad) for each in _tensors(task.modules.values())]
    # Counts of batches are numbers enough to have a value, and are counted on.
    buffers = [each for one in task.modules.values() for each in one.buffers()]
    before = [each.clone() for each in buffers]
    largest = 0
    try:
        for phase in task.phases:
            # Storages are kept, or another one could take the place in memory of one that is gone.
            kept: dict[int, torch.UntypedStorage] = {}

            def keep(value: Tensor, kept: dict[int, torch.UntypedStorage] = kept) -> Tensor:
                storage = value.untyped_storage()
                if storage._cdata not in own:
                    kept[storage._cdata] = storage
                return value

            train_only(task, phase)
            with (
                fake,
                _Unvalued(),
                torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value),
                torch.autocast(device.type, torch.bfloat16, enabled=config.bf16),
            ):
                phase.loss(batch)
            largest = max(largest, sum(storage.nbytes() for storage in kept.values()))
    except Exception:  # what a loss does with a value that is not there, nobody can list
        return None
    finally:
        for each, flag in flags:
            each.requires_grad_(flag)
        for each, value in zip(buffers, before, strict=True):
            each.copy_(value)
    return largest


def _networks(place: object, found: list[nn.Module]) -> list[nn.Module]:
    """The networks that an object of ours holds, in whatever depth, each once."""
    for value in vars(place).values():
        for each in value.values() if isinstance(value, dict) else [value]:
            if isinstance(each, nn.Module):
                if not any(each is one for one in found):
                    found.append(each)
            elif type(each).__module__.startswith("maskgan.") and hasattr(each, "__dict__"):
                _networks(each, found)
    return found


def _tensors(modules: Iterable[nn.Module]) -> list[Tensor]:
    return [each for one in modules for each in (*one.parameters(), *one.buffers())]


def _parameters(task: Task, names: Iterable[str]) -> list[Tensor]:
    return [each for name in names for each in task.modules[name].parameters()]


def _bytes(tensors: Iterable[Tensor]) -> int:
    """Of tensors that may share storages or be one and the same."""
    storages = {each.untyped_storage()._cdata: each.untyped_storage() for each in tensors}
    return sum(storage.nbytes() for storage in storages.values())


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f}"
