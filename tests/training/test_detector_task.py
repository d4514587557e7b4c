"""The detector's task: batches depend on seed and position only, and a detector learns."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from maskgan import config as configs
from maskgan.models.face_detector import CELL
from maskgan.presets import PRESETS
from maskgan.training import detector_task as detector_task_module
from maskgan.training.detector_task import DetectorRun, DetectorTask, Scenes, peaks
from maskgan.training.run import build

CPU = torch.device("cpu")


def detector_task(data: Path, **options: str) -> DetectorTask:
    config = configs.override(PRESETS["detector-64"](), {"training.batch_size": "4"} | options)
    assert isinstance(config, DetectorRun)
    task = build(config, [data], CPU)
    assert isinstance(task, DetectorTask)
    return task


def test_a_batch_depends_on_seed_and_position_only(plain_faces: Path) -> None:
    task, other = detector_task(plain_faces), detector_task(plain_faces)
    other.batch(0, 4)
    for first, second in zip(task.batch(8, 4), other.batch(8, 4), strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(task.batch(8, 4).photos, task.batch(12, 4).photos)
    seeded = detector_task(plain_faces, **{"training.seed": "1"})
    assert not torch.equal(task.batch(8, 4).photos, seeded.batch(8, 4).photos)


def test_what_a_batch_holds(plain_faces: Path) -> None:
    task = detector_task(plain_faces)
    batches = [task.batch(start, 4) for start in range(0, 40, 4)]
    for batch in batches:
        assert batch.photos.shape == (4, 3, 64, 64)
        assert batch.points.shape == (4, 5, 3, 2)
        assert batch.sizes.shape == (4, 5)
        assert batch.photos.abs().max() <= 1 + 1e-5
        middles = batch.points[batch.sizes > 0].mean(1)
        assert ((middles > 0) & (middles < 63)).all()
    faces = torch.cat([batch.sizes for batch in batches]) > 0
    assert 0 < int((faces.sum(1) == 0).sum()) < 20  # some without a face
    assert int((faces.sum(1) > 1).sum()) > 0


def test_the_score_to_learn_peaks_once_per_face(plain_faces: Path) -> None:
    task = detector_task(plain_faces)
    points, sizes = torch.zeros(1, 5, 3, 2), torch.zeros(1, 5)
    points[0, 0] = torch.tensor([[12.0, 12], [28, 12], [20, 24]])  # middle (20, 16)
    points[0, 2] = torch.tensor([[40.5, 44], [55.5, 44], [46.5, 53]])  # middle (47.5, 47)
    sizes[0, 0], sizes[0, 2] = 16, 16
    target, owner = task._target(Scenes(torch.zeros(1, 3, 64, 64), points, sizes), (8, 8))
    assert (target == 1).sum() == 3  # the second face lies between two cells
    assert target[0, 2, 2] == 1
    assert owner[0, 2, 2] == 0
    assert owner[0, 5, 6] == 2
    assert target[0, 0, 7] < 0.01
    empty, _ = task._target(Scenes(torch.zeros(1, 3, 64, 64), points, sizes * 0), (8, 8))
    assert (empty == 0).all()


def test_perfect_answers_cost_nothing(plain_faces: Path) -> None:
    task = detector_task(plain_faces)
    batch = task.batch(0, 4)
    target, owner = task._target(batch, (8, 8))
    index = torch.arange(4)[:, None, None]
    points = batch.points[index, owner].permute(0, 3, 4, 1, 2)
    centres = torch.arange(8) * CELL + 3.5
    points[:, :, 0] -= centres
    points[:, :, 1] -= centres[:, None]
    logits = torch.where(target == 1, 20.0, -20.0)
    task.detector.maps = lambda photos: (logits, points)  # type: ignore[method-assign]
    loss, stats = task.loss(batch)
    assert float(loss) < 1e-4
    assert float(stats["error"]) < 1e-4
    logits = -logits
    assert float(task.loss(batch)[0]) > 5


def test_peaks_are_high_and_higher_than_their_neighbours() -> None:
    scores = torch.tensor([[[0.9, 0.8, 0.1], [0.1, 0.1, 0.1], [0.1, 0.1, 0.6]]])
    assert peaks(scores, 0.5)[0].nonzero().tolist() == [[0, 0], [2, 2]]
    assert peaks(scores, 0.7)[0].nonzero().tolist() == [[0, 0]]


def test_validation_counts_faces(
    plain_faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detector_task_module, "VALIDATION_SCENES", 24)
    task = detector_task(plain_faces)
    detector = task.detector.eval()
    figures = task.validate({"detector": detector})
    assert figures["found"] == 0  # untrained: nothing reaches the score
    assert figures["false_per_scene"] == 0
    with torch.no_grad():
        detector.head.bias[0] = 9.0  # everything is a face, and none lies well
    figures = task.validate({"detector": detector})
    assert figures["false_per_scene"] > 0.5
    task.samples({"detector": detector}, tmp_path / "grid.png")
    assert (tmp_path / "grid.png").stat().st_size > 1000


@pytest.mark.parametrize("name", ["model.size", "model.eye_distance"])
def test_options_that_do_not_fit_are_refused(name: str) -> None:
    value = {"model.size": "100", "model.eye_distance": "[8, 60]"}[name]
    with pytest.raises(ValueError, match=r"expected a"):
        configs.override(PRESETS["detector-64"](), {name: value})
