"""Inception-v3 against torch-fidelity's, with random weights in the form of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fidelity import import_fidelity
from torch import nn

from maskgan.errors import ConfigError
from maskgan.evaluation.inception import open_inception
from maskgan.evaluation.likeness import Eyes


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """torch-fidelity's network and the file of its weights, random and not degenerate."""
    extractor = import_fidelity().feature_extractor_inceptionv3.FeatureExtractorInceptionV3
    path = tmp_path_factory.mktemp("inception") / "weights.pth"
    torch.manual_seed(0)

    class Random(extractor):  # type: ignore[misc, valid-type]
        def load_state_dict(self, state: object, **options: object) -> None:
            """Draws weights in place of those of the file, which is empty."""
            for module in self.modules():
                if isinstance(module, nn.Conv2d):
                    nn.init.kaiming_normal_(module.weight)
                if isinstance(module, nn.BatchNorm2d):
                    nn.init.normal_(module.running_mean, 0, 0.1)
                    nn.init.uniform_(module.running_var, 0.8, 1.5)
                    nn.init.uniform_(module.weight, 0.5, 1)
                    nn.init.normal_(module.bias, 0, 0.1)

    torch.save({}, path)
    network = Random("random", ["2048"], feature_extractor_weights_path=str(path))
    torch.save(network.state_dict(), path)
    return network, path


@pytest.mark.parametrize("size", [(64, 64), (300, 310)])
def test_features_are_torch_fidelity_s(theirs: tuple[Any, Path], size: tuple[int, int]) -> None:
    network, path = theirs
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    with torch.no_grad():
        pixels = torch.from_numpy(picture.transpose(2, 0, 1)[None].copy())
        expected = network(pixels)[0][0].numpy()
    found = open_inception(path)(picture)
    assert found.shape == (2048,)
    assert expected.std() > 0.01
    assert np.abs(found - expected).max() < 1e-5


def test_only_with_its_weights_is_a_distance_called_fid(theirs: tuple[Any, Path]) -> None:
    eyes = Eyes(inception=theirs[1])
    assert eyes.names["distance"]["name"].startswith("FID and KID")
    features = eyes.look(np.zeros((64, 64, 3), np.uint8)).features
    assert features is not None
    assert features.shape == (2048,)
    assert "distance" not in Eyes().names


def test_another_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no file. Give the file that torch-fidelity uses"):
        open_inception(tmp_path / "absent.pth")
    torch.save({"weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(ConfigError, match=r"other.pth holds no Inception-v3 \('Conv2d_1a_3x3'\)"):
        open_inception(tmp_path / "other.pth")
