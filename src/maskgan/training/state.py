"""What a run carries from step to step: networks, their averages, optimisers, the count of images.

Knows how these are averaged, saved, resumed and spread over processes, and nothing of losses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from maskgan.errors import CheckpointError, TrainingError
from maskgan.training import checkpoint
from maskgan.training.distributed import Processes
from maskgan.training.journal import Journal

STATE = "state.pt"
FAILED = "failed.pt"
"""The state before a step that could not be made."""


class RunState:
    """See the module. `averaged` names the modules of which an average is kept."""

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        averaged: Sequence[str],
        optimizers: Mapping[str, torch.optim.Optimizer],
        journal: Journal,
    ) -> None:
        self.modules, self.optimizers, self.journal = modules, optimizers, journal
        self.averaged = {
            name: deepcopy(modules[name]).eval().requires_grad_(False) for name in averaged
        }
        self.images = 0
        self.figures: dict[str, float] = {}

    def start_from(self, folder: Path) -> list[str]:
        """Copies the networks of another run into this one's, and returns the names of those that
        it has: averaged weights into networks and averages; networks of which no average is kept,
        such as discriminators, from its state.pt where that is there. What it lacks stays new.
        Raises `TrainingError` when it has none of them or one of another shape."""
        state = folder / STATE
        others = checkpoint.load_state(state)["modules"] if state.is_file() else {}
        taken = []
        for name, module in self.modules.items():
            file = folder / f"{name}.safetensors"
            if name in self.averaged and file.is_file():
                weights = checkpoint.load_model(file).state_dict()
                targets, source = [module, self.averaged[name]], file
            elif name not in self.averaged and name in others:
                weights, targets, source = others[name], [module], state
            else:
                continue
            for target in targets:
                try:
                    target.load_state_dict(weights)
                except RuntimeError as error:
                    reason = " ".join(str(error).split())
                    raise TrainingError(
                        f"{source} has another shape than this run's {name}: {reason}. Start from "
                        "a run of the same networks."
                    ) from error
            taken.append(name)
        if not taken:
            files = " or ".join(f"{name}.safetensors" for name in self.averaged)
            raise TrainingError(f"{folder} holds no {files} to start from; name a run's folder.")
        return taken

    def resume(self, run: Path) -> None:
        """Goes on from the last checkpoint of a run. Raises `CheckpointError`."""
        state = checkpoint.load_state(run / STATE)
        try:
            self.images, self.figures = state["images"], state.get("figures", {})
            for name, module in self.modules.items():
                module.load_state_dict(state["modules"][name])
            for name, module in self.averaged.items():
                module.load_state_dict(state["averaged"][name])
            for name, optimizer in self.optimizers.items():
                optimizer.load_state_dict(state["optimizers"][name])
            self.journal.load_state(state["journal"], self.images)
        except (KeyError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise CheckpointError(
                f"{run / STATE} does not fit this run ({reason}); resume with the preset and "
                "the options of the networks that it was started with."
            ) from error

    def save(self, run: Path, group: Processes) -> None:
        """Writes state.pt and the model files, all of them or none."""
        state = self._plain()
        if group.first:
            models = {run / f"{name}.safetensors": each for name, each in self.averaged.items()}
            checkpoint.save_all(models, {"images": self.images}, run / STATE, state)

    def save_failed(self, run: Path, group: Processes, failure: dict[str, Any]) -> None:
        """Writes the state before a step that could not be made, and what is known of that step,
        beside the last good one."""
        state = self._plain()
        if group.first:
            checkpoint.save_state(run / FAILED, state | {"failure": failure})

    def spread(self, group: Processes) -> None:
        """Gives all processes the first one's networks."""
        for module in (*self.modules.values(), *self.averaged.values()):
            group.spread([*module.parameters(), *module.buffers()])

    def average_buffers(self, group: Processes) -> None:
        """Statistics that the networks keep while they train, such as those of batch norm, become
        the means over the processes; counts are the same everywhere."""
        buffers = [each for module in self.modules.values() for each in module.buffers()]
        group.average([each for each in buffers if each.is_floating_point()])

    @torch.no_grad()
    def average(self, decay: float) -> None:
        """Moves the averages towards the weights of the moment."""
        for name, target in self.averaged.items():
            source = self.modules[name]
            targets: list[Tensor] = list(target.parameters())
            sources: list[Tensor] = list(source.parameters())
            torch._foreach_lerp_(targets, sources, 1 - decay)
            for own, other in zip(target.buffers(), source.buffers(), strict=True):
                own.copy_(other)

    def _plain(self) -> dict[str, Any]:
        return {
            "images": self.images,
            "modules": {name: module.state_dict() for name, module in self.modules.items()},
            "averaged": {name: module.state_dict() for name, module in self.averaged.items()},
            "optimizers": {name: each.state_dict() for name, each in self.optimizers.items()},
            "journal": self.journal.state(),
            "figures": self.figures,
        }
