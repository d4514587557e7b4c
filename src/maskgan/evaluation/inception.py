"""Inception-v3 of 2015 (Szegedy et al. 2016), whose features FID and KID are defined by.

The weights are not part of this package. Read is the file of torch-fidelity
(weights-inception-2015-12-05-6726825d.pth), from the TensorFlow graph that the FID was defined
with; its branches differ from later Inception-v3's in how they pool, and pictures are enlarged to
299 pixels as TensorFlow 1 did it, from the corner. Batch norm is folded into the convolutions.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from maskgan.errors import ConfigError
from maskgan.images import Pixels

SIDE = 299
WIDTH = 2048
EPSILON = 1e-3
"""Of batch norm."""
REMEDY = (
    "Give the file that torch-fidelity uses, weights-inception-2015-12-05-6726825d.pth, or leave "
    "out --inception for a Frechet distance in other features."
)

Branch = tuple[str, ...]
"""Convolutions one after the other, by name within their block."""

WITH_5X5: tuple[Branch, ...] = (
    ("branch1x1",),
    ("branch5x5_1", "branch5x5_2"),
    ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
)
WITH_7X7: tuple[Branch, ...] = (
    ("branch1x1",),
    ("branch7x7_1", "branch7x7_2", "branch7x7_3"),
    tuple(f"branch7x7dbl_{number}" for number in range(1, 6)),
)
HALVING: dict[str, tuple[Branch, ...]] = {
    "Mixed_6a": (("branch3x3",), ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")),
    "Mixed_7a": (
        ("branch3x3_1", "branch3x3_2"),
        ("branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"),
    ),
}
"""Blocks that halve the side: the last convolution of each branch has a stride of 2."""


class InceptionFeatures:
    """A picture uint8 (H, W, 3) -> its pooled features float32 (2048,)."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        self._convolutions: dict[str, tuple[Tensor, Tensor]] = {}
        for key in state:
            name, found, _ = key.partition(".conv.weight")
            if found:
                gain = state[f"{name}.bn.weight"] / torch.sqrt(
                    state[f"{name}.bn.running_var"] + EPSILON
                )
                bias = state[f"{name}.bn.bias"] - state[f"{name}.bn.running_mean"] * gain
                weight = state[key] * gain[:, None, None, None]
                self._convolutions[name] = weight.float(), bias.float()

    @torch.inference_mode()
    def __call__(self, picture: Pixels) -> NDArray[np.float32]:
        pixels = torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))
        features: NDArray[np.float32] = self._forward((_enlarged(pixels) - 128) / 128).numpy()
        return features

    def _forward(self, x: Tensor) -> Tensor:
        x = self._convolve(x, "Conv2d_1a_3x3", stride=2, padded=False)
        x = self._convolve(x, "Conv2d_2a_3x3", padded=False)
        x = self._convolve(x, "Conv2d_2b_3x3")
        x = functional.max_pool2d(x, 3, 2)
        x = self._convolve(x, "Conv2d_3b_1x1")
        x = self._convolve(x, "Conv2d_4a_3x3", padded=False)
        x = functional.max_pool2d(x, 3, 2)
        for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
            x = self._block(x, name, WITH_5X5)
        x = self._halving(x, "Mixed_6a")
        for name in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
            x = self._block(x, name, WITH_7X7)
        x = self._halving(x, "Mixed_7a")
        x = self._forked(x, "Mixed_7b", functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False))
        x = self._forked(x, "Mixed_7c", functional.max_pool2d(x, 3, 1, 1))
        return x.mean((2, 3))[0]  # (2048,)

    def _block(self, x: Tensor, block: str, branches: tuple[Branch, ...]) -> Tensor:
        found = [self._branch(x, block, branch) for branch in branches]
        pooled = functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return torch.cat([*found, self._convolve(pooled, f"{block}.branch_pool")], 1)

    def _halving(self, x: Tensor, block: str) -> Tensor:
        found = []
        for *first, last in HALVING[block]:
            y = self._branch(x, block, tuple(first))
            found.append(self._convolve(y, f"{block}.{last}", stride=2, padded=False))
        return torch.cat([*found, functional.max_pool2d(x, 3, 2)], 1)

    def _forked(self, x: Tensor, block: str, pooled: Tensor) -> Tensor:
        """The last two blocks, in which branches end in a wide and a high convolution beside each
        other, and which differ in how they pool."""
        found = [self._convolve(x, f"{block}.branch1x1")]
        stems = (
            (("branch3x3_1",), "branch3x3_2"),
            (("branch3x3dbl_1", "branch3x3dbl_2"), "branch3x3dbl_3"),
        )
        for stem, fork in stems:
            y = self._branch(x, block, stem)
            found += [self._convolve(y, f"{block}.{fork}{side}") for side in "ab"]
        return torch.cat([*found, self._convolve(pooled, f"{block}.branch_pool")], 1)

    def _branch(self, x: Tensor, block: str, names: Branch) -> Tensor:
        for name in names:
            x = self._convolve(x, f"{block}.{name}")
        return x

    def _convolve(self, x: Tensor, name: str, stride: int = 1, padded: bool = True) -> Tensor:
        weight, bias = self._convolutions[name]
        padding = tuple(side // 2 if padded else 0 for side in weight.shape[2:])
        return functional.relu(functional.conv2d(x, weight, bias, stride, padding))


def open_inception(path: str | Path) -> InceptionFeatures:
    """The network in torch-fidelity's file. Raises `ConfigError`."""
    if not Path(path).is_file():
        raise ConfigError(f"{path} is no file. {REMEDY}")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        network = InceptionFeatures(state)
        found = network(np.zeros((SIDE, SIDE, 3), np.uint8))
    except Exception as error:  # torch.load raises many kinds for a damaged file
        raise ConfigError(f"{path} holds no Inception-v3 ({error}). {REMEDY}") from error
    if found.shape != (WIDTH,):
        raise ConfigError(f"{path} holds no Inception-v3 with {WIDTH} features. {REMEDY}")
    return network


def _enlarged(pixels: Tensor) -> Tensor:
    """(1, 3, H, W) -> (1, 3, 299, 299), linear between pixels, the first of which stays where it
    is: TensorFlow 1's way without aligned corners."""
    for axis in (2, 3):
        length = pixels.shape[axis]
        place = torch.arange(SIDE, dtype=torch.float32) * (length / SIDE)
        low = place.long()
        share = (place - low).view([-1, 1] if axis == 2 else [-1])
        high = (low + 1).clamp_max(length - 1)
        first = pixels.index_select(axis, low)
        pixels = first + (pixels.index_select(axis, high) - first) * share
    return pixels
