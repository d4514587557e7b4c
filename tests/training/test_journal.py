"""stats.jsonl: means, strict JSON, exact after a resume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch

from maskgan.images import Pixels, write
from maskgan.training.journal import Journal


def refuse(name: str) -> NoReturn:
    raise AssertionError(f"{name} is not JSON")


def lines(run: Path) -> list[dict[str, Any]]:
    text = (run / "stats.jsonl").read_text()
    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def test_a_line_holds_the_means_since_the_last_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for value in (1.0, 2.0, 6.0):
        journal.add({"loss": torch.tensor(value, requires_grad=True)})
    journal.add({"rare": torch.tensor(5.0)})
    assert journal.write(30) == {"loss": 3.0, "rare": 5.0}
    journal.add({"loss": torch.tensor(4.0)})
    journal.write(40)
    first, second = lines(tmp_path)
    assert first.pop("seconds") <= second.pop("seconds")
    assert first == {"images": 30, "loss": 3.0, "rare": 5.0}
    assert second == {"images": 40, "loss": 4.0}


def test_sample_grids_are_shown_where_there_is_a_board(tmp_path: Path) -> None:
    shown: list[tuple[str, tuple[int, ...], int, str]] = []

    class Board:
        """What the journal asks of TensorBoard, which need not be installed."""

        def add_image(self, name: str, picture: Pixels, step: int, dataformats: str) -> None:
            shown.append((name, picture.shape, step, dataformats))

    write(tmp_path / "grid.png", np.zeros((32, 48, 3), np.uint8))
    journal = Journal(tmp_path)
    journal._board = Board()
    journal.write_picture(40, tmp_path / "grid.png")
    assert shown == [("samples", (32, 48, 3), 40, "HWC")]


def test_figures_have_their_own_lines_and_nothing_undefined(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write_figures(10, {"accuracy": 0.5, "iou_hat": float("nan")})
    journal.write_figures(20, {})
    assert lines(tmp_path) == [{"images": 10, "figures": {"accuracy": 0.5, "iou_hat": None}}]


def test_what_was_collected_survives_a_resume(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add({"loss": torch.tensor(1.0)})
    state = json.loads(json.dumps(journal.state()))
    journal.add({"loss": torch.tensor(100.0)})
    resumed = Journal(tmp_path)
    resumed.load_state(state, images=8)
    resumed.add({"loss": torch.tensor(3.0)})
    assert resumed.write(16) == {"loss": 2.0}
    assert lines(tmp_path)[0]["seconds"] >= state["seconds"] - 0.1


@pytest.mark.parametrize("tail", ["", '{"images": 40, "lo', '{"images": 4', "{", '{"images": 40}'])
def test_lines_of_repeated_steps_and_half_lines_are_removed(tmp_path: Path, tail: str) -> None:
    journal = Journal(tmp_path)
    for images in (10, 20, 30):
        journal.add({"loss": torch.tensor(1.0)})
        journal.write(images)
        journal.write_figures(images, {"accuracy": 0.5})
    with journal.path.open("a") as file:
        file.write(tail)
    resumed = Journal(tmp_path)
    resumed.load_state({"sums": {}, "counts": {}, "seconds": 5.0}, images=20)
    assert [line["images"] for line in lines(tmp_path)] == [10, 10, 20, 20]
    resumed.write(30)
    assert [line["images"] for line in lines(tmp_path)] == [10, 10, 20, 20, 30]
