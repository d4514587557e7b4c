"""Runs of whole-face generators -> bundles that draw as the networks do, and that edit photos."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from maskgan import images
from maskgan.bundle import Bundle
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing.editor import Editor
from maskgan.errors import BundleError, CheckpointError, ConfigError
from maskgan.export import bundle as exporter
from maskgan.export.bundle import export
from maskgan.manifest import EditRules
from maskgan.models.baselines.pix2pixhd import Pix2PixHdConfig, Pix2PixHdGenerator
from maskgan.models.baselines.spade import SpadeConfig, SpadeGenerator
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork
from maskgan.models.regional import StyleEncoder, StyleEncoderConfig
from maskgan.training import checkpoint

SIZE = 64
CONFIG = DenseMappingConfig(width=4, downsamplings=3, blocks=2, style_width=8, size=SIZE)


def network(seed: int = 0) -> DenseMappingNetwork:
    """Random weights that are large enough for labels and photo to matter."""
    torch.manual_seed(seed)
    model = DenseMappingNetwork(CONFIG)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return model.eval()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    checkpoint.save_model(folder / "generator.safetensors", network())
    return folder


@pytest.fixture(scope="module")
def bundle(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundle") / "out"
    export([run], folder, training_data="nothing", licence="Apache-2.0")
    return Bundle.open(folder, threads=1)


def face(seed: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A photo float32 (1, 3, H, W) and labels (1, H, W), of which the network knows neither."""
    rng = np.random.default_rng(seed)
    photo = rng.uniform(-1, 1, (1, 3, height, width)).astype(np.float32)
    return photo, rng.integers(0, 19, (1, height, width))


def test_the_manifest_says_what_the_generator_does(bundle: Bundle) -> None:
    manifest = bundle.manifest
    assert (manifest.kind, manifest.name, manifest.stride) == ("whole", "whole-64", 32)
    assert (manifest.encoder_size, manifest.generator_size, manifest.code_width) == (SIZE, SIZE, 8)
    assert manifest.detail_size is None
    assert manifest.edit == EditRules(dilate=2, feather=1)  # a quarter of those at 256
    default = Bundle.open()
    assert manifest.parser_size == default.manifest.parser_size
    for graph in ("parser", "detector"):
        assert manifest.graphs[graph] == default.manifest.graphs[graph]


@torch.no_grad()
@pytest.mark.parametrize("size", [(64, 64), (96, 160), (128, 128)])
def test_the_graphs_answer_as_the_network_at_any_size(
    bundle: Bundle, size: tuple[int, int]
) -> None:
    photo, labels = face(size[1], *size)
    found = bundle.run("encoder", image=photo, labels=labels)
    code = network().encode(torch.from_numpy(photo), torch.from_numpy(labels)).numpy()
    assert found["codes"].shape == (1, 19, 8)
    assert np.abs(found["codes"] - code[:, None]).max() < 0.01 * max(1, np.abs(code).max())
    np.testing.assert_array_equal(found["present"], np.ones((1, 19), np.float32))
    wanted = labels[:, ::-1].copy()
    render = bundle.run("generator", labels=wanted, code=code)["render"]
    truth = network().decode(torch.from_numpy(wanted), torch.from_numpy(code)).numpy()
    np.testing.assert_allclose(render, truth, atol=0.02)
    assert truth.std() > 0.1


BASELINES = {
    "pix2pixhd": Pix2PixHdConfig(width=4, downsamplings=2, blocks=1, size=32),
    "spade": SpadeConfig(width=2, hidden=4, code=6, size=32, upsamplings=2),
}


def kinds_of_weights(bundle: Bundle, graph: str) -> set[int]:
    model = onnx.load(bundle.folder / f"{graph}.onnx")
    return {tensor.data_type for tensor in model.graph.initializer}


@torch.no_grad()
@pytest.mark.parametrize(
    ("name", "half"), [("pix2pixhd", False), ("spade", False), ("spade", True)]
)
def test_the_baselines_become_bundles_too(name: str, half: bool, tmp_path: Path) -> None:
    """With their weights in full where that is asked."""
    torch.manual_seed(5)
    config = BASELINES[name]
    pix2pixhd = isinstance(config, Pix2PixHdConfig)
    model = (Pix2PixHdGenerator(config) if pix2pixhd else SpadeGenerator(config)).eval()
    checkpoint.save_model(tmp_path / "generator.safetensors", model)
    export([tmp_path], tmp_path / "out", half=half)
    made = Bundle.open(tmp_path / "out", threads=1)
    for graph in ("encoder", "generator"):
        assert (onnx.TensorProto.FLOAT16 in kinds_of_weights(made, graph)) == half
    # The norm of weights and batches is folded into the convolutions.
    graph = onnx.load(made.folder / "generator.onnx").graph
    operators = {node.op_type for node in graph.node}
    assert pix2pixhd or not operators & {"Div", "Sqrt", "ReduceSum", "ReduceL2"}
    image, drawn = face(1, 32, 32)
    codes = made.run("encoder", image=image, labels=drawn)["codes"][:, 0]
    own = model.encode(torch.from_numpy(image), torch.from_numpy(drawn)).numpy()
    np.testing.assert_allclose(codes, own, atol=0.02 if half else 1e-4)
    render = made.run("generator", labels=drawn, code=own)["render"]
    own = model.decode(torch.from_numpy(drawn), torch.from_numpy(own)).numpy()
    np.testing.assert_allclose(render, own, atol=0.02 if half else 1e-4)
    assert (made.manifest.kind, made.manifest.generator_size) == ("whole", 32)
    assert made.manifest.code_width == model.code_width
    editor = Editor(made)
    rng = np.random.default_rng(6)
    photo, labels = draw_face(random_identity(rng), random_expression(rng), 64)
    opened = editor.photo(photo, aligned=True, labels=labels)
    wanted = np.where(labels == 11, 2, labels).astype(np.uint8)
    result = editor.render(opened, wanted)
    np.testing.assert_array_equal(result.crop[~result.changed], photo[~result.changed])
    whole = editor.render(opened, wanted, opened).crop
    small = torch.from_numpy(images.resize_labels(wanted, (32, 32)).copy())[None]
    truth = model.decode(small, torch.from_numpy(opened.style.codes[:1].copy()))
    expected = images.resize(images.to_uint8(truth.numpy())[0], (64, 64))
    assert np.abs(whole.astype(int) - expected).max() <= 4


def test_a_photo_is_edited_and_stays_what_it_was_elsewhere(bundle: Bundle) -> None:
    editor = Editor(bundle)
    rng = np.random.default_rng(3)
    photo, labels = draw_face(random_identity(rng), random_expression(rng), 128)
    opened = editor.photo(photo, aligned=True, labels=labels)
    wanted = labels.copy()
    wanted[60:70, 40:60] = 13
    result = editor.render(opened, wanted)
    assert 0 < result.changed_fraction < 0.2
    np.testing.assert_array_equal(result.crop[~result.changed], photo[~result.changed])
    whole = editor.render(opened, labels, opened.style).crop
    small = images.resize_labels(labels, (SIZE, SIZE)).astype(np.int64)[None]
    drawn = bundle.run("generator", labels=small, code=opened.style.codes[:1])["render"]
    expected = images.resize(images.to_uint8(drawn)[0], (128, 128))
    np.testing.assert_array_equal(whole, expected)


def test_a_generator_that_is_its_own_encoder_takes_no_other(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "run"
    other.mkdir()
    shutil.copy(run / "generator.safetensors", other)
    encoder = StyleEncoder(StyleEncoderConfig(width=8, style_width=8, size=32))
    checkpoint.save_model(other / "encoder.safetensors", encoder)
    with pytest.raises(CheckpointError, match="needs no other encoder; leave out the run"):
        export([other], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_only_regional_generators_are_quantised(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--quantize is for regional generators; leave it out"):
        export([run], tmp_path / "out", quantize=True)
    assert list(tmp_path.iterdir()) == []


def with_other_weights(graph: Path, path: Path) -> None:
    """Writes the graph as of a network that has learned something else."""
    model = onnx.load(graph)
    changed = 0
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT16:
            values = numpy_helper.to_array(tensor)[::-1].copy()
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
            changed += 1
    assert changed
    onnx.save(model, path)


@pytest.mark.parametrize("wrong", ["encoder", "generator", None])
def test_a_graph_of_another_network_is_not_delivered(
    wrong: str | None, run: Path, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporters write graphs that are there already, one of them changed or, to show that it is
    the change that matters, none."""

    def written(graph: str, path: Path) -> None:
        ready = bundle.folder / f"{graph}.onnx"
        with_other_weights(ready, path) if graph == wrong else shutil.copy(ready, path)

    def encoder(model: DenseMappingNetwork, path: Path, *, half: bool) -> None:
        written("encoder", path)

    def decoder(model: DenseMappingNetwork, path: Path, *, half: bool) -> None:
        written("generator", path)

    monkeypatch.setattr(exporter.graphs, "export_face_encoder", encoder)
    monkeypatch.setattr(exporter.graphs, "export_face_decoder", decoder)
    if wrong is None:
        export([run], tmp_path / "out")
        return
    with pytest.raises(BundleError, match=f"{wrong} graph does not agree with its network"):
        export([run], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
