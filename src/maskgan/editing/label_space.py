"""The space of label maps that a bundle's MaskVAE learned: directions, other faces, new faces.

*MaskGAN* (Lee et al., CVPR 2020), Section 3: labels become a code, a code becomes labels, and on
the way from one code to another a face becomes another one. A MaskVAE gives no map back exactly,
so a face is never replaced by what is decoded: own outlines move as far as outlines do between two
decoded maps, and where those are alike the own labels stay as they are to the pixel.

Labels uint8 (S, S) in the CelebA-HQ frame, any S. Knows no photo; graphs as `maskgan.manifest`
names them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from maskgan import images
from maskgan.alignment.filters import enlarge, gaussian
from maskgan.bundle import Bundle
from maskgan.editing import masks, regions
from maskgan.editing.attributes import Slider
from maskgan.editing.layers import PARTS, check, member
from maskgan.errors import ConfigError
from maskgan.images import Floats
from maskgan.labels import IDS, Labels

REACH = 32
"""How far outlines move at most, in pixels of the MaskVAE's map."""
SMOOTH = 1.0
"""Standard deviation of the filter over depths, which are made of whole pixels, likewise."""
REPLACED = ("smile", "mouth_open", "eye_opening", "brow_height")
"""Sliders of features, which become those of the MaskVAE: its mouths are better drawn than own ones
that are pulled by their outlines."""
WHOLLY = 0.4
"""The strength from which they are."""
STILL = 0.25
"""Outlines that move less than so many of these pixels do not move."""
SPECK, LOCK = 5e-4, 0.03
"""Share of a drawn map below which a piece of a class, and of hair, belongs to what is around it:
locks that hang from nothing."""
LOST = 0.1
"""Share of an eye or a brow below which it got lost."""
FINE = 2
"""Pixels of own outlines for one of the MaskVAE's map."""

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
    """What a bundle's MaskVAE knows about label maps.

    space = LabelSpace(editor.bundle)
    attributes.apply(labels, "brow_height", 0.8, space.sliders)
    somebody = space.draw(np.random.default_rng(0), 512)
    """

    def __init__(self, bundle: Bundle) -> None:
        """Raises `ConfigError` for a bundle without a MaskVAE."""
        if bundle.manifest.mask_vae is None:
            raise ConfigError(
                f"{bundle.folder} holds no MaskVAE; export it with a run of one (`maskgan export`)."
            )
        self._bundle = bundle
        self._rules = bundle.manifest.mask_vae

    @property
    def size(self) -> int:
        """Side in pixels of the maps that the MaskVAE knows."""
        return self._rules.size

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
        moving = MOVES.get(name, tuple(IDS))
        share = min(abs(strength) / WHOLLY, 1) if name in REPLACED else 0
        return _rooted(labels, self._shifted(labels, code, code + step, moving, share))

    def between(self, labels: Labels, other: Labels, share: float) -> Labels:
        """The labels moved a share of the way to those of another face, or, if it is negative, away
        from them: M_inter and M_outer of the paper at 0.4 and -0.4."""
        check(other, "The other face's label map")
        code = self.encode(labels)
        return self._shifted(labels, code, code + share * (self.encode(other) - code))

    def draw(self, rng: np.random.Generator, size: int, temperature: float = 0.7) -> Labels:
        """The labels of somebody who does not exist, uint8 (size, size). With a lower temperature
        they are nearer to the mean face, with fewer odd shapes."""
        noise = (temperature * rng.standard_normal((1, self._rules.noise))).astype(np.float32)
        labels = self.decode(self._space(noise=noise)["drawn"], size)
        whole = masks.clean_islands(labels, None, round(SPECK * labels.size))
        return masks.clean_islands(whole, "hair", round(LOCK * labels.size))

    def encode(self, labels: Labels) -> NDArray[np.float32]:
        """Mean code float32 (1, N) of labels."""
        side = self._rules.size
        small = images.resize_labels(check(labels), (side, side)).astype(np.int64)
        code: NDArray[np.float32] = self._bundle.run("mask_encoder", labels=small[None])["code"]
        return code

    def decode(self, code: NDArray[np.float32], size: int) -> Labels:
        """The labels uint8 (size, size) of a code (1, N): a MaskVAE's whole answer, in which little
        things are missing."""
        everywhere = (slice(0, size), slice(0, size))
        logits = enlarge(self._logits(code), size / self._rules.size, everywhere)
        labels: Labels = logits.argmax(axis=2).astype(np.uint8)
        return labels

    def _shifted(
        self,
        labels: Labels,
        code: NDArray[np.float32],
        target: NDArray[np.float32],
        moving: Collection[str] = tuple(IDS),
        share: float = 0,
    ) -> Labels:
        """The labels with outlines moved as they move between the maps of two codes, among the
        classes `moving`; by a share of 1 they become those of the second map."""
        before, after = (self.decode(each, self.size) for each in (code, target))
        near = regions.bounding_box(before != after, REACH)
        result = labels.copy()
        if near is None:
            return result
        scale = len(labels) / self.size
        rows, columns = (
            slice(math.floor(part.start * scale), math.ceil(part.stop * scale)) for part in near
        )
        own = labels[rows, columns]
        other = before != after
        here = {*np.unique(before[other]).tolist(), *np.unique(after[other]).tolist()}
        ids = [index for index in sorted(IDS[name] for name in moving) if index in here]
        if len(ids) < 2:
            return result
        # What was lost on the way there and back has not moved: it is where it was.
        lost = ~np.isin(ids, before[near])
        mine = _depths(images.resize_labels(own, regions.extent(near)), ids)
        theirs = np.where(lost, mine, _depths(before[near], ids))
        known = theirs + np.float32(share) * (mine - theirs)
        ways = gaussian((_depths(after[near], ids) - known).astype(np.float32), SMOOTH)
        # Own outlines need no more than twice the map's pixels: where nothing moves they stay.
        fine = min(FINE, scale)
        size = tuple(math.ceil((part.stop - part.start) * fine) for part in near)
        still = gaussian(_depths(images.resize_labels(own, size), ids, fine), SMOOTH)
        ways = enlarge(ways, fine, (slice(0, size[0]), slice(0, size[1])))
        inner = (slice(0, own.shape[0]), slice(0, own.shape[1]))
        moved, far = (enlarge(each, scale / fine, inner) for each in (still + ways, ways))
        wanted = np.array(ids, np.uint8)[moved.argmax(axis=2)]
        goes = member(own, ids) & (np.abs(far).max(axis=2) > STILL)
        result[rows, columns] = np.where(goes, wanted, own)
        return result

    def _logits(self, code: NDArray[np.float32]) -> Floats:
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


def _rooted(labels: Labels, moved: Labels) -> Labels:
    """The moved labels without new hair that hangs from nothing: what most faces have in some place
    is in a direction, whoever follows it; and with eyes and brows that got lost on the way."""
    hair = moved == IDS["hair"]
    rooted = regions.touching(hair, labels == IDS["hair"])
    result = np.where(hair & ~rooted, labels, moved)
    for index in (*PARTS["eyes"], *PARTS["brows"]):
        own = labels == index
        if np.count_nonzero(result == index) < LOST * np.count_nonzero(own):
            result = np.where(own, np.uint8(index), result)
    return result


def _depths(labels: Labels, ids: Sequence[int], fine: float = 1) -> Floats:
    """How deep in each class pixels lie, negative outside, float32 (h, w, C): in pixels of the
    MaskVAE's map, of which there are `fine` less, at most `REACH`."""
    reach = round(REACH * fine)
    depths = [
        regions.depth(labels == index, reach) - regions.depth(labels != index, reach)
        for index in ids
    ]
    return (np.stack(depths, axis=2) / fine).astype(np.float32)
