"""What runs graphs: ONNX Runtime and OpenVINO give the same, and a wrong choice is a sentence."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from maskgan.bundle import Bundle
from maskgan.editing import attributes
from maskgan.editing.editor import Editor
from maskgan.errors import BundleError, ConfigError
from maskgan.runtimes import AUTO, RUNTIMES, THREADS, VARIABLE, allowed, chosen
from maskgan.samples import FACE
from tiny_bundle import SIDE, write_bundle


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


def encoded(bundle: Bundle, value: float) -> np.ndarray:
    image = np.full((1, 3, SIDE, SIDE), value, np.float32)
    return bundle.run("encoder", image=image, labels=np.ones((1, SIDE, SIDE), np.int64))["codes"]


def test_onnx_runtime_is_the_default_and_the_environment_names_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert chosen() == "onnxruntime"
    monkeypatch.setenv(VARIABLE, "openvino")
    assert chosen() == "openvino"
    assert chosen("onnxruntime") == "onnxruntime"
    monkeypatch.setenv(VARIABLE, "tensorflow")
    with pytest.raises(ConfigError, match="The runtime is 'tensorflow'; expected onnxruntime, "):
        Bundle.open()


def test_the_environment_says_how_many_threads_where_nobody_else_does(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(THREADS, raising=False)
    assert allowed() is None
    monkeypatch.setenv(THREADS, "3")
    assert Bundle.open(written).threads == 3
    assert Bundle.open(written, threads=2).threads == 2
    for wrong in ("0", "-1", "two", "1.5"):
        monkeypatch.setenv(THREADS, wrong)
        with pytest.raises(ConfigError, match=f"MASKGAN_THREADS is '{wrong}'; expected a whole"):
            Bundle.open(written)


def test_auto_is_openvino_where_it_is_installed_and_multiplies_bfloat16(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    for abilities, expected in (
        (["FP32", "BF16", "INT8"], "openvino"),
        (["FP32", "INT8"], "onnxruntime"),
    ):
        core = SimpleNamespace(get_property=lambda *_, found=abilities: found)
        monkeypatch.setitem(sys.modules, "openvino", SimpleNamespace(Core=lambda core=core: core))
        assert chosen(AUTO) == expected
        assert chosen() == "onnxruntime"
    for name in RUNTIMES:
        monkeypatch.setenv(VARIABLE, name)
        assert chosen(AUTO) == name
    monkeypatch.setenv(VARIABLE, AUTO)
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert chosen() == "onnxruntime"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_a_run_gave_is_not_changed_by_the_next_one(written: Path, runtime: str) -> None:
    bundle = Bundle.open(written, runtime=runtime)
    before = encoded(bundle, 0.25)
    kept = before.copy()
    assert np.abs(encoded(bundle, -0.75) - kept).max() > 0.1
    np.testing.assert_array_equal(before, kept)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_several_threads_may_run_a_graph(written: Path, runtime: str) -> None:
    bundle = Bundle.open(written, runtime=runtime)
    values = [value / 10 for value in range(-8, 9)]
    alone = [encoded(bundle, value) for value in values]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda value: encoded(bundle, value), values))
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_wrong_inputs_are_a_sentence(written: Path, runtime: str) -> None:
    bundle = Bundle.open(written, runtime=runtime)
    with pytest.raises(BundleError, match=r"The graph encoder of .* failed: "):
        bundle.run("encoder", image=np.zeros((1, 3, SIDE, SIDE), np.float32))


def test_openvino_edits_as_onnx_runtime_does() -> None:
    crops = []
    for runtime in ("onnxruntime", "openvino"):
        editor = Editor.open(runtime=runtime)
        face = editor.photo(FACE, aligned=True)
        result = editor.render(face, attributes.apply(face.labels, "smile", 0.8))
        crops.append(result.crop.astype(int))
    apart = np.abs(crops[0] - crops[1])
    # The parser's bfloat16 may move an outline by a pixel; nothing more may be seen.
    assert np.mean(apart > 8) < 0.002
    assert apart.mean() < 0.2


def test_openvino_that_is_not_installed_is_a_sentence(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ConfigError, match=r"not installed; install it with `pip install 'maskgan"):
        encoded(Bundle.open(written, runtime="openvino"), 0)


def test_the_detector_of_the_package_runs_where_the_bundle_does(written: Path) -> None:
    editor = Editor.open(written, runtime="openvino")
    assert "detector" not in editor.bundle.manifest.graphs
    with Image.open(FACE) as photo:
        editor.faces(np.asarray(photo.convert("RGB")))
    assert editor._detector is not None
    assert editor._detector.runtime == "openvino"
