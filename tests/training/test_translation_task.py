"""The task of whole-face generators: what a step learns from, what it shows and measures."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from maskgan import config as configs
from maskgan import images
from maskgan.data.tensors import mirror_labels
from maskgan.errors import ConfigError
from maskgan.models.dense_mapping import DenseMappingNetwork
from maskgan.presets import PRESETS
from maskgan.training.checkpoint import load_model, load_state
from maskgan.training.loop import fit
from maskgan.training.run import build, train
from maskgan.training.translation_task import DenseMappingRun, TranslationTask

CPU = torch.device("cpu")
OPTIONS = {
    "model.width": "8",
    "model.downsamplings": "2",
    "model.blocks": "2",
    "model.style_width": "8",
    "discriminator.width": "8",
    "training.batch_size": "2",
    "training.bf16": "false",
    "training.stats_every": "2",
    "training.checkpoint_every": "100000",
    "training.samples_every": "100000",
}


def stage1_task(data: Path, **options: str) -> TranslationTask:
    config = configs.override(PRESETS["paper-64-stage1"](), OPTIONS | options)
    assert isinstance(config, DenseMappingRun)
    task = build(config, [data], CPU)
    assert isinstance(task, TranslationTask)
    return task


def test_it_learns_a_batch_by_heart(plain_faces: Path, tmp_path: Path) -> None:
    task = stage1_task(plain_faces, **{"loss.learning_rate": "2e-3", "model.size": "32"})
    only = task.batch(0, 2)
    task.batch = lambda start, count: only  # type: ignore[method-assign]
    config = configs.override(task.run, {"training.total_images": "160"}).training
    fit(task, config, tmp_path, device=CPU, progress=False)
    lines = [json.loads(line) for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "figures" not in line]
    assert steps[-1]["generator/psnr"] > steps[0]["generator/psnr"] + 4
    assert steps[-1]["generator/features"] < steps[0]["generator/features"]


def test_both_phases_judge_one_render_that_is_the_networks_own(plain_faces: Path) -> None:
    task = stage1_task(plain_faces)
    batch = task.batch(0, 2)
    generator = task.modules["generator"]
    assert isinstance(generator, DenseMappingNetwork)
    generator.requires_grad_(False)  # as the loop leaves it for the discriminator's phase
    task.discriminator.requires_grad_(True)
    loss, stats = task.discriminator_loss(batch)
    loss.backward()  # type: ignore[no-untyped-call]
    assert all(weight.grad is None for weight in generator.parameters())
    assert all(weight.grad is not None for weight in task.discriminator.parameters())
    torch.testing.assert_close(loss, 0.5 * (stats["real"] + stats["fake"]))

    task.discriminator.zero_grad()
    task.discriminator.requires_grad_(False)
    generator.requires_grad_(True)
    loss, _ = task.generator_loss(batch)
    loss.backward()  # type: ignore[no-untyped-call]
    found = {name: weight.grad for name, weight in generator.named_parameters()}
    assert all(weight.grad is None for weight in task.discriminator.parameters())

    # The same loss of a render made afresh gives the same gradients.
    generator.zero_grad()
    render = generator(batch.labels, batch.labels, batch.photo)
    truth = task.objective.truth(batch.labels, batch.photo)
    again, _ = task.objective.of_generator(truth, render)
    again.backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(loss, again)
    for name, weight in generator.named_parameters():
        assert found[name] is not None, name
        torch.testing.assert_close(found[name], weight.grad)


def test_the_discriminator_sees_photo_and_render_apart(plain_faces: Path) -> None:
    """One pass over both must give what two passes give."""
    task = stage1_task(plain_faces)
    batch = task.batch(0, 2)
    truth = task.objective.truth(batch.labels, batch.photo)
    render = torch.rand_like(batch.photo)
    _, stats = task.objective.of_discriminator(truth, render)
    for name, picture, target in (("real", batch.photo, 1), ("fake", render, 0)):
        scales = task.discriminator(batch.labels, picture)
        expected = sum((scale[-1] - target).square().mean() for scale in scales)
        torch.testing.assert_close(stats[name], expected)


def test_the_hinge_form_uses_the_hinge_losses(plain_faces: Path) -> None:
    task = stage1_task(plain_faces, **{"loss.adversarial": "hinge", "loss.feature_matching": "0"})
    batch = task.batch(0, 2)
    truth = task.objective.truth(batch.labels, batch.photo)
    render = torch.rand_like(batch.photo)
    logits = [scale[-1] for scale in task.discriminator(batch.labels, render)]
    loss, stats = task.objective.of_generator(truth, render)
    assert stats.keys() == {"adversarial"}
    torch.testing.assert_close(loss, -sum(each.mean() for each in logits))  # type: ignore[arg-type]
    _, stats = task.objective.of_discriminator(truth, render)
    torch.testing.assert_close(stats["fake"], sum((1 + each).relu().mean() for each in logits))


def test_batches_are_photos_with_their_labels_and_mirrored_ones(plain_faces: Path) -> None:
    task = stage1_task(plain_faces)
    photos, labels = task.train.batch(range(len(task.train)))
    turned = 0
    for start in range(0, 80, 2):
        batch = task.batch(start, 2)
        assert batch.photo.shape == (2, 3, 64, 64)
        assert batch.labels.dtype == torch.uint8
        assert task.names(start, 2) == [
            f"{plain_faces.name}/{stem}"
            for stem in (name.rpartition("/")[2] for name in task.names(start, 2))
        ]
        pixels = ((batch.photo + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1)
        for picture, own in zip(pixels, batch.labels, strict=True):
            plain = (photos == picture).flatten(1).all(1) & (labels == own).flatten(1).all(1)
            swapped = (photos.flip(2) == picture).flatten(1).all(1)
            swapped &= (mirror_labels(labels) == own).flatten(1).all(1)
            assert plain.any() or swapped.any()
            turned += int(swapped.any())
    assert 0.3 < turned / 80 < 0.7
    never = stage1_task(plain_faces, **{"faces.mirror": "0.0"})
    assert torch.equal(never.batch(0, 2).labels, never.batch(0, 2).labels)


def test_a_run_leaves_weights_pictures_and_figures(plain_faces: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    options = OPTIONS | {"training.total_images": "4", "training.samples_every": "4"}
    figures = train("paper-64-stage1", data=[plain_faces], run=run, options=options, progress=False)
    assert figures.keys() == {"psnr_everything"}
    generator = load_model(run / "generator.safetensors")
    assert isinstance(generator, DenseMappingNetwork)
    # Four columns of pictures and one of labels: photo, labels, render, source labels, render.
    grid = images.read(run / "samples" / "000000004.png")
    faces = 2
    assert grid.shape == (64 * faces, 64 * 5, 3)

    task = stage1_task(plain_faces)
    photos, labels = task.val.batch(range(len(task.val)))
    real = photos.permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        render = generator(labels, labels, real)
    squares = (render.clamp(-1, 1) - real).square().flatten(1).mean(1)
    expected = np.mean([10 * math.log10(4 / square) for square in squares.tolist()])
    assert len(squares) == faces
    assert figures["psnr_everything"] == pytest.approx(expected, abs=1e-3)
    # One discriminator step and one generator step per batch of two.
    state = load_state(run / "state.pt")
    for name in ("discriminator", "generator"):
        steps = {int(each["step"]) for each in state["optimizers"][name]["state"].values()}
        assert steps == {2}, name


def test_without_vgg_weights_a_sentence_says_what_to_do(plain_faces: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--loss\.vgg .*--loss\.perceptual 0"):
        train(
            "paper-64-stage1",
            data=[plain_faces],
            run=tmp_path / "run",
            options={"loss.perceptual": "10"},
        )
    assert not (tmp_path / "run").exists()
