"""The editors that are measured, all with the same face: a `Request` in, a picture out.

A bundle renders what an edit changes and leaves the rest of the photo alone, or the whole face
where that is asked for. A run with a generator of whole faces draws the whole face every time, as
in the paper. A folder of pictures holds what another editor made of the requests that `maskgan
requests` wrote. Two that are no editors are the scale: the photo as it is, and the donor's pixels
put where the labels change.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from pathlib import Path
from typing import cast

import numpy as np
import torch

from maskgan import images
from maskgan.data import tensors
from maskgan.editing import regions
from maskgan.editing.editor import Editor
from maskgan.editing.face import Face, StyleChoice
from maskgan.errors import BundleError, CheckpointError, PhotoError
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.judges import scaled
from maskgan.evaluation.requests import EVERYTHING, Request, clean_labels
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels
from maskgan.manifest import MANIFEST
from maskgan.models.translator import Translator
from maskgan.training.checkpoint import load_model
from maskgan.training.devices import pick_device

GENERATOR = "generator.safetensors"
"""The network of a run that draws faces."""
PICTURES = "system.json"
"""What makes a folder of pictures a system: {"name": ..., "size": ...}."""
KEPT = 16
"""Opened faces that a bundle keeps: the same one is edited many times in a row."""
FEATHER = 3 / 512
"""Of the donor's pixels, as a share of the side."""


def unchanged(request: Request) -> Pixels:
    """The system that does nothing: what every other one has to beat where labels change."""
    return request.photo


def pasted(request: Request) -> Pixels | None:
    """The donor's own pixels where the labels change, with a soft edge; None without a donor. What
    a user gets with scissors and glue, and hard to beat where the faces happen to fit."""
    changed = request.wanted != request.labels
    if request.donor is None or request.look or not changed.any():
        return None
    side = request.photo.shape[0]
    region = regions.dilate(changed, FEATHER * side)
    alpha = regions.feather(region, FEATHER * side)[:, :, None]
    mixed = alpha * request.donor.photo + (1 - alpha) * request.photo
    return np.rint(mixed).astype(np.uint8)


class BundleSystem:
    """Renders with an editor. Pixels away from what the labels change stay those of the photo;
    with `whole` the whole crop is drawn anew in every task, as the paper's generator does."""

    def __init__(self, editor: Editor, whole: bool = False) -> None:
        self.editor, self.whole = editor, whole
        self.size = editor.bundle.manifest.generator_size
        self._opened: OrderedDict[str, Face] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Pixels | None:
        face = self._open(request.face)
        names = self.editor.bundle.manifest.attributes
        if names:
            if not set(names) <= set(request.attributes):
                return None
            wanted = {name: float(request.attributes[name]) for name in names}
            return self.editor.transfer(face, wanted).crop
        style: StyleChoice = face if self.whole or request.whole else None
        if request.look:
            assert request.donor is not None
            donor = self._open(request.donor)
            everything = request.look == (EVERYTHING,)
            style = donor if everything else dict.fromkeys(request.look, donor)
        return self.editor.render(face, request.wanted, style).crop

    def _open(self, face: HeldOutFace) -> Face:
        with self._lock:
            opened = self._opened.get(face.name)
        if opened is None:
            opened = self.editor.photo(face.photo, aligned=True, labels=clean_labels(face))
        with self._lock:
            self._opened[face.name] = opened
            self._opened.move_to_end(face.name)
            if len(self._opened) > KEPT:
                self._opened.popitem(last=False)
        return opened


class RunSystem:
    """Draws with a generator of whole faces at the size it was trained for: the look is read off
    the photo, or the donor's, with its own labels; the shape is that of the wanted ones. Where only
    some regions take the donor's look, each pixel comes from the drawing with its region's."""

    def __init__(self, network: Translator, device: torch.device | None = None) -> None:
        self.network, self.device = network, device or torch.device("cpu")
        self.size = network.config.size

    @torch.inference_mode()
    def __call__(self, request: Request) -> Pixels:
        face, wanted = request.face, self._scaled(request.wanted)
        if request.look == (EVERYTHING,) and request.donor is not None:
            face = request.donor
        picture = self._draw(face, wanted)
        if request.look and request.look != (EVERYTHING,):
            assert request.donor is not None
            theirs = np.isin(wanted, [IDS[name] for name in request.look])
            picture = np.where(theirs[:, :, None], self._draw(request.donor, wanted), picture)
        return images.resize(picture, request.photo.shape[:2])

    def _draw(self, look: HeldOutFace, wanted: Labels) -> Pixels:
        both = np.stack([self._scaled(clean_labels(look)), wanted])
        maps = torch.from_numpy(both).to(self.device)
        old, new = maps[:1], maps[1:]  # (1, S, S)
        code = self.network.encode(scaled(look.photo, self.size, self.device), old)
        drawn = tensors.to_uint8(self.network.decode(new, code))
        return cast(Pixels, drawn[0].cpu().numpy())

    def _scaled(self, labels: Labels) -> Labels:
        return images.resize_labels(labels, (self.size, self.size))


class PictureSystem:
    """Pictures that another editor made of written requests: `pictures/KEY.png`, or .jpg or
    .webp; a request without one was not done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            described = json.loads((folder / PICTURES).read_text())
            self.name, self.size = str(described["name"]), int(described["size"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(
                f'{folder / PICTURES} is damaged ({error}); expected {{"name": "...", "size": '
                "256}, as docs/evaluation.md says."
            ) from error

    def __call__(self, request: Request) -> Pixels | None:
        for suffix in (".png", ".jpg", ".webp"):
            path = self.folder / "pictures" / f"{request.key}{suffix}"
            if path.is_file():
                picture = images.read(path)
                if picture.shape != request.photo.shape:
                    raise PhotoError(
                        f"{path} has {picture.shape[1]}x{picture.shape[0]} pixels; expected "
                        f"{request.photo.shape[1]}x{request.photo.shape[0]}."
                    )
                return picture
        return None


def open_system(
    path: str | Path, *, whole: bool = False, threads: int | None = None
) -> BundleSystem | RunSystem | PictureSystem:
    """The system in a bundle folder, a run folder with `generator.safetensors`, such a file, or a
    folder of pictures. Raises `CheckpointError` or `BundleError`."""
    place = Path(path)
    if (place / MANIFEST).is_file():
        return BundleSystem(Editor.open(place, threads), whole)
    if (place / PICTURES).is_file():
        return PictureSystem(place)
    file = place / GENERATOR if place.is_dir() else place
    if not file.is_file():
        raise CheckpointError(
            f"{place} is neither a bundle nor a run with {GENERATOR} nor pictures with {PICTURES}; "
            "expected the folder of `maskgan export`, or of `maskgan train` with a generator of "
            "whole faces."
        )
    device = pick_device()
    network = load_model(file, device)
    if not hasattr(network, "reconstruct"):
        raise CheckpointError(
            f"{file} holds a {type(network).__name__}, which does not draw whole faces; export its "
            "run as a bundle and give that."
        )
    return RunSystem(cast(Translator, network), device)
