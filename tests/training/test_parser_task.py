"""The parsers' task: the runs of the large parser and of the judge, how parsers are measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from maskgan.data.dataset import FaceMaskDataset
from maskgan.errors import ConfigError
from maskgan.models.parser import Parser, ParserConfig
from maskgan.models.unet_parser import UnetParser
from maskgan.models.vgg_parser import VggParser, VggParserConfig
from maskgan.training.checkpoint import load_model, save_model
from maskgan.training.parser_task import face_confusion
from maskgan.training.run import train

CPU = torch.device("cpu")
SHORT = {
    "model.widths": "[8, 12]",
    "model.size": "64",
    "training.total_images": "16",
    "training.batch_size": "8",
    "training.bf16": "false",
    "training.warmup_images": "0",
    "training.ema_halflife": "1",
    "training.decay_share": "0",
}


def test_a_large_parser_s_run_leaves_the_frozen_blocks_as_they_were(
    plain_faces: Path, tmp_path: Path
) -> None:
    """It starts from another run, so needs no VGG-19 file, and neither does what it writes."""
    torch.manual_seed(0)
    start, run = tmp_path / "start", tmp_path / "run"
    start.mkdir()
    save_model(start / "parser.safetensors", VggParser(VggParserConfig(widths=(8, 12), size=64)))
    options = SHORT | {"training.start": str(start)}
    train("parser-vgg", data=[plain_faces], run=run, options=options, progress=False)
    before, after = (load_file(place / "parser.safetensors") for place in (start, run))
    assert before.keys() == after.keys()
    # Blocks 2 and 3 of the three are trained along; statistics of batch norm move as well.
    still = {name for name in before if torch.equal(before[name], after[name])}
    frozen = {name for name in before if name.startswith("features.blocks.0.")}
    assert len(frozen) == 4
    assert still == frozen | {"features.mean", "features.scale"}
    parser = load_model(run / "parser.safetensors")
    assert isinstance(parser, VggParser)


def test_a_large_parser_without_its_features_is_a_sentence(
    plain_faces: Path, tmp_path: Path
) -> None:
    for options, found in (
        (SHORT, "No file is named."),
        (SHORT | {"loss.vgg": str(tmp_path / "vgg.pth")}, r"vgg\.pth does not exist\."),
    ):
        sentence = rf"weights of VGG-19 are needed\. .*{found} Give a file with --loss\.vgg"
        with pytest.raises(ConfigError, match=sentence):
            train("parser-vgg", data=[plain_faces], run=tmp_path / "run", options=options)
    assert not (tmp_path / "run").exists()


def test_a_judge_s_run_learns_from_every_pixel(plain_faces: Path, tmp_path: Path) -> None:
    """Its logits have the photo's size: the task must not take one pixel in four as their truth."""
    options = {name: value for name, value in SHORT.items() if not name.startswith("model.")} | {
        "model.width": "4",
        "model.size": "32",
        "training.total_images": "400",
        "training.ema_halflife": "50",
        "training.stats_every": "40",
    }
    figures = train("judge-64", data=[plain_faces], run=tmp_path, options=options, progress=False)
    assert isinstance(load_model(tmp_path / "parser.safetensors"), UnetParser)
    lines = (tmp_path / "stats.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines if "parser/accuracy" in line]
    assert rows[-1]["parser/accuracy"] > rows[0]["parser/accuracy"] + 0.2
    assert 0 <= figures["miou"] <= figures["accuracy"] <= 1


def test_the_confusion_of_a_parser_counts_every_pixel_of_every_face(plain_faces: Path) -> None:
    torch.manual_seed(0)
    parser = Parser(ParserConfig(widths=(8, 8), size=64)).eval()
    faces = FaceMaskDataset([plain_faces, plain_faces], 64, "train")  # more than one batch
    matrix = face_confusion(parser, faces, CPU)
    expected = np.zeros((19, 19), np.int64)
    for item in range(len(faces)):
        pixels, labels = faces[item]
        photo = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1
        np.add.at(expected, (labels.ravel(), parser.labels(photo)[0].numpy().ravel()), 1)
    assert matrix.sum() == 20 * 64 * 64
    # Batches round otherwise, which may tip a pixel between two classes.
    assert (matrix - torch.from_numpy(expected)).abs().sum() <= 20
    assert len(matrix.sum(0).nonzero()) > 3
