"""What a step of the generator sees: the same for the same numbers, with fresh noise."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from maskgan.data.dataset import FaceMaskDataset
from maskgan.training.edits import EditConfig
from maskgan.training.regional_batch import Batch, CropConfig, draw_batch, sees_details

CROPS = CropConfig(crop=32)


@pytest.fixture(scope="module")
def faces(plain_faces: Path) -> FaceMaskDataset:
    return FaceMaskDataset([plain_faces], 64, "train")


def draw(faces: FaceMaskDataset, start: int = 0, seed: int = 0, whole: bool = False) -> Batch:
    edits = EditConfig(dilate=(1, 3))
    return draw_batch(faces, start, 8, seed, edits, CROPS, face_side=32, whole=whole)


@pytest.mark.parametrize("whole", [False, True])
def test_the_same_arguments_give_the_same_batch(faces: FaceMaskDataset, whole: bool) -> None:
    torch.manual_seed(1)
    first = draw(faces, 16, whole=whole)
    torch.manual_seed(2)  # the global generator does not matter
    second = draw(faces, 16, whole=whole)
    for name, one, other in zip(Batch._fields, first, second, strict=True):
        assert torch.equal(one, other), name


@pytest.mark.parametrize("whole", [False, True])
def test_noise_is_normal_and_never_the_same_twice(faces: FaceMaskDataset, whole: bool) -> None:
    drawn = [draw(faces, start, seed, whole).noise for start, seed in ((0, 0), (8, 0), (0, 1))]
    assert drawn[0].shape == draw(faces, whole=whole).photo.shape
    pictures = torch.cat(drawn).flatten(1)
    assert pictures.std() == pytest.approx(1, abs=0.03)
    assert pictures.mean() == pytest.approx(0, abs=0.03)
    alike = torch.corrcoef(pictures) - torch.eye(len(pictures))
    assert alike.abs().max() < 0.1


def test_crops_are_pieces_of_the_photo_around_the_edit(faces: FaceMaskDataset) -> None:
    batch = draw(faces)
    assert (batch.erase.flatten(1).sum(1) > 0).all()
    originals = [torch.from_numpy(faces[item][1]) for item in range(len(faces))]
    originals += [labels.flip(1) for labels in originals]
    sides = torch.tensor([0, 1, 2, 3, 5, 4, 7, 6, 9, 8, *range(10, 19)], dtype=torch.uint8)
    originals += [sides[labels.long()] for labels in originals[len(faces) :]]
    windows = torch.stack(originals).unfold(1, 32, 1).unfold(2, 32, 1)
    for crop in batch.labels[:4]:
        assert (windows == crop).all(-1).all(-1).any()


def test_whole_faces_cost_what_the_crops_do(faces: FaceMaskDataset) -> None:
    crops, whole = draw(faces), draw(faces, whole=True)
    assert crops.photo.shape == (8, 3, 32, 32)
    assert whole.photo.shape == (2, 3, 64, 64)
    assert crops.photo.numel() == whole.photo.numel()
    assert whole.face.shape == (2, 3, 32, 32)


def test_details_are_crops_of_larger_faces(faces: FaceMaskDataset, plain_faces: Path) -> None:
    larger = FaceMaskDataset([plain_faces], 128, "train")
    edits = EditConfig(dilate=(1, 3))
    batch = draw_batch(larger, 0, 8, 0, edits, CROPS, face_side=32, whole=False, detail=2)
    assert batch.photo.shape == (8, 3, 32, 32)
    assert batch.face.shape == (8, 3, 32, 32)
    # Labels of twice the size come in blocks of 2 x 2, wherever the crop begins.
    labels = batch.labels.long()
    edges = (labels[:, :, 1:] != labels[:, :, :-1]).any(1)
    assert edges.any()
    assert not (edges[:, 1:] & edges[:, :-1]).any()
    assert (batch.erase.flatten(1).sum(1) > 0).all()
    # The same edits as at the generator's size: regions twice as wide.
    small = draw(faces).erase.flatten(1).sum(1)
    assert (batch.erase.flatten(1).sum(1) >= small).float().mean() > 0.5


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_larger_faces_come_as_often_as_asked(share: float) -> None:
    crops = CropConfig(crop=32, detail_share=share)
    seen = [sees_details(start, 3, crops) for start in range(0, 8000, 8)]
    assert sum(seen) / len(seen) == pytest.approx(share, abs=0.06)
    assert seen == [sees_details(start, 3, crops) for start in range(0, 8000, 8)]
