"""Where nothing more can be written, the last checkpoint is whole and the sentence says so."""

from __future__ import annotations

import json
import resource
import signal
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import torch
from children import CONTEXT
from test_loop import CONFIG, CPU
from torch import Tensor
from toy_task import ToyTask

from maskgan.errors import MaskganError, OutputError
from maskgan.training import checkpoint
from maskgan.training.failures import writing
from maskgan.training.loop import fit


def shrink(limit: int, start: int, seen: int, loss: Tensor) -> Tensor:
    """From the step on that begins at an image, files cannot grow beyond so many bytes."""
    if seen == start:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    return loss


def harmed(run: Path, start: int, limit: int, sentence: Connection) -> None:
    torch.set_num_threads(1)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        fit(ToyTask(partial(shrink, limit, start)), CONFIG, run, device=CPU, progress=False)
    except MaskganError as error:
        sentence.send(str(error))


def run_out_of_space(run: Path, start: int, limit: int) -> str:
    """The sentence with which a run ends whose files cannot grow any more."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=harmed, args=(run, start, limit, theirs))
    process.start()
    theirs.close()
    with ours:
        sentence = ours.recv()
    process.join()
    assert "\n" not in sentence
    return str(sentence)


@pytest.mark.parametrize(
    ("limit", "file"),
    [(4000, "state.pt"), (0, "stats.jsonl")],
    ids=["weights", "record"],
)
def test_a_full_disk_keeps_the_last_checkpoint(tmp_path: Path, limit: int, file: str) -> None:
    sentence = run_out_of_space(tmp_path, 56, limit)
    assert f"Cannot write {tmp_path / file}" in sentence
    assert f"{tmp_path / 'state.pt'} and the model files of the last checkpoint are" in sentence
    assert sentence.endswith("then go on with the same command and --resume.")
    assert checkpoint.load_state(tmp_path / "state.pt")["images"] == 32
    assert checkpoint.read_header(tmp_path / "parser.safetensors")["notes"] == {"images": 32}
    assert not list(tmp_path.rglob(".*"))

    fit(ToyTask(), CONFIG, tmp_path, device=CPU, resume=True, progress=False)
    record = (tmp_path / "stats.jsonl").read_text().splitlines()
    found = [json.loads(line)["images"] for line in record]
    assert found == [24, 40, 40, 64, 80, 80]


def test_a_disk_that_is_full_from_the_start_says_so(tmp_path: Path) -> None:
    sentence = run_out_of_space(tmp_path, 8, 4000)
    assert "No checkpoint had been written yet: free some space there and start again." in sentence
    assert {path.name for path in tmp_path.iterdir()} == {"stats.jsonl"}


def test_model_files_are_replaced_only_when_all_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of two model files fails, after the state and the first one were written."""
    written = checkpoint._write_model
    paths = [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]
    models = dict.fromkeys(paths, ToyTask().parser)
    checkpoint.save_all(models, {"images": 1}, tmp_path / "state.pt", {"images": 1})

    def fail(path: Path, *rest: object) -> None:
        if "two" in path.name:
            raise RuntimeError("file write failed")
        written(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(checkpoint, "_write_model", fail)
    with pytest.raises(OutputError, match=r"Cannot write .*two\.safetensors: file write failed"):
        checkpoint.save_all(models, {"images": 2}, tmp_path / "state.pt", {"images": 2})
    assert checkpoint.load_state(tmp_path / "state.pt")["images"] == 1
    assert [checkpoint.read_header(path)["notes"]["images"] for path in paths] == [1, 1]
    assert len(list(tmp_path.iterdir())) == 3


def test_what_is_no_matter_of_files_passes(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), writing(tmp_path):
        _ = 1 / 0
    with (
        pytest.raises(OutputError, match=r"^Cannot write .*: No space left on device\. No check"),
        writing(tmp_path),
    ):
        raise OSError(28, "No space left on device")
