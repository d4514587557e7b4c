"""From a preset's name to a run folder: what is refused, printed and written down."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from maskgan import images
from maskgan.data.dataset import FaceMaskDataset
from maskgan.errors import ConfigError, DatasetError, OutputError, TrainingError
from maskgan.losses.segmentation import scores
from maskgan.training import run as runs
from maskgan.training.checkpoint import load_model
from maskgan.training.devices import fast_bf16
from maskgan.training.parser_task import face_confusion
from maskgan.training.run import train

CPU = torch.device("cpu")
SHORT = {
    "model.widths": "[4, 4, 4]",
    "training.total_images": "16",
    "training.batch_size": "8",
    "training.bf16": "false",
}


def begin(data: Path, run: Path, resume: bool = False, **options: str) -> dict[str, float]:
    changes = {name.replace("__", "."): value for name, value in options.items()}
    return train(
        "parser-64", data=[data], run=run, resume=resume, options=SHORT | changes, progress=False
    )


@pytest.fixture
def finished(plain_faces: Path, tmp_path: Path) -> Path:
    begin(plain_faces, tmp_path / "run")
    return tmp_path / "run"


def test_a_run_folder_holds_what_is_promised(finished: Path) -> None:
    names = {path.name for path in finished.iterdir() if path.name != "tensorboard"}
    files = {"run.json", "stats.jsonl", "state.pt", "parser.safetensors", "samples", "curves.png"}
    assert names == files
    record = json.loads((finished / "run.json").read_text())
    assert record["preset"] == "parser-64"
    assert record["config"]["model"]["widths"] == [4, 4, 4]
    assert record["config"]["training"]["total_images"] == 16
    grid = images.read(finished / "samples" / "000000016.png")
    assert grid.shape == (2 * 64, 3 * 64, 3)  # two test faces; photo, labels, parsed


def test_val_faces_are_measured_and_test_faces_never_opened(
    plain_faces: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(plain_faces, tmp_path / "faces")
    splits = {str(index): {"split": "train"} for index in range(12)}
    splits |= {str(index): {"split": "val"} for index in (1, 4, 8)}
    splits |= {str(index): {"split": "test"} for index in (0, 11)}
    (data / "dataset.json").write_text(json.dumps({"format": 1, "faces": splits}))
    for place in ("images", "labels"):
        for stem in ("0", "11"):
            (data / place / f"{stem}.png").write_bytes(b"opening this fails")
    figures = begin(data, tmp_path / "run", training__batch_size="7")
    grid = images.read(tmp_path / "run" / "samples" / "000000021.png")
    assert grid.shape[0] == 3 * 64
    val = FaceMaskDataset([data], 64, "val")
    matrix = face_confusion(load_model(tmp_path / "run" / "parser.safetensors"), val, CPU)
    assert figures["accuracy"] == pytest.approx(scores(matrix)[0])


def test_figures_are_returned(plain_faces: Path, tmp_path: Path) -> None:
    figures = begin(plain_faces, tmp_path / "run")
    assert 0 <= figures["miou"] <= figures["accuracy"] <= 1
    assert figures["iou_hat"] != figures["iou_hat"]  # NaN: no face wears one


def test_the_resolved_run_is_printed_first(
    plain_faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = SHORT | {"loss.dice": "0.25"}
    place = tmp_path / "run"
    assert train("parser-64", data=[plain_faces], run=place, dry_run=True, options=options) == {}
    printed = capsys.readouterr().err
    for part in (
        '"dice": 0.25',
        "parser: ",
        " parameters",
        "10 images per epoch, 2 steps of 8, 1.6 epochs in all",
        "device cpu",
        "precision float32",
        "memory of a process about ",
    ):
        assert part in printed
    assert not place.exists()


def test_a_folder_with_a_run_is_not_overwritten(plain_faces: Path, finished: Path) -> None:
    before = (finished / "state.pt").read_bytes()
    with pytest.raises(TrainingError, match="holds a run already; add --resume"):
        begin(plain_faces, finished)
    assert (finished / "state.pt").read_bytes() == before


def test_resuming_nothing_is_a_sentence(plain_faces: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"has no state\.pt; there is nothing to resume"):
        begin(plain_faces, tmp_path / "absent", resume=True)


def test_a_longer_run_goes_on(
    plain_faces: Path, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(plain_faces, finished, resume=True, training__total_images="32")
    assert "changed since the start: training.total_images 16 -> 32" in capsys.readouterr().err
    record = json.loads((finished / "run.json").read_text())
    assert record["config"]["training"]["total_images"] == 32
    last = (finished / "stats.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["images"] == 32


def test_another_network_is_refused(plain_faces: Path, finished: Path) -> None:
    with pytest.raises(TrainingError, match=r"--model\.widths is \[4, 8, 8\].* with \[4, 4, 4\]"):
        begin(plain_faces, finished, resume=True, model__widths="[4, 8, 8]")
    with pytest.raises(TrainingError, match="holds a run of preset 'parser-64', not 'regional-64'"):
        train("regional-64", data=[plain_faces], run=finished, resume=True, progress=False)
    (finished / "run.json").write_text("{")
    with pytest.raises(TrainingError, match=r"run\.json does not say how the run was started"):
        begin(plain_faces, finished, resume=True)


def test_mistakes_are_sentences(plain_faces: Path, tmp_path: Path) -> None:
    place = tmp_path / "run"
    with pytest.raises(ConfigError, match=r"Unknown preset 'unet'; there are: parser, parser-64"):
        train("unet", data=[plain_faces], run=place)
    with pytest.raises(ConfigError, match=r"Unknown option --training\.lr; training has: total"):
        begin(plain_faces, place, training__lr="1")
    with pytest.raises(ConfigError, match="training: batch_size is 0; expected more than 0"):
        begin(plain_faces, place, training__batch_size="0")
    with pytest.raises(TrainingError, match="10 faces to train on, fewer than a batch of 16"):
        begin(plain_faces, place, training__batch_size="16")
    with pytest.raises(DatasetError, match="neither a dataset folder"):
        begin(tmp_path / "absent", place)
    with pytest.raises(ConfigError, match=r"VGG-19 are needed\. No file is named"):
        train(
            "regional-64",
            data=[plain_faces],
            run=place,
            options={"loss.perceptual": "1", "training.batch_size": "8"},
        )
    assert not place.exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Cannot make the run folder"):
        begin(plain_faces, tmp_path / "file" / "run")


def pretend(monkeypatch: pytest.MonkeyPatch, amx: bool, avx512: bool) -> None:
    tests = {"_is_amx_tile_supported": amx, "_is_avx512_bf16_supported": avx512}
    for name, answer in tests.items():
        monkeypatch.setattr(torch.cpu, name, lambda answer=answer: answer, raising=False)


def test_bfloat16_is_for_devices_that_are_fast_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fast_bf16(torch.device("cuda"))[0]
    assert fast_bf16(torch.device("mps"))[0]
    pretend(monkeypatch, amx=True, avx512=False)
    assert fast_bf16(CPU) == (True, "this CPU has AMX")
    pretend(monkeypatch, amx=False, avx512=True)
    assert fast_bf16(CPU) == (True, "this CPU has AVX-512 BF16")
    pretend(monkeypatch, amx=False, avx512=False)
    assert not fast_bf16(CPU)[0]
    for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.delattr(torch.cpu, name)
    assert not fast_bf16(CPU)[0]


@pytest.mark.parametrize("fast", [True, False])
def test_a_slow_cpu_trains_in_float32_and_says_why(
    plain_faces: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fast: bool,
) -> None:
    monkeypatch.setattr(runs, "pick_device", lambda: CPU)
    pretend(monkeypatch, amx=fast, avx512=False)
    options = {"training__bf16": "true", "training__total_images": "8"}
    begin(plain_faces, tmp_path / "run", **options)
    printed = capsys.readouterr().err
    assert ("precision bfloat16: this CPU has AMX" in printed) == fast
    assert ("precision float32: this CPU has neither AMX nor AVX-512" in printed) != fast
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["config"]["training"]["bf16"] is fast


def test_float32_by_choice_is_said_too(
    plain_faces: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pretend(monkeypatch, amx=True, avx512=True)
    begin(plain_faces, tmp_path / "run", training__total_images="8")
    assert "precision float32: training.bf16 is false" in capsys.readouterr().err


def test_a_run_starts_from_another_s_averaged_weights(
    plain_faces: Path, finished: Path, tmp_path: Path
) -> None:
    still = {"loss__learning_rate": "0.0", "training__start": str(finished)}
    begin(plain_faces, tmp_path / "next", **still)
    first, second = (load_file(run / "parser.safetensors") for run in (finished, tmp_path / "next"))
    assert torch.equal(first["head.weight"], second["head.weight"])
    with pytest.raises(TrainingError, match="has another shape than this run's parser"):
        begin(plain_faces, tmp_path / "other", model__widths="[4, 8, 8]", **still)
