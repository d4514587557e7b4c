"""The kinds of files of a run that hold weights, each opened by exactly one function.

`model.safetensors` holds EMA weights for use, with the model's kind and config as JSON in its
header: `load_model` needs nothing else. `state.pt` holds everything to resume, as plain tensors
and numbers (`weights_only=True`). Both are written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from maskgan import config as configs
from maskgan import files
from maskgan.errors import CheckpointError, OutputError
from maskgan.models.kinds import build, kind_of

FORMAT = 1


def save_model(path: str | Path, module: nn.Module, notes: dict[str, Any] | None = None) -> None:
    """Writes the weights of one of our models with its kind, config and `notes` in the header."""
    with _replacing(path) as temporary:
        _write_model(temporary, module, notes)


def _write_model(path: Path, module: nn.Module, notes: dict[str, Any] | None) -> None:
    header = {
        "format": FORMAT,
        "kind": kind_of(module),
        "config": configs.to_dict(module.config),
        "notes": notes or {},
    }
    tensors = {name: value.detach().contiguous() for name, value in module.state_dict().items()}
    save_file(tensors, path, {"maskgan": json.dumps(header)})


def load_model(path: str | Path, device: str | torch.device = "cpu") -> nn.Module:
    """The model in a `model.safetensors`, in eval mode on `device`. Raises `CheckpointError`."""
    header = read_header(path)
    try:
        module = build(header["kind"], header["config"])
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        module.load_state_dict(tensors)
    except (SafetensorError, RuntimeError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{path} does not fit its own header: {reason}") from error
    return module.to(device).eval()


def read_header(path: str | Path) -> dict[str, Any]:
    """Kind, config and notes of a `model.safetensors`. Raises `CheckpointError`."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        header: Any = json.loads(metadata["maskgan"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"{path} is not a model file of maskgan ({error}); expected a model.safetensors "
            "written by `maskgan train`."
        ) from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        found = header.get("format") if isinstance(header, dict) else None
        raise CheckpointError(f"{path} has format {found}; this version reads format {FORMAT}.")
    return header


def save_state(path: str | Path, state: dict[str, Any]) -> None:
    """Writes a training state: nested dicts and lists of tensors, numbers and strings."""
    with _replacing(path) as temporary:
        torch.save({"format": FORMAT, **state}, temporary)


def save_all(
    models: Mapping[Path, nn.Module], notes: dict[str, Any], path: Path, state: dict[str, Any]
) -> None:
    """Writes model files and the state at `path` beside what was there before, and replaces it only
    when all of them are whole."""
    with ExitStack() as stack:
        # What is entered first is replaced last: a state never is newer than its models.
        torch.save({"format": FORMAT, **state}, stack.enter_context(_replacing(path)))
        for place, module in models.items():
            _write_model(stack.enter_context(_replacing(place)), module, notes)


@contextmanager
def _replacing(path: str | Path) -> Iterator[Path]:
    """As `files.replacing`; what PyTorch and safetensors raise where a file cannot be written, on a
    full disk above all, becomes an `OutputError` too."""
    with files.replacing(path) as temporary:
        try:
            yield temporary
        except (RuntimeError, SafetensorError) as error:
            reason = " ".join(str(error).split())
            raise OutputError(f"Cannot write {path}: {reason}.") from error


def load_state(path: str | Path) -> dict[str, Any]:
    """Reads a training state on the CPU. Raises `CheckpointError`."""
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist; there is nothing to resume.") from error
    except Exception as error:  # torch.load raises many kinds for a damaged file
        raise CheckpointError(f"{path} cannot be read as a training state: {error}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        found = state.get("format") if isinstance(state, dict) else None
        raise CheckpointError(f"{path} has format {found}; this version reads format {FORMAT}.")
    return state
