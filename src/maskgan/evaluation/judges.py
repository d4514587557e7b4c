"""What tells the labels and attributes of a picture: networks that made none of the pictures.

A `Judge` tells labels uint8 (S, S) from a picture uint8 (S, S, 3). Networks run at their own size,
whatever S is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from maskgan import images
from maskgan.data import tensors
from maskgan.editing.editor import Editor
from maskgan.errors import CheckpointError
from maskgan.images import Pixels
from maskgan.labels import Labels
from maskgan.manifest import MANIFEST
from maskgan.models.attribute_classifier import AttributeClassifier
from maskgan.models.parser import Parser
from maskgan.models.unet_parser import UnetParser
from maskgan.models.vgg_parser import VggParser
from maskgan.training.checkpoint import load_model
from maskgan.training.devices import pick_device

Judge = Callable[[Pixels], Labels]


class NetworkJudge:
    """Labels pictures with a parser at the size it was trained for."""

    def __init__(
        self, network: Parser | VggParser | UnetParser, device: torch.device | None = None
    ) -> None:
        self.network, self.device = network, device or torch.device("cpu")

    @torch.inference_mode()
    def __call__(self, picture: Pixels) -> Labels:
        pixels = scaled(picture, self.network.config.size, self.device)
        found = self.network.labels(pixels, (picture.shape[0], picture.shape[1]))
        return cast(Labels, found[0].cpu().numpy())


class AttributeJudge:
    """The probability of each of `names` in a picture uint8 (S, S, 3)."""

    def __init__(self, network: AttributeClassifier, device: torch.device | None = None) -> None:
        self.network, self.device = network, device or torch.device("cpu")
        self.names = network.config.attributes

    @torch.inference_mode()
    def __call__(self, picture: Pixels) -> dict[str, float]:
        pixels = scaled(picture, self.network.config.size, self.device)
        found = self.network.probabilities(pixels)[0].tolist()
        return dict(zip(self.names, found, strict=True))


def open_judge(path: str | Path) -> Judge:
    """The judge in a parser's model file, a run folder with one or a bundle. Raises
    `CheckpointError` or `BundleError`."""
    place = Path(path)
    if (place / MANIFEST).is_file():
        return Editor.open(place).parse
    file = place / "parser.safetensors" if place.is_dir() else place
    device = pick_device()
    network = load_model(file, device)
    if not isinstance(network, (Parser, VggParser, UnetParser)):
        raise CheckpointError(
            f"{file} holds a {type(network).__name__}; a judge is a parser, as `maskgan train "
            "judge-64` makes one."
        )
    return NetworkJudge(network, device)


def open_attribute_judge(path: str | Path) -> AttributeJudge:
    """The judge of attributes in a model file or a run folder with one. Raises
    `CheckpointError`."""
    place = Path(path)
    file = place / "classifier.safetensors" if place.is_dir() else place
    device = pick_device()
    network = load_model(file, device)
    if not isinstance(network, AttributeClassifier):
        raise CheckpointError(
            f"{file} holds a {type(network).__name__}; a judge of attributes is what `maskgan "
            "train classifier-64` makes."
        )
    return AttributeJudge(network, device)


def scaled(picture: Pixels, side: int, device: torch.device) -> Tensor:
    """A picture uint8 (S, S, 3) as a batch of one, float (1, 3, side, side) in [-1, 1]."""
    pixels = images.resize(picture, (side, side))
    return tensors.to_float(torch.from_numpy(pixels[None].copy()).to(device)).contiguous()
