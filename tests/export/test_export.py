"""Runs -> bundle: the graphs answer as the networks do, and nothing is written half."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from maskgan.bundle import Bundle
from maskgan.errors import BundleError, CheckpointError, OutputError
from maskgan.export import bundle as exporter
from maskgan.export import quantization
from maskgan.export.bundle import export
from maskgan.manifest import GRAPHS, OPTIONAL
from maskgan.models.face_detector import FaceDetector, FaceDetectorConfig
from maskgan.models.parser import Parser, ParserConfig
from maskgan.models.regional import (
    RegionalGenerator,
    RegionalGeneratorConfig,
    StyleEncoder,
    StyleEncoderConfig,
)
from maskgan.training import checkpoint

STYLE = 8


@torch.no_grad()
def parser() -> Parser:
    """Random weights, but clear answers: labels differ from place to place and do not hang on the
    last bit."""
    torch.manual_seed(1)
    model = Parser(ParserConfig(widths=(12, 16, 16, 16), size=64))
    model.head.weight *= 8
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.uniform_(0.8, 1.2)
    return model


def generator() -> RegionalGenerator:
    torch.manual_seed(2)
    config = RegionalGeneratorConfig(widths=(8, 12), style_width=STYLE, size=64)
    return RegionalGenerator(config)


def detector() -> FaceDetector:
    torch.manual_seed(4)
    return FaceDetector(FaceDetectorConfig(widths=(8, 12, 16, 16), size=64, eye_distance=(8, 24)))


def encoder(style: int = STYLE) -> StyleEncoder:
    torch.manual_seed(3)
    return StyleEncoder(StyleEncoderConfig(width=8, style_width=style, size=32))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Run folders of a parser, of a generator with its encoder, and of a detector."""
    place = tmp_path_factory.mktemp("runs")
    for name in ("parser", "regional"):
        (place / name).mkdir()
    checkpoint.save_model(place / "parser" / "parser.safetensors", parser())
    checkpoint.save_model(place / "regional" / "generator.safetensors", generator())
    checkpoint.save_model(place / "regional" / "encoder.safetensors", encoder())
    (place / "detector").mkdir()
    checkpoint.save_model(place / "detector" / "detector.safetensors", detector())
    return place / "parser", place / "regional", place / "detector"


@pytest.fixture(scope="module")
def bundle(runs: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundle") / "out"
    folder.mkdir()  # an empty folder may be there already
    export(
        runs,
        folder,
        name="tiny",
        training_data="nothing",
        licence="Apache-2.0",
        metrics={"accuracy": 0.5},
    )
    return Bundle.open(folder, threads=1)


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(-1, 1, (1, 3, height // 8, width // 8)).astype(np.float32)
    return coarse.repeat(8, 2).repeat(8, 3)


def test_the_bundle_holds_graphs_and_manifest_only(bundle: Bundle) -> None:
    names = {path.name for path in bundle.folder.iterdir()}
    assert names == {"manifest.json", *(f"{graph}.onnx" for graph in bundle.manifest.graphs)}
    # The package's bundle gives what the runs lack.
    assert set(bundle.manifest.graphs) == {*GRAPHS, *OPTIONAL}
    assert bundle.folder.stat().st_mode & 0o077
    manifest = bundle.manifest
    assert (manifest.name, manifest.training_data, manifest.licence) == (
        "tiny",
        "nothing",
        "Apache-2.0",
    )
    assert (manifest.parser_size, manifest.encoder_size, manifest.generator_size) == (64, 32, 64)
    assert manifest.code_width == STYLE
    assert manifest.metrics == {"accuracy": 0.5}
    assert [path.name for path in bundle.folder.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("size", [(64, 64), (128, 128), (100, 70)])
def test_the_parser_answers_as_its_network(bundle: Bundle, size: tuple[int, int]) -> None:
    image = photo(64, 64)
    found = bundle.run("parser", image=image, size=np.array(size, np.int64))["labels"]
    assert found.dtype == np.uint8
    assert found.shape == (1, *size)
    truth = parser().eval().labels(torch.from_numpy(image), size).numpy()
    assert (found == truth).mean() > 0.99
    assert len(np.unique(truth)) > 3


def test_the_encoder_answers_as_its_network(bundle: Bundle) -> None:
    image = photo(32, 32)
    labels = np.random.default_rng(0).integers(0, 9, (1, 32, 32))
    found = bundle.run("encoder", image=image, labels=labels)
    with torch.no_grad():
        codes, present = encoder().eval()(torch.from_numpy(image), torch.from_numpy(labels))
    np.testing.assert_allclose(found["codes"], codes.numpy(), atol=5e-3)
    np.testing.assert_array_equal(found["present"], present.numpy())
    assert codes[:, :9].abs().max() > 0.1


@pytest.mark.parametrize("size", [(64, 64), (32, 96), (128, 48)])
def test_the_generator_answers_as_its_network(bundle: Bundle, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    present = (rng.random((1, 19)) < 0.7).astype(np.float32)
    inputs = {
        "photo": photo(*size),
        "erase": (rng.random((1, 1, *size)) < 0.5).astype(np.float32),
        "labels": rng.integers(0, 19, (1, *size)),
        "codes": rng.normal(size=(1, 19, STYLE)).astype(np.float32) * present[..., None],
        "present": present,
    }
    found = bundle.run("generator", **inputs)["render"]
    tensors = {name: torch.from_numpy(value) for name, value in inputs.items()}
    with torch.no_grad():
        truth = generator().eval()(**tensors).numpy()
    np.testing.assert_allclose(found, truth, atol=0.01)
    assert truth.std() > 0.02


@pytest.mark.parametrize("size", [(64, 64), (96, 128), (256, 64)])
def test_the_detector_answers_as_its_network(bundle: Bundle, size: tuple[int, int]) -> None:
    image = photo(*size)
    found = bundle.run("detector", image=image)
    with torch.no_grad():
        scores, points = detector().eval()(torch.from_numpy(image))
    assert found["scores"].shape == (1, size[0] // 8, size[1] // 8)
    assert found["points"].shape == (1, 3, 2, size[0] // 8, size[1] // 8)
    np.testing.assert_allclose(found["scores"], scores.numpy(), atol=1e-3)
    np.testing.assert_allclose(found["points"], points.numpy(), atol=0.1)
    assert points.std() > 1


def test_a_bundle_needs_no_detector(
    runs: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter, "default_folder", lambda: tmp_path / "absent")
    export(runs[:2], tmp_path / "out")
    plain = Bundle.open(tmp_path / "out")
    assert set(plain.manifest.graphs) == set(GRAPHS)
    with pytest.raises(BundleError, match="holds no graph detector; it has: parser, encoder, gen"):
        plain.run("detector", image=photo(64, 64))


def test_a_graph_tells_nothing_of_the_machine_it_was_made_on(bundle: Bundle) -> None:
    source = str(Path(exporter.__file__).parents[2]).encode()
    for graph in bundle.manifest.graphs:
        content = (bundle.folder / f"{graph}.onnx").read_bytes()
        assert source not in content
        assert b".py" not in content


def test_large_weights_are_stored_in_half_precision(bundle: Bundle) -> None:
    for graph in bundle.manifest.graphs:
        model = onnx.load(bundle.folder / f"{graph}.onnx")
        large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) >= 256]
        assert large
        assert {tensor.data_type for tensor in large} == {onnx.TensorProto.FLOAT16}


def test_a_folder_that_is_not_empty_is_refused(runs: tuple[Path, ...], tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(BundleError, match="is there already and not empty; choose a new folder"):
        export(runs, tmp_path)
    with pytest.raises(BundleError, match="is there already"):
        export(runs, tmp_path / "note.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
    with pytest.raises(OutputError, match="Cannot write"):
        export(runs, tmp_path / "note.txt" / "bundle")


def test_runs_that_lack_parts_are_sentences(
    runs: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter, "default_folder", lambda: tmp_path / "absent")
    target = tmp_path / "out"
    with pytest.raises(CheckpointError, match=r"holds none of parser\.safetensors, generator"):
        export([tmp_path], target)
    with pytest.raises(CheckpointError, match=r"hold no encoder\.safetensors, generator\.safe"):
        export([runs[0]], target)
    half = tmp_path / "half"
    half.mkdir()
    shutil.copy(runs[1] / "generator.safetensors", half)
    with pytest.raises(CheckpointError, match="are trained together; give both"):
        export([half], target)
    checkpoint.save_model(half / "encoder.safetensors", encoder(style=4))
    with pytest.raises(CheckpointError, match="takes codes of 8 numbers, the style encoder makes"):
        export([runs[0], half], target)
    shutil.copy(runs[0] / "parser.safetensors", half / "encoder.safetensors")
    with pytest.raises(CheckpointError, match="holds a Parser, not the encoder"):
        export([half], target)
    assert not target.exists()


def test_what_the_runs_lack_comes_from_the_default_bundle(
    bundle: Bundle, runs: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter, "default_folder", lambda: bundle.folder)
    manifest = export([runs[0]], tmp_path / "out")
    made = Bundle.open(tmp_path / "out")
    assert made.manifest == manifest
    assert manifest.code_width == STYLE
    for graph in ("encoder", "generator", "detector"):
        assert manifest.graphs[graph] == bundle.manifest.graphs[graph]


def test_a_graph_that_disagrees_is_not_delivered(
    bundle: Bundle, runs: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporter writes another network's graph: the comparison finds it out."""

    def wrong(model: Parser, path: Path, *, half: bool) -> None:
        shutil.copy(bundle.folder / "parser.onnx", path)

    other = tmp_path / "run"
    other.mkdir()
    torch.manual_seed(9)
    checkpoint.save_model(
        other / "parser.safetensors", Parser(ParserConfig(widths=(12, 16, 16, 16), size=64))
    )
    monkeypatch.setattr(exporter, "default_folder", lambda: bundle.folder)
    monkeypatch.setattr(exporter.graphs, "export_parser", wrong)
    with pytest.raises(BundleError, match="parser graph does not agree with its network"):
        export([other], tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_8_bit_bundle_runs_and_says_how_far_it_is(
    runs: tuple[Path, ...], tmp_path: Path
) -> None:
    manifest = export(runs, tmp_path / "small", quantize=True)
    assert 25 < manifest.metrics["int8_psnr_db"] < 80  # neither broken nor float after all
    bundle = Bundle.open(tmp_path / "small")
    inputs = next(iter(quantization._edits(bundle, [3])))
    assert bundle.run("generator", **inputs)["render"].shape == (1, 3, 64, 64)
    types = {
        tensor.data_type for tensor in onnx.load(bundle.folder / "generator.onnx").graph.initializer
    }
    assert onnx.TensorProto.INT8 in types


def test_a_network_that_does_not_bear_8_bits_is_refused(
    runs: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantization, "LOWEST_PSNR", 1000.0)
    with pytest.raises(BundleError, match="without --quantize"):
        export(runs, tmp_path / "small", quantize=True)
    assert not (tmp_path / "small").exists()
