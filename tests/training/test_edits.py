"""Simulated edits: regions that edits have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Generator, Tensor

from maskgan.data.dataset import FaceMaskDataset
from maskgan.labels import IDS
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig
from maskgan.training.edits import PARTS, EditConfig, dilate, edit_region, transplant

NOTHING = EditConfig(donor=0, warp=0, removed=0, strokes=0, everything=0, dilate=(1, 3))
KINDS = ("donor", "warp", "removed", "strokes", "everything")


@pytest.fixture(scope="module")
def faces(drawn_faces: Path) -> Tensor:
    return FaceMaskDataset([drawn_faces], 64, "all").batch(range(12))[1]


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def is_in(labels: Tensor, part: str) -> Tensor:
    return torch.isin(labels, torch.tensor([IDS[name] for name in PARTS[part]]))


def test_dilate_grows_by_a_square() -> None:
    region = torch.rand((20, 30), generator=seeded()) < 0.03
    for radius in (0, 1, 4):
        square = np.ones((2 * radius + 1, 2 * radius + 1), bool)
        expected = ndimage.binary_dilation(region.numpy(), square)
        np.testing.assert_array_equal(dilate(region, radius).numpy(), expected)


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_region_is_never_empty(faces: Tensor, kind: str, local: bool) -> None:
    config = replace(NOTHING, **{kind: 1.0})
    sizes = []
    for seed in range(12):
        own, donor = faces[seed], faces[(seed + 1) % 12]
        region = edit_region(own, donor, config, seeded(seed), local)
        assert region.dtype == torch.bool
        assert region.shape == own.shape
        sizes.append(float(region.float().mean()))
    assert min(sizes) > 0
    assert (max(sizes) == 1) == (kind == "everything")


@pytest.mark.parametrize("name", ["background", "hair", "cloth"])
def test_a_map_without_a_face_has_a_region_too(name: str) -> None:
    labels = torch.full((64, 64), IDS[name], dtype=torch.uint8)
    for kind in KINDS:
        for seed in range(4):
            config = replace(NOTHING, **{kind: 1.0})
            assert edit_region(labels, labels, config, seeded(seed), True).any()


def test_the_same_seed_gives_the_same_region(faces: Tensor) -> None:
    def regions(seed: int) -> Tensor:
        generator = seeded(seed)
        config = EditConfig(dilate=(1, 3))
        return torch.stack(
            [edit_region(own, faces[0], config, generator, False) for own in faces[1:]]
        )

    assert torch.equal(regions(1), regions(1))
    assert not torch.equal(regions(1), regions(2))


@pytest.mark.parametrize("part", ["mouth", "eyes and brows", "nose", "hair"])
def test_a_transplant_takes_the_donor_s_part(faces: Tensor, part: str) -> None:
    changed = 0
    for own, donor in zip(faces[:6], faces[6:], strict=True):
        wanted = transplant(own, donor, part)
        assert wanted.dtype == own.dtype
        assert torch.equal(is_in(wanted, part), is_in(donor, part))
        assert torch.equal(wanted[is_in(donor, part)], donor[is_in(donor, part)])
        elsewhere = ~(is_in(own, part) | is_in(donor, part))
        assert torch.equal(wanted[elsewhere], own[elsewhere])
        changed += int((wanted != own).any())
    assert changed
    assert torch.equal(transplant(faces, faces, part), faces)


def test_edits_of_mask_vae_erase_what_it_changed(faces: Tensor) -> None:
    torch.manual_seed(0)
    vae = MaskVae(MaskVaeConfig(widths=(8, 12), code=8, size=32)).eval()
    with torch.no_grad():
        for weight in vae.parameters():
            weight.mul_(3)  # so that its two edits of a face differ, untrained as it is
    config = replace(NOTHING, mask_vae=1.0)
    inter, outer = vae.edits(faces[:6], faces[6:])
    sides = set()
    for seed in range(6):
        region = edit_region(faces[seed], faces[6 + seed], config, seeded(seed), False, vae)
        sizes = range(config.dilate[0], config.dilate[1] + 1)
        matches = [
            side
            for side, edited in (("towards", inter[seed]), ("away", outer[seed]))
            if any(torch.equal(region, dilate(edited != faces[seed], size)) for size in sizes)
        ]
        assert matches
        sides |= set(matches) if len(matches) == 1 else set()
        part = edit_region(faces[seed], faces[6 + seed], config, seeded(seed), True, vae)
        assert part.any()
    assert sides == {"towards", "away"}


def test_without_edits_of_mask_vae_the_draws_are_what_they_were(faces: Tensor) -> None:
    """A kind that never comes must not change the random stream of the others."""
    plain = EditConfig(dilate=(1, 3))
    vae = MaskVae(MaskVaeConfig(widths=(8, 12), code=8, size=32)).eval()
    for seed in range(8):
        own, donor = faces[seed], faces[seed + 1]
        region = edit_region(own, donor, plain, seeded(seed), True)
        assert torch.equal(region, edit_region(own, donor, plain, seeded(seed), True, vae))
