"""Skin that follows a feature: what changes is what the edit means, nothing of a stranger's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from maskgan.bundle import Bundle, default_folder
from maskgan.editing import attributes, regions, surroundings
from maskgan.editing.animation import frames
from maskgan.editing.editor import Editor, Face, Style
from maskgan.editing.layers import PARTS, member
from maskgan.editing.regions import Region
from maskgan.editing.surroundings import BRIGHTER, DARK, GAIN, Surroundings, follow
from maskgan.editing.window import QUICK, Care
from maskgan.images import Pixels
from maskgan.labels import IDS, NUM_CLASSES, Labels
from maskgan.manifest import EditRules
from maskgan.samples import FACE, LABELS
from tiny_bundle import SIDE, face_labels

MARGINS = EditRules(dilate=2, feather=1, reach=8)
PLAIN = 100
"""Grey of the faces that `Stranger` draws."""


@dataclass
class Stranger:
    """Paints what is erased flat, and all the brighter the more mouth there is."""

    sides: list[int] = field(default_factory=list)

    def render(
        self,
        crop: Pixels,
        labels: Labels,
        style: Style,
        changed: Region,
        finest: int,
        care: Care,
    ) -> tuple[Pixels, int]:
        assert care == QUICK
        self.sides.append(finest)
        mouth = int(member(labels, PARTS["mouth"]).sum())
        picture = np.where(changed[:, :, None], np.uint8(PLAIN + mouth // 4), crop)
        return picture.astype(np.uint8), finest


class Glaring(Stranger):
    """Paints it almost black without much mouth, and almost white with it."""

    def render(self, crop: Pixels, labels: Labels, *rest: Any) -> tuple[Pixels, int]:
        picture, side = super().render(crop, labels, *rest)
        mouth = int(member(labels, PARTS["mouth"]).sum())
        less = int(member(face_labels(), PARTS["mouth"]).sum())
        new = (picture != crop).any(axis=2)
        picture[new] = 240 if mouth > less else 2
        return picture, side


@pytest.fixture
def whole_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawings of the crop's own size, so that pixels can be counted."""
    monkeypatch.setattr(surroundings, "SHARE", 1.0)


@pytest.fixture
def style() -> Style:
    return Style(np.zeros((NUM_CLASSES, 3), np.float32), np.ones(NUM_CLASSES, np.float32))


@pytest.fixture
def stubble() -> Pixels:
    return np.random.default_rng(0).integers(60, 160, (SIDE, SIDE, 3)).astype(np.uint8)


def laughing(labels: Labels) -> Labels:
    grown = regions.dilate(member(labels, PARTS["mouth"]), 2)
    return np.where(grown & (labels == IDS["skin"]), IDS["l_lip"], labels).astype(np.uint8)


def lifted(stubble: Pixels, style: Style, reach: int = 8) -> Surroundings:
    labels = face_labels()
    margins = replace(MARGINS, reach=reach)
    found = follow(Stranger().render, stubble, labels, laughing(labels), style, margins, SIDE)
    assert found is not None
    return found


@pytest.mark.usefixtures("whole_size")
def test_only_what_differs_counts_and_stubble_stays(stubble: Pixels, style: Style) -> None:
    labels, wanted = face_labels(), laughing(face_labels())
    found = lifted(stubble, style)
    before, after = (PLAIN + int(member(each, PARTS["mouth"]).sum()) // 4 for each in pair())
    gain = BRIGHTER * np.tanh(GAIN * np.log((after + DARK) / (before + DARK)) / BRIGHTER)
    edit = regions.dilate(labels != wanted, MARGINS.dilate)
    added = found.apply(stubble).astype(int) - stubble
    # As deep inside as the difference does not fade, all is as much brighter, in proportion.
    inner = regions.erode(found.region, 4) & ~edit
    assert inner.any()
    expected = np.expm1(gain) * (stubble[inner] + DARK)
    assert np.abs(added[inner] - expected).max() <= 1
    assert (added >= 0).all()


@pytest.mark.usefixtures("whole_size")
@pytest.mark.parametrize("smile", [True, False])
def test_dark_skin_turns_neither_black_nor_bright(style: Style, smile: bool) -> None:
    """What a generator draws of a face that is darker than those it knows is far off."""
    skin = np.full((SIDE, SIDE, 3), (60, 42, 34), np.uint8)
    labels, wanted = (face_labels(), laughing(face_labels()))[:: 1 if smile else -1]
    found = follow(Glaring().render, skin, labels, wanted, style, MARGINS, SIDE)
    assert found is not None
    levels = found.apply(skin)[found.region].mean(axis=1) / skin.mean()
    if smile:
        assert 1.1 < levels.max() < 1.35
    else:
        assert 0.45 < levels.min() < 0.8


@pytest.mark.usefixtures("whole_size")
def test_it_reaches_skin_alone_and_no_further_than_it_may(stubble: Pixels, style: Style) -> None:
    labels, wanted = face_labels(), laughing(face_labels())
    found = lifted(stubble, style)
    edit = regions.dilate(labels != wanted, MARGINS.dilate)
    both = member(labels, PARTS["mouth"]) | member(wanted, PARTS["mouth"])
    near = regions.dilate(both, MARGINS.reach)
    assert not (found.region & ~edit & ~(near & (labels == IDS["skin"]))).any()
    np.testing.assert_array_equal(found.apply(stubble)[~found.region], stubble[~found.region])
    wider = lifted(stubble, style, reach=12)
    assert wider.region.sum() > found.region.sum()


@pytest.mark.usefixtures("whole_size")
def test_nothing_follows_where_no_feature_changes(stubble: Pixels, style: Style) -> None:
    labels, renderer = face_labels(), Stranger()
    bald = np.where(labels == IDS["hair"], IDS["hat"], labels).astype(np.uint8)
    assert follow(renderer.render, stubble, labels, labels, style, MARGINS, SIDE) is None
    assert follow(renderer.render, stubble, labels, bald, style, MARGINS, SIDE) is None
    none = replace(MARGINS, reach=0)
    assert follow(renderer.render, stubble, labels, laughing(labels), style, none, SIDE) is None
    assert not renderer.sides  # and it costs nothing


@pytest.mark.usefixtures("whole_size")
def test_a_dab_that_nobody_sees_leaves_the_skin_alone(stubble: Pixels, style: Style) -> None:
    labels = face_labels()
    dab = labels.copy()
    row, column = np.argwhere(labels == IDS["u_lip"])[0]
    dab[row, column] = IDS["skin"]
    renderer = Stranger()
    assert follow(renderer.render, stubble, labels, dab, style, MARGINS, SIDE) is None
    assert renderer.sides == [SIDE, SIDE]


@pytest.mark.usefixtures("whole_size")
def test_a_larger_crop_follows_alike(style: Style) -> None:
    labels, wanted = (np.kron(each, np.ones((2, 2), np.uint8)) for each in pair())
    crop = np.full((2 * SIDE, 2 * SIDE, 3), 120, np.uint8)
    large = follow(Stranger().render, crop, labels, wanted, style, MARGINS, SIDE)
    small = follow(Stranger().render, crop[::2, ::2], *pair(), style, MARGINS, SIDE)
    assert large is not None
    assert small is not None
    np.testing.assert_array_equal(large.region[::2, ::2], small.region)
    followed = large.apply(crop)
    np.testing.assert_allclose(
        followed[::2, ::2], small.apply(crop[::2, ::2]), atol=10
    )  # bilinear at the rim
    np.testing.assert_array_equal(followed[~large.region], 120)


def test_drawings_are_smaller_than_the_crop(style: Style) -> None:
    renderer, crop = Stranger(), np.full((SIDE, SIDE, 3), 120, np.uint8)
    found = follow(renderer.render, crop, *pair(), style, MARGINS, SIDE)
    assert found is not None
    assert renderer.sides == [48, 48]


def pair() -> tuple[Labels, Labels]:
    return face_labels(), laughing(face_labels())


def test_a_share_of_the_way(stubble: Pixels, style: Style) -> None:
    found = lifted(stubble, style)
    np.testing.assert_array_equal(found.times(0).apply(stubble), stubble)
    np.testing.assert_array_equal(found.times(1).apply(stubble), found.apply(stubble))
    half = found.times(0.5).apply(stubble).astype(int) - stubble
    assert np.abs(half - (found.apply(stubble).astype(int) - stubble) / 2).max() <= 0.5


# On the sample face, with the networks that ship.


@pytest.fixture(scope="module")
def editor() -> Editor:
    if not (default_folder() / "manifest.json").is_file():
        pytest.skip("the package has no bundle")
    return Editor(Bundle.open(None, threads=1))


@pytest.fixture(scope="module")
def face(editor: Editor) -> Face:
    return editor.photo(FACE, aligned=True, labels=LABELS)


def test_cheeks_follow_a_smile_unless_they_are_told_not_to(editor: Editor, face: Face) -> None:
    wanted = attributes.apply(face.labels, "smile", 0.8)
    result = editor.render(face, wanted, bending=False)
    alone = editor.render(face, wanted, bending=False, surroundings=False)
    edit = regions.changed_region(face.labels, wanted, editor.bundle.manifest.edit.dilate * 2)
    np.testing.assert_array_equal(alone.changed, edit)
    # Found at half the size: a pixel of it is two of the crop.
    around = result.changed & ~regions.dilate(edit, 3)
    assert np.isin(face.labels[regions.erode(around, 2)], IDS["skin"]).all()
    difference = np.abs(result.crop.astype(int) - face.crop)
    assert difference[around].max() >= 2
    np.testing.assert_array_equal(difference[~result.changed], 0)
    # The finest details of the skin are still its own, if fainter in the shadow of a fold.
    fine = [np.diff(each.crop.astype(float), axis=1) for each in (result, face)]
    inside = (around[:, 1:] & around[:, :-1])[:, :, None] * np.ones(3, bool)
    assert np.corrcoef(fine[0][inside], fine[1][inside])[0, 1] > 0.93


def test_new_looks_do_not_spread(editor: Editor, face: Face) -> None:
    other = face.style.replaced("u_lip", face.style)
    result = editor.render(face, face.labels, {"u_lip": other, "l_lip": other})
    assert editor.surroundings(face, face.labels, {"u_lip": other}) is None
    lips = member(face.labels, (11, 12))
    assert result.changed[lips].all()
    assert not result.changed[~regions.dilate(lips, 6)].any()
    np.testing.assert_array_equal(result.crop, face.crop)


def test_a_film_moves_them_in_step(editor: Editor, face: Face) -> None:
    wanted = attributes.apply(face.labels, "smile", 0.8)
    last = editor.render(face, wanted)
    edit = regions.changed_region(face.labels, wanted, 16)
    around = last.changed & ~edit
    made = list(frames(editor, face, wanted, count=7))
    np.testing.assert_array_equal(made[0], face.crop)
    np.testing.assert_array_equal(made[-1], last.crop)
    moved = [np.abs(each.astype(int) - face.crop)[around].mean() for each in made]
    assert moved == sorted(moved)
    assert 0.2 * moved[-1] < moved[3] < 0.8 * moved[-1]
