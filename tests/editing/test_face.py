"""Styles that lie between two faces, and what a face knows of its photo."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.editing import attributes
from maskgan.editing.editor import Editor, Face
from maskgan.editing.face import Style, colours_of
from maskgan.errors import ConfigError, LabelsError, PhotoError
from maskgan.labels import IDS, NUM_CLASSES


def style(seed: int, *absent: str) -> Style:
    """Codes of width 5, all regions present but those named."""
    codes = np.random.default_rng(seed).standard_normal((NUM_CLASSES, 5)).astype(np.float32)
    present = np.ones(NUM_CLASSES, np.float32)
    present[[IDS[name] for name in absent]] = 0
    colours = np.random.default_rng(seed + 9).uniform(0, 255, (NUM_CLASSES, 3)).astype(np.float32)
    return Style(codes, present, np.where(present[:, None] > 0, colours, np.nan))


def test_a_mixture_is_linear_and_leaves_other_regions_alone() -> None:
    own, other, hair = style(1), style(2), IDS["hair"]
    quarter = own.mixed("hair", other, 0.25)
    expected = 0.75 * own.codes[hair] + 0.25 * other.codes[hair]
    np.testing.assert_allclose(quarter.codes[hair], expected, rtol=1e-6)
    np.testing.assert_allclose(
        quarter.colours[hair], 0.75 * own.colours[hair] + 0.25 * other.colours[hair], rtol=1e-5
    )
    rest = np.arange(NUM_CLASSES) != hair
    np.testing.assert_array_equal(quarter.codes[rest], own.codes[rest])
    np.testing.assert_array_equal(quarter.colours[rest], own.colours[rest])
    assert quarter.codes.dtype == quarter.colours.dtype == np.float32


def test_the_ends_are_exact_and_the_face_keeps_its_own_style() -> None:
    own, other, hair = style(1), style(2), IDS["hair"]
    before = own.codes.copy()
    np.testing.assert_array_equal(own.mixed("hair", other, 0).codes, own.codes)
    np.testing.assert_array_equal(own.mixed("hair", other, 1).codes[hair], other.codes[hair])
    np.testing.assert_array_equal(own.codes, before)


def test_what_the_face_lacks_is_taken_whole() -> None:
    own, other, hat = style(1, "hat"), style(2), IDS["hat"]
    taken = own.mixed("hat", other, 0.1)
    np.testing.assert_array_equal(taken.codes[hat], other.codes[hat])
    np.testing.assert_array_equal(taken.colours[hat], other.colours[hat])
    assert taken.present[hat] == 1
    np.testing.assert_array_equal(own.filled(other).colours[hat], other.colours[hat])
    assert own.contents != taken.contents
    assert own.mixed("hat", other, 0).present[hat] == 0


def test_colours_are_means_of_what_is_seen() -> None:
    labels = np.zeros((4, 4), np.uint8)
    labels[:2, :2] = IDS["hair"]
    crop = np.full((4, 4, 3), 200, np.uint8)
    crop[0, :2], crop[1, :2] = (10, 20, 30), (30, 40, 50)
    found = colours_of(crop, labels)
    assert found.shape == (NUM_CLASSES, 3)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[IDS["hair"]], (20, 30, 40))
    assert np.isnan(found[IDS["skin"]]).all()
    drawn = Style(np.zeros((NUM_CLASSES, 5), np.float32), np.ones(NUM_CLASSES, np.float32))
    assert np.isnan(drawn.colours).all()


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_strengths_outside_0_to_1_are_refused(strength: float) -> None:
    with pytest.raises(ConfigError, match="expected a number from 0 to 1"):
        style(1).mixed("hair", style(2), strength)


def test_regions_that_there_are_not_are_refused() -> None:
    with pytest.raises(LabelsError, match="no region 'hare'"):
        style(1).mixed("hare", style(2), 0.5)
    with pytest.raises(PhotoError, match="shows no 'hat'"):
        style(1).mixed("hat", style(2, "hat"), 0.5)


def framed(editor: Editor, face: Face, below: int) -> Face:
    """The face in a photo that goes on some pixels above, beside and, as many as are said, below
    it."""
    photo = np.pad(face.crop, ((40, below), (40, 40), (0, 0)), mode="edge")
    return editor.framed(photo, Similarity(shift(-40, -40), face.crop.shape[0]), face.labels)


def test_a_photo_goes_on_below_its_crop_or_does_not(editor: Editor, face: Face) -> None:
    assert not face.goes_on
    assert not framed(editor, face, 0).goes_on
    assert framed(editor, face, 40).goes_on


def test_sliders_move_hair_that_leaves_the_crop(editor: Editor, face: Face) -> None:
    assert (face.labels[-1] == IDS["hair"]).sum() > 100
    whole, part = (attributes.sliders(framed(editor, face, below).goes_on) for below in (0, 40))
    shorter = [attributes.apply(face.labels, "hair_length", -1, own) for own in (whole, part)]
    assert not (shorter[0][-1] == IDS["hair"]).any()
    np.testing.assert_array_equal(*shorter)
    for name, strength in (("hair_length", 1), ("hair_volume", -1), ("smile", 1)):
        assert (attributes.apply(face.labels, name, strength, part) != face.labels).any()


def test_a_colour_keeps_the_code_of_who_takes_it() -> None:
    own, hair, lips = style(1, "hat"), IDS["hair"], IDS["u_lip"]
    pink = own.coloured("#ff8040")
    assert pink.is_colour
    assert not own.is_colour
    taken = own.replaced("hair", pink)
    np.testing.assert_array_equal(taken.codes, own.codes)
    np.testing.assert_array_equal(taken.colours[hair], [255, 128, 64])
    np.testing.assert_array_equal(taken.colours[lips], own.colours[lips])
    half = own.mixed("hair", Style.of_colour((255, 128, 64), 5), 0.5)
    np.testing.assert_array_equal(half.codes, own.codes)
    np.testing.assert_allclose(
        half.colours[hair], (own.colours[hair] + [255, 128, 64]) / 2, rtol=1e-5
    )
    # What is not worn yet has the colour whole, and a look of everything keeps all codes.
    np.testing.assert_array_equal(own.mixed("hat", pink, 0.5).colours[IDS["hat"]], [255, 128, 64])
    np.testing.assert_array_equal(pink.filled(own).codes, own.codes)


@pytest.mark.parametrize(
    "colour", ["pink", "#12345", "", (1, 2), (1, 2, 300), (-1, 0, 0), ("a",) * 3]
)
def test_what_is_no_colour_is_said(colour: object) -> None:
    with pytest.raises(ConfigError, match="expected red, green and blue from 0 to 255, or a text"):
        style(1).coloured(colour)  # type: ignore[arg-type]
