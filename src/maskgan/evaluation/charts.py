"""Curves as SVG text, for a page that needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 300, 190
LEFT, RIGHT, TOP, BOTTOM = 38, 8, 24, 34
"""Margins around the plot."""


@dataclass(frozen=True)
class Curve:
    """A line with its band of uncertainty."""

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    color: str
    dashed: bool = False


def chart(title: str, unit: str, curves: Mapping[str, Curve], span: tuple[float, float]) -> str:
    """A panel with one or more curves, the vertical axis from `span[0]` to `span[1]`."""
    xs = [x for curve in curves.values() for x in curve.x]
    first, last = min(xs), max(xs)
    bottom, top = span

    def place(x: float, y: float) -> str:
        across = LEFT + (x - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)
        down = TOP + (top - y) / ((top - bottom) or 1) * (HEIGHT - TOP - BOTTOM)
        return f"{across:.1f},{down:.1f}"

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f'<text x="{LEFT}" y="15" class="title">{escape(title)}</text>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(unit)}</text>',
    ]
    for step in range(5):
        y = bottom + (top - bottom) * step / 4
        start, end = place(first, y), place(last, y)
        parts.append(f'<polyline points="{start} {end}" class="grid"/>')
        down = float(start.split(",")[1])
        parts.append(f'<text x="{LEFT - 4}" y="{down + 4:.1f}" text-anchor="end">{y:.2f}</text>')
    for x in sorted(set(xs)):
        across = place(x, bottom).split(",")[0]
        parts.append(f'<text x="{across}" y="{HEIGHT - 18}" text-anchor="middle">{x:g}</text>')
    for name, curve in curves.items():
        band = [place(x, y) for x, y in zip(curve.x, curve.high, strict=True)]
        band += [place(x, y) for x, y in zip(curve.x, curve.low, strict=True)][::-1]
        parts.append(f'<polygon points="{" ".join(band)}" fill="{curve.color}" opacity="0.15"/>')
        line = " ".join(place(x, y) for x, y in zip(curve.x, curve.y, strict=True))
        dash = ' stroke-dasharray="5 4"' if curve.dashed else ""
        parts.append(
            f'<polyline points="{line}" class="curve" stroke="{curve.color}"{dash}>'
            f"<title>{escape(name)}</title></polyline>"
        )
    return "".join([*parts, "</svg>"])
