"""Paired augmentation: photo and labels move alike, the same seed gives the same batch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Generator, Tensor
from torch.nn import functional

from maskgan.data import augment
from maskgan.data.augment import AugmentConfig
from maskgan.data.dataset import FaceMaskDataset
from maskgan.data.tensors import to_float
from maskgan.labels import IDS, MIRROR

STILL = AugmentConfig(
    rotation=0, scale=(1, 1), shift=0, upright=0, light=0, grey=0, jpeg=0, blur=0, noise=0
)
STRONG = AugmentConfig(jpeg=1, blur=1, grey=0.5, light=1, noise=0.5)


@pytest.fixture(scope="module")
def faces(drawn_faces: Path) -> tuple[Tensor, Tensor]:
    photos, labels = FaceMaskDataset([drawn_faces], 64, "all").batch(range(16))
    return to_float(photos), labels


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def everything(
    faces: tuple[Tensor, Tensor], config: AugmentConfig, seed: int
) -> tuple[Tensor, Tensor]:
    generator = seeded(seed)
    photos, labels = augment.affine(*augment.flip(*faces, generator), config, generator)
    return augment.degrade(augment.light(photos, config, generator), config, generator), labels


def test_flip_mirrors_photo_and_labels_with_sides_exchanged(faces: tuple[Tensor, Tensor]) -> None:
    photos, labels = augment.flip(*faces, seeded())
    mirror = torch.tensor(MIRROR, dtype=torch.uint8)
    flipped = 0
    for before, before_labels, after, after_labels in zip(*faces, photos, labels, strict=True):
        if torch.equal(before, after):
            assert torch.equal(before_labels, after_labels)
        else:
            flipped += 1
            assert torch.equal(before.flip(-1), after)
            assert torch.equal(mirror[before_labels.flip(-1).long()], after_labels)
    assert 2 <= flipped <= 14


def test_the_left_eye_stays_on_the_right_of_the_picture(faces: tuple[Tensor, Tensor]) -> None:
    columns = torch.arange(64.0)
    found = 0
    for seed in range(4):
        _, labels = augment.flip(*faces, seeded(seed))
        for one in labels:
            left, right = ((one == IDS[name]).sum(0).float() for name in ("l_eye", "r_eye"))
            if left.any() and right.any():
                found += 1
                assert (left * columns).sum() / left.sum() > (right * columns).sum() / right.sum()
    assert found > 20


def test_affine_that_does_nothing_is_the_identity(faces: tuple[Tensor, Tensor]) -> None:
    photos, labels = augment.affine(*faces, STILL, seeded())
    torch.testing.assert_close(photos, faces[0], rtol=0, atol=1e-4)
    assert torch.equal(labels, faces[1])
    assert labels.dtype == faces[1].dtype


def test_light_and_degrade_that_do_nothing_are_the_identity(faces: tuple[Tensor, Tensor]) -> None:
    photos = faces[0].clamp(-0.99, 1)  # gamma holds the darkest values above zero
    torch.testing.assert_close(augment.light(photos, STILL, seeded()), photos, rtol=0, atol=1e-5)
    assert torch.equal(augment.degrade(faces[0], STILL, seeded()), faces[0])


@pytest.mark.parametrize(
    "config",
    [
        replace(STILL, rotation=25.0),
        replace(STILL, scale=(0.7, 1.4)),
        replace(STILL, shift=0.12),
    ],
    ids=["rotation", "scale", "shift"],
)
def test_photo_and_labels_move_alike(config: AugmentConfig) -> None:
    """A photo that shows its own label map still does so afterwards."""
    labels = torch.zeros(8, 64, 64, dtype=torch.uint8)
    labels[:, 20:44, 16:48] = 1
    photos = labels[:, None].float().expand(-1, 3, -1, -1) * 2 - 1
    moved, moved_labels = augment.affine(photos, labels, config, seeded(3))
    assert not torch.equal(moved_labels, labels)
    shown = (moved[:, 0] > 0).to(torch.uint8)
    assert (shown == moved_labels).float().mean() > 0.995


def test_scale_and_shift_stay_within_their_ranges() -> None:
    labels = torch.zeros(64, 64, 64, dtype=torch.uint8)
    labels[:, 24:40, 24:40] = 1
    photos = torch.zeros(64, 3, 64, 64)
    _, scaled = augment.affine(photos, labels, replace(STILL, scale=(0.5, 1.5)), seeded())
    sides = (scaled > 0).flatten(1).sum(1).float().sqrt()
    assert 7 <= sides.min() < 10
    assert 22 < sides.max() <= 25
    _, shifted = augment.affine(photos, labels, replace(STILL, shift=0.25), seeded())
    tops = (shifted > 0).any(2).float().argmax(1)
    assert 8 <= tops.min() < 12
    assert 36 < tops.max() <= 40


def test_some_faces_stay_upright(faces: tuple[Tensor, Tensor]) -> None:
    for share, low, high in ((0.0, 0, 0), (0.5, 2, 14), (1.0, 16, 16)):
        config = replace(STILL, rotation=25.0, scale=(0.7, 0.9), shift=0.12, upright=share)
        _, labels = augment.affine(*faces, config, seeded())
        still = sum(torch.equal(one, other) for one, other in zip(labels, faces[1], strict=True))
        assert low <= still <= high


def test_what_comes_in_repeats_the_border_in_both() -> None:
    labels = torch.full((1, 64, 64), IDS["skin"], dtype=torch.uint8)
    labels[:, 0], labels[:, -1] = 0, IDS["cloth"]
    photos = torch.where(labels[:, None] == IDS["cloth"], 1.0, -1.0).expand(-1, 3, -1, -1)
    half = replace(STILL, scale=(0.5, 0.5))
    moved, moved_labels = augment.affine(photos, labels, half, seeded())
    assert (moved_labels[:, :16] == 0).all()
    assert (moved_labels[:, 48:] == IDS["cloth"]).all()
    assert (moved[:, :, :16] == -1).all()
    assert (moved[:, :, 48:] == 1).all()


def test_labels_hold_existing_values_only(faces: tuple[Tensor, Tensor]) -> None:
    _, labels = everything(faces, AugmentConfig(), seed=1)
    for before, after in zip(faces[1], labels, strict=True):
        allowed = set(before.unique().tolist())
        mirrored = {MIRROR[value] for value in allowed}
        assert set(after.unique().tolist()) <= allowed | mirrored


def test_photos_stay_in_range_and_keep_their_shape(faces: tuple[Tensor, Tensor]) -> None:
    photos, labels = everything(faces, STRONG, seed=2)
    assert photos.shape == faces[0].shape
    assert photos.dtype == torch.float32
    assert labels.shape == faces[1].shape
    assert labels.dtype == torch.uint8
    assert photos.min() >= -1
    assert photos.max() <= 1
    assert (photos - faces[0]).abs().mean() > 0.05


def test_the_same_seed_gives_the_same_batch(faces: tuple[Tensor, Tensor]) -> None:
    one, two, other = (everything(faces, STRONG, seed) for seed in (7, 7, 8))
    assert torch.equal(one[0], two[0])
    assert torch.equal(one[1], two[1])
    assert not torch.equal(one[0], other[0])


def test_the_global_generator_is_not_touched(faces: tuple[Tensor, Tensor]) -> None:
    state = torch.get_rng_state()
    everything(faces, STRONG, seed=7)
    assert torch.equal(torch.get_rng_state(), state)


def test_grey_photos_have_equal_channels(faces: tuple[Tensor, Tensor]) -> None:
    grey = augment.light(faces[0], replace(STILL, grey=1), seeded())
    torch.testing.assert_close(grey, grey.mean(1, keepdim=True).expand(-1, 3, -1, -1))


def test_each_harm_is_done_alone(faces: tuple[Tensor, Tensor]) -> None:
    def sharpness(photos: Tensor) -> float:
        return float((photos - functional.avg_pool2d(photos, 3, 1, 1)).abs().mean())

    blurred, noisy, packed = (
        augment.degrade(faces[0], replace(STILL, **{name: 1.0}), seeded())
        for name in ("blur", "noise", "jpeg")
    )
    assert sharpness(blurred) < sharpness(faces[0]) < sharpness(noisy)
    assert 0 < (packed - faces[0]).abs().mean() < 0.15
