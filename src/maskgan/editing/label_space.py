"""The space of label maps that a bundle's MaskVAE learned: directions, other faces, new faces.

*MaskGAN* (Lee et al., CVPR 2020), Section 3: labels become a code, a code becomes labels, and on
the way from one code to another a face becomes another one. A MaskVAE gives no map back exactly,
so a face is never replaced by what is decoded: the difference between two decoded maps moves the
outlines of its own labels, and where there is none they stay as they are to the pixel.

Labels uint8 (S, S) in the CelebA-HQ frame, any S. Knows no photo; graphs as `maskgan.bundle` names
them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.alignment.filters import enlarge, gaussian
from maskgan.bundle import Bundle
from maskgan.editing import regions
from maskgan.editing.attributes import Slider
from maskgan.editing.layers import check, member
from maskgan.errors import ConfigError
from maskgan.images import Floats
from maskgan.labels import IDS, Labels

OWN = 10.0
"""Logits by which a pixel's own class is ahead where it is far from an outline."""
SOFT = 1.0
"""Standard deviation of the filter over the own outlines, in pixels of the MaskVAE's map: its
logits are as soft."""
STILL = 0.5
"""Differences of logits below this move nothing."""
MOVES: Mapping[str, tuple[str, ...]] = {
    "smile": ("skin", "mouth", "u_lip", "l_lip"),
    "mouth_open": ("skin", "mouth", "u_lip", "l_lip"),
    "eye_opening": ("skin", "l_eye", "r_eye"),
    "brow_height": ("skin", "l_brow", "r_brow"),
    "face_width": ("background", "skin", "hair", "l_ear", "r_ear", "neck", "cloth"),
    "hair_length": ("background", "skin", "hair", "l_ear", "r_ear", "ear_r", "neck", "cloth"),
}
"""Slider -> the classes among which it moves outlines; what lies beside them stays."""


class LabelSpace:
    """What a bundle's MaskVAE knows about label maps; `LabelSpace.of` is the way to get one."""

    def __init__(self, bundle: Bundle) -> None:
        if bundle.manifest.mask_vae is None:
            raise ConfigError(
                f"{bundle.folder} holds no MaskVAE; export it with a run of one (`maskgan export`)."
            )
        self._bundle = bundle
        self._rules = bundle.manifest.mask_vae

    @property
    def sliders(self) -> dict[str, Slider]:
        """The sliders of the directions, as `maskgan.editing.attributes.apply` takes them."""

        def slider(name: str) -> Slider:
            return lambda labels, strength: self.moved(labels, name, strength)

        return {name: slider(name) for name in self._rules.directions}

    def moved(self, labels: Labels, name: str, strength: float) -> Labels:
        """The labels moved along a direction; strength 0 gives an equal copy. Raises `ConfigError`
        for a direction the bundle does not have."""
        directions = self._rules.directions
        if name not in directions:
            raise ConfigError(f"There is no direction {name!r}; there are {', '.join(directions)}.")
        strengths = np.zeros((1, len(directions)), np.float32)
        strengths[0, directions.index(name)] = strength
        step = self._space(strengths=strengths)["step"]
        code = self.encode(labels)
        return self._shifted(labels, code, code + step, MOVES.get(name, tuple(IDS)))

    def between(self, labels: Labels, other: Labels, share: float) -> Labels:
        """The labels moved a share of the way to those of another face, or, if it is negative, away
        from them: M_inter and M_outer of the paper at 0.4 and -0.4."""
        check(other, "The other face's label map")
        code = self.encode(labels)
        return self._shifted(labels, code, code + share * (self.encode(other) - code))

    def draw(self, rng: np.random.Generator, size: int, temperature: float = 0.8) -> Labels:
        """The labels of somebody who does not exist, uint8 (size, size). With a lower temperature
        they are nearer to the mean face, with fewer odd shapes."""
        noise = rng.standard_normal((1, self._rules.noise)).astype(np.float32) * temperature
        logits = self._decode(self._space(noise=noise.astype(np.float32))["drawn"])
        large = enlarge(logits, size / self._rules.size, (slice(0, size), slice(0, size)))
        labels: Labels = large.argmax(axis=2).astype(np.uint8)
        return labels

    def encode(self, labels: Labels) -> NDArray[np.float32]:
        """Mean code float32 (1, N) of labels."""
        side = self._rules.size
        small = images.resize_labels(check(labels), (side, side)).astype(np.int64)
        code: NDArray[np.float32] = self._bundle.run("mask_encoder", labels=small[None])["code"]
        return code

    def _shifted(
        self,
        labels: Labels,
        code: NDArray[np.float32],
        target: NDArray[np.float32],
        moving: Collection[str] = tuple(IDS),
    ) -> Labels:
        """The labels with what changes from one code to another, among the classes `moving`."""
        ids = np.array([IDS[name] for name in moving], np.uint8)
        change = (self._decode(target) - self._decode(code))[:, :, ids]  # (M, M, C)
        box = self._restless(change, len(labels))
        result = labels.copy()
        if box is None:
            return result
        own, scale = labels[box], len(labels) / self._rules.size
        still = OWN * _softened(labels, box, ids, SOFT * scale)
        moved = still + enlarge(change, scale, box)
        wanted = moved.argmax(axis=2)
        goes = member(own, ids.tolist()) & (wanted != still.argmax(axis=2))
        result[box] = np.where(goes, ids[wanted], own)
        return result

    def _restless(self, change: Floats, side: int) -> regions.Box | None:
        """The box, in a map of `side` pixels, in which a change of logits (M, M, C) does anything;
        None where it does nothing."""
        box = regions.bounding_box(np.abs(change).max(axis=2) > STILL, 1)
        if box is None:
            return None
        scale = side / self._rules.size
        rows, columns = (
            slice(math.floor(part.start * scale), min(math.ceil(part.stop * scale), side))
            for part in box
        )
        return rows, columns

    def _decode(self, code: NDArray[np.float32]) -> Floats:
        """Logits float32 (M, M, K) of a code (1, N)."""
        logits = self._bundle.run("mask_decoder", code=code.astype(np.float32))["logits"]
        return np.ascontiguousarray(logits[0].transpose(1, 2, 0))

    def _space(
        self,
        noise: NDArray[np.float32] | None = None,
        strengths: NDArray[np.float32] | None = None,
    ) -> dict[str, NDArray[np.float32]]:
        rules = self._rules
        if noise is None:
            noise = np.zeros((1, rules.noise), np.float32)
        if strengths is None:
            strengths = np.zeros((1, len(rules.directions)), np.float32)
        return self._bundle.run("mask_space", noise=noise, strengths=strengths)


def _softened(labels: Labels, box: regions.Box, ids: NDArray[np.uint8], sigma: float) -> Floats:
    """How much of each class lies around the pixels of a box, float32 (h, w, C)."""
    reach = math.ceil(3 * sigma)
    wide = tuple(slice(max(part.start - reach, 0), part.stop + reach) for part in box)
    soft = gaussian((labels[wide][:, :, None] == ids).astype(np.float32), sigma)
    inner = tuple(
        slice(part.start - outer.start, part.stop - outer.start)
        for part, outer in zip(box, wide, strict=True)
    )
    return soft[inner]
