"""The training loop: schedule, averages, intervals, losses that are not finite."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from toy_task import ToyTask

from maskgan.errors import CheckpointError, PhotoError, TrainingError
from maskgan.models.parser import Parser, ParserConfig
from maskgan.training import checkpoint
from maskgan.training.loop import TrainingConfig, _compile, _rate, fit

CPU = torch.device("cpu")
CONFIG = TrainingConfig(
    total_images=80,
    batch_size=8,
    bf16=False,
    ema_halflife=12,
    stats_every=20,
    checkpoint_every=32,
    samples_every=40,
    warmup_images=20,
)


def lines(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]


def test_the_rate_rises_stays_and_falls_along_a_cosine() -> None:
    config = TrainingConfig(total_images=1000, batch_size=10, warmup_images=100, decay_share=0.4)
    assert _rate(config, 0) == pytest.approx(0.1)
    assert _rate(config, 40) == pytest.approx(0.5)
    assert _rate(config, 90) == _rate(config, 300) == _rate(config, 600) == 1
    assert _rate(config, 700) == pytest.approx(0.5 + 0.5 * math.cos(math.pi / 4))
    assert _rate(config, 800) == pytest.approx(0.5)
    assert 0 < _rate(config, 990) < 0.01
    rates = [_rate(config, seen) for seen in range(600, 1000, 10)]
    assert rates == sorted(rates, reverse=True)


def test_a_run_may_do_without_warm_up_and_decay() -> None:
    config = TrainingConfig(total_images=100, batch_size=10, warmup_images=0, decay_share=0)
    assert {_rate(config, seen) for seen in range(0, 100, 10)} == {1.0}


def test_the_rate_reaches_the_optimizer(tmp_path: Path) -> None:
    """Adam's first step moves every weight by its learning rate."""
    task = ToyTask()
    fit(task, replace(CONFIG, total_images=8), tmp_path, device=CPU, progress=False)
    before = task.weights[0]
    after = [each.detach() for each in task.parser.parameters()]
    largest = max(float((a - b).abs().max()) for a, b in zip(after, before, strict=True))
    assert largest == pytest.approx(1e-2 * 8 / 20, rel=1e-2)


def test_averaged_weights_equal_a_computation_by_hand(tmp_path: Path) -> None:
    task = ToyTask()
    fit(task, CONFIG, tmp_path, device=CPU, progress=False)
    history = [*task.weights, [each.detach() for each in task.parser.parameters()]]
    assert len(history) == 11
    expected = [each.double() for each in history[0]]
    for step in range(1, 11):
        halflife = min(12.0, max(8 * step / 4, 1.0))  # short at first: the start is forgotten
        decay = 0.5 ** (8 / halflife)
        expected = [
            decay * old + (1 - decay) * new.double()
            for old, new in zip(expected, history[step], strict=True)
        ]
    saved = load_file(tmp_path / "parser.safetensors")
    names = [name for name, _ in task.parser.named_parameters()]
    for name, value in zip(names, expected, strict=True):
        torch.testing.assert_close(saved[name].double(), value, rtol=1e-4, atol=1e-6)
    for name, buffer in task.parser.named_buffers():
        assert torch.equal(saved[name], buffer)


def test_batches_follow_the_count_of_images(tmp_path: Path) -> None:
    task = ToyTask()
    fit(task, CONFIG, tmp_path, device=CPU, progress=False)
    assert task.starts[:10] == list(range(0, 80, 8))


def test_intervals_are_counted_in_images(tmp_path: Path) -> None:
    figures = fit(ToyTask(), CONFIG, tmp_path, device=CPU, progress=False)
    training = [line["images"] for line in lines(tmp_path) if "figures" not in line]
    assert training == [24, 40, 64, 80]  # the first step at or beyond 20, 40, 60, 80
    validation = [line for line in lines(tmp_path) if "figures" in line]
    assert [line["images"] for line in validation] == [40, 80]
    assert validation[-1]["figures"]["bias"] == figures["bias"]
    samples = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert samples == ["000000040.png", "000000080.png"]
    assert checkpoint.load_state(tmp_path / "state.pt")["images"] == 80
    assert checkpoint.read_header(tmp_path / "parser.safetensors")["notes"] == {"images": 80}


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_state(tmp_path: Path) -> None:
    def harm(start: int, loss: Tensor) -> Tensor:
        return loss * math.nan if start == 48 else loss

    with pytest.raises(TrainingError) as caught:
        fit(ToyTask(harm), CONFIG, tmp_path, device=CPU, progress=False)
    sentence = str(caught.value)
    assert "The loss of phase parser is nan" in sentence
    names = ", ".join(f"noise/{number}" for number in range(48, 56))
    assert f"in step 7, after 48 images, with the faces {names};" in sentence
    assert f"the last good checkpoint in {tmp_path / 'state.pt'}: go on from that" in sentence
    state = checkpoint.load_state(tmp_path / "state.pt")
    assert state["images"] == 32
    assert all(value.isfinite().all() for value in state["modules"]["parser"].values())
    assert checkpoint.read_header(tmp_path / "parser.safetensors")["notes"] == {"images": 32}

    fit(ToyTask(), CONFIG, tmp_path, device=CPU, resume=True, progress=False)
    assert checkpoint.load_state(tmp_path / "state.pt")["images"] == 80


def test_a_gradient_that_is_not_finite_stops_too(tmp_path: Path) -> None:
    def harm(start: int, loss: Tensor) -> Tensor:
        return loss + (loss * 0).sqrt() if start == 8 else loss

    with pytest.raises(TrainingError, match=r"gradient norm (inf|nan).*no checkpoint had been"):
        fit(ToyTask(harm), CONFIG, tmp_path, device=CPU, progress=False)
    assert not (tmp_path / "state.pt").exists()


def test_a_loss_that_explodes_stops_too(tmp_path: Path) -> None:
    def harm(start: int, loss: Tensor) -> Tensor:
        return -loss * 1e9 if start == 8 else loss

    with pytest.raises(TrainingError, match=r"is -\d\S*e\+08 .* a loss of at most 1e\+06"):
        fit(ToyTask(harm), CONFIG, tmp_path, device=CPU, progress=False)
    (tmp_path / "more").mkdir()
    config = replace(CONFIG, loss_limit=1e12, total_images=16)
    fit(ToyTask(harm), config, tmp_path / "more", device=CPU, progress=False)


def test_the_state_before_a_failing_step_is_kept(tmp_path: Path) -> None:
    """From it the step can be made again: here without what made it fail."""

    def harm(start: int, loss: Tensor) -> Tensor:
        return loss * math.nan if start == 48 else loss

    task = ToyTask(harm)
    with pytest.raises(TrainingError, match=f"before this step is in {tmp_path / 'failed.pt'}"):
        fit(task, CONFIG, tmp_path, device=CPU, progress=False)
    failed = checkpoint.load_state(tmp_path / "failed.pt")
    assert failed["images"] == 48
    assert failed["failure"]["phase"] == "parser"
    assert failed["failure"]["faces"] == [f"noise/{number}" for number in range(48, 56)]
    for found, (name, _) in zip(task.weights[6], task.parser.named_parameters(), strict=True):
        assert torch.equal(failed["modules"]["parser"][name], found)

    (tmp_path / "failed.pt").replace(tmp_path / "state.pt")
    fit(ToyTask(), CONFIG, tmp_path, device=CPU, resume=True, progress=False)
    assert [line["images"] for line in lines(tmp_path) if "figures" not in line] == [24, 40, 64, 80]


def test_many_faces_are_not_all_named(tmp_path: Path) -> None:
    def harm(start: int, loss: Tensor) -> Tensor:
        return loss * math.inf

    with pytest.raises(TrainingError, match=r"noise/31 and 8 more; expected finite numbers"):
        fit(ToyTask(harm), replace(CONFIG, batch_size=40), tmp_path, device=CPU, progress=False)


def test_large_gradients_are_scaled_down(tmp_path: Path) -> None:
    """Adam does not see the scale of a gradient, but of one among others it does."""

    def harm(start: int, loss: Tensor) -> Tensor:
        return loss * 1e6 if start == 8 else loss

    limited, free = ToyTask(harm), ToyTask(harm)
    config = replace(CONFIG, total_images=40, loss_limit=1e12)
    for task, limit in ((limited, 1.0), (free, 1e12)):
        run = tmp_path / str(limit)
        run.mkdir()
        fit(task, replace(config, gradient_limit=limit), run, device=CPU, progress=False)

    def last_move(task: ToyTask) -> float:
        return max(
            float((a - b).abs().max())
            for a, b in zip(task.weights[4], task.weights[3], strict=True)
        )

    # A huge gradient fills the second moment and stops learning for long; a limited one does not.
    assert last_move(free) < 0.5 * last_move(limited)


class TwoPhases(ToyTask):
    """The toy task with two phases that train the same network."""

    def __init__(self, optimizer: str = "", **differs: Any) -> None:
        super().__init__()
        first = replace(self.phases[0], optimizer=optimizer)
        self.phases = [first, replace(first, name="again", **differs)]


def test_phases_that_share_an_optimiser_share_its_moments(tmp_path: Path) -> None:
    for name, task in (("one", TwoPhases("both")), ("two", TwoPhases())):
        (tmp_path / name).mkdir()
        fit(task, CONFIG, tmp_path / name, device=CPU, progress=False)
    one, two = (checkpoint.load_state(tmp_path / name / "state.pt") for name in ("one", "two"))
    steps = {name: float(each["state"][0]["step"]) for name, each in one["optimizers"].items()}
    assert steps == {"both": 20}
    steps = {name: float(each["state"][0]["step"]) for name, each in two["optimizers"].items()}
    assert steps == {"parser": 10, "again": 10}


@pytest.mark.parametrize(
    ("name", "value"), [("trains", ()), ("betas", (0.5, 0.9)), ("weight_decay", 0.1)]
)
def test_phases_that_share_an_optimiser_must_agree(
    tmp_path: Path, name: str, value: object
) -> None:
    task = TwoPhases("both", **{name: value})
    with pytest.raises(ValueError, match=f"'parser' and 'again' share .* 'both', but {name} is"):
        fit(task, CONFIG, tmp_path, device=CPU, progress=False)


def test_errors_of_the_data_come_through(tmp_path: Path) -> None:
    class Broken(ToyTask):
        def batch(self, start: int, count: int) -> tuple[int, Tensor]:
            if start == 24:
                raise PhotoError("faces/images/3.jpg is damaged.")
            return super().batch(start, count)

    with pytest.raises(PhotoError, match=r"3\.jpg is damaged"):
        fit(Broken(), CONFIG, tmp_path, device=CPU, progress=False)


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for run in (whole, parts):
        run.mkdir()
    figures = fit(ToyTask(), CONFIG, whole, device=CPU, progress=False)

    def stop(start: int, loss: Tensor) -> Tensor:
        if start == 56:
            raise KeyboardInterrupt
        return loss

    with pytest.raises(KeyboardInterrupt):
        fit(ToyTask(stop), CONFIG, parts, device=CPU, progress=False)
    resumed = fit(ToyTask(), CONFIG, parts, device=CPU, resume=True, progress=False)
    assert resumed["bias"] == figures["bias"]
    for one, other in zip(lines(whole), lines(parts), strict=True):
        one.pop("seconds", None), other.pop("seconds", None)
        assert one == other
    one, other = (load_file(run / "parser.safetensors") for run in (whole, parts))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    figures = fit(ToyTask(), CONFIG, tmp_path, device=CPU, progress=False)
    before = (tmp_path / "stats.jsonl").read_text()
    task = ToyTask()
    again = fit(task, CONFIG, tmp_path, device=CPU, resume=True, progress=False)
    assert again["bias"] == figures["bias"]
    assert task.weights == []
    assert (tmp_path / "stats.jsonl").read_text() == before


@pytest.mark.filterwarnings("ignore:.*script_method.*:DeprecationWarning")
def test_compiled_networks_keep_the_names_of_their_weights() -> None:
    task = TwoPhases()
    task.modules["twin"] = Parser(ParserConfig(widths=(4, 4), size=32))
    task.phases.append(replace(task.phases[0], name="twin", trains=("twin",), second_order=True))
    names = list(task.parser.state_dict())
    _compile(task)
    assert list(task.parser.state_dict()) == names
    compiled = {name: each._compiled_call_impl is not None for name, each in task.modules.items()}
    assert compiled == {"parser": True, "twin": False}


def test_a_state_of_another_network_is_a_sentence(tmp_path: Path) -> None:
    fit(ToyTask(), CONFIG, tmp_path, device=CPU, progress=False)
    state = checkpoint.load_state(tmp_path / "state.pt")
    state["modules"]["parser"].pop("head.bias")
    checkpoint.save_state(tmp_path / "state.pt", state)
    with pytest.raises(CheckpointError, match=r"does not fit this run .*head\.bias"):
        fit(ToyTask(), CONFIG, tmp_path, device=CPU, resume=True, progress=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total_images", 0),
        ("batch_size", 0),
        ("stats_every", 0),
        ("checkpoint_every", -1),
        ("samples_every", 0),
        ("ema_halflife", 0),
        ("gradient_limit", 0.0),
        ("loss_limit", 0.0),
        ("warmup_images", -1),
        ("seed", -1),
        ("decay_share", 1.5),
    ],
)
def test_impossible_options_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"{name} is {value}; expected"):
        replace(CONFIG, **{name: value})
