"""Pastes an edited crop back into its photo so that nobody sees where.

Only the changed region is replaced, in the photo's own resolution. Its colours are matched to the
surroundings at the border; details finer than the networks render come from the photo itself where
the edit kept or moved what is there, and are grain like that of the surroundings where it is new.
Time and memory follow the edit, not the photo, but for the copy of the photo. Knows no networks and
no labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from maskgan.alignment import border
from maskgan.alignment import flow as flows
from maskgan.alignment import grain as grains
from maskgan.alignment.filters import (
    Planes,
    Region,
    block_means,
    depth,
    gaussian,
    luma,
    smoothstep,
)
from maskgan.alignment.resampling import LINEAR, gather, gather_cells, resize, shift, warp
from maskgan.alignment.similarity import Similarity
from maskgan.alignment.tiles import Tile, on_tiles
from maskgan.images import Pixels

RENDERED = 256
"""Side at which details of a render are trusted when nothing is said of it; finer ones are looked
for in the photo."""
FLOW = 256
"""Side of the crop at which it is looked for what moved."""
FEATHER = 1 / 64
"""Width of the fade inside a changed region, as a share of the crop's side."""
MATCHED = 3.0
"""Colours are matched over a distance of this many feather widths."""


@dataclass(frozen=True, eq=False)
class _Edit:
    """An edit in a box of the crop; all planes float32 (h, w) or (h, w, C)."""

    after: Planes
    """The edited crop, colours matched."""
    coarse: Planes
    """What the edit changed in the coarse picture, where its details come from the photo."""
    kept: Planes
    """0..1: how surely the photo's own details belong here."""
    flow: Planes
    """(x, y): where from."""
    alpha: Planes
    """0..1: how much of the photo is replaced."""
    matrix: NDArray[np.float64]
    """float64 (3, 3): photo pixel -> pixel of this box."""


def paste(
    photo: Pixels,
    similarity: Similarity,
    before: Pixels,
    after: Pixels,
    changed: Region,
    feather: float | None = None,
    rendered: int | None = None,
) -> Pixels:
    """A copy of the photo in which the edit of a crop is done.

    photo: uint8 (H, W, 3). similarity: of the crop. before, after: the crop uint8 (S, S, 3) as
    `similarity.crop` cut it, and edited. changed: bool (S, S), True where `after` may differ.
    feather: crop pixels over which `after` already fades into `before` inside `changed`; None =
    `FEATHER`. rendered: side of the crop at which it was rendered; None = `RENDERED`.
    Photo pixels outside `changed` come back bit for bit.
    """
    side = similarity.side
    if not before.shape == after.shape == (side, side, 3) or changed.shape != (side, side):
        raise ValueError(
            f"crops {before.shape}, {after.shape} and region {changed.shape}; expected a side of "
            f"{side} pixels, as the similarity has."
        )
    result = photo.copy()
    different = (before != after).any(axis=2) & changed
    if not different.any():
        return result
    pixel = side / (rendered or RENDERED)  # of the render, in pixels of the crop
    edit = _prepare(similarity, before, after, changed, different, photo.shape[:2], feather, pixel)
    grain = _surrounding_grain(photo, similarity, changed, pixel)
    work = partial(_paste_tile, result, photo, edit, similarity, changed, grain)
    on_tiles(work, similarity, different, photo.shape[:2])
    return result


def _prepare(
    similarity: Similarity,
    before: Pixels,
    after: Pixels,
    changed: Region,
    different: Region,
    size: tuple[int, int],
    feather: float | None,
    pixel: float,
) -> _Edit:
    """Everything about the edit that is computed in the crop's resolution."""
    side = similarity.side
    width = FEATHER * side if feather is None else feather
    step = max(round(side / FLOW), 1)
    top, bottom, left, right = _box(different, round(side / 12), step)
    part = (slice(top, bottom), slice(left, right))
    depths = depth(border.continued(changed, similarity, size), round(3 * width) + 1)[1:-1, 1:-1][
        part
    ]
    # Steeper than the fade that `after` already has, lest details be lost where both fade.
    alpha: Planes = smoothstep((depths - 1) / max(width / 2, 1))
    alpha = alpha * border.weight(similarity, size, changed=changed)[part]
    old, new = before[part].astype(np.float32), after[part].astype(np.float32)
    matrix = shift(-left, -top) @ similarity.matrix
    new = _match_colours(old, new, depths, width)
    clean = _cleaned(new, pixel)
    if similarity.scale > 1:
        # The crop is an enlargement: back to about the photo's resolution first, antialiased.
        small = tuple(max(round(length / similarity.scale), 1) for length in alpha.shape)
        factors = [to / of for to, of in zip(small, alpha.shape, strict=True)]
        scaling = np.diag([factors[1], factors[0], 1])
        matrix = shift(-0.5, -0.5) @ scaling @ shift(0.5, 0.5) @ matrix
        old, new, clean, alpha = (
            resize(planes, (small[0], small[1])) for planes in (old, new, clean, alpha)
        )
        alpha, step = np.clip(alpha, 0, 1), 1
    fine = max(pixel / max(similarity.scale, 1), 1)
    coarse_old, coarse_new = gaussian(old, fine), gaussian(new, fine)
    reduced_old, reduced_new = block_means(coarse_old, step), block_means(coarse_new, step)
    flow = flows.estimate(reduced_old, reduced_new)
    kept = flows.agreement(flows.moved(reduced_old, flow), reduced_new, flow)
    flow, kept = (flows.enlarge(planes, alpha.shape[:2]) for planes in (step * flow, kept))
    coarse = coarse_new - flows.moved(coarse_old, flow)
    return _Edit(clean, coarse, kept, flow, alpha, matrix)


def _cleaned(new: Planes, pixel: float) -> Planes:
    """A render, whose pixels are `pixel` wide in the crop, without its finest pattern.

    Networks leave a grid there, one pixel dark and one bright, and stray colours. What the filter
    softens beyond that is sharpened again; of fine colours the eye misses nothing.
    """
    brightness = luma(new)
    even = gaussian(brightness, 0.7 * pixel)
    even = even + 0.6 * (even - gaussian(even, 1.8 * pixel))
    colour = gaussian(new - brightness[:, :, None], 1.5 * pixel)
    return colour + even[:, :, None]


def _match_colours(old: Planes, new: Planes, depths: Planes, feather: float) -> Planes:
    """The edited crop without the slow colour difference that it has near its border, where it
    shows the same as the crop before."""
    faded = smoothstep(depths / (feather + 1))
    ring = faded * (1 - smoothstep((depths - 1.5 * feather) / max(feather, 1)))
    difference = (new - old) / np.maximum(faded, 0.1)[:, :, None]
    # Where the content differs at the border there is nothing to match.
    ring = ring / (1 + (np.abs(difference).max(axis=2) / 16) ** 4)
    reach = max(MATCHED * feather, 2)
    weight = gaussian(ring, reach)[:, :, None]
    shift = gaussian(ring[:, :, None] * difference, reach) / (weight + 0.01)
    return new - faded[:, :, None] * shift


def _paste_tile(
    result: Pixels,
    photo: Pixels,
    edit: _Edit,
    similarity: Similarity,
    changed: Region,
    grain: grains.Grain,
    tile: Tile,
) -> None:
    """Replaces what changed in one rectangle of the photo."""
    top, left = tile[0].start, tile[1].start
    shape = tile[0].stop - top, tile[1].stop - left
    to_photo = shift(left, top)
    to_box = edit.matrix @ to_photo
    alpha = warp(edit.alpha, to_box, shape, LINEAR)
    alpha *= _nearest(changed, similarity.matrix @ to_photo, shape)
    if not (alpha > 0).any():
        return
    own = photo[tile].astype(np.float32)
    after, coarse = warp(edit.after, to_box, shape), warp(edit.coarse, to_box, shape, LINEAR)
    kept = np.clip(warp(edit.kept, to_box, shape, LINEAR), 0, 1)
    source = _carried(photo, own, tile, warp(edit.flow, to_box, shape, LINEAR), edit, kept * alpha)
    after += grain.at(top, left, shape)[:, :, None]
    new = after + kept[:, :, None] * (source + coarse - after)
    mixed = np.clip(np.rint(own + alpha[:, :, None] * (new - own)), 0, 255).astype(np.uint8)
    np.copyto(result[tile], mixed, where=(alpha > 0)[:, :, None])


def _carried(
    photo: Pixels,
    own: Planes,
    tile: Tile,
    flow: Planes,
    edit: _Edit,
    weight: Planes,
) -> Planes:
    """The photo where the flow, in pixels of the edit's box, points from a rectangle."""
    offset = flow @ np.linalg.inv(edit.matrix[:2, :2]).T.astype(np.float32)
    away = (np.abs(offset).max(axis=2) > 0.02) & (weight > 0.004)
    if not away.any():
        return own
    moved = own.copy()
    pixel = 1 / float(np.hypot(*edit.matrix[:2, 0]))
    if pixel > 2:
        # The flow is known to about one pixel of the crop, and the photo is much finer.
        found = gather_cells(photo, tile, offset, away, 16 if pixel > 4 else 8)
        np.copyto(moved, found, where=away[:, :, None])
        return moved
    rows, columns = np.nonzero(away)
    x = (columns + tile[1].start + offset[away][:, 0]).astype(np.float32)
    y = (rows + tile[0].start + offset[away][:, 1]).astype(np.float32)
    moved[away] = gather(photo, x, y, cubic=True)
    return moved


def _surrounding_grain(
    photo: Pixels, similarity: Similarity, changed: Region, pixel: float
) -> grains.Grain:
    """The grain of the photo around a change, finer than the network renders."""
    inner = depth(changed, 1) == 1
    rows, columns = np.nonzero(inner if inner.any() else changed)
    points = similarity.backward(np.stack([columns, rows], axis=1))
    coarsest = max(pixel, 1) / similarity.scale / 1.5
    return grains.measure(photo, points, max(coarsest, 0.5))


def _box(region: Region, margin: int, step: int) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) around a region, a margin wider, at multiples of `step` where the
    picture allows."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    side = region.shape[0]
    low = [max(int(line[0]) - margin, 0) // step * step for line in (rows, columns)]
    high = [min(-(-(int(line[-1]) + 1 + margin) // step) * step, side) for line in (rows, columns)]
    return low[0], high[0], low[1], high[1]


def _nearest(region: Region, matrix: NDArray[np.float64], shape: tuple[int, int]) -> Region:
    """The region's value at the nearest pixel, bool of `shape`; False beyond its border."""
    side = region.shape[0]
    x, y = np.arange(shape[1])[None], np.arange(shape[0])[:, None]
    columns, rows = (
        np.rint(across * x + along * y + shift).astype(np.intp)
        for across, along, shift in matrix[:2]
    )
    inside: Region = (np.minimum(rows, columns) >= 0) & (np.maximum(rows, columns) < side)
    found: Region = region[np.clip(rows, 0, side - 1), np.clip(columns, 0, side - 1)] & inside
    return found
