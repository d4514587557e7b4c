"""Editing behaviour simulated training: its edits, its order, what learns from what."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from maskgan import config as configs
from maskgan import images
from maskgan.data.tensors import one_hot
from maskgan.errors import ConfigError, TrainingError
from maskgan.models.blender import AlphaBlender
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig
from maskgan.models.parser import Parser, ParserConfig
from maskgan.presets import PRESETS
from maskgan.training import checkpoint
from maskgan.training.ebst_task import EbstRun, EbstTask
from maskgan.training.loop import fit
from maskgan.training.run import build, train

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


@pytest.fixture(scope="module")
def mask_vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained MaskVAE of 64 px whose codes are spread out enough to change labels."""
    torch.manual_seed(0)
    vae = MaskVae(MaskVaeConfig(widths=(8, 12, 16), code=16, size=64))
    with torch.no_grad():
        for weight in vae.parameters():
            weight.mul_(2)
    path = tmp_path_factory.mktemp("vae") / "mask_vae.safetensors"
    checkpoint.save_model(path, vae)
    return path


def ebst_task(data: Path, vae: Path | str, **options: str) -> EbstTask:
    options = OPTIONS | {"ebst.mask_vae": str(vae)} | options
    config = configs.override(PRESETS["paper-64-stage2"](), options)
    assert isinstance(config, EbstRun)
    task = build(config, [data], CPU)
    assert isinstance(task, EbstTask)
    return task


def copied(task: EbstTask) -> dict[str, list[Tensor]]:
    modules = {**task.modules, "mask_vae": task.mask_vae}
    return {name: [p.detach().clone() for p in each.parameters()] for name, each in modules.items()}


def changed(before: dict[str, list[Tensor]], after: dict[str, list[Tensor]]) -> set[str]:
    return {
        name
        for name in before
        if any(not torch.equal(a, b) for a, b in zip(before[name], after[name], strict=True))
    }


def test_edits_are_mask_vaes_and_hard(plain_faces: Path, mask_vae: Path) -> None:
    task = ebst_task(plain_faces, mask_vae)
    batch = task.batch(0, 2)
    assert batch.reference is not None
    assert batch.reference.shape == batch.labels.shape
    inter, outer = task._edits(batch.labels, batch.reference)
    for found, expected in zip(
        (inter, outer), task.mask_vae.edits(batch.labels, batch.reference), strict=True
    ):
        assert found.dtype == torch.uint8
        assert torch.equal(found, expected)
    assert (inter != outer).any()
    further = ebst_task(plain_faces, mask_vae, **{"ebst.divisor": "0.2"})
    _, away = further._edits(batch.labels, batch.reference)
    assert (away != outer).any()


def test_the_reference_is_another_face_in_every_epoch(plain_faces: Path, mask_vae: Path) -> None:
    task = ebst_task(plain_faces, mask_vae, **{"faces.mirror": "0.0"})
    _, labels = task.train.batch(range(len(task.train)))

    def pairs(epoch: int) -> dict[int, int]:
        found = {}
        for start in range(epoch * len(labels), (epoch + 1) * len(labels), 2):
            batch = task.batch(start, 2)
            assert batch.reference is not None
            for own, other in zip(batch.labels, batch.reference, strict=True):
                index = [int((labels == each).flatten(1).all(1).nonzero()) for each in (own, other)]
                found[index[0]] = index[1]
        return found

    first, second = pairs(0), pairs(1)
    assert first.keys() == second.keys() == set(range(len(labels)))
    assert first != second
    assert sum(own != other for own, other in first.items()) > len(labels) / 2


def test_the_order_is_the_authors(plain_faces: Path, mask_vae: Path) -> None:
    """D, G_A, D, G_B with one discriminator under one optimiser (the authors' issue 36)."""
    task = ebst_task(plain_faces, mask_vae)
    assert [phase.trains for phase in task.phases] == [
        ("discriminator",),
        ("generator",),
        ("discriminator",),
        ("generator", "blender"),
    ]
    names = [phase.optimizer_name for phase in task.phases]
    assert names[0] == names[2]
    assert len(set(names)) == 3


def test_a_step_updates_the_discriminator_twice_and_leaves_mask_vae(
    plain_faces: Path, mask_vae: Path, tmp_path: Path
) -> None:
    task = ebst_task(plain_faces, mask_vae)
    before = copied(task)
    config = replace(task.run.training, total_images=2)
    fit(task, config, tmp_path, device=CPU, progress=False)
    assert changed(before, copied(task)) == {"generator", "discriminator", "blender"}
    state = checkpoint.load_state(tmp_path / "state.pt")["optimizers"]
    steps = {
        name: {int(each["step"]) for each in optimizer["state"].values()}
        for name, optimizer in state.items()
    }
    assert steps == {"discriminator": {2}, "generator": {1}, "blend": {1}}


def test_the_blend_of_both_renders_is_compared_with_the_photo(
    plain_faces: Path, mask_vae: Path
) -> None:
    task = ebst_task(plain_faces, mask_vae)
    batch = task.batch(0, 2)
    assert batch.reference is not None
    task.discriminator_loss(batch)
    task.blend_discriminator_loss(batch)
    loss, stats = task.blend_loss(batch)
    # By hand, one render after the other.
    inter, outer = task.mask_vae.edits(batch.labels, batch.reference)
    network = task.modules["generator"]
    pictures = [network(edited, batch.labels, batch.photo) for edited in (inter, outer)]
    blend, alpha = task.blender(*pictures)
    truth = task.objective.truth(batch.labels, batch.photo)
    expected, _ = task.objective.of_generator(truth, blend)
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(stats["alpha_spread"], alpha.flatten(1).std(1).mean())
    assert float(stats["changed"]) == pytest.approx(float((inter != outer).float().mean()))
    loss.backward()  # type: ignore[no-untyped-call]
    for name in ("generator", "blender"):
        module = task.modules[name]
        assert all(weight.grad is not None for weight in module.parameters()), name
    assert all(weight.grad is None for weight in task.mask_vae.parameters())


def test_straight_through_labels_are_hard_but_teach_mask_vae(
    plain_faces: Path, mask_vae: Path, tmp_path: Path
) -> None:
    hard = ebst_task(plain_faces, mask_vae)
    soft = ebst_task(plain_faces, mask_vae, **{"ebst.straight_through": "true"})
    batch = hard.batch(0, 2)
    assert batch.reference is not None
    wanted = hard._edits(batch.labels, batch.reference)
    found = soft._edits(batch.labels, batch.reference)
    for ids, labels in zip(wanted, found, strict=True):
        torch.testing.assert_close(labels, one_hot(ids))
    before = copied(soft)
    config = replace(soft.run.training, total_images=2)
    fit(soft, config, tmp_path, device=CPU, progress=False)
    assert changed(before, copied(soft)) == set(before)


def test_mask_vae_may_have_another_size(plain_faces: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    small = MaskVae(MaskVaeConfig(widths=(8, 12), code=16, size=32))
    checkpoint.save_model(tmp_path / "small.safetensors", small)
    task = ebst_task(plain_faces, tmp_path / "small.safetensors")
    batch = task.batch(0, 2)
    assert batch.reference is not None
    inter, outer = task._edits(batch.labels, batch.reference)
    assert inter.shape == outer.shape == batch.labels.shape


def test_it_learns_to_blend_a_batch(plain_faces: Path, mask_vae: Path, tmp_path: Path) -> None:
    options = {"loss.learning_rate": "2e-3", "loss.discriminator_rate": "1e-4"}
    task = ebst_task(plain_faces, mask_vae, **options)
    only = task.batch(0, 2)
    task.batch = lambda start, count: only  # type: ignore[method-assign]
    fit(task, replace(task.run.training, total_images=120), tmp_path, device=CPU, progress=False)
    lines = [json.loads(line) for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "figures" not in line]
    assert steps[-1]["blend/psnr"] > steps[0]["blend/psnr"] + 4
    assert steps[-1]["generator/psnr"] > steps[0]["generator/psnr"] + 4


def test_a_run_leaves_both_networks_and_a_grid(
    plain_faces: Path, mask_vae: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    options = OPTIONS | {
        "ebst.mask_vae": str(mask_vae),
        "training.total_images": "2",
        "training.samples_every": "2",
    }
    figures = train("paper-64-stage2", data=[plain_faces], run=run, options=options, progress=False)
    assert figures.keys() == {"psnr_everything", "psnr_blend"}
    assert isinstance(checkpoint.load_model(run / "blender.safetensors"), AlphaBlender)
    # Photo, labels, render, two edits with their renders, blend, alpha.
    assert images.read(run / "samples" / "000000002.png").shape == (64 * 2, 64 * 9, 3)


def test_without_a_mask_vae_a_sentence_says_what_to_do(plain_faces: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"No file is named\. .*--ebst\.mask_vae"):
        ebst_task(plain_faces, "")
    with pytest.raises(ConfigError, match=r"gone\.safetensors is no file"):
        ebst_task(plain_faces, tmp_path / "gone.safetensors")
    parser = tmp_path / "parser.safetensors"
    checkpoint.save_model(parser, Parser(ParserConfig(widths=(4, 4), size=32)))
    with pytest.raises(ConfigError, match="holds a Parser, not a MaskVAE"):
        ebst_task(plain_faces, parser)
    with pytest.raises(ConfigError, match="divisor is 0"):
        configs.override(PRESETS["paper-64-stage2"](), {"ebst.divisor": "0"})


def test_it_starts_from_the_first_stage_discriminator_and_all(
    plain_faces: Path, mask_vae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tmp_path / "first"
    short = OPTIONS | {"training.total_images": "2"}
    train("paper-64-stage1", data=[plain_faces], run=first, options=short, progress=False)
    options = short | {"ebst.mask_vae": str(mask_vae), "training.start": str(first)}
    # Learning nothing, so that what it started from is what it leaves.
    options |= {"loss.learning_rate": "0", "loss.discriminator_rate": "0"}
    second = tmp_path / "second"

    def begin(run: Path) -> None:
        train("paper-64-stage2", data=[plain_faces], run=run, options=options, progress=False)

    begin(second)
    said = capsys.readouterr().err
    assert f"Started from {first}: generator, discriminator." in said
    assert "New: blender." in said
    wanted = checkpoint.load_model(first / "generator.safetensors").state_dict()
    found = checkpoint.load_model(second / "generator.safetensors").state_dict()
    assert all(torch.equal(wanted[name], found[name]) for name in wanted)
    states = [checkpoint.load_state(run / "state.pt")["modules"] for run in (first, second)]
    critics = [state["discriminator"] for state in states]
    assert all(torch.equal(critics[0][name], critics[1][name]) for name in critics[0])

    # Without its state the discriminator is new.
    (first / "state.pt").unlink()
    begin(tmp_path / "third")
    assert "New: discriminator, blender." in capsys.readouterr().err
    options["training.start"] = str(plain_faces)
    with pytest.raises(TrainingError, match=r"holds no generator\.safetensors or blender"):
        begin(tmp_path / "fourth")
