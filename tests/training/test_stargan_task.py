"""StarGAN's task: what its batches hold, what each phase learns from, when the generator rests."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from maskgan import config as configs
from maskgan import images
from maskgan.data.dataset import FaceMaskDataset, sample_order
from maskgan.data.tensors import to_float
from maskgan.errors import ConfigError, DatasetError
from maskgan.presets import PRESETS
from maskgan.training import checkpoint
from maskgan.training.loop import fit
from maskgan.training.run import build, train
from maskgan.training.stargan_task import StarGanRun, StarGanTask, attribute_entropy

CPU = torch.device("cpu")
OPTIONS = {
    "model.width": "8",
    "model.blocks": "1",
    "discriminator.width": "8",
    "training.batch_size": "8",
    "training.bf16": "false",
    "training.stats_every": "8",
    "training.checkpoint_every": "100000",
    "training.samples_every": "100000",
    "training.ema_halflife": "8",
}
TWO = {
    f"{network}.attributes": '["Smiling", "Eyeglasses"]' for network in ("model", "discriminator")
}


def stargan_task(data: Path, **options: str) -> StarGanTask:
    config = configs.override(PRESETS["stargan-64"](), OPTIONS | options)
    assert isinstance(config, StarGanRun)
    task = build(config, [data], CPU)
    assert isinstance(task, StarGanTask)
    return task


def test_it_learns_a_batch_by_heart(drawn_faces: Path, tmp_path: Path) -> None:
    faster = {"loss.learning_rate": "2e-3", "loss.discriminator_rate": "2e-3"}
    task = stargan_task(drawn_faces, **faster, **{"loss.critic_steps": "1"})
    only = task.batch(0, 8)
    assert 2 <= only.own.sum() <= 6, "some of them smile"
    task.batch = lambda start, count: only  # type: ignore[method-assign]
    config = configs.override(task.run, {"training.total_images": "400"}).training
    fit(task, config, tmp_path, device=CPU, progress=False)
    steps = [json.loads(line) for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    steps = [step for step in steps if "figures" not in step]

    def mean(name: str, part: slice) -> float:
        return float(np.mean([step[name] for step in steps[part]]))

    first, last = slice(0, 10), slice(-10, None)
    assert mean("generator/reconstruction", last) < 0.65 * mean("generator/reconstruction", first)
    assert mean("discriminator/classification", last) < 0.5
    assert mean("generator/classification", last) < mean("generator/classification", first)
    # The critic tells real from fake, as far as its penalty lets it.
    apart = "discriminator/real", "discriminator/fake"
    assert sum(mean(name, last) for name in apart) < sum(mean(name, first) for name in apart)


def test_batches_are_photos_with_their_attributes_and_those_of_others(drawn_faces: Path) -> None:
    task = stargan_task(drawn_faces, **TWO)
    faces = FaceMaskDataset([drawn_faces], 64, "train")
    truth = faces.attributes(("Smiling", "Eyeglasses"))
    mirrored = 0
    for start in range(0, 80, 8):
        batch = task.batch(start, 8)
        order = sample_order(start, 8, len(faces), 0)
        np.testing.assert_array_equal(batch.own.numpy(), truth[order])
        for own, shown in zip(to_float(faces.batch(order)[0]), batch.photo, strict=True):
            turned = torch.equal(own.flip(2), shown)
            assert turned or torch.equal(own, shown)
            mirrored += turned
        pairs = [Counter(map(tuple, values.tolist())) for values in (batch.own, batch.wanted)]
        assert pairs[0] == pairs[1]  # of another face, so that they go together
        assert batch.share.shape == (8, 1, 1, 1)
        assert 0 <= batch.share.min() <= batch.share.max() <= 1
        assert batch.step == start // 8
    assert 20 < mirrored < 60
    # Of several processes each makes a part of a step's batch, at the same step.
    assert [task.batch(start, 4).step for start in (8, 12, 16)] == [1, 1, 2]


def test_the_same_examples_come_with_the_same_numbers(drawn_faces: Path) -> None:
    first, second = stargan_task(drawn_faces), stargan_task(drawn_faces)
    second.batch(8, 8)  # what was asked before does not matter
    for start in (0, 32):
        for one, other in zip(first.batch(start, 8), second.batch(start, 8), strict=True):
            assert torch.equal(one, other) if isinstance(one, Tensor) else one == other
    losses = [task.discriminator_loss(task.batch(0, 8))[0] for task in (first, second)]
    assert torch.equal(*losses)
    names = first.names(0, 3)
    assert names == [f"faces/{first.train.stems[item]}" for item in sample_order(0, 3, 35, 0)]


def test_losses_are_the_weighted_sums_of_their_terms(drawn_faces: Path) -> None:
    task = stargan_task(drawn_faces)
    weights, batch = task.run.loss, task.batch(0, 8)
    loss, stats = task.discriminator_loss(batch)
    expected = stats["real"] + stats["fake"] + weights.classification * stats["classification"]
    torch.testing.assert_close(loss, expected + weights.penalty * stats["penalty"])
    with torch.no_grad():
        render = task.generator(batch.photo, batch.wanted)
        real, logits = task.discriminator(batch.photo)
        torch.testing.assert_close(stats["real"], -real.mean())
        torch.testing.assert_close(stats["fake"], task.discriminator(render)[0].mean())
        torch.testing.assert_close(stats["classification"], attribute_entropy(logits, batch.own))
    loss, stats = task.generator_loss(batch)
    expected = stats["adversarial"] + weights.classification * stats["classification"]
    torch.testing.assert_close(loss, expected + weights.reconstruction * stats["reconstruction"])
    with torch.no_grad():
        answer, logits = task.discriminator(render)
        torch.testing.assert_close(stats["adversarial"], -answer.mean())
        entropy = attribute_entropy(logits, batch.wanted)
        torch.testing.assert_close(stats["classification"], entropy)
        back = task.generator(render, batch.own)
        torch.testing.assert_close(stats["reconstruction"], (back - batch.photo).abs().mean())


def test_attribute_entropy_by_hand() -> None:
    logits = torch.tensor([[2.0, -1.0], [0.0, 3.0]])
    attributes = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    right = torch.where(attributes > 0, logits, -logits).sigmoid()
    torch.testing.assert_close(attribute_entropy(logits, attributes), -right.log().sum() / 2)


def test_the_generator_learns_in_the_first_of_every_few_steps(
    drawn_faces: Path, tmp_path: Path
) -> None:
    """In between neither its weights nor Adam's moments change."""
    steps = []
    for total in (8, 24, 32):
        task = stargan_task(drawn_faces, **{"loss.critic_steps": "3"})
        config = configs.override(task.run, {"training.total_images": str(total)}).training
        (tmp_path / str(total)).mkdir()
        fit(task, config, tmp_path / str(total), device=CPU, progress=False)
        state = checkpoint.load_state(tmp_path / str(total) / "state.pt")
        adam = {name: state["optimizers"][name]["state"][0]["step"] for name in task.modules}
        steps.append((int(adam["generator"]), int(adam["discriminator"])))
    assert steps == [(1, 1), (1, 3), (2, 4)]


def test_a_resting_generator_gets_no_gradient(drawn_faces: Path) -> None:
    task = stargan_task(drawn_faces, **{"loss.critic_steps": "3"})
    for start, works in ((0, True), (8, False), (16, False), (24, True)):
        loss, stats = task.generator_loss(task.batch(start, 8))
        task.generator.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        assert bool(stats) == works
        assert all((weight.grad is not None) == works for weight in task.generator.parameters())


def test_resume_gives_the_same_numbers(drawn_faces: Path, tmp_path: Path) -> None:
    options = OPTIONS | {"training.total_images": "96", "training.decay_share": "0"}

    def run(name: str, **more: str) -> dict[str, float]:
        return train(
            "stargan-64",
            data=[drawn_faces],
            run=tmp_path / name,
            options=options | more,
            resume=(tmp_path / name).exists(),
            progress=False,
        )

    whole = run("whole")
    run("parts", **{"training.total_images": "40"})  # ends between two steps of the generator
    assert run("parts") == whole
    states = [checkpoint.load_state(tmp_path / name / "state.pt") for name in ("whole", "parts")]
    for network in ("generator", "discriminator"):
        one, other = (state["modules"][network] for state in states)
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_figures_say_how_far_the_generator_goes(drawn_faces: Path) -> None:
    task = stargan_task(drawn_faces, **TWO)
    figures = task.validate(task.modules)
    kinds = [
        f"{kind}_{name}" for name in ("Smiling", "Eyeglasses") for kind in ("read", "followed")
    ]
    assert list(figures) == ["reconstruction", "change", *kinds]
    photo, own = task._faces(range(len(task.val)))
    with torch.no_grad():
        changes, backs = [], []
        for place in (0, 1):
            wanted = own.clone()
            wanted[:, place] = 1 - wanted[:, place]
            render = task.generator(photo, wanted)
            changes.append((render - photo).abs().mean())
            backs.append((task.generator(render, own) - photo).abs().mean())
        right = (task.discriminator(photo)[1] > 0) == own.bool()
    assert figures["change"] == pytest.approx(float(torch.stack(changes).mean()), rel=1e-5)
    assert figures["reconstruction"] == pytest.approx(float(torch.stack(backs).mean()), rel=1e-5)
    assert figures["read_Smiling"] == pytest.approx(float(right[:, 0].float().mean()))
    assert figures["read_Eyeglasses"] == pytest.approx(float(right[:, 1].float().mean()))


def test_a_sample_has_a_column_per_attribute(drawn_faces: Path, tmp_path: Path) -> None:
    task = stargan_task(drawn_faces, **TWO)
    task.samples(task.modules, tmp_path / "grid.png")
    rows = min(8, len(task.val))
    assert images.read(tmp_path / "grid.png").shape == (rows * 64, 4 * 64, 3)


def test_faces_without_the_attribute_are_a_sentence(plain_faces: Path, drawn_faces: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"'Smiling'; for this face it knows no attributes\. Cel"
    ):
        stargan_task(plain_faces)
    young = {f"{network}.attributes": '["Young"]' for network in ("model", "discriminator")}
    with pytest.raises(
        DatasetError, match="'Young'; for this face it knows Eyeglasses, Smiling, W"
    ):
        stargan_task(drawn_faces, **young)


def test_options_that_do_not_fit_together_are_refused() -> None:
    for name, value, sentence in (
        (
            "model.attributes",
            '["Young"]',
            r"model.attributes is \('Young',\) and discriminator.att",
        ),
        ("model.size", "128", "model.size is 128 and discriminator.size 64"),
        ("loss.critic_steps", "0", "critic_steps is 0"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            configs.override(PRESETS["stargan-64"](), {name: value})
