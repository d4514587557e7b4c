"""Several processes that train one run, each on its share of every batch, as torchrun starts them.

Gradients are averaged by hand, in one exchange per phase, and not by DistributedDataParallel: a
phase of a GAN may run a network several times before its one backward pass, leave parameters out or
differentiate a gradient, of which DDP's hooks know nothing. Ranks are known to this file, the loop
and the journal alone; tasks are asked for their share of the examples and see no more of it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import torch
from torch import Tensor, distributed, nn

from maskgan.errors import TrainingError

T = TypeVar("T")

PATIENCE = timedelta(hours=6)
"""How long a process waits for the others, such as for the first one, which validates and saves.
One that has died is noticed at once, since its connections close."""
ENDED = (
    "Another process of this run has ended; what it printed, if anything, says why. Go on from the "
    "last checkpoint with the same command and --resume."
)
_GIVEN = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Processes:
    """This process among those that train a run; without arguments, the only one."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and prints."""
        return self.rank == 0

    def share(self, batch_size: int) -> int:
        """How many images of a step each process sees. Raises `TrainingError`."""
        if batch_size % self.count:
            raise TrainingError(
                f"training.batch_size is {batch_size}, which {self.count} processes cannot share "
                f"evenly; give a multiple of {self.count}."
            )
        return batch_size // self.count

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replaces floating-point tensors by their means over the processes, in one exchange. What
        is not finite in one process is not finite in the mean."""
        if self.count == 1 or not tensors:
            return
        flat = torch.cat([each.detach().float().reshape(-1) for each in tensors])
        with _together():
            distributed.all_reduce(flat)
        flat /= self.count
        parts = torch.split(flat, [each.numel() for each in tensors])
        for each, part in zip(tensors, parts, strict=True):
            each.copy_(part.view(each.shape))

    def average_gradients(self, loss: Tensor, parameters: Sequence[nn.Parameter]) -> Tensor:
        """Averages the gradients of a backward pass and returns the mean loss, so that all
        processes agree on whether it is finite. A parameter without a gradient counts as zero where
        another process has one, and keeps none where no process has."""
        mean = loss.detach().float().clone()
        if self.count == 1:
            return mean
        used = mean.new_tensor([float(each.grad is not None) for each in parameters])
        gradients = []
        for each in parameters:
            if each.grad is None:
                each.grad = torch.zeros_like(each)
            gradients.append(each.grad)
        self.average([mean, used, *gradients])
        for each, part in zip(parameters, used.tolist(), strict=True):
            if part == 0:
                each.grad = None
        return mean

    @torch.no_grad()
    def spread(self, tensors: Sequence[Tensor]) -> None:
        """Replaces tensors of any kind by those of the first process."""
        if self.count == 1:
            return
        for each in tensors:
            own = each.detach().contiguous()
            with _together():
                distributed.broadcast(own, 0)
            each.copy_(own)

    def gather(self, value: T) -> list[T]:
        """The small values of all processes, in order; no process goes on before all have come."""
        if self.count == 1:
            return [value]
        values: list[Any] = [None] * self.count
        with _together():
            distributed.all_gather_object(values, value)
        return values


ALONE = Processes()


def local_rank() -> int:
    """Which of the processes on this machine this is; the number of its GPU."""
    return int(os.environ.get("LOCAL_RANK", "0")) if _several() else 0


@contextmanager
def processes(device: torch.device) -> Iterator[Processes]:
    """The processes of this run, connected while the block runs; one alone unless torchrun started
    this process. Raises `TrainingError` when they cannot be connected and, inside the block, when
    another one ends."""
    if not _several():
        yield ALONE
        return
    if device.type == "mps":
        raise TrainingError(
            "Several processes train on CPUs or on CUDA GPUs, not on Apple's; start one alone."
        )
    if device.type == "cuda":
        if (device.index or 0) >= torch.cuda.device_count():
            raise TrainingError(
                f"This is process {device.index} of the machine, counted from 0, but there are "
                f"{torch.cuda.device_count()} GPUs; start one process per GPU."
            )
        torch.cuda.set_device(device)
    # Gloo beside NCCL carries what is not on the GPU.
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    try:
        distributed.init_process_group(backend, timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise TrainingError(
            f"The processes of this run cannot be connected: {reason}. Start them with torchrun."
        ) from error
    with _stopped_with_a_sentence():
        yield Processes(distributed.get_rank(), distributed.get_world_size())
    # Not after a failure: taking leave of a process that is gone can take long.
    distributed.destroy_process_group()


def _several() -> bool:
    """Whether this process was started as one of several."""
    given = all(name in os.environ for name in _GIVEN)
    return given and int(os.environ["WORLD_SIZE"]) > 1


@contextmanager
def _together() -> Iterator[None]:
    """An exchange that fails because another process is gone becomes a sentence."""
    try:
        yield
    except RuntimeError as error:
        raise TrainingError(ENDED) from error


@contextmanager
def _stopped_with_a_sentence() -> Iterator[None]:
    """When a process ends, torchrun stops the others by SIGTERM: they say so and leave nothing
    half-written."""

    def stop(number: int, frame: object) -> NoReturn:
        raise TrainingError(ENDED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
