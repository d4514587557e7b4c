"""Systems and judges from files: what they draw and see is what their networks say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from painted_faces import SIDE, painted_faces, read_colors

from maskgan import images
from maskgan.editing import regions
from maskgan.errors import BundleError, CheckpointError, PhotoError
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.judges import NetworkJudge, open_judge
from maskgan.evaluation.requests import EVERYTHING, Request, System, clean_labels
from maskgan.evaluation.robustness import measure
from maskgan.evaluation.systems import (
    BundleSystem,
    PictureSystem,
    RunSystem,
    open_system,
    pasted,
    unchanged,
)
from maskgan.images import Pixels
from maskgan.labels import IDS
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork
from maskgan.models.mask_vae import MaskVae, MaskVaeConfig
from maskgan.models.unet_parser import UnetParser, UnetParserConfig
from maskgan.training.checkpoint import save_model
from tiny_bundle import DILATE, write_bundle


def drawn(system: System, request: Request) -> Pixels:
    """The picture of a system that can draw it."""
    picture = system(request)
    assert picture is not None
    return picture


SMALL = DenseMappingConfig(width=4, downsamplings=2, blocks=1, style_width=4, size=SIDE)


def generator() -> DenseMappingNetwork:
    """An untrained one, but with a style that shows in the picture."""
    torch.manual_seed(0)
    network = DenseMappingNetwork(SMALL).eval()
    for half in (network.style_encoder, network.label_encoder):
        for parameter in half.parameters():
            torch.nn.init.normal_(parameter, 0, 0.3)
    return network


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("evaluation") / "bundle")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the paper's generator and of a judge, untrained."""
    folder = tmp_path_factory.mktemp("run")
    save_model(folder / "generator.safetensors", generator())
    save_model(folder / "parser.safetensors", UnetParser(UnetParserConfig(width=2, size=32)))
    return folder


@pytest.fixture(scope="module")
def faces() -> list[HeldOutFace]:
    return painted_faces(3)


def test_a_bundle_draws_an_edit_and_leaves_the_rest(bundle: Path, faces: list[HeldOutFace]) -> None:
    system = open_system(bundle)
    assert isinstance(system, BundleSystem)
    photo, labels = faces[0].photo, clean_labels(faces[0])
    assert np.array_equal(drawn(system, Request("edit", faces[0], labels)), photo)
    wanted = labels.copy()
    wanted[36:42, 20:40] = 13
    picture = drawn(system, Request("edit", faces[0], wanted))
    assert np.array_equal(read_colors(picture), wanted)
    outside = ~regions.dilate(labels != wanted, DILATE)
    assert np.array_equal(picture[outside], photo[outside])


def test_a_bundle_can_draw_the_whole_face(bundle: Path, faces: list[HeldOutFace]) -> None:
    """The small bundle gives every class one colour, so a speck of another one goes."""
    photo = faces[0].photo.copy()
    photo[2, 2] += 60
    face = replace(faces[0], photo=photo)
    labels = clean_labels(face)
    assert np.array_equal(drawn(open_system(bundle), Request("edit", face, labels)), photo)
    for system, whole in ((open_system(bundle, whole=True), False), (open_system(bundle), True)):
        again = drawn(system, Request("edit", face, labels, whole=whole))
        assert np.abs(again.astype(int) - faces[0].photo).max() < 10


def test_a_run_draws_the_wanted_labels_with_the_look_of_the_photo(
    run: Path, faces: list[HeldOutFace]
) -> None:
    system = open_system(run)
    assert isinstance(system, RunSystem)
    network = generator()
    old, new = clean_labels(faces[0]), clean_labels(faces[1])
    photo = torch.from_numpy(faces[0].photo).permute(2, 0, 1)[None].float() / 127.5 - 1
    maps = torch.from_numpy(np.stack([old, new]))
    with torch.no_grad():
        expected = network(maps[1:], maps[:1], photo)
    pixels = ((expected[0].permute(1, 2, 0) + 1) * 127.5).round().numpy()
    picture = drawn(system, Request("edit", faces[0], new))
    assert picture.dtype == np.uint8
    # Another memory layout rounds otherwise.
    assert np.abs(picture - pixels).max() <= 1
    assert (np.abs(picture - pixels) > 0).mean() < 0.01
    assert not np.array_equal(picture, drawn(system, Request("edit", faces[1], new)))
    again = open_system(run / "generator.safetensors")
    assert np.array_equal(drawn(again, Request("edit", faces[0], new)), picture)


def test_a_run_takes_the_look_of_a_donor_whole_or_by_regions(
    run: Path, faces: list[HeldOutFace]
) -> None:
    system, labels = open_system(run), clean_labels(faces[0])
    own = drawn(system, Request("style", faces[0], labels))
    theirs = drawn(system, Request("style", faces[0], labels, faces[1], (EVERYTHING,)))
    hair = drawn(system, Request("style/hair", faces[0], labels, faces[1], ("hair",)))
    is_hair = labels == IDS["hair"]
    assert not np.array_equal(own, theirs)
    assert np.array_equal(hair[is_hair], theirs[is_hair])
    assert np.array_equal(hair[~is_hair], own[~is_hair])
    own_look = drawn(system, Request("style", faces[0], labels, faces[0], (EVERYTHING,)))
    assert np.array_equal(own_look, own)


def test_a_judge_sees_at_its_own_size(run: Path, faces: list[HeldOutFace]) -> None:
    judge = open_judge(run)
    assert isinstance(judge, NetworkJudge)
    found = judge(faces[0].photo)
    assert found.shape == (SIDE, SIDE)
    assert found.dtype == np.uint8
    small = images.resize(faces[0].photo, (32, 32))
    photo = torch.from_numpy(images.to_float(small))
    expected = judge.network.labels(photo, (SIDE, SIDE))[0].numpy()
    assert (found != expected).mean() < 0.01


def test_a_bundle_is_measured_by_its_own_parser(bundle: Path, faces: list[HeldOutFace]) -> None:
    """Networks whose answers are known: strokes of the face's own classes are followed, and nothing
    else is touched."""
    found = measure(
        {"bundle": open_system(bundle)},
        open_judge(bundle),
        faces,
        names=["strokes"],
        progress=False,
    )["systems"]["bundle"]
    assert found["unperturbed"]["miou"] == 1
    for stage in found["perturbations"]["strokes"]["severities"]:
        assert stage["following"] > 0.95
        assert stage["from_photo"] == stage["from_render"] == 0
        assert stage["miou"] > 0.9


def test_the_photo_unchanged(faces: list[HeldOutFace]) -> None:
    request = Request("edit", faces[0], np.zeros_like(clean_labels(faces[0])))
    assert unchanged(request) is faces[0].photo


def test_a_donor_s_pixels_are_pasted_where_labels_change(faces: list[HeldOutFace]) -> None:
    labels = clean_labels(faces[0])
    wanted = labels.copy()
    wanted[20:40, 20:40] = (labels[20:40, 20:40] + 1) % 19
    picture = pasted(Request("edit", faces[0], wanted, faces[1]))
    assert picture is not None
    assert np.array_equal(picture[24:36, 24:36], faces[1].photo[24:36, 24:36])
    assert np.array_equal(picture[:16], faces[0].photo[:16])
    assert pasted(Request("edit", faces[0], wanted)) is None
    assert pasted(Request("edit", faces[0], labels, faces[1])) is None


def test_pictures_of_another_editor_are_a_system(tmp_path: Path, faces: list[HeldOutFace]) -> None:
    (tmp_path / "system.json").write_text('{"name": "theirs", "size": 64}')
    request = Request("edit/mouth", faces[0], clean_labels(faces[1]))
    place = tmp_path / "pictures" / f"{request.key}.png"
    place.parent.mkdir(parents=True)
    images.write(place, faces[1].photo)
    system = open_system(tmp_path)
    assert isinstance(system, PictureSystem)
    assert (system.name, system.size) == ("theirs", 64)
    assert np.array_equal(drawn(system, request), faces[1].photo)
    assert system(Request("edit/nose", faces[0], request.wanted)) is None
    images.write(place, images.resize(faces[1].photo, (32, 32)))
    with pytest.raises(PhotoError, match=r"mouth/painted-0.png has 32x32 pixels; expected 64x64"):
        system(request)
    (tmp_path / "system.json").write_text('{"name": "theirs"}')
    with pytest.raises(BundleError, match=r"system.json is damaged \('size'\); expected"):
        open_system(tmp_path)


def test_what_cannot_be_opened_is_a_sentence(run: Path, tmp_path: Path) -> None:
    with pytest.raises(
        CheckpointError,
        match=r"is neither a bundle nor a run with generator\.safetensors nor pictures",
    ):
        open_system(tmp_path)
    with pytest.raises(CheckpointError, match="holds a UnetParser, which does not draw whole"):
        open_system(run / "parser.safetensors")
    save_model(tmp_path / "vae.safetensors", MaskVae(MaskVaeConfig(widths=(8, 8), code=4, size=32)))
    with pytest.raises(CheckpointError, match="holds a MaskVae, which does not draw whole faces"):
        open_system(tmp_path / "vae.safetensors")
    with pytest.raises(CheckpointError, match="holds a MaskVae; a judge is a parser"):
        open_judge(tmp_path / "vae.safetensors")


def test_faces_of_another_size_are_drawn_at_the_network_s(
    run: Path, faces: list[HeldOutFace]
) -> None:
    """Labels enlarged pixel by pixel are the same to a network that sees them small again."""
    system = open_system(run)
    labels, wanted = clean_labels(faces[0]), clean_labels(faces[1])
    doubled = np.kron(wanted, np.ones((2, 2), np.uint8))
    photo = images.resize(faces[0].photo, (2 * SIDE, 2 * SIDE))
    large = HeldOutFace("large", photo, np.kron(labels, np.ones((2, 2), np.uint8)))
    picture = drawn(system, Request("edit", large, doubled))
    assert picture.shape == (2 * SIDE, 2 * SIDE, 3)
    face = HeldOutFace("small", images.resize(photo, (SIDE, SIDE)), labels)
    small = drawn(system, Request("edit", face, wanted))
    assert np.array_equal(picture, images.resize(small, (2 * SIDE, 2 * SIDE)))
