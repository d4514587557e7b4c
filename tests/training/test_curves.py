"""Curves: what is read from the record, how it is grouped and smoothed, what the picture shows."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from maskgan import images
from maskgan.training.curves import (
    LINES,
    draw_curves,
    group_curves,
    read_curves,
    say_if_missing,
    smoothed,
)

RECORDS = [
    {"images": 10, "seconds": 1.5, "generator/pixel": 0.5, "discriminator/real": 2.0},
    {"images": 20, "seconds": 3.0, "generator/pixel": 0.4, "discriminator/real": 1.0},
    {"images": 20, "figures": {"accuracy": 0.5, "iou_hat": None}},
    {"images": 30, "seconds": 4.5, "generator/pixel": math.nan, "discriminator/real": 0.5},
]


def record(run: Path, records: list[dict[str, object]]) -> Path:
    text = "".join(json.dumps(each) + "\n" for each in records)
    (run / "stats.jsonl").write_text(text)
    return run


def test_curves_are_the_numbers_of_the_record(tmp_path: Path) -> None:
    curves = read_curves(record(tmp_path, RECORDS) / "stats.jsonl")
    assert curves == {
        "generator/pixel": ([10, 20], [0.5, 0.4]),
        "discriminator/real": ([10, 20, 30], [2.0, 1.0, 0.5]),
        "figures/accuracy": ([20], [0.5]),
    }


def test_panels_are_phases_and_families_of_figures() -> None:
    names = ["generator/pixel", "generator/psnr", "discriminator/real", "figures/accuracy"]
    names += [f"figures/iou_{number}" for number in range(LINES + 1)]
    panels = group_curves({name: ([1.0], [2.0]) for name in names})
    assert [(title, list(curves)) for title, curves in panels] == [
        ("generator", ["pixel", "psnr"]),
        ("discriminator", ["real"]),
        ("figures", ["accuracy"]),
        ("figures: iou", [f"iou_{number}" for number in range(LINES)]),
        ("figures: iou", [f"iou_{LINES}"]),
    ]


def test_smoothing_takes_out_noise_and_keeps_lines_and_ends() -> None:
    line = [float(value) for value in range(100)]
    assert smoothed(line) == pytest.approx(line)
    noise = np.random.default_rng(0).normal(size=400).tolist()
    assert np.std(smoothed(noise)) < 0.4 * np.std(noise)
    assert smoothed(noise)[0] == noise[0]
    assert smoothed([3.0]) == [3.0]


def test_the_picture_has_a_panel_per_group(tmp_path: Path) -> None:
    draw_curves(record(tmp_path, RECORDS))
    picture = images.read(tmp_path / "curves.png")
    assert picture.shape == (680, 1280, 3)
    blank = (picture == 255).all(2)
    quarters = [
        blank[rows, columns]
        for rows in (slice(340), slice(340, 680))
        for columns in (slice(640), slice(640, 1280))
    ]
    assert [bool(quarter.all()) for quarter in quarters] == [False, False, False, True]


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    draw_curves(record(tmp_path, []))
    assert not (tmp_path / "curves.png").exists()


def test_training_does_without_matplotlib(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say_if_missing()
    assert capsys.readouterr().err == ""
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)
    draw_curves(record(tmp_path, RECORDS))
    assert not (tmp_path / "curves.png").exists()
    say_if_missing()
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        line == "No curves.png will be drawn: it needs matplotlib (pip install 'maskgan[train]')."
    )
