"""Directions of attributes in the codes of a MaskVAE: of one whose codes are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from maskgan import images
from maskgan.data.drawn import draw_dataset
from maskgan.data.tensors import one_hot
from maskgan.errors import DatasetError
from maskgan.evaluation.directions import STRENGTH, directions
from maskgan.labels import IDS
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig

SIDE = 32


class Pixels(MaskVae):
    """A code is the map itself, one number per pixel and class."""

    def __init__(self) -> None:
        super().__init__(MaskVaeConfig(widths=(8, 8), code=4, size=SIDE))

    def encode(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        code = one_hot(labels).flatten(1)
        return code, torch.zeros_like(code)

    def decode(self, codes: Tensor) -> Tensor:
        return codes.view(len(codes), -1, SIDE, SIDE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces; those that smile, says the dataset, have a wide mouth in one place."""
    place = tmp_path_factory.mktemp("directions") / "faces"
    draw_dataset(40, place, size=64, progress=False)
    described = json.loads((place / "dataset.json").read_text())
    described["attribute_names"] = ["Smiling"]
    for number, (stem, face) in enumerate(described["faces"].items()):
        face["attributes"] = [number % 2]
        labels = images.read_labels(place / "labels" / f"{stem}.png").copy()
        labels[np.isin(labels, (10, 11, 12))] = IDS["skin"]
        labels[44:48, 16:48] = IDS["mouth"] if number % 2 else IDS["skin"]
        labels[44:48, 28:36] = IDS["mouth"]
        images.write_labels(place / "labels" / f"{stem}.png", labels)
    (place / "dataset.json").write_text(json.dumps(described))
    return place


def test_a_direction_adds_what_faces_with_the_attribute_have(folder: Path) -> None:
    found = directions(Pixels(), [folder])
    assert list(found) == ["Smiling"]
    stem = "00000"  # does not smile
    labels = images.read_labels(folder / "labels" / f"{stem}.png")
    moved = found["Smiling"](labels)
    assert STRENGTH > 1
    assert (moved[44:48, 16:48] == IDS["mouth"]).mean() > 0.9
    elsewhere = np.ones(labels.shape, np.bool_)
    elsewhere[40:52, 12:52] = False
    assert np.array_equal(moved[elsewhere], labels[elsewhere])


def test_without_attributes_there_is_no_direction(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    for name in ("images", "labels"):
        (tmp_path / "faces" / name).symlink_to(folder / name)
    with pytest.raises(DatasetError, match=r"No labelled face of the train split has an attribute"):
        directions(Pixels(), [tmp_path / "faces"])
