"""MaskVAE's task: what it learns from, what it measures, what it draws."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from maskgan import config as configs
from maskgan import images
from maskgan.data.dataset import FaceMaskDataset
from maskgan.data.tensors import mirror_labels
from maskgan.errors import ConfigError
from maskgan.labels import colorize
from maskgan.losses.segmentation import confusion, scores
from maskgan.models.mask_vae import MaskVae
from maskgan.presets import PRESETS
from maskgan.training import mask_vae_task
from maskgan.training.checkpoint import load_model
from maskgan.training.loop import fit
from maskgan.training.mask_vae_task import LabelMaps, MaskVaeRun, MaskVaeTask
from maskgan.training.run import build, train

CPU = torch.device("cpu")
OPTIONS = {
    "model.widths": "[8, 12, 16, 16]",
    "training.batch_size": "4",
    "training.bf16": "false",
    "training.stats_every": "4",
    "training.checkpoint_every": "100000",
    "training.samples_every": "100000",
    "training.warmup_images": "20",
    "training.ema_halflife": "8",
}


def mask_vae_task_of(data: Path, **options: str) -> MaskVaeTask:
    config = configs.override(PRESETS["paper-64-maskvae"](), OPTIONS | options)
    assert isinstance(config, MaskVaeRun)
    task = build(config, [data], CPU)
    assert isinstance(task, MaskVaeTask)
    return task


def test_it_learns_a_batch_by_heart(plain_faces: Path, tmp_path: Path) -> None:
    task = mask_vae_task_of(plain_faces, **{"loss.learning_rate": "1e-2"})
    only = task.batch(0, 4)
    # The same faces, but other draws in every step: noise that stays could be learned as well.
    task.batch = lambda start, count: only._replace(seed=start)  # type: ignore[method-assign]
    config = configs.override(task.run, {"training.total_images": "600"}).training
    fit(task, config, tmp_path, device=CPU, progress=False)
    steps = [json.loads(line) for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    steps = [step for step in steps if "figures" not in step]
    assert steps[0]["mask_vae/accuracy"] < 0.5
    assert steps[-1]["mask_vae/accuracy"] > 0.95
    assert steps[-1]["mask_vae/cross_entropy"] < 0.1 * steps[0]["mask_vae/cross_entropy"]
    # Four faces need four codes, a few nats each; collapsed codes would cost nothing.
    assert 2 < steps[-1]["mask_vae/kl"] < 200


def test_batches_are_label_maps_half_of_them_mirrored(plain_faces: Path) -> None:
    task = mask_vae_task_of(plain_faces)
    faces = FaceMaskDataset([plain_faces], 64, "train")
    as_it_is = faces.batch(range(len(faces)))[1]
    mirrored = mirror_labels(as_it_is)
    seen, turned = 0, 0
    for start in range(0, 80, 4):
        batch = task.batch(start, 4)
        assert batch.labels.dtype == torch.uint8
        assert batch.labels.shape == (4, 64, 64)
        for labels in batch.labels:
            plain = (as_it_is == labels).flatten(1).all(1)
            swapped = (mirrored == labels).flatten(1).all(1)
            assert plain.any() or swapped.any()
            seen += 1
            turned += int(swapped.any())
    assert 0.3 < turned / seen < 0.7


def test_the_same_examples_come_with_the_same_numbers(plain_faces: Path) -> None:
    first, second = mask_vae_task_of(plain_faces), mask_vae_task_of(plain_faces)
    second.batch(4, 4)  # what was asked before does not matter
    for start in (0, 12):
        one, other = first.batch(start, 4), second.batch(start, 4)
        assert torch.equal(one.labels, other.labels)
        assert one.seed == other.seed
        torch.manual_seed(start)  # nor does the global generator
        assert torch.equal(first.loss(one)[0], second.loss(other)[0])
    assert first.batch(0, 4).seed != first.batch(20, 4).seed
    reseeded = mask_vae_task_of(plain_faces, **{"training.seed": "1"})
    assert not torch.equal(first.batch(0, 4).labels, reseeded.batch(0, 4).labels)


def test_the_loss_is_cross_entropy_plus_the_weighted_divergence(plain_faces: Path) -> None:
    task = mask_vae_task_of(plain_faces, **{"loss.kl": "0.25"})
    batch = task.batch(0, 4)
    loss, stats = task.loss(batch)
    torch.testing.assert_close(loss, stats["cross_entropy"] + 0.25 * stats["kl"])
    generator = torch.Generator().manual_seed(batch.seed)
    logits, mean, log_variance = task.mask_vae(batch.labels, generator)
    kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)
    torch.testing.assert_close(stats["kl"], kl.mean())
    entropy = functional.cross_entropy(logits, batch.labels.long())
    torch.testing.assert_close(stats["cross_entropy"], entropy)


def test_the_weight_of_the_divergence_rises_from_zero(plain_faces: Path) -> None:
    def weights(**options: str) -> list[float]:
        task = mask_vae_task_of(plain_faces, **{"loss.kl": "0.5"}, **options)
        return [task.batch(start, 4).kl for start in (0, 4, 8, 40, 400)]

    assert weights() == [0.5] * 5
    assert weights(**{"loss.kl_warmup_images": "16"}) == [0.125, 0.25, 0.375, 0.5, 0.5]


def test_rare_classes_can_count_for_more(plain_faces: Path) -> None:
    plain = mask_vae_task_of(plain_faces)._weights
    assert torch.equal(plain, torch.ones(19))
    labels = LabelMaps(FaceMaskDataset([plain_faces], 64, "train")).batch(range(10))
    areas = torch.bincount(labels.flatten().long(), minlength=19)
    present = (areas > 0).nonzero()[:, 0]
    balanced = mask_vae_task_of(plain_faces, **{"loss.balance": "0.5"})._weights[present]
    order = areas[present].argsort()
    assert (balanced[order].diff() <= 0).all()
    assert balanced.max() > 2 * balanced.min()


def test_label_maps_are_those_of_the_dataset_without_its_photos(
    plain_faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = FaceMaskDataset([plain_faces], 32, "train")
    expected = faces.batch(range(len(faces)))[1]
    maps = LabelMaps(faces)
    assert len(maps) == 10
    assert torch.equal(maps.batch(range(10)), expected)
    assert torch.equal(maps.batch([3, 3, 1]), expected[[3, 3, 1]])
    monkeypatch.setattr(mask_vae_task, "CACHE_GIB", 0.0)
    assert torch.equal(LabelMaps(faces).batch(range(10)), expected)
    # Photos that cannot be opened are no hindrance.
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    for item, labels in enumerate(expected):
        (tmp_path / "images" / f"{item}.png").write_bytes(b"no picture")
        images.write_labels(tmp_path / "labels" / f"{item}.png", labels.numpy())
    blind = LabelMaps(FaceMaskDataset([tmp_path], 32, "all"))
    assert torch.equal(blind.batch(range(10)), expected)


def test_a_run_leaves_figures_pictures_and_a_network(plain_faces: Path, tmp_path: Path) -> None:
    options = OPTIONS | {"training.total_images": "64"}
    figures = train(
        "paper-64-maskvae", data=[plain_faces], run=tmp_path, options=options, progress=False
    )
    network = load_model(tmp_path / "mask_vae.safetensors")
    assert isinstance(network, MaskVae)
    labels = FaceMaskDataset([plain_faces], 64, "test").batch(range(2))[1]
    with torch.no_grad():
        mean, log_variance = network.encode(labels)
        accuracy, iou = scores(confusion(network.labels(mean), labels, 19))
    assert figures["accuracy"] == pytest.approx(accuracy)
    assert figures["miou"] == pytest.approx(float(iou.nanmean()))
    assert figures["iou_skin"] == pytest.approx(float(iou[1]))
    kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()
    assert figures["kl"] == pytest.approx(float(kl), rel=1e-4)
    spread = ((mean[0] - mean[1]) / 2) ** 2  # the variance of two numbers
    assert figures["active"] == int((spread > 0.01).sum())
    # Two faces: labels, reconstruction, towards, half way, away, two drawn.
    grid = images.read(tmp_path / "samples" / "000000064.png")
    assert grid.shape == (2 * 64, 7 * 64, 3)
    first = images.read_labels(plain_faces / "labels" / "10.png")
    assert np.array_equal(grid[:64, :64], colorize(first))


def test_nonsense_is_refused() -> None:
    for name in ("loss.kl", "loss.kl_warmup_images"):
        with pytest.raises(ConfigError, match="expected 0 or more"):
            configs.override(PRESETS["paper-64-maskvae"](), {name: "-1"})
