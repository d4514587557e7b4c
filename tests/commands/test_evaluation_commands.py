"""`maskgan evaluate`, `compare` and `requests`, from the command line to their files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from maskgan import cli, images
from maskgan.data.drawn import draw_dataset
from maskgan.evaluation.compare import read_report
from maskgan.labels import colorize
from maskgan.models.attribute_classifier import AttributeClassifier, AttributeClassifierConfig
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig
from maskgan.models.unet_parser import UnetParser, UnetParserConfig
from maskgan.training.checkpoint import save_model
from tiny_bundle import write_bundle

FEW = ("--faces", "10", "--robustness", "0")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of drawn faces, all of the test split, in the colours of their labels; a bundle, a
    run, a judge, a classifier and a MaskVAE, untrained but for the bundle, which is exact."""
    folder = tmp_path_factory.mktemp("evaluation-commands")
    draw_dataset(40, folder / "faces", size=64, progress=False)
    described = json.loads((folder / "faces" / "dataset.json").read_text())
    for number, (stem, face) in enumerate(described["faces"].items()):
        face["split"] = "test" if number % 4 == 0 else "train"
        face["attributes"][described["attribute_names"].index("Smiling")] = number // 4 % 2
        labels = images.read_labels(folder / "faces" / "labels" / f"{stem}.png")
        (folder / "faces" / "images" / f"{stem}.jpg").unlink()
        images.write(folder / "faces" / "images" / f"{stem}.png", colorize(labels))
    (folder / "faces" / "dataset.json").write_text(json.dumps(described))
    rows = [f"{stem},{'x' if n % 8 else 'y'}" for n, stem in enumerate(described["faces"])]
    (folder / "groups.csv").write_text("id,group\n" + "\n".join(rows) + "\n")
    write_bundle(folder / "bundle")
    torch.manual_seed(0)
    for name in ("run", "judge", "classifier", "vae"):
        (folder / name).mkdir()
    small = DenseMappingConfig(width=4, downsamplings=2, blocks=1, style_width=4, size=64)
    save_model(folder / "run" / "generator.safetensors", DenseMappingNetwork(small))
    for name, images_seen, start in (("run", 800, str(folder / "first")), ("first", 200, "")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "stats.jsonl").write_text(
            f'{{"images": {images_seen}, "seconds": 4.5}}\n{{"images": 800, "figures": {{}}}}\n'
        )
        record = {"config": {"training": {"start": start}}}
        (folder / name / "run.json").write_text(json.dumps(record))
    judge = UnetParser(UnetParserConfig(width=2, size=32))
    save_model(folder / "judge" / "parser.safetensors", judge)
    classifier = AttributeClassifier(AttributeClassifierConfig(width=4, size=32))
    save_model(folder / "classifier" / "classifier.safetensors", classifier)
    vae = MaskVae(MaskVaeConfig(widths=(8, 8), code=4, size=32))
    save_model(folder / "vae" / "mask_vae.safetensors", vae)
    return folder


@pytest.fixture
def inside(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("maskgan.bundle.default_folder", lambda: place / "bundle")
    monkeypatch.chdir(place)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    return place


def test_a_bundle_is_measured_and_compared(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "bundle", "--data", "faces", "--output", "tiny", *FEW]
    assert cli.main([*words, "--groups", "groups.csv"]) == 0
    told = capsys.readouterr().out
    assert "| tiny |" in told
    assert "Wrote tiny/report.html." in told
    report = read_report(inside / "tiny")
    assert report["system"]["kind"] == "bundle: regional"
    assert report["protocol"]["size"] == 64  # of the bundle
    assert report["protocol"]["judges"] == {
        "parser": "parser of the package's bundle",
        "attributes": "none",
    }
    assert report["edits"]["system"]["following"]["value"] > 0.94  # nearly exact: rims fade
    assert report["edits"]["system"]["from_photo"]["value"] == 0
    assert str(inside) not in json.dumps(report)  # no path of this machine
    for system in ("photo", "paste"):
        assert cli.main(["evaluate", system, *words[2:5], system, "--size", "64", *FEW]) == 0
    capsys.readouterr()
    assert cli.main(["compare", "tiny", "photo", "paste/report.json", "--output", "all.md"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| tiny", "| photo", "| paste"]
    assert (inside / "all.md").read_text().splitlines() == lines


def test_the_page_needs_nothing_beside_itself(inside: Path) -> None:
    words = ["evaluate", "bundle", "--data", "faces", "--output", "paged", *FEW[:3], "1"]
    assert cli.main([*words, "--name", "<mine> & yours"]) == 0
    page = (inside / "paged" / "report.html").read_text()
    assert "&lt;mine&gt; &amp; yours, measured" in page
    assert "<mine>" not in page
    addresses = re.findall(r'(?:src|href)="([^"]{0,30})', page)
    assert len(addresses) > 20
    assert all(address.startswith("data:image/webp;base64,") for address in addresses)
    assert page.count("<svg") == 12
    for word in ("edit/mouth", "reconstruction", "Worst pictures", "Robustness"):
        assert word in page
    assert "<script" not in page


def test_a_run_is_measured_by_other_judges(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "run", "--data", "faces", "--output", "drawn", *FEW, "--json"]
    words += ["--judge", "judge", "--classifier", "classifier", "--mask-vae", "vae"]
    assert cli.main(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["system"]["kind"] == "run: DenseMappingNetwork"
    assert (report["system"]["images"], report["system"]["training_seconds"]) == (1000, 9.0)
    judges = report["protocol"]["judges"]
    assert judges["parser"]["name"] == "judge"
    assert len(judges["attributes"]["sha256"]) == 64
    assert report["protocol"]["directions"] == ["Eyeglasses", "Smiling"]
    assert "direction/Smiling" in report["tasks"]
    smile = report["tasks"]["transfer/Smiling"]["system"]
    assert {"attribute", "attribute_donor"} <= smile.keys()
    # Who draws the whole face anew loses the photo, also where nothing is edited.
    assert report["edits"]["system"]["from_photo"]["value"] > 5


def test_requests_are_written(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["requests", "--data", "faces", "--output", "asked", "--size", "64", *FEW]
    assert cli.main(words) == 0
    assert re.fullmatch(r"Wrote [\d,]+ requests into asked\.\n", capsys.readouterr().out)
    described = json.loads((inside / "asked" / "requests.json").read_text())
    first = described["requests"][0]
    wanted = images.read_labels(inside / "asked" / first["wanted"])
    assert np.array_equal(wanted, images.read_labels(inside / "asked" / first["labels"]))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing"], "nothing is neither a bundle nor a run with generator.safetensors"),
        (["judge"], "judge is neither a bundle nor a run with generator.safetensors"),
        (["bundle", "--judge", "vae/mask_vae.safetensors"], "holds a MaskVae; a judge is a parser"),
        (["bundle", "--classifier", "judge/parser.safetensors"], "a judge of attributes is what"),
        (["bundle", "--vgg", "absent.pth"], "absent.pth does not exist. Give torchvision's"),
        (["bundle", "--inception", "absent.pth"], "absent.pth is no file. Give the file that"),
        (["bundle", "--groups", "absent.csv"], "Cannot read the groups in absent.csv"),
        (["bundle", "--size", "32"], "The faces have 32 pixels; expected 64 to 512."),
        (["bundle", "--faces", "1"], "1 faces of 1 sizes; expected at least 2 faces"),
        (["bundle", "--mask-vae", "judge/parser.safetensors"], "holds a UnetParser, not a MaskVAE"),
    ],
)
def test_a_mistake_is_a_sentence(
    inside: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["evaluate", words[0], "--data", "faces", "--output", "never", *words[1:]]
    assert cli.main(line) == 2
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert told.startswith("maskgan: error: ")
    assert sentence in told
    assert not (inside / "never").exists()
