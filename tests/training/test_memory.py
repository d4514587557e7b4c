"""The estimate of memory, beside what is counted by hand and what a process really takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from test_loop import CONFIG, CPU
from torch import Tensor
from toy_task import ToyTask

from maskgan import config as configs
from maskgan.presets import PRESETS
from maskgan.training.loop import Stats
from maskgan.training.memory import estimate
from maskgan.training.run import build

# Peaks before and after two steps of a run, in bytes, and what was estimated of the difference.
PROGRAM = """
import json, sys, torch
from pathlib import Path
from maskgan import config as configs
from maskgan.presets import PRESETS
from maskgan.training.loop import fit
from maskgan.training.memory import estimate
from maskgan.training.run import build

torch.set_num_threads(1)
options = {"training.batch_size": "128", "training.total_images": "128", "training.bf16": "false"}
config = configs.override(PRESETS["paper-64-maskvae"](), options)
device = torch.device("cpu")
task = build(config, [sys.argv[1]] * 4, device)
task.validate = lambda averaged: {}
task.samples = lambda averaged, path: path.write_bytes(b"")
memory = estimate(task, config.training, device, 128)

def peak():
    # Not ru_maxrss, in which a new process starts with the size of the one that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

before = peak()
fit(task, config.training, Path(sys.argv[2]), device=device, progress=False)
print(json.dumps({"estimated": memory.total - memory.weights, "measured": peak() - before}))
"""


def test_what_can_be_counted_is_counted() -> None:
    task = ToyTask()
    memory = estimate(task, CONFIG, CPU, 8)
    learned = 4 * sum(each.numel() for each in task.parser.parameters())
    kept = sum(each.numel() * each.element_size() for each in task.parser.buffers())
    assert memory.weights == memory.averaged == learned + kept
    assert memory.gradients == learned
    assert memory.optimizers == 2 * learned
    assert memory.batches == 2 * 8 * 3 * 16 * 16 * 4
    assert memory.activations is not None
    parts = (memory.weights, learned, 2 * learned, memory.averaged, memory.batches)
    assert memory.total == sum(parts) + memory.activations
    assert "memory of a process about 0." in str(memory)


def test_estimating_leaves_the_networks_as_they_are() -> None:
    task = ToyTask()
    before = {name: value.clone() for name, value in task.parser.state_dict().items()}
    estimate(task, CONFIG, CPU, 8)
    for name, value in task.parser.state_dict().items():
        assert type(value) is Tensor
        assert torch.equal(value, before[name])
    assert all(each.requires_grad and each.grad is None for each in task.parser.parameters())


def test_activations_grow_with_the_batch() -> None:
    small, large = (estimate(ToyTask(), CONFIG, CPU, count).activations for count in (8, 16))
    assert small is not None
    assert large is not None
    assert 1.8 * small < large < 2.2 * small


def test_a_loss_that_needs_values_is_not_estimated() -> None:
    class Looking(ToyTask):
        def loss(self, batch: tuple[int, Tensor]) -> tuple[Tensor, Stats]:
            loss, stats = super().loss(batch)
            return (loss if float(loss) > 0 else -loss), stats

    memory = estimate(Looking(), CONFIG, CPU, 8)
    assert memory.activations is None
    assert "at least" in str(memory)
    assert str(memory).endswith("activations not estimated")


@pytest.mark.parametrize("preset", [name for name in PRESETS if name.endswith("-64")])
def test_the_losses_of_the_presets_can_be_estimated(drawn_faces: Path, preset: str) -> None:
    options = {"training.batch_size": "4", "training.bf16": "false"}
    config = configs.override(PRESETS[preset](), options)
    task = build(config, [drawn_faces], CPU)
    memory = estimate(task, config.training, CPU, 4)
    assert memory.activations is not None
    assert memory.activations > memory.batches


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells the peak of one process"
)
def test_the_estimate_is_near_what_a_process_takes(drawn_faces: Path, tmp_path: Path) -> None:
    """Within a factor of two; operations need some memory in passing, and PyTorch loads more of
    itself at the first step."""
    command = [sys.executable, "-c", PROGRAM, str(drawn_faces), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 0.5 < found["measured"] / found["estimated"] < 2
