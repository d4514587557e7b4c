"""Pix2PixHD-m and SPADE learn in the task of MaskGAN's first stage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from maskgan import config as configs
from maskgan.models.baselines.pix2pixhd import Pix2PixHdGenerator
from maskgan.models.baselines.spade import SpadeGenerator
from maskgan.presets import PRESETS
from maskgan.training.baselines import Pix2PixHdRun, SpadeRun
from maskgan.training.checkpoint import load_model
from maskgan.training.loop import fit
from maskgan.training.run import build, train
from maskgan.training.translation_task import TranslationTask

CPU = torch.device("cpu")
SHORT = {
    "model.size": "32",
    "discriminator.width": "8",
    "training.batch_size": "4",
    "training.bf16": "false",
    "training.stats_every": "4",
    "training.checkpoint_every": "100000",
    "training.samples_every": "100000",
    "training.ema_halflife": "8",
}
OPTIONS = {
    "pix2pixhd-64": SHORT | {"model.width": "8", "model.downsamplings": "2", "model.blocks": "1"},
    "spade-64": SHORT
    | {
        "model.width": "4",
        "model.hidden": "8",
        "model.code": "8",
        "model.upsamplings": "3",
        "loss.learning_rate": "8e-3",
        "loss.betas": "[0.5, 0.9]",
        "loss.kl": "0.001",
    },
}


@pytest.mark.parametrize("preset", OPTIONS)
def test_it_learns_a_batch_by_heart(preset: str, plain_faces: Path, tmp_path: Path) -> None:
    config = configs.override(PRESETS[preset](), OPTIONS[preset])
    assert isinstance(config, (Pix2PixHdRun, SpadeRun))
    task = build(config, [plain_faces], CPU)
    assert isinstance(task, TranslationTask)
    kind = SpadeGenerator if preset == "spade-64" else Pix2PixHdGenerator
    assert type(task.modules["generator"]) is kind
    only = task.batch(0, 4)
    # The same faces, but other draws in every step.
    task.batch = lambda start, count: only._replace(seed=start)  # type: ignore[method-assign]
    images = "280" if preset == "spade-64" else "120"
    short = configs.override(config, {"training.total_images": images}).training
    fit(task, short, tmp_path, device=CPU, progress=False)
    lines = [json.loads(line) for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "figures" not in line]
    assert steps[-1]["generator/psnr"] > steps[0]["generator/psnr"] + 4
    assert ("generator/kl" in steps[0]) == (preset == "spade-64")


@pytest.mark.parametrize("preset", OPTIONS)
def test_resume_gives_the_same_numbers(preset: str, plain_faces: Path, tmp_path: Path) -> None:
    def run(name: str, total: int) -> dict[str, float]:
        lengths = {"training.total_images": str(total), "training.decay_share": "0"}
        return train(
            preset,
            data=[plain_faces],
            run=tmp_path / name,
            options=OPTIONS[preset] | lengths,
            resume=(tmp_path / name).exists(),
            progress=False,
        )

    whole = run("whole", 24)
    run("parts", 8)
    assert run("parts", 24) == whole
    one, other = (
        load_model(tmp_path / name / "generator.safetensors") for name in ("whole", "parts")
    )
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name
