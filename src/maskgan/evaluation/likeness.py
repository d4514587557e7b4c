"""Networks that say how alike pictures are, each under its own name: what a user gives is used,
what is not given is left out or stood in for by name, never silently replaced.

`Eyes` look at one picture and keep what comparisons need; photos are looked at once and compared
often. All take pictures uint8 (S, S, 3), aligned.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskgan import files, images
from maskgan.errors import ConfigError
from maskgan.evaluation.inception import InceptionFeatures, open_inception
from maskgan.evaluation.judges import scaled
from maskgan.images import Pixels
from maskgan.models.vgg import Vgg19

Floats = NDArray[np.float64]

VGG_SIDE = 96
"""Pixels at which VGG-19 looks at faces."""
TAPS = 4
"""relu1_1 to relu4_1."""
INNER = (slice(5, 11), slice(3, 9))
"""Rows and columns of relu4_1's 12 x 12 map that hold the inner face of the CelebA-HQ frame."""
ARC_FACE = (54.6 / 512, 58.7 / 512, 398.9 / 512)
"""Left, top and side of the square that puts eyes and mouth of the frame where face recognition
with 112 pixels has them (ArcFace's template)."""
ARC_FACE_SIDE = 112
# Of the features whose means are compared as sets, every pixel has a root mean square of 1: the two
# files of weights differ in scale by a factor of about a hundred.
VGG_REMEDY = "Give torchvision's vgg19-dcbb9e9d.pth, or leave out --vgg."


@dataclass(frozen=True)
class Look:
    """What networks saw in one picture; None where there is no such network."""

    taps: tuple[Tensor, ...] = ()
    """Features of VGG-19, each pixel of length 1, (1, C, H, W)."""
    code: Floats | None = None
    """Of the identity network, length 1, (D,)."""
    features: NDArray[np.float32] | None = None
    """For distances between sets, (D,)."""


class Eyes:
    """The networks at hand. `names` says which stands for what, with the hash of its file."""

    def __init__(
        self,
        vgg: str | Path | None = None,
        inception: str | Path | None = None,
        identity: str | Path | None = None,
        lpips: str | Path | None = None,
    ) -> None:
        self._cpu = torch.device("cpu")
        self._vgg = None if vgg is None else Vgg19(TAPS).load(vgg, VGG_REMEDY).eval()
        self._inception: InceptionFeatures | None = None
        if inception is not None:
            self._inception = open_inception(inception)
        self._identity = None if identity is None else _session(identity, 1, "--identity")
        self._lpips = None if lpips is None else _session(lpips, 2, "--lpips")
        given = {"vgg": vgg, "inception": inception, "identity": identity, "lpips": lpips}
        hashes = {name: files.sha256(path) for name, path in given.items() if path is not None}
        self.names: dict[str, dict[str, str]] = {}
        if self._inception is not None:
            self._say("distance", "FID and KID: Inception-v3, 2048", hashes["inception"])
        elif self._vgg is not None:
            name = f"Frechet distance in means of VGG-19 relu4_1 at {VGG_SIDE} px (not FID)"
            self._say("distance", name, hashes["vgg"])
        if self._lpips is not None:
            self._say("perceptual", f"LPIPS: {Path(str(lpips)).name}", hashes["lpips"])
        elif self._vgg is not None:
            name = f"unweighted distance of VGG-19 features at {VGG_SIDE} px (not LPIPS)"
            self._say("perceptual", name, hashes["vgg"])
        if self._identity is not None:
            self._say("identity", f"cosine of {Path(str(identity)).name}", hashes["identity"])
        elif self._vgg is not None:
            name = "cosine of VGG-19 relu4_1 over the inner face (no face recognition)"
            self._say("identity", name, hashes["vgg"])

    def _say(self, what: str, name: str, digest: str) -> None:
        self.names[what] = {"name": name, "sha256": digest}

    @torch.inference_mode()
    def look(self, picture: Pixels) -> Look:
        """What there is to see in a picture."""
        taps: tuple[Tensor, ...] = ()
        features: NDArray[np.float32] | None = None
        if self._vgg is not None:
            seen = self._vgg(scaled(picture, VGG_SIDE, self._cpu))
            taps = tuple(tap / (tap.norm(dim=1, keepdim=True) + 1e-8) for tap in seen)
            last = taps[-1] * math.sqrt(taps[-1].shape[1])
            features = last.mean((2, 3))[0].numpy()
        if self._inception is not None:
            features = self._inception(picture)
        return Look(taps, self._code(picture), features)

    def perceptual(self, first: Look, second: Look, pictures: tuple[Pixels, Pixels]) -> float:
        """Perceptual distance, 0 for equal pictures; NaN where nothing can tell."""
        if self._lpips is not None:
            inputs = [each.name for each in self._lpips.get_inputs()]
            values = [images.to_float(each) for each in pictures]
            found = self._lpips.run(None, dict(zip(inputs, values, strict=True)))[0]
            return float(np.asarray(found).ravel()[0])
        if not first.taps:
            return float("nan")
        pairs = zip(first.taps, second.taps, strict=True)
        return sum(float(((a - b) ** 2).sum(1).mean()) for a, b in pairs) / TAPS

    def identity(self, first: Look, second: Look) -> float:
        """How much two pictures look like one person, 1 for equal ones; NaN where nothing can
        tell."""
        if first.code is not None and second.code is not None:
            return float(first.code @ second.code)
        if not first.taps:
            return float("nan")
        rows, columns = INNER
        product = (first.taps[-1] * second.taps[-1]).sum(1)[0]
        return float(product[rows, columns].mean())

    def _code(self, picture: Pixels) -> Floats | None:
        if self._identity is None:
            return None
        side = picture.shape[0]
        left, top, size = (round(each * side) for each in ARC_FACE)
        crop = images.resize(
            np.ascontiguousarray(picture[top : top + size, left : left + size]),
            (ARC_FACE_SIDE, ARC_FACE_SIDE),
        )
        name = self._identity.get_inputs()[0].name
        found = np.asarray(self._identity.run(None, {name: images.to_float(crop)})[0], np.float64)
        code = found.ravel()
        return code / max(float(np.linalg.norm(code)), 1e-12)


def _session(path: str | Path, inputs: int, option: str) -> ort.InferenceSession:
    """An ONNX network with so many inputs, pictures float (1, 3, H, W) in [-1, 1]."""
    if not Path(path).is_file():
        raise ConfigError(f"{option} {path} is no file.")
    try:
        session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises many kinds for a damaged file
        raise ConfigError(f"{option} {path} is no ONNX network ({error}).") from error
    if len(session.get_inputs()) != inputs:
        raise ConfigError(
            f"{option} {path} has {len(session.get_inputs())} inputs; expected {inputs}, pictures "
            "float (1, 3, H, W) from -1 to 1."
        )
    return session
