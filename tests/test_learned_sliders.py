"""The MaskVAE of the package's bundle: learned sliders on the command line, new faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maskgan import images, samples
from maskgan.cli import main
from maskgan.editing import attributes, masks
from maskgan.editing.editor import Editor
from maskgan.editing.label_space import LabelSpace
from maskgan.editing.measures import MEASURES
from maskgan.labels import IDS


@pytest.fixture(scope="module")
def space() -> LabelSpace:
    return LabelSpace(Editor.open(threads=1).bundle)


def test_a_slider_is_moved_as_the_bundle_learned_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = [str(samples.FACE), "--aligned", "--strength", "0.8", "--name", "brow_height"]
    own, pictures = images.read(samples.FACE), []
    for more in ([], ["--learned"]):
        out = tmp_path / f"out{len(more)}.png"
        assert main(["attribute", *place, "--output", str(out), *more]) == 0
        pictures.append(images.read(out))
    assert (pictures[0] != pictures[1]).any()
    for picture in pictures:
        changed = (picture != own).any(axis=2)
        assert changed.any()
        assert not changed[340:].any(), "brows, and what is around them"
    capsys.readouterr()
    place[-1] = "nose_width"
    assert main(["attribute", *place, "--output", str(tmp_path / "no.png"), "--learned"]) == 2
    assert "There is no attribute 'nose_width'; the attributes are smile" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["brow_height", "mouth_open", "face_width"])
def test_directions_move_what_they_are_named_for(space: LabelSpace, name: str) -> None:
    labels, measure = images.read_labels(samples.LABELS), MEASURES[name]
    values = [
        measure(attributes.apply(labels, name, step, space.sliders)) for step in (-0.8, 0, 0.4, 0.8)
    ]
    assert values[0] <= values[1] < values[2] < values[3]


def test_narrow_eyes_do_not_get_lost(space: LabelSpace) -> None:
    labels = masks.shrink(images.read_labels(samples.LABELS), (4, 5), 7)
    moved = space.moved(labels, "eye_opening", -1)
    for eye in (4, 5):
        assert (moved == eye).sum() >= 0.1 * (labels == eye).sum() > 0


def test_hair_that_goes_on_below_the_crop_is_moved_as_any(space: LabelSpace) -> None:
    labels = images.read_labels(samples.LABELS)
    labels[-1, : labels.shape[1] // 2] = IDS["hair"]
    for goes_on, strength in ((False, -0.8), (True, -0.8), (True, 0.8)):
        own = attributes.sliders(goes_on, space.sliders)
        moved = attributes.apply(labels, "hair_length", strength, own)
        expected = space.sliders["hair_length"](labels, strength)
        np.testing.assert_array_equal(moved, expected)


@pytest.mark.parametrize("seed", range(6))
def test_faces_that_do_not_exist_have_what_faces_have(space: LabelSpace, seed: int) -> None:
    labels = space.draw(np.random.default_rng(seed), 256)
    for name in ("skin", "nose", "hair", "u_lip", "l_lip", "l_brow", "r_brow"):
        assert (labels == IDS[name]).sum() > 60, name
    height = [np.nonzero(labels == IDS[name])[0].mean() for name in ("nose", "u_lip", "l_lip")]
    assert height == sorted(height)
