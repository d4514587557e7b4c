"""The authors' file of weights becomes a bundle that answers as their network, or a sentence."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from maskgan.bundle import Bundle
from maskgan.cli import main
from maskgan.errors import CheckpointError
from maskgan.export.authors import read_weights
from maskgan.manifest import GRAPHS, OPTIONAL, read_manifest
from maskgan.models.authors import authors_layers, from_authors
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))
from authors_fixture import authors_answers, authors_state

State = dict[str, Any]


@pytest.fixture(scope="session")
def imported(shared_reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The network that gave the authors' answers, by the command; its names as from training on
    several devices."""
    place = tmp_path_factory.mktemp("authors")
    state = authors_state(shared_reference, "generator")
    torch.save({f"module.{key}": value for key, value in state.items()}, place / "G.pth")
    del state
    assert main(["import", str(place / "G.pth"), "--output", str(place / "bundle")]) == 0
    return Bundle.open(place / "bundle")


def plain_state() -> State:
    """Names and shapes of the authors' generator; the zeros take no room on the disk."""
    config = DenseMappingConfig()
    layers = authors_layers(config)
    with torch.device("meta"):
        tensors = DenseMappingNetwork(config).state_dict()
    names = {name: name.rsplit(".", 1) for name in tensors}
    return {
        f"{layers[layer]}.{kind}": torch.zeros(1).expand(tensors[name].shape)
        for name, (layer, kind) in names.items()
    }


def refused(
    weights: Path, place: Path, capsys: pytest.CaptureFixture[str], output: str = "bundle"
) -> str:
    """What the command says of a file that it must refuse without writing anything."""
    before = sorted(place.rglob("*"))
    assert main(["import", str(weights), "--output", str(place / output)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sorted(place.rglob("*")) == before
    assert captured.err.startswith("maskgan: error: ")
    assert captured.err.count("\n") == 1
    return captured.err


def test_the_graphs_answer_as_the_authors_network(imported: Bundle, shared_reference: Path) -> None:
    given = {name: t.numpy() for name, t in authors_answers(shared_reference).items()}
    labels = given["target_labels"].astype(np.int64)
    codes = imported.run("encoder", image=given["image"], labels=labels)["codes"]
    for shape, answer in (
        ("target_labels", "generator_self"),
        ("source_labels", "generator_output"),
    ):
        wanted = given[shape].astype(np.int64)
        render = imported.run("generator", labels=wanted, code=codes[:, 5])["render"]
        assert np.abs(render - given[answer]).max() < 1e-4


@torch.no_grad()
def test_the_graphs_answer_as_our_network_to_faces_of_another_size(imported: Bundle) -> None:
    with torch.device("meta"):
        network = DenseMappingNetwork(DenseMappingConfig())
    state = read_weights(imported.folder.parent / "G.pth")
    network.load_state_dict(from_authors(state), assign=True)
    rng = np.random.default_rng(77)
    photo = rng.uniform(-1, 1, (1, 3, 96, 160)).astype(np.float32)
    labels, wanted = rng.integers(0, 19, (2, 1, 96, 160))
    codes = imported.run("encoder", image=photo, labels=labels)["codes"]
    render = imported.run("generator", labels=wanted, code=codes[:, 0])["render"]
    truth = network.eval()(*(torch.from_numpy(x) for x in (wanted, labels, photo)))
    assert np.abs(render - truth.numpy()).max() < 1e-4


def test_the_manifest_says_whose_weights_these_are(imported: Bundle) -> None:
    manifest = read_manifest(imported.folder)
    assert (manifest.kind, manifest.stride, manifest.code_width) == ("whole", 32, 64)
    assert (manifest.encoder_size, manifest.generator_size) == (512, 512)
    assert "authors" in manifest.name
    assert "non-commercial" in manifest.licence
    assert "CelebAMask-HQ" in manifest.training_data
    assert set(manifest.graphs) == {*GRAPHS, *OPTIONAL}


def without(key: str) -> Callable[[State], State]:
    return lambda state: {name: value for name, value in state.items() if name != key}


def having(**entries: Any) -> Callable[[State], State]:
    return lambda state: state | {name.replace("__", "."): value for name, value in entries.items()}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without("model.4.bias"), "The tensor model.4.bias (128) is missing"),
        (having(model__99__weight=torch.zeros(1)), "holds the tensor model.99.weight, which"),
        (having(model__1__weight=torch.zeros(64, 3, 7, 7)), "has shape 64x3x7x7; expected 64x19"),
        (having(model__1__bias=torch.zeros(64, dtype=torch.int64)), "holds torch.int64; expected"),
        (having(epoch=3), "The entry epoch of"),
        (having(model__1__bias=torch.full((64,), torch.nan)), "values that are no numbers"),
        (having(module__model__1__bias=torch.zeros(64)), "with and without module."),
        (lambda state: list(state.values()), "holds a list; expected the authors'"),
    ],
)
def test_another_state_is_a_sentence(
    change: Callable[[State], Any],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    torch.save(change(plain_state()), tmp_path / "G.pth")
    assert sentence in refused(tmp_path / "G.pth", tmp_path, capsys)


class Program:
    """Would be run by a careless reader of pickles."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("was-run"),)


def test_a_pickle_that_runs_programs_is_not_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    state = {"model.1.weight": Program()}
    torch.save(state, tmp_path / "new.pth")
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(state))
    for name in ("new.pth", "old.pth"):
        said = refused(tmp_path / name, tmp_path, capsys)
        assert "could run programs and is not opened" in said
    assert "cannot be read as a PyTorch file" in refused(tmp_path / "plain.pth", tmp_path, capsys)
    assert not (tmp_path / "was-run").exists()


def test_files_that_are_none_are_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "none.pth does not exist" in refused(tmp_path / "none.pth", tmp_path, capsys)
    (tmp_path / "text.pth").write_text("not weights\n")
    (tmp_path / "empty.pth").touch()
    torch.save({"a": torch.zeros(500)}, tmp_path / "short.pth")
    (tmp_path / "short.pth").write_bytes((tmp_path / "short.pth").read_bytes()[:900])
    for name in ("text.pth", "empty.pth", "short.pth", "."):
        said = refused(tmp_path / name, tmp_path, capsys)
        assert "PyTorch file" in said
        assert "expected the authors' latest_net_G.pth" in said


def test_a_folder_that_is_not_empty_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "note.txt").write_text("mine")
    said = refused(tmp_path / "none.pth", tmp_path, capsys, output="mine")
    assert "is there already and not empty" in said


def test_names_may_have_the_prefix_and_the_file_may_be_old(tmp_path: Path) -> None:
    state: dict[str, Tensor] = {"model.1.bias": torch.arange(3.0), "model.4.bias": torch.ones(2)}
    for number, prefix in enumerate(("", "module.")):
        path = tmp_path / f"{number}.pth"
        torch.save(
            {f"{prefix}{key}": value for key, value in state.items()},
            path,
            _use_new_zipfile_serialization=False,
        )
        found = read_weights(path)
        assert found.keys() == state.keys()
        assert torch.equal(found["model.1.bias"], state["model.1.bias"])
    with pytest.raises(CheckpointError, match=r"model\.1\.weight .* is missing"):
        from_authors(found)
