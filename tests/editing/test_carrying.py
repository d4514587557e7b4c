"""Features that take the photo along: same content in the new shape, nothing where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from maskgan.bundle import default_folder
from maskgan.editing import attributes, regions
from maskgan.editing.carrying import RIM, carry, seamless
from maskgan.editing.editor import Editor
from maskgan.editing.texture import FRAME
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels
from maskgan.samples import FACE, LABELS

SIDE = FRAME
EYE, LIP, TEETH, NOSE = (IDS[name] for name in ("l_eye", "l_lip", "mouth", "nose"))
EVERYWHERE = np.ones((SIDE, SIDE), np.bool_)


def ellipse(index: int, x: float, y: float, width: float, height: float) -> Labels:
    """A face of skin with one feature."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    inside = ((column - x) / width) ** 2 + ((row - y) / height) ** 2 <= 1
    return np.where(inside, index, IDS["skin"]).astype(np.uint8)


def ramp() -> Pixels:
    """A picture whose red says the column and whose green says the row."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    return np.stack([column // 2, row // 2, np.full_like(row, 90)], axis=2).astype(np.uint8)


def places(crop: Pixels, region: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and y that a ramp's pixels came from, to two pixels."""
    return crop[region][:, 0] * 2.0 + 0.5, crop[region][:, 1] * 2.0 + 0.5


@pytest.mark.parametrize("index", [EYE, NOSE, TEETH, LIP])
def test_a_feature_that_moves_takes_its_pixels_along(index: int) -> None:
    labels, wanted = ellipse(index, 200, 250, 40, 20), ellipse(index, 230, 262, 40, 20)
    found = carry(ramp(), labels, wanted, EVERYWHERE, SIDE)
    x, y = places(found.crop, found.region)
    rows, columns = np.nonzero(found.region)
    assert found.region.sum() > 0.6 * (wanted == index).sum()
    assert np.abs(x - (columns - 30)).max() <= 2
    # A lip that changed much gives less of its upper and lower end.
    assert np.abs(y - (rows - 12)).max() <= (8 if index == LIP else 2)


def test_the_rim_is_left_to_the_generator_and_the_rest_to_the_photo() -> None:
    labels, wanted = ellipse(EYE, 200, 250, 40, 20), ellipse(EYE, 230, 262, 40, 20)
    found = carry(ramp(), labels, wanted, EVERYWHERE, SIDE)
    assert not (found.region & ~regions.erode(wanted == EYE, RIM)).any()
    np.testing.assert_array_equal(found.crop[~found.region], ramp()[~found.region])


def test_what_keeps_its_shape_keeps_its_pixels() -> None:
    labels = ellipse(LIP, 256, 256, 60, 14)
    found = carry(ramp(), labels, labels, EVERYWHERE, SIDE)
    np.testing.assert_array_equal(found.crop, ramp())
    np.testing.assert_array_equal(found.region, regions.erode(labels == LIP, RIM))


def test_only_where_it_is_asked_for() -> None:
    labels, wanted = ellipse(EYE, 200, 250, 40, 20), ellipse(EYE, 210, 250, 40, 20)
    left = EVERYWHERE.copy()
    left[:, 210:] = False
    found = carry(ramp(), labels, wanted, left, SIDE)
    assert found.region.any()
    assert not found.region[:, 210:].any()
    assert not carry(ramp(), labels, wanted, left, SIDE, drawn=[EYE]).region.any()


def test_spectacles_in_front_of_a_feature_are_not_carried_with_it() -> None:
    labels, wanted = ellipse(NOSE, 200, 250, 40, 20), ellipse(NOSE, 230, 250, 40, 20)
    hidden = np.zeros((SIDE, SIDE), np.bool_)
    hidden[:, 190:200] = True
    found = carry(ramp(), labels, wanted, EVERYWHERE, SIDE, hidden=hidden).region
    assert not found[:, 220:229].any()
    assert found[250, 210]
    assert found[250, 240]
    # Nothing is, where they cover most of it.
    hidden[:, 170:230] = True
    assert not carry(ramp(), labels, wanted, EVERYWHERE, SIDE, hidden=hidden).region.any()


def test_a_lip_is_bent_column_by_column() -> None:
    labels = ellipse(LIP, 256, 300, 60, 16)
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    sag = 20 - ((column - 256) / 15) ** 2
    bent = ((column - 256) / 60) ** 2 + ((row - 300 - sag) / 16) ** 2 <= 1
    wanted = np.where(bent, LIP, IDS["skin"]).astype(np.uint8)
    found = carry(ramp(), labels, wanted, EVERYWHERE, SIDE)
    x, y = places(found.crop, found.region)
    rows, columns = np.nonzero(found.region)
    assert np.abs(x - columns).max() <= 2
    # The middle of the lip stays the middle of the lip.
    middle = np.abs(rows - 300 - sag[found.region]) < 2
    assert np.abs(y[middle] - 300).max() <= 4


def closed(sag: float = 0.0, gap: int = 0) -> Labels:
    """Lips that meet at row 300, further down in the middle, with a gap between them."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    down = row - 300 - sag * (1 - ((column - 256) / 70) ** 2)
    inside = ((column - 256) / 70) ** 2 + (down / 22) ** 2 <= 1
    labels = np.where(inside, np.where(down < 0, IDS["u_lip"], LIP), IDS["skin"])
    labels[inside & (np.abs(down) < gap)] = TEETH
    return labels.astype(np.uint8)


def test_closed_lips_take_the_line_between_them_along() -> None:
    labels, wanted = closed(), closed(sag=14)
    picture = ramp()
    picture[299:301, 186:327] = 0
    found = carry(picture, labels, wanted, EVERYWHERE, SIDE)
    line = np.abs(np.nonzero(wanted[:, 256] == LIP)[0][0] - 0.5 - np.arange(SIDE)) < 1
    assert found.region[line, 256].all()
    assert found.crop[line, 256].max() < 40
    # As wide as it was, and nowhere else.
    assert (found.crop[:, 256].max(axis=1) < 40).sum() <= 3


@pytest.mark.parametrize("maps", [(closed(gap=3), closed(14)), (closed(), closed(14, gap=3))])
def test_lips_that_open_or_close_get_a_new_edge(maps: tuple[Labels, Labels]) -> None:
    labels, wanted = maps
    found = carry(ramp(), labels, wanted, EVERYWHERE, SIDE)
    seam = np.flatnonzero(wanted[:, 256] == LIP)[0]
    assert not found.region[seam - 2 : seam + 2, 256].any()
    assert found.region[seam + 10, 256]


def test_irises_stay_round() -> None:
    labels, wanted = ellipse(EYE, 256, 256, 40, 14), ellipse(EYE, 256, 256, 40, 22)
    found = carry(ramp(), labels, wanted, EVERYWHERE, SIDE)
    rows, columns = np.nonzero(found.region)
    x, y = places(found.crop, found.region)
    # An eye that opens shows what it showed, where it was; what comes to light is drawn.
    assert np.abs(x - columns).max() <= 2
    assert np.abs(y - rows).max() <= 2
    assert not (found.region & (labels != EYE)).any()


def test_teeth_hang_on_the_upper_jaw() -> None:
    labels, wanted = ellipse(TEETH, 256, 300, 50, 12), ellipse(TEETH, 256, 330, 50, 42)
    found = carry(ramp(), labels, wanted, EVERYWHERE, SIDE)
    rows, columns = np.nonzero(found.region)
    middle = np.abs(columns - 256) < 3
    x, y = places(found.crop, found.region)
    assert np.abs(x - columns).max() <= 2
    # 84 pixels high instead of 24, of which a third is teeth: they get half as long again.
    assert rows[middle].min() < 296
    assert rows[middle].max() < 330
    slope = np.polyfit(rows[middle], y[middle], 1)[0]
    assert slope == pytest.approx(1 / 1.5, abs=0.1)


def test_a_tooth_alone_is_not_carried() -> None:
    """Coarse renders have wide rims: what they leave of a low mouth is drawn as well."""
    labels, wanted = ellipse(TEETH, 256, 300, 50, 5), ellipse(TEETH, 256, 300, 70, 5)
    assert carry(ramp(), labels, wanted, EVERYWHERE, SIDE).region.any()
    assert not carry(ramp(), labels, wanted, EVERYWHERE, SIDE // 4).region.any()


@pytest.mark.parametrize(
    "wanted",
    [
        ellipse(LIP, 256, 256, 10, 60),  # stretched too much
        ellipse(LIP, 256, 256, 3, 2),  # too small
        ellipse(EYE, 256, 256, 40, 20),  # gone
    ],
)
def test_what_cannot_be_carried_is_drawn(wanted: Labels) -> None:
    found = carry(ramp(), ellipse(LIP, 256, 256, 60, 10), wanted, EVERYWHERE, SIDE)
    assert not found.region.any()
    np.testing.assert_array_equal(found.crop, ramp())


def test_lips_that_smile_are_the_persons_own() -> None:
    if not (default_folder() / "manifest.json").is_file():
        pytest.skip("the package has no bundle")
    editor = Editor.open(threads=1)
    face = editor.photo(FACE, aligned=True, labels=LABELS)
    wanted = attributes.apply(face.labels, "smile", 0.6)
    result = editor.render(face, wanted, bending=False)
    where = np.ones_like(result.changed)
    kept = carry(face.crop, face.labels, wanted, where, SIDE)
    own = regions.erode(kept.region, 3)  # its border is as soft as a photo
    inner = own & regions.erode(result.changed, 10) & (wanted == LIP)
    assert inner.sum() > 200
    np.testing.assert_array_equal(result.crop[inner], kept.crop[inner])


def test_the_border_of_what_was_carried_is_no_sharper_than_a_photo() -> None:
    picture = np.full((FRAME, FRAME, 3), 60, np.uint8)
    carried, drawn = np.zeros((2, FRAME, FRAME), np.bool_)
    carried[200:240, 200:300], drawn[240:280, 200:300] = True, True
    picture[carried] = 200
    found = seamless(picture, carried, drawn)
    steps = np.abs(np.diff(found[230:250, 250, 0].astype(int)))
    assert steps.max() < 0.75 * 140
    # Away from the border, and towards what is neither, nothing changes.
    near = np.zeros((FRAME, FRAME), np.bool_)
    near[235:245, 200:300] = True
    np.testing.assert_array_equal(found[~near], picture[~near])
    nothing = np.zeros((FRAME, FRAME), np.bool_)
    assert seamless(picture, nothing, drawn) is picture
