"""The appearance half of the paper's Dense Mapping Network: label encoder and style encoder.

*MaskGAN* (Lee et al., CVPR 2020), Section 3: the "Spatial-Aware Style Encoder". A photo's features
are scaled and shifted, pixel by pixel, by features of its own label map (spatial feature transform,
Wang et al. 2018), and then averaged over the whole picture: the code of a face is `width` numbers,
which one linear layer spreads to all numbers the backbone wants, the style. No normalisation
anywhere, reflection at the borders. Does not know what the style is used for.
"""

from __future__ import annotations

from torch import Tensor, nn

from maskgan.labels import NUM_CLASSES


def _convolution(inputs: int, outputs: int, kernel: int = 4) -> nn.Conv2d:
    """7x7 keeps the size, 4x4 halves it."""
    stride, padding = (1, 3) if kernel == 7 else (2, 1)
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, padding_mode="reflect")


class LabelEncoder(nn.Module):
    """One-hot labels float (B, K, H, W) -> the two conditions of the style encoder: float
    (B, C, H/4, W/4) and (B, C, H/32, W/32), any range. C = `width`, 64 in the paper."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            _convolution(NUM_CLASSES, width // 4, 7),
            nn.ReLU(),
            _convolution(width // 4, width // 2),
            nn.ReLU(),
            _convolution(width // 2, width),
        )
        self.second = nn.Sequential(
            nn.ReLU(),
            _convolution(width, width),
            nn.ReLU(),
            _convolution(width, width),
            nn.ReLU(),
            _convolution(width, width),
        )

    def forward(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        first: Tensor = self.first(labels)  # (B, C, H/4, W/4)
        second: Tensor = self.second(first)  # (B, C, H/32, W/32)
        return first, second


class SpatialFeatureTransform(nn.Module):
    """features * scale + shift, both (B, C, H, W) maps made from the condition of that shape (SFT
    layer). The scale is used as it is: nothing adds 1 to it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = self._branch(width)
        self.shift = self._branch(width)

    @staticmethod
    def _branch(width: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(width, width, 1), nn.LeakyReLU(0.1), nn.Conv2d(width, width, 1)
        )

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        transformed: Tensor = features * self.scale(condition) + self.shift(condition)
        return transformed


class SpatialStyleEncoder(nn.Module):
    """Photo float (B, 3, H, W) in [-1, 1] and the conditions of its labels -> code (B, C), any
    range, C = `width`. H and W are multiples of 32. `spread` makes of a code the style (B, N), N =
    `outputs`."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            _convolution(3, width // 4, 7),
            nn.ReLU(),
            _convolution(width // 4, width // 2),
            nn.ReLU(),
            _convolution(width // 2, width),
            nn.ReLU(),
        )
        self.first_transform = SpatialFeatureTransform(width)
        self.coarse = nn.Sequential(
            _convolution(width, width),
            nn.ReLU(),
            _convolution(width, width),
            nn.ReLU(),
            _convolution(width, width),
            nn.ReLU(),
        )
        self.second_transform = SpatialFeatureTransform(width)
        self.to_style = nn.Conv2d(width, outputs, 1)

    def forward(self, photo: Tensor, conditions: tuple[Tensor, Tensor]) -> Tensor:
        x = self.first_transform(self.fine(photo), conditions[0])  # (B, C, H/4, W/4)
        x = self.second_transform(self.coarse(x), conditions[1])  # (B, C, H/32, W/32)
        # Here the place of everything is lost: what follows sees one average per photo.
        code: Tensor = x.mean((2, 3))  # (B, C)
        return code

    def spread(self, code: Tensor) -> Tensor:
        """Code (B, C) -> style (B, N)."""
        style: Tensor = self.to_style(code[:, :, None, None])  # (B, N, 1, 1)
        return style.flatten(1)
