"""Model files and training states: whole, self-describing, refused when damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from maskgan.errors import CheckpointError, OutputError
from maskgan.models.parser import Parser, ParserConfig
from maskgan.models.regional import (
    RegionalGenerator,
    RegionalGeneratorConfig,
    StyleEncoder,
    StyleEncoderConfig,
)
from maskgan.training import checkpoint

MODELS = {
    "parser": lambda: Parser(ParserConfig(widths=(4, 8), size=32)),
    "regional-generator": lambda: RegionalGenerator(
        RegionalGeneratorConfig(widths=(4, 8), style_width=4, size=32)
    ),
    "style-encoder": lambda: StyleEncoder(StyleEncoderConfig(width=4, style_width=4, size=32)),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    checkpoint.save_model(path, MODELS["parser"](), {"images": 7})
    return path


def rewrite(path: Path, **changes: object) -> None:
    header = checkpoint.read_header(path) | changes
    save_file(load_file(path), path, {"maskgan": json.dumps(header)})


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_comes_back_bit_for_bit(tmp_path: Path, kind: str) -> None:
    model: nn.Module = MODELS[kind]().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    path = tmp_path / "model.safetensors"
    checkpoint.save_model(path, model)
    loaded = checkpoint.load_model(path)
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    assert not loaded.training
    state = loaded.state_dict()
    assert state.keys() == model.state_dict().keys()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_the_header_says_what_the_file_holds(path: Path) -> None:
    assert checkpoint.read_header(path) == {
        "format": 1,
        "kind": "parser",
        "config": {"widths": [4, 8], "size": 32},
        "notes": {"images": 7},
    }


def test_absent_foreign_and_cut_files_are_sentences(path: Path, tmp_path: Path) -> None:
    foreign, text, cut = (tmp_path / f"{name}.safetensors" for name in ("a", "b", "c"))
    save_file({"weight": torch.zeros(2)}, foreign)
    text.write_text("not a model")
    cut.write_bytes(path.read_bytes()[:-10])
    for place in (tmp_path / "absent.safetensors", foreign, text, cut):
        with pytest.raises(CheckpointError, match="is not a model file of maskgan"):
            checkpoint.load_model(place)


def test_another_format_is_a_sentence(path: Path) -> None:
    rewrite(path, format=2)
    with pytest.raises(CheckpointError, match="has format 2; this version reads format 1"):
        checkpoint.load_model(path)
    save_file(load_file(path), path, {"maskgan": "[]"})
    with pytest.raises(CheckpointError, match="has format None"):
        checkpoint.load_model(path)


def test_an_unknown_kind_is_a_sentence(path: Path) -> None:
    rewrite(path, kind="unet")
    with pytest.raises(CheckpointError, match="Unknown kind of model 'unet'"):
        checkpoint.load_model(path)


def test_weights_of_another_network_are_a_sentence(path: Path) -> None:
    rewrite(path, kind="style-encoder", config={"width": 4, "style_width": 4, "size": 32})
    with pytest.raises(CheckpointError, match="does not fit its own header"):
        checkpoint.load_model(path)
    rewrite(path, kind="parser", config={"widths": [4, 12], "size": 32})
    with pytest.raises(CheckpointError, match="does not fit its own header"):
        checkpoint.load_model(path)


def test_a_model_is_written_whole_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def fail(tensors: object, place: Path, metadata: object) -> None:
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", fail)
    with pytest.raises(OutputError, match="No space left on device"):
        checkpoint.save_model(path, MODELS["parser"]())
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_state_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    state = {
        "images": 5,
        "modules": {"a": {"w": torch.randn(3, 2), "n": torch.tensor(4)}},
        "optimizers": {"a": {"state": {0: {"step": torch.tensor(1.0)}}, "groups": [{"lr": 0.1}]}},
        "journal": {"sums": {"x": 0.5}, "counts": {"x": 2}, "seconds": 1.5},
    }
    checkpoint.save_state(path, state)
    loaded = checkpoint.load_state(path)
    assert torch.equal(loaded["modules"]["a"]["w"], state["modules"]["a"]["w"])  # type: ignore[index]
    assert loaded["optimizers"] == state["optimizers"]
    assert loaded["journal"] == state["journal"]
    assert loaded["images"] == 5


def test_a_state_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    with pytest.raises(CheckpointError, match="does not exist; there is nothing to resume"):
        checkpoint.load_state(path)
    checkpoint.save_state(path, {"images": 5})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="cannot be read as a training state"):
        checkpoint.load_state(path)
    for other in ({"format": 9}, [1, 2]):
        torch.save(other, path)
        with pytest.raises(CheckpointError, match=r"has format (9|None); this version reads"):
            checkpoint.load_state(path)


def test_a_state_never_runs_code(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    torch.save({"format": 1, "module": nn.Linear(2, 2)}, path)
    with pytest.raises(CheckpointError, match="cannot be read as a training state"):
        checkpoint.load_state(path)
