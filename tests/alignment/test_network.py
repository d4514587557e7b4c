"""Guesses from the bundle's face detector: photo sizes, one guess per face, and a real graph that
learned a few drawn faces by heart."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from maskgan import config as configs
from maskgan.alignment.finder import Candidate
from maskgan.alignment.network import candidates, distinct
from maskgan.data.tensors import to_uint8
from maskgan.images import Pixels
from maskgan.presets import PRESETS
from maskgan.training.detector_task import DetectorTask, Scenes
from maskgan.training.loop import fit
from maskgan.training.run import build

EYES = 24.0
"""Distance of the eyes that `white_spots` reports, in pixels of what it is shown."""


class WhiteSpots:
    """Answers as the graph does: every white cell is the middle of an upright face."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, image: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        self.shapes.append(image.shape)
        _, _, height, width = image.shape
        cells = image.mean(1).reshape(height // 8, 8, width // 8, 8).mean((1, 3))
        points = np.zeros((1, 3, 2, height // 8, width // 8), np.float32)
        points[0, 0] = np.array([-EYES / 2, -8])[:, None, None]
        points[0, 1] = np.array([EYES / 2, -8])[:, None, None]
        points[0, 2] = np.array([0, 16])[:, None, None]
        return {"scores": ((cells + 1) / 2)[None].astype(np.float32), "points": points}


def spotted(height: int, width: int, x: int, y: int, side: int) -> Pixels:
    """Black with a white square whose outer corner is (x, y)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[y : y + side, x : x + side] = 255
    return pixels


def test_a_photo_is_looked_at_in_halves_of_its_size() -> None:
    for size, shapes in (
        ((700, 500), [(704, 512), (352, 256), (192, 128)]),
        ((2000, 3000), [(864, 1280), (448, 640), (224, 320), (128, 160)]),
        ((100, 64), [(128, 64)]),
        ((330, 40), [(352, 64), (192, 32)]),
    ):
        run = WhiteSpots()
        assert candidates(np.zeros((*size, 3), np.uint8), run) == []
        assert run.shapes == [(1, 3, *shape) for shape in shapes]


@pytest.mark.parametrize("times", [1, 2, 4])
def test_points_come_back_in_the_photo_s_own_pixels(times: int) -> None:
    """A face that is seen when the photo is reduced `times` times."""
    side = 8 * times
    photo = spotted(1280, 960, 20 * side, 25 * side, side)
    best = max(candidates(photo, WhiteSpots()), key=lambda found: found.score)
    if times == 1:  # smaller, the spot is grey
        assert math.dist(best.right_eye, best.left_eye) == pytest.approx(EYES)
    middle = (20.5 * side - 0.5, 25.5 * side - 0.5)
    between = [
        (right + left) / 2 for right, left in zip(best.right_eye, best.left_eye, strict=True)
    ]
    scale = math.dist(best.right_eye, best.left_eye) / EYES
    assert between[0] == pytest.approx(middle[0], abs=side / 2)
    assert between[1] + 8 * scale == pytest.approx(middle[1], abs=side / 2)
    assert best.mouth[0] == pytest.approx(between[0])
    assert best.mouth[1] - between[1] == pytest.approx(24 * scale)


def test_a_photo_larger_than_the_largest_size() -> None:
    photo = spotted(2560, 1920, 800, 1600, 16)
    (found,) = candidates(photo, WhiteSpots())
    assert found.right_eye == pytest.approx((807.5 - EYES, 1591.5), abs=0.01)
    assert found.left_eye == pytest.approx((807.5 + EYES, 1591.5), abs=0.01)
    assert found.mouth == pytest.approx((807.5, 1639.5), abs=0.01)


def test_faces_too_small_to_be_edited_are_no_guesses() -> None:
    photo = spotted(160, 160, 80, 80, 8)
    assert len(candidates(photo, WhiteSpots())) == 1
    spots = WhiteSpots()
    assert candidates(photo, lambda image: _shrunk(spots(image))) == []


def _shrunk(answer: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return answer | {"points": answer["points"] * 0.5}


def test_one_guess_per_face_the_likeliest_first() -> None:
    def guess(x: float, y: float, eyes: float, score: float) -> Candidate:
        return Candidate((x - eyes / 2, y), (x + eyes / 2, y), (x, y + eyes), score)

    same = [guess(100, 100, 40, 0.6), guess(108, 95, 44, 0.9), guess(100, 100, 30, 0.3)]
    other = [guess(160, 100, 40, 0.7), guess(300, 300, 10, 0.4), guess(308, 300, 10, 0.5)]
    found = distinct(same + other)
    assert [each.score for each in found] == [0.9, 0.7, 0.5, 0.4]
    assert found[0] is same[1]


@pytest.fixture(scope="module")
def learned(drawn_faces: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Scenes]:
    """The graph of a tiny detector that knows four scenes of drawn faces by heart, and these."""
    import onnxruntime

    from maskgan.export.graphs import export_detector

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    place = tmp_path_factory.mktemp("detector")
    (place / "run").mkdir()
    options = {
        "total_images": "600",
        "batch_size": "4",
        "bf16": "false",
        "ema_halflife": "100",
        "warmup_images": "40",
        "stats_every": "600",
        "samples_every": "100000",
        "checkpoint_every": "100000",
    }
    flags = {f"training.{name}": value for name, value in options.items()}
    flags |= {"loss.learning_rate": "4e-3", "scenes.empty": "0.0", "scenes.several": "0.0"}
    flags |= {"model.eye_distance": "[20, 30]"}
    task = build(
        configs.override(PRESETS["detector-64"](), flags), [drawn_faces], torch.device("cpu")
    )
    assert isinstance(task, DetectorTask)
    scenes = task.batch(0, 4)
    task.batch = lambda start, count: scenes  # type: ignore[method-assign]
    task.validate = lambda averaged: {}  # type: ignore[method-assign]
    task.samples = lambda averaged, path: None  # type: ignore[method-assign]
    fit(task, task.run.training, place / "run", device=torch.device("cpu"), progress=False)
    torch.set_num_threads(threads)
    export_detector(task.detector, place / "detector.onnx")
    session = onnxruntime.InferenceSession(place / "detector.onnx")

    def run(**inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        names = ("scores", "points")
        return dict(zip(names, session.run(names, inputs), strict=True))

    return run, scenes


def test_drawn_faces_are_found_through_a_real_graph(learned: tuple[Any, Scenes]) -> None:
    run, scenes = learned
    faces, found, false = 0, 0, 0
    for photo, points, sizes in zip(to_uint8(scenes.photos).numpy(), *scenes[1:], strict=True):
        guesses = candidates(photo, run)
        spots = [np.array([guess.right_eye, guess.left_eye, guess.mouth]) for guess in guesses]
        truth = [(p.numpy(), float(s)) for p, s in zip(points, sizes, strict=True) if s > 0]
        faces += len(truth)
        for face, size in truth:
            errors = [np.linalg.norm(spot - face, axis=1).mean() / size for spot in spots]
            found += min(errors, default=1.0) < 0.25
        false += max(len(guesses) - len(truth), 0)
        assert all(0.3 <= guess.score <= 1 for guess in guesses)
    assert faces == 4
    assert found == 4
    assert false <= 1
