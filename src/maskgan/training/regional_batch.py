"""One training step's worth of faces for the regional generator: edits simulated, crops cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional

from maskgan.data import augment
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import resize_labels, to_float
from maskgan.labels import NUM_CLASSES
from maskgan.models.mask_vae import MaskVae
from maskgan.training.edits import EditConfig, edit_region

CPU = torch.device("cpu")


@dataclass(frozen=True, kw_only=True)
class CropConfig:
    """What a step sees of a face."""

    crop: int = 128
    """Side of the crops in pixels of the face at the generator's size."""
    whole_every: int = 2
    """Every how many steps whole faces are seen instead, one for each (size / crop)^2 crops."""
    detail_share: float = 0.6
    """Share of the steps with crops that see faces of `model.detail` times the generator's size,
    where that is more than once."""
    hidden_codes: float = 0.15
    """Share of region codes hidden on half of the faces, so that absent ones get predicted."""

    def __post_init__(self) -> None:
        if self.whole_every < 1:
            raise ValueError(f"whole_every is {self.whole_every}; expected at least 1.")
        if not 0 <= self.detail_share <= 1:
            raise ValueError(f"detail_share is {self.detail_share}; expected 0 to 1.")


class Batch(NamedTuple):
    """Faces for one step; H, W are the crop's, E the style encoder's side."""

    photo: Tensor  # float (B, 3, H, W)
    labels: Tensor  # uint8 (B, H, W)
    erase: Tensor  # float (B, 1, H, W), 1 = erased
    noise: Tensor  # float (B, 3, H, W), normal: what the erased part is filled with
    face: Tensor  # float (B, 3, E, E), the whole face
    face_labels: Tensor  # uint8 (B, E, E)
    visible: Tensor  # float (B, K), 0 = code hidden


def draw_batch(
    faces: FaceMaskDataset,
    start: int,
    count: int,
    seed: int,
    edits: EditConfig,
    crops: CropConfig,
    face_side: int,
    whole: bool,
    detail: int = 1,
    vae: MaskVae | None = None,
    device: torch.device = CPU,
) -> Batch:
    """Examples `start` to `start + count`, the same for the same arguments: crops around an edit,
    or, when `whole`, as many whole faces as cost the same. `detail` says how many times the
    generator's size the faces have; `vae` is for edits of `edits.mask_vae`. Draws are made and
    edits simulated on the CPU; pictures are worked on, and come back, on `device`."""
    if whole:
        count = max(2, count // (faces.size // crops.crop) ** 2)
    generator = torch.Generator().manual_seed(seed * 7919 + start)
    pixels, labels = faces.batch(sample_order(start, count, len(faces), seed))
    donors = torch.randint(len(faces), (count,), generator=generator).tolist()
    _, donor_labels = faces.batch(donors)
    photo, labels = augment.flip(to_float(pixels.to(device)), labels.to(device), generator)
    face, face_labels = whole_face(photo, labels, face_side)
    # Edits are drawn at the generator's size, in whose pixels their widths are given.
    step = slice(None, None, detail)
    erase = torch.stack(
        [
            edit_region(own[step, step], donor[step, step], edits, generator, not whole, vae)
            for own, donor in zip(labels.cpu(), donor_labels, strict=True)
        ]
    )[:, None].float()
    erase = erase.repeat_interleave(detail, 2).repeat_interleave(detail, 3)  # (B, 1, H, W)
    if not whole:
        corners = [_crop_corner(region[0], crops.crop, generator) for region in erase]
        photo, labels, erase = (
            _crop(values, corners, crops.crop) for values in (photo, labels, erase)
        )
    noise = torch.randn(photo.shape, generator=generator)
    hidden = torch.rand((count, NUM_CLASSES), generator=generator) < crops.hidden_codes
    hidden &= torch.rand((count, 1), generator=generator) < 0.5
    drawn = (erase, noise, (~hidden).float())
    erase, noise, visible = (values.to(device) for values in drawn)
    return Batch(photo, labels, erase, noise, face, face_labels, visible)


def sees_details(start: int, seed: int, crops: CropConfig) -> bool:
    """Whether the step with crops that begins at example `start` cuts them from larger faces."""
    # A seed of its own: the first draw of the batch is of a donor, who must not depend on this.
    generator = torch.Generator().manual_seed(seed * 104_729 + start + 1)
    return float(torch.rand(1, generator=generator)) < crops.detail_share


def whole_face(photo: Tensor, labels: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Whole faces as the style encoder sees them, at its side."""
    small = functional.interpolate(photo, size=(side, side), mode="area")
    return small, resize_labels(labels, (side, side))


def _crop_corner(region: Tensor, side: int, generator: Generator) -> tuple[int, int]:
    """Top left corner of a crop around a random pixel of the region."""
    rows, columns = torch.nonzero(region, as_tuple=True)
    chosen = int(torch.randint(len(rows), (1,), generator=generator))
    jitter = torch.randint(-side // 4, side // 4 + 1, (2,), generator=generator).tolist()
    corner = []
    for position, shift, limit in zip(
        (int(rows[chosen]), int(columns[chosen])), jitter, region.shape, strict=True
    ):
        corner.append(min(max(position - side // 2 + shift, 0), limit - side))
    return corner[0], corner[1]


def _crop(values: Tensor, corners: list[tuple[int, int]], side: int) -> Tensor:
    cut = [
        one[..., top : top + side, left : left + side]
        for one, (top, left) in zip(values, corners, strict=True)
    ]
    return torch.stack(cut)
