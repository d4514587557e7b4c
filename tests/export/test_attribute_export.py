"""Runs of StarGAN -> bundles that change whole photos into attributes, in the editor too."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from maskgan import images
from maskgan.bundle import Bundle
from maskgan.cli import main
from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing.editor import Editor
from maskgan.errors import BundleError, CheckpointError, ConfigError
from maskgan.export import bundle as exporter
from maskgan.export.bundle import export
from maskgan.manifest import BundleManifest
from maskgan.models.baselines.stargan import StarGanGenerator, StarGanGeneratorConfig
from maskgan.models.regional import StyleEncoder, StyleEncoderConfig
from maskgan.training import checkpoint

NAMES = ("Smiling", "Eyeglasses")


def network(names: tuple[str, ...], seed: int = 0) -> StarGanGenerator:
    """Random weights that are large enough for photo and attributes to matter."""
    torch.manual_seed(seed)
    config = StarGanGeneratorConfig(width=4, blocks=1, attributes=names, size=64)
    model = StarGanGenerator(config)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return model.eval()


def folder_of(names: tuple[str, ...], place: Path, seed: int = 0) -> Path:
    checkpoint.save_model(place / "generator.safetensors", network(names, seed))
    return place


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with two attributes."""
    out = tmp_path_factory.mktemp("pair") / "bundle"
    export([folder_of(NAMES, tmp_path_factory.mktemp("run"))], out)
    return out


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with one."""
    out = tmp_path_factory.mktemp("single") / "bundle"
    export([folder_of(NAMES[:1], tmp_path_factory.mktemp("run"))], out)
    return out


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    pixels, _ = draw_face(random_identity(rng), random_expression(rng), 96)
    path = tmp_path_factory.mktemp("photo") / "face.png"
    images.write(path, pixels)
    return path


def test_the_manifest_names_the_attributes(pair: Path) -> None:
    manifest = Bundle.open(pair).manifest
    assert manifest.kind == "attributes"
    assert manifest.attributes == NAMES
    assert manifest.name == "attributes-64"
    assert manifest.graphs.keys() == {"parser", "generator", "detector"}


@torch.no_grad()
def test_a_transfer_is_the_network_s_answer(pair: Path, photo: Path) -> None:
    editor = Editor.open(pair, threads=1)
    face = editor.photo(photo, aligned=True)
    assert face.style.codes.size == 0
    result = editor.transfer(face, {"Eyeglasses": 0.25, "Smiling": 1})
    small = images.to_float(images.resize(face.crop, (64, 64)))
    wanted = torch.tensor([[1.0, 0.25]])
    render = network(NAMES)(torch.from_numpy(small), wanted).numpy()
    expected = images.resize(images.to_uint8(render)[0], (96, 96))
    # The graph's weights are stored in float16.
    assert np.abs(result.crop.astype(int) - expected).max() <= 3
    assert result.changed.all()
    assert result.rendered == 64
    other = editor.transfer(face, {"Eyeglasses": 0.25, "Smiling": 0})
    assert not np.array_equal(other.crop, result.crop)


def test_what_does_not_fit_is_a_sentence(pair: Path, photo: Path) -> None:
    editor = Editor.open(pair, threads=1)
    face = editor.photo(photo, aligned=True)
    for wanted in ({}, {"Smiling": 1.0}, {"Smiling": 1.0, "Eyeglasses": 0.0, "Young": 1.0}):
        with pytest.raises(ConfigError, match="a value for each of Smiling, Eyeglasses"):
            editor.transfer(face, wanted)
    for value in (-0.1, 1.5, math.nan):
        with pytest.raises(ConfigError, match=r"Smiling is .*; expected a number from 0 to 1"):
            editor.transfer(face, {"Smiling": value, "Eyeglasses": 0})
    with pytest.raises(ConfigError, match=r"takes no labels; use Editor\.transfer"):
        editor.render(face, face.labels)
    ours = Editor.open()
    with pytest.raises(ConfigError, match="edits by labels"):
        ours.transfer(ours.photo(photo, aligned=True), {"Smiling": 1})


def test_the_command_line_changes_an_attribute(
    single: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "smiling.png"
    words = ["attribute", str(photo), "--name", "Smiling", "--output", str(out), "--aligned"]
    assert main([*words, "--bundle", str(single), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed_fraction"] == 1
    editor = Editor.open(single)
    wanted = editor.transfer(editor.photo(photo, aligned=True), {"Smiling": 1})
    assert np.array_equal(images.read(out), wanted.crop)


def test_every_face_of_a_photo_is_changed_where_it_lies(
    single: Path, photo: Path, tmp_path: Path
) -> None:
    face = images.resize(images.read(photo), (512, 512))
    group = np.full((600, 1100, 3), 127, np.uint8)
    group[40:552, 20:532] = group[40:552, 568:1080] = face
    editor = Editor.open(single)
    spots = [[(191 + x, 283), (316 + x, 283), (253 + x, 421)] for x in (20, 568)]
    first, second = (
        editor.transfer(editor.photo(group, points=points), {"Smiling": 1}) for points in spots
    )
    middle = 550
    for result, own, other in (
        (first, np.s_[:, :middle], np.s_[:, middle:]),
        (second, np.s_[:, middle:], np.s_[:, :middle]),
    ):
        differs = (result.photo != group).any(2)
        assert differs[own].mean() > 0.3
        assert not differs[other].any()
    both = (second.onto(first.photo) != group).any(2)
    assert both[:, :middle].mean() > 0.3
    assert both[:, middle:].mean() > 0.3
    first.save(tmp_path / "first.png")
    assert np.array_equal(images.read(tmp_path / "first.png"), first.photo)


def test_commands_that_need_labels_refuse_in_one_sentence(
    single: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels, out = tmp_path / "labels.png", tmp_path / "out.gif"
    images.write_labels(labels, np.full((96, 96), 1, np.uint8))
    common = ["--aligned", "--bundle", str(single)]
    words = [str(photo), "--labels", str(labels), *common, "--output"]
    for command in (["edit", *words, str(out.with_suffix(".png"))], ["animate", *words, str(out)]):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert "takes no labels" in error
        assert len(error.splitlines()) == 1
    job = {"photo": str(photo), "labels": str(labels), "output": "out.png", "aligned": True}
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(json.dumps(job) + "\n", "utf-8")
    results = tmp_path / "results"
    batch = ["batch", str(jobs), "--output", str(results), "--workers", "1"]
    assert main([*batch, "--bundle", str(single)]) == 1
    assert "takes no labels" in (results / "errors.jsonl").read_text("utf-8")
    assert not (results / "out.png").exists()


def test_the_command_line_refuses_in_one_sentence(
    single: Path, pair: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.png"
    place = ["--output", str(out), "--aligned", "--bundle"]
    edit = ["attribute", str(photo), "--name"]
    for words, said in (
        ([*edit, "smile", *place, str(single)], "needs a value for each of Smiling"),
        ([*edit, "Smiling", *place, str(pair)], "each of Smiling, Eyeglasses"),
        ([*edit, "Smiling", "--strength", "-1", *place, str(single)], "from 0 to 1"),
        (["serve", "--no-browser", "--port", "0", "--bundle", str(single)], "takes no labels"),
    ):
        assert main(words) == 2
        error = capsys.readouterr().err
        assert said in error
        assert len(error.splitlines()) == 1
    assert not out.exists()


def test_it_needs_no_encoder_and_is_not_quantised(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    run = folder_of(NAMES, tmp_path / "run")
    with pytest.raises(ConfigError, match="--quantize is for regional generators"):
        export([run], tmp_path / "out", quantize=True)
    encoder = StyleEncoder(StyleEncoderConfig(width=4, style_width=4, size=32))
    checkpoint.save_model(run / "encoder.safetensors", encoder)
    with pytest.raises(CheckpointError, match="needs no other encoder"):
        export([run], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_graph_of_another_network_is_not_delivered(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    run = folder_of(NAMES, tmp_path / "run", seed=7)

    def wrong(model: StarGanGenerator, path: Path, *, half: bool) -> None:
        shutil.copy(pair / "generator.onnx", path)

    monkeypatch.setattr(exporter.graphs, "export_attribute_generator", wrong)
    with pytest.raises(BundleError, match="generator graph does not agree with its network"):
        export([run], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_only_manifests_of_that_kind_have_attributes(pair: Path) -> None:
    manifest = Bundle.open(pair).manifest
    for changes in ({"attributes": ()}, {"kind": "whole"}):
        with pytest.raises(ValueError, match="expected names for the kind 'attributes'"):
            replace(manifest, **changes)
    graphs = {name: entry for name, entry in manifest.graphs.items() if name != "generator"}
    with pytest.raises(ValueError, match="the graphs lack generator; expected parser, generator"):
        replace(manifest, graphs=graphs)
    assert isinstance(manifest, BundleManifest)
