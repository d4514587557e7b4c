"""The generator's task: what is hidden, how pictures are cut, what a parser's reading teaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from maskgan import config as configs
from maskgan.errors import CheckpointError, ConfigError
from maskgan.labels import IDS, NUM_CLASSES, PALETTE_A
from maskgan.models.parser import Parser, ParserConfig
from maskgan.models.regional import NOISE, StyleEncoder, StyleEncoderConfig
from maskgan.models.vgg_parser import VggParser, VggParserConfig
from maskgan.presets import PRESETS
from maskgan.training.checkpoint import save_model
from maskgan.training.regional_batch import Batch
from maskgan.training.regional_run import RegionalRun
from maskgan.training.regional_task import RegionalTask, _shifted
from maskgan.training.run import build, train

CPU = torch.device("cpu")
COLORS = torch.tensor(PALETTE_A).float() / 127.5 - 1  # (K, 3)


def make_task(data: Path, **options: str) -> RegionalTask:
    values = {"training.batch_size": "4", "training.bf16": "false"} | options
    config = configs.override(PRESETS["regional-64"](), values)
    assert isinstance(config, RegionalRun)
    task = build(config, [data], CPU)
    assert isinstance(task, RegionalTask)
    return task


@pytest.fixture(scope="module")
def task(plain_faces: Path) -> RegionalTask:
    return make_task(plain_faces)


# What is hidden


def shown(task: RegionalTask, module: nn.Module) -> tuple[list[tuple[Any, ...]], Any]:
    """The arguments of every later call of a network, and the handle that ends the listening."""
    calls: list[tuple[Any, ...]] = []
    handle = module.register_forward_pre_hook(lambda _, arguments: calls.append(arguments))
    return calls, handle


@pytest.mark.parametrize("start", [0, 4])
def test_training_shows_noise_where_the_generator_must_paint(
    task: RegionalTask, start: int
) -> None:
    batch = task.batch(start, 4)  # crops, then whole faces
    calls, handle = shown(task, task.generator)
    with torch.no_grad():
        task.generator_loss(batch)
    handle.remove()
    ((photo, erase, labels, _, present),) = calls
    gone = (batch.erase > 0).expand_as(photo)
    assert gone.any()
    assert torch.equal(photo[gone], NOISE * batch.noise[gone])
    assert torch.equal(photo[~gone], batch.photo[~gone])
    assert torch.equal(erase, batch.erase)
    assert torch.equal(labels, batch.labels)
    assert not present[batch.visible == 0].any()


def test_validation_and_samples_show_noise_too(task: RegionalTask, tmp_path: Path) -> None:
    calls, handle = shown(task, task.generator)
    averaged: dict[str, nn.Module] = {"generator": task.generator, "encoder": task.encoder}
    task.validate(averaged)
    task.samples(averaged, tmp_path / "grid.png")
    handle.remove()
    faces, _ = task._faces(range(2))
    assert len(calls) == 5 + 5
    for photo, erase, *_ in calls:
        gone = (erase > 0).expand_as(photo)
        own = faces[: len(photo)]
        assert torch.equal(photo[~gone], own[~gone])
        assert photo[gone].std() == pytest.approx(NOISE, rel=0.15)
        together = torch.stack((photo[gone], own[gone]))
        assert torch.corrcoef(together)[0, 1].abs() < 0.1


# How pictures are cut


def test_everything_is_cut_at_the_same_place(task: RegionalTask) -> None:
    batch = task.batch(0, 4)
    rows, columns = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    place = rows * 32 + columns
    where = place.expand(4, 1, 32, 32).float()
    batch = batch._replace(
        photo=where.repeat(1, 3, 1, 1),
        labels=place.expand(4, 32, 32),
        erase=where,
        noise=where.repeat(1, 3, 1, 1),
    )
    seen = set()
    for seed in range(400):
        torch.manual_seed(seed)
        cut, picture = _shifted(batch, where.repeat(1, 3, 1, 1), 16)
        assert cut.photo.shape == picture.shape == (4, 3, 16, 16)
        top, left = divmod(int(cut.labels[0, 0, 0]), 32)
        expected = place[top : top + 16, left : left + 16]
        for values in (cut.photo, cut.erase, cut.noise, picture, cut.labels[:, None]):
            assert values.shape[2:] == (16, 16)
            assert (values == expected).all()
        seen.add((top, left))
        assert torch.equal(cut.face, batch.face)
        assert torch.equal(cut.face_labels, batch.face_labels)
    assert {top for top, _ in seen} == {left for _, left in seen} == set(range(17))
    assert len(seen) > 150  # of 289: rows and columns are drawn apart


def test_the_critic_sees_cuts_of_the_picture(task: RegionalTask) -> None:
    """Otherwise the weave of the generator's own grid would pass as texture."""
    calls, handle = shown(task, task.discriminator)
    batch = task.batch(0, 4)
    with torch.no_grad():
        task.generator_loss(batch)
        task.discriminator_loss(batch)
    handle.remove()
    assert [call[0].shape for call in calls] == [(4, 3, 16, 16)] * 3


# What a parser's reading teaches


class Reader(nn.Module):
    """Reads painted faces: logits at half size from each pixel's distance to a class's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.colors = nn.Parameter(COLORS, requires_grad=False)

    def forward(self, photo: Tensor) -> Tensor:
        pixels = photo[:, None, :, ::2, ::2]
        return -20 * (pixels - self.colors[None, :, :, None, None]).square().sum(2)


def paint(labels: Tensor) -> Tensor:
    """Labels (B, H, W) -> a photo (B, 3, H, W) in the classes' colours."""
    return COLORS[labels.long()].permute(0, 3, 1, 2).contiguous()


@pytest.fixture
def painted(task: RegionalTask) -> Batch:
    batch = task.batch(0, 4)
    return batch._replace(photo=paint(batch.labels))


def test_following_falls_when_the_render_is_the_photo(task: RegionalTask, painted: Batch) -> None:
    other = paint((painted.labels + 1) % NUM_CLASSES)
    half = (painted.photo + other) / 2
    values = [float(task._following(Reader(), x, painted)) for x in (painted.photo, half, other)]
    assert values[0] < 0.1 < values[1] < values[2]


def test_following_is_nothing_where_the_photo_cannot_be_read(
    task: RegionalTask, painted: Batch
) -> None:
    wrong = painted._replace(photo=paint((painted.labels + 1) % NUM_CLASSES))
    assert float(task._following(Reader(), painted.photo, wrong)) == 0
    kept = painted._replace(erase=torch.zeros_like(painted.erase))
    assert float(task._following(Reader(), wrong.photo, kept)) == 0
    # Half of the photo can be read: the other half does not count.
    photo = painted.photo.clone()
    photo[:2] = wrong.photo[:2]
    halved = painted._replace(photo=photo)
    render = paint((painted.labels + 2) % NUM_CLASSES)
    alone = Batch(*(values[2:] for values in painted))
    expected = task._following(Reader(), render[2:], alone)
    torch.testing.assert_close(task._following(Reader(), render, halved), expected)


def test_following_gives_gradients_to_the_picture_only(task: RegionalTask, painted: Batch) -> None:
    reader = Reader()
    picture = (painted.photo * 0.5).requires_grad_()
    photo = painted.photo.clone().requires_grad_()
    task._following(reader, picture, painted._replace(photo=photo)).backward()
    assert photo.grad is None
    assert reader.colors.grad is None
    assert picture.grad is not None
    touched = picture.grad.abs().sum(1, keepdim=True) > 0
    assert touched.any()
    assert not touched[painted.erase == 0].any()


def judge(kind: str) -> nn.Module:
    torch.manual_seed(0)
    if kind == "parser":
        parser: Any = Parser(ParserConfig(widths=(8, 8, 8), size=64))
    else:
        parser = VggParser(VggParserConfig(widths=(8, 8, 12), size=64))
    with torch.no_grad():
        parser.head.bias[IDS["skin"]] += 3  # reads some of each face right
    return parser


@pytest.mark.parametrize("kind", ["parser", "vgg-parser"])
def test_a_parser_s_reading_teaches_the_generator(
    plain_faces: Path, tmp_path: Path, kind: str
) -> None:
    save_model(tmp_path / "parser.safetensors", judge(kind))
    options = {"loss.following": "0.5", "loss.parser": str(tmp_path / "parser.safetensors")}
    task = make_task(plain_faces, **options)
    assert "parser" not in task.modules  # neither trained nor saved
    assert task.parser is not None
    assert not task.parser.training
    torch.manual_seed(0)
    loss, stats = task.generator_loss(task.batch(4, 4))
    weights = task.run.loss
    expected = weights.pixel * stats["pixel"] + weights.adversarial * stats["adversarial"]
    assert stats["following"].item() > 0
    torch.testing.assert_close(loss, expected + 0.5 * stats["following"])
    parameters = [task.generator.head.weight, *task.encoder.to_code.parameters()]
    for gradient in torch.autograd.grad(stats["following"], parameters):
        assert gradient.any()
    assert not any(value.requires_grad for value in task.parser.parameters())


def test_a_parser_that_is_missing_is_a_sentence(plain_faces: Path, tmp_path: Path) -> None:
    def begin(parser: str) -> None:
        options = {"loss.following": "0.5", "training.batch_size": "8"}
        if parser:
            options["loss.parser"] = parser
        train("regional-64", data=[plain_faces], run=tmp_path / "run", options=options)

    remedy = r"with --loss\.parser, or switch the term off with --loss\.following 0\."
    with pytest.raises(ConfigError, match=rf"0\.5 needs a parser\. No file is named\. .*{remedy}"):
        begin("")
    with pytest.raises(ConfigError, match=rf"absent\.safetensors is no file\. .*{remedy}"):
        begin(str(tmp_path / "absent.safetensors"))
    place = tmp_path / "encoder.safetensors"
    save_model(place, StyleEncoder(StyleEncoderConfig(width=8, style_width=4, size=32)))
    with pytest.raises(ConfigError, match=rf"holds a StyleEncoder, not a parser\. .*{remedy}"):
        begin(str(place))
    (tmp_path / "text").write_text("no model")
    with pytest.raises(CheckpointError, match="text is not a model file of maskgan"):
        begin(str(tmp_path / "text"))
    assert not (tmp_path / "run").exists()
