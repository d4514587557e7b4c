"""Simulated edits: which region of a face a user might repaint.

The generator learns from faces alone: a region E is erased and the photo inside it is the answer.
What matters is that E has the shapes that edits have, so E is the dilated difference between the
face's labels and the labels of a simulated edit. Labels are integers (H, W), regions bool (H, W).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

from maskgan.labels import IDS
from maskgan.models.mask_vae import MaskVae

PARTS: dict[str, tuple[str, ...]] = {
    "mouth": ("mouth", "u_lip", "l_lip"),
    "eyes": ("l_eye", "r_eye"),
    "brows": ("l_brow", "r_brow"),
    "eyes and brows": ("l_eye", "r_eye", "l_brow", "r_brow", "eye_g"),
    "nose": ("nose",),
    "hair": ("hair", "hat"),
    "ears": ("l_ear", "r_ear", "ear_r"),
    "features": ("mouth", "u_lip", "l_lip", "l_eye", "r_eye", "l_brow", "r_brow", "nose"),
    "neck": ("neck", "neck_l", "cloth"),
}
"""Groups of classes that are edited together."""

LOCAL = (
    *("mouth", "eyes", "nose", "hair") * 2,
    *("brows", "eyes and brows", "ears", "features"),
)
"""Parts that a training crop sees, as often as they are drawn."""

WHOLE = (*("hair",) * 5, "features", "neck", "ears", "eyes and brows")
"""Parts that whole faces are for, likewise."""


@dataclass(frozen=True, kw_only=True)
class EditConfig:
    """How often each kind of edit is simulated; the shares are normalised."""

    donor: float = 0.4
    """A part takes the shape it has on another face."""
    warp: float = 0.25
    """The labels are bent by a smooth random field."""
    removed: float = 0.2
    """A whole part is repainted."""
    strokes: float = 0.1
    """A few broad strokes anywhere."""
    everything: float = 0.05
    """Nothing of the photo is kept."""
    mask_vae: float = 0.0
    """The labels are moved towards another face's or away from them by MaskVAE, as in the paper's
    editing behaviour simulated training; needs `vae`."""
    vae: str = ""
    """File with the weights of MaskVAE; of any size."""
    dilate: tuple[int, int] = (3, 10)
    """Range of the dilation of the difference, in pixels of the training size."""


def edit_region(
    labels: Tensor,
    donor: Tensor,
    config: EditConfig,
    generator: Generator,
    local: bool,
    vae: MaskVae | None = None,
) -> Tensor:
    """The region (H, W) to erase for one simulated edit of a face, given another face's labels.

    `local` draws parts for a crop, else parts that need the whole face; `vae` makes the edits of
    `config.mask_vae`. The region is never empty.
    """
    kinds: tuple[str, ...] = ("donor", "warp", "removed", "strokes", "everything")
    if config.mask_vae:
        kinds += ("mask_vae",)
    shares = torch.tensor([getattr(config, kind) for kind in kinds])
    kind = kinds[int(torch.multinomial(shares, 1, generator=generator))]
    names = LOCAL if local else WHOLE
    part = PARTS[names[_integer(0, len(names) - 1, generator)]]
    if kind == "everything":
        return torch.ones_like(labels, dtype=torch.bool)
    if kind == "donor":
        either = _is_in(labels, part) | _is_in(donor, part)
        changed = either & (labels != donor)
    elif kind == "warp":
        changed = _warped(labels, generator) != labels
        if local:  # only what the bending did around one part
            changed &= dilate(_is_in(labels, part), 8)
    elif kind == "mask_vae":
        assert vae is not None
        away = _integer(0, 1, generator)
        changed = vae.edits(labels[None], donor[None])[away][0] != labels
        if local:
            changed &= dilate(_is_in(labels, part), 8)
    elif kind == "removed":
        changed = _is_in(labels, part)
    else:
        changed = _strokes(labels, generator)
    if not changed.any():
        changed = _is_in(labels, ("nose", "skin"))
    if not changed.any():
        changed = torch.ones_like(changed)
    return dilate(changed, _integer(*config.dilate, generator))


def dilate(region: Tensor, radius: int) -> Tensor:
    """Region (H, W) grown by a square of `radius` pixels around each of its own."""
    for axis, length in enumerate(region.shape):
        # How many of its pixels come before each place: a window has some where this grows.
        before = functional.pad(region.transpose(0, axis).int().cumsum(0), (0, 0, 1, 0))
        places = torch.arange(length, device=region.device)
        above = before[(places + radius + 1).clamp(max=length)]
        region = (above > before[(places - radius).clamp(min=0)]).transpose(0, axis)
    return region


def transplant(labels: Tensor, donor: Tensor, part: str) -> Tensor:
    """Labels (..., H, W) with a part taken from another face: the own part becomes skin (hair and
    hat: what the donor shows there, else background), then the donor's is laid on top."""
    own, other = _is_in(labels, PARTS[part]), _is_in(donor, PARTS[part])
    under = torch.full_like(labels, IDS["skin"])
    if part == "hair":
        under = torch.where(other, torch.zeros_like(donor), donor)
    return torch.where(other, donor, torch.where(own, under, labels))


def _is_in(labels: Tensor, names: tuple[str, ...]) -> Tensor:
    among = torch.zeros(256, dtype=torch.bool)
    among[[IDS[name] for name in names]] = True
    return among.to(labels.device)[labels.int()]


def _integer(low: int, high: int, generator: Generator) -> int:
    return int(torch.randint(low, high + 1, (1,), generator=generator))


def _warped(labels: Tensor, generator: Generator) -> Tensor:
    """Labels bent by a smooth random field of up to a twentieth of the side."""
    cells = _integer(3, 7, generator)
    strength = 0.02 + 0.05 * float(torch.rand(1, generator=generator))
    coarse = torch.randn((1, 2, cells, cells), generator=generator) * strength
    field = functional.interpolate(coarse, size=labels.shape, mode="bicubic")[0].permute(1, 2, 0)
    still = functional.affine_grid(
        torch.eye(2, 3)[None], [1, 1, *labels.shape], align_corners=False
    )
    source = labels[None, None].float()
    bent = functional.grid_sample(
        source, still + field, mode="nearest", padding_mode="border", align_corners=False
    )
    return bent[0, 0].to(labels.dtype)


def _strokes(labels: Tensor, generator: Generator) -> Tensor:
    """One to three thick straight strokes."""
    height, width = labels.shape
    rows = torch.arange(height, dtype=torch.float32)[:, None]
    columns = torch.arange(width, dtype=torch.float32)[None, :]
    region = torch.zeros_like(labels, dtype=torch.bool)
    for _ in range(_integer(1, 3, generator)):
        x0, y0, x1, y1, thickness = torch.rand(5, generator=generator).tolist()
        x0, y0 = x0 * width, y0 * height
        dx, dy = (x1 - 0.5) * width * 0.4, (y1 - 0.5) * height * 0.4
        along = (columns - x0) * dx + (rows - y0) * dy
        along = (along / max(dx * dx + dy * dy, 1e-6)).clamp(0, 1)
        distance = (columns - x0 - along * dx) ** 2 + (rows - y0 - along * dy) ** 2
        region |= distance <= ((0.015 + 0.04 * thickness) * width) ** 2
    return region
