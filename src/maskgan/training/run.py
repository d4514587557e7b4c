"""A preset, data and a folder -> a finished run: resolve, print, build, fit."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from maskgan import config as configs
from maskgan import files
from maskgan.data.dataset import FaceMaskDataset
from maskgan.errors import ConfigError, DatasetError, OutputError, TrainingError
from maskgan.presets import PRESETS, Run
from maskgan.training.baselines import Pix2PixHdRun, SpadeRun, baseline_task
from maskgan.training.classifier_task import ClassifierRun, ClassifierTask
from maskgan.training.curves import say_if_missing
from maskgan.training.detector_task import DetectorRun, DetectorTask
from maskgan.training.devices import fast_bf16, pick_device
from maskgan.training.distributed import ALONE, Processes, processes
from maskgan.training.ebst_task import EbstRun, EbstTask
from maskgan.training.loop import Task, fit
from maskgan.training.mask_vae_task import MaskVaeRun, MaskVaeTask
from maskgan.training.memory import estimate
from maskgan.training.parser_task import ParserRun, ParserTask, UnetParserRun, VggParserRun
from maskgan.training.regional_task import RegionalTask
from maskgan.training.stargan_task import StarGanRun, StarGanTask
from maskgan.training.translation_task import DenseMappingRun, dense_mapping_task

NETWORKS = ("model", "encoder", "discriminator", "blender")
"""Sections of a run that describe networks."""


def train(
    preset: str,
    *,
    data: Sequence[str | Path],
    run: str | Path,
    resume: bool = False,
    dry_run: bool = False,
    options: Mapping[str, str] | None = None,
    progress: bool = True,
) -> dict[str, float]:
    """Trains the run called `preset` on dataset folders or packs into the folder `run`.

    `options` are overrides such as {"training.batch_size": "8"}; `resume` goes on from the folder's
    state; `dry_run` prints the resolved run and the memory it takes, and stops. Returns the last
    validation figures. Where the device is slow at bfloat16 the run uses float32. Under torchrun
    every process calls this alike, and the first one prints and writes. Raises `ConfigError`,
    `DatasetError`, `CheckpointError`, `OutputError` or `TrainingError`.
    """
    if preset not in PRESETS:
        raise ConfigError(f"Unknown preset {preset!r}; there are: {', '.join(PRESETS)}.")
    config = configs.override(PRESETS[preset](), options or {})
    folder = Path(run)
    device = pick_device()
    if config.training.bf16 and not fast_bf16(device)[0]:
        config = replace(config, training=replace(config.training, bf16=False))
    with processes(device) as group:
        share = group.share(config.training.batch_size)
        changes = _check_folder(folder, preset, config, resume)
        task = build(config, data, device)
        if group.first:
            lines = [describe(preset, config, task, device, group), *changes]
            if dry_run:
                lines.append(str(estimate(task, config.training, device, share)))
            print("\n".join(lines), file=sys.stderr)
        if dry_run:
            return {}
        if group.first:
            _open_folder(folder, preset, config, resume)
            say_if_missing()
        return fit(
            task,
            config.training,
            folder,
            device=device,
            resume=resume,
            progress=progress,
            group=group,
        )


def build(config: Run, data: Sequence[str | Path], device: torch.device) -> Task:
    """The task of a run with its faces to train on and to check itself on: the val split, since
    test faces are for reports; a set too small to have one is checked on those."""
    size = config.model.size
    train_faces = FaceMaskDataset(data, size, "train")
    try:
        val_faces = FaceMaskDataset(data, size, "val")
    except DatasetError:
        val_faces = FaceMaskDataset(data, size, "test")
    if len(train_faces) < config.training.batch_size:
        raise TrainingError(
            f"{len(train_faces)} faces to train on, fewer than a batch of "
            f"{config.training.batch_size}; lower --training.batch_size or give more data."
        )
    if isinstance(config, (ParserRun, VggParserRun, UnetParserRun)):
        return ParserTask(config, train_faces, val_faces, device)
    if isinstance(config, DetectorRun):
        return DetectorTask(config, train_faces, val_faces, device)
    if isinstance(config, ClassifierRun):
        return ClassifierTask(config, train_faces, val_faces, device)
    if isinstance(config, MaskVaeRun):
        return MaskVaeTask(config, train_faces, val_faces, device)
    if isinstance(config, EbstRun):
        return EbstTask(config, train_faces, val_faces, device)
    if isinstance(config, DenseMappingRun):
        return dense_mapping_task(config, train_faces, val_faces, device)
    if isinstance(config, (Pix2PixHdRun, SpadeRun)):
        return baseline_task(config, train_faces, val_faces, device)
    if isinstance(config, StarGanRun):
        return StarGanTask(config, train_faces, val_faces, device)
    detailed = None
    if config.model.detail > 1:
        side = size * config.model.detail
        try:
            detailed = FaceMaskDataset(data, side, "train", min_side=side)
        except DatasetError as error:
            raise DatasetError(f"{error} Or see no larger faces: --model.detail 1.") from error
    return RegionalTask(config, train_faces, val_faces, device, detailed)


def describe(
    preset: str, config: Run, task: Task, device: torch.device, group: Processes = ALONE
) -> str:
    """The resolved run as text: options, parameters, data, environment."""
    lines = [f"maskgan train {preset}", configs.to_json(config, indent=2)]
    for name, module in task.modules.items():
        count = sum(parameter.numel() for parameter in module.parameters())
        lines.append(f"{name}: {count:,} parameters")
    training, faces = config.training, len(task.train)
    steps = -(-training.total_images // training.batch_size)
    lines.append(
        f"{faces:,} images per epoch, {steps:,} steps of {training.batch_size}, "
        f"{training.total_images / faces:,.1f} epochs in all"
    )
    if group.count > 1:
        share = group.share(training.batch_size)
        lines.append(f"{group.count} processes, {share} images of a step each")
    lines.append(
        f"device {device}, {torch.get_num_threads()} threads, torch {torch.__version__}, "
        f"Python {platform.python_version()}"
    )
    fast, reason = fast_bf16(device)
    if training.bf16:
        lines.append(f"precision bfloat16: {reason}")
    else:
        lines.append(f"precision float32: {'training.bf16 is false' if fast else reason}")
    return "\n".join(lines)


def _check_folder(folder: Path, preset: str, config: Run, resume: bool) -> list[str]:
    """Refuses a folder that cannot take this run. Of a resumed run returns the options that differ
    from those it was started with, a line each; preset and networks must be the same."""
    state = folder / "state.pt"
    if not resume:
        if state.exists():
            raise TrainingError(
                f"{folder} holds a run already; add --resume to go on with it or choose another "
                "folder."
            )
        return []
    if not state.exists():
        raise TrainingError(f"{folder} has no state.pt; there is nothing to resume.")
    path = folder / "run.json"
    try:
        record = json.loads(path.read_text())
        before = _flat(record["config"])
        started = record["preset"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(
            f"{path} does not say how the run was started ({error}); without it the run cannot be "
            "resumed. Start a new one in another folder."
        ) from error
    if started != preset:
        raise TrainingError(
            f"{folder} holds a run of preset {started!r}, not {preset!r}; resume with that preset."
        )
    after = _flat(configs.to_dict(config))
    changed = [name for name in after if name in before and before[name] != after[name]]
    for name in changed:
        if name.split(".")[0] in NETWORKS:
            raise TrainingError(
                f"--{name} is {after[name]}, but the run in {folder} was started with "
                f"{before[name]}; networks cannot change when a run is resumed."
            )
    return [f"changed since the start: {name} {before[name]} -> {after[name]}" for name in changed]


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options -> "section.option" names."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{prefix}{name}"
        flat |= _flat(value, f"{path}.") if isinstance(value, Mapping) else {path: value}
    return flat


def _open_folder(folder: Path, preset: str, config: Run, resume: bool) -> None:
    """Makes the run's folder and writes down its options, which a resumed run may have changed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not resume:
            (folder / "stats.jsonl").unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"Cannot make the run folder {folder}: {error.strerror or error}. Choose another place."
        ) from error
    record = {"preset": preset, "config": configs.to_dict(config)}
    files.write_text(folder / "run.json", json.dumps(record, indent=2))
