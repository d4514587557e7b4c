"""Tasks learn: one batch by heart in a few steps, and what their batches hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from maskgan import config as configs
from maskgan.models.regional import composite
from maskgan.presets import PRESETS
from maskgan.training.loop import Task, fit
from maskgan.training.parser_task import ParserRun, ParserTask
from maskgan.training.regional_run import RegionalRun
from maskgan.training.regional_task import RegionalTask
from maskgan.training.run import build

CPU = torch.device("cpu")
OPTIONS = {
    "training.batch_size": "4",
    "training.bf16": "false",
    "training.stats_every": "4",
    "training.checkpoint_every": "100000",
    "training.samples_every": "100000",
    "training.warmup_images": "20",
}


def learn_by_heart(task: Task, run: Path, images: int) -> list[dict[str, Any]]:
    """Trains on the task's first batch alone; returns the numbers of every step."""
    only = task.batch(0, 4)
    task.batch = lambda start, count: only  # type: ignore[method-assign]
    config = task.run.training  # type: ignore[attr-defined]
    options = {name: value for name, value in OPTIONS.items() if name.startswith("training.")}
    short = {name.removeprefix("training."): value for name, value in options.items()}
    config = configs.override(config, short | {"total_images": str(images)})
    fit(task, config, run, device=CPU, progress=False)
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    return [line for line in lines if "figures" not in line]


def parser_task(data: Path, **options: str) -> ParserTask:
    config = configs.override(PRESETS["parser-64"](), OPTIONS | options)
    assert isinstance(config, ParserRun)
    task = build(config, [data], CPU)
    assert isinstance(task, ParserTask)
    return task


def regional_task(data: Path, **options: str) -> RegionalTask:
    config = configs.override(PRESETS["regional-64"](), OPTIONS | options)
    assert isinstance(config, RegionalRun)
    task = build(config, [data], CPU)
    assert isinstance(task, RegionalTask)
    return task


STEADY = {
    "loss.learning_rate": "4e-3",
    "loss.pixel": "4",
    "loss.adversarial": "0.5",
    "loss.fake": "1",
}
"""What learns a picture by heart: much of the picture itself, little of the critic."""


def test_a_parser_learns_a_batch_by_heart(plain_faces: Path, tmp_path: Path) -> None:
    steps = learn_by_heart(parser_task(plain_faces), tmp_path, images=400)
    assert steps[0]["parser/accuracy"] < 0.5
    assert steps[-1]["parser/accuracy"] > 0.93
    assert steps[-1]["parser/cross_entropy"] < 0.15 * steps[0]["parser/cross_entropy"]
    assert steps[-1]["parser/dice"] < 0.6 * steps[0]["parser/dice"]


def test_a_generator_learns_a_batch_by_heart(plain_faces: Path, tmp_path: Path) -> None:
    task = regional_task(plain_faces, **STEADY, **{"crops.crop": "48"})
    steps = learn_by_heart(task, tmp_path, images=480)
    assert steps[-1]["generator/pixel"] < 0.3 * steps[0]["generator/pixel"]
    assert steps[-1]["generator/psnr"] > steps[0]["generator/psnr"] + 8

    def fall(name: str) -> float:  # the critic sees another cut every time
        values = [step[f"discriminator/{name}"] for step in steps]
        return sum(values[-20:]) / sum(values[:20])

    assert fall("real") < 0.92
    assert fall("fake") < 0.75
    assert fall("caught") > 1.5


def test_the_generator_s_loss_is_the_weighted_sum_of_its_terms(plain_faces: Path) -> None:
    task = regional_task(plain_faces)
    batch = task.batch(0, 4)
    loss, stats = task.generator_loss(batch)
    weights = task.run.loss
    expected = weights.pixel * stats["pixel"] + weights.adversarial * stats["adversarial"]
    torch.testing.assert_close(loss, expected)
    assert "perceptual" not in stats


def same(one: Any, other: Any) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("make", [parser_task, regional_task])
def test_the_same_examples_come_with_the_same_numbers(make: Any, plain_faces: Path) -> None:
    first, second = make(plain_faces), make(plain_faces)
    second.batch(4, 4)  # what was asked before does not matter
    for start in (0, 12):
        assert same(first.batch(start, 4), second.batch(start, 4))
    assert not same(first.batch(0, 4), first.batch(20, 4))
    other = make(plain_faces, **{"training.seed": "1"})
    assert not same(first.batch(0, 4), other.batch(0, 4))


def test_rare_faces_are_seen_more_often(drawn_faces: Path) -> None:
    task = parser_task(drawn_faces, **{"loss.rare_repeats": "3"})
    rare = torch.tensor([3, 14, 15, 16])
    repeats = [task._order.count(item) for item in range(len(task.train))]
    for item, times in enumerate(repeats):
        has_rare = bool(torch.isin(torch.from_numpy(task.train[item][1]), rare).any())
        assert times == (3 if has_rare else 1)
    assert {1, 3} == set(repeats)


def test_regional_batches_are_crops_and_some_are_whole(plain_faces: Path) -> None:
    task = regional_task(plain_faces, **{"crops.whole_every": "3"})
    for step in range(6):
        batch = task.batch(step * 4, 4)
        whole = step % 3 == 2
        faces, side = (2, 64) if whole else (4, 32)
        assert batch.photo.shape == (faces, 3, side, side)
        assert batch.labels.shape == (faces, side, side)
        assert batch.erase.shape == (faces, 1, side, side)
        assert batch.face.shape == (faces, 3, 32, 32)
        assert batch.face_labels.shape == (faces, 32, 32)
        assert batch.visible.shape == (faces, 19)
        assert set(batch.erase.unique().tolist()) <= {0.0, 1.0}
        assert (batch.erase.flatten(1).sum(1) > 0).all()  # something to learn in every crop
        assert batch.photo.abs().max() <= 1


def test_the_generator_does_not_see_what_it_must_paint(plain_faces: Path) -> None:
    """Its code comes from the whole face, but the erased pixels themselves are hidden."""
    task = regional_task(plain_faces)
    batch = task.batch(0, 4)
    torch.manual_seed(0)
    noise = torch.rand_like(batch.photo)
    other = batch._replace(photo=composite(batch.photo, noise, batch.erase))
    with torch.no_grad():
        assert torch.equal(task._render(batch), task._render(other))


def test_hidden_codes_are_predicted_not_shown(plain_faces: Path) -> None:
    task = regional_task(plain_faces, **{"crops.hidden_codes": "1.0"})
    shown: Tensor = torch.cat([task.batch(start, 4).visible for start in range(0, 48, 4)])
    hidden = (shown == 0).all(1)
    assert ((shown == 1).all(1) | hidden).all()
    assert 0.2 < hidden.float().mean() < 0.8
    open_task = regional_task(plain_faces, **{"crops.hidden_codes": "0.0"})
    assert (open_task.batch(0, 4).visible == 1).all()


def test_options_that_do_not_fit_together_are_refused() -> None:
    for name, value, sentence in (
        ("model.style_width", "16", "encoder.style_width is 8 and model.style_width 16"),
        ("crops.crop", "128", "crops.crop is 128; expected a multiple of 16 from 32 to"),
        ("crops.crop", "16", "expected a multiple of 16 from 32 to model.size, 64"),
        ("crops.crop", "24", "crops.crop is 24; expected a multiple of 16"),
        ("crops.whole_every", "0", "whole_every is 0"),
        ("loss.vgg_taps", "[1, 1, 1, 1, 1, 1]", "vgg_taps has 6 weights; VGG-19 has 5 blocks"),
    ):
        with pytest.raises(ValueError, match=sentence):
            configs.override(PRESETS["regional-64"](), {name: value})
    with pytest.raises(ValueError, match="vgg_taps are all 0"):
        configs.override(
            PRESETS["regional-64"](), {"loss.perceptual": "1", "loss.vgg_taps": "[0, 0]"}
        )
