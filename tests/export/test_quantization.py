"""The 8-bit generator: smaller, close to its float form, and refused when it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import onnx
import pytest
import torch
from torch import nn

from maskgan.bundle import Bundle
from maskgan.errors import BundleError
from maskgan.export import bundle as exporter
from maskgan.export import quantization
from maskgan.export.bundle import export
from maskgan.models.parser import Parser, ParserConfig
from maskgan.models.regional import (
    RegionalGenerator,
    RegionalGeneratorConfig,
    StyleEncoder,
    StyleEncoderConfig,
)
from maskgan.training import checkpoint


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    torch.manual_seed(0)
    networks = {
        "parser": Parser(ParserConfig(widths=(8, 8, 8, 8), size=64)),
        "generator": RegionalGenerator(
            RegionalGeneratorConfig(widths=(8, 16, 16, 16), style_width=8, size=64)
        ),
        "encoder": StyleEncoder(StyleEncoderConfig(width=8, style_width=8, size=64)),
    }
    for name, network in networks.items():
        checkpoint.save_model(folder / f"{name}.safetensors", network)
    return folder


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for graphs of the run as they were before the quantiser came."""
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture(autouse=True)
def written_once(graphs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporter, slow as it is, writes each graph once for all tests."""
    real = exporter._write_graph

    def write(folder: Path, graph: str, model: nn.Module, half: bool) -> None:
        kept = graphs / f"{graph}.onnx"
        if not kept.exists():
            real(graphs, graph, model, half)
        shutil.copy(kept, folder)

    monkeypatch.setattr(exporter, "_write_graph", write)


def test_an_8_bit_bundle_runs_and_says_how_far_it_is(run: Path, tmp_path: Path) -> None:
    manifest = export([run], tmp_path / "small", quantize=True)
    assert 25 < manifest.metrics["int8_psnr_db"] < 80  # neither broken nor float after all
    bundle = Bundle.open(tmp_path / "small")
    inputs = next(iter(quantization._edits(bundle, [3])))
    assert bundle.run("generator", **inputs)["render"].shape == (1, 3, 64, 64)
    types = {
        tensor.data_type for tensor in onnx.load(bundle.folder / "generator.onnx").graph.initializer
    }
    assert onnx.TensorProto.INT8 in types


def test_a_network_that_does_not_bear_it_is_refused(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantization, "LOWEST_PSNR", 1000.0)
    with pytest.raises(BundleError, match="without --quantize"):
        export([run], tmp_path / "small", quantize=True)
    assert not (tmp_path / "small").exists()
