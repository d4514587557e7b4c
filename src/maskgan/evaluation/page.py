"""The report as one HTML file that needs nothing beside itself: tables, curves and pictures, the
worst ones first."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from maskgan import images
from maskgan.evaluation.charts import Curve, chart
from maskgan.evaluation.compare import COLUMNS, MEANINGS, number
from maskgan.evaluation.perturbations import PERTURBATIONS
from maskgan.evaluation.requests import Request
from maskgan.images import Pixels
from maskgan.labels import PALETTE_SCREEN, colorize

SHOWN = 8
"""Worst pictures per task."""
SIDE = 144
"""Of a picture on the page."""
FIGURES = (
    "following", "miou", "accuracy", "sharpness", "attribute", "attribute_donor", "psnr", "ssim",
    "ms_ssim", "perceptual", "identity", "error", "color_left", "color", "texture", "leak_share",
    "spread", "from_photo", "from_render", "psnr_outside",
)  # fmt: skip
"""Columns of the tables, in this order, where any row has them."""
WHO = {"system": "the system", "photo": "photo left as it is", "paste": "donor's pixels pasted"}
STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #8888; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; } .note { opacity: .75; max-width: 60rem; }
table { border-collapse: collapse; font-size: 13px; } .scroll { overflow-x: auto; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: right; }
th:first-child, td:first-child, td:nth-child(2), th:nth-child(2) { text-align: left; }
tr.system { font-weight: 600; }
th, td:first-child, td:nth-child(2), td small { white-space: nowrap; }
td small { font-weight: 400; opacity: .65; display: block; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); }
svg text { font: 10px system-ui, sans-serif; fill: currentColor; } svg .title { font-size: 12px; }
svg .grid { stroke: var(--line); } svg .curve { fill: none; stroke-width: 2; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; }
figure img { width: 144px; height: 144px; margin-right: 2px; }
figcaption { font-size: 12px; opacity: .8; }
"""


def page(
    report: Mapping[str, Any], requests: Mapping[tuple[str, str], Request], folder: Path
) -> str:
    """HTML of a report whose pictures lie in `folder`; `requests` are what was asked for where
    pictures are shown, by task and face."""
    system = report["system"]
    title = f"{system['name']}, measured"
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(_said(report))}</p>',
        "<h2>Main figures</h2>",
        _main(report),
        "<h2>All figures by task</h2>",
        '<p class="note">Small: 95 % bootstrap interval over the pictures. What a figure means and '
        "what it does not: docs/evaluation.md.</p>",
        _tasks({"all edits": report["edits"], **report["tasks"]}),
    ]
    if report["distances"]:
        name = report["protocol"]["judges"].get("distance", {}).get("name", "")
        parts += ["<h2>Distance to the photos</h2>", f'<p class="note">{escape(name)}</p>']
        parts.append(_distances(report["distances"]))
    if report["robustness"]:
        parts += ["<h2>Robustness</h2>", _curves(report["robustness"])]
    if report["groups"]:
        parts += ["<h2>Alike for all?</h2>", _groups(report["groups"])]
    parts += ["<h2>Worst pictures first</h2>", _worst(report, requests, folder)]
    return "\n".join([*parts, "</html>"])


def _said(report: Mapping[str, Any]) -> str:
    protocol, system = report["protocol"], report["system"]
    text = f"{protocol['faces']} faces of {protocol['size']} px from {', '.join(report['data'])}, "
    text += f"seed {protocol['seed']}. {system['kind']}"
    if "images" in system:
        text += f", trained on {system['images']:,} images in {system['training_seconds']:,.0f} s"
    judges = []
    for role, judge in protocol["judges"].items():
        name = judge["name"] if isinstance(judge, Mapping) else judge
        judges.append(f"{role}: {name}")
    return f"{text}. Judges: {'; '.join(judges)}. maskgan {report['maskgan']}."


def _main(report: Mapping[str, Any]) -> str:
    rows = [
        [title, MEANINGS[title], f"{value:.4g}"]
        for title, place in COLUMNS.items()
        if (value := number(report, place)) is not None
    ]
    return _table(["figure", "what it is", "value"], [("", row) for row in rows])


def _tasks(tasks: Mapping[str, Any]) -> str:
    shown = [
        name
        for name in FIGURES
        if any(name in found for subjects in tasks.values() for found in subjects.values())
    ]
    rows = []
    for task, subjects in tasks.items():
        for who, found in subjects.items():
            cells = [task, WHO[who], str(found["pictures"])]
            cells += [_estimate(found.get(name)) for name in shown]
            rows.append((who, cells))
    names = [name.replace("_", " ") for name in shown]
    return _table(["task", "picture by", "pictures", *names], rows)


def _estimate(found: Mapping[str, float] | None) -> str:
    if found is None:
        return ""
    low, high = found["low"], found["high"]
    return f"{found['value']:.4g}<small>{low:.3g} to {high:.3g}</small>"


def _distances(distances: Mapping[str, Any]) -> str:
    names = ("frechet", "kernel", "precision", "recall")
    rows = [
        (who, [task, WHO[who], str(found["pictures"]), *(f"{found[name]:.4g}" for name in names)])
        for task, subjects in distances.items()
        for who, found in subjects.items()
    ]
    return _table(["task", "picture by", "pictures", *names], rows)


def _curves(systems: Mapping[str, Any]) -> str:
    colors = {"photo": "#888888", "system": "#0072b2"}
    panels, values = [], []
    for name, perturbation in PERTURBATIONS.items():
        curves = {}
        for who, found in systems.items():
            curve = found["perturbations"][name]
            stages = [found["unperturbed"], *curve["severities"]]
            curves[WHO[who]] = Curve(
                [curve["none"], *(stage["severity"] for stage in curve["severities"])],
                [stage["miou"] for stage in stages],
                [stage["miou_95"][0] for stage in stages],
                [stage["miou_95"][1] for stage in stages],
                colors[who],
                who == "photo",
            )
            values += [*curves[WHO[who]].low, *curves[WHO[who]].high]
        panels.append((f"{name} ({perturbation.kind})", perturbation.unit, curves))
    span = max(0.0, min(values) - 0.02), min(1.0, max(values) + 0.02)
    note = "Mean IoU with what the picture should show; dashed: the photo left as it is."
    drawn = "".join(chart(title, unit, curves, span) for title, unit, curves in panels)
    return f'<p class="note">{note}</p><div class="charts">{drawn}</div>'


def _groups(groups: Mapping[str, Any]) -> str:
    names = list(dict.fromkeys(name for each in groups.values() for name in each["groups"]))
    rows = []
    for title, found in groups.items():
        cells = [title, " and ".join(found["between"]), f"{found['gap']:.4g}"]
        cells += [_estimate(found["groups"].get(name)) for name in names]
        rows.append(("", cells))
    return _table(["figure", "largest gap between", "gap", *names], rows)


def shown(report: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Task -> its worst pictures, as many as the page shows."""
    return {task: entries[:SHOWN] for task, entries in report["worst"].items()}


def _worst(
    report: Mapping[str, Any], requests: Mapping[tuple[str, str], Request], folder: Path
) -> str:
    parts = [
        '<p class="note">From the left: the photo; the wanted labels where they are not its own; '
        "the donor where its look was asked for, or the right picture where it is known; the "
        "system's picture.</p>"
    ]
    for task, entries in shown(report).items():
        cards: list[str] = []
        for entry in entries:
            path = folder / "pictures" / task / f"{entry['face']}.png"
            if not path.is_file():
                continue
            by = next(name for name in entry if name != "face")
            beside = _beside(requests[task, entry["face"]])
            pictures = "".join(
                f'<img alt="" src="{_inline(each)}">' for each in (*beside, images.read(path))
            )
            caption = escape(f"{entry['face']}: {by} {entry[by]:.3g}")
            cards.append(f"<figure>{pictures}<figcaption>{caption}</figcaption></figure>")
        if cards:
            parts.append(f"<h3>{escape(task)}</h3><div class=cards>{''.join(cards)}</div>")
    return "".join(parts)


def _beside(request: Request) -> list[Pixels]:
    """What is shown beside a picture."""
    found = [request.photo]
    if (request.wanted != request.labels).any():
        found.append(colorize(request.wanted, PALETTE_SCREEN))
    if request.look and request.donor is not None and request.donor is not request.face:
        found.append(request.donor.photo)
    if request.truth is not None and request.truth is not request.photo:
        found.append(request.truth)
    return found


def _inline(picture: Pixels) -> str:
    """A picture as the address of itself."""
    buffer = io.BytesIO()
    Image.fromarray(images.resize(picture, (SIDE, SIDE))).save(buffer, "WEBP", quality=88)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _table(head: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Cells are HTML already where they come from this module, and text without markup else."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f'<tr class="{kind}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        for kind, cells in rows
    )
    return f'<div class="scroll"><table><tr>{top}</tr>{body}</table></div>'
