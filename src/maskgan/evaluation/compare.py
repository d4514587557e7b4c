"""Reports beside one another, a line each.

Only reports of one protocol can be compared: the same faces, seeds and judges. Where they differ
the table is not made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maskgan.errors import ConfigError

COLUMNS: dict[str, tuple[str, ...]] = {
    "edits followed": ("edits", "system", "following", "value"),
    "edits mIoU": ("edits", "system", "miou", "value"),
    "edits sharpness": ("edits", "system", "sharpness", "value"),
    "smile": ("tasks", "transfer/Smiling", "system", "attribute", "value"),
    "smile off": ("tasks", "transfer/not-Smiling", "system", "attribute", "value"),
    "identity": ("tasks", "transfer/Smiling", "system", "identity", "value"),
    "PSNR": ("tasks", "reconstruction", "system", "psnr", "value"),
    "SSIM": ("tasks", "reconstruction", "system", "ssim", "value"),
    "perceptual": ("tasks", "reconstruction", "system", "perceptual", "value"),
    "mIoU": ("tasks", "reconstruction", "system", "miou", "value"),
    "distance": ("distances", "reconstruction", "system", "frechet"),
    "style: colour left": ("tasks", "style", "system", "color_left", "value"),
    "hair: leak": ("tasks", "style/hair", "system", "leak_share", "value"),
    "robustness": ("robustness", "system", "areas", "all", "area"),
    "outside": ("edits", "system", "from_photo", "value"),
    "diversity": ("tasks", "diversity", "system", "spread", "value"),
    "truth: error": ("tasks", "truth/expression", "system", "error", "value"),
}
"""Title -> where its number is in a report."""
MEANINGS = {
    "edits followed": "share of the changed pixels in which the judge sees the wanted label",
    "edits mIoU": "mean IoU of the judge with the edited labels",
    "edits sharpness": "gradient energy inside edits over that of the donors' photos",
    "smile": "share of neutral faces in which the judge sees a smile after the transfer",
    "smile off": "the other way round",
    "identity": "likeness of the person after it, as the report's judges tell it",
    "PSNR": "dB, the whole face drawn anew",
    "SSIM": "likewise",
    "perceptual": "perceptual distance, likewise; lower is better",
    "mIoU": "mean IoU of the judge with the labels, likewise",
    "distance": "of the faces drawn anew to the photos, in named features; lower is better",
    "style: colour left": "share of the colour difference to the donor that stays; lower is better",
    "hair: leak": "colour shift elsewhere over the one asked for; lower is better",
    "robustness": "mean area under the curves of mean IoU",
    "outside": "mean difference to the photo away from edits, 0 to 255; lower is better",
    "diversity": "mean difference between drawings with several looks, 0 to 255",
    "truth: error": "mean difference to the right picture where a drawn face's labels change",
}


def read_report(path: str | Path) -> dict[str, Any]:
    """A report from its folder or its `report.json`. Raises `ConfigError`."""
    place = Path(path)
    file = place / "report.json" if place.is_dir() else place
    try:
        report: dict[str, Any] = json.loads(file.read_text())
        if report["format"] != 1:
            raise ConfigError(
                f"{file} has format {report['format']}; this version of maskgan reads format 1."
            )
        _ = report["system"]["name"], report["protocol"], report["tasks"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{file} is no report of `maskgan evaluate` ({error}); expected its folder or its "
            "report.json."
        ) from error
    return report


def table(reports: Sequence[Mapping[str, Any]]) -> str:
    """A Markdown table with a line per report and a column per main figure that any has. Raises
    `ConfigError` for reports of different protocols."""
    check_same(reports)
    shown = [
        title
        for title, place in COLUMNS.items()
        if any(number(each, place) is not None for each in reports)
    ]
    lines = ["| system | images | " + " | ".join(shown) + " |", "|---" * (len(shown) + 2) + "|"]
    for report in reports:
        cells = [_text(number(report, COLUMNS[title])) for title in shown]
        system = report["system"]
        images = f"{system['images']:,}" if "images" in system else ""
        lines.append(f"| {system['name']} | {images} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def check_same(reports: Sequence[Mapping[str, Any]]) -> None:
    """Raises `ConfigError` unless all reports have the first one's protocol."""
    first = reports[0]
    for report in reports[1:]:
        ours, theirs = first["protocol"], report["protocol"]
        other = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
        if other:
            raise ConfigError(
                f"The reports of {first['system']['name']} and {report['system']['name']} differ "
                f"in {', '.join(other)}; only reports of one protocol can be compared. Run "
                "`maskgan evaluate` on the same faces with the same judges."
            )


def number(report: Mapping[str, Any], place: Sequence[str]) -> float | None:
    """The number at a place in a report; None where it has none."""
    found: Any = report
    for name in place:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return float(found)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"
