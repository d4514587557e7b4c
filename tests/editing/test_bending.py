"""Outlines that bend the photo: it comes from where it was, the face stays, nothing gets lost."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from maskgan.alignment.resampling import shift
from maskgan.alignment.similarity import Similarity
from maskgan.editing import attributes, regions
from maskgan.editing.bending import Bent, Patch, bend
from maskgan.editing.editor import Editor, Face
from maskgan.editing.recent import Recent
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

SIDE = 512
HAIR, SKIN, EYE, CLOTH, EAR, EARRING = (
    IDS[name] for name in ("hair", "skin", "l_eye", "cloth", "l_ear", "ear_r")
)


def head(hair: float, side: int = SIDE) -> Labels:
    """A face with one eye in round hair of a radius, in pixels of 512."""
    row, column = (np.mgrid[0:side, 0:side] + 0.5) * (512 / side) - 0.5
    away = np.hypot(column - 256, row - 256)
    labels = np.where(away <= hair, HAIR, 0)
    labels = np.where(np.hypot(column - 256, row - 280) <= 90, SKIN, labels)
    labels[np.hypot(column - 280, row - 270) <= 14] = EYE
    return labels.astype(np.uint8)


def ramp(side: int = SIDE) -> Pixels:
    """A picture whose red says the column and whose green says the row, in pixels of 512."""
    row, column = np.mgrid[0:side, 0:side] * (512 / side)
    return np.stack([column / 2, row / 2, np.full_like(row, 90)], axis=2).astype(np.uint8)


def bent(labels: Labels, wanted: Labels) -> Bent:
    found = bend(ramp(labels.shape[0]), labels, wanted)
    assert found is not None
    return found


@pytest.mark.parametrize("side", [100, 256, 512])
@pytest.mark.parametrize("radius", [148, 192])
def test_the_old_outline_comes_to_lie_on_the_new_one(radius: int, side: int) -> None:
    found = bent(head(170, side), head(radius, side))
    assert (found.labels != head(radius, side)).mean() < 0.001
    for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False):
        x, y = (round((256 + radius * way) * side / 512) for way in (np.cos(angle), np.sin(angle)))
        source = found.crop[y, x, :2].astype(float) * 2
        assert np.hypot(*(source - 256)) == pytest.approx(170, abs=4 + 512 / side)


def test_what_is_beside_it_goes_along_less_and_less_and_the_face_not_at_all() -> None:
    found = bent(head(170), head(190))
    ways = [256 - 2.0 * found.crop[256 - up, 256, 1] - up for up in (190, 170, 150, 130, 110)]
    assert ways[0] == pytest.approx(-20, abs=4)
    assert all(one <= other + 1 for one, other in itertools.pairwise(ways)), ways
    assert abs(ways[-1]) < abs(ways[0]) / 2
    face = np.isin(head(170), (EYE,))
    assert not (found.region & regions.dilate(face, 3)).any()
    far = np.hypot(*(np.mgrid[0:SIDE, 0:SIDE] - 256)) > 250
    assert not (found.region & far).any()
    np.testing.assert_array_equal(found.crop[~found.region], ramp()[~found.region])
    assert (found.crop[found.region] != ramp()[found.region]).any()


def test_a_frame_stays_before_brows_and_goes_along_with_the_head() -> None:
    def brow(row: int) -> Labels:
        labels = head(170)
        labels[row : row + 16, 200:290] = IDS["l_brow"]
        return labels

    frame = np.zeros((SIDE, SIDE), np.bool_)
    frame[246:252, 190:300] = True
    recent: Recent[Patch | None] = Recent(4)
    bend(ramp(), brow(232), brow(222), recent=recent)  # the same edit of who wears none
    found = bend(ramp(), brow(232), brow(222), recent=recent, frame=frame)
    assert found is not None
    assert found.region[226, 245]
    np.testing.assert_array_equal(found.crop[frame], ramp()[frame])
    # Where the photo shows what was below the frame, it is not known.
    source = 2.0 * found.crop[:, 245, 1]
    below = (source >= 246) & (source < 252) & ~frame[:, 245] & found.region[:, 245]
    assert found.covered[below, 245].mean() > 0.7
    assert not found.covered[:200].any()
    assert not (found.carried(frame) & ~regions.dilate(frame, 1)).any()
    # A frame at the outline of the head is bent with it.
    frame[:] = False
    frame[254:258, 88:110] = True
    wider = bend(ramp(), head(170), head(182), frame=frame)
    assert wider is not None
    assert not wider.covered.any()
    assert (wider.carried(frame) != frame).any()


def test_the_background_closes_up_behind_hair_that_goes() -> None:
    found = bent(head(170), head(150))
    # Just outside of the new outline is what was just outside of the old one.
    for up in (153, 160, 168):
        source = 256 - 2.0 * found.crop[256 - up, 256, 1]
        assert source > 169, up


def smiling(labels: Labels) -> Labels:
    wanted = labels.copy()
    wanted[320:330, 230:280] = IDS["u_lip"]
    return wanted


def island(labels: Labels) -> Labels:
    wanted = labels.copy()
    wanted[20:60, 20:60] = HAIR
    return wanted


def other_hair(labels: Labels) -> Labels:
    return head(245)


@pytest.mark.parametrize("change", [np.copy, smiling, island, other_hair])
def test_nothing_is_bent_that_no_outline_explains(change: Callable[[Labels], Labels]) -> None:
    labels = head(170)
    assert bend(ramp(), labels, change(labels)) is None


def test_hair_is_drawn_out_unless_it_would_be_all_over() -> None:
    # Here and there it is drawn out far where it is thin, and nobody sees it.
    np.testing.assert_array_equal(bent(head(130), head(160)).labels, head(160))

    def rim(width: float) -> Labels:
        away = np.hypot(*(np.mgrid[0:SIDE, 0:SIDE] - 256))
        return np.where(away <= 90, SKIN, np.where(away <= 90 + width, HAIR, 0)).astype(np.uint8)

    assert bend(ramp(), rim(6), rim(46)) is None


@pytest.mark.parametrize("thing", [HAIR, CLOTH])
def test_what_else_was_painted_is_left_to_the_generator(thing: int) -> None:
    labels, wanted = head(170), head(185)
    wanted[30:33, 10:90] = thing  # a thin line far away
    wanted[45:48, 230:282] = thing  # and one so near that the photo is bent there
    wanted[300:310, 250:260] = IDS["nose"]
    wanted[275:300, 215:240] = HAIR  # a tuft before the face
    found = bent(labels, wanted)
    left = found.labels != wanted
    assert left[30:33, 10:90].all()
    assert left[300:310, 250:260].all()
    assert left[275:300, 215:240].all()
    assert left[45:48, 230:282].all()
    assert left.sum() == 240 + 156 + 100 + 625


def discs(first: float, second: float) -> Labels:
    """Two balls of hair far apart."""
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    near = np.hypot(column - 128, row - 128) <= first
    return np.where(near | (np.hypot(column - 384, row - 384) <= second), HAIR, 0).astype(np.uint8)


def test_places_that_cannot_reach_each_other_are_bent_as_each_alone() -> None:
    recent: Recent[Patch | None] = Recent(8)
    labels = discs(50, 50)
    first, second, both = (
        bend(ramp(), labels, wanted, recent=recent)
        for wanted in (discs(56, 50), discs(50, 44), discs(56, 44))
    )
    assert first is not None
    assert second is not None
    assert both is not None
    np.testing.assert_array_equal(both.region, first.region | second.region)
    expected = np.where(first.region[:, :, None], first.crop, second.crop)
    np.testing.assert_array_equal(both.crop, expected)
    afresh = bent(labels, discs(56, 44))
    np.testing.assert_array_equal(both.crop, afresh.crop)
    np.testing.assert_array_equal(both.displacement.ways, afresh.displacement.ways)


def test_what_is_worn_on_what_moves_is_not_forgotten() -> None:
    labels, wanted = head(170), head(182)
    for each in (labels, wanted):
        each[270:300, 150:166] = EAR
    wanted[280:296, 150:166] = EARRING
    assert (bent(labels, wanted).labels != wanted)[284:292, 154:162].all()


@pytest.mark.parametrize("strength", [-0.6, 0.6])
def test_hair_with_another_volume_stays_as_sharp_as_it_was(
    editor: Editor, face: Face, strength: float
) -> None:
    wanted = attributes.apply(face.labels, "hair_volume", strength)
    result = editor.render(face, wanted)
    assert result.bent is not None
    assert (result.labels == wanted).all()
    np.testing.assert_array_equal(result.crop[~result.changed], face.crop[~result.changed])
    explained = (result.bent.labels == wanted) & (face.labels != wanted)
    assert explained.sum() > 0.7 * (face.labels != wanted).sum()

    def steepness(crop: Pixels, labels: Labels) -> float:
        """Of the outline between hair and background, in the upper half."""
        near = regions.dilate(labels == HAIR, 3) & regions.dilate(labels == 0, 3)
        slope = np.hypot(*np.gradient(crop.astype(float).mean(axis=2)))
        return float(slope[16:256][near[16:256]].mean())

    alone = editor.render(face, wanted, bending=False)
    assert alone.bent is None
    assert alone.changed.sum() < result.changed.sum()
    assert steepness(result.crop, wanted) > 0.7 * steepness(face.crop, face.labels)


def test_hair_keeps_the_photo_s_own_resolution(editor: Editor, face: Face) -> None:
    large = np.asarray(face.crop).repeat(3, axis=0).repeat(3, axis=1)
    noise = np.random.default_rng(0).integers(-20, 20, large.shape[:2])[:, :, None]
    large = np.clip(large + noise, 0, 255).astype(np.uint8)
    scale = Similarity(np.diag([1 / 3, 1 / 3, 1]) @ shift(-1, -1), SIDE)
    opened = editor.framed(large, scale, face.labels)
    wanted = attributes.apply(face.labels, "hair_volume", 0.6)
    result = editor.render(opened, wanted)
    assert result.bent is not None
    new = np.kron(
        regions.erode((result.bent.labels == HAIR) & (face.labels == 0), 3), np.ones((3, 3))
    )
    assert new.sum() > 3000
    fine = result.photo.astype(float) - np.roll(result.photo, 1, axis=1)
    assert fine[new > 0].std() > 12  # grey levels from pixel to pixel, of 20 or so in the photo


@pytest.mark.parametrize(
    ("name", "strength"),
    [("nose_width", -0.8), ("nose_width", 0.8), ("brow_height", 0.8), ("smile", 0.8)],
)
def test_crumbs_are_not_left_to_the_generator(
    editor: Editor, face: Face, name: str, strength: float
) -> None:
    """Around each it would draw a patch that is seen, where nobody sees the crumb."""
    wanted = attributes.apply(face.labels, name, strength)
    found = editor.bend(face, wanted)
    assert found is not None
    left = (found.labels != wanted) & (face.labels != wanted)
    seen = regions.touching(left, regions.erode(left, 1))
    np.testing.assert_array_equal(left, seen)


def test_a_large_photo_is_copied_once(editor: Editor, face: Face) -> None:
    rng = np.random.default_rng(0)
    large = rng.integers(100, 140, (5000, 6000, 3), np.uint8)
    top, left = 2200, 2700
    large[top : top + SIDE, left : left + SIDE] = face.crop
    place = Similarity(shift(-left, -top), SIDE)
    opened = editor.framed(large, place, face.labels)
    wanted = attributes.apply(face.labels, "smile", 0.8)
    result = editor.render(opened, wanted)
    assert result.bent is not None
    tracemalloc.start()
    pasted = result.onto(large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * large.nbytes
    changed = (pasted != large).any(axis=2)
    around = np.zeros_like(changed)
    around[top : top + SIDE, left : left + SIDE] = result.changed
    assert changed.any()
    assert not (changed & ~regions.dilate(around, 3)).any()
    # What it shows is what it would show without the rest of the photo.
    alone = editor.render(editor.photo(face.crop, aligned=True, labels=face.labels), wanted)
    inner = pasted[top : top + SIDE, left : left + SIDE].astype(int)
    assert np.abs(inner - alone.crop).mean() < 0.5
