"""Several processes: equal to one that sees all, stopped together, resumed together."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from children import CONTEXT
from safetensors.torch import load_file
from test_loop import CONFIG
from torch import Tensor
from toy_run import CPU, SteadyTask, joined

from maskgan import config as configs
from maskgan.errors import TrainingError
from maskgan.presets import PRESETS
from maskgan.training import checkpoint
from maskgan.training.distributed import (
    ALONE,
    ENDED,
    Processes,
    _stopped_with_a_sentence,
    local_rank,
    processes,
)
from maskgan.training.loop import Stats, fit
from maskgan.training.run import build
from maskgan.training.translation_task import TranslationTask

SCRIPT = Path(__file__).with_name("toy_run.py")


def torchrun(*words: object) -> subprocess.CompletedProcess[str]:
    """Two processes on this machine, on a port that torchrun finds."""
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    command = [sys.executable, *launcher, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def forked(run: Path, what: str) -> None:
    """Two processes that find each other as those of torchrun do, and have loaded PyTorch before
    they start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = [CONTEXT.Process(target=joined, args=(rank, port, run, what)) for rank in (0, 1)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0, 0]


def lines(run: Path, *left_out: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    for line in found:
        for name in ("seconds", *left_out):
            line.pop(name, None)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run of two processes."""
    run = tmp_path_factory.mktemp("whole")
    forked(run, "whole")
    return run


@pytest.mark.slow
def test_two_processes_equal_one_with_the_doubled_batch(whole: Path, tmp_path: Path) -> None:
    task = SteadyTask()
    fit(task, CONFIG, tmp_path, device=CPU, progress=False)
    # What a process draws is its own.
    one, two = (lines(run, "parser/draw") for run in (tmp_path, whole))
    assert len(one) == len(two) == 6
    for ours, theirs in zip(one, two, strict=True):
        assert theirs.pop("figures", {}) == pytest.approx(ours.pop("figures", {}), nan_ok=True)
        assert theirs == pytest.approx(ours, rel=1e-5)
    weights = checkpoint.load_state(whole / "state.pt")["modules"]["parser"]
    for name, value in task.parser.state_dict().items():
        torch.testing.assert_close(weights[name], value, rtol=1e-5, atol=1e-5)
    moved = load_file(whole / "parser.safetensors")
    for name, value in load_file(tmp_path / "parser.safetensors").items():
        torch.testing.assert_close(moved[name], value, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_each_process_sees_its_share_and_the_first_writes(whole: Path) -> None:
    first, second = (json.loads((whole / f"{rank}.json").read_text()) for rank in (0, 1))
    assert first["starts"][:10] == list(range(0, 80, 8))
    assert second["starts"][:10] == list(range(4, 84, 8))
    assert first["figures"].keys() == {"bias", "undefined"}
    assert second["figures"] == {}
    names = {path.name for path in whole.iterdir() if path.name != "tensorboard"}
    files = {"state.pt", "stats.jsonl", "curves.png", "samples", "parser.safetensors"}
    assert names == files | {"0.json", "1.json"}


@pytest.mark.slow
def test_exchanges_are_means_and_the_first_one_s_values(whole: Path) -> None:
    for rank in (0, 1):
        found = json.loads((whole / f"{rank}.json").read_text())["exchanges"]
        assert found["loss"] == 5.0
        both, one, none = found["gradients"]
        assert both == [[1.5, 1.5], [1.5, 1.5]]
        assert one == [[3.0, 3.0], [3.0, 3.0]]  # the other process has none, which counts as zero
        assert none is None
        assert found["spread"] == [5]
        assert found["gathered"] == [{"rank": 0}, {"rank": 1}]


@pytest.mark.slow
def test_a_killed_process_ends_the_run_which_can_be_resumed(whole: Path, tmp_path: Path) -> None:
    killed = torchrun(SCRIPT, tmp_path, "kill")
    assert killed.returncode != 0
    assert ENDED in killed.stderr
    assert checkpoint.load_state(tmp_path / "state.pt")["images"] == 32
    forked(tmp_path, "resume")
    assert lines(tmp_path) == lines(whole)
    one, other = (load_file(run / "parser.safetensors") for run in (tmp_path, whole))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.slow
def test_a_loss_that_is_not_finite_in_one_process_stops_all(tmp_path: Path) -> None:
    done = torchrun(SCRIPT, tmp_path, "nan")
    assert done.returncode != 0
    names = ", ".join(f"noise/{number}" for number in range(48, 56))
    assert "The loss of phase parser is nan (gradient norm nan) in step 7" in done.stderr
    assert f"with the faces {names};" in done.stderr
    assert checkpoint.load_state(tmp_path / "failed.pt")["images"] == 48
    assert checkpoint.load_state(tmp_path / "state.pt")["images"] == 32


class InHalves:
    """The paper's task in one process, its batches drawn and judged in the halves that two
    processes see: another order of summing up differs by rounding, which Adam makes larger."""

    def __init__(self, task: TranslationTask) -> None:
        self.task = task
        self.name, self.modules, self.averaged = task.name, task.modules, task.averaged
        self.train, self.names = task.train, task.names
        self.samples, self.validate = task.samples, task.validate
        self.halves = copy(task), copy(task)  # the same networks, passes of their own
        self.phases = [replace(each, loss=partial(self.loss, each.loss)) for each in task.phases]

    def batch(self, start: int, count: int) -> list[Any]:
        half = count // 2
        return [self.task.batch(start, half), self.task.batch(start + half, half)]

    def loss(self, method: Any, batches: list[Any]) -> tuple[Tensor, Stats]:
        found = [
            getattr(half, method.__name__)(batch)
            for half, batch in zip(self.halves, batches, strict=True)
        ]
        stats = {
            name: torch.stack([each[1][name] for each in found]).mean() for name in found[0][1]
        }
        return torch.stack([loss for loss, _ in found]).mean(), stats


@pytest.mark.slow
def test_the_command_line_trains_the_paper_s_networks_in_two_processes(
    plain_faces: Path, tmp_path: Path
) -> None:
    options = {
        "training.total_images": "16",
        "training.batch_size": "8",
        "training.bf16": "false",
        "training.stats_every": "8",
        "model.width": "4",
        "discriminator.width": "4",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    place = ("--data", plain_faces, "--run", tmp_path / "two")
    # Without the two dashes torchrun takes --run for an option of its own.
    done = torchrun("-m", "--", "maskgan", "train", "paper-64-stage1", *place, *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("2 processes, 4 images of a step each") == 1
    one = tmp_path / "one"
    one.mkdir()
    config = configs.override(PRESETS["paper-64-stage1"](), options)
    task = build(config, [plain_faces], CPU)
    assert isinstance(task, TranslationTask)
    fit(InHalves(task), config.training, one, device=CPU, progress=False)
    for ours, theirs in zip(lines(one), lines(tmp_path / "two"), strict=True):
        assert theirs.pop("figures", {}) == pytest.approx(ours.pop("figures", {}), rel=1e-5)
        assert theirs == pytest.approx(ours, rel=1e-5)


def test_a_batch_that_cannot_be_shared_evenly_is_refused() -> None:
    assert Processes(1, 4).share(12) == 3
    with pytest.raises(TrainingError, match="batch_size is 10, which 4 processes cannot share"):
        Processes(1, 4).share(10)


def test_a_process_that_torchrun_starts_alone_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with processes(CPU) as group:
        assert group == ALONE
    given = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "localhost", "MASTER_PORT": "1"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with processes(CPU) as group:
        assert group == ALONE
    assert local_rank() == 0


def test_what_cannot_be_started_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "none"}
    for name, value in (given | {"LOCAL_RANK": "1"}).items():
        monkeypatch.setenv(name, value)
    assert local_rank() == 1
    with pytest.raises(TrainingError, match="CPUs or on CUDA GPUs"), processes(torch.device("mps")):
        pass
    with (
        pytest.raises(TrainingError, match=r"process 1 of the machine, .* there are 0 GPUs"),
        processes(torch.device("cuda", 1)),
    ):
        pass
    with (
        pytest.raises(TrainingError, match=r"cannot be connected: .*Start them with torchrun"),
        processes(CPU),
    ):
        pass


def test_a_process_that_torchrun_stops_says_so() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with (
        pytest.raises(TrainingError, match="Another process of this run has ended"),
        _stopped_with_a_sentence(),
    ):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
