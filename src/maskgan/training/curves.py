"""curves.png: the record of a run as pictures of its numbers.

A panel per phase and one or several for the figures, images across, every line smoothed over its
own faint trace. Drawn by matplotlib, which is loaded only here; training does without it.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from maskgan import files

FILE = "curves.png"
SMOOTHED = 0.05
"""Share of a curve over which it is smoothed."""
LINES = 8
"""Most lines of a panel."""
WIDTH, HEIGHT = 6.4, 3.4
"""Of a panel, in inches of 100 pixels."""

Curve = tuple[list[float], list[float]]
"""Images and values."""


def draw_curves(run: Path) -> None:
    """Draws RUN/stats.jsonl into RUN/curves.png. Without matplotlib, or with nothing to draw yet,
    there is none. Raises `OutputError` when the file cannot be written."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        return
    panels = group_curves(read_curves(run / "stats.jsonl"))
    if not panels:
        return
    columns = min(len(panels), 2)
    rows = math.ceil(len(panels) / columns)
    wide, high = WIDTH * columns, HEIGHT * rows
    figure = Figure((wide, high), dpi=100)
    FigureCanvasAgg(figure)
    # In inches; laying it out by what the labels need would take half the time again.
    figure.subplots_adjust(
        left=0.6 / wide,
        right=1 - 0.15 / wide,
        bottom=0.5 / high,
        top=1 - 0.35 / high,
        wspace=0.6 / (WIDTH - 0.6),
        hspace=0.8 / (HEIGHT - 0.8),
    )
    grid = figure.subplots(rows, columns, squeeze=False).flat
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    for axes, (title, curves) in zip(grid, panels, strict=False):
        _draw_panel(axes, title, curves)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    files.write_bytes(run / FILE, picture.getvalue())


def say_if_missing() -> None:
    """One line on standard error where there will be no curves."""
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        print(
            f"No {FILE} will be drawn: it needs matplotlib (pip install 'maskgan[train]').",
            file=sys.stderr,
        )


def read_curves(path: Path) -> dict[str, Curve]:
    """The numbers of a stats.jsonl by name, figures as "figures/NAME"; what is not finite is left
    out."""
    curves: dict[str, Curve] = {}
    for line in path.read_text().splitlines():
        record: dict[str, Any] = json.loads(line)
        images = record.pop("images")
        record.pop("seconds", None)
        figures = record.pop("figures", {})
        record |= {f"figures/{name}": value for name, value in figures.items()}
        for name, value in record.items():
            if value is not None and math.isfinite(value):
                places, values = curves.setdefault(name, ([], []))
                places.append(images)
                values.append(value)
    return curves


def group_curves(curves: dict[str, Curve]) -> list[tuple[str, dict[str, Curve]]]:
    """Panels in the order of the record: title and the curves in it. Names before the slash are the
    groups; figures of a family, such as iou_hair and iou_nose, have a panel of their own; a group
    of more than LINES goes on in the next panel."""
    groups: dict[str, dict[str, Curve]] = {}
    for name, curve in curves.items():
        group, _, short = name.rpartition("/")
        family = short.partition("_")[0]
        alike = sum(other.rpartition("/")[2].startswith(f"{family}_") for other in curves)
        if group == "figures" and alike > LINES / 2:
            group = f"{group}: {family}"
        groups.setdefault(group, {})[short] = curve
    panels = []
    for group, members in groups.items():
        names = list(members)
        for start in range(0, len(names), LINES):
            chosen = {name: members[name] for name in names[start : start + LINES]}
            panels.append((group, chosen))
    return panels


def smoothed(values: Sequence[float]) -> list[float]:
    """Each value averaged with those around it, with the same number on either side, so that the
    ends stay where they are."""
    half = max(1, round(len(values) * SMOOTHED / 2))
    means = []
    for index in range(len(values)):
        reach = min(half, index, len(values) - 1 - index)
        near = values[index - reach : index + reach + 1]
        means.append(sum(near) / len(near))
    return means


def _draw_panel(axes: Any, title: str, curves: dict[str, Curve]) -> None:
    for number, (name, (images, values)) in enumerate(curves.items()):
        color = f"C{number}"
        mark = "o" if len(values) == 1 else ""
        axes.plot(images, values, color=color, alpha=0.25, linewidth=1)
        axes.plot(images, smoothed(values), color=color, marker=mark, linewidth=1.6, label=name)
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel("images", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.3)
    everything = [value for _, values in curves.values() for value in values]
    # On even steps the small ones would all lie on the axis.
    if min(everything) > 0 and max(everything) > 10 * min(everything):
        axes.set_yscale("log")
    axes.legend(fontsize=8, loc="best", framealpha=0.6)
