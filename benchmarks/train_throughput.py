"""Claim: both stages of the paper train at least 1.5 times as fast as in a loop written as one
would from the paper (`plain_training.py`), with the same networks, losses and batches.

Images per second and peak memory of both stages at several sizes, on faces drawn by code. Every
measurement is a process of its own, the two loops take turns, and figures are medians. The networks
are those of the 64 px presets unless --paper asks for the paper's; VGG-19 takes part with random
weights, which cost what trained ones cost. What the project's loop does besides (averaged weights,
a record) is in its time. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from maskgan import config, images
from maskgan.data.dataset import FaceMaskDataset
from maskgan.data.drawn import draw_dataset
from maskgan.models.mask_vae import MaskVae
from maskgan.models.vgg import BLOCKS, TORCHVISION_LAYERS, WIDTHS
from maskgan.presets import PRESETS
from maskgan.training import checkpoint
from maskgan.training.devices import fast_bf16, pick_device
from maskgan.training.loop import fit
from maskgan.training.run import build
from maskgan.training.translation_task import DenseMappingRun
from plain_training import EDITS, PlainTraining

CLAIMED = 1.5
FACES = 24
WARM_UP = 2
"""Batches before the clock starts: files are decoded, memory is taken."""


def prepare(folder: Path, side: int) -> None:
    """Drawn faces with edits of their labels as PNGs, a MaskVAE and a VGG-19, both untrained."""
    draw_dataset(FACES, folder / "faces", size=max(side, 64), progress=False)
    torch.manual_seed(0)
    vae_run = PRESETS["paper-64-maskvae"]()
    vae = MaskVae(vae_run.model).eval()  # type: ignore[arg-type]
    checkpoint.save_model(folder / "mask_vae.safetensors", vae)
    faces = FaceMaskDataset([folder / "faces"], side, "all")
    for item, stem in enumerate(faces.stems):
        labels = torch.from_numpy(faces[item][1])[None]
        edits = vae.edits(labels, labels.roll(side // 8, 2))
        for name, edited in zip(EDITS, edits, strict=True):
            (folder / "faces" / name).mkdir(exist_ok=True)
            images.write_labels(folder / "faces" / name / f"{stem}.png", edited[0].numpy())
    state, inputs, layers = {}, 3, iter(TORCHVISION_LAYERS)
    for width, count in zip(WIDTHS, BLOCKS, strict=True):
        for _ in range(count):
            layer = next(layers)
            weight = torch.randn(width, inputs, 3, 3) * (2 / (9 * inputs)) ** 0.5
            state |= {
                f"features.{layer}.weight": weight,
                f"features.{layer}.bias": weight[:, 0, 0, 0],
            }
            inputs = width
    torch.save(state, folder / "vgg.pth")


def run_of(folder: Path, stage: int, side: int, paper: bool, batch: int) -> DenseMappingRun:
    """The run that both loops do."""
    options = {"training.batch_size": str(batch), "loss.perceptual": "10.0"}
    options |= {"loss.vgg": str(folder / "vgg.pth"), "training.stats_every": str(8 * batch)}
    options |= {"model.size": str(side)}
    if stage == 2:
        options["ebst.mask_vae"] = str(folder / "mask_vae.safetensors")
    preset = PRESETS[f"paper-{256 if paper else 64}-stage{stage}"]()
    run = config.override(preset, options)
    assert isinstance(run, DenseMappingRun)
    device = pick_device()
    bf16 = run.training.bf16 and fast_bf16(device)[0]
    return replace(run, training=replace(run.training, bf16=bf16))


def measure(folder: Path, kind: str, run: DenseMappingRun, steps: int) -> dict[str, float]:
    """Images per second from one step's beginning to another's, and peak memory in MiB of this
    process or, where there is one, of the GPU."""
    if kind == "plain":
        plain = PlainTraining(run, folder / "faces")
        plain.train(WARM_UP + steps + 1)
        times = plain.times
    else:
        times = times_of_fit(folder, run, WARM_UP + steps + 1)
    rate = run.training.batch_size * steps / (times[WARM_UP + steps] - times[WARM_UP])
    status = Path("/proc/self/status").read_text()  # of Linux; ru_maxrss has the parent's in it
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    if torch.cuda.is_available():
        peak = torch.cuda.max_memory_allocated() / 2**20
    return {"images_per_second": rate, "peak_mib": peak}


def times_of_fit(folder: Path, run: DenseMappingRun, steps: int) -> list[float]:
    """When each step of the project's loop began."""
    device, times = pick_device(), list[float]()
    task = build(run, [folder / "faces"], device)
    first = task.phases[0]

    def noted(batch: Any) -> Any:
        times.append(time.perf_counter())
        return first.loss(batch)

    task.phases[0] = replace(first, loss=noted)
    task.validate = lambda averaged: {}  # type: ignore[method-assign]
    task.samples = lambda averaged, path: None  # type: ignore[method-assign]
    length = replace(run.training, total_images=steps * run.training.batch_size)
    with tempfile.TemporaryDirectory() as place:
        fit(task, length, Path(place), device=device, progress=False)
    return times


def child(arguments: Mapping[str, Any]) -> dict[str, float]:
    """One measurement in a process of its own."""
    command = [sys.executable, __file__, "--child", json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--stages", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batch", type=int, default=8, help="images per step")
    parser.add_argument("--steps", type=int, default=4, help="steps that are timed, per run")
    parser.add_argument("--runs", type=int, default=3, help="runs the medians are of")
    parser.add_argument("--paper", action="store_true", help="the paper's networks, for a GPU")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        given = json.loads(options.child)
        folder = Path(given["folder"])
        run = run_of(folder, given["stage"], given["side"], given["paper"], given["batch"])
        print(json.dumps(measure(folder, given["kind"], run, given["steps"])))
        return

    rows = {}
    with tempfile.TemporaryDirectory() as place:
        for side in options.sizes:
            folder = Path(place) / str(side)
            prepare(folder, side)
            for stage in options.stages:
                same = {"folder": str(folder), "stage": stage, "side": side}
                same |= {name: getattr(options, name) for name in ("paper", "batch", "steps")}
                found: dict[str, list[dict[str, float]]] = {"plain": [], "maskgan": []}
                for _ in range(options.runs):
                    for kind, results in found.items():
                        results.append(child(same | {"kind": kind}))
                rows[f"stage{stage} {side}px"] = row(found)
    ratios = [each["ratio"] for each in rows.values()]
    report = {
        "rows": rows,
        "claimed": CLAIMED,
        "holds": min(ratios) >= CLAIMED,
        "device": str(pick_device()),
        "precision": "bfloat16" if fast_bf16(pick_device())[0] else "float32",
        "threads": torch.get_num_threads(),
        "runs": options.runs,
    }
    print(json.dumps(report, indent=1))


def row(found: Mapping[str, list[dict[str, float]]]) -> dict[str, float]:
    """Medians of both loops, and how much faster the project's is."""
    values = {
        f"{kind}_{name}": round(statistics.median(each[name] for each in results), 2)
        for kind, results in found.items()
        for name in results[0]
    }
    ratios = [
        ours["images_per_second"] / plain["images_per_second"]
        for ours, plain in zip(found["maskgan"], found["plain"], strict=True)
    ]
    return values | {"ratio": round(statistics.median(ratios), 2)}


if __name__ == "__main__":
    main()
