"""What is measured and what measures it, as plain functions of pixels.

A `Renderer` draws a face anew: photo uint8 (S, S, 3), the photo's own labels uint8 (S, S), wanted
labels uint8 (S, S) -> picture uint8 (S, S, 3). A `Judge` tells labels uint8 (S, S) from a picture
uint8 (S, S, 3). Networks run at their own size, whatever S is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch

from maskgan import images
from maskgan.bundle import MANIFEST
from maskgan.data import tensors
from maskgan.editing.editor import Editor
from maskgan.errors import CheckpointError
from maskgan.images import Pixels
from maskgan.labels import Labels
from maskgan.models.parser import Parser
from maskgan.models.translator import Translator
from maskgan.models.unet_parser import UnetParser
from maskgan.models.vgg_parser import VggParser
from maskgan.training.checkpoint import load_model

Renderer = Callable[[Pixels, Labels, Labels], Pixels]
Judge = Callable[[Pixels], Labels]

GENERATOR = "generator.safetensors"
"""The network of a run that draws faces."""


def unchanged(photo: Pixels, labels: Labels, wanted: Labels) -> Pixels:
    """The renderer that does nothing: what every other one has to beat where labels change."""
    return photo


class BundleRenderer:
    """Renders with an editor. Pixels away from what `wanted` changes stay those of the photo;
    with `whole` the whole crop is drawn anew, as the paper's generator does."""

    def __init__(self, editor: Editor, whole: bool = False) -> None:
        self.editor, self.whole = editor, whole

    def __call__(self, photo: Pixels, labels: Labels, wanted: Labels) -> Pixels:
        face = self.editor.photo(photo, aligned=True, labels=labels)
        return self.editor.render(face, wanted, style=face if self.whole else None).crop


class RunRenderer:
    """Renders with a generator that draws the whole face, at the size it was trained for: the look
    is read off the photo with its own labels, the shape is that of the wanted ones."""

    def __init__(self, network: Translator, device: torch.device | None = None) -> None:
        self.network, self.device = network, device or torch.device("cpu")

    @torch.inference_mode()
    def __call__(self, photo: Pixels, labels: Labels, wanted: Labels) -> Pixels:
        size = (self.network.config.size, self.network.config.size)
        scaled = images.resize(photo, size)
        pixels = tensors.to_float(torch.from_numpy(scaled[None].copy()).to(self.device))
        both = [images.resize_labels(each, size) for each in (labels, wanted)]
        maps = torch.from_numpy(np.stack(both)).to(self.device)
        old, new = maps[:1], maps[1:]  # (1, S, S)
        code = self.network.encode(pixels.contiguous(), old)
        picture = self.network.decode(new, code)
        drawn = cast(Pixels, tensors.to_uint8(picture)[0].cpu().numpy())
        return images.resize(drawn, photo.shape[:2])


class NetworkJudge:
    """Labels pictures with a parser at the size it was trained for."""

    def __init__(
        self, network: Parser | VggParser | UnetParser, device: torch.device | None = None
    ) -> None:
        self.network, self.device = network, device or torch.device("cpu")

    @torch.inference_mode()
    def __call__(self, picture: Pixels) -> Labels:
        side = self.network.config.size
        scaled = images.resize(picture, (side, side))
        pixels = tensors.to_float(torch.from_numpy(scaled[None].copy()).to(self.device))
        found = self.network.labels(pixels, (picture.shape[0], picture.shape[1]))
        return cast(Labels, found[0].cpu().numpy())


def open_renderer(path: str | Path, *, whole: bool = False) -> Renderer:
    """The renderer in a bundle folder, a run folder with `generator.safetensors` or such a file.
    Raises `CheckpointError` or `BundleError`."""
    place = Path(path)
    if (place / MANIFEST).is_file():
        return BundleRenderer(Editor.open(place), whole)
    file = place / GENERATOR if place.is_dir() else place
    if not file.is_file():
        raise CheckpointError(
            f"{place} is neither a bundle nor a run with {GENERATOR}; expected the folder of "
            "`maskgan export` or of `maskgan train` with a generator of whole faces."
        )
    network = load_model(file)
    if not hasattr(network, "reconstruct"):
        raise CheckpointError(
            f"{file} holds a {type(network).__name__}, which does not draw whole faces; export its "
            "run as a bundle and give that."
        )
    return RunRenderer(cast(Translator, network))


def open_judge(path: str | Path) -> Judge:
    """The judge in a parser's model file, a run folder with one or a bundle. Raises
    `CheckpointError` or `BundleError`."""
    place = Path(path)
    if (place / MANIFEST).is_file():
        return Editor.open(place).parse
    file = place / "parser.safetensors" if place.is_dir() else place
    network = load_model(file)
    if not isinstance(network, (Parser, VggParser, UnetParser)):
        raise CheckpointError(
            f"{file} holds a {type(network).__name__}; a judge is a parser, as `maskgan train "
            "judge-64` makes one."
        )
    return NetworkJudge(network)
