"""A script for torchrun: the toy task in as many processes as there are, in the folder it is given.
`joined` is the same for a process that is forked.

The second word is what befalls the second process in the step from 48 images on: "kill" ends it,
"nan" spoils its loss, "resume" goes on from the folder's state, "whole" is nothing. What each
process saw lands in RANK.json.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from test_loop import CONFIG
from torch import Tensor, nn
from toy_task import ToyTask

from maskgan.errors import MaskganError
from maskgan.training.distributed import Processes, processes
from maskgan.training.loop import Stats, fit

CPU = torch.device("cpu")


class SteadyTask(ToyTask):
    """The toy task without statistics over the batch, so that a batch may be cut in two."""

    def loss(self, batch: tuple[int, Tensor]) -> tuple[Tensor, Stats]:
        self.parser.eval()
        return super().loss(batch)


def exchanges(group: Processes) -> dict[str, Any]:
    """What comes of exchanges between processes with different values."""
    both, one, none = (nn.Parameter(torch.zeros(2, 2)) for _ in range(3))
    both.grad = torch.full((2, 2), float(group.rank + 1)).T
    if group.rank == 1:
        one.grad = torch.full((2, 2), 6.0)
    loss = group.average_gradients(torch.tensor(10.0 * group.rank), [both, one, none])
    own = torch.tensor([group.rank + 5])
    group.spread([own])
    return {
        "loss": float(loss),
        "gradients": [None if x.grad is None else x.grad.tolist() for x in (both, one, none)],
        "spread": own.tolist(),
        "gathered": group.gather({"rank": group.rank}),
    }


def main(run: Path, what: str) -> int:
    with processes(CPU) as group:

        def harm(start: int, loss: Tensor) -> Tensor:
            if start == 52 and what == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            return loss * math.nan if start == 52 and what == "nan" else loss

        found = exchanges(group)
        task = SteadyTask(harm)
        resume = what == "resume"
        figures = fit(task, CONFIG, run, device=CPU, resume=resume, progress=False, group=group)
        record = {"exchanges": found, "starts": task.starts, "figures": figures}
        (run / f"{group.rank}.json").write_text(json.dumps(record))
    return 0


def joined(rank: int, port: int, run: Path, what: str) -> None:
    """`main` in a process that is told what torchrun tells one of two; ends it."""
    given = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in given.items()})
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    torch.set_num_threads(1)
    sys.exit(main(run, what))


if __name__ == "__main__":
    torch.set_num_threads(1)
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
    except MaskganError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
