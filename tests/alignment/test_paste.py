"""Pasting back: what must not change, what must not show, and what must stay sharp."""

from __future__ import annotations

import numpy as np
import pytest
from photos import drawn_photo, similarity_for, smooth, texture

from maskgan.alignment import seam
from maskgan.alignment.paste import paste
from maskgan.alignment.similarity import Similarity
from maskgan.images import Pixels

SIDE = 512
Box = tuple[slice, slice]
MOUTH: Box = (slice(330, 430), slice(180, 330))


def region(box: Box = MOUTH) -> np.ndarray:
    changed = np.zeros((SIDE, SIDE), np.bool_)
    changed[box] = True
    return changed


def faded(changed: np.ndarray, width: int = 8) -> np.ndarray:
    """Weight (S, S, 1) that rises over `width` pixels inside the box, as the editor fades."""
    weight, inner = np.zeros(changed.shape), changed.copy()
    for _ in range(width):
        weight += inner / width
        inner[1:-1, 1:-1] &= inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    return weight[:, :, None]


def edited(before: Pixels, new: np.ndarray, changed: np.ndarray) -> Pixels:
    """The crop with `new` faded in, as the editor hands it out."""
    mixed = before + faded(changed) * (new.astype(np.float64) - before)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def changed_in_photo(changed: np.ndarray, similarity: Similarity, shape: tuple[int, ...]):
    """The region in the photo: the pixels whose centres lie nearest to one of its pixels."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    x, y = np.rint(np.moveaxis(similarity.forward(np.stack([columns, rows], 2)), 2, 0)).astype(int)
    inside = (x >= 0) & (x < similarity.side) & (y >= 0) & (y < similarity.side)
    last = similarity.side - 1
    return changed[np.clip(y, 0, last), np.clip(x, 0, last)] & inside


def detail(pixels: Pixels) -> float:
    """Mean squared difference of neighbours."""
    values = pixels.astype(np.float64)
    return sum(float(np.square(np.diff(values, axis=axis)).mean()) for axis in (0, 1)) / 2


FACES = {
    "tiny": similarity_for(24, (120, 130), 8),
    "small": similarity_for(60, (200, 180), -30),
    "its own size": similarity_for(125.5, (330, 300), 5),
    "large": similarity_for(300, (640, 640), 15),
    "aligned": Similarity.identity(SIDE),
}
SIZES = {
    "tiny": (260, 240),
    "small": (360, 400),
    "its own size": (600, 650),
    "large": (1250, 1300),
    "aligned": (SIDE, SIDE),
}


@pytest.fixture(scope="module", params=list(FACES))
def case(request: pytest.FixtureRequest) -> tuple[Pixels, Similarity, Pixels]:
    similarity = FACES[request.param]
    photo, _ = drawn_photo(similarity, *SIZES[request.param], seed=3)
    photo.flags.writeable = False
    return photo, similarity, similarity.crop(photo)


Case = tuple[Pixels, Similarity, Pixels]


def test_without_an_edit_nothing_changes(case: Case) -> None:
    photo, similarity, crop = case
    everywhere = np.ones((SIDE, SIDE), np.bool_)
    result = paste(photo, similarity, crop, crop.copy(), everywhere)
    assert (result == photo).all()
    assert result is not photo
    assert result.flags.writeable


def test_outside_the_region_nothing_changes(case: Case) -> None:
    photo, similarity, crop = case
    changed = region()
    after = edited(crop, 255 - crop, changed)
    result = paste(photo, similarity, crop, after, changed)
    inside = changed_in_photo(changed, similarity, photo.shape)
    assert (result[~inside] == photo[~inside]).all()
    deep = changed_in_photo(region((slice(355, 405), slice(205, 305))), similarity, photo.shape)
    wanted = similarity.crop(result).astype(int) - after
    assert (result[deep] != photo[deep]).mean() > 0.95
    # What the edit says arrives, at the right place.
    assert np.abs(wanted[350:410, 200:310]).mean() < 12


def test_differences_outside_the_region_are_not_taken_over(case: Case) -> None:
    photo, similarity, crop = case
    result = paste(photo, similarity, crop, np.zeros_like(crop), region())
    inside = changed_in_photo(region(), similarity, photo.shape)
    assert (result[~inside] == photo[~inside]).all()


def test_no_seam_shows(case: Case) -> None:
    photo, similarity, crop = case
    changed = region()
    rng = np.random.default_rng(0)
    after = edited(crop, smooth(crop, 8) + rng.normal(0, 2, crop.shape) + 12.0, changed)
    result = paste(photo, similarity, crop, after, changed)
    mask = changed_in_photo(changed, similarity, photo.shape)
    assert (result != photo).any()
    assert seam.measure(photo, result, mask).jump < 0.5
    # The same with the box put in as it is.
    boxed = photo.copy()
    boxed[mask] = np.minimum(photo[mask], 225) + 30
    assert seam.measure(photo, boxed, mask).jump > 3


@pytest.mark.parametrize("colour", [(12, 12, 12), (-10, 4, 8)])
def test_a_shift_of_colour_at_the_border_is_removed(case: Case, colour: tuple[int, ...]) -> None:
    photo, similarity, crop = case
    changed = region()
    after = edited(crop, crop + np.array(colour, np.float64), changed)
    result = paste(photo, similarity, crop, after, changed)
    inside = changed_in_photo(changed, similarity, photo.shape)
    left = np.abs((result.astype(float) - photo)[inside].mean(axis=0))
    assert left.max() < 0.25 * np.abs(colour).max()


def test_a_new_colour_in_the_middle_stays() -> None:
    photo, similarity = texture((SIDE, SIDE), spread=2), Similarity.identity(SIDE)
    changed, new = region(), photo.astype(np.float64)
    new[355:405, 205:305] += (60, -30, -30)
    result = paste(photo, similarity, photo, edited(photo, new, changed), changed)
    found = (result.astype(float) - photo)[365:395, 215:295].mean(axis=(0, 1))
    np.testing.assert_allclose(found, (60, -30, -30), atol=6)


@pytest.mark.parametrize("step", [(0, 0), (7, 0), (-5, 6)])
def test_details_move_with_what_an_edit_moved(step: tuple[int, int]) -> None:
    # A photo four times finer than the crop; a disc with a pattern of its own moves by `step`.
    size, scale = 4 * 256, 4
    similarity = Similarity(np.diag([1 / scale, 1 / scale, 1]) + 0.0, 256)
    similarity.matrix[:2, 2] = 0.5 / scale - 0.5
    photo = texture((size, size), 1, 6, 24).astype(np.int16) + texture((size, size), 2, 12, 2) - 128
    y, x = np.mgrid[:size, :size]
    disc = ((x - 512) ** 2 + (y - 512) ** 2 < 130**2)[:, :, None]
    pattern = (
        texture((size, size), 4, 30, 28).astype(np.int16) + texture((size, size), 5, 12, 2) - 128
    )
    whole = np.clip(np.where(disc, pattern + 40, photo), 0, 255).astype(np.uint8)
    across, down = (scale * part for part in step)
    moved = np.roll(np.where(disc, pattern + 40, -999), (down, across), (0, 1))
    truth = np.clip(np.where(moved > -999, moved, photo), 0, 255).astype(np.uint8)
    before = similarity.crop(whole)
    changed = np.zeros((256, 256), np.bool_)
    changed[70:186, 70:186] = True
    # What a network renders has no details, here none below two pixels of the crop.
    new = smooth(similarity.crop(truth), 2)
    after = np.clip(before + faded(changed) * (new.astype(float) - before), 0, 255)
    result = paste(whole, similarity, before, np.rint(after).astype(np.uint8), changed)
    middle = (slice(512 + down - 70, 512 + down + 70), slice(512 + across - 70, 512 + across + 70))
    enlarged = np.kron(new, np.ones((scale, scale, 1))).astype(np.uint8)
    assert detail(result[middle]) > 0.5 * detail(truth[middle])
    assert detail(enlarged[middle]) < 0.2 * detail(truth[middle])
    # They are the right details, not any.
    fine = [part[middle] - smooth(part[middle], 10).astype(float) for part in (result, truth)]
    assert np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1] > 0.8


def test_new_content_has_the_grain_of_its_surroundings_and_no_old_details() -> None:
    scale, size = 4, 1024
    similarity = Similarity(np.diag([1 / scale, 1 / scale, 1]), 256)
    photo = texture((size, size), spread=5)
    stripes = np.zeros((size, size, 1))
    stripes[400:624, 400:624] = 60 * (np.arange(224) % 8 < 4)[None, :, None]
    striped = np.clip(photo + stripes, 0, 255).astype(np.uint8)
    before = similarity.crop(striped)
    changed = np.zeros((256, 256), np.bool_)
    changed[84:172, 84:172] = True
    new = np.full(before.shape, 128.0)
    after = np.rint(before + faded(changed) * (new - before)).astype(np.uint8)
    result = paste(striped, similarity, before, after, changed)
    middle = (slice(440, 584), slice(440, 584))
    assert 0.5 * detail(photo[middle]) < detail(result[middle]) < 1.5 * detail(photo[middle])
    columns = result[middle].mean(axis=(0, 2))
    assert np.ptp(columns) < 6 < np.ptp(striped[middle].mean(axis=(0, 2)))


@pytest.mark.parametrize("center", [(40, 300), (620, 20), (-30, 580)])
def test_a_crop_may_reach_beyond_the_photo(center: tuple[int, int]) -> None:
    similarity = similarity_for(125.5, center, 10)
    photo, _ = drawn_photo(similarity, 600, 640, seed=1)
    crop = similarity.crop(photo)
    changed = np.ones((SIDE, SIDE), np.bool_)
    result = paste(photo, similarity, crop, 255 - crop, changed)
    inside = changed_in_photo(changed, similarity, photo.shape)
    assert (result[~inside] == photo[~inside]).all()
    mask = inside & ~changed_in_photo(~changed, similarity, photo.shape)
    assert (result[mask] != photo[mask]).any(axis=1).mean() > 0.5
    # No box around it, although the whole crop is another.
    assert seam.measure(photo, result, inside).jump < 0.5


def test_an_aligned_photo_is_changed_up_to_its_border() -> None:
    photo = texture((SIDE, SIDE), spread=3)
    everywhere = np.ones((SIDE, SIDE), np.bool_)
    result = paste(photo, Similarity.identity(SIDE), photo, 255 - photo // 2, everywhere)
    assert (result[:4].astype(int) - photo[:4] > 30).mean() > 0.9


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_photo_gives_a_turned_result(turns: int) -> None:
    similarity = similarity_for(100, (230, 250), 6)
    photo, _ = drawn_photo(similarity, 500, 460, seed=2)
    corner = {1: (0, 459), 2: (459, 499), 3: (499, 0)}[turns]
    turn = (-1j) ** turns
    matrix = np.array(
        [[turn.real, -turn.imag, corner[0]], [turn.imag, turn.real, corner[1]], [0, 0, 1]]
    )
    turned = Similarity(similarity.matrix @ np.linalg.inv(matrix), SIDE)
    turned_photo = np.ascontiguousarray(np.rot90(photo, turns))
    changed = region()
    results = []
    for picture, alignment in ((photo, similarity), (turned_photo, turned)):
        crop = alignment.crop(picture)
        new = np.roll(smooth(crop, 2), 9, axis=0)
        results.append(paste(picture, alignment, crop, edited(crop, new, changed), changed))
    back = np.rot90(results[1], -turns)
    assert (results[0] != photo).any()
    # Where grain fills in it has the pattern of the photo's own rows and columns.
    assert np.abs(back.astype(int) - results[0]).mean() < 0.2
    different = (results[0] != photo).any(axis=2)
    assert (
        np.abs(smooth(back, 4).astype(int) - smooth(results[0], 4))[different[:500, :460]].mean()
        < 1
    )


def test_grain_is_the_same_every_time(case: Case) -> None:
    photo, similarity, crop = case
    after = edited(crop, 255 - crop, region())
    first, second = (paste(photo, similarity, crop, after, region()) for _ in range(2))
    assert (first == second).all()


def test_crops_of_another_size_are_a_mistake_of_the_programmer() -> None:
    photo = texture((SIDE, SIDE))
    with pytest.raises(ValueError, match="512"):
        paste(photo, Similarity.identity(SIDE), photo[:256, :256], photo[:256, :256], region())


def test_details_that_were_rendered_stay() -> None:
    """Of a render at the crop's own size its finest texture counts, of a smaller one it is taken
    for the grid that networks leave."""
    photo, new = np.full((SIDE, SIDE, 3), 128, np.uint8), texture((SIDE, SIDE), spread=25)
    changed = region()
    photo = np.pad(photo, ((40, 40), (40, 40), (0, 0)), mode="edge")  # not its own crop
    similarity = Similarity(np.array([[1.0, 0, -40], [0, 1, -40], [0, 0, 1]]), SIDE)
    crop = similarity.crop(photo)
    inner = (slice(40 + 350, 40 + 410), slice(40 + 200, 40 + 310))
    found = {
        side: detail(
            paste(photo, similarity, crop, edited(crop, new, changed), changed, 8, side)[inner]
        )
        for side in (256, SIDE)
    }
    assert found[SIDE] > 1.5 * found[256]
