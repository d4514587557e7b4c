"""Opening a bundle: what is checked, and what is said when something is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from maskgan import config, files
from maskgan.bundle import Bundle
from maskgan.errors import BundleError, ConfigError
from maskgan.labels import NUM_CLASSES
from maskgan.manifest import GRAPHS, BundleManifest, GraphEntry, read_manifest
from tiny_bundle import SIDE, change_manifest, write_bundle


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(written, tmp_path / "bundle"))


def test_open_reads_the_manifest(written: Path) -> None:
    bundle = Bundle.open(written, threads=1)
    assert bundle.manifest.name == "tiny"
    assert set(bundle.manifest.graphs) == set(GRAPHS)
    assert bundle.manifest.frame.left_eye == (316.5, 243.4)


def test_manifest_round_trip(written: Path) -> None:
    manifest = read_manifest(written)
    assert config.from_dict(BundleManifest, json.loads(config.to_json(manifest))) == manifest


def test_run_returns_outputs_by_name(written: Path) -> None:
    bundle = Bundle.open(written, threads=1)
    image = np.zeros((1, 3, SIDE, SIDE), np.float32)
    outputs = bundle.run("encoder", image=image, labels=np.ones((1, SIDE, SIDE), np.int64))
    assert set(outputs) == {"codes", "present"}
    assert outputs["codes"].shape == (1, NUM_CLASSES, 3)
    assert outputs["present"][0].tolist() == [0, 1] + [0] * (NUM_CLASSES - 2)


def test_parser_labels_have_the_asked_size(written: Path) -> None:
    image = np.zeros((1, 3, SIDE, SIDE), np.float32)
    size = np.asarray([100, 70], np.int64)
    labels = Bundle.open(written).run("parser", image=image, size=size)["labels"]
    assert labels.shape == (1, 100, 70)
    assert labels.dtype == np.uint8


def test_wrong_inputs_are_a_sentence(written: Path, capfd: pytest.CaptureFixture[str]) -> None:
    image = np.zeros((1, 3, SIDE, SIDE + 1), np.float32)
    with pytest.raises(BundleError, match=r"graph parser of .* failed"):
        Bundle.open(written).run("parser", image=image, size=np.asarray([8, 8], np.int64))
    with pytest.raises(BundleError, match=r"graph parser of .* failed"):
        Bundle.open(written).run("parser", picture=image)
    # Found only while the graph runs: labels of another size than the photo.
    codes = np.zeros((1, NUM_CLASSES, 3), np.float32)
    with pytest.raises(BundleError, match=r"graph generator of .* failed"):
        Bundle.open(written).run(
            "generator",
            photo=np.zeros((1, 3, SIDE, SIDE), np.float32),
            erase=np.zeros((1, 1, SIDE, SIDE), np.float32),
            labels=np.zeros((1, SIDE, SIDE // 2), np.int64),
            codes=codes,
            present=codes[:, :, 0],
        )
    assert capfd.readouterr().err == ""


def test_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"nowhere is not a folder; expected a bundle"):
        Bundle.open(tmp_path / "nowhere")


def test_without_default_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maskgan.bundle.default_folder", lambda: tmp_path / "absent")
    with pytest.raises(BundleError, match="holds no default bundle"):
        Bundle.open()


def test_missing_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(BundleError, match=r"holds no manifest\.json"):
        Bundle.open(folder)


@pytest.mark.parametrize("text", ["{", "[]", "\xff", ""])
def test_unreadable_manifest(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(BundleError, match=r"manifest\.json"):
        Bundle.open(folder)


@pytest.mark.parametrize("found", [2, "1", None, True])
def test_other_format(folder: Path, found: object) -> None:
    change_manifest(folder, format=found)
    with pytest.raises(BundleError, match=rf"has format {found!r}; this version reads format 1"):
        Bundle.open(folder)


def test_other_label_order(folder: Path) -> None:
    change_manifest(folder, label_order="B")
    with pytest.raises(BundleError, match="has label order 'B'; expected 'A'"):
        Bundle.open(folder)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"surprise": 1}, "Unknown option surprise"),
        ({"licence": None}, "licence is required"),
        ({"generator_size": 250}, "generator_size is 250; expected a multiple of 16"),
        ({"detail_size": 48}, "detail_size is 48; expected a multiple of 16 from generator_size"),
        ({"parser_size": "256"}, "parser_size got '256'"),
        ({"kind": "unheard-of"}, "kind got 'unheard-of'"),
        ({"stride": 8}, "stride is 8; expected 16 of a regional generator"),
        ({"kind": "whole", "stride": 0}, "stride is 0; expected at least 1"),
        ({"kind": "whole", "stride": 48}, "encoder_size is 64; expected a multiple of 48"),
        ({"kind": "whole", "detail_size": 128}, "detail_size is 128; a generator that draws the"),
        ({"edit": {"dilate": -1}}, "dilate -1"),
        ({"graphs": {}}, "graphs lack parser, encoder, generator"),
        (
            {"graphs": {n: {"file": "x.onnx", "sha256": ""} for n in (*GRAPHS, "unheard")}},
            "graphs hold unheard; known: parser, encoder, generator, detector",
        ),
        (
            {"graphs": {name: {"file": "../x.onnx", "sha256": ""} for name in GRAPHS}},
            "expected a plain file name",
        ),
    ],
)
def test_invalid_manifest(folder: Path, changes: dict[str, object], sentence: str) -> None:
    change_manifest(folder, **changes)
    with pytest.raises(BundleError, match=sentence):
        Bundle.open(folder)


@pytest.mark.parametrize("graph", GRAPHS)
def test_missing_graph(folder: Path, graph: str) -> None:
    (folder / f"{graph}.onnx").unlink()
    with pytest.raises(BundleError, match=rf"{graph}\.onnx is missing"):
        Bundle.open(folder)


@pytest.mark.parametrize("graph", GRAPHS)
def test_damaged_graph(folder: Path, graph: str) -> None:
    path = folder / f"{graph}.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(BundleError, match=rf"{graph}\.onnx is damaged: .* Export the bundle"):
        Bundle.open(folder)


def test_graph_that_is_no_graph(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The digest fits, the content does not: found when the graph is first used."""
    path = folder / "parser.onnx"
    path.write_bytes(b"not a graph")
    entries = dict(read_manifest(folder).graphs)
    entries["parser"] = GraphEntry(file=path.name, sha256=files.sha256(path))
    graphs = {name: config.to_dict(entry) for name, entry in entries.items()}
    change_manifest(folder, graphs=graphs)
    bundle = Bundle.open(folder)
    with pytest.raises(BundleError, match=r"parser\.onnx cannot be loaded"):
        bundle.run("parser")
    assert capfd.readouterr().err == ""


def test_impossible_threads(written: Path) -> None:
    with pytest.raises(ConfigError, match="threads is 0"):
        Bundle.open(written, threads=0)
