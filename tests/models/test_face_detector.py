"""The face detector: shapes, what its points are measured from, size."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from maskgan.models.face_detector import (
    CELL,
    FaceDetector,
    FaceDetectorConfig,
    cell_centres,
)
from maskgan.presets import PRESETS
from maskgan.training.detector_task import DetectorRun

TINY = FaceDetectorConfig(widths=(8, 8, 8, 8), size=64, eye_distance=(8.0, 24.0))


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    torch.manual_seed(0)
    return FaceDetector(TINY).eval()


@pytest.fixture(scope="module")
def photos() -> Tensor:
    return torch.rand((3, 3, 64, 96), generator=torch.Generator().manual_seed(1)) * 2 - 1


@torch.no_grad()
def test_one_answer_per_cell(detector: FaceDetector, photos: Tensor) -> None:
    scores, points = detector(photos)
    assert scores.shape == (3, 8, 12)
    assert points.shape == (3, 3, 2, 8, 12)
    assert scores.min() > 0
    assert scores.max() < 0.2  # before training: faces are rare
    logits, same = detector.maps(photos)
    torch.testing.assert_close(logits.sigmoid(), scores)
    torch.testing.assert_close(same, points)


@torch.no_grad()
def test_photos_of_a_batch_do_not_see_each_other(detector: FaceDetector, photos: Tensor) -> None:
    together, alone = detector(photos)[1][1:2], detector(photos[1:2])[1]
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-3)


def test_a_cell_sees_a_whole_head_of_the_largest_size() -> None:
    torch.manual_seed(0)
    detector = FaceDetector(FaceDetectorConfig(widths=(4, 4, 4, 4))).eval()
    photo = torch.rand(1, 3, 512, 512).requires_grad_()
    detector.maps(photo)[0][0, 32, 32].backward()
    assert photo.grad is not None
    seen = torch.nonzero(photo.grad[0].abs().sum(0))
    assert (seen.amax(0) - seen.amin(0)).min() > 3 * 88


def test_centres_of_cells() -> None:
    centres = cell_centres((2, 3), torch.device("cpu"))
    assert centres.shape == (2, 2, 3)
    assert centres[:, 0, 0].tolist() == [3.5, 3.5]
    assert centres[:, 1, 2].tolist() == [2 * CELL + 3.5, CELL + 3.5]


def test_the_preset_is_small_enough_for_the_bundle() -> None:
    run = PRESETS["detector"]()
    assert isinstance(run, DetectorRun)
    numbers = sum(parameter.numel() for parameter in FaceDetector(run.model).parameters())
    assert numbers * 2 < 1.5e6  # bytes in float16


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"size": 80}, "size is 80; expected a multiple of 32"),
        ({"eye_distance": (30.0, 8.0)}, "eye_distance is 30 to 8; expected a range"),
        ({"eye_distance": (8.0, 200.0)}, "eye_distance is 8 to 200; expected a range"),
    ],
)
def test_impossible_sizes_are_sentences(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        FaceDetectorConfig(**values)  # type: ignore[arg-type]
