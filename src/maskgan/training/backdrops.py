"""Pictures without a face, for the face detector to be silent on.

Made of face-free parts of photos, of photos whose face was taken out or shuffled, and of drawn
patterns. Photos are float32 (3, H, W) in [-1, 1], labels integers (H, W); every draw comes from a
`torch.Generator`.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from maskgan.labels import IDS, NUM_CLASSES

FEATURES = ("nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "mouth", "u_lip", "l_lip")
FACE = ("skin", *FEATURES, "l_ear", "r_ear")
"""What a face-free part of a photo has none of."""
GRID = 16
"""Face-free squares are looked for on this many cells a side."""
SQUARES = (10, 8, 6, 4)
"""Sides of such squares in cells, the largest that is there first."""


def uniform(generator: Generator, low: float, high: float) -> float:
    """One number from [low, high)."""
    return float(torch.rand((), generator=generator)) * (high - low) + low


def chance(generator: Generator, share: float) -> bool:
    """True in a share of all calls."""
    return uniform(generator, 0, 1) < share


def backdrop(photo: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """A picture (3, H, W) without a face, of the photo's size."""
    kind = uniform(generator, 0, 1)
    if kind < 0.5:
        return _stuff(photo, labels, generator)
    if kind < 0.75:
        return drawn_pattern(photo.shape[-1], generator).to(photo.device)
    return without_face(photo, labels, generator)


def without_face(photo: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """The photo with its face, or only eyes, nose and mouth, painted over by what lies around."""
    names = FEATURES if chance(generator, 0.5) else FACE
    hidden = _grown(_any_of(labels, names), photo.shape[-1] // 24)
    filled = _inpainted(photo, 1 - hidden)
    return photo + (filled - photo) * softened(hidden, 2)


def shuffled_face(photo: Tensor, generator: Generator) -> Tensor:
    """The photo with the squares of its middle exchanged: every part of a face, and no face."""
    side = photo.shape[-1]
    parts = 3 + int(chance(generator, 0.5))
    length = int(side * 0.66) // parts
    first = (side - parts * length) // 2
    middle = slice(first, first + parts * length)
    picture = photo.clone()
    blocks = photo[:, middle, middle].unfold(1, length, length).unfold(2, length, length)
    blocks = blocks.flatten(1, 2)  # (3, parts * parts, length, length)
    # A cyclic shift of a random order leaves no square at its place.
    order = torch.randperm(parts * parts, generator=generator)
    mixed = torch.empty_like(blocks)
    mixed[:, order] = blocks[:, order.roll(1)]
    rows = mixed.view(3, parts, parts, length, length).permute(0, 1, 3, 2, 4)
    picture[:, middle, middle] = rows.flatten(3, 4).flatten(1, 2)
    return picture


def _inpainted(photo: Tensor, kept: Tensor) -> Tensor:
    """Smooth colours (3, H, W) everywhere, from where `kept` (1, H, W) is 1: in every place the
    mean of the smallest neighbourhood that holds something."""
    known = functional.avg_pool2d(torch.cat((photo * kept, kept))[None], 8)
    levels = [known]
    while levels[-1].shape[-1] >= 2:
        levels.append(functional.avg_pool2d(levels[-1], 2))
    colors = levels[-1][:, :3] / levels[-1][:, 3:].clamp(min=1e-3)
    for level in levels[-2::-1]:
        size = level.shape[-2:]
        colors = functional.interpolate(colors, size=size, mode="bilinear")
        own = level[:, :3] / level[:, 3:].clamp(min=1e-3)
        colors = torch.where(level[:, 3:] > 0.05, own, colors)
    return functional.interpolate(colors, size=photo.shape[-2:], mode="bilinear")[0]


def softened(mask: Tensor, radius: int) -> Tensor:
    """The mask (1, H, W) with edges about 2 radius pixels wide."""
    size = mask.shape[-2:]
    small = functional.avg_pool2d(mask[None], radius, ceil_mode=True, count_include_pad=False)
    return functional.interpolate(small, size=size, mode="bilinear")[0]


def _stuff(photo: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """A face-free square of the photo, mirrored on and on or blown up to the photo's size."""
    side = photo.shape[-1]
    cell = side // GRID
    face = functional.max_pool2d(_any_of(labels, FACE)[None], cell)
    for length in SQUARES:
        free = functional.max_pool2d(face, length, 1)[0, 0] == 0
        places = free.nonzero()
        if len(places):
            pick = int(torch.randint(len(places), (), generator=generator))
            row, column = (places[pick] * cell).tolist()
            patch = photo[:, row : row + length * cell, column : column + length * cell]
            break
    else:
        return drawn_pattern(side, generator).to(photo.device)
    zoom = uniform(generator, 1.0, side / patch.shape[-1])
    angle = uniform(generator, -math.pi, math.pi) if chance(generator, 0.3) else 0.0
    cos, sin = math.cos(angle) * zoom, math.sin(angle) * zoom
    theta = torch.tensor([[[cos, -sin, 0.0], [sin, cos, 0.0]]], device=photo.device)
    grid = functional.affine_grid(theta, [1, 1, side, side], align_corners=False)
    return functional.grid_sample(
        patch[None], grid, padding_mode="reflection", align_corners=False
    )[0]


def drawn_pattern(side: int, generator: Generator) -> Tensor:
    """Clouds, stripes, checks or discs (3, side, side) in [-1, 1]."""
    kind = uniform(generator, 0, 1)
    clouds = _clouds(side, generator)
    if kind < 0.35:
        return clouds
    if kind < 0.65:
        stripes = _stripes(side, generator)
        if chance(generator, 0.5):
            stripes = stripes * _stripes(side, generator)
        first, second = torch.rand((2, 3, 1, 1), generator=generator) * 2 - 1
        picture: Tensor = first + (second - first) * (stripes * 0.5 + 0.5)
    else:
        picture = _discs(side, generator)
    return (picture + 0.3 * clouds).clamp(-1, 1)


def _clouds(side: int, generator: Generator) -> Tensor:
    """Noise of every size, from one colour to grain."""
    fall = uniform(generator, 0.4, 1.0)
    picture = torch.randn((1, 3, 2, 2), generator=generator)
    weight = 1.0
    while picture.shape[-1] < side // 2:
        picture = functional.interpolate(picture, scale_factor=2.0, mode="bilinear")
        weight *= fall
        picture = picture + weight * torch.randn(picture.shape, generator=generator)
    picture = functional.interpolate(picture, size=(side, side), mode="bilinear")
    picture = picture / picture.std() * uniform(generator, 0.1, 0.5)
    middle = torch.rand((3, 1, 1), generator=generator) * 1.4 - 0.7
    return (picture[0] + middle).clamp(-1, 1)


def _stripes(side: int, generator: Generator) -> Tensor:
    """Waves (side, side) in [-1, 1] of any direction and width, soft or hard."""
    angle, phase = uniform(generator, 0, math.pi), uniform(generator, 0, 2 * math.pi)
    period = math.exp(uniform(generator, math.log(4), math.log(side / 2)))
    place = torch.arange(side) * (2 * math.pi / period)
    wave = (place * math.cos(angle) + place[:, None] * math.sin(angle) + phase).sin()
    return (wave * uniform(generator, 1, 12)).clamp(-1, 1)


def _discs(side: int, generator: Generator) -> Tensor:
    """Ellipses of any size on one colour, many in pairs as eyes are."""
    color = torch.rand((32, 3, 1, 1), generator=generator) * 2 - 1
    picture = color[0].expand(3, side, side).clone()
    place = torch.arange(side)
    for index in range(1, int(uniform(generator, 4, 30))):
        size = math.exp(uniform(generator, math.log(side / 60), math.log(side / 4)))
        x, y = uniform(generator, 0, side), uniform(generator, 0, side)
        wide = size * uniform(generator, 0.5, 2)
        spots = [x, x + wide * uniform(generator, 2, 5)] if chance(generator, 0.5) else [x]
        for spot in spots:
            inside = ((place - spot) / wide) ** 2 + ((place[:, None] - y) / size) ** 2
            picture = torch.where(inside < 1, color[index], picture)
    return picture


def _any_of(labels: Tensor, names: tuple[str, ...]) -> Tensor:
    """float32 (1, H, W): 1 where the label is one of `names`."""
    table = torch.zeros(NUM_CLASSES, device=labels.device)
    table[[IDS[name] for name in names]] = 1
    return table[labels.int()][None]


def _grown(mask: Tensor, radius: int) -> Tensor:
    width = 2 * radius + 1
    rows = functional.max_pool2d(mask[None], (width, 1), 1, (radius, 0))
    return functional.max_pool2d(rows, (1, width), 1, (0, radius))[0]
