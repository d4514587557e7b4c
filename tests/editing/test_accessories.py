"""A cap, earrings and a necklace as labels: where they are worn, at any size, within limits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from maskgan import images
from maskgan.editing import masks, regions
from maskgan.editing.accessories import (
    put_on_cap,
    put_on_earrings,
    put_on_necklace,
    take_off_hat,
)
from maskgan.errors import LabelsError
from maskgan.labels import IDS, Labels, exchange_sides
from maskgan.samples import FOLDER
from maskgan.samples import LABELS as FACE

Tool = Callable[..., Labels]
WORN = {put_on_cap: "hat", put_on_earrings: "ear_r", put_on_necklace: "neck_l"}
SAMPLES = [FACE, *(FOLDER / "faces" / f"face-{number}.labels.png" for number in range(2, 7))]


@pytest.fixture(scope="module")
def labels() -> Labels:
    return images.read_labels(FACE)


def rows_of(labels: Labels, *names: str) -> np.ndarray:
    found = np.isin(labels, [IDS[name] for name in names])
    return np.flatnonzero(found.any(axis=1))


@pytest.mark.parametrize("lower", [0, 40, 80])
def test_a_cap_is_as_high_as_the_head(labels: Labels, lower: int) -> None:
    flat = labels.copy()
    top = rows_of(labels, "hair")[0]
    flat[: top + lower] = 0
    cap = put_on_cap(flat) == IDS["hat"]
    rows = np.flatnonzero(cap.any(axis=1))
    assert top + lower - 30 < rows[0] <= top + lower
    # It is closed at its top, where a head that was cut off flat is not.
    assert cap[rows[0] + 2].sum() < 0.5 * cap[rows[0] + 40].sum()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_cap_covers_the_head_above_the_brows(path: str) -> None:
    labels = images.read_labels(path)
    worn = put_on_cap(labels)
    cap = worn == IDS["hat"]
    assert np.unique(regions.components(cap)[cap]).size == 1
    brows = rows_of(labels, "l_brow", "r_brow")
    middle = slice(220, 292)
    assert np.flatnonzero(cap[:, middle].any(axis=1))[-1] < brows[0] + 4
    # No hair above it, and what else there is keeps its labels.
    hem = np.flatnonzero(cap.any(axis=1))[-1]
    top = np.flatnonzero(cap.any(axis=1))[0]
    assert not (worn[:top] == IDS["hair"]).any()
    changed = set(np.unique(labels[worn != labels]))
    assert changed <= {IDS[name] for name in ("background", "skin", "hair", "l_ear", "r_ear")}
    np.testing.assert_array_equal(worn[hem + 90 :], labels[hem + 90 :])


def test_rings_hang_from_the_ears_that_are_seen(labels: Labels) -> None:
    bare = masks.erase(masks.erase(labels, "hair"), "ears")
    bare[250:310, 390:404], bare[250:310, 108:122] = IDS["l_ear"], IDS["r_ear"]
    rings = put_on_earrings(bare) == IDS["ear_r"]
    pieces = regions.components(rings)
    assert np.unique(pieces[rings]).size == 2
    for left in (100, 380):
        part = rings[:, left : left + 34]
        assert part.any()
        rows = np.flatnonzero(part.any(axis=1))
        assert rows[0] < 309 < rows[-1]
    one = bare.copy()
    one[one == IDS["l_ear"]] = IDS["hair"]
    rings = put_on_earrings(one) == IDS["ear_r"]
    assert rings[:, :256].any()
    assert not rings[:, 256:].any()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_necklace_lies_on_the_neck_from_side_to_side(path: str) -> None:
    labels = images.read_labels(path)
    pearls = put_on_necklace(labels) == IDS["neck_l"]
    assert pearls.any()
    assert set(np.unique(labels[pearls])) == {IDS["neck"]}
    columns = np.flatnonzero(pearls.any(axis=0))
    neck = labels == IDS["neck"]
    rows = np.flatnonzero(pearls.any(axis=1))
    wide = np.flatnonzero(neck[rows[0] : rows[-1]].any(axis=0))
    assert columns[-1] - columns[0] > 0.7 * (wide[-1] - wide[0])
    sides = rows_of(np.where(pearls[:, columns[0] : columns[0] + 12], 16, 0), "neck_l")
    assert sides[0] < rows[-1] - 5


@pytest.mark.parametrize("tool", WORN)
@pytest.mark.parametrize("side", [128, 1024])
def test_they_have_the_size_of_the_face(labels: Labels, tool: Tool, side: int) -> None:
    share = (tool(images.resize_labels(labels, (side, side))) == IDS[WORN[tool]]).mean()
    assert share == pytest.approx((tool(labels) == IDS[WORN[tool]]).mean(), rel=0.25)


@pytest.mark.parametrize("tool", WORN)
def test_a_mirrored_face_wears_them_mirrored(labels: Labels, tool: Tool) -> None:
    mirrored = exchange_sides(np.ascontiguousarray(labels[:, ::-1]))
    there = tool(mirrored)[:, ::-1] == IDS[WORN[tool]]
    assert (there != (tool(labels) == IDS[WORN[tool]])).mean() < 0.003


@pytest.mark.parametrize("tool", WORN)
def test_they_keep_to_limits(labels: Labels, tool: Tool) -> None:
    kept = tool(labels, locked=["hair", "neck"])
    for name in ("hair", "neck"):
        np.testing.assert_array_equal(kept == IDS[name], labels == IDS[name])
    only = tool(labels, only=["hair"])
    assert set(np.unique(labels[only != labels])) <= {IDS["hair"]}


@pytest.mark.parametrize("tool", WORN)
def test_without_a_face_there_is_a_sentence(tool: Tool) -> None:
    with pytest.raises(LabelsError, match="show no face to put"):
        tool(np.zeros((64, 64), np.uint8))


def test_hidden_ears_and_necks_are_said(labels: Labels) -> None:
    hidden = labels.copy()
    hidden[np.isin(labels, [IDS["l_ear"], IDS["r_ear"]])] = IDS["hair"]
    with pytest.raises(LabelsError, match="show no ear to hang an earring from"):
        put_on_earrings(hidden)
    hidden[labels == IDS["neck"]] = IDS["cloth"]
    with pytest.raises(LabelsError, match="show no neck to lay a necklace around"):
        put_on_necklace(hidden)


@pytest.mark.parametrize("path", SAMPLES[:3], ids=lambda path: path.name)
def test_below_a_hat_is_hair_from_the_hairline_on_where_hair_is_seen(path: str) -> None:
    labels = images.read_labels(path)
    worn = put_on_cap(labels)
    bare = take_off_hat(worn)
    assert not (bare == IDS["hat"]).any()
    middle = slice(236, 276)
    hair = np.flatnonzero((bare == IDS["hair"])[:, middle].all(axis=1))
    # A forehead above the brows, and a crown as high as the cap, or nearly.
    forehead = rows_of(bare, "l_brow", "r_brow")[0] - hair[-1]
    assert 15 < forehead < 100
    assert hair[0] < rows_of(worn, "hat")[0] + 40
    np.testing.assert_array_equal(bare[worn != IDS["hat"]], worn[worn != IDS["hat"]])
    # It is where it was, by and large.
    hat = worn == IDS["hat"]
    assert ((bare == IDS["hair"]) == (labels == IDS["hair"]))[hat].mean() > 0.75


def test_whose_hair_is_not_seen_is_bald_below_a_hat(labels: Labels) -> None:
    bald = masks.erase(labels, "hair")
    worn = put_on_cap(bald)
    np.testing.assert_array_equal(take_off_hat(worn), masks.erase(worn, "hat"))
    np.testing.assert_array_equal(take_off_hat(labels), labels)


def test_hair_below_a_hat_keeps_to_what_may_be_painted(labels: Labels) -> None:
    worn = put_on_cap(labels)
    np.testing.assert_array_equal(take_off_hat(worn, locked=["hat"]), worn)
    only = take_off_hat(worn, only=["background"])
    np.testing.assert_array_equal(only, masks.erase(worn, "hat", only=["background"]))
