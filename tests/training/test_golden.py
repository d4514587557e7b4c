"""Twenty steps in float32 give the recorded losses: a refactoring changes no number.

A change that is meant to change them records new ones: run this file as a script.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch

from maskgan import config as configs
from maskgan.presets import PRESETS
from maskgan.training.loop import fit
from maskgan.training.run import build

RECORD = Path(__file__).with_name("golden.json")
OPTIONS = {
    "training.total_images": "160",
    "training.batch_size": "8",
    "training.bf16": "false",
    "training.seed": "3",
    "training.stats_every": "8",
    "training.checkpoint_every": "160",
    "training.samples_every": "160",
    "training.warmup_images": "160",
}
RUNS: dict[str, dict[str, str]] = {
    # No JPEG: its library may round otherwise elsewhere.
    "parser-64": {
        "model.widths": "[8, 8, 8, 8]",
        "augment.jpeg": "0",
        "loss.learning_rate": "2e-4",
    },
    "regional-64": {},
    "paper-64-maskvae": {"model.widths": "[8, 8, 8, 8]", "loss.learning_rate": "2e-4"},
}


def losses(preset: str, data: Path, run: Path) -> list[dict[str, float]]:
    """The numbers of every step."""
    config = configs.override(PRESETS[preset](), OPTIONS | RUNS[preset])
    device = torch.device("cpu")
    fit(build(config, [data], device), config.training, run, device=device, progress=False)
    found: list[dict[str, Any]] = []
    for line in (run / "stats.jsonl").read_text().splitlines():
        values = json.loads(line)
        if "figures" not in values:
            values.pop("seconds")
            found.append(values)
    return found


@pytest.mark.parametrize("preset", RUNS)
def test_twenty_steps_give_the_recorded_losses(
    plain_faces: Path, tmp_path: Path, preset: str
) -> None:
    recorded = json.loads(RECORD.read_text())[preset]
    found = losses(preset, plain_faces, tmp_path)
    assert len(found) == len(recorded) == 20
    for one, other in zip(found, recorded, strict=True):
        # Rounding differs with the number of threads and the processor's instructions, and the
        # adversarial steps amplify it; shares of pixels are counts, of which one may tip over.
        assert one == pytest.approx(other, rel=2e-3, abs=1e-3), one["images"]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    torch.set_num_threads(1)
    from plain_faces import write_faces

    with tempfile.TemporaryDirectory() as place:
        faces = write_faces(Path(place) / "faces")
        record = {}
        for name in RUNS:
            folder = Path(place) / name
            folder.mkdir()
            record[name] = losses(name, faces, folder)
        RECORD.write_text(json.dumps(record, indent=1) + "\n")
