"""Training the attribute classifier: it learns what is to be seen, and says how well."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from sklearn.metrics import roc_auc_score

from maskgan import config as configs
from maskgan.errors import ConfigError, DatasetError
from maskgan.presets import PRESETS
from maskgan.training.checkpoint import load_model
from maskgan.training.classifier_task import ClassifierRun, ClassifierTask, area_under_curve
from maskgan.training.loop import fit
from maskgan.training.run import build, train

CPU = torch.device("cpu")
OPTIONS = {
    "model.width": "8",
    "model.size": "32",
    "model.attributes": '["Eyeglasses"]',
    "training.batch_size": "16",
    "training.bf16": "false",
    "training.warmup_images": "0",
    "training.ema_halflife": "32",
    "training.stats_every": "160",
    "training.samples_every": "100000",
    "training.checkpoint_every": "100000",
}


def classifier_task(data: Path, **options: str) -> ClassifierTask:
    config = configs.override(PRESETS["classifier-64"](), OPTIONS | options)
    assert isinstance(config, ClassifierRun)
    task = build(config, [data], CPU)
    assert isinstance(task, ClassifierTask)
    return task


def test_it_learns_a_batch_by_heart(drawn_faces: Path, tmp_path: Path) -> None:
    task = classifier_task(drawn_faces, **{"loss.smoothing": "0.0", "loss.balance": "0.0"})
    photos, attributes = task.batch(0, 16)
    assert photos.shape == (16, 3, 32, 32)
    assert 0 < attributes.sum() < 16
    task.batch = lambda start, count: (photos, attributes)  # type: ignore[method-assign]
    config = configs.override(task.run, {"training.total_images": "480"}).training
    fit(task, config, tmp_path, device=CPU, progress=False)
    steps = [json.loads(line) for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    steps = [step for step in steps if "figures" not in step]
    assert steps[-1]["classifier/accuracy"] > 0.95
    assert steps[-1]["classifier/cross_entropy"] < steps[0]["classifier/cross_entropy"] / 2


def test_a_run_leaves_a_classifier_and_its_figures(drawn_faces: Path, tmp_path: Path) -> None:
    options = OPTIONS | {"training.total_images": "64", "training.stats_every": "64"}
    options |= {"model.attributes": '["Eyeglasses", "Smiling"]'}
    figures = train("classifier-64", data=[drawn_faces], run=tmp_path / "run", options=options,
                    progress=False)  # fmt: skip
    assert set(figures) == {
        f"{figure}_{name}"
        for figure in ("accuracy", "balanced", "area")
        for name in ("Eyeglasses", "Smiling")
    }
    network = load_model(tmp_path / "run" / "classifier.safetensors")
    assert network.config.attributes == ("Eyeglasses", "Smiling")  # type: ignore[union-attr]
    assert list((tmp_path / "run" / "samples").iterdir())


def test_resume_gives_the_same_numbers(drawn_faces: Path, tmp_path: Path) -> None:
    options = OPTIONS | {"training.total_images": "96", "training.decay_share": "0"}

    def run(name: str, **more: str) -> dict[str, float]:
        return train("classifier-64", data=[drawn_faces], run=tmp_path / name,
                     options=options | more, resume=(tmp_path / name).exists(),
                     progress=False)  # fmt: skip

    whole = run("whole")
    run("parts", **{"training.total_images": "48"})
    assert run("parts") == whole
    files = [tmp_path / name / "classifier.safetensors" for name in ("whole", "parts")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_rare_attributes_count_as_much_as_their_absence(drawn_faces: Path) -> None:
    task = classifier_task(drawn_faces, **{"loss.balance": "1.0"})
    share = float(task._attributes.mean())
    assert float(task._positive) == pytest.approx((1 - share) / share)
    assert float(classifier_task(drawn_faces, **{"loss.balance": "0.0"})._positive) == 1


def test_the_area_is_scikit_learn_s() -> None:
    generator = torch.Generator().manual_seed(0)
    score = (torch.rand(200, generator=generator) * 20).round() / 20  # with ties
    has = torch.rand(200, generator=generator) < score
    expected = roc_auc_score(has.numpy(), score.numpy())
    assert area_under_curve(score, has) == pytest.approx(expected, abs=1e-5)
    assert math.isnan(area_under_curve(score, torch.ones(200, dtype=torch.bool)))


def test_an_attribute_the_data_does_not_know_is_a_sentence(drawn_faces: Path) -> None:
    with pytest.raises(DatasetError, match="Bangs"):
        classifier_task(drawn_faces, **{"model.attributes": '["Bangs"]'})


def test_data_without_attributes_is_a_sentence(plain_faces: Path) -> None:
    with pytest.raises(DatasetError, match=r"the attribute 'Eyeglasses'.* it knows no attributes"):
        classifier_task(plain_faces, **{"training.batch_size": "8"})


def test_no_attribute_and_one_twice_are_sentences(drawn_faces: Path) -> None:
    for names in ("[]", '["Smiling", "Smiling"]'):
        with pytest.raises(ConfigError, match="expected different names"):
            classifier_task(drawn_faces, **{"model.attributes": names})
