"""The page's rasteriser paints the pixels of `maskgan.editing.shapes`, bit for bit, and its packed
regions are read by `maskgan.editing.packed`."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maskgan.editing import shapes
from maskgan.editing.packed import decode_region, encode_region

SCRIPT = Path(__file__).parent / "js" / "engine" / "rasterise.js"
SIZES = (61, 512)
"""One side that whole bytes do not fill."""
SHAPES_EACH = 120

Shape = dict[str, Any]


def random_shapes(size: int) -> list[Shape]:
    """Shapes of each kind, some reaching out of the map, half of them on halves and wholes where
    centres lie exactly on the outline."""
    random = np.random.default_rng(size)
    drawn: list[Shape] = []
    for number in range(3 * SHAPES_EACH):
        kind = ("disc", "stroke", "polygon")[number % 3]
        count = {"disc": 1, "stroke": random.integers(1, 6), "polygon": random.integers(3, 9)}[kind]
        points = random.uniform(-0.4 * size, 1.4 * size, (int(count), 2))
        radius = float(random.uniform(0, 0.3 * size))
        if number % 2:
            points, radius = np.round(points * 2) / 2, round(radius * 2) / 2
        if number % 6 == 5:
            points = points + 1 / 512  # halves of a subpixel are rounded to the even one
        drawn.append({"kind": kind, "points": points.tolist(), "radius": radius})
    return [*drawn, *special_shapes(size)]


def special_shapes(size: int) -> list[Shape]:
    """The thinnest brush, pieces without length, lines far longer than the map."""
    far = 100_000.0
    return [
        {"kind": "disc", "points": [[20.5, 20.5]], "radius": 0.0},
        {"kind": "stroke", "points": [[20.25, 20.75], [20.25, 20.75]], "radius": 3.0},
        {"kind": "stroke", "points": [[-far, -far + 7], [far, far]], "radius": 5.3},
        {"kind": "stroke", "points": [[-far, 3], [far, size - 2.9]], "radius": size / 5},
        {"kind": "polygon", "points": [[-far, -far], [far, -far + 3], [size, far]], "radius": 0.0},
        {"kind": "polygon", "points": [[5, 5], [5, 5], [5, 5]], "radius": 0.0},
    ]


def expected(shape: Shape, size: int) -> shapes.Region:
    area, points = (size, size), shape["points"]
    if shape["kind"] == "disc":
        return shapes.disc(area, points[0], shape["radius"])
    if shape["kind"] == "stroke":
        return shapes.stroke(area, points, shape["radius"])
    return shapes.polygon(area, points)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_draws_the_same_pixels(size: int) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; it runs the page's rasteriser")
    drawn = random_shapes(size)
    answer = subprocess.run(
        [node, str(SCRIPT)],
        input=json.dumps({"size": size, "shapes": drawn}),
        capture_output=True,
        text=True,
        check=True,
    )
    regions = json.loads(answer.stdout)
    assert len(regions) == len(drawn)
    covered = 0
    for shape, packed in zip(drawn, regions, strict=True):
        region = expected(shape, size)
        found = decode_region(packed, region.shape)
        assert np.array_equal(found, region), f"{np.sum(found != region)} pixels of {shape}"
        assert packed["rect"] == encode_region(region)["rect"]
        covered += bool(region.any() and not region.all())
    assert covered > len(drawn) / 2
