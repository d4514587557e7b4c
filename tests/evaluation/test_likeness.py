"""What networks say of two pictures, with networks that are at hand: small ones made here."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from maskgan.errors import ConfigError
from maskgan.evaluation.likeness import ARC_FACE, Eyes
from maskgan.images import Pixels
from maskgan.models.vgg import BLOCKS, TORCHVISION_LAYERS, WIDTHS


def picture(seed: int, side: int = 64) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as torchvision's, with random weights."""
    path = tmp_path_factory.mktemp("vgg") / "vgg.pth"
    torch.manual_seed(0)
    state, inputs, layers = {}, 3, iter(TORCHVISION_LAYERS)
    for width, count in zip(WIDTHS, BLOCKS, strict=True):
        for _ in range(count):
            layer = next(layers)
            weight = torch.randn(width, inputs, 3, 3) * (2 / (9 * inputs)) ** 0.5
            state[f"features.{layer}.weight"] = weight
            state[f"features.{layer}.bias"] = torch.zeros(width)
            inputs = width
    torch.save(state, path)
    return path


def network(path: Path, inputs: int, output: str) -> Path:
    """An ONNX network: the mean of a picture's channels ("code"), or the mean absolute difference
    of two pictures ("distance")."""
    names = [f"picture{number}" for number in range(inputs)]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, None, None])
              for name in names]  # fmt: skip
    if output == "code":
        nodes = [helper.make_node("GlobalAveragePool", names, ["code"])]
    else:
        nodes = [
            helper.make_node("Sub", names, ["gap"]),
            helper.make_node("Abs", ["gap"], ["size"]),
            helper.make_node("ReduceMean", ["size"], ["distance"], keepdims=0),
        ]
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "network", values, [result])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def test_without_any_network_nothing_is_said() -> None:
    eyes = Eyes()
    first, second = eyes.look(picture(0)), eyes.look(picture(1))
    assert eyes.names == {}
    assert first.features is None
    assert math.isnan(eyes.perceptual(first, second, (picture(0), picture(1))))
    assert math.isnan(eyes.identity(first, second))


def test_vgg_stands_in_under_its_own_name(vgg: Path) -> None:
    eyes = Eyes(vgg=vgg)
    assert "(not FID)" in eyes.names["distance"]["name"]
    assert "(not LPIPS)" in eyes.names["perceptual"]["name"]
    assert "(no face recognition)" in eyes.names["identity"]["name"]
    own, other = picture(0), picture(1)
    near = np.clip(own.astype(int) + 6, 0, 255).astype(np.uint8)
    looks = [eyes.look(each) for each in (own, near, other)]
    assert eyes.perceptual(looks[0], looks[0], (own, own)) == 0
    assert eyes.identity(looks[0], looks[0]) == pytest.approx(1, abs=1e-5)
    distances = [
        eyes.perceptual(looks[0], look, (own, each))
        for look, each in zip(looks[1:], (near, other), strict=True)
    ]
    assert 0 < distances[0] < distances[1]
    likeness = [eyes.identity(looks[0], look) for look in looks[1:]]
    assert 1 > likeness[0] > likeness[1]
    features = looks[0].features
    assert features is not None
    assert features.shape == (512,)
    # Weights of another scale say the same.
    state = torch.load(vgg, weights_only=True)
    state = {
        name: value * (10 if name.endswith("0.weight") else 1) for name, value in state.items()
    }
    torch.save(state, vgg.with_name("louder.pth"))
    louder = Eyes(vgg=vgg.with_name("louder.pth")).look(own).features
    assert louder is not None
    assert np.allclose(louder, features, atol=1e-3)


def test_networks_of_the_user_take_the_place_of_stand_ins(vgg: Path, tmp_path: Path) -> None:
    identity = network(tmp_path / "face.onnx", 1, "code")
    lpips = network(tmp_path / "lpips.onnx", 2, "distance")
    eyes = Eyes(vgg=vgg, identity=identity, lpips=lpips)
    assert eyes.names["identity"]["name"] == "cosine of face.onnx"
    assert eyes.names["perceptual"]["name"] == "LPIPS: lpips.onnx"
    first, second = (np.full((512, 512, 3), value, np.uint8) for value in (100, 200))
    looks = [eyes.look(each) for each in (first, second)]
    distance = eyes.perceptual(looks[0], looks[1], (first, second))
    assert distance == pytest.approx(200 / 255, abs=1e-3)
    # 100 is below the middle of the range and 200 above it, so the codes point away.
    assert eyes.identity(looks[0], looks[1]) == pytest.approx(-1)
    # What lies beside the face does not count.
    left, top, size = (round(each * 512) for each in ARC_FACE)
    framed = second.copy()
    framed[top + 3 : top + size - 3, left + 3 : left + size - 3] = 100
    assert eyes.identity(looks[0], eyes.look(framed)) > 0.9


def test_wrong_files_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--identity .*absent.onnx is no file"):
        Eyes(identity=tmp_path / "absent.onnx")
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(ConfigError, match=r"--lpips .*text.onnx is no ONNX network"):
        Eyes(lpips=tmp_path / "text.onnx")
    one = network(tmp_path / "one.onnx", 1, "code")
    with pytest.raises(ConfigError, match=r"--lpips .*one.onnx has 1 inputs; expected 2"):
        Eyes(lpips=one)
    with pytest.raises(ConfigError, match=r"weights of VGG-19 .* or leave out --vgg"):
        Eyes(vgg=tmp_path / "absent.pth")
