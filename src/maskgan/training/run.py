"""A preset, data and a folder -> a finished run: resolve, print, build, fit."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from maskgan import config as configs
from maskgan import files
from maskgan.data.dataset import FaceMaskDataset
from maskgan.errors import ConfigError, TrainingError
from maskgan.presets import PRESETS, Run
from maskgan.training.loop import Task, fit
from maskgan.training.parser_task import ParserRun, ParserTask
from maskgan.training.regional_task import RegionalTask


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
    state; `dry_run` prints the resolved run and stops. Returns the last validation figures.
    Raises `ConfigError`, `DatasetError` or `TrainingError`.
    """
    if preset not in PRESETS:
        raise ConfigError(f"Unknown preset {preset!r}; there are: {', '.join(PRESETS)}.")
    config = configs.override(PRESETS[preset](), options or {})
    folder = Path(run)
    device = pick_device()
    task = build(config, data, device)
    print(describe(preset, config, task, device), file=sys.stderr)
    if dry_run:
        return {}
    _open_folder(folder, preset, config, resume)
    return fit(task, config.training, folder, device=device, resume=resume, progress=progress)


def build(config: Run, data: Sequence[str | Path], device: torch.device) -> Task:
    """The task of a run with its train and test faces."""
    size = config.model.size
    train_faces = FaceMaskDataset(data, size, "train")
    test_faces = FaceMaskDataset(data, size, "test")
    if len(train_faces) < config.training.batch_size:
        raise TrainingError(
            f"{len(train_faces)} faces to train on, fewer than a batch of "
            f"{config.training.batch_size}; lower --training.batch_size or give more data."
        )
    if isinstance(config, ParserRun):
        return ParserTask(config, train_faces, test_faces, device)
    return RegionalTask(config, train_faces, test_faces, device)


def pick_device() -> torch.device:
    """CUDA, then MPS, then the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe(preset: str, config: Run, task: Task, device: torch.device) -> str:
    """The resolved run as text: options, parameters, data, environment."""
    lines = [f"maskgan train {preset}", configs.to_json(config, indent=2)]
    for name, module in task.modules.items():
        count = sum(parameter.numel() for parameter in module.parameters())
        lines.append(f"{name}: {count:,} parameters")
    lines.append(
        f"device {device}, {torch.get_num_threads()} threads, torch {torch.__version__}, "
        f"Python {platform.python_version()}"
    )
    return "\n".join(lines)


def _open_folder(folder: Path, preset: str, config: Run, resume: bool) -> None:
    """Makes the run's folder and writes its config, or checks that a resumed run has the same."""
    state = folder / "state.pt"
    if resume:
        if not state.exists():
            raise TrainingError(f"{folder} has no state.pt; there is nothing to resume.")
        return
    if state.exists():
        raise TrainingError(
            f"{folder} holds a run already; add --resume to go on with it or choose another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stats.jsonl").unlink(missing_ok=True)
    record = {"preset": preset, "config": configs.to_dict(config)}
    files.write_text(folder / "run.json", json.dumps(record, indent=2))
