"""The face detector: photo -> where a face may be, and its two eyes and mouth as seen from there.

Fully convolutional, one answer per 8x8 pixels. It knows faces of one range of sizes
(`FaceDetectorConfig.eye_distance`); whoever uses it shows it the photo at several sizes
(`maskgan.alignment.network`). Built of the parser's blocks. Batch norm folds into the convolutions
at export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskgan.models.parser import Residual, conv

CELL = 8
"""Side in pixels of the square that one answer stands for."""
UNIT = 32.0
"""Pixels that one unit of the network's own point outputs stands for."""
RARE = -4.0
"""Bias of the score before training: faces are rare (0.02)."""


@dataclass(frozen=True, kw_only=True)
class FaceDetectorConfig:
    """Size of the detector."""

    widths: tuple[int, int, int, int] = (32, 48, 80, 88)
    """Channels at 1/4, 1/8, 1/16 and 1/32 of the photo's side."""
    size: int = 256
    """Side in pixels of the scenes it is trained on."""
    eye_distance: tuple[float, float] = (8.0, 88.0)
    """Smallest and largest distance between the eyes, in pixels, of faces it is to find."""

    def __post_init__(self) -> None:
        low, high = self.eye_distance
        if self.size <= 0 or self.size % self.stride:
            raise ValueError(f"size is {self.size}; expected a multiple of {self.stride} pixels.")
        if not 2 <= low < high <= self.size / 2:
            raise ValueError(
                f"eye_distance is {low:g} to {high:g}; expected a range within 2 to half of size."
            )

    @property
    def stride(self) -> int:
        """Height and width of a photo are multiples of this."""
        return 32


class FaceDetector(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1], H and W multiples of 32 -> scores (B, H/8, W/8) in
    0..1, and points (B, 3, 2, H/8, W/8): right eye, left eye and mouth, each as (x, y) in pixels
    from the centre of the cell. Points mean something where the score is high."""

    def __init__(self, config: FaceDetectorConfig) -> None:
        super().__init__()
        self.config = config
        quarter, eighth, sixteenth, last = config.widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(4), conv(48, quarter))
        self.eighth = nn.Sequential(conv(quarter, eighth, stride=2), Residual(eighth))
        self.sixteenth = nn.Sequential(conv(eighth, sixteenth, stride=2), Residual(sixteenth))
        self.last = nn.Sequential(
            conv(sixteenth, last, stride=2),
            Residual(last),
            Residual(last, dilation=2),  # sees a whole head of the largest size
        )
        self.to_sixteenth = nn.Conv2d(last, sixteenth, 1)
        self.to_eighth = nn.Conv2d(sixteenth, eighth, 1)
        self.up_sixteenth = Residual(sixteenth)
        self.up_eighth = Residual(eighth)
        self.head = nn.Conv2d(eighth, 1 + 6, 1)
        nn.init.constant_(self.head.bias[:1], RARE)  # type: ignore[index]

    def maps(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, but the scores as logits: what training needs."""
        eighth = self.eighth(self.stem(photo))  # (B, C, H/8, W/8)
        sixteenth = self.sixteenth(eighth)
        x = self.to_sixteenth(self.last(sixteenth))
        x = self.up_sixteenth(_twice(x) + sixteenth)
        x = self.up_eighth(_twice(self.to_eighth(x)) + eighth)
        out = self.head(x).float()  # (B, 7, H/8, W/8)
        return out[:, 0], out[:, 1:].unflatten(1, (3, 2)) * UNIT

    def forward(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        logits, points = self.maps(photo)
        return logits.sigmoid(), points


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear")


def cell_centres(size: Sequence[int], device: torch.device) -> Tensor:
    """Centres (2, h, w) of h x w cells as (x, y) in pixels, whole numbers at pixel centres."""
    row, column = (torch.arange(count, device=device) * CELL + (CELL - 1) / 2 for count in size)
    y, x = torch.meshgrid(row, column, indexing="ij")
    return torch.stack((x, y))
