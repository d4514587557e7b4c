"""The paper's MaskVAE: label maps <-> points of a space in which one face becomes another.

*MaskGAN* (Lee et al., CVPR 2020), Section 3: a variational autoencoder (Kingma and Welling 2014) of
one-hot label maps. The encoder halves the map until a few cells are left and reads off mean and
logarithm of the variance of a normal distribution over codes; the decoder goes the same way back
to class logits. `MaskVae.edits` are the two maps of editing behaviour simulated training.

With the default config: 170,619,571 parameters at 512 px. The size is the config's, since code and
map hang together by linear layers. A `local` code belongs to its cell instead: sharper outlines
from a hundredth of the weights, as the bundle in the package has them. Knows no losses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from maskgan.data.tensors import one_hot, resize_labels
from maskgan.labels import NUM_CLASSES
from maskgan.models.parser import scaled_labels, scaled_logits

DIVISOR = 2.5
"""The paper's lambda: an edit goes 1/DIVISOR of the way to the reference face, or as far away."""

MOMENTUM = 0.005
"""Share of a training batch in the running mean and covariance of the codes, once there have been
so many that a plain average would give it less."""


@dataclass(frozen=True, kw_only=True)
class MaskVaeConfig:
    """Size of MaskVAE; the defaults are the paper's."""

    widths: tuple[int, ...] = (32, 64, 128, 256, 512, 1024, 2048)
    """Channels at 1/2, 1/4, ... of the map's side; one halving per entry."""
    code: int = 1024
    """Numbers that describe a label map."""
    size: int = 512
    """Side of the label map in pixels."""
    local: bool = False
    """Each cell that is left after the last halving has numbers of its own, `code` / cells**2 of
    them, by 1x1 convolutions in place of the paper's linear layers."""

    def __post_init__(self) -> None:
        if not self.widths or min(*self.widths, self.code) < 1:
            raise ValueError(
                f"widths are {list(self.widths)} and code {self.code}; expected at least one "
                "width, and 1 or more for each of them."
            )
        stride = 2 ** len(self.widths)
        if self.size < stride or self.size % stride:
            raise ValueError(
                f"size is {self.size} with {len(self.widths)} widths; expected a multiple of "
                f"{stride} pixels."
            )
        if self.local and self.code % self.cells**2:
            raise ValueError(
                f"code is {self.code}, local to {self.cells}x{self.cells} cells; expected a "
                f"multiple of {self.cells**2}."
            )

    @property
    def cells(self) -> int:
        """Side in cells of what is left after the last halving."""
        return self.size >> len(self.widths)


def _encoder(config: MaskVaeConfig) -> nn.Sequential:
    """One-hot labels (B, K, S, S) -> (B, C * cells * cells), C the last width; (B, C, cells, cells)
    for a local code."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise((NUM_CLASSES, *config.widths)):
        layers += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.BatchNorm2d(outputs)]
        layers.append(nn.LeakyReLU(0.2, inplace=True))
    return nn.Sequential(*layers) if config.local else nn.Sequential(*layers, nn.Flatten())


def _head(config: MaskVaeConfig) -> nn.Module:
    """What the encoder gives -> N numbers (B, N) for each code."""
    width = config.widths[-1]
    if config.local:
        return nn.Sequential(nn.Conv2d(width, config.code // config.cells**2, 1), nn.Flatten())
    return nn.Linear(width * config.cells**2, config.code)


def _unfolding(config: MaskVaeConfig) -> list[nn.Module]:
    """Codes (B, N) -> cells (B, C, cells, cells), C the last width."""
    cells = (config.widths[-1], config.cells, config.cells)
    if config.local:
        own = (config.code // config.cells**2, *cells[1:])
        return [nn.Unflatten(1, own), nn.Conv2d(own[0], cells[0], 1), nn.ReLU(inplace=True)]
    return [
        nn.Linear(config.code, math.prod(cells)),
        nn.ReLU(inplace=True),
        nn.Unflatten(1, cells),
    ]


def _doubling(inputs: int, outputs: int) -> list[nn.Module]:
    """(B, inputs, H, W) -> (B, outputs, 2H, 2W)."""
    return [
        nn.Upsample(scale_factor=2.0),
        nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate"),
    ]


def _decoder(config: MaskVaeConfig) -> nn.Sequential:
    """Codes (B, N) -> class logits (B, K, S, S)."""
    widths = config.widths[::-1]
    layers = _unfolding(config)
    for inputs, outputs in pairwise(widths):
        # The authors' norms have another eps here than in the encoder.
        layers += [*_doubling(inputs, outputs), nn.BatchNorm2d(outputs, eps=1e-3)]
        layers.append(nn.LeakyReLU(0.2, inplace=True))
    return nn.Sequential(*layers, *_doubling(widths[-1], NUM_CLASSES))


class MaskVae(nn.Module):
    """Label maps to codes and back.

    Labels are integers (B, S, S), S = `config.size`; codes float (B, N), N = `config.code`; logits
    float (B, K, S, S), K the 19 classes.

    Training pulls codes towards N(0, 1) but never all the way: numbers of the code hang together,
    and a draw that ignores that is no face. So their mean and covariance are kept as they pass by,
    like the statistics of a batch norm, and new faces are drawn from that normal distribution.
    """

    code_mean: Tensor
    code_covariance: Tensor
    code_batches: Tensor

    def __init__(self, config: MaskVaeConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = _encoder(config)
        self.to_mean = _head(config)
        self.to_log_variance = _head(config)
        self.decoder = _decoder(config)
        self.register_buffer("code_mean", torch.zeros(config.code))
        self.register_buffer("code_covariance", torch.eye(config.code))
        self.register_buffer("code_batches", torch.zeros((), dtype=torch.int64))

    def encode(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Labels (B, S, S) -> mean and log-variance float (B, N) of the codes of each map."""
        side = self.config.size
        if labels.shape[1:] != (side, side):
            height, width = labels.shape[-2:]
            raise ValueError(f"The labels have {width}x{height} pixels; expected {side}x{side}.")
        pixels = one_hot(labels).contiguous(memory_format=torch.channels_last)
        features = self.encoder(pixels)
        return self.to_mean(features).float(), self.to_log_variance(features).float()

    def decode(self, codes: Tensor) -> Tensor:
        """Codes (B, N) -> class logits (B, K, S, S)."""
        logits: Tensor = self.decoder(codes)
        return logits

    def forward(self, labels: Tensor, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Labels (B, S, S) -> logits of one drawn code of each map, mean, log-variance."""
        mean, log_variance = self.encode(labels)
        codes = reparameterize(mean, log_variance, generator)
        if self.training:
            self._observe(codes.detach())
        return self.decode(codes), mean, log_variance

    @torch.no_grad()
    def _observe(self, codes: Tensor) -> None:
        """Brings codes (B, N) into the running mean and covariance."""
        self.code_batches += 1
        share = (1 / self.code_batches).clamp_min(MOMENTUM)
        self.code_mean.lerp_(codes.mean(0), share)
        apart = codes - self.code_mean
        with torch.autocast(codes.device.type, enabled=False):  # a statistic: float32
            covariance = apart.T @ apart / len(codes)  # (N, N)
        self.code_covariance.lerp_(covariance, share)

    def draw(self, count: int, generator: Generator, temperature: float = 1.0) -> Tensor:
        """Codes (count, N) of faces that do not exist. With a temperature below 1 they are nearer
        to the mean face, with fewer odd shapes."""
        noise = torch.randn((count, self.config.code), generator=generator, dtype=torch.float64)
        values, axes = torch.linalg.eigh(self.code_covariance.double().cpu())
        # Of an eigenvector, which of two directions it shows is rounding: the root has no such.
        root = (axes * values.clamp_min(0).sqrt()) @ axes.T  # (N, N), symmetric
        codes: Tensor = (noise @ root).to(self.code_mean)
        return self.code_mean + temperature * codes

    @torch.no_grad()
    def labels(self, codes: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Codes (B, N) -> labels uint8 (B, height, width) from logits scaled to `size` (default:
        the config's)."""
        return scaled_labels(self.decode(codes), size or (self.config.size,) * 2)

    def edit_logits(
        self, labels: Tensor, reference: Tensor, divisor: float = DIVISOR
    ) -> tuple[Tensor, Tensor]:
        """Class logits float32 (B, K, H, W) of M_inter and M_outer of editing behaviour simulated
        training: what a user might have made of `labels` (B, H, W), given those of other faces.
        Labels of another size than the config's are scaled to it, and logits back."""
        side = (self.config.size,) * 2
        target, other = (self.encode(resize_labels(each, side))[0] for each in (labels, reference))
        inter, outer = towards_and_away(target, other, divisor)
        size = labels.shape[-2:]
        return scaled_logits(self.decode(inter), size), scaled_logits(self.decode(outer), size)

    @torch.no_grad()
    def edits(
        self, labels: Tensor, reference: Tensor, divisor: float = DIVISOR
    ) -> tuple[Tensor, Tensor]:
        """M_inter and M_outer themselves, uint8 (B, H, W)."""
        inter, outer = self.edit_logits(labels, reference, divisor)
        return inter.argmax(1).to(torch.uint8), outer.argmax(1).to(torch.uint8)


def reparameterize(mean: Tensor, log_variance: Tensor, generator: Generator | None) -> Tensor:
    """z = mean + noise * exp(log_variance / 2)   (Kingma and Welling 2014)

    The noise comes from a generator of the CPU, PyTorch's own one where none is given, so that
    every device draws the same.
    """
    noise = torch.randn(mean.shape, generator=generator).to(mean)
    return mean + noise * (log_variance / 2).exp()


def towards_and_away(
    target: Tensor, reference: Tensor, divisor: float = DIVISOR
) -> tuple[Tensor, Tensor]:
    """z_inter, z_outer = z_t +- (z_ref - z_t) / divisor, the paper's equation of M_inter and
    M_outer. Codes (B, N)."""
    if divisor <= 0:
        raise ValueError(f"divisor is {divisor}; expected more than 0.")
    step = (reference - target) / divisor
    return target + step, target - step
