"""A run that is killed at any moment and resumed equals an uninterrupted one, bit for bit."""

from __future__ import annotations

import json
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
import torch
from children import CONTEXT
from safetensors.torch import load_file
from torch import Tensor

from maskgan.cli import main
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig
from maskgan.training import checkpoint
from maskgan.training.run import train

SHORT = {
    "training.total_images": "96",
    "training.batch_size": "8",
    "training.bf16": "false",
    "training.stats_every": "8",
    "training.checkpoint_every": "32",
    "training.samples_every": "48",
    "training.warmup_images": "40",
    "training.ema_halflife": "64",
}
RUNS = {
    "parser-64": SHORT | {"model.widths": "[8, 8, 8, 8]"},
    "regional-64": SHORT | {"discriminator.widths": "[4, 8, 8, 8]", "model.widths": "[8,8,8,8]"},
    "paper-64-maskvae": SHORT | {"model.widths": "[8, 8, 8, 8]", "loss.kl_warmup_images": "64"},
    # Its steps take the longest.
    "paper-64-stage2": SHORT
    | {
        "training.total_images": "48",
        "training.checkpoint_every": "16",
        "training.samples_every": "24",
        "model.downsamplings": "2",
        "model.width": "4",
        "model.blocks": "1",
        "model.style_width": "4",
        "discriminator.width": "4",
        "blender.width": "4",
        "ebst.straight_through": "true",
    },
}


def options_of(preset: str, folder: Path) -> dict[str, str]:
    """The options of a run; the second stage gets a small MaskVAE, untrained, in `folder`."""
    if preset != "paper-64-stage2":
        return RUNS[preset]
    torch.manual_seed(0)
    vae = MaskVae(MaskVaeConfig(widths=(4, 8), code=8, size=32))
    checkpoint.save_model(folder / "vae.safetensors", vae)
    return RUNS[preset] | {"ebst.mask_vae": str(folder / "vae.safetensors")}


def command_line(words: list[str], threads: int) -> None:
    torch.set_num_threads(threads)
    raise SystemExit(main(words))


def start(preset: str, options: dict[str, str], data: Path, run: Path) -> BaseProcess:
    """The command line in a process of its own, with as many threads as this one."""
    words = ["train", preset, "--data", str(data), "--run", str(run)]
    for name, value in options.items():
        words += [f"--{name}", value]
    process = CONTEXT.Process(target=command_line, args=(words, torch.get_num_threads()))
    process.start()
    return process


def kill_after_a_checkpoint(process: BaseProcess, run: Path) -> None:
    while not (run / "state.pt").exists():
        process.join(0.01)
        if process.exitcode is not None:
            pytest.fail(f"training ended with {process.exitcode} before its first checkpoint")
    process.kill()
    process.join()


def lines(run: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    for line in found:
        line.pop("seconds", None)
    return found


def assert_same(one: Any, other: Any, where: str = "state") -> None:
    """Nested dicts and lists of tensors and numbers are equal, tensors bit for bit."""
    assert type(one) is type(other), where
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            if key != "seconds":
                assert_same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for index, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f"{where}[{index}]")
    elif isinstance(one, Tensor):
        assert torch.equal(one, other), where
    else:
        # NaN, the IoU of a class that never occurs, equals itself here.
        assert one == other or (one != one and other != other), where


@pytest.mark.parametrize("preset", RUNS)
def test_killed_and_resumed_equals_uninterrupted(
    drawn_faces: Path, tmp_path: Path, preset: str
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    options = options_of(preset, tmp_path)
    total = int(options["training.total_images"])
    process = start(preset, options, drawn_faces, killed)
    try:
        kill_after_a_checkpoint(process, killed)
    finally:
        process.kill()
    at = checkpoint.load_state(killed / "state.pt")["images"]
    assert 0 < at < total, "it must be killed on the way"
    # The model files can be used at any moment.
    for path in killed.glob("*.safetensors"):
        checkpoint.load_model(path)

    figures = train(preset, data=[drawn_faces], run=whole, options=options, progress=False)
    resumed = train(
        preset, data=[drawn_faces], run=killed, options=options, resume=True, progress=False
    )
    assert_same(resumed, figures)
    assert len(lines(whole)) == total // 8 + 2
    assert lines(killed) == lines(whole)
    assert_same(*(checkpoint.load_state(run / "state.pt") for run in (killed, whole)))
    names = sorted(path.name for path in whole.glob("*.safetensors"))
    assert names == sorted(path.name for path in killed.glob("[!.]*.safetensors"))
    for name in names:
        assert_same(load_file(killed / name), load_file(whole / name))
    for path in sorted((whole / "samples").iterdir()):
        assert path.read_bytes() == (killed / "samples" / path.name).read_bytes()
