"""A trained MaskVAE in a bundle: graphs answer as it does, and sliders are what faces say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from maskgan.bundle import Bundle
from maskgan.data.drawn import draw_dataset
from maskgan.data.folder import FaceFolder
from maskgan.editing.label_space import LabelSpace
from maskgan.editing.measures import MEASURES
from maskgan.errors import BundleError, CheckpointError, ConfigError, DatasetError
from maskgan.export import bundle as exporter
from maskgan.export import directions
from maskgan.export.bundle import export
from maskgan.manifest import GRAPHS, MASK_VAE
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig
from maskgan.training import checkpoint
from tiny_bundle import change_manifest, write_bundle

SIZE = 32


def mask_vae() -> MaskVae:
    """Random weights; codes that were seen differ along few axes."""
    torch.manual_seed(5)
    vae = MaskVae(MaskVaeConfig(widths=(8, 12, 16), code=48, size=SIZE, local=True))
    axes = torch.randn((3, 48))
    for _ in range(50):
        vae._observe(torch.randn((16, 3)) @ axes + 1)
    return vae.eval()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    checkpoint.save_model(folder / "mask_vae.safetensors", mask_vae())
    return folder


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "faces"
    draw_dataset(260, folder, size=64, seed=3, workers=1, progress=False)
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle that the rest is taken from."""
    return write_bundle(tmp_path_factory.mktemp("base") / "bundle")


@pytest.fixture(scope="module")
def bundle(run: Path, faces: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundle") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporter, "default_folder", lambda: base)
        export([run], folder, directions=[faces])
    return Bundle.open(folder, threads=1)


def test_the_bundle_says_what_its_mask_vae_is(bundle: Bundle, base: Path) -> None:
    assert set(bundle.manifest.graphs) == {*GRAPHS, *MASK_VAE}
    entry = bundle.manifest.mask_vae
    assert entry is not None
    assert (entry.size, entry.noise) == (SIZE, 48)
    assert entry.directions == tuple(MEASURES)
    assert bundle.manifest.graphs["parser"] == Bundle.open(base).manifest.graphs["parser"]


def test_graphs_answer_as_the_network(bundle: Bundle) -> None:
    vae = mask_vae()
    labels = np.random.default_rng(0).integers(0, 19, (1, SIZE, SIZE))
    with torch.no_grad():
        code = vae.encode(torch.from_numpy(labels))[0].numpy()
        logits = vae.decode(torch.from_numpy(code)).numpy()
    np.testing.assert_allclose(bundle.run("mask_encoder", labels=labels)["code"], code, atol=0.01)
    found = bundle.run("mask_decoder", code=code)["logits"]
    np.testing.assert_allclose(found, logits, atol=0.02)
    assert logits.std() > 0.05


def test_draws_are_spread_as_codes_of_faces_are(bundle: Bundle) -> None:
    vae = mask_vae()
    noise = np.random.default_rng(1).standard_normal((20_000, 48)).astype(np.float32)
    strengths = np.zeros((1, len(MEASURES)), np.float32)
    drawn = np.concatenate(
        [
            bundle.run("mask_space", noise=row[None], strengths=strengths)["drawn"]
            for row in noise[:3000]
        ]
    )
    truth = vae.code_covariance.numpy()
    np.testing.assert_allclose(drawn.mean(0), vae.code_mean.numpy(), atol=0.15)
    found = np.cov(drawn.T)
    assert np.linalg.norm(found - truth) < 0.15 * np.linalg.norm(truth)


def test_steps_add_up_by_strength(bundle: Bundle, faces: Path) -> None:
    steps = directions.learn(mask_vae(), [faces])
    strengths = np.linspace(-1, 1, len(MEASURES), dtype=np.float32)[None]
    noise = np.zeros((1, 48), np.float32)
    found = bundle.run("mask_space", noise=noise, strengths=strengths)["step"][0]
    wanted = sum(
        strength * steps[name].numpy()
        for strength, name in zip(strengths[0], MEASURES, strict=True)
    )
    np.testing.assert_allclose(found, wanted, atol=0.01)


def test_a_label_space_opens_it(bundle: Bundle) -> None:
    space = LabelSpace(bundle)
    assert list(space.sliders) == list(MEASURES)
    assert space.draw(np.random.default_rng(0), 64).shape == (64, 64)


def test_a_direction_is_what_its_measure_alone_changes(
    faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codes that are made of the measures themselves give the recipe back."""
    rng = np.random.default_rng(0)
    recipe = rng.standard_normal((len(MEASURES), 48))
    measured = []

    def encode(vae: MaskVae, labels: np.ndarray) -> np.ndarray:
        values = [measure(labels) for measure in MEASURES.values()]
        measured.append(values)
        return np.nan_to_num(values) @ recipe

    monkeypatch.setattr(directions, "_encode", encode)
    monkeypatch.setattr(directions, "KNOWN_BY", {})
    monkeypatch.setattr(directions, "FREE", {})
    found = directions.learn(mask_vae(), [faces])
    known = np.asarray(measured)
    spread = known[np.isfinite(known).all(1)].std(0)
    for index, name in enumerate(MEASURES):
        wanted = directions.SPAN * spread[index] * recipe[index]
        np.testing.assert_allclose(found[name].numpy(), wanted, rtol=1e-3, atol=1e-4)


def test_who_smiles_is_what_people_say_where_they_do(
    faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With codes that hold nothing but the attribute, the smile leads there."""
    folder = FaceFolder(faces)
    said = {stem: values["Smiling"] for stem, values in folder.attributes().items()}
    order = [stem for stem in sorted(folder.labelled) if folder.splits().get(stem) == "train"]
    stems = iter(order)
    monkeypatch.setattr(
        directions, "_encode", lambda vae, labels: np.full(48, float(said[next(stems)]))
    )
    smile = directions.learn(mask_vae(), [faces])["smile"]
    wanted = directions.SPAN * np.std([said[stem] for stem in order])
    assert float(smile.mean()) == pytest.approx(wanted, rel=0.25)


def test_too_few_faces_and_faces_without_a_mask_vae_are_sentences(
    run: Path, drawn_faces: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter, "default_folder", lambda: base)
    with pytest.raises(DatasetError, match=r"show all that sliders move .* expected at least 100"):
        export([run], tmp_path / "out", directions=[drawn_faces])
    other = tmp_path / "run"
    other.mkdir()
    torch.manual_seed(0)
    with pytest.raises(CheckpointError, match=r"detector\.safetensors, mask_vae\.safetensors"):
        export([other], tmp_path / "out", directions=[drawn_faces])
    assert not (tmp_path / "out").exists()


def test_a_mask_vae_needs_no_directions(
    run: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter, "default_folder", lambda: base)
    export([run], tmp_path / "out")
    space = LabelSpace(Bundle.open(tmp_path / "out", threads=1))
    assert space.sliders == {}
    with pytest.raises(ConfigError, match="no direction"):
        space.moved(np.zeros((64, 64), np.uint8), "smile", 1)
    assert space.draw(np.random.default_rng(0), 64).shape == (64, 64)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mask_vae": None}, "expected mask_encoder, mask_decoder, mask_space and mask_vae"),
        ({"mask_vae": {"size": 0, "noise": 4}}, "size 0, noise 4: expected 1 or more"),
    ],
)
def test_a_manifest_that_is_wrong_about_its_mask_vae_is_refused(
    bundle: Bundle, tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    folder = tmp_path / "half"
    shutil.copytree(bundle.folder, folder)
    change_manifest(folder, **changes)
    with pytest.raises(BundleError, match=sentence):
        Bundle.open(folder)


def test_a_mask_vae_without_its_graphs_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "half"
    shutil.copytree(bundle.folder, folder)
    values = json.loads((bundle.folder / "manifest.json").read_text())
    graphs = {name: entry for name, entry in values["graphs"].items() if name not in MASK_VAE}
    change_manifest(folder, mask_vae=values["mask_vae"], graphs=graphs)
    with pytest.raises(BundleError, match="mask_vae is given without its graphs"):
        Bundle.open(folder)
